"""Escape sequences in words, names and metadata: shown on a terminal, and kept in a pipe."""

from __future__ import annotations

import ast
import contextlib
import json
import sys
from pathlib import Path

import numpy as np
import pytest

import skipgram
from skipgram.cli import app, terminal
from skipgram.embeddings import Embeddings

ESCAPES = "\x1b]0;title\x07"
WORDS = ["plain", f"red{ESCAPES}", "bidi\u202e", "csi\x9b31m"]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    vectors = np.random.default_rng(1).normal(size=(len(WORDS), 3)).astype(np.float32)
    Embeddings(WORDS, vectors).save(tmp_path / "model")
    return tmp_path / "model"


def run(*arguments: str | Path) -> None:
    with contextlib.suppress(SystemExit):
        app.run(list(map(str, arguments)))


def is_harmless(text: str) -> bool:
    return not any(each in text for each in "\x1b\x07\x9b\u202e\x7f\r")


def test_a_terminal_shows_escape_sequences_in_words(
    model: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    run("neighbors", model, "plain")
    run("info", model)
    shown = capsys.readouterr().out
    assert is_harmless(shown)
    assert r"red\x1b]0;title\x07" in shown
    assert r"bidi\u202e" in shown
    assert r"csi\x9b31m" in shown


def test_a_program_gets_words_as_they_are(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("neighbors", model, "plain")
    found = [line[9:] for line in capsys.readouterr().out.split("\n") if line]
    assert sorted(found) == sorted(WORDS[1:])


def test_json_has_no_characters_that_a_terminal_obeys(
    model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("neighbors", model, "plain", "--json")
    text = capsys.readouterr().out
    assert is_harmless(text)
    assert sorted(each["word"] for each in json.loads(text)["plain"]) == sorted(WORDS[1:])
    words = {"word": "caf\u00e9 \u65e5\u672c \U0001f600", "other": "\x7f\u2066"}
    assert terminal.json_text(words) == (
        '{"word": "caf\u00e9 \u65e5\u672c \U0001f600", "other": "\\u007f\\u2066"}'
    )


def test_metadata_and_names_of_files_are_shown_escaped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    embeddings = skipgram.train([["a", "b"] * 9], min_count=1, vector_size=2, sample=0)
    training = {**embeddings.training, "first_skipped": f"name{ESCAPES}", "skipped_files": 1}
    Embeddings(["a", "b"], np.eye(2, dtype=np.float32), training=training).save(tmp_path / "m")
    run("info", tmp_path / "m")
    captured = capsys.readouterr()
    assert is_harmless(captured.out)
    assert r"1 file not text: name\x1b]0;title\x07" in captured.out


@pytest.mark.parametrize("flag", [[], ["--json"]])
def test_errors_never_hold_escape_sequences(
    flag: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / f"folder{ESCAPES}\nskipgram: all is well"
    folder.mkdir()
    run("train", folder, "--output", tmp_path / "m", *flag)
    error = capsys.readouterr().err
    assert is_harmless(error)
    assert "holds no files" in error
    assert error.count("\n") == 1


@pytest.mark.filterwarnings("default")
def test_warnings_and_progress_never_hold_escape_sequences(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.txt").write_text("a b c d\n" * 99)
    (folder / f"zeros{ESCAPES}").write_bytes(bytes(1000))
    for flag in ([], ["--quiet"]):
        options = ["--min-count", "1", "--vector-size", "2", "--epochs", "1", "--sample", "0"]
        run("train", folder, "--output", tmp_path / "m", *options, *flag)
        error = capsys.readouterr().err
        assert is_harmless(error)
        assert r"zeros\x1b]0;title\x07" in error


def test_words_of_an_update_are_shown_escaped(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    run("explain", f"a b{ESCAPES} c\u202e d", "--center", "a", "--window", "3")
    shown = capsys.readouterr().out
    assert is_harmless(shown)
    assert r"c\u202e" in shown


def test_all_printing_is_in_one_module() -> None:
    folder = Path(terminal.__file__).parent
    allowed = {"terminal.py", "__init__.py"}
    for path in sorted(folder.glob("*.py")):
        calls = [
            ast.unparse(node)
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "print"
        ]
        assert path.name in allowed or calls in ([], ["print(json_text(value, indent=2))"]), path
