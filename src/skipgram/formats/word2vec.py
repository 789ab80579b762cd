r"""The two files of the original word2vec program, which most tools for word vectors read.

    header      "V d\n", in decimal digits
    text row    word, then d times a space and a number, "\n"
    binary row  word, one space, d float32 (little-endian), then "\n" as the C program writes it or nothing as gensim does

Words are UTF-8 and end at the first white space, so a word that holds any cannot be written. Numbers in text are the shortest
that give the same float32 back. Neither file holds counts.
"""

from __future__ import annotations

import mmap
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from skipgram.embeddings import Embeddings, Which
from skipgram.errors import FormatError, OutputError
from skipgram.writing import replacing_file, utf8

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_HEADER = re.compile(rb"\s*(\d{1,12})[ \t]+(\d{1,6})[ \t]*\r?\n")
_LONGEST_HEADER = 256
_NUMBER = re.compile(rb"[-+.0-9eEnaifNAIFty]+")
_PRINTED = re.compile(rb"[\t\n\r\x20-\xff]*")
_SAMPLE = 4096
_TEXT_NUMBER = 14  # bytes that a number takes in text, with its space, at most but for rare ones


def write(embeddings: Embeddings, path: str | os.PathLike[str], which: Which = "input", *, binary: bool) -> None:
    """Write the vectors asked for as a word2vec file, whole or not at all.

    Raises:
        FormatError: a word is empty, holds white space or has no UTF-8 form.
        OutputError: the file cannot be written; what stood there is untouched.
        ConfigError: the vectors asked for were not kept.
    """
    _check_replaceable(Path(path))
    vectors = embeddings.vectors(which)
    words = [_writable(word) for word in embeddings.words]
    header = b"%d %d\n" % vectors.shape
    row_size = vectors.shape[1] * (4 if binary else _TEXT_NUMBER) + 2
    with replacing_file(path, len(header) + sum(map(len, words)) + row_size * len(words)) as file:
        file.write(header)
        for word, vector in zip(words, vectors, strict=True):
            if binary:
                file.write(b"%b %b\n" % (word, vector.astype("<f4").tobytes()))
            else:
                file.write(b"%b %b\n" % (word, " ".join(map(str, vector)).encode()))


def _check_replaceable(path: Path) -> None:
    """Refuse to replace a file that is no word2vec file: a corpus or a part of a model, named by mistake."""
    try:
        with path.open("rb") as file:
            start = file.read(_LONGEST_HEADER)
    except OSError:
        return  # missing, or what `replacing_file` will explain
    if start and not _HEADER.match(start):
        raise OutputError(f"will not replace {path}: it is no word2vec file; give another name, or remove it first")


def _writable(word: str) -> bytes:
    raw = utf8(word)
    if raw.split() != [raw]:
        raise FormatError(
            f"the word {word!r} is empty or holds white space, which ends a word in word2vec files; "
            "rename it, or save a model directory, which holds any word"
        )
    return raw


def read(path: str | os.PathLike[str]) -> Embeddings:
    """Read a word2vec file; whether it is text or binary is recognised from its content.

    Returns:
        Embeddings with input vectors only, and no counts.

    Raises:
        FormatError: the file cannot be opened, is empty, truncated, damaged or something else; the row is named, from 1.
    """
    try:
        with Path(path).open("rb") as file:
            if file.seek(0, os.SEEK_END) == 0:  # which cannot be mapped
                raise FormatError(f"{path} is empty; give a word2vec file or a model directory")
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                return _parse(content, path)
    except OSError as error:
        raise FormatError(f"cannot read {path}: {error.strerror or error}; check the path") from error


