"""A corpus that changes while it is read is noticed."""

from __future__ import annotations

import gzip
import io
import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import skipgram
from skipgram.corpus.build import encode_corpus
from skipgram.corpus.sources import Reading
from skipgram.errors import CorpusError, ReadError
from skipgram.io.streams import Stream, decompressed, local

CONTENT = bytes(range(1, 256)) * 4000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "text").write_bytes(CONTENT)
    os.utime(tmp_path / "text", (1, 1))
    return tmp_path / "text"


def cut_off(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 10)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def rewrite(path: Path) -> None:
    path.write_bytes(path.read_bytes()[::-1])


def rewrite_larger(path: Path) -> None:
    path.write_bytes(b"another text\n" + path.read_bytes())


def append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(path.read_bytes()[:1000])


CHANGES: dict[Callable[[Path], None], str] = {
    cut_off: "was cut off, from 1,020,000 to 1,019,990 bytes, while it was being read; start again",
    empty: "was cut off, from 1,020,000 to 0 bytes, while",
    rewrite: "was rewritten while it was being read",
    rewrite_larger: "was rewritten while it was being read",
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("when", ["in the middle", "at the end"])
def test_a_change_is_an_error_that_names_the_file(
    path: Path, change: Callable[[Path], None], when: str
) -> None:
    with closing(Stream(local(path))) as stream:
        stream.read(1000 if when == "in the middle" else len(CONTENT))
        change(path)
        with pytest.raises(ReadError, match=f"text {CHANGES[change]}"):
            stream.check()
        with pytest.raises(ReadError, match=f"text {CHANGES[change]}"):
            stream.read(1)


def test_what_is_appended_is_not_read(path: Path) -> None:
    with closing(Stream(local(path))) as stream:
        first = stream.read(1000)
        assert not stream.check()
        append(path)
        assert first + stream.read() == CONTENT
        assert stream.check()
        append(path)
        assert stream.read() == b""
        os.truncate(path, len(CONTENT))
        with pytest.raises(ReadError, match="was cut off"):
            stream.check()


def test_a_file_that_is_replaced_is_read_as_it_was(path: Path, tmp_path: Path) -> None:
    with closing(Stream(local(path))) as stream:
        stream.read(1000)
        (tmp_path / "other").write_bytes(b"other")
        (tmp_path / "other").replace(path)
        assert len(stream.read()) == len(CONTENT) - 1000
        assert not stream.check()


def test_systems_without_pread(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "pread")
    with closing(Stream(local(path))) as stream:
        stream.read(1000)
        append(path)
        assert stream.check()


@pytest.mark.skipif(not Path("/proc/version").exists(), reason="Linux has such files")
def test_files_that_seem_empty_are_read() -> None:
    with closing(Stream(local(Path("/proc/version")))) as stream:
        assert b"Linux" in stream.read()


def test_a_compressed_file_that_is_cut_off(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).bytes(3_000_000)
    (tmp_path / "text.gz").write_bytes(gzip.compress(noise))
    stream = Stream(local(tmp_path / "text.gz"))
    with closing(decompressed(stream)) as file:
        file.read(10)
        os.truncate(tmp_path / "text.gz", 1_000_000)
        with pytest.raises(ReadError, match="was cut off, from"):
            file.read()


def large_text() -> bytes:
    numbers = np.random.default_rng(1).integers(0, 1 << 40, 400_000).tolist()
    lines = (" ".join(f"w{n % 50} {n}" for n in numbers[at : at + 10]) for at in range(0, 4000, 10))
    return ("\n".join(lines) + "\n").encode() * 100


KINDS: dict[str, tuple[Callable[[bytes], bytes], dict[str, Any]]] = {
    "text.txt": (lambda text: text, {}),
    "text.gz": (lambda text: gzip.compress(text, 0), {}),
    "utf16.txt": (lambda text: text.decode().encode("utf-16"), {"encoding": "utf-16"}),
    "table.csv": (lambda text: b"text\n" + text, {"column": "text"}),
    "table.jsonl": (
        lambda text: b"".join(b'{"text": "%s"}\n' % line for line in text.splitlines()),
        {"column": "text"},
    ),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("change", [cut_off, rewrite, append])
def test_every_kind_of_corpus_is_watched(
    tmp_path: Path, kind: str, change: Callable[[Path], None]
) -> None:
    make, options = KINDS[kind]
    (tmp_path / kind).write_bytes(make(large_text()))
    before = (tmp_path / kind).stat().st_size
    seen: list[int] = []

    def progress(done: int, total: int, unit: str) -> None:
        if not seen:
            change(tmp_path / kind)
        seen.append(done)

    reading = Reading(tmp_path, skipgram.CorpusConfig(**options))
    if change is append:
        with encode_corpus(reading, min_count=1, progress=progress) as corpus:
            assert corpus.report.bytes_read == before
            (warning,) = corpus.report.warnings()
        assert warning.startswith("1 file grew while being read, and what was added was left out: ")
        assert warning.endswith(kind)
        return
    with pytest.raises(CorpusError, match=rf"^corpus .*{kind} was (cut off|rewritten)"):
        encode_corpus(reading, min_count=1, progress=progress)


def test_a_grown_corpus_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "log.txt").write_bytes(large_text())

    def report(event: object) -> None:
        if type(event).__name__ == "ScanProgressed":
            append(tmp_path / "log.txt")

    with pytest.warns(skipgram.SkipgramWarning, match="1 file grew while being read"):
        skipgram.train(tmp_path / "log.txt", vector_size=4, epochs=1, threads=1, callbacks=[report])


def test_a_buffer_of_any_type_is_filled(path: Path) -> None:
    buffer = np.zeros(10, np.int32)
    with closing(Stream(local(path))) as stream:
        assert io.BufferedReader(stream).readinto(buffer.data) == 40
    assert buffer.tobytes() == CONTENT[:40]
