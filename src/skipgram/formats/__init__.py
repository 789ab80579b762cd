"""Files of embeddings, one module per format; each docstring describes the layout."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Protocol

from skipgram import model_directory, model_file
from skipgram.embeddings import Embeddings, Which
from skipgram.errors import ConfigError, FormatError, OutputError, WrongTypeError
from skipgram.formats import (
    arrays,
    atlas,
    glove,
    keyed_vectors,
    parquet,
    postgres,
    projector,
    usearch,
    word2vec,
)
from skipgram.formats.files import beginning
from skipgram.formats.others import described, guessed
from skipgram.io.directories import INPUT, TOKENIZER, TRAINING, VOCABULARY, is_encoded
from skipgram.io.leftovers import RUN_LOCK, RUN_MODEL
from skipgram.loading import Duplicates, Loading, UnicodeErrors
from skipgram.progress import ShowProgress, reporting_to
from skipgram.training.events import Report, silent
from skipgram.wording import describe_choice, reason_of, some

__all__ = ["EXPORTS", "Writer", "export", "format_of", "is_vectors", "load"]


class Writer(Protocol):
    """Writes vectors to one file or directory, complete or not at all."""

    def __call__(
        self, embeddings: Embeddings, path: str | os.PathLike[str], which: Which = "input"
    ) -> None:
        """Write `embeddings.vectors(which)` to `path`; errors as for `word2vec.write`."""


def _write_model(
    embeddings: Embeddings, path: str | os.PathLike[str], which: Which = "input"
) -> None:
    """Write a model file: the whole model, or one whose input vectors are those chosen."""
    if which != "input":
        vectors = embeddings.vectors(which)
        embeddings = Embeddings(
            embeddings.words, vectors, counts=embeddings.counts, training=embeddings.training
        )
    model_file.save(embeddings, path)


_WORD2VEC_TEXT = partial(word2vec.write, binary=False)

EXPORTS: Mapping[str, Writer] = {
    "embedding-atlas": atlas.write,
    "fasttext": _WORD2VEC_TEXT,
    "gensim": keyed_vectors.write,
    "glove": glove.write,
    "numpy": arrays.write,
    "parquet": parquet.write,
    "postgres": postgres.write,
    "safetensors": _write_model,
    "spacy": _WORD2VEC_TEXT,
    "tensorboard": projector.write,
    "usearch": usearch.write,
    "word2vec-binary": partial(word2vec.write, binary=True),
    "word2vec-text": _WORD2VEC_TEXT,
}
"""The formats that other tools read, by name."""


class _ReportingWriter(Protocol):
    def __call__(
        self, embeddings: Embeddings, path: str | os.PathLike[str], which: Which, report: Report, /
    ) -> None: ...


_SLOW: Mapping[str, _ReportingWriter] = {
    "embedding-atlas": atlas.write,
    "fasttext": _WORD2VEC_TEXT,
    "glove": glove.write,
    "spacy": _WORD2VEC_TEXT,
    "usearch": usearch.write,
    "word2vec-text": _WORD2VEC_TEXT,
}
"""The formats that take long, and report their progress."""

_SUFFIXES = {
    ".bin": "word2vec-binary",
    ".kv": "gensim",
    ".parquet": "parquet",
    model_file.SUFFIX: "safetensors",
    ".sql": "postgres",
    ".txt": "word2vec-text",
    ".vec": "fasttext",
}
_COMPRESSED = {"fasttext", "glove", "postgres", "spacy", "word2vec-binary", "word2vec-text"}

# How each format is recognised, by the names in a directory or the first bytes of a file, and read.
_DIRECTORIES = (
    (arrays.recognised, arrays.read),
    (projector.recognised, projector.read),
    (usearch.recognised, usearch.read),
)
_FILES = (
    (model_file.recognised, lambda path, _: Embeddings(*model_file.load(path)[0])),
    (word2vec.recognised, word2vec.read),
    (parquet.recognised, parquet.read),
    (keyed_vectors.recognised, keyed_vectors.read),
    (glove.recognised, glove.read),  # last: a GloVe file has no mark of its own
)


def export(
    embeddings: Embeddings,
    target: str | os.PathLike[str],
    format: str | None = None,  # noqa: A002
    which: Which = "input",
    *,
    report: Report = silent,
    progress: ShowProgress = "auto",
) -> None:
    """Write vectors in a format that other tools read.

    Args:
        embeddings: the model.
        target: a file or directory, or a PostgreSQL connection string.
        format: one of `EXPORTS`. By default the suffix of the target decides, without .gz.
        which: the vectors to write.
        report: a function that is called with each event (see `skipgram.training.events`).
            Only "embedding-atlas", "usearch" and the text formats take long and have some.
        progress: where to show these events, as for `skipgram.train`.

    Raises:
        WrongTypeError: `target` is not a path.
        ConfigError: there is no such format.
        OutputError: the target is another kind of URL, its suffix names no format and none is
            given, or the format cannot be compressed; or see the `write` of the format.

    Example:
        >>> skipgram.export(embeddings, "vectors.bin")
        >>> skipgram.export(embeddings, "projector", format="tensorboard")
    """
    if not isinstance(target, str | os.PathLike):
        raise WrongTypeError(f"target is {target!r:.80}; it must be a path")
    target = os.fspath(target)
    name = format_of(target, format)
    with reporting_to(report, progress) as send:
        if name in _SLOW:
            _SLOW[name](embeddings, target, which, send)
        else:
            EXPORTS[name](embeddings, target, which)


def format_of(target: str, chosen: str | None) -> str:
    """Return the name of the format in which `export` writes `target`; errors as for `export`."""
    if chosen is not None and chosen not in EXPORTS:
        raise ConfigError(describe_choice("format", str(chosen), list(EXPORTS)))
    if postgres.is_database(target):
        return chosen or "postgres"
    if "://" in target:
        raise OutputError(
            f"cannot write to {target.split('://')[0]}://; "
            "give a file, a directory or postgresql://USER@HOST/DATABASE"
        )
    suffix = Path(target.removesuffix(".gz")).suffix
    chosen = chosen or _SUFFIXES.get(suffix)
    if chosen is None:
        problem = f"the suffix {suffix} names no format" if suffix else "its name has no suffix"
        raise OutputError(
            f"cannot choose a format for {target}: {problem}; "
            f"end the name in one of {', '.join(_SUFFIXES)}, "
            f"or set format to one of {', '.join(EXPORTS)}"
        )
    if target.endswith(".gz") and chosen not in _COMPRESSED:
        raise OutputError(
            f"cannot write {target}: {chosen} files are not compressed with gzip; "
            "remove .gz from the name"
        )
    return chosen


def load(
    path: str | os.PathLike[str],
    *,
    duplicates: Duplicates = "first",
    unicode_errors: UnicodeErrors = "strict",
) -> Embeddings:
    """Read embeddings: a model, or vectors from another program, recognised by content.

    Files: models as safetensors, word2vec binary and text, fastText's .vec, GloVe's text (these
    four compressed or plain), Parquet, gensim's KeyedVectors. Directories: models, NumPy arrays,
    TensorBoard's projector, usearch indexes. Only models hold output vectors.

    A number that is not finite is an error. The options are for files and directories of other
    programs: a model that repeats a word or is not in UTF-8 is damaged.

    Args:
        path: the file or directory.
        duplicates: what to do if a word is repeated: "first" keeps its first row, and a
            `SkipgramWarning` says how many rows were left out; "error" rejects the file.
        unicode_errors: what to do with words that are not UTF-8, as in `bytes.decode`: "strict"
            rejects the file, "replace" writes U+FFFD for the bytes, "ignore" leaves them out.
            Programs that cut long words may cut a character.

    Raises:
        WrongTypeError: `path` is not a path.
        ConfigError: an option has none of these values.
        FormatError: `path` does not exist, or is damaged, truncated or of another kind.
        MissingExtraError: a library that reads this format is not installed.
    """
    loading = Loading(duplicates, unicode_errors)
    if not isinstance(path, str | os.PathLike):
        raise WrongTypeError(f"path is {path!r:.80}; it must be a path")
    if not os.fspath(path):
        raise FormatError("the path to read is empty; give a file of vectors or a model directory")
    path = Path(path).expanduser()
    try:
        names = {file.name for file in Path(path).iterdir()} if Path(path).is_dir() else None
    except (OSError, ValueError) as error:  # no permission, or a name too long or with a NUL
        raise FormatError(f"cannot read {path}: {reason_of(error)}; check the path") from error
    if names is not None:
        return _reader_of(path, names)(path, loading)
    start = beginning(path)
    if not start:
        raise FormatError(f"{path} is empty; give a file of vectors or a model directory")
    for recognised, read in _FILES:
        if recognised(start):
            return read(path, loading)
    if what := described(start) or guessed(start):
        raise FormatError(f"{path} cannot be read: {what}")
    if what := glove.damage(start):
        raise FormatError(f"{path} is not a file of vectors: {what}")
    raise FormatError(
        f"{path} is not a file of vectors: it begins with {start[:40]!r}, which matches no format "
        "that skipgram reads; give a model, or a word2vec, fastText, GloVe, gensim or Parquet file"
    )


def is_vectors(path: str | os.PathLike[str]) -> bool:
    """Return whether a path is a directory, or a file that `load` recognises by its content.

    Raises:
        FormatError: the file cannot be read.
    """
    if not os.path.isfile(path):  # noqa: PTH113 - False for a name that the system refuses
        return os.path.isdir(path)  # noqa: PTH112
    start = beginning(path)
    return any(recognised(start) for recognised, _ in _FILES)


def _reader_of(
    path: str | os.PathLike[str], names: set[str]
) -> Callable[[str | os.PathLike[str], Loading], Embeddings]:
    """Return the function that reads a directory with these names; errors as for `load`."""
    if is_encoded(path):
        raise FormatError(
            f"{path} is an encoded corpus, which has no vectors yet; train on it, and load the "
            "model that you save"
        )
    for recognised, read in _DIRECTORIES:
        if recognised(names):
            return read
    if {INPUT, TOKENIZER} <= names and not names & {TRAINING, VOCABULARY}:
        raise FormatError(
            f"{path} is a model of model2vec or sentence-transformers, whose tokens may be parts "
            "of words; read it in Python: model = model2vec.StaticModel.from_pretrained(path); "
            "skipgram.Embeddings(model.tokens, model.embedding)"
        )
    if {RUN_LOCK, RUN_MODEL} <= names:
        raise FormatError(
            f"{path} is the directory of a training; its model is {Path(path, RUN_MODEL)}"
        )
    if not model_directory.recognised(names):
        held = f"it holds {some(sorted(names))}" if names else "it is empty"
        raise FormatError(
            f"{path} is a directory, but not a model: {held}; give the directory of a saved model, "
            "or a file of vectors"
        )
    return lambda path, _: read_model(path)


def is_model(path: str | os.PathLike[str]) -> bool:
    """Whether there is a model, as a directory or a file."""
    if Path(path).is_dir():
        return model_directory.recognised({file.name for file in Path(path).iterdir()})
    return Path(path).is_file() and model_file.recognised(beginning(path))


def read_model(path: str | os.PathLike[str]) -> Embeddings:
    """Read a model directory; errors as for `load`."""
    try:
        return Embeddings(*model_directory.load(path))
    except ConfigError as error:
        raise FormatError(f"{path} cannot be read: {error}") from error