def _parse(content: mmap.mmap, path: str | os.PathLike[str]) -> Embeddings:
    header = _HEADER.match(content[:_LONGEST_HEADER])
    if header is None or int(header[2]) == 0:
        raise FormatError(
            f"{path} is not a word2vec file: it begins with {content[:40]!r}, not with the number of words and of dimensions; "
            "give a word2vec file or a model directory"
        )
    rows, dimensions = int(header[1]), int(header[2])
    if _is_text(content, header.end(), dimensions):
        parts, number_size = _text_rows(content, header.end(), dimensions), len(" 0")
    else:
        parts, number_size = _binary_rows(content, header.end(), dimensions), 4
    # Not more rows than the file has room for, whatever a damaged header says.
    matrix = np.empty((min(rows, len(content) // (dimensions * number_size)), dimensions), np.float32)
    words = _fill(matrix, parts, rows, path)
    return Embeddings(words, matrix)


def _is_text(content: mmap.mmap, start: int, dimensions: int) -> bool:
    """Whether the first row is a word and what looks like numbers, as many as there should be or, damaged, in printed bytes."""
    content.seek(start)
    _, *numbers = content.readline().split() or [b""]
    if not numbers or not all(map(_NUMBER.fullmatch, numbers)):
        return False
    return len(numbers) == dimensions or _PRINTED.fullmatch(content[start : start + _SAMPLE]) is not None


class _BadRowError(Exception):
    """What is wrong with the row being read."""


def _text_rows(content: mmap.mmap, start: int, dimensions: int) -> Iterator[tuple[bytes, NDArray[np.float32]]]:
    content.seek(start)
    while line := content.readline():
        word, *numbers = line.split() or [b""]
        if not word:
            continue
        if len(numbers) != dimensions:
            raise _BadRowError(f"holds {len(numbers)} numbers where the header says {dimensions}")
        try:
            vector = np.fromiter(map(float, numbers), np.float32, dimensions)
        except ValueError as error:
            raise _BadRowError(f"holds something that is no number ({error})") from error
        if not line.endswith(b"\n"):
            raise _BadRowError("has no line end, so its last number may be cut off (add a line end if it is not)")
        yield word, vector


def _binary_rows(content: mmap.mmap, start: int, dimensions: int) -> Iterator[tuple[bytes, NDArray[np.float32]]]:
    position, size = start, 4 * dimensions
    while (space := content.find(b" ", position)) >= 0:
        end = space + 1 + size
        if end > len(content):
            raise _BadRowError(
                f"is cut off: {len(content) - space - 1} bytes are left of the {size} that {dimensions} float32 take"
            )
        yield content[position:space].removeprefix(b"\n"), np.frombuffer(content[space + 1 : end], "<f4")
        position = end
    if content[position:].strip():
        raise _BadRowError(f"is {len(content) - position} bytes without the space that ends a word")


def _fill(
    matrix: NDArray[np.float32], parts: Iterator[tuple[bytes, NDArray[np.float32]]], rows: int, path: str | os.PathLike[str]
) -> list[str]:
    """Put exactly `rows` vectors into the matrix and return their words."""
    words: dict[str, int] = {}
    try:
        for row, (raw, vector) in enumerate(parts):
            if row == rows:
                raise _BadRowError(f"is one more than the {rows} that the header says")
            word = raw.decode()
            if words.setdefault(word, row) != row:
                raise _BadRowError(f"holds the word {word!r} again, after row {words[word] + 1}")
            matrix[row] = vector
    except UnicodeDecodeError as error:
        raise FormatError(
            f"{path}: row {len(words) + 1} holds a word that is not UTF-8, {error.object!r}; convert the file to UTF-8"
        ) from error
    except _BadRowError as error:
        raise FormatError(f"{path}: row {len(words) + 1} {error}; get the file again, whole, or mend that row") from error
    if len(words) < rows:
        raise FormatError(
            f"{path} is cut off: the header says {rows} words and row {len(words)} is the last; get the file again, whole"
        )
    if not np.isfinite(matrix).all():
        row = int(np.flatnonzero(~np.isfinite(matrix).all(axis=1))[0])
        raise FormatError(f"{path}: row {row + 1} holds a number that is not finite; get the file again, or remove that row")
    return list(words)
