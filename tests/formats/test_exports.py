"""What holds for every format: what is written comes back, or the word that does not fit is named and nothing is written."""

from __future__ import annotations

import gzip
import pickle
import re
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from gensim.models import KeyedVectors, Word2Vec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from usearch.index import Index

from skipgram import formats
from skipgram.cli.app import ExportFormat
from skipgram.embeddings import Embeddings
from skipgram.errors import ConfigError, FormatError, MissingExtraError, OutputError
from skipgram.formats import EXPORTS, atlas, load

ANY_WORD = ["gensim", "numpy", "parquet", "embedding-atlas", "usearch"]
NO_SPACES = ["fasttext", "glove", "spacy", "word2vec-binary", "word2vec-text"]
READABLE = [*ANY_WORD, *NO_SPACES, "tensorboard"]
WITH_COUNTS = [*ANY_WORD, "tensorboard"]
DIRECTORIES = {"numpy": "vectors.npy", "tensorboard": "vectors.tsv", "usearch": "index.usearch"}
ODD = [
    "king",
    "a b",
    "tab\tx",
    "two\nlines",
    "cr\r",
    "",
    " ",
    'say "x"',
    "\N{GRINNING FACE}",
    "\\N",
    "東京",
    "x" * 70_000,
]
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


def same(back: Embeddings, expected: Embeddings, name: str) -> None:
    assert back.words == expected.words
    assert back.input.shape == expected.input.shape
    assert back.input.tobytes() == expected.input.tobytes()
    assert back.output is None
    if name in WITH_COUNTS and expected.counts is not None:
        np.testing.assert_array_equal(back.counts, expected.counts, strict=True)
    else:
        assert back.counts is None


def model(words: list[str], dimensions: int = 4) -> Embeddings:
    rng = np.random.default_rng(5)
    matrix = rng.normal(size=(len(words), dimensions)).astype(np.float32)
    return Embeddings(words, matrix, -matrix, range(len(words), 0, -1))


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
def test_edges_walks_and_ratings_are_no_vectors_to_replace(
    name: str, text: str, tmp_path: Path
) -> None:
    path = tmp_path / "walks.txt"
    path.write_text(text)
    with pytest.raises(OutputError, match="will not replace"):
        EXPORTS[name](model(["a", "b"]), path)
    assert path.read_text() == text


