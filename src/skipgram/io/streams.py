"""Bytes from anywhere as one kind of stream: files, standard input, URLs; plain or compressed.

What is compressed is known by its first bytes, not by its name. A connection that breaks or stalls is taken up again where it
stopped.
"""

from __future__ import annotations

import gzip
import http.client
import importlib
import io
import os
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

from skipgram.errors import CorpusError, missing_extra

STALL_SECONDS = 30.0
"""A server that sends nothing for so long has stalled."""

PAUSES = (1.0, 3.0, 9.0)
"""Seconds to wait before each new attempt to read a URL."""

_WORTH_ANOTHER_ATTEMPT = {408, 425, 429}
"""HTTP answers of the 400s that may change by themselves; those of the 500s may as well."""

_MAGIC = {
    "gzip": re.compile(rb"\x1f\x8b"),
    "bzip2": re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"),
    "xz": re.compile(rb"\xfd7zXZ\x00"),
    "zstd": re.compile(rb"\x28\xb5\x2f\xfd"),
}

_BUFFER_BYTES = 1 << 18


class Location(NamedTuple):
    """Where bytes lie.

    open_at: opens them from a position on; returns the file and where they end, 0 where that is not known.
    size: how many there are, 0 where that is not known.
    path: of a local file.
    pauses: seconds before each new attempt after a failure.
    failures: what a failure raises.
    """

    name: str
    open_at: Callable[[int], tuple[BinaryIO, int]]
    size: int = 0
    path: Path | None = None
    pauses: tuple[float, ...] = ()
    failures: tuple[type[Exception], ...] = (OSError, http.client.HTTPException)


def local(path: Path) -> Location:
    """Return the location of a file on this machine."""
    return Location(
        str(path), lambda _: (path.open("rb", buffering=0), 0), path.stat().st_size, path
    )


def standard_input() -> Location:
    """Return the location of what is piped in."""
    if sys.stdin is None:
        raise CorpusError("standard input is closed; pipe the corpus in, or name a file")
    return Location(
        "standard input", lambda _: (os.fdopen(os.dup(sys.stdin.fileno()), "rb", buffering=0), 0)
    )


def web(url: str) -> Location:
    """Return the location of an http or https URL; it is read by the standard library.

    Raises:
        CorpusError: it is no URL, or holds a password.
    """
    try:
        parts = urllib.parse.urlsplit(url)
        host = parts.hostname
    except ValueError as error:
        raise CorpusError(f"corpus {url} is no URL: {error}") from error
    if "@" in parts.netloc:
        raise CorpusError(
            f"the URL of {host} holds a name or password, which is not supported; download the file first"
        )
    if not host:
        raise CorpusError(f"corpus {url} is no URL: it names no host")
    request_url = urllib.parse.quote(url, safe="%/:=&?~#+!$,;'@()*[]")
    version: list[str | None] = []

    def open_at(position: int) -> tuple[BinaryIO, int]:
        headers = {"User-Agent": "skipgram", "Accept-Encoding": "identity"}
        if position:
            headers["Range"] = f"bytes={position}-"
        request = urllib.request.Request(request_url, headers=headers)  # noqa: S310 - the caller saw that it is http
        try:
            response = urllib.request.urlopen(request, timeout=STALL_SECONDS)  # noqa: S310
        except ValueError as error:
            raise CorpusError(f"corpus {url} is no URL: {error}") from error
        version.append(response.headers.get("ETag") or response.headers.get("Last-Modified"))
        if version[-1] != version[0]:
            raise CorpusError(f"corpus {url} changed on the server while it was read; begin again")
        begun = position if response.status == http.HTTPStatus.PARTIAL_CONTENT else 0
        end = begun + response.length if response.length is not None else 0
        while begun < position:  # the server knows no ranges
            skipped = len(response.read(min(position - begun, _BUFFER_BYTES)))
            if skipped == 0:
                raise ConnectionError(f"the connection ended after {begun:,} bytes")
            begun += skipped
        return response, end

    return Location(url, open_at, pauses=PAUSES)


def remote(url: str, filesystem: Any, path: str) -> Location:
    """Return the location of any other URL, opened by fsspec."""

    def open_at(position: int) -> tuple[BinaryIO, int]:
        file = filesystem.open(path, "rb")
        file.seek(position)
        return file, int(getattr(file, "size", 0) or 0)

    # Each of its file systems has errors of its own.
    return Location(url, open_at, pauses=PAUSES, failures=(Exception,))


