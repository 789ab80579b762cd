"""The command line: one short function for each command. The only place that prints or exits."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from types import FrameType
from typing import NoReturn

from skipgram.cli.streams import prepare_streams
from skipgram.signals import not_ignored

__all__ = ["main"]


def main() -> None:
    """Run the command line. Exits with 130 if interrupted, and with 128 + n at another signal n."""
    for number in not_ignored():
        signal.signal(number, _end)
    try:
        prepare_streams()
        # Imported here, so that an interruption of the imports also ends without a traceback.
        from skipgram.cli.app import run

        run(sys.argv[1:])
        _ignore_signals()
    except KeyboardInterrupt as stopped:
        _say_interrupted(stopped, 130)
        _exit(130)
    except MemoryError:  # while `app` was imported; it handles its own
        print(
            "skipgram: out of memory; raise the limits on memory (ulimit -v, ulimit -d)",
            file=sys.stderr,
        )
        _exit(1)
    except SystemExit as stopped:
        if not isinstance(stopped.code, int):
            raise
        if stopped.code > 128:
            _say_interrupted(stopped, stopped.code)
        _exit(stopped.code)


def _say_interrupted(stopped: BaseException, code: int) -> None:
    """Say so on standard error, as JSON if the arguments ask for it, in the form of all errors.

    `app` may be interrupted while it is imported, so this needs nothing of it.
    """
    notes = getattr(stopped, "__notes__", [])
    message = f"interrupted; {notes[0] if notes else _usual_note()}"
    if "--json" in sys.argv:
        import json

        error = {"type": "KeyboardInterrupt", "message": message, "exit_code": code}
        print(json.dumps({"error": error}), file=sys.stderr)
    else:
        print(f"skipgram: {message}", file=sys.stderr)


def _usual_note() -> str:
    """Return what an interruption means before the command itself has said so."""
    if sys.argv[1:2] == ["resume"]:
        from skipgram.cli.program import command_line

        return f"to continue: {command_line(*sys.argv[1:])}"
    return "no partial output was left behind"


def _exit(code: int) -> NoReturn:
    """Exit at once, even if an interrupted compilation is still running on its thread."""
    _ignore_signals()
    from skipgram.threads import is_running_aside

    if is_running_aside():
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def _end(number: int, _frame: FrameType | None) -> None:
    """End with an exception, so that temporary files are removed, and ignore further signals."""
    for other in not_ignored():
        # Not SIG_IGN: Python prints an error if a signal has arrived that is ignored by now.
        signal.signal(other, _ignore)
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    sys.exit(128 + number)


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """Ignore a signal."""


def _ignore_signals() -> None:
    """Keep the exit code: while Python ends, it handles signals by default unless they are SIG_IGN.

    The first handler takes the signals that have arrived; see `_end`.
    """
    for handler in (_ignore, signal.SIG_IGN):
        for number in not_ignored():
            signal.signal(number, handler)
