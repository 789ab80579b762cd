"""Approximate nearest neighbours: an index of a model's vectors, in a file beside the model.

It needs the extra `index` (usearch). The index is a graph of near vectors, HNSW (Malkov and
Yashunin 2018, arXiv:1603.09320), by cosine, with 16-bit numbers. A search walks the graph and
compares only a small share of the words, so it may miss a neighbour; exact search remains the
default. The similarities of the words found are computed from the vectors themselves.

A second file holds two digests, of the index and of the vectors it was built from, so an index is
rejected if any vector has changed. As one digest is of the index, replacing only one of the two
files is detected. Checking both takes 0.4 s for 400,000 words, d=300.

On 70,823 words of Wikipedia, d=100, 97 % of the ten nearest words are found. Single queries take
0.2 ms instead of 0.6. In a batch of a thousand, each takes 0.1 ms with or without the index, since
one matrix product answers the whole batch (2 cores).
"""

from __future__ import annotations

import mmap
import os
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from skipgram.embeddings import Embeddings, Neighbours, Which
from skipgram.errors import FormatError
from skipgram.formats import usearch
from skipgram.formats.files import check_replaceable
from skipgram.formats.usearch_layout import BadIndexError
from skipgram.io.atomic import replacing_file, target_of
from skipgram.io.directories import check_writable
from skipgram.matrices import at_least_one
from skipgram.progress import ShowProgress, reporting_to
from skipgram.questions import Questions
from skipgram.regular_files import read_regular
from skipgram.training.events import Report, silent
from skipgram.wording import reason_of

if TYPE_CHECKING:
    from usearch.index import Index

_SUFFIX = ".usearch"


def index_path(model: str | os.PathLike[str], which: Which) -> Path:
    """Return the path of a model's index: `model.input.usearch` beside `model`."""
    path = Path(os.path.abspath(model))  # noqa: PTH100 - "." gets a name; links keep theirs
    return path.with_name(f"{path.name}.{which}{_SUFFIX}")


def build_index(
    embeddings: Embeddings,
    path: str | os.PathLike[str],
    *,
    which: Which = "input",
    threads: int = 0,
    report: Report = silent,
    progress: ShowProgress = "auto",
) -> None:
    """Build the index of a model's vectors and write it, complete or not at all.

    Args:
        embeddings: the model.
        path: the file to write.
        which: the vectors to index.
        threads: how many threads build it; 0 for one per core.
        report: a function that is called with each event (see `skipgram.training.events`).
        progress: where to show these events, as for `skipgram.train`.

    Raises:
        MissingExtraError: usearch is not installed.
        ConfigError: the output vectors are needed but were not kept.
        OutputError: the file cannot be written, or it or its digests would replace another file.
    """
    _check_ours(Path(path))
    units = embeddings.unit_vectors(which)
    with reporting_to(report, progress) as send:
        content = usearch.build(units, dtype="f16", threads=threads, report=send)
    of_index = usearch.digest(content, Path(path).name)
    lines = os.fsencode(of_index + _digest_of_vectors(embeddings, which))
    for target, written in ((Path(path), content), (_digest_path(Path(path)), lines)):
        with replacing_file(target, len(written)) as file:
            file.write(written)


def _check_ours(path: Path) -> None:
    """Refuse to replace a file that is not an index with its digests; see `build_index`."""
    digests = _digest_path(path)
    check_writable(target_of(path), path)
    try:
        ours = read_regular(digests).partition(b"\n")[0].endswith(os.fsencode(f"  {path.name}"))
    except OSError:
        ours = False
    if not ours:
        for target in (path, digests):
            check_replaceable(target, lambda _: False, "an index made by skipgram")


def _digest_path(path: Path) -> Path:
    """Return the path of the digests."""
    return path.with_name(f"{path.name}.sha256")


