"""Approximate nearest neighbours: an index of the vectors of a model, in a file beside it (the extra `index`: usearch).

The index is a graph of near vectors, HNSW (Malkov and Yashunin 2018, arXiv:1603.09320), on cosines, with numbers of 16 bits. A
search walks the graph and compares a small share of the words. It may miss a neighbour now and then, so exact search stays the
default; the similarities of those that are found are computed from the vectors themselves.

Beside the index lies a file with two digests, its own and that of the vectors it was built of, so an index of other vectors is
refused whatever few of them changed; as it names the index, the two are no pair while one alone is replaced. Both cost
0.4 s for 400,000 words, d=300.

On 70,823 words of Wikipedia, d=100, 97 % of the ten nearest are found. Words asked one by one are answered in 0.2 ms instead of
0.6; of a thousand at once each takes 0.1 ms with the index as without, where one product answers them all (2 cores).
"""

from __future__ import annotations

import mmap
import os
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skipgram.embeddings import Embeddings, Neighbours, Which, at_least_one
from skipgram.errors import FormatError, missing_extra
from skipgram.formats.files import check_replaceable
from skipgram.formats.usearch import digest
from skipgram.io.atomic import replacing_file

_SUFFIX = ".usearch"


def index_path(model: str | os.PathLike[str], which: Which) -> Path:
    """Where the index of a model lies: `model.input.usearch` beside `model`."""
    path = Path(os.path.abspath(model))  # noqa: PTH100 - "." has a name, too; links keep theirs
    return path.with_name(f"{path.name}.{which}{_SUFFIX}")


def build_index(
    embeddings: Embeddings,
    path: str | os.PathLike[str],
    *,
    which: Which = "input",
    threads: int = 0,
) -> None:
    """Build the index of a model's vectors and write it whole or not at all.

    Args:
        embeddings: the model.
        path: the file to write.
        which: the vectors to index.
        threads: that build it; 0 for one on each core.

    Raises:
        MissingExtraError: usearch is not installed.
        ConfigError: the vectors asked for were not kept.
        OutputError: the file cannot be written, or it or its digests would replace what is no index.
    """
    _check_ours(Path(path))
    units = embeddings.unit_vectors(which)
    index = _usearch().Index(ndim=units.shape[1], metric="cos", dtype="f16")
    index.add(np.arange(len(units), dtype=np.uint64), units, threads=threads)
    content = index.save()
    lines = os.fsencode(digest(content, Path(path).name) + _digest_of_vectors(embeddings, which))
    for target, written in ((Path(path), content), (_digest_path(Path(path)), lines)):
        with replacing_file(target, len(written)) as file:
            file.write(written)


def _check_ours(path: Path) -> None:
    """Refuse to replace what is no index with its digests; see `build_index`."""
    digests = _digest_path(path)
    try:
        ours = digests.read_bytes().partition(b"\n")[0].endswith(os.fsencode(f"  {path.name}"))
    except OSError:
        ours = False
    if not ours:
        for target in (path, digests):
            check_replaceable(target, lambda _: False, "index that skipgram made")


def _digest_path(path: Path) -> Path:
    """Where the SHA-256 of an index lies, without which usearch would take a damaged one and crash, and that of the vectors."""
    return path.with_name(f"{path.name}.sha256")


def _digest_of_vectors(embeddings: Embeddings, which: Which) -> str:
    """Return the line for the vectors, before they are scaled: how lengths are rounded may differ between machines."""
    vectors = embeddings.vectors(which)
    return digest(
        np.ascontiguousarray(vectors).data,
        f"{which} vectors, {vectors.shape[0]} x {vectors.shape[1]}",
    )


class NeighbourIndex:
    """The index of a model, to be asked as `Embeddings` is.

    Args:
        embeddings: the model.
        path: a file that `build_index` wrote for it.
        which: the vectors it was built of.

    Raises:
        MissingExtraError: usearch is not installed.
        FormatError: the file is missing, no index, or that of other vectors.
    """

    def __init__(
        self, embeddings: Embeddings, path: str | os.PathLike[str], *, which: Which = "input"
    ) -> None:
        self._embeddings = embeddings
        self._which: Which = which
        self._content, self._index = _open(Path(path), _digest_of_vectors(embeddings, which), which)

    def most_similar(
        self,
        positive: str | Sequence[str] = (),
        negative: str | Sequence[str] = (),
        *,
        topn: int = 10,
    ) -> Neighbours:
        """As `Embeddings.most_similar`, but a neighbour may be missed."""
        query, asked = self._embeddings.query(positive, negative, self._which)
        return self._search(query[None], [asked], topn)[0]

    def most_similar_batch(self, words: Sequence[str], *, topn: int = 10) -> list[Neighbours]:
        """`most_similar` of each word by itself."""
        rows = [self._embeddings.index(word) for word in words]
        return self._search(
            self._embeddings.unit_vectors(self._which)[rows], [[row] for row in rows], topn
        )

    def _search(
        self, queries: NDArray[np.float32], excluded: Sequence[Sequence[int]], topn: int
    ) -> list[Neighbours]:
        units = self._embeddings.unit_vectors(self._which)
        wanted = min(at_least_one("topn", topn) + max(map(len, excluded)), len(units))
        found = self._index.search(queries, wanted)
        keys = found.keys.reshape(len(queries), -1).astype(
            np.intp
        )  # usearch drops the axis of a single query
        counts = np.atleast_1d(getattr(found, "counts", keys.shape[1]))
        answers: list[Neighbours] = []
        for query, near, count, leave_out in zip(queries, keys, counts, excluded, strict=True):
            rows = np.setdiff1d(near[:count], leave_out)
            similarities = units[rows] @ query
            best = np.argsort(-similarities, kind="stable")[:topn]
            answers.append(
                [(self._embeddings.words[rows[n]], float(similarities[n])) for n in best]
            )
        return answers


def _open(path: Path, of_vectors: str, which: Which) -> tuple[mmap.mmap, Any]:
    """Return the index, and the mapped file in which it goes on reading."""
    index = _usearch()
    again = f"make it again: {_command(path, which)}"
    if not path.is_file():
        raise FormatError(f"there is no index {path}; make it: {_command(path, which)}")
    try:
        of_index, *others = os.fsdecode(_digest_path(path).read_bytes()).splitlines(
            keepends=True
        ) or [""]
        with path.open("rb") as file:
            content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        if of_index != digest(content, path.name):
            raise FormatError(f"{path} is not the index that was written; {again}")
        if others != [of_vectors]:
            raise FormatError(
                f"the index {path} is not of the {which} vectors of this model; {again}"
            )
        opened = index.Index.restore(content, view=True)
    except (RuntimeError, ValueError, OSError) as error:
        raise FormatError(f"{path} cannot be read as an index: {error}; {again}") from error
    if opened is None:
        raise FormatError(f"{path} is not an index; {again}")
    return content, opened


def _command(path: Path, which: Which) -> str:
    """Return the command that makes an index where `index_path` has it."""
    model = path.name.removesuffix(f".{which}{_SUFFIX}")
    words = ["skipgram", "index", "MODEL" if model == path.name else str(path.with_name(model))]
    return shlex.join([*words, *([] if which == "input" else ["--vectors", which])])


def _usearch() -> Any:
    try:
        import usearch.index
    except ImportError as error:
        raise missing_extra("an index of neighbours", "index") from error
    return usearch.index
