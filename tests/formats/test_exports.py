"""Properties of every format.

Words and vectors are read back as they were written, or the word that does not fit is named and
nothing is written.
"""

from __future__ import annotations

import gzip
import sys
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sample_vectors import ANY_WORD, ODD, model, same

import skipgram
from skipgram import formats
from skipgram.cli.export import ExportFormat
from skipgram.embeddings import Embeddings
from skipgram.errors import ConfigError, FormatError, MissingExtraError, OutputError
from skipgram.formats import EXPORTS, load

NO_SPACES = ["fasttext", "glove", "spacy", "word2vec-binary", "word2vec-text"]
READABLE = [*ANY_WORD, *NO_SPACES, "tensorboard"]
DIRECTORIES = {"numpy": "vectors.npy", "tensorboard": "vectors.tsv", "usearch": "index.usearch"}
no_surrogates = st.characters(exclude_categories=["Cs"])
words_of = {
    **dict.fromkeys(ANY_WORD, st.text(no_surrogates)),
    **dict.fromkeys(
        NO_SPACES,
        st.text(
            st.characters(exclude_categories=["Cs"], exclude_characters=" \t\n\r\v\f"), min_size=1
        ),
    ),
    "tensorboard": st.text(no_surrogates).filter(
        lambda word: word and word == word.strip() and not set(word) & set("\t\n\r")
    ),
}


def test_every_format_is_one_of_the_command_line() -> None:
    assert sorted(get_args(ExportFormat)) == sorted(EXPORTS) == sorted([*READABLE, "postgres"])


