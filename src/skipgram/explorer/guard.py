"""Who may ask the explorer: only pages that it has served itself.

Any page that a browser shows may send requests to 127.0.0.1. So every path begins with a random
token, the host must be this server (a foreign name that resolves to 127.0.0.1 is refused), and a
request from a page of another origin is refused.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_QUERY = 16_384
"""Upper bound on the length of a query string, in bytes: a page of text in UTF-8."""

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self'; "
    "img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",  # the address holds the token
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
"""Sent with every answer. The plot library sets styles of its own, hence 'unsafe-inline'."""


class Guard:
    """Passes on the requests of the explorer's own pages, and refuses all others.

    Args:
        app: the application; it sees the path after the token.
        token: the secret part of the address.
        port: the port of the server.
    """

    def __init__(self, app: ASGIApp, token: str, port: int) -> None:
        self._app = app
        self._token = token
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            return
        refusal = self._refusal(scope)
        if refusal:
            await PlainTextResponse(*refusal, headers=HEADERS)(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        path = scope["path"].removeprefix(f"/{self._token}")
        await self._app({**scope, "path": path, "raw_path": None}, receive, send_with_headers)

    def _refusal(self, scope: Scope) -> tuple[str, int] | None:
        """Return why a request is refused, and the status; None if it is not."""
        headers = Headers(scope=scope)
        if headers.get("host") not in self._hosts:
            return "open the address that `skipgram explore` has printed, with its port\n", 403
        origin = headers.get("origin")
        if origin is not None and origin.removeprefix("http://") not in self._hosts:
            return "requests from other pages are refused\n", 403
        token = scope["path"].lstrip("/").partition("/")[0]
        if not secrets.compare_digest(token.encode(), self._token.encode()):
            return "open the address that `skipgram explore` has printed, as it is\n", 403
        if scope["method"] not in ("GET", "HEAD"):
            return "only GET is allowed\n", 405
        if len(scope["query_string"]) > MOST_QUERY:
            return f"the question is longer than {MOST_QUERY} bytes\n", 414
        return None
