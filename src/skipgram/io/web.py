"""Files on web servers, read by the standard library.

A server that sends nothing, or hardly anything, is given up, while its headers are read too.
Redirects lead to other http and https URLs only.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import re
import socket
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from typing import IO, TYPE_CHECKING, Any

from skipgram.errors import ReadError
from skipgram.io.streams import PAUSES, Location, Source

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

STALL_SECONDS = 30.0
"""A server that sends nothing for this long has stalled."""

DRIP_SECONDS, DRIP_BYTES = 60.0, 1024
"""A server that sends fewer bytes while it is waited for this long will not finish."""

_SCHEMES = ("http", "https")
_BUFFER_BYTES = 1 << 16
_RANGE = re.compile(r"bytes (\d+)-")


def web(url: str) -> Location:
    """Return the location of an http or https URL.

    Raises:
        ReadError: the URL is malformed or contains a password.
    """
    try:
        parts = urllib.parse.urlsplit(url)
        host = parts.hostname
    except ValueError as error:
        raise ReadError(url, f"is not a valid URL: {error}") from error
    if "@" in parts.netloc:
        raise ReadError(
            f"{parts.scheme}://{host}",
            "contains a user name or password, which is not supported; download the file first",
        )
    if not host:
        raise ReadError(url, "is not a valid URL: it has no host name")
    return Location(url, _WebFile(url).open_at, pauses=PAUSES)


class _WebFile:
    """A file on a web server, opened at any position; its version must stay the same."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._quoted = urllib.parse.quote(url, safe="%/:=&?~#+!$,;'@()*[]")
        self._versions: list[str | None] = []

    def open_at(self, position: int) -> tuple[Source, int]:
        headers = {"User-Agent": "skipgram", "Accept-Encoding": "identity"}
        if position:
            headers["Range"] = f"bytes={position}-"
        # S310: `locations` passes only http and https.
        request = urllib.request.Request(self._quoted, headers=headers)  # noqa: S310
        try:
            response = _opener().open(request, timeout=STALL_SECONDS)
        except urllib.error.HTTPError as error:
            error.close()  # it holds the connection
            raise
        except urllib.error.URLError as error:
            if isinstance(error.reason, TimeoutError):
                raise _stalled() from error
            raise
        except ValueError as error:
            raise ReadError(self._url, f"is not a valid URL: {error}") from error
        with contextlib.ExitStack() as on_error:
            on_error.callback(response.close)
            self._check_version(response)
            begun = self._begin_of(response, position)
            end = begun + response.length if response.length is not None else 0
            _skip(response, begun, position)
            response.moved_to = "" if response.url == request.full_url else response.url
            on_error.pop_all()
        return response, end

    def _check_version(self, response: http.client.HTTPResponse) -> None:
        self._versions.append(response.headers.get("ETag") or response.headers.get("Last-Modified"))
        if self._versions[-1] != self._versions[0]:
            raise ReadError(self._url, "changed on the server while it was being read; start again")

    def _begin_of(self, response: http.client.HTTPResponse, position: int) -> int:
        """Return the position of the first byte of an answer."""
        if response.status != http.HTTPStatus.PARTIAL_CONTENT:
            return 0
        sent = response.headers.get("Content-Range", "")
        found = _RANGE.match(sent)
        if found and int(found[1]) != position:
            raise ReadError(
                self._url,
                f"cannot be read: the server was asked for the bytes from {position:,} on, and "
                f"answered with {sent}; download the file first",
            )
        return position


def _skip(response: http.client.HTTPResponse, begun: int, position: int) -> None:
    """Read on to a position; a server without ranges sends the file from its beginning."""
    while begun < position:
        skipped = len(response.read(min(position - begun, _BUFFER_BYTES)))
        if skipped == 0:
            raise ConnectionError(f"the connection ended after {begun:,} bytes")
        begun += skipped


def _stalled() -> TimeoutError:
    return TimeoutError(f"the server sent nothing for {STALL_SECONDS:.0f} seconds; try again later")


class _Paced(io.RawIOBase):
    """What a server sends, as long as it sends enough. Time between two reads does not count."""

    def __init__(self, raw: io.RawIOBase) -> None:
        super().__init__()
        self._raw = raw
        self._waited = 0.0
        self._received = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        started = time.monotonic()
        try:
            count: int | None = self._raw.readinto(buffer)
        except TimeoutError as error:
            raise _stalled() from error
        self._waited += time.monotonic() - started
        self._received += count or 0
        if self._received >= DRIP_BYTES:
            self._waited, self._received = 0.0, 0
        elif count and self._waited > DRIP_SECONDS:
            raise TimeoutError(
                f"the server sent only {self._received:,} bytes in {self._waited:.0f} seconds; "
                "try again later"
            )
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    """An answer whose headers and body are both read from a `_Paced` connection."""

    def __init__(
        self,
        sock: socket.socket,
        debuglevel: int = 0,
        method: str | None = None,
        url: str | None = None,
    ) -> None:
        super().__init__(sock, debuglevel, method, url)
        raw = self.fp.detach()
        self.fp = io.BufferedReader(_Paced(raw), _BUFFER_BYTES)


class _Pacing(urllib.request.AbstractHTTPHandler):
    """Makes answers of the connections of a handler."""

    def do_open(self, http_class: Any, req: Any, **options: Any) -> Any:  # noqa: ANN401
        def connection(host: str, **more: Any) -> http.client.HTTPConnection:  # noqa: ANN401
            made: http.client.HTTPConnection = http_class(host, **more)
            made.response_class = _Response
            return made

        return super().do_open(connection, req, **options)


class _Http(_Pacing, urllib.request.HTTPHandler):
    pass


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects, but not to ftp, which the standard library would."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        if urllib.parse.urlsplit(newurl).scheme not in _SCHEMES:
            raise ReadError(
                req.full_url,
                f"cannot be read: the server redirects to {newurl}, which is not http or https; "
                "download the file first",
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener() -> urllib.request.OpenerDirector:
    handlers: list[Callable[[], urllib.request.BaseHandler]] = [_Http, _Redirects]
    if secure := getattr(urllib.request, "HTTPSHandler", None):  # a Python without ssl lacks it
        handlers.append(type("_Https", (_Pacing, secure), {}))
    return urllib.request.build_opener(*[each() for each in handlers])