@pytest.mark.parametrize("name", READABLE)
@settings(
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    deadline=None,
    max_examples=60,
)
@given(data=st.data())
def test_what_is_written_comes_back(
    name: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    words = data.draw(st.lists(words_of[name], unique=True, min_size=1, max_size=5))
    dimensions = data.draw(st.integers(2 if name == "glove" else 1, 4))
    finite = st.floats(-(2.0**60), 2.0**60, width=32)  # squares must be finite for a cosine
    matrix = data.draw(hnp.arrays(np.float32, (len(words), dimensions), elements=finite))
    counts = data.draw(st.none() | hnp.arrays(np.int64, len(words), elements=st.integers(0, 2**62)))
    written = Embeddings(words, matrix, counts=counts)
    path = tmp_path_factory.mktemp(name) / "vectors"
    EXPORTS[name](written, path)
    same(load(path), written, name)


@pytest.mark.parametrize("name", ANY_WORD)
def test_odd_words_come_back(name: str, tmp_path: Path) -> None:
    written = model(ODD)
    EXPORTS[name](written, tmp_path / "vectors")
    same(load(tmp_path / "vectors"), written, name)


@pytest.mark.parametrize(
    "name", [name for name in READABLE if name != "embedding-atlas"]
)  # whose map takes minutes
def test_many_words(name: str, tmp_path: Path) -> None:
    written = model([f"word-{n}" for n in range(100_000)], 3)
    EXPORTS[name](written, tmp_path / "vectors")
    same(load(tmp_path / "vectors"), written, name)


@pytest.mark.parametrize("name", EXPORTS)
def test_a_word_that_does_not_fit_is_named_and_nothing_is_written(
    name: str, tmp_path: Path
) -> None:
    bad = {"\ud800"}
    if name == "postgres":
        bad = {"nul\0", "\ud800"}
    if name in NO_SPACES or name == "tensorboard":
        bad = {"", " ", "tab\tx", "two\nlines", "cr\r", "\ud800", " x", "x\n"}
    for word in bad:
        with pytest.raises(FormatError) as caught:
            EXPORTS[name](Embeddings(["fine", word], np.ones((2, 2))), tmp_path / "vectors")
        assert repr(word) in str(caught.value)
        assert "rename" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", EXPORTS)
def test_the_vectors_can_be_chosen(name: str, tmp_path: Path) -> None:
    written = model(["a", "b"])
    EXPORTS[name](written, tmp_path / "vectors", "output")
    if name in READABLE:
        assert (load(tmp_path / "vectors").input == -written.input).all()
    with pytest.raises(ConfigError, match="no output vectors"):
        EXPORTS[name](Embeddings(["a"], [[1.0]]), tmp_path / "other", "output")
    assert [path.name for path in tmp_path.iterdir()] == ["vectors"]


@pytest.mark.parametrize("name", EXPORTS)
def test_only_its_own_kind_is_replaced(name: str, tmp_path: Path) -> None:
    path = tmp_path / "vectors"
    for words in (["a", "b"], ["c"]):
        EXPORTS[name](model(words), path)
    if name in READABLE:
        assert load(path).words == ["c"]
    if name in DIRECTORIES:
        (path / "notes.txt").write_text("years of text\n")
        kept = path / "notes.txt"
    else:
        path.write_text("years of text\n")
        kept = path
    with pytest.raises(OutputError, match="will not replace"):
        EXPORTS[name](model(["d"]), path)
    assert kept.read_text() == "years of text\n"
    assert [entry.name for entry in tmp_path.iterdir()] == ["vectors"]


INTEGERS = [
    "1 2\n2 3\n3 4\n",
    "1 2 3 4\n5 6 7 8\n",
    "5 2\n1 31 2\n",
    "1984 42\nIt was a bright cold day in April.\n",
    "2 2\n",
]
INTEGERS.append("2 2\n0.5 0.25\n1.5 2.5\n")  # a table without words


@pytest.mark.parametrize("name", ["word2vec-binary", "word2vec-text", "glove"])
@pytest.mark.parametrize("text", INTEGERS)
def test_lists_of_edges_walks_and_ratings_are_not_replaced(
    name: str, text: str, tmp_path: Path
) -> None:
    path = tmp_path / "walks.txt"
    path.write_text(text)
    with pytest.raises(OutputError, match="will not replace"):
        EXPORTS[name](model(["a", "b"]), path)
    assert path.read_text() == text


@pytest.mark.parametrize("name", EXPORTS)
def test_a_failed_write_leaves_the_old_vectors(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "vectors"
    EXPORTS[name](model(["old", "words"]), path)
    for error, raised in (
        (OSError(28, "No space left on device"), OutputError),
        (KeyboardInterrupt(), KeyboardInterrupt),
    ):

        def fail(_: int, error: BaseException = error) -> None:
            raise error

        with monkeypatch.context() as patch, pytest.raises(raised):
            patch.setattr("os.fsync", fail)
            EXPORTS[name](model(["new"]), path)
        if name in READABLE:
            assert load(path).words == ["old", "words"]
        assert [entry.name for entry in tmp_path.iterdir()] == ["vectors"]


@pytest.mark.parametrize(
    ("name", "module", "extra"),
    [
        ("embedding-atlas", "pyarrow", "atlas"),
        ("embedding-atlas", "umap", "atlas"),
        ("gensim", "gensim.models", "gensim"),
        ("parquet", "pyarrow", "data"),
        ("usearch", "usearch.index", "index"),
    ],
)
def test_a_missing_library_is_named(
    name: str, module: str, extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match=rf"pip install .*\[{extra}\]'"):
        EXPORTS[name](model([f"w{n}" for n in range(20)]), tmp_path / "vectors")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", sorted({*NO_SPACES, "postgres"}))
def test_a_name_that_ends_in_gz_is_compressed(name: str, tmp_path: Path) -> None:
    written = model(["a", "é"])
    plain, packed = tmp_path / "vectors", tmp_path / "vectors.gz"
    EXPORTS[name](written, plain)
    for _ in range(2):  # the second replaces the first
        EXPORTS[name](written, packed)
    assert gzip.decompress(packed.read_bytes()) == plain.read_bytes()
    if name in READABLE:
        same(load(packed), written, name)
        packed.rename(tmp_path / "any name")  # known by its content
        same(load(tmp_path / "any name"), written, name)
        (tmp_path / "cut").write_bytes((tmp_path / "any name").read_bytes()[:-9])
        with pytest.raises(FormatError, match="cut"):
            load(tmp_path / "cut")


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("model.kv", "gensim"),
        ("a.parquet", "parquet"),
        ("model.safetensors", "safetensors"),
        ("a.sql.gz", "postgres"),
        ("a.txt.gz", "word2vec-text"),
        ("wiki.vec", "fasttext"),
        ("vectors.bin", "word2vec-binary"),
        ("postgresql://user:secret@host/words", "postgres"),
    ],
)
def test_the_suffix_of_the_target_tells_the_format(
    target: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(
        formats,
        "EXPORTS",
        {known: lambda *_, known=known: asked.append(known) for known in EXPORTS},
    )
    monkeypatch.setattr(formats, "_SLOW", {})
    formats.export(model(["a"]), target)
    assert asked == [name]


def test_an_unknown_format_is_rejected_with_those_that_are_near(tmp_path: Path) -> None:
    near = r"format is 'word2vec'; .* \(did you mean word2vec-binary or word2vec-text\?\)"
    with pytest.raises(ConfigError, match=near):
        formats.export(model(["a"]), tmp_path / "v.bin", "word2vec")
    with pytest.raises(ConfigError, match="format is 'csv'; it must be one of embedding-atlas, fa"):
        formats.export(model(["a"]), tmp_path / "v.bin", "csv")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("target", "name", "message"),
    [
        ("vectors", None, "its name has no suffix; end the name in one of .bin, .kv"),
        ("p.csv", None, "the suffix .csv names no format; end the name in one of .bin, .kv"),
        ("v.npy", None, "the suffix .npy names no format; end the name in one of .bin, .kv"),
        ("v.bz2", None, "the suffix .bz2 names no format; end the name in one of .bin, .kv"),
        ("k.kv.gz", None, "gensim files are not compressed with gzip"),
        ("k.gz", "numpy", "numpy files are not compressed with gzip"),
    ],
)
def test_a_format_is_never_guessed_from_an_unknown_suffix(
    target: str, name: str | None, message: str, tmp_path: Path
) -> None:
    with pytest.raises(OutputError, match=message):
        formats.export(model(["a"]), str(tmp_path / target), name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "file"),
    [("numpy", "vocabulary.tsv"), ("tensorboard", "metadata.tsv"), ("usearch", "vocabulary.tsv")],
)
def test_damaged_directories_are_refused(name: str, file: str, tmp_path: Path) -> None:
    EXPORTS[name](model(["a", "b", "c"]), tmp_path)
    whole = (tmp_path / file).read_text()
    for content in (
        "",
        "word\tcount\na\t1\n",
        "word\tcount\na\t1\nb\nc\t2\n",
        whole + "d\t0\n",
        None,
    ):
        (tmp_path / file).unlink()
        if content is not None:
            (tmp_path / file).write_text(content)
        with pytest.raises(
            FormatError, match=r"part of a skipgram|cannot be read as a NumPy array"
        ):
            load(tmp_path)
        (tmp_path / file).touch()
    (tmp_path / file).write_text(whole)
    (tmp_path / DIRECTORIES[name]).write_bytes(b"\x00damaged")
    with pytest.raises(FormatError, match=DIRECTORIES[name]):
        load(tmp_path)


