"""Full softmax, exact (Mikolov et al. 2013a, equation 2): every window is trained against the whole vocabulary.

    p(o | i) = exp(u_o . v_i) / sum_w exp(u_w . v_i)

The normaliser of a centre is the same for all its context words, so it is computed once for the centre, and centres are
batched: scores and gradients of a batch are three matrix products, which NumPy's BLAS does. Here the centre is the input and the
words around it the outputs, as in the textbook; in CBOW the input is the mean of the words around and the output the centre.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from skipgram.kernels.cache import compiled
from skipgram.kernels.optimizers import begin_steps, make_steps, step_plain_row
from skipgram.kernels.windows import load_words, window_borders


class Lists(NamedTuple):
    """n lists of words, one behind the other: words[starts[i]:starts[i + 1]] is list i."""

    words: NDArray[np.int32]
    starts: NDArray[np.int64]

    def pick(self, rows: NDArray[np.intp]) -> Lists:
        """Return some of the lists, in the order asked for."""
        lengths = np.diff(self.starts)[rows]
        starts = np.concatenate([[0], np.cumsum(lengths)])
        positions = np.arange(starts[-1]) + np.repeat(self.starts[rows] - starts[:-1], lengths)
        return Lists(self.words[positions], starts)

    def numbers(self) -> NDArray[np.int64]:
        """Return for each word the number of its list."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))


class Windows(NamedTuple):
    """The windows of a chunk that hold a word beside the centre: centres (n,), the words around each, and all words kept."""

    centres: NDArray[np.int32]
    around: Lists
    kept: int


def collect_windows(
    ids: Any, offsets: Any, chunk: Any, keep: Any, reach: Any, words: Any
) -> Windows:
    """Return the windows of a chunk, with the random numbers of every other objective."""
    n = chunk.last - chunk.first
    centres, starts = np.empty(n, np.int32), np.zeros(n + 1, np.int64)
    around = np.empty(n * (reach.before + reach.after), np.int32)
    count, kept = _collect(ids, offsets, chunk, keep, reach, words, centres, starts, around)
    return Windows(centres[:count], Lists(around[: starts[count]], starts[: count + 1]), kept)


@compiled()
def _collect(
    ids: Any,
    offsets: Any,
    chunk: Any,
    keep: Any,
    reach: Any,
    words: Any,
    centres: Any,
    starts: Any,
    around: Any,
) -> Any:
    window = max(reach.before, reach.after)
    count = kept = written = 0
    sentence, position = chunk.sentence, chunk.first
    while position < chunk.last:
        low, stop, high, position = load_words(
            ids, offsets, sentence, position, chunk, keep, window, words
        )
        sentence += 1
        kept += stop - window - 1
        for centre in range(window + 1, stop):
            left, right = window_borders(words.draws[centre], centre, low, high, reach)
            if right - left < 2:
                continue
            for at in range(left, right):
                if at != centre:
                    around[written] = words.kept[at]
                    written += 1
            centres[count] = words.kept[centre]
            count += 1
            starts[count] = written
    return count, kept


@functools.cache
def row_stepper(optimizer: int) -> Callable[..., None]:
    """Return the compiled step of an optimizer on several rows of a matrix."""

    @compiled(optimizer)
    def step_rows(
        matrix: Any, rows: Any, gradients: Any, states: Any, rate: Any, steps: Any
    ) -> None:
        begin_steps(steps, 0, len(rows), rows, states, 1, matrix.shape[1], rate, optimizer)
        for n in range(len(rows)):
            row, g, down = (
                matrix[rows[n]],
                gradients[n],
                np.float32(-1.0),
            )  # the gradient is that of the loss, which falls
            step_plain_row(
                row[: len(g)],
                g,
                down,
                states[rows[n]],
                steps.rates[n],
                steps.corrections[n],
                optimizer,
            )

    return step_rows


class Softmax(NamedTuple):
    """What is trained: both matrices, (V, stride) float32, of which the first `width` numbers of a row are used, and their states.

    `frozen` (V,) uint8: 1 for input rows that take no step; it may be empty where nothing is frozen.
    """

    input: NDArray[np.float32]
    output: NDArray[np.float32]
    input_states: NDArray[np.float32]
    output_states: NDArray[np.float32]
    frozen: NDArray[np.uint8]
    width: int
    optimizer: int

    def train_batch(self, inputs: Lists, outputs: Lists, rate: float) -> float:
        """Take one step on a batch at the old values of all rows; return the sum of its losses before.

        Item n has the mean of the rows of `inputs` n as its input, and the words of `outputs` n as its context.
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
    """Return the loss of scores z (n, V) and its gradient, which takes their place."""
    numbers, counts = outputs.numbers(), np.diff(outputs.starts)
    z -= z.max(axis=1, keepdims=True)
    picked = z[numbers, outputs.words].sum(dtype=np.float64)
    np.exp(z, out=z)
    totals = z.sum(axis=1)
    loss = float(counts @ np.log(totals.astype(np.float64)) - picked)
    z *= (counts / totals).astype(np.float32)[:, None]
    np.subtract.at(z, (numbers, outputs.words), np.float32(1.0))
    return loss, z
