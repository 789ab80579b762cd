"""Faults that end the process: kill -9 at any moment, and signals that can be handled."""

from __future__ import annotations

import contextlib
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from functools import partial
from random import Random

from fault import Fault
from fault_site import Ended, Lost, Site, Skipped, bits

MATRICES, RUN = "matrices.safetensors", "model.run"
"""The file of a checkpoint, and the directory of the run."""

PARTS = ("scan", "checkpoint", "save")
"""Parts of a run that change files, in their order."""


def changes_of(part: str, changes: list[str]) -> range:
    """Return which changes of files belong to a part of a run."""
    of_matrices = [number for number, line in enumerate(changes) if MATRICES in line]
    if not of_matrices:
        raise Lost("the training wrote no checkpoint")
    first, last = of_matrices[0], of_matrices[-1]
    while last < len(changes) and (RUN in changes[last] or "fsync" in changes[last]):
        last += 1
    borders = {"scan": (0, first), "checkpoint": (first, last), "save": (last, len(changes))}
    return range(*borders[part])


def kill_at_change(part: str, site: Site, rng: Random) -> str:
    """Kill -9 before a random change of a file, or a little after it."""
    site.add_old_model()
    number = rng.choice(changes_of(part, site.reference.changes)) + 1
    delay = rng.choice((0.0, 0.0, rng.uniform(0.0005, 0.02)))
    ended = site.train(env={"FAULT_KILL": f"{number} {delay}"})
    if ended.code not in (0, 128 + signal.SIGKILL):
        raise Lost(f"ended with {ended.code}: {ended.last}")
    site.expect("old", before=("new",))
    return site.resume()


def kill_at_time(site: Site, rng: Random) -> str:
    """Kill -9 at a random time, mostly after the first checkpoint."""
    site.add_old_model()
    process = site.start_training()
    if rng.random() < 0.8:
        wait_for_checkpoint(site, process)
    time.sleep(rng.uniform(0.0, 0.4) * site.reference.seconds)
    process.kill()
    site.finish(process)
    site.expect("old", before=("new",))
    return site.resume()


def kill_twice(site: Site, rng: Random) -> str:
    """Kill -9 the training, then the one that resumes it."""
    site.add_old_model()
    numbers = changes_of("checkpoint", site.reference.changes)
    site.train(env={"FAULT_KILL": f"{rng.choice(numbers) + 1} 0"})
    site.run("resume", str(site.output), env={"FAULT_KILL": f"{rng.randrange(1, 40)} 0"})
    return site.resume()


def wait_for_checkpoint(site: Site, process: subprocess.Popen[str]) -> None:
    """Wait until there is a checkpoint, or the program has ended."""
    while not site.has_checkpoint() and process.poll() is None:
        time.sleep(0.002)


def send(number: int, times: int, site: Site, rng: Random) -> str:
    """Send a signal during the training."""
    site.add_old_model()
    process = site.start_training()
    wait_for_checkpoint(site, process)
    time.sleep(rng.uniform(0, 0.5))
    for _ in range(times):
        process.send_signal(number)
        time.sleep(0.01)
    ended = site.finish(process)
    _check_code(ended, 128 + number)
    site.expect("old", before=("new",))
    if times == 1 and site.state() == "old" and "skipgram resume" not in ended.err:
        raise Lost(f"does not say how to resume: {ended.last}")
    return f"exit {ended.code}, {site.resume()}"


def _check_code(ended: Ended, code: int) -> None:
    if ended.code not in (0, code):  # 0: all was done before the signal came
        raise Lost(f"exit code {ended.code}, not {code}: {ended.last}")


def cpu_time_is_up(site: Site, rng: Random) -> str:
    """Lower the soft limit on CPU time during the training, below what was used."""
    if not hasattr(resource, "prlimit"):
        raise Skipped("this system cannot change a limit of another process")
    site.add_old_model()
    process = site.start_training()
    wait_for_checkpoint(site, process)
    time.sleep(rng.uniform(0, 0.3))
    with contextlib.suppress(ProcessLookupError):
        resource.prlimit(process.pid, resource.RLIMIT_CPU, (1, resource.RLIM_INFINITY))
    ended = site.finish(process)
    _check_code(ended, 128 + signal.SIGXCPU)
    site.expect("old", before=("new",))
    return f"exit {ended.code}, {site.resume()}"


def deterministic(site: Site, rng: Random) -> str:
    """Train with --deterministic on 1, 2 and 3 threads; kill -9 and resume two of them."""
    whole, killed = rng.choice((1, 2, 3)), 0
    found = {}
    for threads in (1, 2, 3):
        process = site.start_training("--deterministic", threads=threads)
        if threads != whole:
            wait_for_checkpoint(site, process)
            time.sleep(rng.uniform(0.0, 0.8) * site.reference.seconds)
            process.kill()
        if site.finish(process).code and not site.output.exists():
            killed += 1
            resumed = site.run("resume", str(site.output))
            if resumed.code:
                raise Lost(f"there is a checkpoint, but it does not resume: {resumed.last}")
        found[threads] = bits(site.output)
        site.expect_clean()
        shutil.rmtree(site.output)
    if len({*found.values()}) > 1:
        raise Lost(f"different bits: {found}, not interrupted with {whole} threads")
    return f"the same bits, {killed} of 3 killed and resumed"


def hang_up_under_nohup(site: Site, rng: Random) -> str:
    """Send SIGHUP to a training that ignores it, as under nohup."""
    site.add_old_model()
    process = site.start_training(limit=_ignore_hang_up)
    wait_for_checkpoint(site, process)
    process.send_signal(signal.SIGHUP)
    return site.expect_trained(site.finish(process))


def _ignore_hang_up() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


def _signal(number: signal.Signals, times: int = 1) -> Callable[[Site, Random], str]:
    return partial(send, number, times)


KILLS = [
    Fault("kill -9 during the scan", partial(kill_at_change, "scan"), 50),
    Fault("kill -9 during the training", kill_at_time, 50),
    Fault("kill -9 at a checkpoint", partial(kill_at_change, "checkpoint"), 50, quick=True),
    Fault("kill -9 while saving", partial(kill_at_change, "save"), 50, quick=True),
    Fault("kill -9, and again while resuming", kill_twice, 20),
    Fault("Ctrl-C (SIGINT)", _signal(signal.SIGINT), 10, quick=True),
    Fault("Ctrl-C twice", _signal(signal.SIGINT, 2), 10),
    Fault("SIGTERM", _signal(signal.SIGTERM), 10, quick=True),
    Fault("SIGHUP", _signal(signal.SIGHUP), 10),
    Fault("SIGHUP under nohup", hang_up_under_nohup, 5),
    Fault("limit on CPU time", cpu_time_is_up, 5, quick=True),
    Fault("kill -9 with 1, 2 and 3 deterministic threads", deterministic, 5),
]
