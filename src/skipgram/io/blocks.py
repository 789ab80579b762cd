"""Text in blocks of bytes that end between words."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from skipgram.errors import ReadError

BLOCK_BYTES = 1 << 20
"""Bytes of a block: a few fit in the cache, and passing one to a thread costs far less than
scanning it."""

_WHITE_SPACE = (b"\n", b" ", b"\t", b"\r", b"\v", b"\f")
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass
class Dropped:
    """What reading a corpus left out.

    Attributes:
        rows_without_value: rows of a table that miss an item, its group or its place.
    """

    rows_without_value: int = 0


def read_blocks(
    file: io.BufferedReader, name: str, *, whole_lines: bool = False
) -> Iterator[bytes]:
    """Yield the bytes of a file as blocks that end between words, or between lines."""
    pieces = [file.read(BLOCK_BYTES).removeprefix(BYTE_ORDER_MARK)]
    while more := file.read(BLOCK_BYTES):
        end = more.rfind(b"\n") + 1 if whole_lines else _last_border(more)
        if end == 0:  # a word longer than a block
            pieces.append(more)
            continue
        yield checked(b"".join([*pieces, more[:end]]), name)
        pieces = [more[end:]]
    last = b"".join(pieces)
    yield checked(last if last.endswith(b"\n") else last + b"\n", name)


def checked(block: bytes, name: str) -> bytes:
    """Return the block; ReadError, naming the file, if it is not text."""
    if b"\0" in block:
        raise ReadError(
            name, "holds NUL bytes: it is binary, or text that is not UTF-8; convert it to UTF-8"
        )
    return block


def _last_border(block: bytes) -> int:
    """Return where to cut: after the last line end, else after the last white space, else 0."""
    line_end = block.rfind(b"\n") + 1
    return line_end or max(block.rfind(space) for space in _WHITE_SPACE) + 1


def lines_of(blocks: Iterable[bytes]) -> Iterator[str]:
    """Yield the lines of blocks, without line ends; bytes that are not UTF-8 become surrogates."""
    begun: list[bytes] = []
    for block in blocks:
        *whole, rest = block.split(b"\n")
        for line in whole:
            yield b"".join([*begun, line]).decode("utf-8", "surrogateescape").removesuffix("\r")
            begun = []
        begun.append(rest)
