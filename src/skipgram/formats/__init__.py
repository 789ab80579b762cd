"""Files of embeddings, one module per format; the layout is in its docstring."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from skipgram.errors import FormatError, OutputError, WrongTypeError
from skipgram.formats import (
    arrays,
    atlas,
    glove,
    keyed_vectors,
    model_directory,
    parquet,
    postgres,
    projector,
    usearch,
    word2vec,
)
from skipgram.formats.files import beginning

if TYPE_CHECKING:
    from skipgram.embeddings import Embeddings, Which

__all__ = ["EXPORTS", "Writer", "export", "load"]


class Writer(Protocol):
    """Writes the vectors asked for to one file or directory, whole or not at all."""

    def __call__(
        self, embeddings: Embeddings, path: str | os.PathLike[str], which: Which = "input"
    ) -> None:
        """Write `embeddings.vectors(which)` to `path`; errors as for `word2vec.write`."""


_WORD2VEC_TEXT = partial(word2vec.write, binary=False)

EXPORTS: Mapping[str, Writer] = {
    "embedding-atlas": atlas.write,
    "fasttext": _WORD2VEC_TEXT,
    "gensim": keyed_vectors.write,
    "glove": glove.write,
    "numpy": arrays.write,
    "parquet": parquet.write,
    "postgres": postgres.write,
    "spacy": _WORD2VEC_TEXT,
    "tensorboard": projector.write,
    "usearch": usearch.write,
    "word2vec-binary": partial(word2vec.write, binary=True),
    "word2vec-text": _WORD2VEC_TEXT,
}
"""The formats that other tools read, by name."""

_SUFFIXES = {
    ".kv": "gensim",
    ".parquet": "parquet",
    ".sql": "postgres",
    ".txt": "word2vec-text",
    ".vec": "fasttext",
}
# How each format is recognised, by the names in a directory or the first bytes of a file, and read.
_DIRECTORIES = (
    (arrays.recognised, arrays.read),
    (projector.recognised, projector.read),
    (usearch.recognised, usearch.read),
)
_FILES = (
    (word2vec.recognised, word2vec.read),
    (parquet.recognised, parquet.read),
    (keyed_vectors.recognised, keyed_vectors.read),
    (glove.recognised, glove.read),  # whose files tell least of what they are
)


_COMPRESSED = {"fasttext", "glove", "postgres", "spacy", "word2vec-binary", "word2vec-text"}
_OTHERS = {".bz2", ".csv", ".json", ".npy", ".npz", ".safetensors", ".tsv", ".xz", ".zip", ".zst"}
"""Suffixes that promise what no format writes under that name."""


def export(
    embeddings: Embeddings,
    target: str | os.PathLike[str],
    format: str | None = None,  # noqa: A002
    which: Which = "input",
) -> None:
    """Write vectors in a format that other tools read.

    Args:
        embeddings: the model.
        target: a file or directory, or a connection string of PostgreSQL.
        format: one of `EXPORTS`; by default what the target's name speaks of, but for .gz, and word2vec's binary where it says
            nothing.
        which: the vectors to write.

    Raises:
        WrongTypeError: `target` is no name.
        OutputError: the target is another URL, its name promises another format or a compression that this format has not; or
            see the format's `write`.
    """
    if not isinstance(target, str | os.PathLike):
        raise WrongTypeError(
            f"target={target!r:.80} is not allowed: it takes the name of what is to be written"
        )
    target = os.fspath(target)
    if postgres.is_database(target):
        EXPORTS[format or "postgres"](embeddings, target, which)
        return
    if "://" in target:
        raise OutputError(
            f"cannot write to {target.split('://')[0]}://: give a file, a directory or postgresql://USER@HOST/DATABASE"
        )
    suffix = Path(target.removesuffix(".gz")).suffix
    if format is None and suffix in _OTHERS:
        raise OutputError(
            f"cannot write {target}: no format goes by {suffix} alone; name one of {', '.join(EXPORTS)}"
        )
    chosen = format or _SUFFIXES.get(suffix, "word2vec-binary")
    if target.endswith(".gz") and chosen not in _COMPRESSED:
        raise OutputError(
            f"cannot write {target}: {chosen} is not compressed by gzip; leave .gz out of the name"
        )
    EXPORTS[chosen](embeddings, target, which)


def load(path: str | os.PathLike[str]) -> Embeddings:
    """Read embeddings: a model directory, or what another program wrote. Its format is recognised from its content.

    Files: word2vec binary and text, fastText's .vec, GloVe's text (all these compressed or plain), Parquet, gensim's
    KeyedVectors. Directories: models, NumPy arrays, TensorBoard's projector, usearch indexes. Only models hold output vectors.

    Raises:
        WrongTypeError: `path` is none.
        FormatError: there is nothing at `path`, or it is damaged, truncated or of another kind.
        MissingExtraError: a library that reads this format is not installed.
    """
    if not isinstance(path, str | os.PathLike):
        raise WrongTypeError(
            f"path={path!r:.80} is not allowed: it takes the name of a file or directory"
        )
    if not os.fspath(path):
        raise FormatError(
            "cannot read: the name of the file is empty; give a file of vectors or a model directory"
        )
    try:
        names = {file.name for file in Path(path).iterdir()} if Path(path).is_dir() else None
    except (
        OSError,
        ValueError,
    ) as error:  # a folder that may not be entered, a name too long or with a NUL
        raise FormatError(f"cannot read {path}: {error}; check the path") from error
    if names is not None:
        for in_directory, read_directory in _DIRECTORIES:
            if in_directory(names):
                return read_directory(path)
        return model_directory.load(path)
    start = beginning(path)
    if not start:
        raise FormatError(f"{path} is empty; give a file of vectors or a model directory")
    for begins, read_file in _FILES:
        if begins(start):
            return read_file(path)
    raise FormatError(
        f"{path} is no file of vectors: it begins with {start[:40]!r}, as no format does that skipgram reads; give a model "
        "directory, or a file of word2vec, fastText, GloVe, gensim or Parquet"
    )
