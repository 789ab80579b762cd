"""Python imports this in a child process before anything else: it injects the fault.

FAULT_ROOT      the folder whose files count
FAULT_TRACE     a file to which each change of a file below FAULT_ROOT is written, a line each
FAULT_KILL      "N SECONDS": kill -9 at the Nth of these changes, or so many seconds after it
FAULT_CLOCK     the seconds by which the clock of the machine jumps, forth and back
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from typing import Any

_ROOT = os.environ.get("FAULT_ROOT", "")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_CHANGES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.truncate", "fault")


class _Changes:
    """Counts changes of files; Python announces them before they are made."""

    def __init__(self, number: int, seconds: float, trace: str) -> None:
        self._left = number
        self._seconds = seconds
        self._trace = trace and os.open(trace, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            if not (isinstance(arguments[2], int) and arguments[2] & _WRITING):
                return
        elif event not in _CHANGES:
            return
        path = os.fsdecode(arguments[0]) if isinstance(arguments[0], str | bytes) else ""
        if event != "fault" and not path.startswith(_ROOT):
            return
        if isinstance(self._trace, int):
            os.write(self._trace, f"{event} {path}\n".encode())
        self._left -= 1
        if self._left == 0:
            self._kill()

    def _kill(self) -> None:
        if self._seconds:
            threading.Timer(self._seconds, os.kill, (os.getpid(), signal.SIGKILL)).start()
        else:
            os.kill(os.getpid(), signal.SIGKILL)


def _announce_syncs() -> None:
    """Let os.fsync count as a change, which Python does not announce."""
    sync = os.fsync

    def fsync(descriptor: Any) -> None:
        sys.audit("fault", "fsync")
        sync(descriptor)

    os.fsync = fsync  # type: ignore[assignment]


def _let_the_clock_jump(seconds: float) -> None:
    real = time.time
    calls = 0

    def jumping() -> float:
        nonlocal calls
        calls += 1
        return real() + (seconds if calls % 2 else -seconds)

    time.time = jumping


if "FAULT_KILL" in os.environ or "FAULT_TRACE" in os.environ:
    _number, _seconds = os.environ.get("FAULT_KILL", "-1 0").split()
    _announce_syncs()
    sys.addaudithook(_Changes(int(_number), float(_seconds), os.environ.get("FAULT_TRACE", "")))
if "FAULT_CLOCK" in os.environ:
    _let_the_clock_jump(float(os.environ["FAULT_CLOCK"]))
