"""Faults of limits, of clocks, and of files that change under a training."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

from fault import Fault
from fault_disks import MB, expect_one_line, saved_elsewhere_or_refused
from fault_kills import wait_for_checkpoint
from fault_site import Lost, Site, Skipped


def limited(limit: int, sizes: tuple[int, int], site: Site, rng: Random) -> str:
    """Train under a limit of the system, drawn between two sizes."""
    if limit == resource.RLIMIT_NPROC and os.geteuid() == 0:
        raise Skipped("the limit on processes does not bind root")
    site.add_old_model()
    size = rng.randrange(*sizes)
    ended = site.train(limit=lambda: resource.setrlimit(limit, (size, size)))
    if ended.code == 0:
        site.expect("new")
        site.expect_clean()
        return "trained"
    if outcome := saved_elsewhere_or_refused(site, ended):
        return outcome
    return f"refused with one line, {site.resume()}"


def _limit(limit: int, first: int, last: int) -> Callable[[Site, Random], str]:
    return lambda site, rng: limited(limit, (first, last), site, rng)


def clock_jumps(site: Site, rng: Random) -> str:
    """Train while the clock of the machine jumps by hours, forth and back."""
    site.add_old_model()
    jump = rng.choice((3600, 86_400, 10**9))
    return site.expect_trained(site.train(env={"FAULT_CLOCK": str(jump)}))


def _wait_until_open(process: subprocess.Popen[str], path: Path) -> None:
    """Wait until a program has opened a file, or has ended."""
    while process.poll() is None:
        for link in Path(f"/proc/{process.pid}/fd").glob("*"):
            try:
                if link.readlink() == path:
                    return
            except OSError:
                continue


def corpus_truncated(site: Site, rng: Random) -> str:
    """Truncate the text while it is read."""
    if not Path("/proc").is_dir():
        raise Skipped("there is no /proc")
    site.add_old_model()
    corpus = site.root / "corpus.txt"
    shutil.copy(site.reference.corpus, corpus)
    process = site.start_training(corpus=str(corpus))
    _wait_until_open(process, corpus)
    os.truncate(corpus, rng.randrange(corpus.stat().st_size))
    ended = site.finish(process)
    if ended.code == 0:
        if site.state() != "new" and "changed" not in ended.err:
            raise Lost("trained on a part of the text, and did not say so")
        return "read before it changed" if site.state() == "new" else "warned"
    expect_one_line(ended)
    site.expect("old")
    return "refused with one line"


def encoded_truncated(site: Site, rng: Random) -> str:
    """Truncate the ids of an encoded corpus while it is trained on."""
    site.add_old_model()
    encoded = site.root / "encoded"
    shutil.copytree(site.reference.encoded, encoded)
    process = site.start_training(corpus=str(encoded))
    wait_for_checkpoint(site, process)
    ids = encoded / "ids.int32"
    os.truncate(ids, rng.randrange(ids.stat().st_size))
    ended = site.finish(process)
    if ended.code == 0:
        site.expect("new")
        return "trained on"
    expect_one_line(ended)
    site.expect("old")
    shutil.rmtree(encoded)
    shutil.copytree(site.reference.encoded, encoded)
    return f"refused with one line, {site.resume()}"


def two_trainings(site: Site, rng: Random) -> str:
    """Start a second training into the directory of a running one."""
    site.add_old_model()
    first = site.start_training()
    wait_for_checkpoint(site, first)
    first.send_signal(signal.SIGSTOP)
    second = site.train()
    first.send_signal(signal.SIGCONT)
    site.expect_trained(site.finish(first))
    if second.code:
        expect_one_line(second)
    return "the second was refused with one line" if second.code else "the first had ended"


def cache_damaged(site: Site, rng: Random) -> str:
    """Damage files of numba's cache, then train."""
    cache = site.root / "cache"
    env = {"NUMBA_CACHE_DIR": str(cache)}
    if site.train(env=env).code:
        raise Lost("the training that fills the cache failed")
    shutil.rmtree(site.output)
    site.add_old_model()
    files = sorted(path for path in cache.rglob("*") if path.is_file())
    for path in rng.sample(files, max(1, len(files) // 4)):
        content = bytearray(path.read_bytes())
        if rng.random() < 0.5:
            content = content[: rng.randrange(len(content))]
        else:
            for _ in range(8):
                content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
        path.write_bytes(content)
    ended = site.train(env=env)
    if ended.code:
        raise Lost(f"ended with {ended.code}: {ended.last}")
    site.expect("new")
    started = time.perf_counter()
    site.train(env=env)
    if time.perf_counter() - started > 3 * site.reference.seconds + 5:
        raise Lost("the cache stays damaged: the next start compiles again")
    return "compiled again"


OTHERS = [
    Fault("limit on the size of files", _limit(resource.RLIMIT_FSIZE, 1000, 3 * MB), 10),
    Fault("limit on open files", _limit(resource.RLIMIT_NOFILE, 8, 64), 10),
    Fault("limit on processes", _limit(resource.RLIMIT_NPROC, 1, 8), 5),
    Fault("limit on the address space", _limit(resource.RLIMIT_AS, 300 * MB, 1500 * MB), 20),
    Fault("clock jumps", clock_jumps, 3, quick=True),
    Fault("text truncated while it is read", corpus_truncated, 10),
    Fault("encoded corpus truncated under the training", encoded_truncated, 10, quick=True),
    Fault("two trainings to one output", two_trainings, 5, quick=True),
    Fault("numba's cache damaged", cache_damaged, 3),
]
