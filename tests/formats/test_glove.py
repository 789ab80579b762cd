from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from gensim.models import KeyedVectors
from sample_vectors import comes_back

from skipgram.embeddings import Embeddings
from skipgram.errors import FormatError, OutputError
from skipgram.formats import EXPORTS, export, load


def test_glove_with_words_that_contain_spaces(tmp_path: Path) -> None:
    (tmp_path / "glove.txt").write_text(
        "to name@domain.com 1 2 3\n. . . 4 5 6\nthe 0.5 -0.5 1e-3\n3 7 8 9\n<unk> 1 1 1\n"
    )
    back = load(tmp_path / "glove.txt")
    assert back.words == ["to name@domain.com", ". . .", "the", "3", "<unk>"]
    assert back["3"].tolist() == [7, 8, 9]


def test_the_layout_of_glove_and_that_gensim_reads_it(tmp_path: Path) -> None:
    EXPORTS["glove"](Embeddings(["a", "é"], [[1, 0.1], [-2.0, 0.0]]), tmp_path / "glove")
    assert (tmp_path / "glove").read_bytes() == b"a 1.0 0.1\n\xc3\xa9 -2.0 0.0\n"
    theirs = KeyedVectors.load_word2vec_format(tmp_path / "glove", binary=False, no_header=True)
    assert theirs.index_to_key == ["a", "é"]
    assert theirs["é"].tolist() == [-2, 0]


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("a 1 2\nb 1 2\nc 1 x\n", "is not a file of vectors: row 3 has a field .* 'x'"),
        ("a 1,5 2\nb 1,5 3\n", "row 1 has a field that is not a number, '1,5' .*a comma"),
        ("a 0:1.5 2:2\nb 0:3 1:4\n", "row 1 has a field .* '0:1.5' .*sparse rows"),
        ("years of text\nin 2 lines\n", "is not a file of vectors: it begins with"),
        ("a 1 2\nb 1 2", "row 2 has no line end"),
        ("a 1 2\nb 1 nan\n", "row 2 of the input vectors has a number that is not finite"),
        ("a 1 2 3\nb 4 5\nc 6 7 8\n", "row 2 has 2 numbers where the first rows have 3"),
        ("a 1 2 3\nb 4 5 6\nc 7 8\n", "row 3 has 2 numbers where the first rows have 3"),
        ("a 1 2\nb 4 5 6\nc 7 8\n", "row 2 has 3 numbers where the first rows have 2"),
        ("a 1\nb 4 5 6\nc 7 8 9\n", "row 1 has 1 numbers where the first rows have 3"),
        (
            "w 1 2\n" + "".join(f"w{n} 1 2\n" for n in range(1100)) + "x 1\n",
            "row 1102 has 1 numbers where the first rows have 2",
        ),
        (
            "w 1 2\n" + "".join(f"w{n} 1 2\n" for n in range(1100)) + "x 1 y\n",
            "row 1102 has a field that is not a number",
        ),
    ],
)
def test_damage_is_named_with_file_and_row(content: str, named: str, tmp_path: Path) -> None:
    (tmp_path / "glove.txt").write_text(content)
    with pytest.raises(FormatError, match=named) as caught:
        load(tmp_path / "glove.txt")
    assert "glove.txt" in str(caught.value)


def test_glove_does_not_replace_a_list_of_words_and_numbers(tmp_path: Path) -> None:
    (tmp_path / "counts.txt").write_text("the 1061396\nof 593677\n")
    with pytest.raises(OutputError, match="will not replace"):
        EXPORTS["glove"](Embeddings(["a"], [[1.0, 2.0]]), tmp_path / "counts.txt")


def test_glove_needs_two_dimensions_or_more(tmp_path: Path) -> None:
    with pytest.raises(
        FormatError,
        match="1 words of 1 dimensions cannot be read back from GloVe's text, "
        "which needs at least 1 words and 2 dimensions",
    ):
        export(Embeddings(["a"], [[1]]), tmp_path / "out", "glove")
    # A list of words with counts, which was once read as vectors of one number.
    (tmp_path / "counts").write_text("the 500\nof 300\n")
    with pytest.raises(FormatError, match="is not a file of vectors"):
        load(tmp_path / "counts")
    # Its first line is not the header of a word2vec file.
    comes_back(Embeddings(["5", "12"], [[3, 1], [4, 2]]), tmp_path / "out", "glove")


@pytest.mark.parametrize("header", ["word 0 1 2", " 0 1 2", "word\t1\t2\t3"])
def test_a_header_that_counts_the_columns_is_no_word(header: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(f"{header}\na 1.5 2.5 3.5\nb 1 2 4\n")
    with pytest.raises(FormatError, match="its first row counts the columns; remove that header"):
        load(tmp_path / "a.txt")
    (tmp_path / "a.txt").write_text("a 1 2 3\nb 4 5 6\n")
    assert load(tmp_path / "a.txt").words == ["a", "b"]


def test_a_table_of_numbers_has_no_words(tmp_path: Path) -> None:
    np.savetxt(tmp_path / "a.txt", np.eye(3))
    with pytest.raises(FormatError, match=r"its rows begin with numbers, such as 1.0+e\+00, not"):
        load(tmp_path / "a.txt")
    (tmp_path / "a.txt").write_text("0.5 1 2\nhalf 3 4\n")
    assert load(tmp_path / "a.txt").words == ["0.5", "half"]
