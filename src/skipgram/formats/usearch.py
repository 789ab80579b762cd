"""usearch: a directory with an index of nearest neighbours, for fast approximate search.

    index.usearch     usearch's own file: keys 0 to V-1, float32 vectors of d numbers, metric cosine
    index.sha256      its SHA-256 as sha256sum prints it, which tells a damaged vector
    vocabulary.tsv    the words in the order of the keys, and their counts if known
                      (io/word_list.py)

The index holds the vectors unchanged: `read` returns them bit for bit.
"""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from skipgram.formats.checks import embeddings_of
from skipgram.formats.files import finite_vectors
from skipgram.formats.usearch_layout import BadIndexError, checked
from skipgram.io.atomic import replacing_directory, utf8
from skipgram.io.directories import VOCABULARY, DirectoryKind, check_directory
from skipgram.io.optional import import_optional
from skipgram.io.word_list import load_words, save_words
from skipgram.loading import USUAL, Loading
from skipgram.regular_files import read_regular
from skipgram.training.events import Report, StageProgressed, silent

if TYPE_CHECKING:
    import mmap
    import os
    from types import ModuleType

    from numpy.typing import NDArray
    from usearch.index import Index

    from skipgram.embeddings import Embeddings, Which

_INDEX, _DIGEST = "index.usearch", "index.sha256"
INDEX_DIRECTORY = DirectoryKind(
    "index", files=frozenset({_INDEX, _DIGEST, VOCABULARY}), needed=frozenset({_INDEX, VOCABULARY})
)
ROWS_PER_REPORT = 1000
"""Vectors added between two reports, which take about half a second."""
_LINKS = 200
"""Approximate bytes of the graph for each word."""


def build(
    vectors: NDArray[np.float32],
    *,
    dtype: Literal["f32", "f16"] = "f32",
    threads: int = 0,
    report: Report = silent,
) -> bytes:
    """Return the file of a usearch index of vectors by cosine; the keys are the rows.

    Args:
        vectors: (V, d) float32.
        dtype: the numbers that the index holds.
        threads: how many threads build it; 0 for one per core.
        report: called with the events of the stage "indexing", unless the vectors are few.

    Raises:
        MissingExtraError: usearch is not installed.
    """
    index = _usearch().Index(ndim=vectors.shape[1], metric="cos", dtype=dtype)
    vectors = np.ascontiguousarray(vectors)
    keys = np.arange(len(vectors), dtype=np.uint64)
    started, total = time.perf_counter(), len(vectors)
    for done in range(0, total, ROWS_PER_REPORT):
        if total > ROWS_PER_REPORT:
            report(StageProgressed("indexing", done, total, time.perf_counter() - started))
        part = slice(done, done + ROWS_PER_REPORT)
        index.add(keys[part], vectors[part], threads=threads)
    content: bytes = index.save()
    if total > ROWS_PER_REPORT:
        report(StageProgressed("indexing", total, total, time.perf_counter() - started))
    return content


def restore(content: bytes | mmap.mmap, *, view: bool = False) -> Index:
    """Return the index in the content of a file, once it has been checked.

    Args:
        content: the bytes.
        view: whether the index reads from `content` for as long as it lives, instead of a copy.

    Raises:
        BadIndexError, RuntimeError: the content is not an index, or damaged.
        MissingExtraError: usearch is not installed.
    """
    checked(content)
    index: Index | None = _usearch().Index.restore(content, view=view)
    if index is None:
        raise BadIndexError("is not an index")
    return index


def _usearch() -> ModuleType:
    return import_optional("usearch.index", "a nearest-neighbour index", "skipgram[index]")


def write(
    embeddings: Embeddings,
    path: str | os.PathLike[str],
    which: Which = "input",
    report: Report = silent,
) -> None:
    """Write the directory, complete or not at all; report as for `build`.

    Raises:
        FormatError: a word has no UTF-8 form, or a number is not finite.
        OutputError: the directory cannot be written, or holds something else; it is unchanged.
        MissingExtraError: usearch is not installed.
        ConfigError: the output vectors are needed but were not kept.
    """
    check_directory(path, INDEX_DIRECTORY)
    vectors = finite_vectors(embeddings, which, "usearch indexes", dimensions=0)
    size = vectors.nbytes + sum(len(utf8(word)) + _LINKS for word in embeddings.words)
    content = build(vectors, report=report)
    with replacing_directory(path, size) as new:
        # Not written by usearch, which does not report a full disk.
        (new / _INDEX).write_bytes(content)
        (new / _DIGEST).write_text(digest(content, _INDEX))
        save_words(new / VOCABULARY, embeddings.words, embeddings.counts)


def digest(content: bytes | memoryview | mmap.mmap, name: str) -> str:
    """Return the line that sha256sum prints for a file with this content and name."""
    return f"{hashlib.sha256(content).hexdigest()}  {name}\n"


def recognised(names: set[str]) -> bool:
    """Whether a directory with these files holds an index."""
    return _INDEX in names


def read(path: str | os.PathLike[str], loading: Loading = USUAL) -> Embeddings:
    """Read the words and the vectors of such a directory.

    Raises:
        FormatError: a file is missing, damaged or does not match the other; the message names it.
    """
    folder = Path(path)
    words, counts = load_words(folder / VOCABULARY, INDEX_DIRECTORY, loading)
    try:
        content = read_regular(folder / _INDEX)
        if read_regular(folder / _DIGEST) != digest(content, _INDEX).encode():
            raise INDEX_DIRECTORY.damaged(folder / _INDEX, f"its SHA-256 does not match {_DIGEST}")
        graph = checked(content)
    except BadIndexError as error:
        raise INDEX_DIRECTORY.damaged(folder / _INDEX, f"it {error}") from error
    except (OSError, ValueError) as error:
        raise INDEX_DIRECTORY.damaged(folder / _INDEX, error) from error
    if len(graph.keys) != len(words):
        found = f"it holds {len(graph.keys)} vectors for {len(words)} words"
        raise INDEX_DIRECTORY.damaged(folder / _INDEX, found)
    vectors = np.empty(graph.vectors.shape, np.float32)
    vectors[graph.keys] = graph.vectors
    return embeddings_of(words, vectors, path, loading, counts)
