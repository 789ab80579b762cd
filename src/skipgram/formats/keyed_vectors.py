"""gensim's KeyedVectors, for `KeyedVectors.load(FILE)`: a pickle of one object, written by gensim.

The attributes that are read: `index_to_key` (`index2word` before gensim 4), `vectors` (`syn0`
before gensim 3.3), and `expandos["count"]` if present (before gensim 4, `count` of the objects in
`vocab`). gensim puts large arrays beside the file, as FILE.vectors.npy; here everything is written
to the one file, and both are read. Keys that are whole numbers, for items or documents, are read as
strings of digits, and other keys that are not strings as keys.py writes them; they are written back
as what they were. Attributes of words other than counts are skipped, with a warning that names
them.

Loading a pickle can run any program. Reading therefore takes the file as data (pickles.py), and
does not need gensim. Any word can be held.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from skipgram.errors import ConfigError, FormatError, SkipgramWarning
from skipgram.formats.checks import embeddings_of
from skipgram.formats.files import check_replaceable, finite_vectors, opened
from skipgram.formats.npy import array
from skipgram.formats.pickled_arrays import (
    array_of,
    entries_of,
    is_array,
    scalar_of,
    small,
    small_each,
)
from skipgram.formats.pickles import BadPickleError, Pairs, Record, parse
from skipgram.io.atomic import replacing_file, utf8
from skipgram.io.optional import import_optional
from skipgram.keys import keys_of, words_of
from skipgram.loading import USUAL, Loading

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from skipgram.embeddings import Embeddings, Which
    from skipgram.formats.pickles import Value
    from skipgram.keys import Key


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


OF_COUNTS = {"count", "sample_int", "code", "point", "index"}
"""Attributes of words: the counts, what gensim's training derives from them, and in gensim 3 the
row."""

_WHOLE_MODELS = {"Word2Vec", "FastText", "Doc2Vec"}


def attributes_of(root: Value) -> dict[str, Value]:
    """Return the attributes of the KeyedVectors that a pickle holds.

    Raises:
        BadPickleError: it holds something else.
    """
    if not isinstance(root, Record) or not root.called.module.startswith("gensim."):
        raise BadPickleError("it is not an object of gensim")
    if root.called.name in _WHOLE_MODELS:
        raise BadPickleError(
            "it is a complete model, not only vectors (skipgram.gensim.Word2Vec.load reads a "
            "Word2Vec)"
        )
    return root.attributes()


def _keys(stored: Mapping[str, Value]) -> list[Key]:
    """Return the V keys."""
    keys = stored.get("index_to_key", stored.get("index2word"))
    if not isinstance(keys, list | tuple):
        raise BadPickleError("it has no words")
    return small_each(keys)


def _vectors(stored: Mapping[str, Value], path: str | os.PathLike[str]) -> NDArray[Any]:
    """Return the (V, d) array of a KeyedVectors, which may be in a file of its own."""
    beside = small(stored.get("__numpys", ()))
    for name in ("vectors", "syn0"):
        if name in beside:
            return array(f"{Path(path)}.{name}.npy")
        if stored.get(name) is not None:
            return array_of(stored[name])
    if any("_ngrams" in str(name) for name in (*stored, *beside)):
        raise BadPickleError(
            "it holds fastText's vectors of character n-grams, from which gensim computes those of "
            "the words"
        )
    raise BadPickleError("it has no vectors")


def _counts(stored: Mapping[str, Value], words: Sequence[str]) -> ArrayLike | None:
    """Return the count of each word, or None if a count is missing."""
    if "vocab" not in stored:
        given = _expandos(stored).get("count")
        return array_of(given) if is_array(given) else small(given)
    keys, entries = entries_of(stored["vocab"])
    named, _ = words_of(keys)
    known = [scalar_of(entry.attributes().get("count")) for entry in entries]
    count_of = dict(zip(named, known, strict=True))
    counts: list[Any] = [count_of.get(word) for word in words]
    return None if None in counts else counts


def _expandos(stored: Mapping[str, Value]) -> dict[str, Value]:
    """Return the attributes of words by name."""
    given = stored.get("expandos")
    return given.named() if isinstance(given, Pairs) else {}


def read(path: str | os.PathLike[str], loading: Loading = USUAL) -> Embeddings:
    """Read gensim's KeyedVectors; nothing that the file asks for is run.

    Returns:
        Embeddings with input vectors only, and the counts if the file holds them.

    Raises:
        FormatError: the file is damaged, holds something else, or the array beside it is missing.
    """
    try:
        with opened(path) as content:
            stored = attributes_of(parse(content))
        words, noted = words_of(_keys(stored))
        vectors, counts = _vectors(stored, path), _counts(stored, words)
    except (BadPickleError, ConfigError, TypeError, ValueError) as error:
        raise FormatError(
            f"{path} cannot be read as gensim's KeyedVectors: {error}; "
            "load it in gensim, and save its vectors with save_word2vec_format"
        ) from error
    embeddings = embeddings_of(words, vectors, path, loading, counts)
    embeddings.training |= noted
    if others := sorted(_expandos(stored).keys() - OF_COUNTS):
        named = ", ".join(map(repr, others))
        warnings.warn(
            f"{path}: the word attributes {named} were skipped; only counts are read",
            SkipgramWarning,
            stacklevel=3,
        )
    return embeddings
