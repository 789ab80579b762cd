"""The server of the explorer, on this machine only."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
import threading
import time
import webbrowser
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from skipgram.errors import OutputError
from skipgram.io.optional import import_optional
from skipgram.word_map import EXTRA
from skipgram.wording import reason_of

if TYPE_CHECKING:
    import uvicorn

    from skipgram.explorer.app import Pages

SECONDS_AFTER_CLOSING = 5.0
"""How long the server waits for another page after the last one is closed; reloading takes less."""

_SECONDS_OF_SHUTDOWN = 1
_SECONDS_BETWEEN_LOOKS = 0.5
_NEEDED = ("starlette", "uvicorn", "plotly")


class Serving(NamedTuple):
    """A server that is ready to run.

    Attributes:
        server: answers requests while `run` runs.
        listener: the socket of the port.
        address: the address of the page.
        pages: counts the open pages.
    """

    server: uvicorn.Server
    listener: socket.socket
    address: str
    pages: Pages

    def run(self) -> None:
        """Answer requests until the server is asked to exit, or a signal arrives."""
        with contextlib.suppress(asyncio.CancelledError):
            self.server.run(sockets=[self.listener])


def serve(
    paths: Sequence[Path], port: int, announce: Callable[[str], None], *, browser: bool
) -> None:
    """Serve the explorer until it is interrupted.

    Args:
        paths: one model or two; see `Shown`.
        port: the port; 0 for a free one.
        announce: called with the address, when it can be opened.
        browser: open the address in a browser, and end when its last page is closed.

    Raises:
        FormatError: a model cannot be read.
        MissingExtraError: a package is not installed.
        OutputError: the port is not free.
    """
    with opened(paths, port) as serving:
        announce(serving.address)
        if browser:
            # Some browsers return only when they are closed.
            address = (serving.address,)
            threading.Thread(target=webbrowser.open, args=address, daemon=True).start()
            threading.Thread(target=_end_after_closing, args=(serving,), daemon=True).start()
        serving.run()


@contextlib.contextmanager
def opened(paths: Sequence[Path], port: int) -> Iterator[Serving]:
    """Yield a server for the models; arguments and errors as for `serve`."""
    for name in _NEEDED:
        import_optional(name, "the explorer", EXTRA)
    import uvicorn

    from skipgram.explorer.app import Explorer, Pages
    from skipgram.explorer.guard import Guard
    from skipgram.explorer.layouts import Layouts
    from skipgram.explorer.shown import Shown

    pages, layouts = Pages(), Layouts()
    explorer = Explorer([Shown(path) for path in paths], layouts, pages)
    with contextlib.closing(_listen(port)) as listener, contextlib.closing(layouts):
        taken, token = listener.getsockname()[1], secrets.token_urlsafe(16)
        config = uvicorn.Config(
            Guard(explorer.app(), token, taken),
            lifespan="off",
            log_level="critical",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=_SECONDS_OF_SHUTDOWN,
        )
        address = f"http://127.0.0.1:{taken}/{token}/"
        yield Serving(uvicorn.Server(config), listener, address, pages)


def _listen(port: int) -> socket.socket:
    """Return a socket that listens on this machine only."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        listener.close()
        raise OutputError(
            f"cannot listen on port {port}: {reason_of(error)}; choose another --port, or 0 for a "
            "free one"
        ) from error
    listener.listen()
    return listener


def _end_after_closing(serving: Serving) -> None:
    """End the server some seconds after its last page was closed."""
    closed_since: float | None = None
    while not serving.server.should_exit:
        time.sleep(_SECONDS_BETWEEN_LOOKS)
        if serving.pages.open or not serving.pages.seen:
            closed_since = None
            continue
        closed_since = closed_since or time.monotonic()
        if time.monotonic() - closed_since > SECONDS_AFTER_CLOSING:
            serving.server.should_exit = True
