"""The explorer on a thread of the test, and requests to it."""

from __future__ import annotations

import contextlib
import http.client
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from skipgram.explorer.server import Serving, opened


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


class Client:
    """Sends requests to a running explorer."""

    def __init__(self, serving: Serving) -> None:
        self.serving = serving
        parts = urlsplit(serving.address)
        self.host, self.base = parts.netloc, parts.path

    def get(self, path: str, method: str = "GET", **headers: str) -> Reply:
        """Return the reply to a path after the token."""
        return self.raw(self.base + path, method, **headers)

    def raw(self, path: str, method: str = "GET", **headers: str) -> Reply:
        """Return the reply to a path as it is."""
        connection = http.client.HTTPConnection(self.host, timeout=60)
        with contextlib.closing(connection):
            connection.request(method, path, headers=headers)
            reply = connection.getresponse()
            text = reply.read().decode()
            return Reply(reply.status, {key.lower(): v for key, v in reply.getheaders()}, text)

    def ask(self, name: str, status: int = 200, **parameters: object) -> Any:
        """Return the answer to a question, as the page would get it."""
        reply = self.get(f"api/{name}?{urlencode(parameters)}")
        assert reply.status == status, reply
        return reply.json


@contextlib.contextmanager
def explored(*paths: Path) -> Iterator[Client]:
    """Run the explorer while the context lasts."""
    with opened(paths, 0) as serving:
        thread = threading.Thread(target=serving.run)
        thread.start()
        try:
            yield Client(serving)
        finally:
            serving.server.should_exit = True
            thread.join(30)
            assert not thread.is_alive()
