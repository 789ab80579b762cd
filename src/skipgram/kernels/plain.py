"""The tile functions of `tiles.py` as plain loops, for hosts where no vector tile can be built.

Same arguments, same results up to the rounding of float32 sums. LLVM turns the loops over a row into vectors where it can, but
loads and stores each row once a pair. One tile holds all outputs of a window, and its score rows are not padded: P is O.
"""

from __future__ import annotations

import numpy as np

from skipgram.kernels.cache import inlined
from skipgram.kernels.logistic import step_and_loss


def scores(input_matrix, output_matrix, inputs, count, outputs, first, width, scores, start, o, i, l):
    v, u = input_matrix.reshape(-1), output_matrix.reshape(-1)
    for a in range(count):
        # Slices, as numba guards an index that is a sum against being negative, and LLVM makes no vectors of that.
        v_row = v[inputs[a] : inputs[a] + width]
        for b in range(o):
            at = outputs[first + b]
            u_row = u[at : at + width]
            total = np.float32(0.0)
            for t in range(width):
                total += v_row[t] * u_row[t]
            scores[start + a * o + b] = total


def steps(scores, start, count, input_weights, labels, label_first, output_weights, first, rate, o, l):
    total = 0.0
    for a in range(count):
        for b in range(o):
            at = start + a * o + b
            weight = input_weights[a] * output_weights[first + b]
            step, loss = step_and_loss(scores[at], labels[label_first + b])
            scores[at] = rate * weight * step
            total += weight * loss
    return np.float32(total)


def update(
    input_matrix, old_inputs, old_rows, output_matrix, inputs, count, outputs, first, width, steps, start, in_place, o, l
):
    """Unlike the vectors, which hold old values in registers, this always needs the old inputs in rows of their own."""
    v, u, old = input_matrix.reshape(-1), output_matrix.reshape(-1), old_inputs.reshape(-1)
    for a in range(count):
        v_row = v[inputs[a] : inputs[a] + width]
        for b in range(o):
            at = outputs[first + b]
            _add(v_row, steps[start + a * o + b], u[at : at + width])
    for b in range(o):
        at = outputs[first + b]
        u_row = u[at : at + width]
        for a in range(count):
            _add(u_row, steps[start + a * o + b], old[old_rows[a] : old_rows[a] + width])


@inlined
def _add(row, g, other):
    for t in range(len(row)):
        row[t] += g * other[t]


def prefetch(matrix, start, width, l):
    """Leave it to the CPU."""
