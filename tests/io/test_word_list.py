from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skipgram.errors import FormatError
from skipgram.io.directories import MODEL_DIRECTORY
from skipgram.io.word_list import load_words, save_words


@given(
    words=st.lists(st.text(st.characters(exclude_categories=["Cs"])), unique=True, max_size=8),
    counted=st.booleans(),
)
def test_any_words_and_counts_are_read_back(
    words: list[str], counted: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "vocabulary.tsv"
    counts = np.arange(len(words), dtype=np.int64) ** 9 if counted else None
    save_words(path, words, counts)
    back, counts_back = load_words(path, MODEL_DIRECTORY)
    assert back == words
    assert (counts_back is None) == (counts is None)
    if counts is not None:
        np.testing.assert_array_equal(counts_back, counts, strict=True)


def test_the_layout(tmp_path: Path) -> None:
    save_words(tmp_path / "words", ["a", "b\tc", "d\r"], np.array([3, 2, 1]))
    assert (tmp_path / "words").read_bytes() == b'word\tcount\na\t3\n"b\tc"\t2\n"d\r"\t"1"\n'
    save_words(tmp_path / "words", ["a"], None)
    assert (tmp_path / "words").read_bytes() == b"word\na\n"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the header is "),
        (b"count\tword\n1\ta\n", "not word and count"),
        (b"word\na", "its last line has no line end"),
        (b"word\na\na\n", "only 1 of its 2 words are distinct"),
        (b"word\tcount\na\tmany\n", "many"),
        (b"word\tcount\na\n", "not enough values"),
        (b'word\n"a\n', "end of data"),
        (b"word\n\xff\n", "utf-8"),
    ],
)
def test_damage_is_named_with_its_reason(content: bytes, reason: str, tmp_path: Path) -> None:
    (tmp_path / "words").write_bytes(content)
    with pytest.raises(
        FormatError, match=f"cannot read .*words, part of a skipgram model: .*{reason}"
    ):
        load_words(tmp_path / "words", MODEL_DIRECTORY)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"cannot read .*words, .*: No such file"):
        load_words(tmp_path / "words", MODEL_DIRECTORY)


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_list_that_another_program_saved(mark: bytes, line_end: bytes, tmp_path: Path) -> None:
    path = tmp_path / "vocabulary.tsv"
    path.write_bytes(mark + b"Word\tCOUNT\na\t2\nb\t1\n".replace(b"\n", line_end))
    words, counts = load_words(path, MODEL_DIRECTORY)
    assert words == ["a", "b"]
    assert counts is not None
    assert counts.tolist() == [2, 1]
