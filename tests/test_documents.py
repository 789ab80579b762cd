"""Every example in the documents runs, and every table of figures is the one its JSON makes."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import tables

import skipgram
from skipgram import quickstart
from skipgram.cli.app import run

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = re.compile(r"^```(python|sh)\n(.*?)^```", re.DOTALL | re.MULTILINE)


@pytest.fixture
def folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Path]:
    """A folder with the files that the examples name."""
    text = "".join(" ".join(sentence) + "\n" for sentence in quickstart.sentences())
    (tmp_path / "corpus.txt").write_text(text, encoding="utf-8")
    (tmp_path / "more.txt").write_text(text[: len(text) // 4], encoding="utf-8")
    (tmp_path / "options.toml").write_text("vector-size = 20\n")
    (tmp_path / "wordsim353.tsv").write_text(
        "string\tbytes\t8\nstring\tthread\t1\nlist\ttuple\t9\n"
    )
    (tmp_path / "questions-words.txt").write_text(": plural\nlist lists string strings\n")
    monkeypatch.setenv("SKIPGRAM_DATA", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    if "docs" in request.node.name:
        skipgram.train("corpus.txt", epochs=1, vector_size=20).save("model")
    yield tmp_path


def run_command(line: str) -> None:
    words = shlex.split(line, comments=True)
    if words[0] == "make":
        assert f"\n{words[1]}: " in (ROOT / "Makefile").read_text(), line
        return
    assert words[0] == "skipgram", line
    try:
        run(words[1:])
    except SystemExit as end:
        assert not end.code, line


@pytest.mark.parametrize(
    ("name", "least"), [("README.md", 9), ("docs/how-skip-gram-works.md", 9), ("docs/gensim.md", 3)]
)
def test_examples_run(folder: Path, name: str, least: int) -> None:
    examples = EXAMPLE.findall((ROOT / name).read_text())
    assert len(examples) >= least
    names: dict[str, object] = {}  # the examples of a document follow one another
    for language, text in examples:
        if language == "python":
            exec(compile(text, name, "exec"), names)
        else:
            for line in text.splitlines():
                run_command(line)
    if name == "README.md":
        assert (folder / "vectors.bin").stat().st_size > 100_000


def test_tables_are_those_of_the_measured_figures() -> None:
    results = {path.stem: json.loads(path.read_text()) for path in tables.RESULTS.glob("*.json")}
    for document in tables.DOCUMENTS:
        text = document.read_text()
        assert "<!-- measured: " in text
        assert tables.fill(text, results) == text, (
            f"{document} is not up to date: run python bench/tables.py"
        )


def test_changelog_speaks_of_this_version() -> None:
    version = re.search(r'^version = "(.*)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert version
    assert f"## {version[1]}" in (ROOT / "CHANGELOG.md").read_text()


def test_the_house_is_described_as_it_stands() -> None:
    described = set(
        re.findall(r"^\| `(\w+)(?:\.py|/)`", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE)
    )
    standing = {
        path.stem for path in (ROOT / "src" / "skipgram").iterdir() if not path.name.startswith("_")
    } - {"py"}
    assert described == standing
