"""How files of vectors and models are made, changed and read."""

from __future__ import annotations

import contextlib
import io
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
from fuzz_target import Target, only_file
from gensim.models import KeyedVectors
from repack import (
    COMPRESSED,
    JSON,
    inside,
    npy_header,
    parquet_footer,
    pickle_opcodes,
    renew_digest,
    safetensors_data,
    safetensors_header,
    swap_files,
    zip_members,
)

import skipgram
import skipgram.gensim
from skipgram.cli.info import info

SENTENCES = [
    ["the", "cat", "sat", "on", "the", "mat", "東京", "naïve", "12", "</s>"],
    ["a", "dog", "in", "東京", "saw", "the", "naïve", "cat", "\N{GRINNING FACE}", "12"],
] * 3


def trained() -> skipgram.Embeddings:
    """Return a small model with counts, output vectors and a record of its training."""
    return skipgram.train(
        SENTENCES, vector_size=4, epochs=1, min_count=1, threads=1, progress=False
    )


def load(path: Path) -> None:
    """Read vectors and use all that they hold."""
    embeddings = skipgram.load(path, unicode_errors="replace")
    repr(embeddings)
    if len(embeddings) and embeddings.vector_size:
        embeddings.most_similar(embeddings.words[-1], topn=3)
        embeddings.most_similar_batch(embeddings.words[:2])


def load_file(folder: Path) -> None:
    """Read the only file of a folder."""
    load(only_file(folder))


def load_and_describe(path: Path) -> None:
    """Read vectors, and print them as `skipgram info` does."""
    load(path)
    with contextlib.redirect_stdout(io.StringIO()):
        info(path)
        info(path, as_json=True)


def exported(*names: str, file: str = "") -> Callable[[Path], None]:
    """Return a function that writes a model in some formats, each into a folder of its own.

    Args:
        names: formats of `skipgram.export`.
        file: the name of the file in the folder; "" if the format is a directory.
    """

    def make(folder: Path) -> None:
        embeddings = trained()
        for name in names:
            target = folder / name
            if file:
                target.mkdir()
            skipgram.export(embeddings, target / file if file else target, format=name)

    return make


def _compressed(folder: Path) -> None:
    embeddings = trained()
    for name in ("word2vec-text", "word2vec-binary", "glove"):
        (folder / name).mkdir()
        skipgram.export(embeddings, folder / name / "vectors.gz", format=name)


def _model_files(folder: Path) -> None:
    embeddings = trained()
    names = ("whole", "f")
    for name in names:
        (folder / name).mkdir()
    embeddings.save(folder / "whole" / "model.safetensors")
    skipgram.Embeddings(["a", "b"], np.eye(2, dtype=np.float32)).save(
        folder / "f" / "model.safetensors"
    )


def _model_directories(folder: Path) -> None:
    trained().save(folder / "trained")
    skipgram.Embeddings(["a", "b c"], np.eye(2, dtype=np.float32)).save(folder / "plain")


def _key_vectors(folder: Path) -> None:
    embeddings = trained()
    for protocol in (2, 4, 5):
        theirs = KeyedVectors(4, count=0)
        theirs.add_vectors(embeddings.words, embeddings.input)
        theirs.expandos["count"] = embeddings.counts
        target = folder / f"protocol-{protocol}"
        target.mkdir()
        theirs.save(str(target / "vectors.kv"), pickle_protocol=protocol)
    target = folder / "beside"
    target.mkdir()
    theirs.save(str(target / "vectors.kv"), separately=["vectors"])
    exported("gensim", file="vectors.kv")(folder)


def _npz(folder: Path) -> None:
    """NumPy directories whose array is in other types and layouts, or is a .npz file."""
    exported("numpy")(folder)
    matrix = np.load(folder / "numpy" / "vectors.npy")
    for name in ("float16", "float64", "fortran", "archive"):
        shutil.copytree(folder / "numpy", folder / name)
    np.save(folder / "float16" / "vectors.npy", matrix.astype(np.float16))
    np.save(folder / "float64" / "vectors.npy", matrix.astype(">f8"))
    np.save(folder / "fortran" / "vectors.npy", np.asfortranarray(matrix))
    with (folder / "archive" / "vectors.npy").open("wb") as file:
        np.savez_compressed(file, vectors=matrix)


