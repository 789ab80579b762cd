"""NumPy: a directory for any program that reads .npy files and tables.

    vectors.npy       float32 (V, d), as numpy.save writes it
    vocabulary.tsv    the words in the order of the rows, and their counts if known
                      (io/word_list.py)

`numpy.load(".../vectors.npy", mmap_mode="r")` maps the vectors into memory. It holds any word that
has a UTF-8 form.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from skipgram.formats.checks import embeddings_of
from skipgram.formats.files import finite_vectors
from skipgram.formats.npy import array
from skipgram.io.atomic import replacing_directory, utf8
from skipgram.io.directories import VOCABULARY, DirectoryKind, check_directory
from skipgram.io.word_list import load_words, save_words
from skipgram.loading import USUAL, Loading

if TYPE_CHECKING:
    import os

    from skipgram.embeddings import Embeddings, Which

_VECTORS = "vectors.npy"
_FILES = frozenset({_VECTORS, VOCABULARY})
ARRAYS_DIRECTORY = DirectoryKind("NumPy directory", files=_FILES, needed=_FILES)


def write(embeddings: Embeddings, path: str | os.PathLike[str], which: Which = "input") -> None:
    """Write the directory, complete or not at all.

    Raises:
        FormatError: a word has no UTF-8 form, or a number is not finite.
        OutputError: the directory cannot be written, or holds something else; it is unchanged.
        ConfigError: the output vectors are needed but were not kept.
    """
    check_directory(path, ARRAYS_DIRECTORY)
    vectors = finite_vectors(embeddings, which, "NumPy directories", dimensions=0)
    size = vectors.nbytes + sum(len(utf8(word)) + 10 for word in embeddings.words)
    with replacing_directory(path, size) as new:
        np.save(new / _VECTORS, np.ascontiguousarray(vectors), allow_pickle=False)
        save_words(new / VOCABULARY, embeddings.words, embeddings.counts)


def recognised(names: set[str]) -> bool:
    """Whether a directory with these files is one of arrays."""
    return _VECTORS in names


def read(path: str | os.PathLike[str], loading: Loading = USUAL) -> Embeddings:
    """Read such a directory; the vectors may be float16 or float64 too.

    Raises:
        FormatError: a file is missing, damaged or does not match the other; the message names it.
    """
    folder = Path(path)
    words, counts = load_words(folder / VOCABULARY, ARRAYS_DIRECTORY, loading)
    vectors = array(folder / _VECTORS)
    if vectors.ndim != 2 or len(vectors) != len(words) or vectors.dtype.kind != "f":
        found = f"it holds {vectors.dtype} {vectors.shape}, not float32 ({len(words)}, dimensions)"
        raise ARRAYS_DIRECTORY.damaged(folder / _VECTORS, found)
    return embeddings_of(words, vectors, path, loading, counts)
