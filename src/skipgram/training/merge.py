"""How copies of a matrix that were trained apart from one snapshot become one matrix again.

Each replica took its own steps from the same snapshot. The sum of their changes is right for rows
that took few steps. A row that took many is close to its target, the vector at which its gradient
on the replica's text vanishes. The sum would overshoot the target, so the changes must be averaged.
The sum is therefore multiplied by

    factor = p(n_1 + ... + n_R) / (p(n_1) + ... + p(n_R)),    p(n) = c n / (1 + c n)

where n_r counts the updates of the row in replica r, and p(n) is the fraction of the distance to
its target that the row covers in n updates. In a direction in which one update covers the fraction
x, that is 1 - exp(-n x). x differs between directions; p(n) is the average if x is distributed
exponentially with mean c. So the factor is 1 where a single replica changed the row, or all changed
it little, and 1/R where all changed it much.

These functions know matrices and counts only, so that the parts of a cluster can be merged as the
threads of one process are.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from skipgram.kernels.merging import factors_of_mean, merge_rows

Matrix = NDArray[np.float32]


def factors_of_sum(updates: Sequence[NDArray[np.float32]], contraction: float) -> Matrix:
    """Return (rows,) the factor of the sum of all changes for each row.

    Args:
        updates: for each replica, (rows,) how many updates each row took.
        contraction: the fraction of the distance to its target that a row covers in one update, on
            average (c).
    """
    whole, parts = np.zeros_like(updates[0]), np.zeros_like(updates[0])
    for each in updates:
        scaled = np.float32(contraction) * each
        whole += scaled
        parts += scaled / (1 + scaled)
    with np.errstate(invalid="ignore"):
        factors = whole / (1 + whole) / parts
    factors[parts == 0] = 1
    return factors


def merge(snapshot: Matrix, replicas: Matrix, factors: Matrix, rows: slice) -> None:
    """Add the changes of all replicas to some rows of the snapshot, and give them to each replica.

    Rows are independent, so blocks of them can be merged in any order with the same bits.

    Args:
        snapshot: (rows, stride), from which the replicas started; overwritten.
        replicas: (R, rows, stride); overwritten.
        factors: (rows,) of the sum of all changes.
        rows: the rows to merge.
    """
    merge_rows(snapshot, replicas, factors, rows.start, rows.stop)


def merge_averages(snapshot: Matrix, replicas: Matrix, factors: Matrix, rows: slice) -> None:
    """Merge rows that hold moving averages: take the mean over the replicas that changed the row.

    If a row also holds the sum of the weights of its average, the means of both are an average and
    its weights again. The arguments are those of `merge`; the factors are overwritten.
    """
    factors_of_mean(snapshot, replicas, factors, rows.start, rows.stop)
    merge(snapshot, replicas, factors, rows)
