"""Rows of text as other programs write them: GloVe, fastText, spaCy."""

from __future__ import annotations

import io
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from skipgram.embeddings import Embeddings
from skipgram.errors import FormatError
from skipgram.formats import EXPORTS, export, load, text
from skipgram.formats.text import (
    BadRowError,
    is_fraction,
    is_number,
    read_rows,
    write_rows,
)
from skipgram.training.events import Event, StageProgressed


def test_fasttext_files(tmp_path: Path) -> None:
    rows = (
        "4 3\n</s> 0.1 0.2 0.3 \nno\N{NO-BREAK SPACE}break -1 2 3e-05 \n 1 2 3 \nNew York 4 5 6 \n"
    )
    (tmp_path / "wiki.vec").write_text(rows, encoding="utf-8")
    back = load(tmp_path / "wiki.vec")
    assert back.words == ["</s>", "no\N{NO-BREAK SPACE}break", "", "New York"]
    np.testing.assert_allclose(
        back.input,
        [[0.1, 0.2, 0.3], [-1.0, 2.0, 3e-5], [1.0, 2.0, 3.0], [4.0, 5.0, 6.0]],
        rtol=1e-7,
    )


def test_the_layout_that_spacy_reads(tmp_path: Path) -> None:
    written = Embeddings(
        ["a", "b-c", "\N{GRINNING FACE}"],
        np.random.default_rng(1).normal(size=(3, 4)).astype(np.float32),
    )
    EXPORTS["spacy"](written, tmp_path / "vectors.txt")
    # Parsed as `spacy init vectors` does.
    with (tmp_path / "vectors.txt").open(encoding="utf-8") as lines:
        shape = tuple(int(size) for size in next(lines).split()[:2])
        rows = [line.rstrip().rsplit(" ", shape[1]) for line in lines]
    assert shape == (3, 4)
    assert [word for word, *_ in rows] == written.words
    assert (
        np.array([numbers for _, *numbers in rows], np.float32).tobytes() == written.input.tobytes()
    )


@pytest.mark.parametrize(
    ("field", "number", "fraction"),
    [
        (b"1.5", True, True),
        (b"-3e-05", True, True),
        (b"nan", True, True),
        (b"12", True, False),
        (b"-12", True, False),
        (b"1,5", False, False),
        (b"a", False, False),
        (b"", False, False),
    ],
)
def test_what_a_number_is(field: bytes, number: bool, fraction: bool) -> None:
    assert is_number(field) is number
    assert is_fraction(field) is fraction


def test_many_rows_report_their_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "ROWS_PER_REPORT", 2)
    seen: list[Event] = []
    write_rows(io.BytesIO(), [b"a"] * 2, np.ones((2, 3), np.float32), seen.append)
    assert seen == []
    write_rows(io.BytesIO(), [b"a"] * 5, np.ones((5, 3), np.float32), seen.append)
    stages = [event for event in seen if isinstance(event, StageProgressed)]
    assert [(event.done, event.total) for event in stages] == [(0, 5), (2, 5), (4, 5), (5, 5)]


@pytest.mark.parametrize("name", ["glove", "fasttext", "spacy", "word2vec-text"])
def test_text_formats_report_their_progress(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text, "ROWS_PER_REPORT", 1)
    seen: list[Event] = []
    embeddings = Embeddings(["a", "b"], [[0.5, 1.5], [2.5, 3.5]])
    export(embeddings, tmp_path / "vectors", name, report=seen.append, progress=False)
    assert len(seen) == 3


@pytest.mark.parametrize("rows", [2, None])
def test_rows_are_read_as_they_were_written(rows: int | None) -> None:
    vectors = np.array([[1 / 3, 1e-45], [3.4028235e38, -0.0]], np.float32)
    file = io.BytesIO()
    write_rows(file, [b"a", b"b"], vectors)
    words, matrix = read_rows(file.getvalue(), 0, 2, rows)
    assert words == [b"a", b"b"]
    assert matrix.tobytes() == vectors.tobytes()
    with pytest.raises(BadRowError, match="is beyond the 1 rows that the header declares"):
        read_rows(file.getvalue(), 0, 2, 1)


def test_a_row_that_is_too_long_is_not_split(tmp_path: Path) -> None:
    path = tmp_path / "vectors.vec"
    path.write_bytes(b"2 3\nking 1 2 3\nword" + b" 0" * (1 << 23) + b"\n")
    tracemalloc.start()
    with pytest.raises(FormatError, match="row 2 has 16,777,221 bytes, but at most 4,194,304"):
        load(path)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1 << 25
    path.write_bytes(b"2 3\nking 1 2 3\n" + b"w" * (1 << 20) + b" 1 2 3\n")
    assert len(load(path).words[1]) == 1 << 20
