"""~ is the home directory in every path, as shells leave it in --output=~/model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import skipgram
from skipgram.errors import CorpusError

Run = Callable[..., Any]
SMALL: Any = {"vector_size": 4, "epochs": 1, "min_count": 1, "sample": 0}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    for folder in (home, elsewhere):
        folder.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.chdir(elsewhere)
    (home / "text.txt").write_text("one two three\n" * 9)
    return home


def test_home_in_python(home: Path) -> None:
    embeddings = skipgram.train("~/text.txt", **SMALL)
    embeddings.save("~/model")
    assert skipgram.load("~/model").words == embeddings.words
    skipgram.export(embeddings, "~/vectors.txt")
    assert skipgram.load(Path("~/vectors.txt")).words == embeddings.words
    skipgram.encode("~/*.txt", "~/encoded", exclude="vectors.txt", min_count=1)
    assert skipgram.train("~/encoded", **SMALL).words == embeddings.words
    skipgram.join_phrases("~/text.txt", "~/joined.txt")
    assert {path.name for path in home.iterdir()} >= {"model", "vectors.txt", "encoded"}
    (home / "set.txt").write_text("one two 3\n")
    assert skipgram.evaluate(embeddings, "~/set.txt").path == str(home / "set.txt")
    (home / "stop.txt").write_text("one\n")
    without = skipgram.train("~/text.txt", stopwords="~/stop.txt", validation="~/text.txt", **SMALL)
    assert without.words == ["three", "two"]
    assert list(Path.cwd().iterdir()) == []


def test_home_on_the_command_line(home: Path, run: Run) -> None:
    options = ["--vector-size", 4, "--epochs", 1, "--min-count", 1, "--sample", 0]
    assert run("train", "~/text.txt", "--output=~/model", *options).code == 0
    assert run("export", "~/model", "~/vectors.bin").code == 0
    assert run("neighbors", "~/vectors.bin", "one").code == 0
    assert run("info", "~/model").code == 0
    assert (home / "vectors.bin").is_file()
    assert list(Path.cwd().iterdir()) == []


def test_names_of_files_as_strings_in_a_list(home: Path) -> None:
    with pytest.raises(CorpusError, match=r"text.txt', which is the name of a file; .*\[Path\(na"):
        skipgram.train([str(home / "text.txt")], **SMALL)
    with pytest.raises(CorpusError, match=r"text.txt', which is the name of a file"):
        skipgram.train([str(home / "text.txt")], **SMALL, clean=True)
