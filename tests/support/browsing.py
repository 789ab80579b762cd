"""A real browser for the tests of pages: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

SECONDS = 60


def chromium() -> str:
    """Return the path of Chromium; skip the test where there is none."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("needs Chromium (Debian: apt-get install chromium)")
    return path


@contextlib.contextmanager
def browsing() -> Iterator[Any]:
    """Yield a browser; other programs need not be installed."""
    executable = chromium()
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs Playwright")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()


class Page:
    """A page, and what it must not do: write errors, or ask for anything from elsewhere.

    Attributes:
        page: Playwright's page.
        problems: errors on the console, exceptions, and requests to other hosts.
    """

    def __init__(self, browser: Any, address: str, **options: Any) -> None:
        options = {
            "viewport": {"width": 1280, "height": 800},
            "reduced_motion": "reduce",
            **options,
        }
        self.context = browser.new_context(**options)
        self.context.set_default_timeout(SECONDS * 1000)
        self.page = self.context.new_page()
        self.problems: list[str] = []
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.problems.append(f"exception: {error}"))
        self.page.on("request", self._request)
        self._host = address.split("/")[2]
        self.page.goto(address)

    def _console(self, message: Any) -> None:
        # An answer with an error is a part of the page; the browser logs its status.
        if message.type == "error" and "status of 400" not in message.text:
            self.problems.append(f"console: {message.text}")

    def _request(self, request: Any) -> None:
        if not request.url.startswith((f"http://{self._host}/", "data:", "blob:", "file:")):
            self.problems.append(f"request: {request.url}")
