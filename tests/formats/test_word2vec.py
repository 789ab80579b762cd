from __future__ import annotations

import gzip
import struct
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from gensim.models import KeyedVectors
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sample_vectors import comes_back

from skipgram.embeddings import Embeddings
from skipgram.errors import ConfigError, FormatError, OutputError
from skipgram.formats import EXPORTS, load

FORMATS = ["word2vec-binary", "word2vec-text"]
WORDS = [
    "the",
    "naïve",
    "東京",
    "don't",
    "a,b",
    '"q"',
    "-1.5",
    "3",
    "no\N{NO-BREAK SPACE}break",
    "\N{GRINNING FACE}",
    "x" * 5000,
]
words_strategy = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters=" \t\n\r\v\f"), min_size=1
)


@pytest.fixture
def embeddings() -> Embeddings:
    rng = np.random.default_rng(2)
    matrix = rng.normal(size=(len(WORDS), 7)).astype(np.float32)
    matrix[1] = [0, -0.0, 1e-45, 3.4028235e38, -1.1754944e-38, 1 / 3, 16777216]
    return Embeddings(WORDS, matrix, -matrix)


def same_bits(a: np.ndarray, b: np.ndarray) -> bool:
    return a.astype("<f4").tobytes() == b.astype("<f4").tobytes()


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_written_is_read_back_to_the_bit(
    name: str, embeddings: Embeddings, tmp_path: Path
) -> None:
    EXPORTS[name](embeddings, tmp_path / "new folder" / "vectors")
    back = load(tmp_path / "new folder" / "vectors")
    assert back.words == WORDS
    assert same_bits(back.input, embeddings.input)
    assert back.output is None
    assert back.counts is None


@pytest.mark.parametrize("name", FORMATS)
def test_gensim_reads_our_files_and_we_read_its(
    name: str, embeddings: Embeddings, tmp_path: Path
) -> None:
    path, binary = tmp_path / "vectors", name == "word2vec-binary"
    EXPORTS[name](embeddings, path)
    theirs = KeyedVectors.load_word2vec_format(path, binary=binary)
    assert theirs.index_to_key == WORDS
    assert same_bits(theirs.vectors, embeddings.input)
    theirs.save_word2vec_format(path, binary=binary)
    back = load(path)
    assert back.words == WORDS
    assert same_bits(back.input, embeddings.input)


@pytest.mark.parametrize("name", FORMATS)
def test_output_vectors_can_be_chosen(name: str, embeddings: Embeddings, tmp_path: Path) -> None:
    EXPORTS[name](embeddings, tmp_path / "vectors", "output")
    assert same_bits(load(tmp_path / "vectors").input, -embeddings.input)
    with pytest.raises(ConfigError):
        EXPORTS[name](Embeddings(["a"], [[1]]), tmp_path / "missing", "output")
    assert [path.name for path in tmp_path.iterdir()] == ["vectors"]


