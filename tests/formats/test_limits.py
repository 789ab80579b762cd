"""What is at the edge of a format comes back whole, or is refused before anything is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from skipgram import Embeddings
from skipgram.errors import FormatError, OutputError, SkipgramError, WrongTypeError
from skipgram.formats import EXPORTS, export, load

NUMBERS_ONLY = {
    "fasttext",
    "glove",
    "postgres",
    "spacy",
    "tensorboard",
    "word2vec-binary",
    "word2vec-text",
}
"""Formats whose readers, ours or others', take neither NaN nor infinity."""


def comes_back(embeddings: Embeddings, path: Path, name: str) -> None:
    for _ in range(2):  # what is there is of the same kind, and so is replaced
        export(embeddings, path, name)
        again = load(path)
        assert again.words == embeddings.words
        assert again.input.shape == embeddings.input.shape
        np.testing.assert_array_equal(again.input.view(np.uint32), embeddings.input.view(np.uint32))


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf], ids=str)
@pytest.mark.parametrize("name", sorted(EXPORTS.keys() - {"embedding-atlas"}))
def test_numbers_that_are_not_finite(name: str, number: float, tmp_path: Path) -> None:
    embeddings = Embeddings(["a", "b", "c"], [[1.0, 2.0], [3, number], [5.0, 6.0]])
    if name not in NUMBERS_ONLY:
        comes_back(embeddings, tmp_path / "out", name)
        return
    with pytest.raises(
        FormatError,
        match=r"the word 'b' has a vector with numbers that are not finite.*save a model",
    ):
        export(embeddings, tmp_path / "out", name)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", sorted(EXPORTS.keys() - {"postgres"}))
def test_numbers_at_the_ends_of_float32(name: str, tmp_path: Path) -> None:
    comes_back(
        Embeddings(["a", "b"], [[3e38, 3e38, 1e-45], [3e38, -3e38, -0.0]]), tmp_path / "out", name
    )


@pytest.mark.parametrize("counts", [None, []], ids=["words", "counts"])
@pytest.mark.parametrize("name", sorted(EXPORTS.keys() - {"postgres"}))
def test_no_words_keep_their_dimensions_or_are_refused(
    name: str, counts: Any, tmp_path: Path
) -> None:
    embeddings = Embeddings([], np.zeros((0, 5), np.float32), counts=counts)
    if name not in {"glove", "tensorboard"}:
        comes_back(embeddings, tmp_path / "out", name)
        return
    with pytest.raises(
        FormatError, match=r"0 words of 5 dimensions cannot be read again from .*give at least 1 of"
    ):
        export(embeddings, tmp_path / "out", name)


@pytest.mark.parametrize("name", sorted(EXPORTS.keys() - {"postgres", "glove"}))
def test_one_dimension_comes_back(name: str, tmp_path: Path) -> None:
    comes_back(Embeddings(["5", "a", "12"], [[3.0], [0.5], [1e20]]), tmp_path / "out", name)


def test_a_binary_vector_that_ends_like_a_number_of_text(tmp_path: Path) -> None:
    comes_back(
        Embeddings(["0"], [[10]]), tmp_path / "out", "word2vec-binary"
    )  # its bytes: NUL, NUL, space, A


def test_gloves_text_is_of_two_dimensions_or_more(tmp_path: Path) -> None:
    with pytest.raises(
        FormatError,
        match="1 words of 1 dimensions cannot be read again from GloVe's text: give at least 1 of 2",
    ):
        export(Embeddings(["a"], [[1]]), tmp_path / "out", "glove")
    (tmp_path / "counts").write_text(
        "the 500\nof 300\n"
    )  # a list of words, which was taken for vectors of one number
    with pytest.raises(FormatError, match="is no file of vectors"):
        load(tmp_path / "counts")
    comes_back(
        Embeddings(["5", "12"], [[3, 1], [4, 2]]), tmp_path / "out", "glove"
    )  # no header of word2vec's


@pytest.mark.parametrize("name", sorted(EXPORTS.keys() - {"embedding-atlas"}))
def test_vectors_without_dimensions(name: str, tmp_path: Path) -> None:
    embeddings = Embeddings(["a", "b"], np.zeros((2, 0), np.float32))
    if name in NUMBERS_ONLY or name == "parquet":
        with pytest.raises(FormatError, match=r"0 dimensions.*save a model directory"):
            export(embeddings, tmp_path / "out", name)
    else:
        comes_back(embeddings, tmp_path / "out", name)


def test_names_that_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    embeddings = Embeddings(["a"], [[1, 2]])
    for name in EXPORTS.keys() - {"embedding-atlas"}:
        with pytest.raises(
            OutputError, match="the name of what is to be written is empty; give a name"
        ):
            export(embeddings, "", name)
    with pytest.raises(OutputError, match="is empty; give a name"):
        embeddings.save("")
    with pytest.raises(
        FormatError,
        match="the name of the file is empty; give a file of vectors or a model directory",
    ):
        load("")
    wrong: Any = 5
    for act in (
        lambda: export(embeddings, wrong),
        lambda: embeddings.save(wrong),
        lambda: load(wrong),
    ):
        with pytest.raises(WrongTypeError, match="5 is not allowed: it takes the name of"):
            act()
    assert issubclass(WrongTypeError, SkipgramError)
    assert not list(tmp_path.iterdir())
