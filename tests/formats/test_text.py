"""Rows of text as other programs write them: GloVe, fastText, spaCy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from gensim.models import KeyedVectors

from skipgram.embeddings import Embeddings
from skipgram.errors import FormatError, OutputError
from skipgram.formats import EXPORTS, load


def test_fasttexts_quirks(tmp_path: Path) -> None:
    rows = (
        "4 3\n</s> 0.1 0.2 0.3 \nno\N{NO-BREAK SPACE}break -1 2 3e-05 \n 1 2 3 \nNew York 4 5 6 \n"
    )
    (tmp_path / "wiki.vec").write_text(rows, encoding="utf-8")
    back = load(tmp_path / "wiki.vec")
    assert back.words == ["</s>", "no\N{NO-BREAK SPACE}break", "", "New York"]
    np.testing.assert_allclose(
        back.input, [[0.1, 0.2, 0.3], [-1, 2, 3e-5], [1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], rtol=1e-7
    )


def test_glove_with_words_that_hold_spaces(tmp_path: Path) -> None:
    (tmp_path / "glove.txt").write_text(
        "to name@domain.com 1 2 3\n. . . 4 5 6\nthe 0.5 -0.5 1e-3\n3 7 8 9\n<unk> 1 1 1\n"
    )
    back = load(tmp_path / "glove.txt")
    assert back.words == ["to name@domain.com", ". . .", "the", "3", "<unk>"]
    assert back["3"].tolist() == [7, 8, 9]


def test_the_layout_of_gloves_text_and_gensim_reads_it(tmp_path: Path) -> None:
    EXPORTS["glove"](Embeddings(["a", "é"], [[1, 0.1], [-2.0, 0.0]]), tmp_path / "glove")
    assert (tmp_path / "glove").read_bytes() == b"a 1.0 0.1\n\xc3\xa9 -2.0 0.0\n"
    theirs = KeyedVectors.load_word2vec_format(tmp_path / "glove", binary=False, no_header=True)
    assert theirs.index_to_key == ["a", "é"]
    assert theirs["é"].tolist() == [-2, 0]


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("a 1 2\nb 1 2\nc 1 x\n", "is no file of vectors"),
        ("a 1 2\n" * 2, "row 2 holds the word 'a' again, after row 1"),
        ("a 1 2\nb 1 2", "row 2 has no line end"),
        ("a 1 2\nb 1 nan\n", "row 2 holds a number that is not finite"),
        (
            "w 1 2\n" + "".join(f"w{n} 1 2\n" for n in range(1100)) + "x 1\n",
            "row 1102 holds 1 numbers where the first rows hold 2",
        ),
        (
            "w 1 2\n" + "".join(f"w{n} 1 2\n" for n in range(1100)) + "x 1 y\n",
            "row 1102 holds something that is no number",
        ),
    ],
)
def test_damage_is_named_with_file_and_row(content: str, named: str, tmp_path: Path) -> None:
    (tmp_path / "glove.txt").write_text(content)
    with pytest.raises(FormatError, match=named) as caught:
        load(tmp_path / "glove.txt")
    assert "glove.txt" in str(caught.value)


def test_a_list_of_words_and_numbers_is_not_replaced_by_gloves_text(tmp_path: Path) -> None:
    (tmp_path / "counts.txt").write_text("the 1061396\nof 593677\n")
    with pytest.raises(OutputError, match="will not replace"):
        EXPORTS["glove"](Embeddings(["a"], [[1.0, 2.0]]), tmp_path / "counts.txt")


def test_the_form_that_spacy_reads(tmp_path: Path) -> None:
    written = Embeddings(
        ["a", "b-c", "\N{GRINNING FACE}"],
        np.random.default_rng(1).normal(size=(3, 4)).astype(np.float32),
    )
    EXPORTS["spacy"](written, tmp_path / "vectors.txt")
    with (tmp_path / "vectors.txt").open(
        encoding="utf-8"
    ) as lines:  # as `spacy init vectors` takes it apart
        shape = tuple(int(size) for size in next(lines).split()[:2])
        rows = [line.rstrip().rsplit(" ", shape[1]) for line in lines]
    assert shape == (3, 4)
    assert [word for word, *_ in rows] == written.words
    assert (
        np.array([numbers for _, *numbers in rows], np.float32).tobytes() == written.input.tobytes()
    )
