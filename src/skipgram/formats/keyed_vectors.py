"""gensim's KeyedVectors, for `KeyedVectors.load(FILE)`: a pickle of one object, written by gensim itself.

The attributes that are read: `index_to_key` (`index2word` before gensim 4), `vectors`, and `expandos["count"]` where it is
there. gensim puts large arrays beside the file, as FILE.vectors.npy; here all is written into the one file, and both are read.
Keys that are whole numbers, as of items or documents, are read as words of their digits; other attributes of words than counts
are left out, with a warning that names them.

A pickle can run any program when it is loaded. Reading therefore builds plain arrays and containers only, and refuses whatever
else a file asks for; gensim is not needed for it. Any word can be held.
"""

from __future__ import annotations

import importlib
import io
import pickle
import re
import struct
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from skipgram.embeddings import Embeddings
from skipgram.errors import ConfigError, FormatError
from skipgram.formats.files import array, check_replaceable, imported, opened
from skipgram.io.atomic import replacing_file, utf8

if TYPE_CHECKING:
    import os

    from skipgram.embeddings import Which

_OF_VECTORS = re.compile(
    rb"\x80.(?:\x95.{8})?(?:\x8c.|c)gensim\.models\.(?:word2vec|keyedvectors|fasttext|doc2vec)[\x94\n]",
    re.DOTALL,
)
_HARMLESS = {
    ("numpy", "dtype"),
    ("numpy", "ndarray"),
    *(
        (f"numpy.{core}.{name}", function)
        for core in ("core", "_core")
        for name, function in (
            ("multiarray", "_reconstruct"),
            ("multiarray", "scalar"),
            ("numeric", "_frombuffer"),
        )
    ),
    ("_codecs", "encode"),
}


def write(embeddings: Embeddings, path: str | os.PathLike[str], which: Which = "input") -> None:
    """Write gensim's KeyedVectors, whole or not at all.

    Raises:
        FormatError: a word has no UTF-8 form.
        OutputError: the file cannot be written; what stood there is untouched.
        MissingExtraError: gensim is not installed.
        ConfigError: the vectors asked for were not kept.
    """
    gensim = imported("gensim.models", "writing gensim's KeyedVectors", "gensim")
    check_replaceable(
        path,
        lambda start: recognised(start) and b"KeyedVectors" in start[:100],
        "file of gensim's KeyedVectors",
    )
    vectors = embeddings.vectors(which)
    size = vectors.nbytes + sum(len(utf8(word)) + 20 for word in embeddings.words)
    theirs = gensim.KeyedVectors(embeddings.vector_size, count=0)
    theirs.add_vectors(embeddings.words, np.ascontiguousarray(vectors))
    if embeddings.counts is not None:  # the argument `extras`, meant for this, fails in gensim 4.4
        theirs.expandos["count"] = embeddings.counts
    with replacing_file(path, size) as file:
        theirs.save(file)


def recognised(start: bytes) -> bool:
    """Whether a file that begins so is a pickle of gensim."""
    return start[:1] == b"\x80" and b"gensim." in start[:100]


def of_vectors(start: bytes) -> bool:
    """Whether a file that begins so is a pickle of gensim's vectors, or of a model that has some: the first class it names."""
    return _OF_VECTORS.match(start) is not None


# A damaged pickle raises whatever its bytes happen to mean.
DAMAGES = (
    *(
        pickle.UnpicklingError,
        OSError,
        EOFError,
        LookupError,
        TypeError,
        ValueError,
        AttributeError,
        MemoryError,
    ),
    *(OverflowError, ImportError, RecursionError, struct.error),
)
OF_COUNTS = {"count", "sample_int", "code", "point"}
"""Attributes of words: the counts, and what gensim's training makes of them."""

_WHOLE_MODELS = {"Word2Vec", "FastText", "Doc2Vec"}


class _Stored:
    """What stands for an object of gensim: its attributes only."""


class _Reader(pickle.Unpickler):
    """Builds arrays and containers, and `_Stored` for gensim's own classes."""

    def find_class(self, module: str, name: str) -> Any:
        if module.startswith("gensim.") and name in _WHOLE_MODELS:
            raise pickle.UnpicklingError(
                "it is a whole model; take a Word2Vec by skipgram.gensim.Word2Vec.load, or save model.wv of any in gensim"
            )
        if module.startswith("gensim."):
            return _Stored
        if (module, name) not in _HARMLESS:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}, which is not run")
        return getattr(importlib.import_module(module), name)


def read(path: str | os.PathLike[str]) -> Embeddings:
    """Read gensim's KeyedVectors; nothing that the file asks for is run.

    Returns:
        Embeddings with input vectors only, and the counts where the file holds them.

    Raises:
        FormatError: the file is damaged, holds something else, or the array beside it is missing.
    """
    try:
        with opened(path) as content:
            stored = vars(_Reader(io.BytesIO(content)).load())
        words = stored["index_to_key"] if "index_to_key" in stored else stored["index2word"]
        vectors = stored.get("vectors")
        if vectors is None or "vectors" in stored.get("__numpys", ()):
            vectors = array(f"{Path(path)}.vectors.npy")
        known = stored.get("expandos", {})
        words = [
            str(word) if type(word) is int or isinstance(word, np.integer) else word
            for word in words
        ]
        read_ones = Embeddings(words, vectors, counts=known.get("count"))
    except (*DAMAGES, ConfigError) as error:
        raise FormatError(
            f"{path} cannot be read as gensim's KeyedVectors: {error}; load it in gensim, and write it by save_word2vec_format"
        ) from error
    if others := sorted(known.keys() - OF_COUNTS):
        warnings.warn(
            f"{path}: the words' attributes {', '.join(map(repr, others))} are left out",
            UserWarning,
            stacklevel=3,
        )
    return read_ones
