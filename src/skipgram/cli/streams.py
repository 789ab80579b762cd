"""Standard output and standard error that fail: closed, on a full disk, or a pipe without a reader.

Failing messages never end a command. Failing standard output is an error only where it is the
result of the command, not where the result is in a file.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from typing import TextIO, cast

from skipgram.cli.terminal import note, say
from skipgram.io.messages import UnfailingStream
from skipgram.wording import reason_of


def prepare_streams() -> None:
    """Make the standard streams usable, also closed ones, and let standard error never fail.

    The number of a closed stream would be that of the next file that is opened, such as the model.
    So it is opened here: standard input is empty, standard output fails at the first write, and
    standard error is dropped.
    """
    for number, mode in ((0, os.O_RDONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, mode)  # the lowest free number, which is this one
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, "w" if number else "r", closefd=False))  # noqa: SIM115
    sys.stderr = cast("TextIO", UnfailingStream(sys.stderr))


def announce(text: str) -> None:
    """Print a line about a result that is in a file: if that fails, the result is still there."""
    try:
        say(text)
        sys.stdout.flush()
    except (OSError, ValueError) as error:
        discard_output()
        if not isinstance(error, BrokenPipeError):
            note(f"skipgram: warning: cannot write to standard output: {reason_of(error)}")


def discard_output() -> None:
    """Send the rest of the output nowhere. Python would try to write it at exit, and complain."""
    with contextlib.suppress(io.UnsupportedOperation, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
