"""Search for the largest scores: of one query, or of many at once in bounded memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BLOCK_SCORES = 1 << 23
"""Scores held at a time: 32 MiB of float32."""

QUERIES = 1024
"""Queries per matrix product; a product of fewer spends its time on reading the vectors."""

_ROWS = 128
"""Rows of the table in which `top_places` looks for the largest scores."""


def top_places(row: NDArray[np.float32], n: int) -> NDArray[np.intp]:
    """Return the places of the n largest numbers, largest first; of equal numbers, the first ones.

    The numbers form a table of _ROWS rows. Each of the n largest is at least as large as the n-th
    largest maximum of a column, so only the few columns with such a maximum need a closer look:
    nearly all numbers are read just once (partitioning them all takes eight times as long).
    """
    columns = len(row) // _ROWS
    if n < columns:
        table = row[: _ROWS * columns].reshape(_ROWS, columns)
        maxima = table.max(axis=0)
        bound = np.partition(maxima, -n)[-n]
        high = np.flatnonzero(maxima >= bound)
        inside = np.arange(_ROWS)[:, None] * columns + high
        places = np.concatenate([inside.ravel(), np.arange(table.size, len(row))])
        places = places[row[places] >= bound]
    elif n < len(row):
        places = np.flatnonzero(row >= np.partition(row, -n)[-n])
    else:
        places = np.arange(len(row))
    return places[np.lexsort((places, -row[places]))][:n]


def queries_per_block(candidates: int) -> int:
    """Return how many queries to score at a time against this many candidates, or vice versa."""
    return max(1, _BLOCK_SCORES // max(1, candidates))


def nearest(
    units: NDArray[np.float32],
    queries: NDArray[np.float32],
    own: Sequence[int],
    candidates: int,
    n: int,
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the n rows with the largest product with each query.

    Args:
        units: (V, d).
        queries: (Q, d); memory is bounded if Q is at most about QUERIES.
        own: the row of `units` that each query leaves out, or -1.
        candidates: only the first `candidates` rows are answers.
        n: how many answers; where there are fewer candidates, the rest have a product of -inf.

    Returns:
        (Q, n) products, largest first and of equal ones the first row, and their rows.
    """
    from skipgram.kernels.largest import keep_largest  # numba, which a single query does not need

    rows = np.asarray(own)
    shape = len(rows), min(n, candidates)
    values, places = np.full(shape, -np.inf, np.float32), np.zeros(shape, np.int64)
    block = min(queries_per_block(len(rows)), candidates)
    # Allocated once: a fifth of the time goes into an allocation for each block.
    memory = np.empty(len(rows) * block, np.float32)
    for first in range(0, candidates, block):
        others = units[first : min(first + block, candidates)]
        scores = memory[: len(rows) * len(others)].reshape(len(rows), -1)
        np.matmul(queries, others.T, out=scores)
        inside = np.flatnonzero((rows >= first) & (rows < first + scores.shape[1]))
        scores[inside, rows[inside] - first] = -np.inf
        keep_largest(scores, first, values, places)
    order = np.lexsort((places, -values))
    return np.take_along_axis(values, order, axis=1), np.take_along_axis(places, order, axis=1)
