"""The merging of copies of a matrix that were trained apart."""

from __future__ import annotations

from typing import Any

import numpy as np

from skipgram.kernels.cache import compiled


@compiled()
def merge_rows(snapshot: Any, replicas: Any, factors: Any, begin: int, end: int) -> None:
    """Add the changes of all replicas to the rows begin..end-1, and give the result to each.

    A row becomes snapshot + factor * sum over the replicas of (replica - snapshot). The sum is
    taken in the order of the replicas, so the bits do not depend on which thread merges which rows.

    Args:
        snapshot: (rows, stride) float32, from which the replicas started; overwritten.
        replicas: (R, rows, stride) float32; overwritten.
        factors: (rows,) float32.
        begin: the first row.
        end: where the rows end.
    """
    width = snapshot.shape[1]
    bits, bits_of_replicas = snapshot.view(np.int32), replicas.view(np.int32)
    for row in range(begin, end):
        old, changes = snapshot[row], replicas[0, row]  # the first replica holds the sum
        old_bits, changed = bits[row], np.int32(0)
        for n in range(len(replicas)):
            new_bits = bits_of_replicas[n, row]
            for t in range(width):
                changed |= new_bits[t] ^ old_bits[t]
        if changed == 0:  # many rows in every round; writing them takes as long again
            continue
        factor = np.float32(factors[row])
        for t in range(width):
            changes[t] -= old[t]
        for n in range(1, len(replicas)):
            other = replicas[n, row]
            for t in range(width):
                changes[t] += other[t] - old[t]
        for t in range(width):
            old[t] += factor * changes[t]
        for n in range(len(replicas)):
            copy = replicas[n, row]
            for t in range(width):
                copy[t] = old[t]


@compiled()
def factors_of_mean(snapshot: Any, replicas: Any, factors: Any, begin: int, end: int) -> None:
    """Set the factor of each row begin..end-1 to 1 / the number of replicas that changed it.

    The arguments are those of `merge_rows`. The factor of a row that no replica changed is 1.
    """
    for row in range(begin, end):
        changed = 0
        for n in range(len(replicas)):
            for t in range(snapshot.shape[1]):
                if replicas[n, row, t] != snapshot[row, t]:
                    changed += 1
                    break
        factors[row] = np.float32(1.0) / np.float32(max(changed, 1))
