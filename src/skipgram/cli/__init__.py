"""The command line: one short function per verb. The only place that prints or exits."""

from __future__ import annotations

import signal
import sys
from types import FrameType

__all__ = ["main"]


def main() -> None:
    """Run the command line of this process; 130 when interrupted, 128 + its number for another signal that ends it."""
    for number in _ENDING:
        signal.signal(number, _end)
    try:
        # Imported here, so that an interruption of the imports, too, ends without a traceback.
        from skipgram.cli.app import run

        run(sys.argv[1:])
    except KeyboardInterrupt:
        print("skipgram: interrupted; nothing half-written is left", file=sys.stderr)
        sys.exit(130)


# Closing the terminal and `kill` clean up as Ctrl-C does. (Windows knows no SIGHUP.)
_ENDING = [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]


def _end(number: int, _frame: FrameType | None) -> None:
    """End by an exception, so that temporary files go; a second signal must not interrupt that."""
    for other in _ENDING:
        signal.signal(other, signal.SIG_IGN)
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    sys.exit(128 + number)
