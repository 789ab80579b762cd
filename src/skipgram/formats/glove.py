"""GloVe's text: rows of word and numbers (formats/text.py) and nothing else, neither a header nor counts.

How many numbers a row holds is the least of what the first lines hold besides a word: some words of GloVe's own files hold
spaces, which make their lines look longer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from skipgram.errors import FormatError
from skipgram.formats.files import check_replaceable, creating, numbered, opened, unbroken
from skipgram.formats.text import (
    NUMBER_SIZE,
    BadRowError,
    damaged,
    embeddings_of,
    is_fraction,
    is_number,
    read_rows,
    write_rows,
)
from skipgram.io.blocks import BYTE_ORDER_MARK

if TYPE_CHECKING:
    import os

    import numpy as np
    from numpy.typing import NDArray

    from skipgram.embeddings import Embeddings, Which

_LINES = 1000  # by which the number of dimensions is known
_LEAST_DIMENSIONS = (
    2  # a word and one number are a line of many a list of words with counts, or word2vec's header
)
_SAMPLE = 1 << 24


def write(embeddings: Embeddings, path: str | os.PathLike[str], which: Which = "input") -> None:
    """Write the vectors asked for as GloVe's text, whole or not at all; compressed where the name ends in .gz.

    Raises:
        FormatError: a word is empty, holds white space or has no UTF-8 form, its vector holds numbers that are not finite or
            fewer than two, or there is no word.
        OutputError: the file cannot be written; what stood there is untouched.
        ConfigError: the vectors asked for were not kept.
    """
    check_replaceable(
        path, lambda start: recognised(start) and _written(start), "file of GloVe's text"
    )
    vectors = numbered(embeddings, which, "GloVe's text", 1, _LEAST_DIMENSIONS)
    words = unbroken(embeddings.words, "GloVe's text")
    with creating(path, sum(map(len, words)) + NUMBER_SIZE * vectors.size) as file:
        write_rows(file, words, vectors)


def recognised(start: bytes) -> bool:
    """Whether a file that begins so is GloVe's text: in each of its first lines two numbers or more follow a word."""
    return _dimensions(start.removeprefix(BYTE_ORDER_MARK)) >= _LEAST_DIMENSIONS


def _written(start: bytes) -> bool:
    """Whether the numbers of the first line are those of a vector, and not integers, as in walks over a graph."""
    fields = start.lstrip().partition(b"\n")[0].split()
    return all(map(is_fraction, fields[-_dimensions(start) :]))


def read(path: str | os.PathLike[str]) -> Embeddings:
    """Read GloVe's text.

    Returns:
        Embeddings with input vectors only, and no counts.

    Raises:
        FormatError: the file cannot be opened, is cut off, damaged or something else; the row is named, from 1.
    """
    return embeddings_of(*rows(path), path)


def rows(path: str | os.PathLike[str]) -> tuple[list[bytes], NDArray[np.float32]]:
    """Read the words, as they stand in the file, and the vectors of GloVe's text; errors as for `read`."""
    with opened(path) as content:
        start = len(BYTE_ORDER_MARK) if content[: len(BYTE_ORDER_MARK)] == BYTE_ORDER_MARK else 0
        dimensions = _dimensions(content[start:_SAMPLE])
        if dimensions < _LEAST_DIMENSIONS:
            raise FormatError(
                f"{path} is not GloVe's text: its first lines are not all a word and {_LEAST_DIMENSIONS} numbers or more; "
                "check the file"
            )
        try:
            return read_rows(content, start, dimensions, None)
        except BadRowError as error:
            raise damaged(path, error) from error


def _dimensions(start: bytes) -> int:
    """How many numbers end each of the first lines, at least; 0 where one ends in something else."""
    *lines, last = start.split(b"\n", _LINES)
    # What may be cut off tells nothing, unless there is nothing else.
    rows = [fields[1:] for line in lines or [last] if (fields := line.split())]
    dimensions = min(map(len, rows), default=0)
    return dimensions if all(is_number(field) for row in rows for field in row[-dimensions:]) else 0
