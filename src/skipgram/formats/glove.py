"""GloVe's text: rows of a word and its numbers (formats/text.py), without a header or counts.

The number of dimensions is the most frequent count of numbers that end the first lines: some words
in GloVe's own files contain spaces, and a damaged line may be shorter than the others.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from skipgram.errors import FormatError
from skipgram.formats.checks import embeddings_of
from skipgram.formats.files import check_replaceable, creating, finite_vectors, opened, unbroken
from skipgram.formats.others import described
from skipgram.formats.text import (
    LONGEST_LINE,
    NUMBER_SIZE,
    BadRowError,
    damaged,
    is_fraction,
    is_number,
    line_end,
    read_rows,
    why_wrong,
    write_rows,
)
from skipgram.io.blocks import BYTE_ORDER_MARK
from skipgram.io.words import decoded
from skipgram.loading import USUAL, Loading
from skipgram.training.events import Report, silent

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

    from skipgram.embeddings import Embeddings, Which

_LINES = 1000
"""Lines that tell the number of dimensions."""

_LEAST_DIMENSIONS = 2
"""A word and one number may be a list of words with counts, or the header of a word2vec file."""

_SAMPLE = LONGEST_LINE

_LONGEST_HEADER = 1 << 16

_DIGIT = re.compile(rb"\d")


def write(
    embeddings: Embeddings,
    path: str | os.PathLike[str],
    which: Which = "input",
    report: Report = silent,
) -> None:
    """Write the vectors as GloVe's text, complete or not at all; compressed if it ends in .gz.

    `report` is called with the progress.

    Raises:
        FormatError: a word is empty, contains white space or has no UTF-8 form, its vector has
            numbers that are not finite or fewer than two, or there is no word.
        OutputError: the file cannot be written; the old content is unchanged.
        ConfigError: the output vectors are needed but were not kept.
    """
    check_replaceable(
        path, lambda start: recognised(start) and _written(start), "a GloVe text file"
    )
    vectors = finite_vectors(embeddings, which, "GloVe's text", 1, _LEAST_DIMENSIONS)
    words = unbroken(embeddings.words, "GloVe's text")
    with creating(path, sum(map(len, words)) + NUMBER_SIZE * vectors.size) as file:
        write_rows(file, words, vectors, report)


def recognised(start: bytes) -> bool:
    """Whether a file that begins with these bytes is GloVe's text.

    In each of its first lines, two or more numbers follow a word. It is no archive of such text.
    """
    if described(start):
        return False
    return _dimensions(start.removeprefix(BYTE_ORDER_MARK)) >= _LEAST_DIMENSIONS


def _written(start: bytes) -> bool:
    """Whether the first line holds the numbers of a vector, not integers, as in graph walks."""
    fields = start.lstrip().partition(b"\n")[0].split()
    return all(map(is_fraction, fields[-_dimensions(start) :]))


def read(path: str | os.PathLike[str], loading: Loading = USUAL) -> Embeddings:
    """Read GloVe's text.

    Returns:
        Embeddings with input vectors only, and no counts.

    Raises:
        FormatError: the file cannot be opened, is cut off, damaged or of another kind; the message
            names the row, from 1.
    """
    words, matrix = rows(path)
    names = decoded(words, path, errors=loading.unicode_errors)
    return embeddings_of(names, matrix, path, loading)


def rows(path: str | os.PathLike[str]) -> tuple[list[bytes], NDArray[np.float32]]:
    """Read the words, as bytes, and the vectors of GloVe's text; errors as for `read`."""
    with opened(path) as content:
        start = len(BYTE_ORDER_MARK) if content[: len(BYTE_ORDER_MARK)] == BYTE_ORDER_MARK else 0
        dimensions = _dimensions(content[start:_SAMPLE])
        if dimensions < _LEAST_DIMENSIONS:
            wanted = f"each line must be a word and at least {_LEAST_DIMENSIONS} numbers"
            what = damage(content[start:_SAMPLE]) or wanted
            raise FormatError(f"{path} is not a GloVe text file: {what}")
        try:
            words, matrix = read_rows(content, start, dimensions, None)
        except BadRowError as error:
            raise damaged(path, error) from error
        lines = content[start : start + _LONGEST_HEADER].split(b"\n")[:2]
    if mistake := _mistaken(words, [line.split()[-dimensions:] for line in lines]):
        raise FormatError(f"{path} is not a GloVe text file: {mistake}")
    return words, matrix


def _mistaken(words: list[bytes], rows: list[list[bytes]]) -> str | None:
    """Return how a table of numbers shows that it is not rows of words, or that it has a header.

    Args:
        words: of all rows.
        rows: the numbers of the first two rows, as they are written.
    """
    if len(words) > 1 and all(map(is_fraction, words)):
        return (
            f"its rows begin with numbers, such as {words[0].decode()}, not with words; write a "
            "word before the numbers of each row"
        )
    header, *others = rows
    counted = [[b"%d" % (place + least) for place in range(len(header))] for least in (0, 1)]
    # Two numbers may be in order by chance.
    is_counted = len(header) > _LEAST_DIMENSIONS and header in counted
    if is_counted and others and any(map(is_fraction, others[0])):
        return "its first row counts the columns; remove that header"
    return None


def damage(start: bytes) -> str | None:
    """Return which row keeps a file that begins with these bytes from being GloVe's text, and why.

    None if most of its first lines are not of a word and fields with digits.
    """
    rows = _first_rows(start.removeprefix(BYTE_ORDER_MARK))
    dimensions = _usual(map(len, rows))
    ends = [row[-dimensions:] for row in rows]
    alike = sum(all(map(_DIGIT.search, end)) for end in ends)
    if dimensions < _LEAST_DIMENSIONS or 2 * alike < len(rows) or not alike:
        return None
    bad = next((row for row, end in enumerate(ends) if not all(map(is_number, end))), None)
    if bad is None:
        return None
    is_header = bad == 0 and not any(map(_DIGIT.match, ends[0])) and len(rows) > 1
    remedy = "if it is a header, remove it" if is_header else "fix that row"
    return f"row {bad + 1} {why_wrong(ends[bad], dimensions, True)}; {remedy}"


def _dimensions(start: bytes) -> int:
    """Return how many numbers end each of the first lines, or 0 if one ends in something else."""
    rows = _first_rows(start)
    ends = [_numbers_at_end(row) for row in rows]
    dimensions = _usual(ends)
    complete = (end >= min(dimensions, len(row)) for row, end in zip(rows, ends, strict=True))
    return dimensions if all(complete) else 0


def _first_rows(start: bytes) -> list[list[bytes]]:
    """Return the fields after the word of each of the first lines."""
    *lines, last = start.split(line_end(start), _LINES)
    # The last line may be cut off, so it counts only if it is the only one.
    return [fields[1:] for line in lines or [last] if (fields := line.split())]


def _usual(sizes: Iterable[int]) -> int:
    """Return the most frequent size; of equally frequent ones the largest: a row may be cut."""
    counts = Counter(sizes)
    return max(counts, key=lambda size: (counts[size], size), default=0)


def _numbers_at_end(fields: list[bytes]) -> int:
    words = (place for place, field in enumerate(reversed(fields)) if not is_number(field))
    return next(words, len(fields))
