"""How copies of a matrix that were trained apart from one snapshot become one matrix again.

Each replica took its own steps from the same snapshot. The sum of their changes is right for rows
that took few steps. A row that took many has come close to where its replica's text wants it, and
the sum would go there several times over; its changes must be averaged. So the sum is scaled by

    share = p(n_1 + ... + n_R) / (p(n_1) + ... + p(n_R)),    p(n) = c n / (1 + c n)

where n_r counts the updates of the row in replica r, and p(n) is how much of its way the row goes
in n updates. In a direction in which one update goes x of the way, that is 1 - exp(-n x). In other
directions x is different; p(n) is the mean if x is distributed exponentially, with mean c. So the
share is 1 where a single replica changed the row, or all changed it little, and 1/R where all
changed it much.

These functions know matrices and counts only, so that the parts of a cluster can be merged as the
threads of one process are.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from skipgram.kernels.merging import merge_rows, share_changed

Matrix = NDArray[np.float32]


def shares_of_sum(updates: Sequence[NDArray[np.float32]], contraction: float) -> Matrix:
    """Return (rows,) the share of the sum of all changes that each row takes.

    Args:
        updates: for each replica, (rows,) how many updates each row took.
        contraction: how much of its way a row goes in one update, in the mean (c).
    """
    whole, parts = np.zeros_like(updates[0]), np.zeros_like(updates[0])
    for each in updates:
        scaled = np.float32(contraction) * each
        whole += scaled
        parts += scaled / (1 + scaled)
    with np.errstate(invalid="ignore"):
        shares = whole / (1 + whole) / parts
    shares[parts == 0] = 1
    return shares


def merge(snapshot: Matrix, replicas: Matrix, shares: Matrix, rows: slice) -> None:
    """Add the changes of all replicas to some rows of the snapshot, and give them to each replica.

    Rows are independent, so blocks of them can be merged in any order with the same bits.

    Args:
        snapshot: (rows, stride), from which the replicas started; overwritten.
        replicas: (R, rows, stride); overwritten.
        shares: (rows,) the share of the sum of all changes that each row takes.
        rows: the rows to merge.
    """
    merge_rows(snapshot, replicas, shares, rows.start, rows.stop)


def merge_averages(snapshot: Matrix, replicas: Matrix, shares: Matrix, rows: slice) -> None:
    """Merge rows that hold moving averages: take the mean over the replicas that changed the row.

    If a row also holds the sum of the weights of its average, the means of both are an average and
    its weights again. The arguments are those of `merge`; the shares are overwritten.
    """
    share_changed(snapshot, replicas, shares, rows.start, rows.stop)
    merge(snapshot, replicas, shares, rows)
