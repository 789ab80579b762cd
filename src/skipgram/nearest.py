"""The search for the largest scores: of one question, and of many at once in bounded memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BLOCK_SCORES = 1 << 23  # held at a time: 32 MiB of float32
QUESTIONS = 1024  # at a time: a product of fewer rows spends its time on reading the vectors
_ROWS = 128  # of the table in which the largest scores of one question are sought


def largest(row: NDArray[np.float32], n: int) -> NDArray[np.intp]:
    """The places of the n largest numbers, largest first; of equal ones, which are kept in order, the first.

    The numbers are laid in a table of _ROWS rows. The n largest are at least as large as the n-th largest maximum of its
    columns, so they stand in the few columns whose maximum is: nearly all numbers are read just once (partitioning them all
    takes eight times as long).
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
    else:
        places = (
            np.flatnonzero(row >= np.partition(row, -n)[-n])
            if n < len(row)
            else np.arange(len(row))
        )
    return places[np.lexsort((places, -row[places]))][:n]


def questions_per_block(candidates: int) -> int:
    """How many questions to score at a time against so many candidates, or the other way round, in bounded memory."""
    return max(1, _BLOCK_SCORES // max(1, candidates))


def nearest(
    units: NDArray[np.float32], asked: Sequence[int], candidates: int, n: int
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """The n rows of largest product with each row asked about, which is left out itself.

    Args:
        units: (V, d).
        asked: rows of `units`.
        candidates: only the first so many rows are answers.
        n: how many; fewer than all candidates have -inf in their place where there are no more.

    Returns:
        (asked, n) products, largest first and of equal ones the first row, and their rows.
    """
    from skipgram.kernels.largest import keep_largest  # numba, which single questions do without

    shape = len(asked), min(n, candidates)
    values, places = np.full(shape, -np.inf, np.float32), np.zeros(shape, np.int64)
    for start in range(0, len(asked), QUESTIONS):
        rows = np.asarray(asked[start : start + QUESTIONS])
        queries, block = units[rows], min(questions_per_block(len(rows)), candidates)
        memory = np.empty(
            len(rows) * block, np.float32
        )  # asking the system for it block by block takes a fifth of the time
        for first in range(0, candidates, block):
            others = units[first : min(first + block, candidates)]
            scores = np.matmul(
                queries, others.T, out=memory[: len(rows) * len(others)].reshape(len(rows), -1)
            )
            inside = np.flatnonzero((rows >= first) & (rows < first + scores.shape[1]))
            scores[inside, rows[inside] - first] = -np.inf
            keep_largest(
                scores, first, values[start : start + len(rows)], places[start : start + len(rows)]
            )
    order = np.lexsort((places, -values))
    return np.take_along_axis(values, order, axis=1), np.take_along_axis(places, order, axis=1)
