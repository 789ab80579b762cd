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
        ("1.0\tx\n", "cannot read .*vectors.tsv, part of .*row 1 has a field .* 'x'"),
        ("1.0\t2\n3,5\t1\n", "row 2 has a field that is not a number, '3,5' .*a comma"),
        ("1.0\t2\n3\t1\t5\n", "row 2 has 3 numbers where the first rows have 2"),
    ):
        (tmp_path / "vectors.tsv").write_text(vectors)
        with pytest.raises(FormatError, match=message):
            load(tmp_path)


VECTORS = b"1.0\t0.5\n-2.0\t0.0\n"


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize(
    ("metadata", "counts"),
    [
        (b"cat\ndog\n", None),
        (b"cat\n\ndog\n\n", None),
        (b"Word\tCount\ncat\t5\ndog\t3\n", [5, 3]),
        (b"COUNTS\tToken\n5.0\tcat\n3.0\tdog\n", [5, 3]),
        (b"id\tWord\n0\tcat\n1\tdog\n", None),
        (b"\tlemma\n0\tcat\n1\tdog\n", None),
        (b"position\tlemma\n7\tcat\n9\tdog\n", None),
        (b"frequency\tcount\tlemma\n2\t5\tcat\n1\t3\tdog\n", [5, 3]),
    ],
)
def test_tables_as_other_systems_and_programs_write_them(
    metadata: bytes, counts: list[int] | None, mark: bytes, line_end: bytes, tmp_path: Path
) -> None:
    (tmp_path / "vectors.tsv").write_bytes(mark + VECTORS.replace(b"\n", line_end))
    (tmp_path / "metadata.tsv").write_bytes(mark + metadata.replace(b"\n", line_end))
    read = load(tmp_path)
    assert read.words == ["cat", "dog"]
    assert read.input.tolist() == [[1, 0.5], [-2, 0]]
    assert (None if read.counts is None else read.counts.tolist()) == counts


@pytest.mark.parametrize(
    ("metadata", "named"),
    [
        ("cat\ndog\nbird\n", "it has 3 lines for 2 vectors; .* without a header"),
        ("word\ncat\ndog\n", "it has 3 lines for 2 vectors; .* without a header"),
        ("cat\n", "it has 1 lines for 2 vectors"),
        ("", "it has 0 lines for 2 vectors"),
        ("cat\t5\ndog\t3\n", "it has 2 lines for 2 vectors; it must have a header"),
        ("word\tcount\na\t1\nb\t2\nc\t3\n", "it has 4 lines for 2 vectors"),
        ("word\tcount\ncat\t5\ndog\n", "line 3 has 1 columns, the first 2"),
        ("word\tcount\ncat\t5\ndog\t3.5\n", "the count '3.5' is not a whole number"),
        ("word\tcount\ncat\t5\ndog\tx\n", "metadata.tsv.*the count 'x' is"),
        ("id\tcount\n0\t5\n1\t3\n", "no column holds words, only id, count"),
    ],
)
def test_a_table_that_does_not_match_the_vectors_is_refused(
    metadata: str, named: str, tmp_path: Path
) -> None:
    (tmp_path / "vectors.tsv").write_bytes(VECTORS)
    (tmp_path / "metadata.tsv").write_text(metadata)
    with pytest.raises(FormatError, match=named):
        load(tmp_path)