@pytest.mark.parametrize("name", EXPORTS)
def test_a_failed_write_leaves_what_was_there(
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
        ("embedding-atlas", "pyarrow", "data"),
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
    with pytest.raises(MissingExtraError, match=rf"pip install 'skipgram\[{extra}\]'"):
        EXPORTS[name](model([f"w{n}" for n in range(20)]), tmp_path / "vectors")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", sorted({*NO_SPACES, "postgres"}))
def test_a_name_that_ends_in_gz_is_compressed(name: str, tmp_path: Path) -> None:
    written, plain, packed = model(["a", "é"]), tmp_path / "vectors", tmp_path / "vectors.gz"
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
        ("a.sql.gz", "postgres"),
        ("a.txt.gz", "word2vec-text"),
        ("wiki.vec", "fasttext"),
        ("vectors.bin", "word2vec-binary"),
        ("vectors", "word2vec-binary"),
        ("postgresql://user:secret@host/words", "postgres"),
    ],
)
def test_the_name_of_the_target_says_the_format(
    target: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(
        formats,
        "EXPORTS",
        {known: lambda *_, known=known: asked.append(known) for known in EXPORTS},
    )
    formats.export(model(["a"]), target)
    assert asked == [name]


@pytest.mark.parametrize(
    ("target", "name", "message"),
    [
        ("p.csv", None, "no format goes by .csv alone"),
        ("v.npy", None, "no format goes by .npy alone"),
        ("v.bz2", None, "no format goes by .bz2 alone"),
        ("k.kv.gz", None, "gensim is not compressed by gzip"),
        ("k.gz", "numpy", "numpy is not compressed by gzip"),
    ],
)
def test_names_that_promise_something_else(
    target: str, name: str | None, message: str, tmp_path: Path
) -> None:
    with pytest.raises(OutputError, match=message):
        formats.export(model(["a"]), str(tmp_path / target), name)
    assert list(tmp_path.iterdir()) == []


def test_gensim_loads_its_own_format(tmp_path: Path) -> None:
    written = model(ODD)
    EXPORTS["gensim"](written, tmp_path / "model.kv")
    theirs = KeyedVectors.load(str(tmp_path / "model.kv"))
    assert theirs.index_to_key == ODD
    assert theirs.vectors.tobytes() == written.input.tobytes()
    assert written.counts is not None
    assert [theirs.get_vecattr(word, "count") for word in ODD] == written.counts.tolist()
    assert theirs.most_similar("king", topn=1)[0][0] == written.most_similar("king", topn=1)[0][0]
    theirs.save(str(tmp_path / "again.kv"), sep_limit=1)  # vectors in a file of their own
    assert (tmp_path / "again.kv.vectors.npy").exists()
    same(load(tmp_path / "again.kv"), written, "gensim")
    theirs.set_vecattr(theirs.index_to_key[0], "kind", "noun")
    theirs.save(str(tmp_path / "kinds.kv"))
    with pytest.warns(UserWarning, match="the words' attributes 'kind' are left out"):
        same(load(tmp_path / "kinds.kv"), written, "gensim")
    (tmp_path / "again.kv.vectors.npy").unlink()
    with pytest.raises(FormatError, match=r"again\.kv\.vectors\.npy"):
        load(tmp_path / "again.kv")


def test_keys_of_gensim_that_are_numbers_are_words_of_digits(tmp_path: Path) -> None:
    theirs = KeyedVectors(2)
    theirs.add_vectors([7, np.int64(8), "nine"], np.eye(3, 2, dtype=np.float32))
    theirs.save(str(tmp_path / "items.kv"))
    assert load(tmp_path / "items.kv").words == ["7", "8", "nine"]
    for key in ((1, 2), None, True):
        other = KeyedVectors(2)
        other.add_vectors([key, "a"], np.ones((2, 2), np.float32))
        other.save(str(tmp_path / "others.kv"))
        with pytest.raises(FormatError, match=rf"the word {re.escape(str(key))} is no string"):
            load(tmp_path / "others.kv")


@pytest.mark.parametrize(
    ("vectors", "counts", "said"),
    [
        (pa.array([[1.0, None], [1.0, 2.0]]), [1, 2], "a number missing"),
        (pa.array([[1.0, 1e300], [1.0, 2.0]]), [1, 2], "larger than float32 holds"),
        (pa.array([[1.0, 2.0], [1.0, 2.0]]), [1, 1.5], "not all whole numbers"),
        (pa.array([[1.0, 2.0], [1.0, 2.0]]), [Decimal(3), Decimal("2.5")], "not all whole numbers"),
    ],
)
def test_values_that_would_be_changed_are_refused(
    vectors: pa.Array, counts: list[Any], said: str, tmp_path: Path
) -> None:
    pq.write_table(
        pa.table({"word": ["a", "b"], "vector": vectors, "count": counts}),
        tmp_path / "table.parquet",
    )
    with pytest.raises(FormatError, match=said):
        load(tmp_path / "table.parquet")


class Evil:
    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (Path("harm"),))


def test_a_whole_model_of_gensim_is_not_replaced(tmp_path: Path) -> None:
    Word2Vec([["a", "b"]] * 10, vector_size=2, min_count=1).save(str(tmp_path / "model"))
    with pytest.raises(OutputError, match="will not replace"):
        EXPORTS["gensim"](model(["a"]), tmp_path / "model")
    with pytest.raises(FormatError, match="save_word2vec_format"):
        load(tmp_path / "model")


def test_a_pickle_that_asks_for_more_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    theirs = KeyedVectors(2, count=0)
    theirs.add_vectors(["a"], np.ones((1, 2), np.float32))
    theirs.extra = Evil()
    theirs.save("evil.kv")
    with pytest.raises(
        FormatError, match=r"it asks for \S+touch|it asks for \S+, which is not run"
    ):
        load("evil.kv")
    assert not Path("harm").exists()
    Path("other.kv").write_bytes(pickle.dumps({"gensim.": 1}))
    with pytest.raises(FormatError, match="cannot be read as gensim's"):
        load("other.kv")
    whole = Path("evil.kv").read_bytes()
    for size in range(40, len(whole), 11):
        Path("cut.kv").write_bytes(whole[:size])
        with pytest.raises(FormatError, match="cut"):
            load("cut.kv")


