"""What the formats share: files compressed or plain, replaced only by their own kind, and libraries that may be missing."""

from __future__ import annotations

import gzip
import importlib
import mmap
import os
from contextlib import contextmanager
from pathlib import Path
from tokenize import TokenError
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import numpy as np

from skipgram.errors import CorpusError, FormatError, OutputError, missing_extra
from skipgram.io.atomic import replacing_file, target_of, utf8
from skipgram.io.streams import Stream, compression, decompressed, local

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import BinaryIO

    from numpy.typing import NDArray

    from skipgram.embeddings import Embeddings, Which

Content: TypeAlias = "mmap.mmap | bytes"

_BEGINNING = 1 << 16
_GZIP_LEVEL = 6


@contextmanager
def opened(path: str | os.PathLike[str]) -> Iterator[Content]:
    """Give the content of a file: mapped into memory, or decompressed where its first bytes say that it is compressed.

    Raises:
        FormatError: the file cannot be opened, is empty, or its compression is damaged.
    """
    try:
        with Path(path).open("rb") as file:
            if file.seek(0, os.SEEK_END) == 0:  # which cannot be mapped
                raise FormatError(f"{path} is empty; give a file of vectors or a model directory")
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                yield _decompressed(path, -1) if compression(content[:10]) else content
    except OSError as error:
        raise _unreadable(path, error) from error


def beginning(path: str | os.PathLike[str]) -> bytes:
    """Return the first 64 KiB of a file, decompressed; FormatError if it cannot be read or decompressed."""
    try:
        return _decompressed(path, _BEGINNING)
    except OSError as error:
        raise _unreadable(path, error) from error


def _decompressed(path: str | os.PathLike[str], size: int) -> bytes:
    try:
        with decompressed(Stream(local(Path(path)))) as stream:
            return stream.read(size)
    except CorpusError as error:
        raise FormatError(str(error).removeprefix("corpus ")) from error


def _unreadable(path: str | os.PathLike[str], error: OSError) -> FormatError:
    return FormatError(f"cannot read {path}: {error.strerror or error}; check the path")


def check_replaceable(
    path: str | os.PathLike[str], recognised: Callable[[bytes], bool], kind: str
) -> None:
    """Refuse to replace a file of another kind: a corpus or a part of a model, named by mistake.

    Raises:
        OutputError: `path` is a file that holds something, and `recognised`, given its first bytes, does not know it.
    """
    target = target_of(path)
    try:
        if not target.is_file() or target.stat().st_size == 0:
            return  # free, or what `replacing_file` will explain
        known = recognised(beginning(path))
    except OSError:
        return
    except FormatError:
        known = False
    if not known:
        raise OutputError(
            f"will not replace {path}: it is not surely a {kind}; give another name, or remove it first"
        )


@contextmanager
def creating(path: str | os.PathLike[str], size: int) -> Iterator[BinaryIO]:
    """`replacing_file`, compressed by gzip where the name ends in .gz; the same content makes the same bytes."""
    with replacing_file(path, size) as file:
        if Path(path).suffix != ".gz":
            yield file
            return
        with gzip.GzipFile("", "wb", _GZIP_LEVEL, file, mtime=0) as packed:
            yield cast("BinaryIO", packed)


def unbroken(words: Sequence[str], kind: str) -> list[bytes]:
    """Return words as UTF-8 for a file in which white space ends a word.

    Raises:
        FormatError: a word is empty, holds white space or has no UTF-8 form.
    """
    encoded = [utf8(word) for word in words]
    for word, raw in zip(words, encoded, strict=True):
        if raw.split() != [raw]:
            raise unfit(word, f"is empty or holds white space, which ends a word in {kind}")
    return encoded


def numbered(
    embeddings: Embeddings, which: Which, kind: str, words: int = 0, dimensions: int = 1
) -> NDArray[np.float32]:
    """Return the vectors asked for, for a kind of file whose readers know neither NaN nor infinity.

    Args:
        embeddings: the words.
        which: the vectors.
        kind: what the files are called.
        words: how many such a file holds at least, to be read again.
        dimensions: how many numbers a vector has at least.

    Raises:
        FormatError: there are fewer of either, or a number is not finite.
        ConfigError: the vectors asked for were not kept.
    """
    vectors = embeddings.vectors(which)
    if len(vectors) < words or vectors.shape[1] < dimensions:
        raise FormatError(
            f"{len(vectors)} words of {vectors.shape[1]} dimensions cannot be read again from {kind}: give at least {words} of "
            f"{dimensions}, or save a model directory, which holds any"
        )
    bad = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
    if len(bad):
        raise unfit(
            embeddings.words[bad[0]],
            f"has a vector with numbers that are not finite, which no reader of {kind} takes",
        )
    return vectors


def unfit(word: str, why: str) -> FormatError:
    """Return the error for a word that a format cannot hold."""
    return FormatError(
        f"the word {word!r} {why}; rename or remove it, or save a model directory, which holds any"
    )


def array(path: str | os.PathLike[str]) -> NDArray[Any]:
    """Read a .npy file, but none that holds Python objects.

    Raises:
        FormatError: the file cannot be read or is damaged.
    """
    try:
        return cast("NDArray[Any]", np.load(path, allow_pickle=False))
    # What a damaged header is taken for.
    except (
        OSError,
        EOFError,
        ValueError,
        TypeError,
        SyntaxError,
        MemoryError,
        TokenError,
    ) as error:
        raise FormatError(
            f"{path} cannot be read as an array of NumPy: {error}; get the file again"
        ) from error


def imported(module: str, what: str, extra: str) -> Any:
    """Return a module that an extra brings; MissingExtraError, for what is to be done with it, where it is not installed."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise missing_extra(what, extra) from error
