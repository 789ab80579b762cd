"""Pipes, sockets and devices where a file is meant: none is opened, so nothing waits for ever."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import skipgram
from skipgram.config import CorpusConfig
from skipgram.config_file import read_config_file
from skipgram.errors import SkipgramError
from skipgram.evaluation.scores import read_set
from skipgram.gensim.evaluation import read_lines
from skipgram.regular_files import (
    check_own_tree,
    check_regular,
    read_regular,
    read_whole,
    special_kind,
)

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with names")


@pytest.fixture(params=["a pipe", "a socket", "a device"])
def special(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Path]:
    path = tmp_path / "special"
    if request.param == "a pipe":
        os.mkfifo(path)
    elif request.param == "a socket":
        os.chdir(tmp_path)  # the address of a socket is short
        with socket.socket(socket.AF_UNIX) as opened:
            opened.bind("special")
    else:
        path = Path("/dev/zero")
    return request.param, path


READERS: list[Callable[[Path], Any]] = [
    skipgram.load,
    read_config_file,
    lambda path: CorpusConfig(stopwords=path),
    read_set,
    lambda path: read_lines(path, "utf-8"),
    lambda path: skipgram.train([["a", "b"]], min_count=1, initial=path),
]


@pytest.mark.parametrize("read", READERS)
def test_only_files_are_read_where_a_file_is_meant(
    read: Callable[[Path], Any], special: tuple[str, Path]
) -> None:
    kind, path = special
    with pytest.raises(SkipgramError, match=f"it is {kind}, not a file; save its content in a"):
        read(path)


@pytest.mark.parametrize("name", ["vocabulary.tsv", "model.safetensors", "training.json"])
def test_a_pipe_in_a_model_is_not_opened(name: str, tmp_path: Path) -> None:
    skipgram.train([["a", "b"] * 9], min_count=1, vector_size=2, sample=0).save(tmp_path / "model")
    (tmp_path / "model" / name).unlink()
    os.mkfifo(tmp_path / "model" / name)
    with pytest.raises(SkipgramError, match=f"{name}.*: it is a pipe, not a file"):
        skipgram.load(tmp_path / "model")


def test_a_corpus_may_be_a_pipe_but_no_device(special: tuple[str, Path]) -> None:
    kind, path = special
    if kind == "a pipe":
        code = f"open({os.fspath(path)!r}, 'w').write('a b c d\\n' * 9)"
        with subprocess.Popen([sys.executable, "-c", code]) as writer:
            embeddings = skipgram.train(path, min_count=1, vector_size=2, epochs=1, sample=0)
        assert writer.returncode == 0
        assert embeddings.training["raw_words"] == 36
        return
    with pytest.raises(SkipgramError, match=f"corpus {path} is {kind}; name a file or a pipe"):
        skipgram.train(path)


def test_what_is_no_file_is_left_out_of_directories_and_refused_in_patterns(
    special: tuple[str, Path], tmp_path: Path
) -> None:
    kind, path = special
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "a.txt").write_text("a b c d\n" * 9)
    (folder / "b.txt").symlink_to(path)
    embeddings = skipgram.train(folder, min_count=1, vector_size=2, epochs=1, sample=0)
    assert embeddings.training["raw_words"] == 36
    with pytest.raises(SkipgramError, match=rf"b\.txt is {kind}, which a pattern may not match"):
        skipgram.train(folder / "*.txt")


def test_the_size_of_a_file_is_limited(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"12345")
    assert read_whole(tmp_path / "file", 5) == b"12345"
    with pytest.raises(OSError, match="it has more than 4 bytes"):
        read_whole(tmp_path / "file", 4)
    assert special_kind(tmp_path) is None
    check_regular(tmp_path / "file")
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(SkipgramError, match="it has more than 268,435,456 bytes"):
        read_set(tmp_path / "sparse")


def test_a_tree_with_links_or_files_of_others_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").write_text("content")
    check_own_tree(tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.raises(OSError, match="belongs to another user"):
        check_own_tree(tmp_path)
    monkeypatch.undo()
    (tmp_path / "folder" / "link").symlink_to(tmp_path)
    with pytest.raises(OSError, match="it holds 'link', which is neither a file nor a directory"):
        check_own_tree(tmp_path)


def test_regular_files_of_any_size_are_read_through_links(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    assert read_regular(tmp_path / "file") == read_regular(tmp_path / "link") == b"content"
    with pytest.raises(FileNotFoundError):
        read_regular(tmp_path / "missing")
    with pytest.raises(IsADirectoryError):
        read_regular(tmp_path)
