"""URLs of a local server, which answers, breaks off, stalls, drips, redirects or reports an error.

The tests read whole corpora, so they also show that errors are raised as CorpusError.
"""

from __future__ import annotations

import contextlib
import gzip
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from skipgram.config import CorpusConfig
from skipgram.corpus.build import encode_corpus
from skipgram.corpus.sources import Reading
from skipgram.errors import CorpusError, ReadError
from skipgram.io import web
from skipgram.io.streams import Stream

TEXT = b"\n".join(
    b" ".join(b"w%d" % n for n in row)
    for row in np.random.default_rng(1).integers(0, 500, (20_000, 8))
)


class Handler(BaseHTTPRequestHandler):
    """Answers by path.

    `script` says what happens at the nth request of a path: how many bytes to send before breaking
    off, "stall", or the number of an error.
    """

    protocol_version = "HTTP/1.1"
    content: ClassVar[dict[str, bytes]] = {}
    script: ClassVar[dict[str, list[Any]]] = {}
    ranges = True
    lies = False
    versions: ClassVar[list[str]] = []
    requests: ClassVar[list[tuple[str, str | None]]] = []

    def do_GET(self) -> None:
        asked = self.headers.get("Range")
        self.requests.append((self.path, asked))
        if self.path not in self.content:
            self.send_error(int(self.path.strip("/")) if self.path.strip("/").isdigit() else 404)
            return
        body, begin = self.content[self.path], 0
        if asked and self.ranges:
            begin = int(asked.removeprefix("bytes=").rstrip("-"))
        step = self.script.get(self.path, [])
        now = step.pop(0) if step else None
        if isinstance(now, int) and now >= 400:
            self.send_error(now)
            return
        if isinstance(now, str) and "://" in now:
            self.send_response(302)
            self.send_header("Location", now)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if now == "drip headers":
            self.drip(b"HTTP/1.1 200 OK\r\nServer: " + b"x" * 200)
            return
        self.send_response(206 if begin else 200)
        self.send_header("Content-Length", str(len(body) - begin))
        if self.lies:
            self.send_header("Content-Range", f"bytes 5-{len(body) - 1}/{len(body)}")
        if self.versions:
            self.send_header("ETag", self.versions.pop(0))
        self.end_headers()
        try:
            if now == "stall":
                self.wfile.write(body[begin : begin + 100])
                self.wfile.flush()
                time.sleep(3)
            elif now == "drip":
                self.drip(body[begin:])
            elif isinstance(now, str):
                self.wfile.write(body[begin : begin + int(now)])
            else:
                self.wfile.write(body[begin:])
        except (BrokenPipeError, ConnectionResetError):
            pass
        self.close_connection = True

    def drip(self, content: bytes) -> None:
        with contextlib.suppress(OSError):
            for byte in content[:200]:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(0.03)
        self.close_connection = True

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(web, "PAUSES", (0.0, 0.0))
    monkeypatch.setattr(web, "STALL_SECONDS", 0.5)
    Handler.content = {"/text": TEXT, "/text.gz": gzip.compress(TEXT)}
    Handler.script = {}
    Handler.ranges, Handler.lies = True, False
    Handler.requests, Handler.versions = [], []
    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    running.server_close()
    thread.join()


@pytest.fixture(scope="module")
def fingerprint(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("text") / "text"
    path.write_bytes(TEXT)
    with encode_corpus(path) as corpus:
        return corpus.fingerprint


def read(corpus: Any, **options: Any) -> str:
    with encode_corpus(Reading(corpus, CorpusConfig(**options)), threads=2) as encoded:
        return encoded.fingerprint


@pytest.mark.parametrize("path", ["/text", "/text.gz"])
def test_a_url_is_read(server: str, path: str, fingerprint: str) -> None:
    assert read(server + path) == fingerprint
    assert len(Handler.requests) == 1


@pytest.mark.parametrize("path", ["/text", "/text.gz"])
@pytest.mark.parametrize("ranges", [True, False])
@pytest.mark.parametrize("happens", [["50000", "20"], ["stall", "1000"], [503, "0"]])
def test_reading_resumes_after_a_broken_connection(
    server: str, path: str, ranges: bool, happens: list[Any], fingerprint: str
) -> None:
    Handler.script, Handler.ranges = {path: list(happens)}, ranges
    assert read(server + path) == fingerprint
    assert len(Handler.requests) == 3


def test_a_server_that_always_stalls(server: str) -> None:
    Handler.script = {"/text": ["stall"] * 9}
    with pytest.raises(
        CorpusError, match=f"{server}/text cannot be read: the server sent nothing for 0 seconds"
    ):
        read(server + "/text")
    Handler.script = {"/text": ["0"] * 9}
    with pytest.raises(CorpusError, match="the connection ended after"):
        read(server + "/text")


@pytest.mark.parametrize(("code", "requests"), [(404, 1), (403, 1), (500, 3), (429, 3)])
def test_an_error_of_the_server(server: str, code: int, requests: int) -> None:
    with pytest.raises(CorpusError, match=f"/{code} cannot be read: the server answered {code}"):
        read(f"{server}/{code}")
    assert len(Handler.requests) == requests


def test_no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "PAUSES", (0.0,))
    with pytest.raises(CorpusError, match=r"127.0.0.1:9/text cannot be read: .*refused"):
        read("http://127.0.0.1:9/text")


