from __future__ import annotations

from pathlib import Path

import pytest

from skipgram.embeddings import Embeddings
from skipgram.errors import FormatError
from skipgram.formats import EXPORTS, load


def test_the_files_of_the_projector(tmp_path: Path) -> None:
    EXPORTS["tensorboard"](
        Embeddings(["a", 'b "c"'], [[1, 0.5], [-2.0, 0.0]], counts=[7, 3]), tmp_path
    )
    assert (tmp_path / "vectors.tsv").read_text() == "1.0\t0.5\n-2.0\t0.0\n"
    assert (tmp_path / "metadata.tsv").read_text() == 'word\tcount\na\t7\nb "c"\t3\n'
    EXPORTS["tensorboard"](Embeddings(["a"], [[1]]), tmp_path)
    assert (tmp_path / "metadata.tsv").read_text() == "a\n"
    assert 'metadata_path: "metadata.tsv"' in (tmp_path / "projector_config.pbtxt").read_text()


def test_metadata_of_others_needs_only_a_column_of_words(tmp_path: Path) -> None:
    (tmp_path / "vectors.tsv").write_text("1.0\t0.5\n-2.0\t0.0\n")
    for metadata, words, counts in (
        ("a\nb\n", ["a", "b"], None),
        ("a\nb", ["a", "b"], None),
        ("kind\tword\nx\ta\ny\tb\n", ["a", "b"], None),
        ("label\tcount\na\t2\nb\t1\n", ["a", "b"], [2, 1]),
    ):
        (tmp_path / "metadata.tsv").write_text(metadata)
        read = load(tmp_path)
        assert read.words == words
        assert (None if read.counts is None else read.counts.tolist()) == counts
        assert read.input.tolist() == [[1, 0.5], [-2, 0]]


def test_vectors_cut_off_or_without_words_are_refused(tmp_path: Path) -> None:
    (tmp_path / "metadata.tsv").write_text("a\nb\nc\n")
    for vectors, message in (
        ("1.0\t0.5\n-2.0\t0.0", "its last line has no line end"),
        ("1.0\t0.5\n", r"cannot read .*metadata.tsv, .*: it has 3 lines for 1 vectors"),
        ("1.0\tx\n", "cannot read .*vectors.tsv, part of"),
    ):
        (tmp_path / "vectors.tsv").write_text(vectors)
        with pytest.raises(FormatError, match=message):
            load(tmp_path)
