"""One step of an optimizer on one row of a matrix: SGD, AdaGrad and Adam, in vectors and in plain loops.

Only rows that a window or its group touches are changed, and only their state (the sparse or lazy form of both). With g the gradient of the
log-likelihood of the window, summed over the places of the row in it, and r the learning rate:

    SGD      w += r g
    AdaGrad  s += g^2,  w += r g / sqrt(s + EPSILON^2)                                    (Duchi et al. 2011)
    Adam     m += (1 - b1) (g - m),  s += (1 - b2) (g^2 - s),
             w += r (m / c1) / sqrt(s / c2 + EPSILON^2),  c1 = 1 - b1^t,  c2 = 1 - b2^t  (Kingma and Ba 2015)

t counts the steps of the row itself: threads share no clock, and a rare word's averages are corrected as they should be. The
guard against division by zero stands under the root, as its square, and not beside it: so the inverse root is one instruction
of the host and a step of Newton's method, at a third of the cost of a root and a division.

A row's state lies in one row of a state matrix, so that it comes from memory together: AdaGrad (s), Adam (m, s, then c1 and c2,
which are the same moving averages of the number 1).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from skipgram.kernels.cache import inlined
from skipgram.kernels.emit import Emitter

SGD, ADAGRAD, ADAM = 0, 1, 2
OPTIMIZERS = {"sgd": SGD, "adagrad": ADAGRAD, "adam": ADAM}

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8
"""Adam's decays, and the guard against division by zero: the values of the papers."""

SMALLEST = EPSILON**2

CORRECTIONS = 16
"""Numbers at the end of Adam's state row, of which two are used: a cache line."""


def state_width(optimizer: int, stride: int) -> int:
    """Return the length of a state row for matrix rows of length `stride`."""
    return {SGD: 0, ADAGRAD: stride, ADAM: 2 * stride + CORRECTIONS}[optimizer]


class Steps(NamedTuple):
    """What the steps of several rows need, by row: where its state begins, its rate, and for Adam 1 / c2."""

    starts: Any
    rates: Any
    corrections: Any


def make_steps(rows: int) -> Steps:
    """Allocate for so many rows."""
    return Steps(np.zeros(rows, np.int64), np.zeros(rows, np.float32), np.zeros(rows, np.float32))


@inlined
def begin_steps(steps, first, last, rows, states, unit, stride, rate, optimizer):
    """Begin the steps of the rows at rows[first:last], row r / unit: find their states and, for Adam, move c1 and c2 on."""
    one, flat, width = np.float32(1.0), states.reshape(-1), states.shape[1]
    for n in range(first, last):
        start = rows[n] // unit * width
        steps.starts[n] = start
        steps.rates[n] = rate
        if optimizer == ADAM:
            c1, c2 = start + 2 * stride, start + 2 * stride + 1
            flat[c1] += np.float32(1.0 - BETA_1) * (one - flat[c1])
            flat[c2] += np.float32(1.0 - BETA_2) * (one - flat[c2])
            steps.rates[n] = rate / flat[c1]
            steps.corrections[n] = one / flat[c2]


class RowSteps:
    """Writes the steps of several rows, slice by slice."""

    def __init__(self, emit: Emitter, optimizer: int, stride: Any) -> None:
        self._emit = emit
        self._optimizer = optimizer
        self._stride = stride
        self._rows: list[tuple[Any, Any, Any]] = []

    def add_row(self, state: Any, rate: Any, correction: Any) -> None:
        """Begin the step of one more row: the address of its state, its rate and its correction (see `begin_steps`)."""
        self._rows.append((state, self._emit.broadcast(rate), self._emit.broadcast(correction)))

    def step(self, row: int, old: Any, g: Any, t: Any) -> Any:
        """Return the new slice at t of the row, given its old one and its gradient; store its new state."""
        emit, builder = self._emit, self._emit.builder
        state, rate, correction = self._rows[row]
        if self._optimizer == SGD:
            return emit.fma(rate, g, old)
        if self._optimizer == ADAGRAD:
            squares = emit.fma(g, g, emit.load(state, t))
            emit.store(squares, state, t)
            guarded = builder.fadd(squares, emit.constant(SMALLEST))
            return emit.fma(builder.fmul(rate, g), emit.inverse_root(guarded), old)
        square_at = builder.add(self._stride, t)
        mean, square = emit.load(state, t), emit.load(state, square_at)
        mean = emit.fma(emit.constant(1.0 - BETA_1), builder.fsub(g, mean), mean)
        square = emit.fma(
            emit.constant(1.0 - BETA_2), builder.fsub(builder.fmul(g, g), square), square
        )
        emit.store(mean, state, t)
        emit.store(square, state, square_at)
        guarded = emit.fma(correction, square, emit.constant(SMALLEST))
        return emit.fma(builder.fmul(rate, mean), emit.inverse_root(guarded), old)


@inlined
def step_plain_row(row, g_row, scale, state, rate, correction, optimizer):
    """One step of a row in plain loops; `state` is its whole state row, rate and correction are those of `begin_steps`."""
    width, smallest = len(row), np.float32(SMALLEST)
    if optimizer == SGD:
        for t in range(width):
            row[t] += rate * (scale * g_row[t])
    elif optimizer == ADAGRAD:
        for t in range(width):
            g = scale * g_row[t]
            state[t] += g * g
            row[t] += rate * g / np.sqrt(state[t] + smallest)
    else:
        stride = (len(state) - CORRECTIONS) // 2
        means, squares = state[:stride], state[stride : 2 * stride]
        for t in range(width):
            g = scale * g_row[t]
            means[t] += np.float32(1.0 - BETA_1) * (g - means[t])
            squares[t] += np.float32(1.0 - BETA_2) * (g * g - squares[t])
            row[t] += rate * means[t] / np.sqrt(correction * squares[t] + smallest)
