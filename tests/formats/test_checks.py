"""Every reader does the same with bad content: numbers that are not finite, words that repeat."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from gensim.models import KeyedVectors
from usearch.index import Index

from skipgram.errors import FormatError, SkipgramWarning
from skipgram.formats import load
from skipgram.formats.checks import embeddings_of
from skipgram.formats.usearch import digest

Vectors = np.ndarray


def write_text(path: Path, words: Sequence[str], vectors: Vectors, header: str = "") -> None:
    rows = [
        f"{word} {' '.join(map(str, row.tolist()))}\n"
        for word, row in zip(words, vectors, strict=True)
    ]
    path.write_text(header + "".join(rows))


def write_word2vec(path: Path, words: Sequence[str], vectors: Vectors) -> None:
    write_text(path, words, vectors, f"{len(words)} {vectors.shape[1]}\n")


def write_binary(path: Path, words: Sequence[str], vectors: Vectors) -> None:
    rows = [word.encode() + b" " + row.tobytes() for word, row in zip(words, vectors, strict=True)]
    path.write_bytes(b"%d %d\n" % vectors.shape + b"".join(rows))


def write_parquet(path: Path, words: Sequence[str], vectors: Vectors) -> None:
    counts = range(len(words), 0, -1)
    pq.write_table(pa.table({"word": words, "vector": vectors.tolist(), "count": counts}), path)


def write_tables(path: Path, words: Sequence[str], vectors: Vectors) -> None:
    path.mkdir()
    (path / "metadata.tsv").write_text("".join(f"{word}\n" for word in words))
    np.savetxt(path / "vectors.tsv", vectors, delimiter="\t")


def write_word_list(path: Path, words: Sequence[str]) -> None:
    (path / "vocabulary.tsv").write_text("word\n" + "".join(f"{word}\n" for word in words))


def write_arrays(path: Path, words: Sequence[str], vectors: Vectors) -> None:
    path.mkdir()
    write_word_list(path, words)
    np.save(path / "vectors.npy", vectors)


def write_index(path: Path, words: Sequence[str], vectors: Vectors) -> None:
    path.mkdir()
    write_word_list(path, words)
    index = Index(ndim=vectors.shape[1], metric="cos", dtype="f32")
    index.add(np.arange(len(words), dtype=np.uint64), vectors)
    content = bytes(index.save() or b"")
    (path / "index.usearch").write_bytes(content)
    (path / "index.sha256").write_text(digest(content, "index.usearch"))


def write_keyed_vectors(path: Path, words: Sequence[str], vectors: Vectors) -> None:
    theirs = KeyedVectors(vectors.shape[1])
    theirs.add_vectors([f"{row}" for row in range(len(words))], vectors)
    theirs.index_to_key = list(words)
    theirs.save(str(path))


WRITERS = [
    write_text,
    write_word2vec,
    write_binary,
    write_parquet,
    write_tables,
    write_arrays,
    write_index,
    write_keyed_vectors,
]

every_writer = pytest.mark.parametrize("write", WRITERS)
Writer = Callable[[Path, Sequence[str], Vectors], None]


@every_writer
@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf], ids=str)
def test_a_number_that_is_not_finite_is_refused_by_every_reader(
    write: Writer, number: float, tmp_path: Path
) -> None:
    vectors = np.array([[1.5, 2], [3, number], [5, 6], [number, 8]], np.float32)
    write(tmp_path / "vectors", ["a", "b", "c", "d"], vectors)
    with pytest.raises(
        FormatError,
        match=r"vectors cannot be read: row 2 of the input vectors has a number that is not finite "
        r"\(word 'b'; 2 of 4 rows have one\).*leave these words out",
    ):
        load(tmp_path / "vectors")


@every_writer
def test_the_first_row_of_a_repeated_word_is_kept_by_every_reader(
    write: Writer, tmp_path: Path
) -> None:
    vectors = np.array([[1.5, 2], [3, 4], [5, 6], [7, 8], [9, 10]], np.float32)
    write(tmp_path / "vectors", ["a", "b", "a", "c", "b"], vectors)
    with pytest.warns(SkipgramWarning) as caught:
        read = load(tmp_path / "vectors")
    assert str(caught[0].message) == (
        f"{tmp_path / 'vectors'}: left out 2 of 5 rows, because an earlier row has the same word; "
        "row 3 repeats the word 'a' of row 1"
    )
    assert caught[0].filename == __file__
    assert read.words == ["a", "b", "c"]
    assert read.input.tolist() == [[1.5, 2], [3, 4], [7, 8]]


@every_writer
def test_repeated_words_are_refused_by_every_reader_if_told_so(
    write: Writer, tmp_path: Path
) -> None:
    write(tmp_path / "vectors", ["a", "b", "a", "c", "b"], np.ones((5, 2), np.float32))
    with pytest.raises(
        FormatError,
        match=r"vectors cannot be read: row 3 repeats the word 'a' of row 1 \(2 of 5 rows repeat a "
        r"word\); remove these rows, or set duplicates to first",
    ):
        load(tmp_path / "vectors", duplicates="error")
    write(tmp_path / "distinct", ["a", "b"], np.ones((2, 2), np.float32))
    assert load(tmp_path / "distinct", duplicates="error").words == ["a", "b"]


@pytest.mark.parametrize("words", [["a", "a", "b"], ["b", "a", "a"]])
def test_the_row_of_a_number_is_that_of_the_file(words: list[str], tmp_path: Path) -> None:
    write_text(tmp_path / "vectors", words, np.array([[1, 2], [3, 4], [5, np.nan]], np.float32))
    with pytest.raises(FormatError, match="row 3 of the vectors has a number that is not finite"):
        load(tmp_path / "vectors")


def cut(path: Path, write: Writer) -> None:
    """Write the words cafe and café; the last character of café is cut."""
    write(path, ["cafe", "café", "b"], np.array([[1, 2], [3, 4], [5, 6]], np.float32))
    files = [path] if path.is_file() else [path / "vocabulary.tsv", path / "metadata.tsv"]
    for file in filter(Path.is_file, files):
        file.write_bytes(file.read_bytes().replace("café".encode(), b"caf\xc3"))


def write_binary_column(path: Path, _words: Sequence[str], vectors: Vectors) -> None:
    words = pa.array([b"cafe", b"caf\xc3", b"b"], pa.binary())
    pq.write_table(pa.table({"word": words, "vector": vectors.tolist()}), path)


def write_unchecked_strings(path: Path, _words: Sequence[str], vectors: Vectors) -> None:
    bad = pa.array([b"cafe", b"caf\xc3", b"b"], pa.binary())
    words = pa.Array.from_buffers(pa.string(), 3, bad.buffers())
    pq.write_table(pa.table({"word": words, "vector": vectors.tolist()}), path)


WRITERS_OF_BYTES = [
    *(write for write in WRITERS if write not in (write_parquet, write_keyed_vectors)),
    write_binary_column,
    write_unchecked_strings,
]
every_writer_of_bytes = pytest.mark.parametrize("write", WRITERS_OF_BYTES)


@every_writer_of_bytes
def test_a_character_that_is_cut_is_refused_by_every_reader(write: Writer, tmp_path: Path) -> None:
    cut(tmp_path / "vectors", write)
    with pytest.raises(
        FormatError,
        match=r"row [23] has a word that is not UTF-8, b'caf\\xc3.*set unicode_errors to replace",
    ):
        load(tmp_path / "vectors")


@every_writer_of_bytes
def test_a_character_that_is_cut_is_replaced_or_left_out(write: Writer, tmp_path: Path) -> None:
    cut(tmp_path / "vectors", write)
    read = load(tmp_path / "vectors", unicode_errors="replace")
    assert read.words == ["cafe", "caf\N{REPLACEMENT CHARACTER}", "b"]
    assert read.input.tolist() == [[1, 2], [3, 4], [5, 6]]
    assert load(tmp_path / "vectors", unicode_errors="ignore").words == ["cafe", "caf", "b"]


def test_words_that_are_equal_after_a_cut_are_repeated(tmp_path: Path) -> None:
    (tmp_path / "vectors").write_bytes(b"2 1\ncaf\xc3 1\ncaf\xe9 2\n")
    with pytest.warns(SkipgramWarning, match="row 2 repeats the word 'caf' of row 1"):
        assert load(tmp_path / "vectors", unicode_errors="ignore").words == ["caf"]
    with pytest.raises(FormatError, match="row 2 repeats the word 'caf'"):
        load(tmp_path / "vectors", unicode_errors="ignore", duplicates="error")


def test_counts_of_the_rows_that_are_kept() -> None:
    with pytest.warns(SkipgramWarning):
        read = embeddings_of(["a", "a", "b"], np.eye(3), "file", counts=[5, 4, 3])
    assert read.counts is not None
    assert read.counts.tolist() == [5, 3]


def test_large_finite_numbers_are_no_damage() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read = embeddings_of(["a", "b"], np.full((2, 2), 3e38, np.float32), "file")
    assert len(read) == 2


@pytest.mark.parametrize(
    ("words", "vectors"), [(["a"], np.eye(2)), (["a", "a"], np.eye(1)), (["a"], [[1e39]])]
)
def test_parts_that_do_not_fit_are_damage(words: list[str], vectors: Vectors) -> None:
    with pytest.raises(FormatError, match="file cannot be read: "):
        embeddings_of(words, vectors, "file")


def test_a_word_of_which_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"2 2\nb 1 2\n" + b"\xe7 3 4\n")
    with pytest.raises(FormatError, match="row 2 has a word of which nothing is left"):
        load(tmp_path / "a.txt", unicode_errors="ignore")
    assert load(tmp_path / "a.txt", unicode_errors="replace").words == ["b", "\ufffd"]


def test_a_word_of_over_a_million_characters_is_refused() -> None:
    words = ["a", "b" * (1 << 20)]
    assert embeddings_of(words, np.eye(2), "file").words == words
    with pytest.raises(FormatError, match=r"file: row 2 has a word of 1,048,577 characters"):
        embeddings_of(["a", "b" * ((1 << 20) + 1)], np.eye(2), "file")