def _load_key_vectors(folder: Path) -> None:
    load(folder / "vectors.kv")


def _index(folder: Path) -> None:
    embeddings = trained()
    (folder / "index").mkdir()
    embeddings.save(folder / "index" / "model.safetensors")
    skipgram.build_index(embeddings, folder / "index" / "model.safetensors.input.usearch")


def _search(folder: Path) -> None:
    embeddings = skipgram.load(folder / "model.safetensors")
    index = skipgram.NeighbourIndex(embeddings, folder / "model.safetensors.input.usearch")
    index.most_similar(embeddings.words[0], topn=3)
    index.most_similar_batch(embeddings.words, topn=30)


def _of_gensim(folder: Path) -> None:
    for name, hs in (("negative", 0), ("hierarchical", 1)):
        (folder / name).mkdir()
        model = skipgram.gensim.Word2Vec(
            SENTENCES, vector_size=4, min_count=1, epochs=1, workers=1, hs=hs, negative=5 - 5 * hs
        )
        model.save(str(folder / name / "model.safetensors"))


def _load_of_gensim(folder: Path) -> None:
    model = skipgram.gensim.Word2Vec.load(str(folder / "model.safetensors"))
    repr(model)
    model.wv.most_similar(0)
    model.train(SENTENCES, total_examples=6, epochs=1)


def _load_word2vec_format(folder: Path) -> None:
    kind = skipgram.gensim.KeyedVectors
    path = only_file(folder)
    no_header = path.name == "glove.txt"
    vectors = kind.load_word2vec_format(path, unicode_errors="replace", no_header=no_header)
    vectors.most_similar(0, topn=2)


def _word2vec_formats(folder: Path) -> None:
    for name in ("word2vec-text", "word2vec-binary", "glove"):
        exported(name, file=f"{name}.txt")(folder)


FOOTER = inside(r"\.parquet$", parquet_footer)
HEADER = inside(r"\.safetensors$", safetensors_header)
DATA = inside(r"\.safetensors$", safetensors_data)
ARRAY = inside(r"\.npy$", npy_header)
_TEXT_FORMATS = {
    "word2vec-text": "vectors.txt",
    "word2vec-binary": "vectors.bin",
    "fasttext": "vectors.vec",
    "glove": "vectors.txt",
}

VECTORS = [
    *(
        Target(name, exported(name, file=file), load_file, ())
        for name, file in _TEXT_FORMATS.items()
    ),
    Target("vectors-gz", _compressed, load_file, tuple(COMPRESSED)),
    Target(
        "safetensors",
        _model_files,
        lambda folder: load_and_describe(only_file(folder)),
        (HEADER, DATA),
    ),
    Target(
        "model-directory",
        _model_directories,
        load_and_describe,
        (HEADER, DATA, JSON, swap_files),
    ),
    Target("gensim-load", _word2vec_formats, _load_word2vec_format),
    Target("gensim-word2vec", _of_gensim, _load_of_gensim, (HEADER, DATA)),
    Target(
        "gensim-kv",
        _key_vectors,
        _load_key_vectors,
        (inside(r"\.kv$", pickle_opcodes), ARRAY),
    ),
    Target(
        "numpy",
        _npz,
        load,
        (ARRAY, inside(r"\.npy$", zip_members), swap_files),
    ),
    Target("tensorboard", exported("tensorboard"), load, (JSON, swap_files)),
    Target("parquet", exported("parquet", file="v.parquet"), load_file, (FOOTER,)),
    Target(
        "usearch",
        exported("usearch"),
        load,
        (renew_digest("index.usearch", "index.sha256"), swap_files),
    ),
    Target(
        "index",
        _index,
        _search,
        (
            renew_digest(
                "model.safetensors.input.usearch", "model.safetensors.input.usearch.sha256"
            ),
        ),
    ),
]