@pytest.mark.parametrize("name", FORMATS)
@given(data=st.data())
def test_any_words_and_numbers_come_back(
    name: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    words = data.draw(st.lists(words_strategy, unique=True, max_size=5))
    finite = st.floats(width=32, allow_nan=False, allow_infinity=False)
    matrix = data.draw(hnp.arrays(np.float32, (len(words), 3), elements=finite))
    path = tmp_path_factory.getbasetemp() / f"any-{name}"
    EXPORTS[name](Embeddings(words, matrix), path)
    back = load(path)
    assert back.words == words
    assert same_bits(back.input, matrix)


def test_the_layout_of_both_files(tmp_path: Path) -> None:
    two = Embeddings(["a", "é"], [[1, 0.1], [-2.0, 0.0]])
    EXPORTS["word2vec-text"](two, tmp_path / "text")
    assert (tmp_path / "text").read_bytes() == b"2 2\na 1.0 0.1\n\xc3\xa9 -2.0 0.0\n"
    EXPORTS["word2vec-binary"](two, tmp_path / "binary")
    assert (tmp_path / "binary").read_bytes() == b"2 2\na " + struct.pack(
        "<2f", 1, 0.1
    ) + b"\n\xc3\xa9 " + struct.pack("<2f", -2, 0) + b"\n"


def test_spaces_and_carriage_returns_at_line_ends(
    tmp_path: Path,
) -> None:
    (tmp_path / "c").write_bytes(b"2 2\nthe 0.5 1.000000 \nof -1 2e-3 \n")
    assert load(tmp_path / "c").input.tolist() == [[0.5, 1], [-1, pytest.approx(0.002)]]
    (tmp_path / "dos").write_bytes(b"1 2\r\nthe 0.5 1\r\n\r\n")
    assert load(tmp_path / "dos").words == ["the"]


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("word", ["New York", "tab\t", "line\nend", "", "\r", "\ud800"])
def test_a_word_that_does_not_fit_is_named_and_nothing_is_written(
    name: str, word: str, tmp_path: Path
) -> None:
    with pytest.raises(FormatError) as caught:
        EXPORTS[name](Embeddings(["fine", word], np.ones((2, 2))), tmp_path / "vectors")
    assert repr(word) in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_cut_off_anywhere_is_refused(name: str, tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    EXPORTS[name](Embeddings(["one", "zwölf", "drei"], np.linspace(-1, 1, 12).reshape(3, 4)), whole)
    content = whole.read_bytes()
    # Without its last line end a binary file is whole: gensim writes none.
    for size in range(len(content) - (name == "word2vec-binary")):
        cut.write_bytes(content[:size])
        with pytest.raises(FormatError, match="cut"):  # the name of the file
            load(cut)


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"2 2\na 1 2\nb 1\n", "row 2 has 1 numbers where the header says 2"),
        (b"2 2\na 1 2\nb 1 2 3\n", "row 2 has 3 numbers"),
        (b"2 2\na 1 2\nb 1 x\n", "row 2 has a field that is not a number"),
        (b"2 2\na 1 2\n\xff\xfe 3 4\n", "row 2 has a word that is not UTF-8"),
        (b"1 2\na 1 2\nb 3 4\n", "row 2 is beyond the 1 rows"),
        (b"3 2\na 1 2\nb 3 4\n", "it holds 2 words, but its header declares 3"),
        (b"2 2\na 1 2\nb 3 4", "row 2 has no line end"),
        (b"999999999999 300\na 1 2\n", "row 1 has 2 numbers where the header says 300"),
        (b"3 0\na\nb\nc\n", "is not a word2vec file"),
        (b"\x80\x04\x95pickle", "it is a pickle of another program"),
        (b"years of text\n", "is not a file of vectors"),
        (b"", "is empty"),
        (b"2 1\na \0\0\x80?\n\xff \0\0\x80?\n", "row 2 has a word that is not UTF-8"),
        (b"1 1\na \0\0\x80?\nb \0\0\x80?\n", "row 2 is beyond the 1 rows"),
        (b"2 1\na \0\0\x80?\nb \0\0", "row 2 is cut off: it has 2 of the 4 bytes"),
        (
            b"999999999999 1\na \0\0\x80?\n",
            "it holds 1 words, but its header declares 999999999999",
        ),
    ],
)
def test_damage_is_named_with_file_and_row(content: bytes, named: str, tmp_path: Path) -> None:
    path = tmp_path / "vectors.bin"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=named) as caught:
        load(path)
    assert str(path) in str(caught.value)


def test_a_path_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="No such file"):
        load(tmp_path / "none")
    with pytest.raises(FormatError, match="too long"):
        load(tmp_path / ("x" * 5000))


