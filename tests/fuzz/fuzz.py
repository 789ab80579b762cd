"""Change valid files at random, and check that skipgram reads each or refuses it with its error.

    python tests/fuzz/fuzz.py --minutes 10                    every format, ten minutes each
    python tests/fuzz/fuzz.py --format glove --inputs 1000
    python tests/fuzz/fuzz.py --replay build/fuzz/glove/0-17  read one saved input again

Findings are exceptions that are not skipgram's, crashes, inputs that take over 5 seconds of CPU
time or wait for over 30, and those that take over 300 MB. Each is saved in
build/fuzz/FORMAT/SEED-NUMBER. The inputs depend only on the seed, their number and the valid files,
which skipgram itself writes.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import re
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from corpus_targets import CORPORA
from fuzz_target import Target, make_input, write_files
from fuzz_worker import PACKAGE, RESTART, Finding, Place, State, outcome, work
from other_targets import OTHERS
from vector_targets import VECTORS

from skipgram.errors import SkipgramError

ROOT = Path(__file__).resolve().parents[2]
TARGETS = {target.name: target for target in (*VECTORS, *CORPORA, *OTHERS)}
MOST_SAVED = 3
"""Inputs that are saved of findings of one kind."""

_FORK = multiprocessing.get_context("fork")  # a new worker has imported all it needs


class Result(NamedTuple):
    """What fuzzing a format found.

    Attributes:
        name: the format.
        inputs: how many were read.
        accepted: how many were read without an error.
        seconds: how long it took, with the starts of workers.
        findings: all findings.
    """

    name: str
    inputs: int
    accepted: int
    seconds: float
    findings: list[Finding]

    def as_dict(self) -> dict[str, Any]:
        """Return the result as JSON values."""
        kinds = Counter(finding.kind for finding in self.findings)
        return {**self._asdict(), "seconds": round(self.seconds, 1), "findings": dict(kinds)}


def fuzz(target: Target, seed: int, inputs: int, seconds: float, output: Path) -> Result:
    """Read inputs of a format in workers, and save those that are findings.

    Args:
        target: the format.
        seed: of the random changes.
        inputs: how many to read at most.
        seconds: how long to read at most.
        output: the folder below which inputs are saved.
    """
    with tempfile.TemporaryDirectory(prefix="skipgram-fuzz-") as folder:
        place = Place(Path(folder))
        place.seeds.mkdir()
        make = _FORK.Process(target=target.make, args=(place.seeds,))
        make.start()
        make.join()
        if make.exitcode:
            sys.exit(f"the valid files of {target.name} cannot be made")
        started = time.monotonic()
        findings = _run_workers(target, place, seed, inputs, started + seconds)
        number, accepted = State(place.folder / "state").get()
        if place.findings.exists():
            lines = place.findings.read_text().splitlines()
            findings += [Finding(*json.loads(line)) for line in lines]
        _save(target, place, seed, findings, output / target.name)
        return Result(target.name, number, accepted, time.monotonic() - started, findings)


def _run_workers(
    target: Target, place: Place, seed: int, inputs: int, until: float
) -> list[Finding]:
    """Run workers until all inputs are read; return those that ended a worker."""
    state = State(place.folder / "state")
    crashes = []
    exitcode: int | None = RESTART
    while exitcode:
        first, _ = state.get()
        worker = _FORK.Process(target=work, args=(target, place, seed, first, inputs, until))
        worker.start()
        worker.join()
        exitcode = worker.exitcode
        number, accepted = state.get()
        if exitcode == 1 or (exitcode and not place.is_ready.exists()):
            sys.exit(
                f"the valid files of {target.name} cannot be read:\n{place.log.read_text()[-4000:]}"
            )
        if exitcode and exitcode != RESTART:
            crashes.append(Finding(number, _kind_of_crash(exitcode, place), place.log.read_text()))
            state.set(number + 1, accepted)
    return crashes


def _kind_of_crash(exitcode: int, place: Place) -> str:
    """Return the signal that ended a worker, and the last place in skipgram's code."""
    name = signal.Signals(-exitcode).name if exitcode < 0 else f"exit {exitcode}"
    name = {"SIGPROF": "takes too long", "SIGALRM": "waits"}.get(name, name)
    frames = re.findall(
        rf'File "{re.escape(PACKAGE)}(?:.*[/\\])?(.+\.py)", line (\d+)', place.log.read_text()
    )
    return f"{name} at {':'.join(frames[0])}" if frames else name


