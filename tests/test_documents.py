"""The examples in the documents run, their tables are up to date, and their links are valid."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import tables

import skipgram
from skipgram import quickstart
from skipgram.cli.app import run

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "skipgram"
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
EXAMPLE = re.compile(r"^```(python|sh)\n(.*?)^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)")

EXAMPLES = {
    "README.md": 8,
    "docs/training.md": 10,
    "docs/querying.md": 7,
    "docs/looking.md": 4,
    "docs/evaluation.md": 4,
    "docs/export.md": 2,
    "docs/benchmarks.md": 1,
    "docs/how-skip-gram-works.md": 9,
    "docs/gensim.md": 5,
}
"""The documents with examples, and at least how many each has."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with the files that the examples use."""
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
    return tmp_path


def run_command(line: str) -> None:
    words = shlex.split(line, comments=True)
    if words[0] == "make":
        assert f"\n{words[1]}: " in (ROOT / "Makefile").read_text(), line
        return
    if words[0] == "source":  # the environment of the Makefile
        assert words[1:] == [".venv/bin/activate"], line
        return
    assert words[0] == "skipgram", line
    try:
        run(words[1:])
    except SystemExit as end:
        assert not end.code, line


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_run(folder: Path, name: str) -> None:
    if name != "README.md":  # the README trains its own model
        embeddings = skipgram.train("corpus.txt", epochs=1, vector_size=20)
        embeddings.save("model")
        embeddings.save("tuned")
    names: dict[str, object] = {}  # examples use the names of earlier examples
    examples = EXAMPLE.findall((ROOT / name).read_text())
    assert len(examples) >= EXAMPLES[name]
    for language, text in examples:
        if language == "python":
            exec(compile(text, name, "exec"), names)
        else:
            for line in text.replace("\\\n", " ").splitlines():
                run_command(line)
    if name == "docs/export.md":
        assert (folder / "vectors.bin").stat().st_size > 100_000


def test_all_documents_with_examples_are_run() -> None:
    found = {str(path.relative_to(ROOT)) for path in DOCUMENTS if EXAMPLE.search(path.read_text())}
    assert found == set(EXAMPLES)


def test_links_lead_to_files() -> None:
    for path in DOCUMENTS:
        for target in LINK.findall(path.read_text()):
            assert (path.parent / target).exists(), f"{path} links to {target}"


def test_tables_match_the_measured_figures() -> None:
    by_cpu = tables.read_results()
    results = tables.first_of(by_cpu)
    for document in tables.DOCUMENTS:
        text = document.read_text()
        assert "<!-- measured: " in text
        assert tables.fill(text, by_cpu) == text, (
            f"{document} is out of date; run python bench/tables.py"
        )
    for path, (name, draw) in tables.PICTURES.items():
        assert draw(results[name]) == path.read_text(), f"{path} is out of date"


def test_contributing_describes_each_module() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    described = set(re.findall(r"^\| `(\w+)(?:\.py|/)` \|", text, re.MULTILINE))
    modules = {path.stem for path in PACKAGE.iterdir() if not path.name.startswith("_")} - {"py"}
    assert described == modules


def test_contributing_names_existing_files() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    existing = {
        path.name for folder in ("src", "tests", "bench") for path in (ROOT / folder).rglob("*.py")
    }
    assert set(re.findall(r"`(?:[\w/]+/)?(\w+\.py)`", text)) - existing == {"b.py", "test_b.py"}


def test_reference_lists_each_format() -> None:
    text = (ROOT / "docs" / "reference" / "formats.md").read_text()
    shared = {"checks", "files", "others", "text"}
    shared |= {"npy", "parquet_footer", "pickled_arrays", "pickles", "usearch_layout"}
    formats = {path.stem for path in (PACKAGE / "formats").glob("[!_]*.py")} - shared
    assert set(re.findall(r"automodule:: skipgram\.formats\.(\w+)", text)) == formats