def test_a_failed_write_leaves_the_old_file(
    embeddings: Embeddings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "vectors"
    path.write_text("1 1\nold 0.0\n")
    for error, raised in (
        (OSError(28, "No space left on device"), OutputError),
        (KeyboardInterrupt(), KeyboardInterrupt),
    ):

        def fail(_: int, error: BaseException = error) -> None:
            raise error

        monkeypatch.setattr("os.fsync", fail)
        with pytest.raises(raised):
            EXPORTS["word2vec-binary"](embeddings, path)
        assert path.read_text() == "1 1\nold 0.0\n"
        assert [entry.name for entry in tmp_path.iterdir()] == ["vectors"]


def test_only_files_are_replaced_and_links_are_followed(
    embeddings: Embeddings, tmp_path: Path
) -> None:
    write = EXPORTS["word2vec-binary"]
    (tmp_path / "file").touch()
    for place in (tmp_path, tmp_path / "file" / "vectors", Path("/dev/null")):
        with pytest.raises(OutputError):
            write(embeddings, place)
    (tmp_path / "link").symlink_to(tmp_path / "file")
    write(embeddings, tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert load(tmp_path / "file").words == WORDS


@pytest.mark.parametrize(
    "first_bytes", [b"\x0a\xd7\x23\x3e", b"\x20\xd7\x23\x3e", b"1\x0a\x23\x3e", b"\x09\x0a\x0d\x3e"]
)
@pytest.mark.parametrize("dimensions", [3, 100])
def test_floats_that_begin_with_the_bytes_of_text(
    first_bytes: bytes, dimensions: int, tmp_path: Path
) -> None:
    vectors = np.random.default_rng(3).normal(size=(50, dimensions)).astype(np.float32)
    vectors[0, 0] = np.frombuffer(first_bytes, "<f4")[0]
    embeddings = Embeddings([f"w{n}" for n in range(50)], vectors)
    EXPORTS["word2vec-binary"](embeddings, tmp_path / "vectors.bin")
    assert np.array_equal(load(tmp_path / "vectors.bin").input, vectors)


@pytest.mark.parametrize("bad", ["nan", "inf"])
def test_numbers_that_are_not_finite_are_refused(bad: str, tmp_path: Path) -> None:
    (tmp_path / "vectors.txt").write_text(f"2 2\na 1 2\nb 3 {bad}\n")
    with pytest.raises(
        FormatError, match="row 2 of the input vectors has a number that is not finite"
    ):
        load(tmp_path / "vectors.txt")


def test_a_file_that_holds_something_else_is_not_replaced(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus.txt"
    corpus.write_text("years of text\n")
    with pytest.raises(OutputError, match="it does not look like a word2vec file"):
        EXPORTS["word2vec-text"](Embeddings(["a"], [[1.0]]), corpus)
    assert corpus.read_text() == "years of text\n"


def test_words_of_a_binary_file_that_contain_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "odd.bin"
    path.write_bytes(b"2 2\na\n1 " + bytes(8) + b"\nb " + bytes(8))
    assert load(path).words == ["a\n1", "b"]


@pytest.mark.parametrize("header", ["2 2\n", ""])
def test_a_byte_order_mark_is_not_part_of_the_first_word(header: str, tmp_path: Path) -> None:
    path = tmp_path / "vectors.txt"
    path.write_text(f"\ufeff{header}a 1 2\nb 3 4\n", encoding="utf-8")
    assert load(path).words == ["a", "b"]


def test_a_binary_vector_that_ends_like_a_number_of_text(tmp_path: Path) -> None:
    comes_back(
        Embeddings(["0"], [[10]]), tmp_path / "out", "word2vec-binary"
    )  # its bytes: NUL, NUL, space, A


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        (b"a 1,5 2,5 3,5\nb 3,1 2,1 1,1\n", "row 1 .* '1,5' .*with a point, not a comma"),
        (b"a 1 2 3\nb 3.5 2,25 1\n", "row 2 .* '2,25'"),
        (b"a 0:0.5 2:1.5\nb 1:2\n", "row 1 .* '0:0.5' .*sparse rows are not read"),
        (b"a [0.1, 0.2, 0.3]\nb [1, 2, 3]\n", "row 1 .* '\\[0.1,'"),
        (b"a 1 2 #3\nb 1 2 3\n", "row 1 .* '#3'"),
        ("a \N{MINUS SIGN}1 2 3\nb 1 2 3\n".encode(), "row 1 .* '\N{MINUS SIGN}1' .*as -"),
        (b"a N/A 2 3\nb 1 2 3\n", "row 1 .* 'N/A'"),
        (b"New York 4,5 5 6\nb 1 2 3\n", "row 1 .* '4,5'"),
        (b"caf\xe9 1,5 2,5 3,5\nb 1 2 3\n", "row 1 .* '1,5'"),
        (b"a,1.5,2.5,3.5\nb,1,2,3\n", "row 1 has 0 numbers where the header says 3"),
    ],
)
def test_text_whose_numbers_do_not_parse_is_not_read_as_binary(
    rows: bytes, named: str, tmp_path: Path
) -> None:
    (tmp_path / "vectors.txt").write_bytes(b"2 3\n" + rows)
    with pytest.raises(FormatError, match=named):
        load(tmp_path / "vectors.txt")


@pytest.mark.parametrize("header", [b"", b"5 3\n", b"1 999999\n"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_line_without_an_end_takes_little_memory(
    header: bytes, pack: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    """Each of its fields would be an object of 40 bytes."""
    (tmp_path / "a.vec").write_bytes(pack(header + b"1 " * (16 << 20)))
    tracemalloc.start()
    try:
        with pytest.raises(FormatError, match=r"but at most 4,194,304 are read|not a .*file"):
            load(tmp_path / "a.vec")
        assert tracemalloc.get_traced_memory()[1] < 300 << 20
    finally:
        tracemalloc.stop()


def test_a_word_that_is_too_long_is_refused(tmp_path: Path) -> None:
    number = np.ones(1, "<f4").tobytes()
    (tmp_path / "a.bin").write_bytes(b"2 1\nb " + number + b"a" * 2_000_000 + b" " + number)
    with pytest.raises(FormatError, match="row 2 has a word of over 1,048,576 bytes"):
        load(tmp_path / "a.bin")


@pytest.mark.parametrize("header", ["999999999999 999999", "1 999999", "999999999999 1"])
def test_a_header_allocates_nothing(header: str, tmp_path: Path) -> None:
    for rest in (b"a 1.0\n", b"a " + bytes(8)):
        (tmp_path / "a.bin").write_bytes(header.encode() + b"\n" + rest)
        tracemalloc.start()
        try:
            with pytest.raises(FormatError):
                load(tmp_path / "a.bin")
            assert tracemalloc.get_traced_memory()[1] < 5 << 20
        finally:
            tracemalloc.stop()
