"""Sets by name: the folder, the cache, and a local server in place of the public ones."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from skipgram import Embeddings
from skipgram.errors import FormatError, OutputError
from skipgram.evaluation import sets
from skipgram.evaluation.scores import AnalogyResult, evaluate
from skipgram.evaluation.sets import KNOWN_SETS, KnownSet, find_set
from skipgram.io import web
from skipgram.training.events import Event, StageProgressed

CONTENT = b"word1\tword2\tscore\na\tb\t1\n"


class Handler(BaseHTTPRequestHandler):
    """Answers every path with the same content, or breaks off after half of it."""

    protocol_version = "HTTP/1.1"
    requests: ClassVar[list[str]] = []
    cut = False

    def do_GET(self) -> None:
        self.requests.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT[: len(CONTENT) // 2] if self.cut else CONTENT)
        self.close_connection = True

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's cache, which is empty; there is no folder of sets."""
    monkeypatch.delenv("SKIPGRAM_DATA", raising=False)
    monkeypatch.setattr(sets, "cache_folder", lambda: tmp_path / "cache" / "skipgram")
    return tmp_path / "cache" / "skipgram"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server from which the set wordsim353 comes."""
    monkeypatch.setattr(web, "PAUSES", (0.0, 0.0))
    Handler.requests, Handler.cut = [], False
    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    url = f"http://127.0.0.1:{running.server_port}/set"
    digest = hashlib.sha256(CONTENT).hexdigest()
    monkeypatch.setitem(KNOWN_SETS, "wordsim353", KnownSet("wordsim353.tsv", url, digest))
    yield url
    running.shutdown()
    running.server_close()
    thread.join()


def test_a_set_is_downloaded_once(cache: Path, server: str) -> None:
    for _ in range(2):
        assert find_set("wordsim353") == cache / "wordsim353.tsv"
    assert (cache / "wordsim353.tsv").read_bytes() == CONTENT
    assert Handler.requests == ["/set"]


def test_a_download_reports_its_bytes(cache: Path, server: str) -> None:
    seen: list[Event] = []
    content = find_set("wordsim353", seen.append).read_bytes()
    stages = [event for event in seen if isinstance(event, StageProgressed)]
    assert {event.stage for event in stages} == {"downloading wordsim353"}
    assert (stages[0].done, stages[-1].done, stages[-1].total) == (0, len(content), len(content))
    find_set("wordsim353", seen.append)
    assert len(seen) == len(stages)


def test_a_download_with_another_checksum_is_not_kept(
    cache: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(KNOWN_SETS, "wordsim353", KnownSet("wordsim353.tsv", server, "0" * 64))
    with pytest.raises(
        FormatError, match=f"has the SHA-256 {hashlib.sha256(CONTENT).hexdigest()}, not 0000"
    ):
        find_set("wordsim353")
    assert not cache.exists()


def test_half_a_download_is_not_kept(cache: Path, server: str) -> None:
    Handler.cut = True
    message = (
        r"wordsim353 cannot be downloaded \(http.* the connection ended .*\); "
        "try again, or get it"
    )
    with pytest.raises(FormatError, match=message):
        find_set("wordsim353")
    assert not cache.exists()


def test_a_download_without_an_end_is_not_kept(
    cache: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sets, "_MOST_BYTES", 10)
    with pytest.raises(FormatError, match=r"downloaded \(http.*/set sends more than 10 bytes\)"):
        find_set("wordsim353")
    assert not cache.exists()


def test_a_cache_that_cannot_be_written(cache: Path, server: str) -> None:
    cache.parent.write_text("a file")
    with pytest.raises(OutputError, match=r"wordsim353 cannot be saved \(.*SKIPGRAM_DATA"):
        find_set("wordsim353")


def test_a_set_without_a_known_checksum_must_be_saved_by_hand(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = (
        r"get it from https://\S+ and save it as \S+/skipgram/men3000.tsv \(or as men3000.tsv in a "
        r"directory that the environment variable SKIPGRAM_DATA names\), or give the path of the "
        "file instead of the name men"
    )
    with pytest.raises(FormatError, match=message):
        find_set("men")
    monkeypatch.setenv("SKIPGRAM_DATA", "sets")
    with pytest.raises(FormatError, match=r"save it as sets.men3000.tsv, or give the path of the"):
        find_set("men")
    cache.mkdir(parents=True)
    (cache / "men3000.tsv").write_bytes(CONTENT)
    assert find_set("men") == cache / "men3000.tsv"


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("wordsim", "wordsim353"),
        ("WordSim-353", "wordsim353"),
        ("ws353", "wordsim353"),
        ("data/wordsim353.csv", "wordsim353"),
        ("simlex", "simlex999"),
        ("SimLex-999.txt", "simlex999"),
        ("MEN", "men"),
        ("men3000.tsv", "men"),
        ("question-words.txt", ""),
        ("question-words", "questions-words"),
        ("words.tsv", ""),
        ("pairs", ""),
    ],
)
def test_a_name_that_is_nearly_right_leads_to_the_set(given: str, meant: str) -> None:
    hint = f" (did you mean {meant}?)" if meant else ""
    with pytest.raises(FormatError) as caught:
        evaluate(Embeddings(["a"], [[1.0]]), f"nowhere/{given}" if "/" in given else given)
    assert str(caught.value).endswith(f"rg65, questions-words{hint}")


def test_the_folder_has_priority_over_the_cache_and_a_file_over_a_name(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in (cache, tmp_path / "sets"):
        folder.mkdir(parents=True)
        (folder / "rg65.tsv").write_bytes(CONTENT)
    monkeypatch.setenv("SKIPGRAM_DATA", str(tmp_path / "sets"))
    assert find_set("rg65") == tmp_path / "sets" / "rg65.tsv"
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rg65").write_bytes(CONTENT)
    assert find_set("rg65") == Path("rg65")


def test_where_the_cache_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    assert sets.cache_folder().name == "skipgram"
    assert sets.cache_folder().is_relative_to(tmp_path)


def test_every_known_set_can_be_read(shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKIPGRAM_DATA", str(shared_data / "eval"))
    embeddings = Embeddings(["a", "b"], [[1.0, 0.0], [0.0, 1.0]])
    sizes = {}
    for name in KNOWN_SETS:
        result = evaluate(embeddings, name)
        sizes[name] = result.total.questions if isinstance(result, AnalogyResult) else result.pairs
    assert sizes == {
        "wordsim353": 353,
        "simlex999": 999,
        "men": 3000,
        "mturk771": 771,
        "rarewords": 2034,
        "rg65": 65,
        "questions-words": 19_544,
    }
    questions = (shared_data / "eval" / "questions-words.txt").read_bytes()
    assert hashlib.sha256(questions).hexdigest() == KNOWN_SETS["questions-words"].sha256


def test_a_folder_without_permission_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def is_file(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "is_file", is_file)
    with pytest.raises(
        FormatError,
        match=r"cannot look for the evaluation set men: .*Permission denied.*set as a file",
    ):
        find_set("men")
