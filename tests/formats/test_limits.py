"""What is at the edge of a format comes back whole, or is refused before anything is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sample_vectors import comes_back

from skipgram import Embeddings
from skipgram.errors import FormatError, OutputError, SkipgramError, WrongTypeError
from skipgram.formats import EXPORTS, export, load

ONE_DIMENSION_OR_MORE = {
    "fasttext",
    "glove",
    "parquet",
    "postgres",
    "spacy",
    "tensorboard",
    "word2vec-binary",
    "word2vec-text",
}


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf], ids=str)
@pytest.mark.parametrize("name", sorted(EXPORTS.keys() - {"embedding-atlas"}))
def test_numbers_that_are_not_finite(name: str, number: float, tmp_path: Path) -> None:
    embeddings = Embeddings(["a", "b", "c"], [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    embeddings.input[1, 1] = number
    with pytest.raises(
        FormatError,
        match=r"cannot hold these vectors: row 2 of the input vectors has a number that is not "
        r"finite \(word 'b'; 1 of 3 rows has one\)",
    ):
        export(embeddings, tmp_path / "out", name)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", sorted(EXPORTS.keys() - {"postgres"}))
def test_the_largest_and_smallest_numbers_of_float32(name: str, tmp_path: Path) -> None:
    comes_back(
        Embeddings(["a", "b"], [[3e38, 3e38, 1e-45], [3e38, -3e38, -0.0]]), tmp_path / "out", name
    )


@pytest.mark.parametrize("counts", [None, []], ids=["words", "counts"])
@pytest.mark.parametrize("name", sorted(EXPORTS.keys() - {"postgres"}))
def test_a_model_without_words_keeps_its_dimensions_or_is_refused(
    name: str, counts: Any, tmp_path: Path
) -> None:
    embeddings = Embeddings([], np.zeros((0, 5), np.float32), counts=counts)
    if name not in {"glove", "tensorboard"}:
        comes_back(embeddings, tmp_path / "out", name)
        return
    with pytest.raises(
        FormatError,
        match=r"0 words of 5 dimensions cannot be read back from .*needs at least 1 words",
    ):
        export(embeddings, tmp_path / "out", name)


@pytest.mark.parametrize("name", sorted(EXPORTS.keys() - {"postgres", "glove"}))
def test_one_dimension_comes_back(name: str, tmp_path: Path) -> None:
    comes_back(Embeddings(["5", "a", "12"], [[3.0], [0.5], [1e20]]), tmp_path / "out", name)


@pytest.mark.parametrize("name", sorted(EXPORTS.keys() - {"embedding-atlas"}))
def test_vectors_without_dimensions(name: str, tmp_path: Path) -> None:
    embeddings = Embeddings(["a", "b"], np.zeros((2, 0), np.float32))
    if name in ONE_DIMENSION_OR_MORE:
        with pytest.raises(FormatError, match=r"0 dimensions.*save a model directory"):
            export(embeddings, tmp_path / "out", name)
    else:
        comes_back(embeddings, tmp_path / "out", name)


def test_empty_and_wrong_paths_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    embeddings = Embeddings(["a"], [[1, 2]])
    for name in EXPORTS.keys() - {"embedding-atlas"}:
        with pytest.raises(
            OutputError, match="the path to write is empty; give a file or directory"
        ):
            export(embeddings, "", name)
    with pytest.raises(OutputError, match="the path to write is empty"):
        embeddings.save("")
    with pytest.raises(
        FormatError,
        match="the path to read is empty; give a file of vectors or a model directory",
    ):
        load("")
    wrong: Any = 5
    for act in (
        lambda: export(embeddings, wrong),
        lambda: embeddings.save(wrong),
        lambda: load(wrong),
    ):
        with pytest.raises(WrongTypeError, match="is 5; it must be a path"):
            act()
    assert issubclass(WrongTypeError, SkipgramError)
    assert not list(tmp_path.iterdir())
