"""The functions of `tiles.py` as plain loops, for hosts where no vector tile can be built.

They take the same arguments and return the same up to the rounding of float32 sums. LLVM turns the
loops over a row into vectors where it can, but loads and stores each row once for every pair. One
tile holds all outputs of a group, and its scores are not padded: P is O.
"""

from __future__ import annotations

import numpy as np

from skipgram.kernels.logistic import loss_of, step_of
from skipgram.kernels.optimizers import SGD, step_plain_row
from skipgram.kernels.parts import inlined, inlined_fast, merged


@inlined_fast
def scores(form, tile, inputs, matrices, scratch):
    v, u = inputs.matrix.reshape(-1), matrices.output.reshape(-1)
    width = matrices.width
    for a in range(inputs.count):
        v_row = _row(v, inputs.starts[a], width)
        for b in range(form.shape.outputs):
            u_row = _row(u, scratch.outputs[tile.outputs + b], width)
            total = np.float32(0.0)
            for t in range(width):
                total += v_row[t] * u_row[t]
            scratch.scores[tile.scores + a * form.shape.outputs + b] = total


@inlined
def losses(form, tile, inputs, scratch):
    loss = 0.0
    for a in range(inputs.count):
        for b in range(form.shape.outputs):
            seen, drawn = _counts(form, tile, inputs, a, b, scratch)
            at = tile.scores + a * form.shape.outputs + b
            loss += loss_of(scratch.scores[at], seen, drawn)
    return np.float32(loss)


@inlined
def steps(form, tile, inputs, rate, scratch):
    zero = np.float32(0.0)
    for a in range(inputs.count):
        for b in range(form.shape.outputs):
            seen, drawn = _counts(form, tile, inputs, a, b, scratch)
            at = tile.scores + a * form.shape.outputs + b
            zero += np.float32(0.0) * scratch.scores[at]
            scratch.scores[at] = rate * step_of(scratch.scores[at], seen, drawn)
    return zero


@inlined
def _counts(form, tile, inputs, a, b, scratch):
    """Return how often input a and output b were seen and drawn."""
    total, label = inputs.totals[a], scratch.labels[tile.labels + b]
    if form.counts_seen:
        at = tile.weights + inputs.weights[a] + b
        return scratch.weights[at], scratch.weights[at + form.shape.outputs]
    seen = total * label
    return seen, scratch.drawn[tile.labels + b] * (total - seen)


@inlined_fast
def update(form, tile, inputs, matrices, scratch):
    """The last row of `scratch.gradients` takes the gradient of one output row after the other."""
    v, u = inputs.matrix.reshape(-1), matrices.output.reshape(-1)
    width = matrices.width
    states, outputs = matrices.output_states, form.shape.outputs
    gradient, flat_states = scratch.gradients[-1][:width], states.reshape(-1)
    for a in range(inputs.count):
        for b in range(outputs):
            u_row = _row(u, scratch.outputs[tile.outputs + b], width)
            _add(scratch.gradients[a], scratch.scores[tile.scores + a * outputs + b], u_row)
    for b in range(outputs):
        gradient[:] = np.float32(0.0)
        for a in range(inputs.count):
            v_row = _row(v, inputs.starts[a], width)
            _add(gradient, scratch.scores[tile.scores + a * outputs + b], v_row)
        at = tile.outputs + b
        u_row = _row(u, scratch.outputs[at], width)
        state = _row(flat_states, scratch.output_steps.starts[at], states.shape[1])
        _step(form.optimizer, at, u_row, gradient, np.float32(1.0), state, scratch.output_steps)


@inlined_fast
def step_input(form, n, gradient_at, scale, inputs, matrices, scratch):
    row = _row(inputs.matrix.reshape(-1), inputs.starts[n], matrices.width)
    gradient = _row(scratch.gradients.reshape(-1), gradient_at, matrices.width)
    states, steps = matrices.input_states, scratch.input_steps
    state = _row(states.reshape(-1), steps.starts[n], states.shape[1])
    _step(form.optimizer, n, row, gradient, scale, state, steps)


@inlined_fast
def _step(optimizer, n, row, gradient, scale, state, steps):
    """Take step n of `steps`. In SGD the gradient includes the rate already."""
    if optimizer == SGD:
        _add(row, scale, gradient)
    else:
        rate, correction = steps.rates[n], steps.corrections[n]
        step_plain_row(row, gradient, scale, state, rate, correction, optimizer)


@merged
def _row(numbers, start, width):
    """Return the row that begins at `start`, as a slice that loops index from 0.

    numba guards an index that is a sum against being negative, and LLVM makes no vectors of that.
    """
    return numbers[start : start + width]


@inlined_fast
def _add(row, g, other):
    for t in range(len(other)):
        row[t] += g * other[t]