def _save(target: Target, place: Place, seed: int, findings: list[Finding], output: Path) -> None:
    """Save the first inputs of each kind of finding, each with its traceback beside it."""
    seeds = place.read_seeds()
    saved: Counter[str] = Counter()
    for finding in findings:
        saved[finding.kind] += 1
        if saved[finding.kind] <= MOST_SAVED:
            folder = output / f"{seed}-{finding.number}"
            write_files(folder, make_input(target, seeds, seed, finding.number))
            folder.with_suffix(".txt").write_text(f"{finding.kind}\n\n{finding.details}\n")
            print(f"{target.name}: {finding.kind}\n  {_command(folder)}", file=sys.stderr)


def _command(folder: Path) -> str:
    """Return the command that reads a saved input again."""
    script = os.path.relpath(__file__)
    return f"{os.path.relpath(sys.executable)} {script} --replay {os.path.relpath(folder)}"


def replay(folder: Path) -> None:
    """Read a saved input in this process; its traceback or its crash shows."""
    target = TARGETS[folder.resolve().parent.name]
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="skipgram-fuzz-") as copy:
        shutil.copytree(folder, copy, dirs_exist_ok=True)
        try:
            error = outcome(target, Path(copy))
        except SkipgramError as refused:
            print(f"refused: {refused}")
            error = None
    if error is not None:
        raise error
    print(f"{time.perf_counter() - started:.2f} s")


def table(results: list[Result]) -> str:
    """Return the results as lines of a table."""
    rows = [("format", "inputs", "read", "findings", "inputs/s")]
    for result in results:
        kinds = len({finding.kind for finding in result.findings})
        found = f"{len(result.findings)} of {kinds} kinds" if kinds else "0"
        share = f"{result.accepted / max(result.inputs, 1):.0%}"
        speed = f"{result.inputs / max(result.seconds, 0.001):,.0f}"
        rows.append((result.name, f"{result.inputs:,}", share, found, speed))
    return "\n".join(
        f"{name:<18}{inputs:>12}{share:>7}{found:>16}{speed:>10}"
        for name, inputs, share, found, speed in rows
    )


def arguments() -> argparse.Namespace:
    """Return the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--format", nargs="+", choices=TARGETS, default=list(TARGETS), metavar="NAME"
    )
    parser.add_argument("--minutes", type=float, default=10.0, help="for each format")
    parser.add_argument("--inputs", type=int, default=1 << 62, help="at most, for each format")
    parser.add_argument("--seed", type=int, default=0, help="of the random changes")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "fuzz")
    parser.add_argument("--replay", type=Path, help="a saved input to read again")
    return parser.parse_args()


def main() -> None:
    """Fuzz the formats; exit with 1 if there are findings."""
    given = arguments()
    if given.replay:
        replay(given.replay)
        return
    results = []
    for name in given.format:
        seconds = 60 * given.minutes
        results.append(fuzz(TARGETS[name], given.seed, given.inputs, seconds, given.output))
        print(table(results[-1:]) if len(results) == 1 else table(results[-1:]).split("\n")[1])
    save_results(results, given.seed, given.output / "fuzz.json")
    if any(result.findings for result in results):
        sys.exit(f"there are findings; the inputs are in {os.path.relpath(given.output)}")


def save_results(results: list[Result], seed: int, path: Path) -> None:
    """Write the results as JSON, with the machine and the versions."""
    sys.path.append(str(ROOT / "bench"))
    from hardware import hardware
    from peers import versions
    from run import save

    formats = [result.as_dict() for result in results]
    save({"hardware": hardware(), "versions": versions(), "seed": seed, "formats": formats}, path)


if __name__ == "__main__":
    main()
