"""gensim's KeyedVectors, for `KeyedVectors.load(FILE)`: a pickle of one object, written by gensim.

The attributes that are read: `index_to_key` (`index2word` before gensim 4), `vectors` (`syn0`
before gensim 3.3), and `expandos["count"]` if present (before gensim 4, `count` of the objects in
`vocab`). gensim puts large arrays beside the file, as FILE.vectors.npy; here everything is written
to the one file, and both are read. Keys that are whole numbers, for items or documents, are read as
strings of digits, and other keys that are not strings as keys.py writes them; they are written back
as what they were. Attributes of words other than counts are skipped, with a warning that names
them.

Loading a pickle can run any program. Reading therefore builds only plain arrays and containers, and
rejects a file that asks for anything else; it does not need gensim. Any word can be held.
"""

from __future__ import annotations

import importlib
import io
import pickle
import struct
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from skipgram.errors import FormatError
from skipgram.formats.checks import embeddings_of
from skipgram.formats.files import array, check_replaceable, finite_vectors, opened
from skipgram.io.atomic import replacing_file, utf8
from skipgram.io.optional import import_optional
from skipgram.keys import keys_of, words_of
from skipgram.loading import USUAL, Loading

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from skipgram.embeddings import Embeddings, Which

_HARMLESS = {
    ("numpy", "dtype"),
    ("numpy", "ndarray"),
    *((f"numpy.{core}.multiarray", "_reconstruct") for core in ("core", "_core")),
    *((f"numpy.{core}.multiarray", "scalar") for core in ("core", "_core")),
    *((f"numpy.{core}.numeric", "_frombuffer") for core in ("core", "_core")),
    ("_codecs", "encode"),
}
"""Functions that build arrays and that a pickle may call: module and name."""


def write(embeddings: Embeddings, path: str | os.PathLike[str], which: Which = "input") -> None:
    """Write gensim's KeyedVectors, complete or not at all.

    Raises:
        FormatError: a word has no UTF-8 form, or a number is not finite.
        OutputError: the file cannot be written; the old content is unchanged.
        MissingExtraError: gensim is not installed.
        ConfigError: the output vectors are needed but were not kept.
    """
    gensim = import_optional("gensim.models", "writing gensim's KeyedVectors", "skipgram[gensim]")
    check_replaceable(
        path,
        lambda start: recognised(start) and b"KeyedVectors" in start[:100],
        "a KeyedVectors file of gensim",
    )
    vectors = finite_vectors(embeddings, which, "KeyedVectors", dimensions=0)
    size = vectors.nbytes + sum(len(utf8(word)) + 20 for word in embeddings.words)
    theirs = gensim.KeyedVectors(embeddings.vector_size, count=0)
    keys = keys_of(embeddings.words, embeddings.training)
    theirs.add_vectors(keys, np.ascontiguousarray(vectors))
    if embeddings.counts is not None:  # the argument for this, `extras`, fails in gensim 4.4
        theirs.expandos["count"] = embeddings.counts
    with replacing_file(path, size) as file:
        theirs.save(file)


def recognised(start: bytes) -> bool:
    """Whether a file that begins with these bytes is a pickle of gensim."""
    return start[:1] == b"\x80" and b"gensim." in start[:100]


DAMAGES = (
    *(pickle.UnpicklingError, OSError, EOFError, LookupError, TypeError, ValueError),
    *(AttributeError, MemoryError, OverflowError, ImportError, RecursionError, struct.error),
)
"""The exceptions that a damaged pickle raises, depending on what its bytes happen to mean."""

OF_COUNTS = {"count", "sample_int", "code", "point", "index"}
"""Attributes of words: the counts, what gensim's training derives from them, and in gensim 3 the
row."""

_WHOLE_MODELS = {"Word2Vec", "FastText", "Doc2Vec"}


class _Stored:
    """Takes the place of an object of gensim and holds its attributes."""


class _Reader(pickle.Unpickler):
    """Builds arrays and containers, and `_Stored` in place of gensim's own classes."""

    def find_class(self, module: str, name: str) -> type[_Stored] | Callable[..., object]:
        if module.startswith("gensim.") and name in _WHOLE_MODELS:
            raise pickle.UnpicklingError(
                "it is a complete model, not only vectors (skipgram.gensim.Word2Vec.load reads a "
                "Word2Vec)"
            )
        if module.startswith("gensim."):
            return _Stored
        if (module, name) not in _HARMLESS:
            raise pickle.UnpicklingError(f"it would run {module}.{name}, which is not allowed")
        function: Callable[..., object] = getattr(importlib.import_module(module), name)
        return function


def _vectors(stored: Mapping[str, Any], path: str | os.PathLike[str]) -> NDArray[Any]:
    """Return the (V, d) array of a KeyedVectors, which may be in a file of its own."""
    beside = stored.get("__numpys", ())
    for name in ("vectors", "syn0"):
        if name in beside:
            return array(f"{Path(path)}.{name}.npy")
        if stored.get(name) is not None:
            vectors: NDArray[Any] = stored[name]
            return vectors
    if any("_ngrams" in name for name in (*stored, *beside)):
        raise pickle.UnpicklingError(
            "it holds fastText's vectors of character n-grams, from which gensim computes those of "
            "the words"
        )
    raise pickle.UnpicklingError("it has no vectors")


def _counts(stored: Mapping[str, Any], keys: Sequence[Any]) -> ArrayLike | None:
    """Return the count of each key, or None if a count is missing."""
    if "vocab" not in stored:
        counts: ArrayLike | None = stored.get("expandos", {}).get("count")
        return counts
    old: list[Any] = [getattr(stored["vocab"].get(key), "count", None) for key in keys]
    return None if None in old else old


def read(path: str | os.PathLike[str], loading: Loading = USUAL) -> Embeddings:
    """Read gensim's KeyedVectors; nothing that the file asks for is run.

    Returns:
        Embeddings with input vectors only, and the counts if the file holds them.

    Raises:
        FormatError: the file is damaged, holds something else, or the array beside it is missing.
    """
    try:
        with opened(path) as content:
            # Python 2 wrote the bytes of arrays as text in Latin-1.
            stored = vars(_Reader(io.BytesIO(content), encoding="latin1").load())
        keys = stored["index_to_key"] if "index_to_key" in stored else stored["index2word"]
        vectors = _vectors(stored, path)
        attributes = stored.get("expandos", {})
        words, noted = words_of(keys)
        embeddings = embeddings_of(words, vectors, path, loading, _counts(stored, keys))
        embeddings.training |= noted
    except DAMAGES as error:
        raise FormatError(
            f"{path} cannot be read as gensim's KeyedVectors: {error}; "
            "load it in gensim, and save its vectors with save_word2vec_format"
        ) from error
    if others := sorted(attributes.keys() - OF_COUNTS):
        named = ", ".join(map(repr, others))
        warnings.warn(
            f"{path}: the word attributes {named} were skipped; only counts are read",
            UserWarning,
            stacklevel=3,
        )
    return embeddings
