"""The tile functions of `tiles.py` as plain loops, for hosts where no vector tile can be built.

Same arguments, same results up to the rounding of float32 sums. LLVM turns the loops over a row into vectors where it can, but
loads and stores each row once a pair. One tile holds all outputs of a window, and its score rows are not padded: P is O.
"""

from __future__ import annotations

import numpy as np

from skipgram.kernels.cache import inlined
from skipgram.kernels.logistic import step_and_loss
from skipgram.kernels.optimizers import SGD, step_plain_row

ADDED, IN_PLACE = 0, 1
"""Where `tile_update` puts what it has for the input rows."""


def scores(
    input_matrix, output_matrix, inputs, count, outputs, first, width, scores, start, o, i, l
):
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


def steps(work, start, count, totals, first, rate, counted, o, l):
    loss = 0.0
    for a in range(count):
        total = totals[a]
        for b in range(o):
            at = start + a * o + b
            seen = work.seen[at] if counted else total * work.labels[first + b]
            step, loss_of_pair = step_and_loss(
                work.scores[at], seen, work.noise[first + b] * (total - seen)
            )
            work.scores[at] = rate * step
            loss += loss_of_pair
    return np.float32(loss)


def update(
    target, target_rows, v, inputs, count, u, states, work, first, start, width, mode, z, o, l
):
    """Unlike the vectors, which hold old values in registers, this never works in place. Its last target row is scratch."""
    targets, inputs_flat, u_flat, state_flat = (
        target.reshape(-1),
        v.reshape(-1),
        u.reshape(-1),
        states.reshape(-1),
    )
    outputs, steps, rows = work.outputs, work.scores, work.output_steps
    state_width = states.shape[1]
    for a in range(count):
        row = targets[target_rows[a] : target_rows[a] + width]
        for b in range(o):
            at = outputs[first + b]
            _add(row, steps[start + a * o + b], u_flat[at : at + width])
    gradient = target[-1][:width]
    for b in range(o):
        at = outputs[first + b]
        gradient[:] = np.float32(0.0)
        for a in range(count):
            _add(gradient, steps[start + a * o + b], inputs_flat[inputs[a] : inputs[a] + width])
        u_row, one = u_flat[at : at + width], np.float32(1.0)
        if z == SGD:  # whose rate is in the steps already
            _add(u_row, one, gradient)
        else:
            state = state_flat[rows.starts[first + b] :][:state_width]
            step_plain_row(
                u_row, gradient, one, state, rows.rates[first + b], rows.corrections[first + b], z
            )


def row_step(
    matrix, at, gradient, gradient_at, scale, states, state_at, rate, correction, width, z, l
):
    row, g_row = (
        matrix.reshape(-1)[at : at + width],
        gradient.reshape(-1)[gradient_at : gradient_at + width],
    )
    step_plain_row(
        row,
        g_row,
        scale,
        states.reshape(-1)[state_at : state_at + states.shape[1]],
        rate,
        correction,
        z,
    )


@inlined
def _add(row, g, other):
    for t in range(len(row)):
        row[t] += g * other[t]


def prefetch(matrix, start, width, l):
    """Leave it to the CPU."""