def test_numpy_reads_the_arrays_and_damage_is_named(tmp_path: Path) -> None:
    written = model(ODD)
    EXPORTS["numpy"](written, tmp_path / "arrays")
    mapped = np.load(tmp_path / "arrays" / "vectors.npy", mmap_mode="r")
    assert mapped.dtype == np.float32
    assert (mapped == written.input).all()
    table = pd.read_csv(
        tmp_path / "arrays" / "vocabulary.tsv", sep="\t", keep_default_na=False, lineterminator="\n"
    )
    assert table["word"].tolist() == ODD
    np.save(tmp_path / "arrays" / "vectors.npy", written.input[:-1])
    with pytest.raises(FormatError, match=r"vectors\.npy.*float32 \(11, 4\)"):
        load(tmp_path / "arrays")
    (tmp_path / "arrays" / "vectors.npy").write_bytes(b"")
    with pytest.raises(FormatError, match=r"vectors\.npy"):
        load(tmp_path / "arrays")


@pytest.mark.parametrize("name", ["parquet", "embedding-atlas"])
def test_pandas_polars_and_duckdb_read_parquet(name: str, tmp_path: Path) -> None:
    written, path = model(ODD), tmp_path / "words.parquet"
    EXPORTS[name](written, path)
    frame = pd.read_parquet(path)
    assert frame["word"].tolist() == ODD
    assert np.stack(frame["vector"].tolist()).tobytes() == written.input.tobytes()
    assert pl.read_parquet(path)["vector"].to_numpy().tobytes() == written.input.tobytes()
    answer = duckdb.sql(f"SELECT word, count, vector FROM '{path}'")
    assert answer is not None
    assert written.counts is not None
    rows = answer.fetchall()
    assert [(word, count) for word, count, _ in rows] == list(
        zip(ODD, written.counts.tolist(), strict=True)
    )
    assert (
        np.array([vector for *_, vector in rows], np.float32).tobytes() == written.input.tobytes()
    )


@pytest.mark.parametrize(
    ("columns", "named"),
    [
        ({"token": ["a"], "vector": [[1.0]]}, "no column 'word'; it has token, vector"),
        ({"word": ["a", "b"], "vector": [[1.0], [1.0, 2.0]]}, "vectors of"),
        ({"word": ["a", "b"], "vector": [[1.0], None]}, "vectors of"),
        ({"word": ["a", "a"], "vector": [[1.0], [2.0]]}, "'a' comes twice"),
        ({"word": ["a"], "vector": [["x"]]}, "cannot be read"),
        ({"word": ["a"], "vector": ["x"]}, "cannot be read"),
        ({"word": ["a", None], "vector": [[1.0], [2.0]]}, "without a word"),
        ({"word": ["a", "b"], "count": [1, None], "vector": [[1.0], [2.0]]}, "without a count"),
    ],
)
def test_tables_of_something_else_are_refused(
    columns: dict[str, list[object]], named: str, tmp_path: Path
) -> None:
    pq.write_table(pa.table(columns), tmp_path / "table.parquet")
    with pytest.raises(FormatError, match=named):
        load(tmp_path / "table.parquet")


def test_tables_of_others(tmp_path: Path) -> None:
    path = tmp_path / "corpus.parquet"
    pq.write_table(pa.table({"text": ["years of text"]}), path)
    with pytest.raises(
        OutputError, match=r"will not replace .*: it is not surely a table of words"
    ):
        EXPORTS["parquet"](model(["a"]), path)
    (tmp_path / "broken.parquet").write_bytes(b"PAR1broken")
    with pytest.raises(OutputError, match="will not replace"):
        EXPORTS["parquet"](model(["a"]), tmp_path / "broken.parquet")
    words = pa.array(["a", "b"]).dictionary_encode()
    pq.write_table(pa.table({"more": [1, 2], "vector": [[1.0], [2.0]], "word": words}), path)
    same(load(path), Embeddings(["a", "b"], [[1], [2]]), "parquet")