def _digest_of_vectors(embeddings: Embeddings, which: Which) -> str:
    """Return the digest line of the vectors, unscaled: machines may round lengths differently."""
    vectors = embeddings.vectors(which)
    name = f"{which} vectors, {vectors.shape[0]} x {vectors.shape[1]}"
    return usearch.digest(np.ascontiguousarray(vectors).data, name)


class NeighbourIndex:
    """The index of a model, with the queries of `Embeddings`.

    Args:
        embeddings: the model.
        path: a file that `build_index` wrote for it.
        which: the vectors it was built from.

    Raises:
        MissingExtraError: usearch is not installed.
        FormatError: the file is missing, not an index, or an index of other vectors.
    """

    def __init__(
        self, embeddings: Embeddings, path: str | os.PathLike[str], *, which: Which = "input"
    ) -> None:
        self._embeddings = embeddings
        self._which: Which = which
        self._content, self._index = _open(Path(path), _digest_of_vectors(embeddings, which), which)
        held, needed = (len(self._index), self._index.ndim), embeddings.vectors(which).shape
        if held != needed:
            raise FormatError(
                f"{path} is an index of {held[0]} vectors of {held[1]} dimensions, but the model "
                f"has {needed[0]} of {needed[1]}; build it again: {_command(Path(path), which)}"
            )

    def most_similar(
        self,
        positive: Questions = (),
        negative: Questions = (),
        *,
        topn: int = 10,
    ) -> Neighbours:
        """Search like `Embeddings.most_similar`, but a neighbour may be missed."""
        query, asked = self._embeddings.query(positive, negative, self._which)
        return self._search(query[None], [asked], topn)[0]

    def most_similar_batch(self, words: Questions, *, topn: int = 10) -> list[Neighbours]:
        """Return `most_similar` for each word or vector."""
        queries, rows = self._embeddings.directions(words, self._which)
        return self._search(queries, [[row] if row >= 0 else [] for row in rows], topn)

    def _search(
        self, queries: NDArray[np.float32], excluded: Sequence[Sequence[int]], topn: int
    ) -> list[Neighbours]:
        units = self._embeddings.unit_vectors(self._which)
        wanted = min(at_least_one("topn", topn) + max(map(len, excluded)), len(units))
        found = self._index.search(queries, wanted)
        # usearch drops the axis of a single query.
        keys = found.keys.reshape(len(queries), -1).astype(np.intp)
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


def _open(path: Path, of_vectors: str, which: Which) -> tuple[mmap.mmap, Index]:
    """Return the mapped file, which the index reads from while it lives, and the index.

    Args:
        path: the file.
        of_vectors: the digest line of the model's vectors.
        which: the vectors.
    """
    again = f"build it again: {_command(path, which)}"
    try:
        if not path.is_file():
            raise FormatError(f"there is no index {path}; build it: {_command(path, which)}")
        digests = os.fsdecode(read_regular(_digest_path(path)))
        of_index, *others = digests.splitlines(keepends=True) or [""]
        with path.open("rb") as file:
            content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        if of_index != usearch.digest(content, path.name):
            raise FormatError(f"{path} does not match its digest; {again}")
        if others != [of_vectors]:
            raise FormatError(
                f"the index {path} was not built from the {which} vectors of this model; {again}"
            )
        return content, usearch.restore(content, view=True)
    except BadIndexError as error:
        raise FormatError(f"{path} {error}; {again}") from error
    except (RuntimeError, ValueError, OSError) as error:
        raise FormatError(
            f"{path} cannot be read as an index: {reason_of(error)}; {again}"
        ) from error


def _command(path: Path, which: Which) -> str:
    """Return the command that builds an index at the path that `index_path` returns."""
    model = path.name.removesuffix(f".{which}{_SUFFIX}")
    words = ["skipgram", "index", "MODEL" if model == path.name else str(path.with_name(model))]
    return shlex.join([*words, *([] if which == "input" else ["--vectors", which])])
