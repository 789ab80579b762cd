"""usearch: a directory with an index of nearest neighbours, for search in much less time than by looking at every word.

    index.usearch     usearch's own file: keys 0 to V-1, float32 vectors of d numbers, metric cosine
    index.sha256      its SHA-256 in the form of sha256sum, without which usearch would take a damaged file and crash
    vocabulary.tsv    the words in the order of the keys, and their counts if known (io/word_list.py)

The index holds the vectors as they are, so the directory is also a way to keep them: `read` gives them back to the bit.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from skipgram.embeddings import Embeddings
from skipgram.formats.files import imported
from skipgram.io.atomic import replacing_directory, utf8
from skipgram.io.directories import DirectoryKind, check_directory
from skipgram.io.word_list import load_words, save_words

if TYPE_CHECKING:
    import mmap
    import os

    from numpy.typing import NDArray

    from skipgram.embeddings import Which

_INDEX, _DIGEST, _VOCABULARY = "index.usearch", "index.sha256", "vocabulary.tsv"
INDEX = DirectoryKind(
    "index", frozenset({_INDEX, _DIGEST, _VOCABULARY}), frozenset({_INDEX, _VOCABULARY})
)
_LINKS = 200  # bytes that the graph takes for a word, or nearly so


def build(vectors: NDArray[np.float32]) -> Any:
    """Return a usearch index of (V, d) float32 vectors by cosine; the keys are the rows.

    Raises:
        MissingExtraError: usearch is not installed.
    """
    usearch = imported("usearch.index", "an index of neighbours", "index")
    index = usearch.Index(ndim=vectors.shape[1], metric="cos", dtype="f32")
    if len(vectors):
        index.add(np.arange(len(vectors), dtype=np.uint64), np.ascontiguousarray(vectors))
    return index


def write(embeddings: Embeddings, path: str | os.PathLike[str], which: Which = "input") -> None:
    """Write the directory, whole or not at all.

    Raises:
        FormatError: a word has no UTF-8 form.
        OutputError: the directory cannot be written, or holds something else; it is then left as it was.
        MissingExtraError: usearch is not installed.
        ConfigError: the vectors asked for were not kept.
    """
    check_directory(path, INDEX)
    vectors = embeddings.vectors(which)
    size = vectors.nbytes + sum(len(utf8(word)) + _LINKS for word in embeddings.words)
    content = build(vectors).save()
    with replacing_directory(path, size) as new:
        (new / _INDEX).write_bytes(
            content
        )  # not by usearch, which does not say that the disk is full
        (new / _DIGEST).write_text(digest(content, _INDEX))
        save_words(new / _VOCABULARY, embeddings.words, embeddings.counts)


def digest(content: bytes | memoryview | mmap.mmap, name: str) -> str:
    """Return the line of sha256sum for the content of a file, or for numbers."""
    return f"{hashlib.sha256(content).hexdigest()}  {name}\n"


def recognised(names: set[str]) -> bool:
    """Whether a directory with these files holds an index."""
    return _INDEX in names


def read(path: str | os.PathLike[str]) -> Embeddings:
    """Read the words and the vectors of such a directory.

    Raises:
        FormatError: a file is missing, damaged or at odds with the other; it is named.
        MissingExtraError: usearch is not installed.
    """
    usearch = imported("usearch.index", "an index of neighbours", "index")
    folder = Path(path)
    words, counts = load_words(folder / _VOCABULARY, INDEX)
    try:
        content = (folder / _INDEX).read_bytes()
        if (folder / _DIGEST).read_text() != digest(content, _INDEX):
            raise INDEX.damaged(folder / _INDEX, f"it is not the file of which {_DIGEST} speaks")
        index = usearch.Index.restore(content)
        if index is None or len(index) != len(words):
            held = "no index" if index is None else f"{len(index)} vectors"
            raise INDEX.damaged(folder / _INDEX, f"it holds {held} for {len(words)} words")
        vectors = (
            index.get(np.arange(len(words), dtype=np.uint64))
            if words
            else np.empty((0, index.ndim))
        )
    except (OSError, RuntimeError, ValueError) as error:
        raise INDEX.damaged(folder / _INDEX, error) from error
    return Embeddings(words, np.asarray(vectors, np.float32), counts=counts)
