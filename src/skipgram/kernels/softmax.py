"""Full softmax, exact (Mikolov et al. 2013a, equation 2): windows against the whole vocabulary.

    p(o | i) = exp(u_o . v_i) / sum_w exp(u_w . v_i)

The normaliser of a centre is the same for all its context words, so it is computed once for the
centre, and centres are batched: scores and gradients of a batch are three matrix products, computed
by NumPy's BLAS. Here the centre is the input and the words around it are the outputs, as in the
textbook. In CBOW the input is the mean of the words around and the output is the centre.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from skipgram.kernels.cache import compiled
from skipgram.kernels.optimizers import begin_step, make_steps, step_plain_row
from skipgram.kernels.windows import (
    load_sentence,
    longest_sentence,
    most_context_words,
    window_borders,
)


class Lists(NamedTuple):
    """n lists of words, one after the other: words[starts[i]:starts[i + 1]] is list i."""

    words: NDArray[np.int32]
    starts: NDArray[np.int64]

    def pick(self, rows: NDArray[np.intp]) -> Lists:
        """Return the lists with these numbers, in this order."""
        lengths = np.diff(self.starts)[rows]
        starts = np.concatenate([[0], np.cumsum(lengths)])
        positions = np.arange(starts[-1]) + np.repeat(self.starts[rows] - starts[:-1], lengths)
        return Lists(self.words[positions], starts)

    def numbers(self) -> NDArray[np.int64]:
        """Return for each word the number of its list."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))


class Windows(NamedTuple):
    """The windows of a chunk that hold a word other than the centre.

    Attributes:
        centres: (n,) the centre of each.
        around: the words around each.
        kept: how many words of the chunk subsampling kept.
    """

    centres: NDArray[np.int32]
    around: Lists
    kept: int


def collect_windows(
    ids: Any, offsets: Any, chunk: Any, keep: Any, reach: Any, scratch: Any
) -> Windows:
    """Return the windows of a chunk, with the random numbers of every other objective."""
    n = chunk.last - chunk.first
    around = np.empty(n * most_context_words(longest_sentence(offsets, chunk), reach), np.int32)
    room = Windows(np.empty(n, np.int32), Lists(around, np.zeros(n + 1, np.int64)), 0)
    count, kept = collector(ids, offsets, chunk, keep, reach, scratch, room)
    starts = room.around.starts[: count + 1]
    return Windows(room.centres[:count], Lists(around[: starts[-1]], starts), kept)


@compiled()
def collector(
    ids: Any, offsets: Any, chunk: Any, keep: Any, reach: Any, scratch: Any, room: Any
) -> Any:
    count = kept = 0
    written = 0
    number, position = chunk.sentence, chunk.first
    while position < chunk.last:
        sentence = load_sentence(ids, offsets, number, position, chunk, keep, reach, scratch)
        number += 1
        position = sentence.end
        kept += sentence.stop - sentence.first
        for centre in range(sentence.first, sentence.stop):
            window = window_borders(scratch.draws[centre], centre, sentence, reach)
            if window.end - window.begin < 2:
                continue
            for at in range(window.begin, window.end):
                if at != centre:
                    room.around.words[written] = scratch.kept[at]
                    written += 1
            room.centres[count] = scratch.kept[centre]
            count += 1
            room.around.starts[count] = written
    return count, kept


@functools.cache
def row_stepper(optimizer: int) -> Callable[..., None]:
    """Return the compiled step of an optimizer on several rows of a matrix."""

    @compiled(optimizer)
    def step_rows(
        matrix: Any, rows: Any, gradients: Any, states: Any, rate: Any, steps: Any
    ) -> None:
        down = np.float32(-1.0)  # the gradient is that of the loss, which falls
        for n in range(len(rows)):
            begin_step(steps, n, rows[n], states, rate, optimizer)
            row, g = matrix[rows[n]], gradients[n]
            width, correction = len(g), steps.corrections[n]
            state = states[rows[n]]
            step_plain_row(row[:width], g, down, state, steps.rates[n], correction, optimizer)

    return step_rows


class Softmax(NamedTuple):
    """What is trained.

    Attributes:
        input: (V, stride) float32.
        output: (V, stride) float32.
        input_states: the optimizer's state of each input row.
        output_states: the same of each output row.
        frozen: (V,) uint8, 1 for input rows that take no step; may be empty if none is frozen.
        width: how many numbers of each row are used.
        optimizer: one of `optimizers.OPTIMIZERS`.
    """

    input: NDArray[np.float32]
    output: NDArray[np.float32]
    input_states: NDArray[np.float32]
    output_states: NDArray[np.float32]
    frozen: NDArray[np.uint8]
    width: int
    optimizer: int

    # A training that diverges is reported by its loss, which is not finite.
    @np.errstate(over="ignore", invalid="ignore")
    def train_batch(self, inputs: Lists, outputs: Lists, rate: float) -> float:
        """Take one step on a batch, at the old values of all rows; return its loss before.

        The input of item n is the mean of the rows of list n of `inputs`; its context is list n of
        `outputs`.
        """
        rows, columns = np.unique(inputs.words, return_inverse=True)
        shares = np.repeat(1.0 / np.diff(inputs.starts), np.diff(inputs.starts)).astype(np.float32)
        mean = csr_array(
            (shares, columns, inputs.starts), shape=(len(inputs.starts) - 1, len(rows))
        )
        u, h = self.output[:, : self.width], mean @ self.input[rows, : self.width]
        loss, g = _loss_and_gradient(h @ u.T, outputs)
        step_rows = row_stepper(self.optimizer)
        dv, du = mean.T @ (g @ u), g.T @ h
        if len(self.frozen):
            trained = self.frozen[rows] == 0
            rows, dv = rows[trained], dv[trained]
        for matrix, which, gradients, states in (
            (self.input, rows, dv, self.input_states),
            (self.output, np.arange(len(self.output)), du, self.output_states),
        ):
            step_rows(matrix, which, gradients, states, np.float32(rate), make_steps(len(which)))
        return loss


def _loss_and_gradient(z: NDArray[np.float32], outputs: Lists) -> tuple[float, NDArray[np.float32]]:
    """Return the loss of scores z (n, V) and its gradient, which overwrites them."""
    numbers, counts = outputs.numbers(), np.diff(outputs.starts)
    z -= z.max(axis=1, keepdims=True)
    picked = z[numbers, outputs.words].sum(dtype=np.float64)
    np.exp(z, out=z)
    totals = z.sum(axis=1)
    loss = float(counts @ np.log(totals.astype(np.float64)) - picked)
    z *= (counts / totals).astype(np.float32)[:, None]
    np.subtract.at(z, (numbers, outputs.words), np.float32(1.0))
    return loss, z
