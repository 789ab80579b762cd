r"""The two files of the original word2vec program, which most tools for word vectors read.

    header      "V d\n", in decimal digits
    text row    word, then d times a space and a number, "\n" (formats/text.py)
    binary row  word, one space, d float32 (little-endian), then "\n" as the C program writes it or nothing as gensim does

Words are UTF-8 and end at the first white space, so a word that holds any is not written. Neither file holds counts. The text
is also fastText's .vec and what `spacy init vectors` reads. A name that ends in .gz makes a file compressed by gzip; on
reading, compression is known by the first bytes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from skipgram.errors import FormatError
from skipgram.formats.files import check_replaceable, creating, numbered, opened, unbroken
from skipgram.formats.text import (
    NUMBER_SIZE,
    BadRowError,
    damaged,
    embeddings_of,
    is_fraction,
    read_rows,
    write_rows,
)

if TYPE_CHECKING:
    import os

    from numpy.typing import NDArray

    from skipgram.embeddings import Embeddings, Which
    from skipgram.formats.files import Content

_HEADER = re.compile(rb"(?:\xef\xbb\xbf)?\s*(\d{1,12})[ \t]+(\d{1,6})[ \t]*\r?\n")
_LONGEST_HEADER = 256
_ABOUT_A_NUMBER = re.compile(rb"[-+.0-9eEnaifNAIFty]+")  # or one that is cut off
_PRINTED = re.compile(rb"[\t\n\r\x20-\xff]*")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f]")  # bytes that no text has, and any but a few vectors
_SAMPLE = 4096
_ROWS_AT_ONCE = 4096


def write(
    embeddings: Embeddings, path: str | os.PathLike[str], which: Which = "input", *, binary: bool
) -> None:
    """Write the vectors asked for as a word2vec file, whole or not at all; compressed where the name ends in .gz.

    Raises:
        FormatError: a word is empty, holds white space or has no UTF-8 form, or its vector holds numbers that are not finite.
        OutputError: the file cannot be written; what stood there is untouched.
        ConfigError: the vectors asked for were not kept.
    """
    check_replaceable(path, _replaceable, "word2vec file")
    vectors, words = (
        numbered(embeddings, which, "word2vec files"),
        unbroken(embeddings.words, "word2vec files"),
    )
    header = b"%d %d\n" % vectors.shape
    size = (
        len(header)
        + sum(map(len, words))
        + vectors.size * (4 if binary else NUMBER_SIZE)
        + 2 * len(words)
    )
    with creating(path, size) as file:
        file.write(header)
        if not binary:
            write_rows(file, words, vectors)
            return
        for word, vector in zip(words, vectors.astype("<f4", copy=False), strict=True):
            file.write(b"%b %b\n" % (word, vector.tobytes()))


def recognised(start: bytes) -> bool:
    """Whether a file that begins so is a word2vec file."""
    return _HEADER.match(start) is not None


def _replaceable(start: bytes) -> bool:
    """Whether a file that begins so is surely a word2vec file: a list of pairs of numbers has its first line, too."""
    header = _HEADER.match(start)
    if header is None:
        return False
    rest, dimensions = start[header.end() :], int(header[2])
    if not rest.strip():
        return int(header[1]) == 0
    if not _is_text(rest, 0, dimensions):
        return _CONTROL.search(rest) is not None or _is_all(rest, dimensions, int(header[1]))
    row = rest.partition(b"\n")[0]
    fields = row.split()
    word = (
        len(fields) > dimensions or row[:1].isspace()
    )  # or fastText's empty one; a table of numbers has none
    return word and all(map(is_fraction, fields[-dimensions:]))


def _is_all(content: bytes, dimensions: int, said: int) -> bool:
    """Whether this is a binary file to its end; a small one may hold printed bytes only."""
    try:
        return len(_binary_rows(content, 0, dimensions, said)[0]) == said
    except BadRowError:
        return False


def read(path: str | os.PathLike[str]) -> Embeddings:
    """Read a word2vec file; whether it is text or binary, plain or compressed is recognised from its content.

    Returns:
        Embeddings with input vectors only, and no counts.

    Raises:
        FormatError: the file cannot be opened, is empty, truncated, damaged or something else; the row is named, from 1.
    """
    return embeddings_of(*rows(path), path)


def rows(path: str | os.PathLike[str]) -> tuple[list[bytes], NDArray[np.float32]]:
    """Read the words, as they stand in the file, and the vectors of a word2vec file; errors as for `read`."""
    with opened(path) as content:
        header = _HEADER.match(content[:_LONGEST_HEADER])
        if header is None or int(header[2]) == 0:
            raise FormatError(
                f"{path} is not a word2vec file: it begins with {content[:40]!r}, not with the number of words and of "
                "dimensions; give a word2vec file or a model directory"
            )
        said, dimensions = int(header[1]), int(header[2])
        parse = read_rows if _is_text(content, header.end(), dimensions) else _binary_rows
        try:
            words, matrix = parse(content, header.end(), dimensions, said)
        except BadRowError as error:
            raise damaged(path, error) from error
    if len(words) < said:
        raise FormatError(
            f"{path} is cut off: the header says {said} words and row {len(words)} is the last; get the file again, whole"
        )
    return words, matrix


def _is_text(content: Content, start: int, dimensions: int) -> bool:
    """Whether the first row ends in what looks like numbers, as many as there should be or, damaged, in printed bytes."""
    end = content.find(b"\n", start)
    row = content[start : end if end >= 0 else len(content)]
    fields = row.split()
    numbers = fields[1:] if len(fields) <= dimensions else fields[-dimensions:]
    if not numbers or not all(map(_ABOUT_A_NUMBER.fullmatch, numbers)):
        return False
    if (
        _PRINTED.fullmatch(row.split(None, 1)[1]) is None
    ):  # a vector with the byte of a space in it, before that of an A, say
        return False
    return (
        len(numbers) == dimensions
        or _PRINTED.fullmatch(content[start : start + _SAMPLE]) is not None
    )


def _binary_rows(
    content: Content, start: int, dimensions: int, rows: int
) -> tuple[list[bytes], NDArray[np.float32]]:
    """Read the rows of a binary file; as `read_rows`, which reads those of text."""
    words: list[bytes] = []
    places: list[int] = []
    position, length, size, find = start, len(content), 4 * dimensions, content.find
    while (space := find(b" ", position)) >= 0:
        if len(words) == rows:
            raise BadRowError(rows, f"is one more than the {rows} that the header says")
        if space + 1 + size > length:
            raise BadRowError(
                len(words),
                f"is cut off: {length - space - 1} bytes are left of the {size} that {dimensions} float32 take",
            )
        words.append(content[position:space])
        places.append(space + 1)
        position = space + 1 + size
    if content[position:].strip():
        raise BadRowError(
            len(words), f"is {length - position} bytes without the space that ends a word"
        )
    return [word.removeprefix(b"\n") for word in words], _gathered(
        content, np.array(places, np.intp), dimensions
    )


def _gathered(content: Content, places: NDArray[np.intp], dimensions: int) -> NDArray[np.float32]:
    """Return the vectors that begin at these bytes, whatever their alignment."""
    matrix = np.empty((len(places), dimensions), "<f4")
    vector = np.dtype(("V", 4 * dimensions))
    # Every byte taken for the beginning of a vector: NumPy then copies those at `places` in one call.
    begun = np.ndarray((max(0, len(content) - vector.itemsize + 1),), vector, content, strides=(1,))
    target = matrix.view(vector)[:, 0]
    for first in range(0, len(places), _ROWS_AT_ONCE):  # all at once would copy twice
        target[first : first + _ROWS_AT_ONCE] = begun[places[first : first + _ROWS_AT_ONCE]]
    return matrix.astype(np.float32, copy=False)
