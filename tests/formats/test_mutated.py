"""Changed files of every format: read, or an error of skipgram's, in little time and memory."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import gensim
import numpy as np
import pytest
from mutations import check_mutations

import skipgram
from skipgram import Embeddings
from skipgram.config_file import read_config_file
from skipgram.corpus.stored import open_encoded
from skipgram.descriptions import corpus_rows, training_rows
from skipgram.errors import SkipgramError
from skipgram.formats import export, load, usearch
from skipgram.gensim import Word2Vec
from skipgram.index import NeighbourIndex, build_index

TRIES = 150
EMBEDDINGS = Embeddings(
    [*"abcdefgh", "i j"[:1], "ü"],
    np.random.default_rng(1).normal(size=(10, 3)),
    counts=np.arange(10, 0, -1),
    training={"raw_words": 7, "loss": [2.5, 1], "reading": {"stopwords": ["the"]}},
)


def used(path: Path) -> None:
    """Load vectors, and use them as `info`, `neighbors` and `export` do."""
    embeddings = load(path)
    corpus_rows(embeddings.training)
    training_rows(embeddings.training)
    if embeddings.words:
        embeddings.most_similar_batch(embeddings.words[:2], topn=3)
    embeddings.save(path.with_name("again.safetensors"))


@pytest.mark.parametrize(
    "kind",
    [
        *("gensim", "glove", "numpy", "parquet", "safetensors", "tensorboard", "usearch"),
        *("word2vec-binary", "word2vec-text"),
    ],
)
def test_vectors(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "vectors"
    export(EMBEDDINGS, path, kind)
    used(path)
    check_mutations(path, lambda: used(path), 1, TRIES)


def test_a_model_directory(tmp_path: Path) -> None:
    EMBEDDINGS.save(tmp_path / "model")
    check_mutations(tmp_path / "model", lambda: used(tmp_path / "model"), 1, 2 * TRIES)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_gensims_vectors_in_every_protocol(protocol: int, tmp_path: Path) -> None:
    theirs = gensim.models.KeyedVectors(3)
    theirs.add_vectors([*"abc", 7, (1, "x")], np.eye(5, 3, dtype=np.float32))
    theirs.expandos["count"] = np.arange(5)
    path = tmp_path / "vectors.kv"
    path.write_bytes(pickle.dumps(theirs, protocol))
    used(path)
    check_mutations(path, lambda: used(path), protocol, TRIES)


@pytest.mark.parametrize("name", ["word2vec_3.3", "model-from-gensim-3.8.0.w2v", "new"])
def test_gensims_models(name: str, tmp_path: Path) -> None:
    path = tmp_path / "model"
    if name == "new":
        texts = [["a", "b", "b", "c"]] * 20
        theirs = gensim.models.Word2Vec(texts, vector_size=3, min_count=1, epochs=1, hs=1)
        theirs.save(str(path))
    else:
        path.write_bytes((Path(gensim.__file__).parent / "test" / "test_data" / name).read_bytes())

    def read() -> None:
        model = Word2Vec.load(path)
        model.save(path.with_name("again"))
        Word2Vec.load(path.with_name("again"))

    read()
    check_mutations(path, read, 1, TRIES)


def test_a_model_of_our_own_gensim_classes(tmp_path: Path) -> None:
    texts = [["a", "b", "b", "c"]] * 20
    path = tmp_path / "model"
    Word2Vec(texts, vector_size=3, min_count=1, epochs=1, hs=1, negative=0).save(path)
    check_mutations(path, lambda: Word2Vec.load(path), 1, TRIES)


@pytest.mark.parametrize("file", ["index.usearch", "vocabulary.tsv"])
def test_an_exported_index_with_its_digest_renewed(file: str, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    export(EMBEDDINGS, folder, "usearch")
    index = folder / "index.usearch"

    def read() -> None:
        (folder / "index.sha256").write_text(usearch.digest(index.read_bytes(), index.name))
        used(folder)

    check_mutations(folder / file, read, 1, 2 * TRIES)


def test_the_index_of_a_model_with_its_digest_renewed(tmp_path: Path) -> None:
    path = tmp_path / "model.input.usearch"
    build_index(EMBEDDINGS, path)
    digests = path.with_name(f"{path.name}.sha256")
    of_vectors = digests.read_text().splitlines(keepends=True)[1]

    def read() -> None:
        digests.write_text(usearch.digest(path.read_bytes(), path.name) + of_vectors)
        NeighbourIndex(EMBEDDINGS, path).most_similar("a", topn=5)

    assert check_mutations(path, read, 1, 2 * TRIES) > 10


def test_an_encoded_corpus(tmp_path: Path) -> None:
    skipgram.encode([["a", "b", "c"]] * 5, tmp_path / "corpus", min_count=1)

    def read() -> None:
        with open_encoded(tmp_path / "corpus") as corpus:
            corpus.report.warnings()

    check_mutations(tmp_path / "corpus", read, 1, 2 * TRIES)


def test_a_file_of_options(tmp_path: Path) -> None:
    path = tmp_path / "options.toml"
    path.write_text('vector-size = 50\nsample = 0.0\nstopwords = ["the", "a"]\nepochs = 3\n')
    check_mutations(path, lambda: read_config_file(path), 1, TRIES)


READERS: list[Callable[[Path], object]] = [load, Word2Vec.load, open_encoded]


@pytest.mark.parametrize("read", READERS)
def test_what_is_of_no_format_at_all(read: Callable[[Path], object], tmp_path: Path) -> None:
    path = tmp_path / "file"
    random = np.random.default_rng(1)
    for size in (1, 7, 100, 5000, 70_000):
        path.write_bytes(random.integers(0, 256, size, np.uint8).tobytes())
        with pytest.raises(SkipgramError):
            read(path)