def test_parquet_from_a_url(server: str, tmp_path: Path, fingerprint: str) -> None:
    pq.write_table(pa.table({"text": TEXT.decode().split("\n")}), tmp_path / "a.parquet")
    Handler.content["/a.parquet"] = (tmp_path / "a.parquet").read_bytes()
    assert read(server + "/a.parquet", column="text") == fingerprint


def test_several_urls_and_files(server: str, tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes(TEXT)
    with encode_corpus([f"{server}/text", tmp_path / "text", f"{server}/text.gz"]) as corpus:
        assert corpus.report.raw_words == 3 * 160_000


@pytest.mark.parametrize("count", [1, 2])
def test_the_scan_of_urls_knows_their_size_once_the_last_is_open(server: str, count: int) -> None:
    seen: list[tuple[int, int, str]] = []
    urls = [f"{server}/text"] * count
    with encode_corpus(urls, progress=lambda *progress: seen.append(progress)):
        pass
    whole = count * len(TEXT)
    assert seen[-1] == (whole, whole, "bytes")


def test_a_file_that_changes_on_the_server_is_refused(server: str, fingerprint: str) -> None:
    Handler.script, Handler.versions = {"/text": ["50000"]}, ['"1"', '"1"']
    assert read(server + "/text") == fingerprint
    Handler.script, Handler.versions = {"/text": ["50000"]}, ['"1"', '"2"']
    with pytest.raises(CorpusError, match="changed on the server while it was being read"):
        read(server + "/text")


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://", "it has no host name"),
        ("http://[::1/x", "is not a valid URL"),
        ("https://me:secret@example.org/x", r"example.org contains a user name or password"),
        ("zip://a.txt::/no/such.zip", "cannot be read"),
    ],
)
def test_urls_that_are_not_valid(url: str, message: str) -> None:
    with pytest.raises(CorpusError, match=message) as caught:
        read(url)
    assert "secret" not in str(caught.value)


def test_letters_of_any_language_in_a_url(server: str, fingerprint: str) -> None:
    Handler.content["/t%C3%A9xt%20file"] = TEXT
    assert read(f"{server}/t\u00e9xt%20file") == fingerprint


def test_a_url_with_a_password_is_refused_without_showing_it() -> None:
    with pytest.raises(ReadError) as caught:
        web.web("https://me:secret@example.org/x")
    assert caught.value.place == "https://example.org"
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("what", ["drip", "drip headers"])
def test_a_server_that_drips_is_given_up(
    server: str, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "DRIP_SECONDS", 0.3)
    Handler.script = {"/text": [what] * 9}
    started = time.perf_counter()
    with pytest.raises(
        CorpusError, match=r"/text cannot be read: the server sent only \d+ bytes in"
    ):
        read(server + "/text")
    assert len(Handler.requests) == 3
    assert time.perf_counter() - started < 4


def test_a_server_that_drips_once_is_asked_again(
    server: str, fingerprint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "DRIP_SECONDS", 0.3)
    Handler.script = {"/text": ["drip"]}
    assert read(server + "/text") == fingerprint


def test_time_between_reads_is_not_the_time_of_the_server(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "DRIP_SECONDS", 0.05)
    Handler.content["/small"] = b"a few words " * 9
    with contextlib.closing(Stream(web.web(f"{server}/small"))) as stream:
        assert stream.read(5) == b"a few"
        time.sleep(0.2)
        assert len(stream.read(200)) == 103


def test_a_redirect_is_followed_and_said(server: str) -> None:
    Handler.content["/old"] = b""
    Handler.script = {"/old": [f"{server}/text"]}
    with encode_corpus(f"{server}/old") as corpus:
        assert corpus.report.raw_words == 160_000
        assert corpus.report.warnings() == [
            f"1 URL was redirected: {server}/old to {server}/text",
        ]


@pytest.mark.parametrize("url", ["ftp://127.0.0.1:9/text", "file:///etc/passwd"])
def test_a_redirect_to_another_protocol_is_refused(server: str, url: str) -> None:
    Handler.content["/old"] = b""
    Handler.script = {"/old": [url]}
    with pytest.raises(CorpusError, match=rf"/old cannot be read: .*{url}"):
        read(f"{server}/old")
    assert len(Handler.requests) == 1


def test_bytes_from_another_position_are_refused(server: str) -> None:
    Handler.script, Handler.lies = {"/text": ["50000"]}, True
    with pytest.raises(CorpusError, match="asked for the bytes from 50,000 on, and answered with"):
        read(f"{server}/text")
