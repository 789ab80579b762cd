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

from typing import TYPE_CHECKING

from skipgram.formats import parquet
from skipgram.io.optional import import_optional
from skipgram.training.events import Report, silent
from skipgram.word_map import NEIGHBOURS, load_umap, umap_places

if TYPE_CHECKING:
    import os

    import pyarrow as pa

    from skipgram.embeddings import Embeddings, Which

_EXTRA = "skipgram[atlas]"
_FEATURE = "export to Embedding Atlas"


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
    import_optional("pyarrow", _FEATURE, _EXTRA)
    load_umap(_FEATURE, _EXTRA)

    def columns() -> dict[str, pa.Array]:
        return _columns(embeddings, which, report)

    parquet.write(embeddings, path, which, columns)


def _columns(embeddings: Embeddings, which: Which, report: Report) -> dict[str, pa.Array]:
    pa = parquet.arrow()
    places = umap_places(embeddings.unit_vectors(which), report, _FEATURE, _EXTRA)
    near = embeddings.most_similar_batch(embeddings.words, topn=NEIGHBOURS - 1, which=which)
    ids = [[row, *(embeddings.index(word) for word, _ in found)] for row, found in enumerate(near)]
    distances = [[0.0, *(1 - cosine for _, cosine in found)] for found in near]
    lists = [pa.array(ids, pa.list_(pa.int64())), pa.array(distances, pa.list_(pa.float32()))]
    return {
        "x": pa.array(places[:, 0]),
        "y": pa.array(places[:, 1]),
        "neighbors": pa.StructArray.from_arrays(lists, ["ids", "distances"]),
    }
