"""One step of SGD, AdaGrad or Adam on one row of a matrix, in vectors and in plain loops.

Only the rows in a window or its group are updated, and their state (the sparse or lazy form of
both). With g the gradient of the log-likelihood of the window, summed over the places of the row in
it, and r the learning rate:

    SGD      w += r g
    AdaGrad  s += g^2,  w += r g / sqrt(s + EPSILON^2)           (Duchi et al. 2011)
    Adam     m += (1 - b1) (g - m),  s += (1 - b2) (g^2 - s),
             w += r (m / c1) / sqrt(s / c2 + EPSILON^2),
             c1 = 1 - b1^t,  c2 = 1 - b2^t                       (Kingma and Ba 2015)

t counts the steps of the row itself: threads share no clock, and the averages of a rare word are
corrected as they should be. The guard against division by zero is under the root, as its square. So
the inverse root is one instruction of the host and a step of Newton's method, at a third of the
cost of a root and a division.

A row's state is one row of a state matrix, so that it is read from memory together: AdaGrad (s),
Adam (m, s, then c1 and c2, which are the same moving averages of the number 1).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy import uintp

from skipgram.kernels.emit import Emitter
from skipgram.kernels.parts import inlined

SGD = 0
ADAGRAD = 1
ADAM = 2
OPTIMIZERS = {"sgd": SGD, "adagrad": ADAGRAD, "adam": ADAM}

BETA_1, BETA_2 = 0.9, 0.999
"""Adam's decays: the values of the paper."""

EPSILON = 1e-8
"""The guard against division by zero: the value of the papers."""

SMALLEST = EPSILON**2

CORRECTIONS = 16
"""Numbers at the end of Adam's state row: a cache line, of which c1 and c2 use two."""


def state_width(optimizer: int, stride: int) -> int:
    """Return the length of a state row for matrix rows of length `stride`."""
    return {SGD: 0, ADAGRAD: stride, ADAM: 2 * stride + CORRECTIONS}[optimizer]


class Steps(NamedTuple):
    """What the steps of several rows need.

    Attributes:
        starts: where the state of each row begins.
        rates: its learning rate; for Adam divided by c1.
        corrections: for Adam, 1 / c2.
    """

    starts: Any
    rates: Any
    corrections: Any


def make_steps(rows: int) -> Steps:
    """Allocate for the steps of `rows` rows."""
    return Steps(np.zeros(rows, np.int64), np.zeros(rows, np.float32), np.zeros(rows, np.float32))


@inlined
def begin_step(steps, n, row, states, rate, optimizer):
    """Begin step n, that of a row of the matrix: find its state and, for Adam, update c1 and c2."""
    steps.starts[n] = row * states.shape[1]
    steps.rates[n] = rate
    if optimizer == ADAM:
        one, at = np.float32(1.0), uintp(states.shape[1] - CORRECTIONS)
        averages = states[uintp(row), at:]
        averages[0] += np.float32(1.0 - BETA_1) * (one - averages[0])
        averages[1] += np.float32(1.0 - BETA_2) * (one - averages[1])
        steps.rates[n] = rate / averages[0]
        steps.corrections[n] = one / averages[1]


class RowSteps:
    """Emits the steps of several rows, slice by slice.

    Args:
        emit: the emitter.
        optimizer: one of `OPTIMIZERS`.
        states: the state matrix.
        steps: what the rows need, as `begin_step` left it.
        stride: the row length of the matrix.
    """

    def __init__(self, emit: Emitter, optimizer: int, states: Any, steps: Any, stride: Any) -> None:
        self._emit = emit
        self._optimizer = optimizer
        self._states = states
        self._steps = steps
        self._stride = stride
        self._rows: list[tuple[Any, Any, Any]] = []

    def add_row(self, n: Any) -> None:
        """Prepare step n: its state, its rate and its correction. SGD needs none of them."""
        if self._optimizer == SGD:
            return
        emit, steps = self._emit, self._steps
        state = emit.row(self._states, steps.starts, n)
        numbers = (emit.broadcast(emit.number(x, n)) for x in (steps.rates, steps.corrections))
        self._rows.append((state, *numbers))

    def step(self, row: int, old: Any, g: Any, t: Any) -> Any:
        """Return the new slice at t of a row, given its old one and its gradient; store its state.

        In SGD the gradient includes the rate already.
        """
        if self._optimizer == SGD:
            return self._emit.builder.fadd(g, old)
        one = self._adagrad if self._optimizer == ADAGRAD else self._adam
        return one(*self._rows[row], old, g, t)

    def _adagrad(self, state: Any, rate: Any, _correction: Any, old: Any, g: Any, t: Any) -> Any:
        emit = self._emit
        squares = emit.fma(g, g, emit.load(state, t))
        emit.store(squares, state, t)
        guarded = emit.add(squares, emit.constant(SMALLEST))
        return emit.fma(emit.mul(rate, g), emit.inverse_root(guarded), old)

    def _adam(self, state: Any, rate: Any, correction: Any, old: Any, g: Any, t: Any) -> Any:
        emit = self._emit
        square_at = emit.builder.add(self._stride, t)
        mean, square = emit.load(state, t), emit.load(state, square_at)
        mean = emit.fma(emit.constant(1.0 - BETA_1), emit.sub(g, mean), mean)
        new_square = emit.sub(emit.mul(g, g), square)
        square = emit.fma(emit.constant(1.0 - BETA_2), new_square, square)
        emit.store(mean, state, t)
        emit.store(square, state, square_at)
        guarded = emit.fma(correction, square, emit.constant(SMALLEST))
        return emit.fma(emit.mul(rate, mean), emit.inverse_root(guarded), old)


@inlined
def step_plain_row(row, g_row, scale, state, rate, correction, optimizer):
    """Take one step of a row in plain loops, with the gradient scale * g_row.

    `state` is the row's state, and `rate` and `correction` are those of `begin_step`.
    """
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
