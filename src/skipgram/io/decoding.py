"""Text in any encoding as UTF-8."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

from skipgram.encodings import UTF_8, guess_wide, marked

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_BLOCK_BYTES = 1 << 20
_SAMPLE_BYTES = 1 << 12


def _mark_undecodable(error: UnicodeError) -> tuple[str, int]:
    r"""Replace bytes that do not decode by a lone surrogate, which is not valid in UTF-8.

    Bytes kept as they are ("surrogateescape") could join others to a valid character.
    """
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "\udcff", error.end


codecs.register_error("skipgram.undecodable", _mark_undecodable)


def as_utf8(file: io.BufferedReader, encoding: str) -> io.BufferedReader:
    """Return a file that is open at its beginning as UTF-8; the same file if it is that already.

    A byte order mark decides its encoding. Bytes that do not decode become bytes that are not
    UTF-8.
    """
    first = file.peek(_SAMPLE_BYTES)[:_SAMPLE_BYTES]
    encoding = marked(first) or _with_byte_order(encoding, first)
    return file if encoding == UTF_8 else file_of(_decoded_blocks(file, encoding))


def _with_byte_order(encoding: str, first: bytes) -> str:
    """Return the encoding, with its byte order if the decoder needs one."""
    if encoding not in ("utf-16", "utf-32"):
        return encoding
    found = guess_wide(first) or ""
    return found if found.startswith(encoding) else f"{encoding}-le"


def is_decoded(file: io.BufferedReader) -> bool:
    """Whether the bytes of a file have other places than those that are stored."""
    return isinstance(file.raw, _Blocks)


def _decoded_blocks(file: io.BufferedReader, encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)("skipgram.undecodable")
    while more := file.read(_BLOCK_BYTES):
        yield decoder.decode(more).encode("utf-8", "surrogatepass")
    yield decoder.decode(b"", final=True).encode("utf-8", "surrogatepass")


def file_of(blocks: Iterator[bytes]) -> io.BufferedReader:
    """Return blocks of bytes as a file."""
    return io.BufferedReader(_Blocks(blocks), _BLOCK_BYTES)


class _Blocks(io.RawIOBase):
    def __init__(self, blocks: Iterator[bytes]) -> None:
        super().__init__()
        self._blocks = blocks
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer)
        while not self._rest:
            block = next(self._blocks, None)
            if block is None:
                return 0
            self._rest = memoryview(block)
        count = min(len(view), len(self._rest))
        view[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count
