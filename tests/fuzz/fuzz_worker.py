"""A process that makes inputs and reads them, one after the other, under limits."""

from __future__ import annotations

import contextlib
import faulthandler
import json
import mmap
import os
import resource
import signal
import struct
import sys
import time
import traceback
import warnings
from pathlib import Path
from typing import NamedTuple

import psutil
from fuzz_target import Target, make_input, read_files, write_files
from numba.core import event
from repack import Files

import skipgram
from skipgram.cli.options import UsageError
from skipgram.errors import SkipgramError

PACKAGE = f"{Path(skipgram.__file__).parent}{os.sep}"
"""How the paths of skipgram's modules begin."""

MOST_MEMORY = 300 << 20
"""Bytes by which the process may grow while it reads an input."""
MOST_SECONDS = 5.0
"""Of the CPU, for an input; the machine may be busy with other work."""
MOST_WALL_SECONDS = 30.0
"""For an input that waits, and for one on a busy machine."""
ADDRESS_SPACE = 2 << 30
"""Bytes that an input may reserve, so that a finding does not take the machine's memory."""

RESTART = 3
"""Exit status of a worker that ends because its memory has grown."""

_STATE = struct.Struct("<qq")


class State:
    """The number of the input in hand, and how many were read without an error.

    It is in a file that parent and child map, so it is right after any crash.
    """

    def __init__(self, path: Path) -> None:
        path.touch()
        os.truncate(path, _STATE.size)
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), _STATE.size)

    def get(self) -> tuple[int, int]:
        """Return number and accepted inputs."""
        number, accepted = _STATE.unpack_from(self._map)
        return number, accepted

    def set(self, number: int, accepted: int) -> None:
        """Note number and accepted inputs."""
        _STATE.pack_into(self._map, 0, number, accepted)


class Finding(NamedTuple):
    """An input that was not handled well.

    Attributes:
        number: of the input.
        kind: what happened, and where; the same for inputs that find the same.
        details: the traceback.
    """

    number: int
    kind: str
    details: str


class Place(NamedTuple):
    """The files that a worker and its parent share."""

    folder: Path

    @property
    def seeds(self) -> Path:
        """The folder of the valid inputs."""
        return self.folder / "seeds"

    @property
    def input(self) -> Path:
        """The folder of the input in hand."""
        return self.folder / "input"

    @property
    def is_ready(self) -> Path:
        """A file that is there once the valid inputs were read."""
        return self.folder / "ready"

    @property
    def log(self) -> Path:
        """Where a crash writes the stacks of the threads."""
        return self.folder / "log"

    @property
    def findings(self) -> Path:
        """The findings of the workers, a line of JSON each."""
        return self.folder / "findings.jsonl"

    def read_seeds(self) -> list[Files]:
        """Return the valid inputs."""
        return [read_files(folder) for folder in sorted(self.seeds.iterdir())]


def outcome(target: Target, folder: Path) -> Exception | None:
    """Read an input; return the exception that is not an answer of skipgram's."""
    try:
        target.read(folder)
    except (SkipgramError, UsageError):
        raise
    except Exception as error:  # noqa: BLE001 - this is what is looked for
        return error
    return None


def kind_of(error: BaseException) -> str:
    """Return the type of an exception, and the last place in skipgram's code that it passed."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if frame.filename.startswith(PACKAGE)]
    where = f" at {Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else ""
    return f"{type(error).__name__}{where}"


def work(target: Target, place: Place, seed: int, first: int, last: int, until: float) -> None:
    """Read the inputs from `first` to before `last`, or until a time; then end the process."""
    seeds = place.read_seeds()
    state = State(place.folder / "state")
    _, accepted = state.get()
    state.set(first, accepted)
    _prepare(target, place)
    for number in range(first, last):
        state.set(number, accepted)
        if time.monotonic() > until:
            os._exit(0)
        write_files(place.input, make_input(target, seeds, seed, number))
        before = psutil.Process().memory_info().rss
        _start_clocks(MOST_SECONDS, MOST_WALL_SECONDS)
        try:
            error = outcome(target, place.input)
            accepted += error is None
        except (SkipgramError, UsageError):
            error = None
        _start_clocks(0, 0)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
        if error is not None:
            details = "".join(traceback.format_exception(error))
            _note(place, Finding(number, kind_of(error), details[-8000:]))
        elif peak - before > MOST_MEMORY:
            grown = f"{(peak - before) >> 20} MB"
            _note(place, Finding(number, f"takes over {MOST_MEMORY >> 20} MB", grown))
        del error
        if peak - before > MOST_MEMORY // 2:  # the peak of the next input must be its own
            state.set(number + 1, accepted)
            os._exit(RESTART)
    state.set(last, accepted)
    os._exit(0)


def _prepare(target: Target, place: Place) -> None:
    """Read the valid inputs, which compiles and imports what is needed; then set the limits."""
    warnings.simplefilter("ignore")
    sys.stdout.flush()
    log = place.log.open("w")
    os.dup2(log.fileno(), 2)
    for files in place.read_seeds():
        write_files(place.input, files)
        with contextlib.suppress(Exception):  # inputs like it will show what is wrong
            target.read(place.input)
    place.is_ready.touch()
    event.register("numba:compile", _CompileListener())
    faulthandler.enable(log)
    faulthandler.register(signal.SIGPROF, log, chain=True)
    faulthandler.register(signal.SIGALRM, log, chain=True)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    size = psutil.Process().memory_info().vms + ADDRESS_SPACE
    resource.setrlimit(resource.RLIMIT_AS, (size, size))


class _CompileListener(event.Listener):  # type: ignore[misc]  # numba has no types
    """Stops the clocks while a kernel is compiled.

    A file chooses the method of training, and so one of many kernels. Each is compiled once,
    whatever the file, and the valid files need only some of them.
    """

    def __init__(self) -> None:
        self._depth = 0  # a kernel compiles the functions that it calls
        self._left = (0.0, 0.0)

    def on_start(self, event: event.Event) -> None:
        """See numba's manual, "Event API"."""
        if not self._depth:
            clocks = signal.ITIMER_PROF, signal.ITIMER_REAL
            cpu, wall = (signal.getitimer(clock)[0] for clock in clocks)
            self._left = (cpu, wall)
            _start_clocks(0, 0)
        self._depth += 1

    def on_end(self, event: event.Event) -> None:
        """See numba's manual."""
        self._depth -= 1
        if not self._depth:
            _start_clocks(*self._left)


def _start_clocks(cpu: float, wall: float) -> None:
    """Let the system end this process after so many seconds; 0 stops the clocks."""
    signal.setitimer(signal.ITIMER_PROF, cpu)
    signal.setitimer(signal.ITIMER_REAL, wall)


def _note(place: Place, finding: Finding) -> None:
    with place.findings.open("a") as file:
        file.write(json.dumps(finding) + "\n")
