r"""The two files of the original word2vec program, which most tools for word vectors read.

    header      "V d\n", in decimal digits
    text row    word, then d times a space and a number, "\n" (formats/text.py)
    binary row  word, one space, d float32 (little-endian), then "\n" as the C program writes it, or
                nothing as gensim does

Words are UTF-8 and end at the first white space, so a word that contains any is not written.
Neither file holds counts. The text is also fastText's .vec, and `spacy init vectors` reads it. A
name that ends in .gz makes a file compressed with gzip; on reading, the first bytes tell the
compression.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from skipgram.errors import FormatError
from skipgram.formats.checks import LONGEST_WORD, embeddings_of
from skipgram.formats.files import check_replaceable, creating, finite_vectors, opened, unbroken
from skipgram.formats.text import (
    LONGEST_LINE,
    NUMBER_SIZE,
    BadRowError,
    damaged,
    is_fraction,
    line_end,
    read_rows,
    write_rows,
)
from skipgram.io.words import decoded
from skipgram.loading import USUAL, Loading
from skipgram.training.events import Report, silent

if TYPE_CHECKING:
    import os

    from numpy.typing import NDArray

    from skipgram.embeddings import Embeddings, Which
from skipgram.formats.files import Content

_HEADER = re.compile(rb"(?:\xef\xbb\xbf)?\s*(\d{1,12})[ \t]+(\d{1,6})[ \t]*(?:\r?\n|\r)")
_LONGEST_HEADER = 256
_ABOUT_A_NUMBER = re.compile(rb"[-+.0-9eEnaifNAIFty]+")  # it may be cut off
_PRINTED = re.compile(rb"[\t\n\r\x20-\xff]*")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f]")  # not in text, but in all except very few vectors
_SAMPLE = 4096
_ROWS_AT_ONCE = 4096


def write(
    embeddings: Embeddings,
    path: str | os.PathLike[str],
    which: Which = "input",
    report: Report = silent,
    *,
    binary: bool,
) -> None:
    """Write the vectors as a word2vec file, complete or not at all; compressed if it ends in .gz.

    `report` is called with the progress of text.

    Raises:
        FormatError: a word is empty, contains white space or has no UTF-8 form, or its vector has
            numbers that are not finite.
        OutputError: the file cannot be written; the old content is unchanged.
        ConfigError: the output vectors are needed but were not kept.
    """
    check_replaceable(path, _replaceable, "a word2vec file")
    vectors = finite_vectors(embeddings, which, "word2vec files")
    words = unbroken(embeddings.words, "word2vec files")
    header = b"%d %d\n" % vectors.shape
    numbers = vectors.size * (4 if binary else NUMBER_SIZE)
    size = len(header) + numbers + sum(len(word) + 2 for word in words)
    with creating(path, size) as file:
        file.write(header)
        if not binary:
            write_rows(file, words, vectors, report)
            return
        for word, vector in zip(words, vectors.astype("<f4", copy=False), strict=True):
            file.write(b"%b %b\n" % (word, vector.tobytes()))


def recognised(start: bytes) -> bool:
    """Whether a file that begins with these bytes is a word2vec file."""
    return _HEADER.match(start) is not None


def _replaceable(start: bytes) -> bool:
    """Whether a file that begins with these bytes is certainly a word2vec file.

    The header is not enough: the first line of a list of pairs of numbers looks the same.
    """
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
    # A table of numbers has no word. fastText's word may be empty.
    has_word = len(fields) > dimensions or row[:1].isspace()
    return has_word and all(map(is_fraction, fields[-dimensions:]))


def _is_all(content: bytes, dimensions: int, declared: int) -> bool:
    """Whether this is a complete binary file; a small one may hold printable bytes only."""
    try:
        return len(_binary_rows(content, 0, dimensions, declared)[0]) == declared
    except BadRowError:
        return False


def read(path: str | os.PathLike[str], loading: Loading = USUAL) -> Embeddings:
    """Read a word2vec file; its content tells whether it is text or binary, and compressed.

    Returns:
        Embeddings with input vectors only, and no counts.

    Raises:
        FormatError: the file cannot be opened, is empty, cut off, damaged or of another kind; the
            message names the row, from 1.
    """
    words, matrix = rows(path)
    names = decoded(words, path, errors=loading.unicode_errors)
    return embeddings_of(names, matrix, path, loading)


def rows(path: str | os.PathLike[str]) -> tuple[list[bytes], NDArray[np.float32]]:
    """Read the words, as bytes, and the vectors of a word2vec file; errors as for `read`."""
    with opened(path) as content:
        header = _HEADER.match(content[:_LONGEST_HEADER])
        if header is None or int(header[2]) == 0:
            raise FormatError(
                f"{path} is not a word2vec file: it begins with {content[:40]!r} instead of the "
                "numbers of words and dimensions; give a word2vec file or a model directory"
            )
        declared, dimensions = int(header[1]), int(header[2])
        parse = read_rows if _is_text(content, header.end(), dimensions) else _binary_rows
        try:
            words, matrix = parse(content, header.end(), dimensions, declared)
        except BadRowError as error:
            raise damaged(path, error) from error
    if len(words) < declared:
        raise FormatError(
            f"{path} is cut off: it holds {len(words)} words, but its header declares {declared}; "
            "get a complete copy"
        )
    return words, matrix


def _is_text(content: Content, start: int, dimensions: int) -> bool:
    """Whether the first row looks like text.

    It ends in as many numbers as there are dimensions. Or it is damaged: the file begins with
    printable bytes, and after the word there are as many fields, or each has a digit (0:0.5).
    """
    end = content.find(line_end(content, start), start)
    row = content[start : min(end if end >= 0 else len(content), start + LONGEST_LINE)]
    fields = row.split()
    numbers = fields[1:] if len(fields) <= dimensions else fields[-dimensions:]
    if len(numbers) == dimensions and all(map(_ABOUT_A_NUMBER.fullmatch, numbers)):
        # A binary vector may contain a byte that is a space, followed by that of an A, say.
        return _PRINTED.fullmatch(row.split(None, 1)[1]) is not None
    sample = content[start : start + _SAMPLE]
    if _PRINTED.fullmatch(sample) is None:
        return False
    try:
        shown = [field.decode() for field in numbers]
    except UnicodeDecodeError:
        return False
    as_many = len(numbers) == dimensions > 1
    return as_many or all(any(map(str.isdigit, field)) for field in shown)


def _binary_rows(
    content: Content, start: int, dimensions: int, rows: int
) -> tuple[list[bytes], NDArray[np.float32]]:
    """Read the rows of a binary file, as `read_rows` reads those of text."""
    words: list[bytes] = []
    places: list[int] = []
    length, size = len(content), 4 * dimensions
    position, find = start, content.find
    while (space := find(b" ", position)) >= 0:
        if space - position > LONGEST_WORD:
            raise BadRowError(len(words), f"has a word of over {LONGEST_WORD:,} bytes")
        if len(words) == rows:
            raise BadRowError(rows, f"is beyond the {rows} rows that the header declares")
        if space + 1 + size > length:
            raise BadRowError(
                len(words),
                f"is cut off: it has {length - space - 1} of the {size} bytes "
                f"of its {dimensions} numbers",
            )
        words.append(content[position:space])
        places.append(space + 1)
        position = space + 1 + size
    if content[position:].strip():
        raise BadRowError(
            len(words), f"has {length - position} bytes without the space that ends a word"
        )
    vectors = _gathered(content, np.array(places, np.intp), dimensions)
    return [word.removeprefix(b"\n") for word in words], vectors


def _gathered(content: Content, places: NDArray[np.intp], dimensions: int) -> NDArray[np.float32]:
    """Return the vectors that begin at these bytes, aligned or not."""
    matrix = np.empty((len(places), dimensions), "<f4")
    vector = np.dtype(("V", 4 * dimensions))
    # A view in which a vector begins at every byte: NumPy copies those at `places` in one call.
    begun = np.ndarray((max(0, len(content) - vector.itemsize + 1),), vector, content, strides=(1,))
    target = matrix.view(vector)[:, 0]
    for first in range(0, len(places), _ROWS_AT_ONCE):  # in one call they would be copied twice
        target[first : first + _ROWS_AT_ONCE] = begun[places[first : first + _ROWS_AT_ONCE]]
    return matrix.astype(np.float32, copy=False)
