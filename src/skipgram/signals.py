"""Signals that end a run, deferred until the run can be continued later."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Any

# Windows has no SIGHUP.
ENDING = [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
"""Ctrl-C, `kill`, and a terminal that is closed."""


def not_ignored() -> list[signal.Signals]:
    """Return the signals of `ENDING` that are not ignored: under `nohup`, SIGHUP is.

    A handler that other code than Python's has installed cannot be restored, so it is left alone.
    """
    return [number for number in ENDING if signal.getsignal(number) not in (signal.SIG_IGN, None)]


class DeferredSignals:
    """Notes the first signal that would end this run; a second one ends it at once.

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
        if self.pending is not None:
            self.release()
        self.pending = number
