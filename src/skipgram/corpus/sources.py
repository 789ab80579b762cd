"""Where the corpus lies: from locations to blocks of bytes that end between words.

A block is what the scan works on. It ends with white space (a line end where one is near), the last block of each file with
a line end, so no word and no sentence is cut by the way it was read. Other kinds of source only have to yield such blocks.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from skipgram.errors import CorpusError

BLOCK_BYTES = 1 << 20
"""Small enough that a few stay in the cache, large enough that handing one to a thread costs nothing beside scanning it."""

_WHITE_SPACE = (b"\n", b" ", b"\t", b"\r", b"\v", b"\f")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_COMPRESSED = {
    "gzip": re.compile(rb"\x1f\x8b"),
    "bzip2": re.compile(rb"BZh[1-9]1AY&SY"),
    "xz": re.compile(rb"\xfd7zXZ\x00"),
    "zstd": re.compile(rb"\x28\xb5\x2f\xfd"),
}


def check_files(paths: Sequence[Path]) -> int:
    """Return the total size in bytes of the text files.

    Raises:
        CorpusError: a path is missing, is not a file, cannot be read or is empty; all together hold nothing.
    """
    if not paths:
        raise CorpusError("no corpus was given; name at least one text file")
    total = 0
    for path in paths:
        if not os.path.exists(path):  # noqa: PTH110 - Path.exists raises where the name is too long
            name = str(path) if len(str(path)) < 100 else f"{str(path)[:100]}..."
            raise CorpusError(f"corpus file {name} does not exist; a string names a file, sentences are lists of words")
        if path.is_dir():
            raise CorpusError(f"corpus {path} is a directory; name the text files in it, as in {path}/*.txt")
        if not os.access(path, os.R_OK):
            raise CorpusError(f"corpus file {path} cannot be read: permission denied")
        total += path.stat().st_size
    if total == 0 and all(path.is_file() for path in paths):
        raise CorpusError(f"corpus file {', '.join(map(str, paths))} is empty")
    return total


def read_blocks(paths: Sequence[Path]) -> Iterator[bytes]:
    """Yield the bytes of text files, in order, as blocks that end between words."""
    for path in paths:
        try:
            yield from _read_file(path)
        except OSError as error:
            raise CorpusError(f"corpus file {path} cannot be read: {error.strerror}") from error


def _read_file(path: Path) -> Iterator[bytes]:
    with path.open("rb", buffering=0) as file:
        rest = file.read(BLOCK_BYTES)
        for kind, magic in _COMPRESSED.items():
            if magic.match(rest):
                raise CorpusError(f"corpus file {path} is {kind}-compressed; decompress it first")
        pieces = [rest.removeprefix(_BYTE_ORDER_MARK)]
        while more := file.read(BLOCK_BYTES):
            end = _last_border(more)
            if end == 0:  # a word longer than a block
                pieces.append(more)
                continue
            yield _checked(b"".join([*pieces, more[:end]]), path)
            pieces = [more[end:]]
        yield _checked(b"".join([*pieces, b"\n"]), path)


def _checked(block: bytes, path: Path) -> bytes:
    if b"\0" in block:
        raise CorpusError(
            f"corpus file {path} holds NUL bytes: it is binary, or text that is not UTF-8; convert it to UTF-8 first"
        )
    return block


def _last_border(block: bytes) -> int:
    """Return where to cut: behind the last line end, else behind the last white space, else 0."""
    line_end = block.rfind(b"\n") + 1
    return line_end or max(block.rfind(space) for space in _WHITE_SPACE) + 1
