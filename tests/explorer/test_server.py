"""The server of the explorer: its port, its end."""

from __future__ import annotations

import http.client
import signal
import subprocess
import sys
import threading
import time
import webbrowser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from explored import explored

from skipgram.errors import FormatError, MissingExtraError, OutputError
from skipgram.explorer import server


def test_the_address(planted_model: Path) -> None:
    with explored(planted_model) as one, explored(planted_model) as other:
        parts = urlsplit(one.serving.address)
        assert parts.hostname == "127.0.0.1"
        assert len(parts.path) > 20
        assert one.host != other.host
        assert one.base != other.base
        with (
            pytest.raises(OutputError, match=rf"port {parts.port}: .*choose another --port, or 0"),
            server.opened([planted_model], parts.port or 0),
        ):
            pass


def test_a_model_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(FormatError), server.opened([tmp_path / "missing"], 0):
        pass


def test_a_package_that_is_missing(planted_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "starlette", None)
    with (
        pytest.raises(MissingExtraError, match=r"the explorer needs .* install .*\[explore\]"),
        server.opened([planted_model], 0),
    ):
        pass


def test_it_ends_when_the_last_page_is_closed(
    planted_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def visit(address: str) -> None:
        parts = urlsplit(address)
        for _ in range(2):  # a page that is loaded again
            connection = http.client.HTTPConnection(parts.netloc, timeout=30)
            connection.request("GET", f"{parts.path}api/events")
            reply = connection.getresponse()
            reply.fp.readline()
            reply.close()
            connection.close()

    monkeypatch.setattr(webbrowser, "open", visit)
    monkeypatch.setattr(server, "SECONDS_AFTER_CLOSING", 1.0)
    seen: list[str] = []
    options: Any = {"browser": True}
    thread = threading.Thread(
        target=server.serve, args=([planted_model], 0, seen.append), kwargs=options
    )
    thread.start()
    thread.join(60)
    assert not thread.is_alive()
    assert seen[0].startswith("http://127.0.0.1:")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_one_line(planted_model: Path, number: int) -> None:
    command = [sys.executable, "-m", "skipgram", "explore", str(planted_model), "--no-browser"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        address = process.stdout.readline()
        assert address.endswith("/  (Ctrl-C to stop)\n")
        time.sleep(0.5)
        process.send_signal(number)
        assert process.wait(60) == 128 + number
        assert "Traceback" not in process.stderr.read()