def test_the_map_and_the_neighbours_of_embedding_atlas(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    centres = rng.normal(size=(2, 10))
    matrix = np.concatenate([centre + 0.2 * rng.normal(size=(30, 10)) for centre in centres])
    written = Embeddings([f"{cluster}{n}" for cluster in "ab" for n in range(30)], matrix)
    EXPORTS["embedding-atlas"](written, tmp_path / "words.parquet")
    frame = pd.read_parquet(tmp_path / "words.parquet")
    assert list(frame.columns) == ["word", "vector", "x", "y", "neighbors"]
    places = frame[["x", "y"]].to_numpy()
    a, b = places[:30], places[30:]
    assert np.linalg.norm(a.mean(0) - b.mean(0)) > 2 * max(a.std(0).max(), b.std(0).max())
    for row, near in enumerate(frame["neighbors"]):
        expected = written.most_similar(written.words[row], topn=14)
        assert [written.words[other] for other in near["ids"]] == [
            written.words[row],
            *(word for word, _ in expected),
        ]
        np.testing.assert_allclose(
            near["distances"], [0, *(1 - cosine for _, cosine in expected)], atol=1e-6
        )


def test_few_words_get_a_map_as_well() -> None:
    assert atlas._map(np.eye(3, 5, dtype=np.float32)).shape == (3, 2)
    assert atlas._map(np.ones((1, 1), np.float32)).tolist() == [[0, 0]]


def test_usearch_answers_as_the_exact_search_does(tmp_path: Path) -> None:
    written = model([f"w{n}" for n in range(500)], 20)
    EXPORTS["usearch"](written, tmp_path / "index")
    index = Index.restore(str(tmp_path / "index" / "index.usearch"))
    assert index is not None
    found = index.search(written["w3"], 5)
    assert written.words[int(found.keys[0])] == "w3"
    nearest = written.most_similar("w3", topn=1)[0]
    assert written.words[int(found.keys[1])] == nearest[0]
    assert 1 - found.distances[1] == pytest.approx(nearest[1], abs=1e-5)


@pytest.mark.parametrize(
    ("name", "file"),
    [("numpy", "vocabulary.tsv"), ("tensorboard", "metadata.tsv"), ("usearch", "vocabulary.tsv")],
)
def test_directories_that_are_damaged(name: str, file: str, tmp_path: Path) -> None:
    EXPORTS[name](model(["a", "b", "c"]), tmp_path)
    whole = (tmp_path / file).read_text()
    for content in (
        "",
        "word\tcount\na\t1\n",
        "word\tcount\na\t1\nb\nc\t2\n",
        whole.replace("b", "a"),
        whole + "d\t0\n",
        None,
    ):
        (tmp_path / file).unlink()
        if content is not None:
            (tmp_path / file).write_text(content)
        with pytest.raises(FormatError, match=r"cannot be read as (part of a skipgram|an array)"):
            load(tmp_path)
        (tmp_path / file).touch()
    (tmp_path / file).write_text(whole)
    (tmp_path / DIRECTORIES[name]).write_bytes(b"\x00damaged")
    with pytest.raises(FormatError, match=DIRECTORIES[name]):
        load(tmp_path)


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


def test_the_files_of_the_projector(tmp_path: Path) -> None:
    EXPORTS["tensorboard"](
        Embeddings(["a", 'b "c"'], [[1, 0.5], [-2.0, 0.0]], counts=[7, 3]), tmp_path
    )
    assert (tmp_path / "vectors.tsv").read_text() == "1.0\t0.5\n-2.0\t0.0\n"
    assert (tmp_path / "metadata.tsv").read_text() == 'word\tcount\na\t7\nb "c"\t3\n'
    EXPORTS["tensorboard"](Embeddings(["a"], [[1]]), tmp_path)
    assert (tmp_path / "metadata.tsv").read_text() == "a\n"
    assert 'metadata_path: "metadata.tsv"' in (tmp_path / "projector_config.pbtxt").read_text()


def test_torch_gets_a_layer_of_the_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    written = model(["a", "b"])
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "torch", None)
        with pytest.raises(MissingExtraError, match="pip install torch"):
            written.to_torch()
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    layer = written.to_torch("output", freeze=False)
    assert isinstance(layer, torch.nn.Embedding)
    assert (layer.weight.detach().numpy() == written.output).all()
    assert layer.weight.requires_grad
    assert not written.to_torch().weight.requires_grad
