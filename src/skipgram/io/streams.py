"""Bytes from anywhere as one kind of stream: files, standard input, URLs; plain or compressed.

Compression is recognised by the first bytes, not by the name. After a broken or stalled connection,
reading resumes where it stopped. Errors are neutral (`ReadError`): streams do not know what the
bytes are for.
"""

from __future__ import annotations

import functools
import gzip
import http.client
import io
import os
import re
import sys
import time
import urllib.error
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from skipgram.errors import ReadError
from skipgram.io.growing import LocalFile
from skipgram.io.optional import import_if_installed, import_optional
from skipgram.wording import reason_of

if TYPE_CHECKING:
    from lzma import LZMADecompressor

    from _typeshed import WriteableBuffer
    from fsspec import AbstractFileSystem

PAUSES = (1.0, 3.0, 9.0)
"""Seconds to wait before each new attempt to read a URL."""

STANDARD_INPUT = "standard input"

_WORTH_ANOTHER_ATTEMPT = {408, 425, 429}
"""The 4xx answers of a server that may be temporary, as every 5xx may be."""

_FINAL = (FileNotFoundError, PermissionError, IsADirectoryError, http.client.InvalidURL)
"""Exceptions after which another attempt would fail again."""

_MAGIC = {
    "gzip": re.compile(rb"\x1f\x8b"),
    "bzip2": re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"),
    "xz": re.compile(rb"\xfd7zXZ\x00"),
    "zstd": re.compile(rb"\x28\xb5\x2f\xfd"),
}
_ZSTD = "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"

_BUFFER_BYTES = 1 << 18

XZ_MEMORY = 1 << 27
"""The most memory for decompressing xz, as for zstd; `xz -9` needs half of it. A file of a few
bytes may ask for 4 GB."""


class Source(Protocol):
    """The part of a binary file that streams use."""

    def readinto(self, buffer: WriteableBuffer, /) -> int | None:
        """Read into a buffer; return how many bytes, 0 at the end."""

    def close(self) -> None:
        """Close the file."""


class Location(NamedTuple):
    """Where bytes are, and how to open them.

    Attributes:
        name: as shown in messages.
        open_at: opens the bytes at a position; returns the file and the position of its end, or 0
            if that is unknown.
        size: how many bytes there are, or 0 if that is unknown.
        path: the path of a local file.
        pauses: seconds to wait before each new attempt after a failure.
        failures: the exceptions that a failure raises.
        found: whether it was found in a directory, rather than named.
    """

    name: str
    open_at: Callable[[int], tuple[Source, int]]
    size: int = 0
    path: Path | None = None
    pauses: tuple[float, ...] = ()
    failures: tuple[type[Exception], ...] = (OSError, http.client.HTTPException)
    found: bool = False


def local(path: Path) -> Location:
    """Return the location of a file on this machine."""

    def open_at(_: int) -> tuple[Source, int]:
        return LocalFile(path), 0

    return Location(str(path), open_at, path.stat().st_size, path)


def standard_input() -> Location:
    """Return the location of standard input."""
    if sys.stdin is None:
        raise ReadError(STANDARD_INPUT, "is closed; pipe text in, or name a file")

    def open_at(_: int) -> tuple[Source, int]:
        return os.fdopen(os.dup(sys.stdin.fileno()), "rb", buffering=0), 0

    return Location(STANDARD_INPUT, open_at)


def remote(url: str, filesystem: AbstractFileSystem, path: str) -> Location:
    """Return the location of any other URL, which fsspec opens."""

    def open_at(position: int) -> tuple[Source, int]:
        file = filesystem.open(path, "rb")
        file.seek(position)
        return file, int(getattr(file, "size", 0) or 0)

    # Each file system of fsspec has its own exceptions.
    return Location(url, open_at, pauses=PAUSES, failures=(Exception,))