class Stream(io.RawIOBase):
    """The bytes of a location in order; `position` says how many were read.

    Raises:
        CorpusError: they cannot be read, also not at another attempt.
    """

    def __init__(self, location: Location) -> None:
        super().__init__()
        self.location = location
        self.position = 0
        self._file: BinaryIO | None = None
        self._end = 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer, but at the end: whoever peeks at the beginning must see enough of it, also of a slow pipe."""
        view, filled = memoryview(buffer), 0
        while filled < len(view):
            count = self._read_patiently(view[filled:])
            if count == 0:
                break
            filled += count
        return filled

    def _read_patiently(self, buffer: memoryview) -> int:
        """Read what comes, if need be at another attempt; 0 at the end."""
        for pause in (*self.location.pauses, None):
            try:
                return self._read(buffer)
            except CorpusError:
                raise
            except self.location.failures as error:
                self._let_go()
                if pause is None or _is_final(error):
                    raise CorpusError(
                        f"corpus {self.location.name} cannot be read: {_reason(error)}"
                    ) from error
                time.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    def _read(self, buffer: Any) -> int:
        if self._file is None:
            self._file, self._end = self.location.open_at(self.position)
        count = int(cast(Any, self._file).readinto(buffer) or 0)
        if count == 0 and self.position < self._end:
            raise ConnectionError(
                f"the connection ended after {self.position:,} of {self._end:,} bytes"
            )
        self.position += count
        return count

    def _let_go(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def close(self) -> None:
        """Close what is open."""
        self._let_go()
        super().close()


def _is_final(error: Exception) -> bool:
    """Whether another attempt would come to the same."""
    if isinstance(error, urllib.error.HTTPError):
        return (
            error.code < http.HTTPStatus.INTERNAL_SERVER_ERROR
            and error.code not in _WORTH_ANOTHER_ATTEMPT
        )
    return isinstance(
        error, FileNotFoundError | PermissionError | IsADirectoryError | http.client.InvalidURL
    )


def _reason(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"the server answers {error.code} {error.reason}; check the URL"
    if isinstance(error, TimeoutError) or isinstance(getattr(error, "reason", None), TimeoutError):
        return f"the server sent nothing for {STALL_SECONDS:.0f} seconds; try again later"
    reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
    return str(reason) or type(error).__name__


def compression(first: bytes) -> str | None:
    """Return the name of the compression that begins with these bytes; None for plain content."""
    return next((kind for kind, magic in _MAGIC.items() if magic.match(first)), None)


def decompressed(stream: Stream) -> io.BufferedReader:
    """Return the bytes of a stream, decompressed if they are compressed; close it to close the stream."""
    raw: Any = io.BufferedReader(stream, _BUFFER_BYTES)
    kind = compression(raw.peek(10))
    source = (
        raw
        if kind is None
        else io.BufferedReader(_Decompressed(kind, raw, stream.location.name), _BUFFER_BYTES)
    )
    return cast(io.BufferedReader, source)


class _Decompressed(io.RawIOBase):
    """What a decompressor reads, with its errors explained.

    Raises:
        CorpusError: the file is cut off or damaged.
    """

    def __init__(self, kind: str, raw: io.BufferedReader, name: str) -> None:
        super().__init__()
        self._raw = raw
        self._kind = kind
        self._name = name
        self._file: Any = raw  # what `close` closes if the decompressor cannot be imported
        self._file, self._damages = _decompressor(kind, raw)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view, filled = memoryview(buffer), 0  # filled as by `Stream`
        try:
            while filled < len(view) and (count := self._file.readinto(view[filled:])):
                filled += count
            return filled
        except EOFError as error:
            raise CorpusError(
                f"corpus {self._name} is cut off: its {self._kind} data has no end; get the whole file again"
            ) from error
        except self._damages as error:
            raise CorpusError(
                f"corpus {self._name} is damaged: {error}; get the file again"
            ) from error

    def close(self) -> None:
        self._file.close()
        self._raw.close()
        super().close()


def _decompressor(kind: str, raw: io.BufferedReader) -> tuple[Any, tuple[type[Exception], ...]]:
    """Return a file that reads decompressed bytes, and the errors that damaged data makes."""
    if kind == "gzip":
        try:
            igzip = importlib.import_module("isal.igzip")  # twice as fast as the standard library
        except ImportError:
            return gzip.GzipFile(fileobj=raw), (OSError, zlib.error)
        return igzip.IGzipFile(fileobj=raw), (
            OSError,
            zlib.error,
            importlib.import_module("isal.isal_zlib").error,
        )
    if kind == "bzip2":
        return importlib.import_module("bz2").BZ2File(raw), (OSError, ValueError)
    if kind == "xz":
        lzma = importlib.import_module("lzma")
        return lzma.LZMAFile(raw), (lzma.LZMAError,)
    try:
        zstd = importlib.import_module(
            "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"
        )
    except ImportError as error:
        raise missing_extra("reading zstd", "data") from error
    return zstd.ZstdFile(raw), (zstd.ZstdError,)