@pytest.mark.filterwarnings("ignore:.* were skipped; only counts are read")
@pytest.mark.parametrize("name", READABLE)
def test_damage_of_any_kind_is_refused_or_gives_numbers(name: str, tmp_path: Path) -> None:
    path, rng = tmp_path / "vectors", np.random.default_rng(4)
    EXPORTS[name](model([f"w{n}" for n in range(12)]), path)
    for file in path.iterdir() if path.is_dir() else [path]:
        whole = file.read_bytes()
        for attempt in range(60):
            content = bytearray(whole)
            if attempt % 2:
                del content[int(rng.integers(len(content))) :]
            else:
                content[int(rng.integers(len(content)))] = int(rng.integers(256))
            file.write_bytes(content)
            try:
                assert load(path).vector_size > 0
            except FormatError as error:
                assert str(tmp_path) in str(error)
        file.write_bytes(whole)


def test_an_encoded_corpus_is_not_a_model(tmp_path: Path) -> None:
    skipgram.encode([["a", "b"]] * 5, tmp_path / "encoded")
    with pytest.raises(FormatError, match="is an encoded corpus, which has no vectors yet; train"):
        load(tmp_path / "encoded")


@pytest.mark.parametrize("names", [(), ("a.txt",), ("model.safetensors", "config.json")])
def test_a_directory_that_is_not_a_model_is_called_that(
    names: tuple[str, ...], tmp_path: Path
) -> None:
    for name in names:
        (tmp_path / name).touch()
    held = f"it holds {', '.join(sorted(names))}" if names else "it is empty"
    with pytest.raises(FormatError, match=f"is a directory, but not a model: {held}; give the "):
        skipgram.load(tmp_path)
