"""What the formats share: compressed or plain files, replaced only by their own kind."""

from __future__ import annotations

import gzip
import io
import mmap
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, cast

import numpy as np

from skipgram.errors import ConfigError, FormatError, OutputError, ReadError
from skipgram.io.atomic import replacing_file, target_of, utf8
from skipgram.io.directories import check_writable
from skipgram.io.leftovers import recovery
from skipgram.io.streams import Stream, compression, decompressed, local
from skipgram.matrices import check_finite
from skipgram.regular_files import check_regular
from skipgram.wording import reason_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import BinaryIO

    from numpy.typing import NDArray

    from skipgram.embeddings import Embeddings, Which

Content: TypeAlias = "mmap.mmap | bytes"

_BEGINNING = 1 << 16
_GZIP_LEVEL = 6
_PIECE = 1 << 20
_MOST_TIMES = 100
"""How many times its size a file may decompress to. Text of vectors becomes 2 to 4 times as large;
1.5 MB of compressed zeros took 4.6 GB."""
_LEAST_LIMIT = 1 << 26
"""Files that decompress to no more than 64 MiB are always read."""


@contextmanager
def opened(path: str | os.PathLike[str]) -> Iterator[Content]:
    """Yield the content of a file: mapped into memory, or decompressed if it is compressed.

    Raises:
        FormatError: the file cannot be opened, is empty, or its compressed data is damaged.
    """
    try:
        check_regular(path)
        with Path(path).open("rb") as file:
            if file.seek(0, os.SEEK_END) == 0:  # an empty file cannot be mapped
                raise FormatError(f"{path} is empty; give a file of vectors or a model directory")
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                yield _decompressed(path, -1) if compression(content[:10]) else content
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error


def beginning(path: str | os.PathLike[str]) -> bytes:
    """Return the first 64 KiB of a file, decompressed; FormatError if it cannot be read."""
    try:
        check_regular(path)
        return _decompressed(path, _BEGINNING)
    except (OSError, ValueError) as error:  # ValueError: a name with a NUL byte
        raise _unreadable(path, error) from error


def most_decompressed(path: str | os.PathLike[str]) -> int:
    """Return how many bytes the content of a compressed file may have."""
    return max(_LEAST_LIMIT, _MOST_TIMES * Path(path).stat().st_size)


def _decompressed(path: str | os.PathLike[str], size: int) -> bytes:
    """Return the first bytes of the decompressed content, or with a size of -1 all."""
    most = most_decompressed(path)
    content = io.BytesIO()
    try:
        with decompressed(Stream(local(Path(path)))) as stream:
            if size >= 0:
                return stream.read(size)
            while piece := stream.read(_PIECE):
                content.write(piece)
                if content.tell() > most:
                    raise FormatError(
                        f"cannot read {path}: it decompresses to over {most:,} bytes, more than "
                        f"{_MOST_TIMES} times its size; if you trust it, decompress it first"
                    )
    except ReadError as error:
        raise FormatError(str(error)) from error
    return content.getvalue()


def _unreadable(path: str | os.PathLike[str], error: Exception) -> FormatError:
    remedy = recovery(path) or "check the path"
    return FormatError(f"cannot read {path}: {reason_of(error)}; {remedy}")


def check_replaceable(
    path: str | os.PathLike[str], recognised: Callable[[bytes], bool], kind: str
) -> None:
    """Check that a file may be replaced: it is missing, empty or of the same kind.

    Args:
        path: the file.
        recognised: whether a file that begins with these bytes is of the same kind.
        kind: what such a file is called, with its article.

    Raises:
        OutputError: the file is of another kind, such as a corpus or a part of a model, or its
            folder is not writable.
    """
    target = target_of(path)
    check_writable(target, path)
    try:
        if not target.is_file() or target.stat().st_size == 0:
            return  # nothing to lose; `replacing_file` rejects what is not a regular file
        known = recognised(beginning(path))
    except OSError:
        return
    except FormatError:
        known = False
    if not known:
        raise OutputError(
            f"will not replace {path}: it does not look like {kind}; "
            "choose another path, or remove the file first"
        )


@contextmanager
def creating(path: str | os.PathLike[str], size: int) -> Iterator[BinaryIO]:
    """`replacing_file`, compressed with gzip if the name ends in .gz, always to the same bytes."""
    with replacing_file(path, size) as file:
        if Path(path).suffix != ".gz":
            yield file
            return
        with gzip.GzipFile("", "wb", _GZIP_LEVEL, file, mtime=0) as packed:
            yield cast("BinaryIO", packed)


def unbroken(words: Sequence[str], kind: str) -> list[bytes]:
    """Return words as UTF-8 for a file in which white space ends a word.

    Raises:
        FormatError: a word is empty, contains white space or has no UTF-8 form.
    """
    encoded = [utf8(word) for word in words]
    for word, raw in zip(words, encoded, strict=True):
        if raw.split() != [raw]:
            raise unfit(word, f"is empty or contains white space, which ends a word in {kind}")
    return encoded


def finite_vectors(
    embeddings: Embeddings, which: Which, kind: str, words: int = 0, dimensions: int = 1
) -> NDArray[np.float32]:
    """Return the vectors for a kind of file whose readers accept neither NaN nor infinity.

    Args:
        embeddings: the model.
        which: the vectors.
        kind: what the files are called.
        words: the smallest number of words that such a file can be read with.
        dimensions: the smallest number of dimensions.

    Raises:
        FormatError: there are fewer of either, or a number is not finite.
        ConfigError: the output vectors are needed but were not kept.
    """
    vectors = embeddings.vectors(which)
    if len(vectors) < words or vectors.shape[1] < dimensions:
        raise FormatError(
            f"{len(vectors)} words of {vectors.shape[1]} dimensions cannot be read back from "
            f"{kind}, which needs at least {words} words and {dimensions} dimensions; "
            "save a model directory, which can hold them"
        )
    try:
        check_finite(f"the {which} vectors", vectors, embeddings.words)
    except ConfigError as error:
        raise FormatError(f"{kind} cannot hold these vectors: {error}") from error
    return vectors


def unfit(word: str, why: str) -> FormatError:
    """Return the error for a word that a format cannot hold."""
    return FormatError(
        f"the word {word!r} {why}; rename or remove it, "
        "or save a model directory, which can hold it"
    )