class Stream(io.RawIOBase):
    """The bytes of a location in order.

    Attributes:
        position: how many bytes have been read.
        moved_to: the URL to which a server redirected; "" for none.

    Raises:
        ReadError: the bytes cannot be read, even at another attempt.
    """

    def __init__(self, location: Location) -> None:
        super().__init__()
        self.location = location
        self.position = 0
        self.moved_to = ""
        self._file: Source | None = None
        self._end = 0

    @property
    def size(self) -> int:
        """How many bytes there are; 0 if unknown. A server tells it when the file is opened."""
        return self.location.size or self._end

    def check(self) -> bool:
        """Check that a file on this machine has not changed; return whether it has grown."""
        if not isinstance(self._file, LocalFile):
            return False
        self._file.check()
        return self._file.has_grown

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill the whole buffer except at the end, so that peeking works on a slow pipe too."""
        view, filled = memoryview(buffer), 0
        while filled < len(view):
            count = self._read_patiently(view[filled:])
            if count == 0:
                break
            filled += count
        return filled

    def _read_patiently(self, buffer: memoryview) -> int:
        """Read what is available, with new attempts after failures; 0 at the end."""
        for pause in (*self.location.pauses, None):
            try:
                return self._read(buffer)
            except ReadError:
                raise
            except self.location.failures as error:
                self._close_file()
                if pause is None or _is_final(error):
                    message = f"cannot be read: {_reason(error, self.location)}"
                    raise ReadError(self.location.name, message) from error
                time.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    def _read(self, buffer: memoryview) -> int:
        if self._file is None:
            self._file, self._end = self.location.open_at(self.position)
            self.moved_to = getattr(self._file, "moved_to", "")
        count = self._file.readinto(buffer) or 0
        if count == 0 and self.position < self._end:
            raise ConnectionError(
                f"the connection ended after {self.position:,} of {self._end:,} bytes"
            )
        self.position += count
        return count

    def _close_file(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def close(self) -> None:
        """Close the stream and its file."""
        self._close_file()
        super().close()


def _is_final(error: Exception) -> bool:
    """Whether another attempt would fail again."""
    if isinstance(error, urllib.error.HTTPError):
        temporary = error.code >= http.HTTPStatus.INTERNAL_SERVER_ERROR
        return not temporary and error.code not in _WORTH_ANOTHER_ATTEMPT
    return isinstance(error, _FINAL)


def _reason(error: Exception, location: Location) -> str:
    if location.path is not None:
        return f"{reason_of(error)}; check the path"
    if isinstance(error, urllib.error.HTTPError):
        return f"the server answered {error.code} {error.reason}; check the URL"
    reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
    return str(reason) or type(error).__name__


def compression(first: bytes) -> str | None:
    """Return the name of the compression that begins with these bytes; None for plain content."""
    return next((kind for kind, magic in _MAGIC.items() if magic.match(first)), None)


def decompressed(stream: Stream) -> io.BufferedReader:
    """Return the bytes of a stream, decompressed if need be; close it to close the stream."""
    raw: io.BufferedReader = io.BufferedReader(stream, _BUFFER_BYTES)
    kind = compression(raw.peek(10))
    if kind is None:
        return raw
    return io.BufferedReader(_Decompressed(kind, raw, stream.location.name), _BUFFER_BYTES)


class _Decompressed(io.RawIOBase):
    """The output of a decompressor, with its errors explained.

    Raises:
        ReadError: the file is cut off or damaged.
    """

    def __init__(self, kind: str, raw: io.BufferedReader, name: str) -> None:
        super().__init__()
        self._raw = raw
        self._kind = kind
        self._name = name
        # Until there is a decompressor, so that `close` works if it cannot be imported.
        self._file: io.BufferedIOBase = raw
        self._file, self._damages = _decompressor(kind, raw)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view, filled = memoryview(buffer), 0  # the whole buffer, as `Stream` does
        try:
            while filled < len(view) and (count := self._file.readinto(view[filled:])):
                filled += count
            return filled
        except EOFError as error:
            raise ReadError(
                self._name,
                f"is cut off: its {self._kind} data is incomplete; get a complete copy",
            ) from error
        except self._damages as error:
            if "emory" in str(error):  # of xz and zstd alike
                raise ReadError(
                    self._name,
                    f"needs more than {XZ_MEMORY >> 20} MiB of memory while its {self._kind} data "
                    "is decompressed; decompress it first",
                ) from error
            raise ReadError(self._name, f"is damaged: {error}; get a new copy") from error

    def close(self) -> None:
        self._file.close()
        self._raw.close()
        super().close()


def _decompressor(
    kind: str, raw: io.BufferedReader
) -> tuple[io.BufferedIOBase, tuple[type[Exception], ...]]:
    """Return a file that reads decompressed bytes, and the exceptions that damaged data raises."""
    if kind == "gzip":
        return _gunzip(raw)
    # bz2 and lzma are imported late: a Python built without their C libraries lacks them.
    if kind == "bzip2":
        import bz2

        return bz2.BZ2File(raw), (OSError, ValueError)
    if kind == "xz":
        import lzma

        unpack = functools.partial(lzma.LZMADecompressor, lzma.FORMAT_XZ, XZ_MEMORY)
        return io.BufferedReader(_Unpacked(raw, unpack)), (lzma.LZMAError,)
    zstd = import_optional(_ZSTD, "reading zstd", "skipgram[data]")
    return zstd.ZstdFile(raw), (zstd.ZstdError,)


class _Unpacked(io.RawIOBase):
    """The output of a file of xz streams, one after the other. `lzma.LZMAFile` has no limit."""

    def __init__(self, raw: io.BufferedReader, unpack: Callable[[], LZMADecompressor]) -> None:
        super().__init__()
        self._raw = raw
        self._unpack = unpack
        self._decompressor = unpack()
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer)
        while True:
            if self._decompressor.eof:
                self._rest = self._decompressor.unused_data.lstrip(b"\0")  # padding
                while not self._rest:
                    more = self._raw.read1()
                    if not more:
                        return 0
                    self._rest = more.lstrip(b"\0")
                self._decompressor = self._unpack()
            elif self._decompressor.needs_input and not self._rest:
                self._rest = self._raw.read1()
                if not self._rest:
                    raise EOFError
            data, self._rest = self._rest, b""
            if found := self._decompressor.decompress(data, len(view)):
                view[: len(found)] = found
                return len(found)


def _gunzip(raw: io.BufferedReader) -> tuple[io.BufferedIOBase, tuple[type[Exception], ...]]:
    isal = import_if_installed("isal.igzip")  # twice as fast as the standard library
    zlib_of_isal = import_if_installed("isal.isal_zlib")
    if isal is None or zlib_of_isal is None:
        return gzip.GzipFile(fileobj=raw), (OSError, zlib.error)
    # OverflowError: the name in the header is longer than its buffer.
    damages = (OSError, OverflowError, zlib.error, zlib_of_isal.error)
    return isal.IGzipFile(fileobj=raw), damages
