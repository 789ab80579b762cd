"""Printing of the command line. Words and names of files may hold escape sequences of terminals.

They are shown, not obeyed: on standard error always, and on standard output if it is a terminal. A
program that reads the output through a pipe gets words as they are.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from skipgram.wording import visible, visible_lines

if TYPE_CHECKING:
    from rich.console import Console


def say(text: str) -> None:
    """Print the lines of a result on standard output."""
    print(visible_lines(text) if sys.stdout.isatty() else text)


def note(text: str) -> None:
    """Print one line on standard error."""
    print(visible(text), file=sys.stderr)


def json_text(value: object, indent: int | None = None) -> str:
    """Return JSON in which characters that a terminal obeys are escaped, and no others."""
    text = json.dumps(value, ensure_ascii=False, indent=indent, allow_nan=False)
    return visible_lines(text, escape="\\u{:04x}")


@contextlib.contextmanager
def page() -> Iterator[Console]:
    """Yield a page for rich to print on; then print it on standard output.

    It is very wide, so that rich does not cut lines, and words are not read as markup or emoji.
    """
    from rich.console import Console

    text = io.StringIO()
    yield Console(
        file=text,
        force_terminal=False,
        highlight=False,
        soft_wrap=True,
        markup=False,
        emoji=False,
        width=100_000,
    )
    say(text.getvalue().removesuffix("\n"))
