"""Signals that end a run, deferred until the run can be continued later."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Any

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGXCPU")  # Windows has only the first two
ENDING = [signal.Signals[name] for name in _NAMES if hasattr(signal, name)]
"""Ctrl-C, `kill`, a terminal that is closed, and the limit on CPU time."""


def not_ignored() -> list[signal.Signals]:
    """Return the signals of `ENDING` that are not ignored: under `nohup`, SIGHUP is.

    A handler that other code than Python's has installed cannot be restored, so it is left alone.
    """
    return [number for number in ENDING if signal.getsignal(number) not in (signal.SIG_IGN, None)]


class DeferredSignals:
    """Notes the first signal that would end this run; a second one ends it at once.

    The system repeats the signal of the limit on CPU time every second; that is not a second one.
    Signals that are ignored stay ignored. Only the main thread can defer signals; on another
    thread, nothing is deferred.

    Attributes:
        pending: the signal that was noted; None if there was none.
    """

    def __init__(self) -> None:
        self.pending: int | None = None
        self._before: dict[int, Any] = {}

    def defer(self) -> None:
        """Note signals from now on."""
        if self._before or threading.current_thread() is not threading.main_thread():
            return
        for number in not_ignored():
            self._before[number] = signal.signal(number, self._note)

    def restore(self) -> None:
        """Handle signals as before; forget one that was noted."""
        before, self._before = self._before, {}
        for number, handler in before.items():
            signal.signal(number, handler)
        self.pending = None

    def release(self) -> None:
        """Handle signals as before; one that was noted is handled now."""
        pending = self.pending
        self.restore()
        if pending is not None:
            signal.raise_signal(pending)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        is_repeated = number == self.pending and signal.Signals(number).name == "SIGXCPU"
        if self.pending is not None and not is_repeated:
            self.release()
        self.pending = number
