"""Parquet for Embedding Atlas, which shows a map of the words.

    embedding-atlas FILE --text word --x x --y y --neighbors neighbors

    word, count, vector    as in formats/parquet.py, which also reads such a file
    x, y                   float32: the position of the word on the map
    neighbors              struct {ids: list of int64, distances: list of float32}: the rows, from
                           0, of the word itself and of the words nearest to it, and 1 - cosine;
                           the same number for each word

The map is UMAP's by cosine, with a fixed seed. For 15 words or fewer it is their first two
principal components.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from skipgram.formats import parquet
from skipgram.io.optional import import_optional
from skipgram.threads import run_aside
from skipgram.training.events import Report, StageProgressed, silent

if TYPE_CHECKING:
    import os
    from types import ModuleType

    import pyarrow as pa
    from numpy.typing import NDArray

    from skipgram.embeddings import Embeddings, Which

_EXTRA = "skipgram[atlas]"
_NEIGHBOURS = 15
"""UMAP's default; the word itself is one of them."""


STAGE = "map of the words"
"""The stage that takes long. UMAP does not tell how much of it is done."""


def write(
    embeddings: Embeddings,
    path: str | os.PathLike[str],
    which: Which = "input",
    report: Report = silent,
) -> None:
    """Write Parquet with a map and neighbours; errors as for `parquet.write`.

    Args:
        embeddings: the model.
        path: the file.
        which: the vectors.
        report: a function that is called with the events of the stage that makes the map.
    """
    import_optional("pyarrow", "export to Embedding Atlas", _EXTRA)
    run_aside(_umap)  # its import compiles code

    def columns() -> dict[str, pa.Array]:
        started = time.perf_counter()
        report(StageProgressed(STAGE, 0, 0, 0.0))
        found = _columns(embeddings, which)
        report(StageProgressed(STAGE, 1, 1, time.perf_counter() - started))
        return found

    parquet.write(embeddings, path, which, columns)


def _columns(embeddings: Embeddings, which: Which) -> dict[str, pa.Array]:
    pa = parquet.arrow()
    places = _map(embeddings.unit_vectors(which))
    near = embeddings.most_similar_batch(embeddings.words, topn=_NEIGHBOURS - 1, which=which)
    ids = [[row, *(embeddings.index(word) for word, _ in found)] for row, found in enumerate(near)]
    distances = [[0.0, *(1 - cosine for _, cosine in found)] for found in near]
    lists = [pa.array(ids, pa.list_(pa.int64())), pa.array(distances, pa.list_(pa.float32()))]
    return {
        "x": pa.array(places[:, 0]),
        "y": pa.array(places[:, 1]),
        "neighbors": pa.StructArray.from_arrays(lists, ["ids", "distances"]),
    }


def _map(units: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (V, 2) positions of unit vectors."""
    if len(units) <= _NEIGHBOURS:
        return _principal_components(units)
    umap = _umap()
    mapper = umap.UMAP(n_neighbors=_NEIGHBOURS, metric="cosine", random_state=1, n_jobs=1)
    # UMAP compiles code at its first use.
    return run_aside(lambda: np.ascontiguousarray(mapper.fit_transform(units), np.float32))


def _umap() -> ModuleType:
    return import_optional("umap", "export to Embedding Atlas", _EXTRA)


def _principal_components(units: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the first two, (V, 2), with zeros where there are fewer."""
    both = np.zeros((len(units), 2), np.float32)
    centred = units - units.sum(axis=0) / max(1, len(units))
    left, values, _ = np.linalg.svd(centred, full_matrices=False)
    both[:, : min(2, len(values))] = (left * values)[:, :2]
    return both
