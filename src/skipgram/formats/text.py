r"""Rows of text, a word and its numbers, which word2vec, fastText, GloVe and spaCy share.

    row    word, then d times a space and a number, "\n"

Each number is written as the shortest text that reads back as the same float32. Written words
contain no white space, so every program can read them. Rows to read may differ: numbers between any
white space, spaces at the end of the line (fastText), words that contain spaces (GloVe's 840B,
spaCy) or are empty (fastText).
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import numpy as np

from skipgram.errors import FormatError
from skipgram.training.events import Report, StageProgressed, silent

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO

    from numpy.typing import NDArray

    from skipgram.formats.files import Content

NUMBER_SIZE = 14
"""The most bytes that a number takes in text, with its space, except for rare ones."""

LONGEST_LINE = 1 << 22
"""The most bytes of a row that are read: 4 MiB, or 300,000 numbers. Fields take 20 times that."""

ROWS_PER_REPORT = 5000
"""Rows between two reports of progress. 5,000 rows of 300 numbers take about 2 s."""

_NUMBER = re.compile(
    rb"[-+]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?|nan|inf(?:inity)?)", re.IGNORECASE
)


_NOTATIONS = {
    re.compile(rb"\d,\d"): " (write decimals with a point, not a comma)",
    re.compile(rb"^\d+:"): " (sparse rows are not read: write every number, without its index)",
    re.compile(rb"\xe2\x88\x92"): " (write the sign as -, not as the minus sign U+2212)",
}
"""Other notations of numbers, and what to do about them."""


class BadRowError(Exception):
    """What is wrong with a row, as the predicate of a sentence; `row` counts from 0."""

    def __init__(self, row: int, what: str) -> None:
        super().__init__(what)
        self.row = row


def is_number(field: bytes) -> bool:
    """Whether a field is a number in decimal digits."""
    return _NUMBER.fullmatch(field) is not None


def is_fraction(field: bytes) -> bool:
    """Whether a field is a number with a point or an exponent, as in vectors; not an integer."""
    return is_number(field) and not field.lstrip(b"+-").isdigit()


def numbers(vector: NDArray[np.float32], separator: str) -> bytes:
    """Return the numbers of a vector as text."""
    return separator.join(map(str, vector)).encode()


def write_rows(
    file: BinaryIO,
    words: Sequence[bytes],
    vectors: NDArray[np.float32],
    report: Report = silent,
) -> None:
    """Write a row for each word, and report how many are written, unless they are few."""
    started, total = time.perf_counter(), len(words)
    for done, (word, vector) in enumerate(zip(words, vectors, strict=True)):
        if done % ROWS_PER_REPORT == 0 and total > ROWS_PER_REPORT:
            report(StageProgressed("writing", done, total, time.perf_counter() - started))
        file.write(b"%b %b\n" % (word, numbers(vector, " ")))
    if total > ROWS_PER_REPORT:
        report(StageProgressed("writing", total, total, time.perf_counter() - started))


def read_rows(
    content: Content, start: int, dimensions: int, rows: int | None
) -> tuple[list[bytes], NDArray[np.float32]]:
    """Read the rows of a file; blank lines are skipped.

    Args:
        content: the file.
        start: the byte at which the first row begins.
        dimensions: how many numbers a row holds.
        rows: how many rows there are; None if unknown.

    Raises:
        BadRowError: a row is damaged, or there are too many.
    """
    # At most as many rows as fit in the file, whatever a damaged header says.
    room = (len(content) - start) // (2 * dimensions) + 1
    matrix = np.empty((room if rows is None else min(rows, room), dimensions), np.float32)
    words: list[bytes] = []
    for word, fields, line in _split(content, start, dimensions):
        row = len(words)
        if row == rows:
            raise BadRowError(row, f"is beyond the {rows} rows that the header declares")
        if len(fields) != dimensions:
            raise BadRowError(row, why_wrong(fields, dimensions, rows is None))
        try:
            matrix[row] = np.fromiter(map(float, fields), np.float32, dimensions)
        except ValueError as error:
            raise BadRowError(row, why_wrong(fields, dimensions, rows is None)) from error
        if not line.endswith((b"\n", b"\r")):
            raise BadRowError(
                row,
                "has no line end, so its last number may be cut off "
                "(if it is complete, add a line end)",
            )
        words.append(word)
    return words, matrix[: len(words)].copy() if rows is None else matrix


def why_wrong(fields: Sequence[bytes], dimensions: int, counted: bool) -> str:
    """Return what is wrong with the fields after a word: one is no number, or their count."""
    bad = next((field for field in fields if not all_parse([field])), None)
    if bad is None:
        place = "the first rows have" if counted else "the header says"
        return f"has {len(fields)} numbers where {place} {dimensions}"
    shown = repr(bad.decode(errors="replace"))
    hint = next((hint for mark, hint in _NOTATIONS.items() if mark.search(bad)), "")
    return f"has a field that is not a number, {shown:.40}{hint}"


def all_parse(fields: Sequence[bytes] | Sequence[str]) -> bool:
    """Whether each field is a number that Python reads."""
    try:
        list(map(float, fields))
    except ValueError:
        return False
    return True


def line_end(content: Content, start: int = 0) -> bytes:
    """Return what ends the lines: a line feed, or a lone carriage return as on old Macintoshes."""
    is_old = content.find(b"\n", start) < 0 <= content.find(b"\r", start)
    return b"\r" if is_old else b"\n"


def _split(
    content: Content, start: int, dimensions: int
) -> Iterator[tuple[bytes, list[bytes], bytes]]:
    """Yield for each line the word, the fields after it, and the line itself.

    Raises:
        BadRowError: a line is too long.
    """
    position, ending = start, line_end(content, start)
    row = 0
    while position < len(content):
        end = content.find(ending, position) + 1 or len(content)
        if end - position > LONGEST_LINE:
            raise BadRowError(
                row, f"has {end - position:,} bytes, but at most {LONGEST_LINE:,} are read"
            )
        line = content[position:end]
        position = end
        fields = line.split()
        if not fields:
            continue
        row += 1
        if len(fields) == dimensions and line[:1].isspace() and is_number(fields[0]):
            yield b"", fields, line
        elif len(fields) > dimensions + 1 and not all(map(is_number, fields[1:])):
            word, *last = line.rstrip().rsplit(None, dimensions)
            yield word, last, line
        else:
            yield fields[0], fields[1:], line


def damaged(path: str | os.PathLike[str], error: BadRowError) -> FormatError:
    """Return the error for a row of a file."""
    return FormatError(f"{path}: row {error.row + 1} {error}; get a complete copy, or fix that row")
