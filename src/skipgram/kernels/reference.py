"""Skip-gram as one would write it down: slow, in float64, and what every compiled kernel must agree with.

Letters as in the papers (Mikolov et al. 2013a, arXiv 1301.3781; 2013b, arXiv 1310.4546): v a row of the input matrix, u a row of
the output matrix, sigma the logistic function. A pair is an input word i and an output word o.

Binary pairs (negative sampling, hierarchical softmax): a pair of rows is labelled 1 if it was seen (or the path goes to the
first child), 0 if it was drawn (or the path goes to the second):

    loss   = -log sigma(u . v)     if the label is 1
             -log sigma(-u . v)    if the label is 0
    dloss / d(u . v) = sigma(u . v) - label = g,    dloss/du = g v,    dloss/dv = g u

A window is all pairs of its C input rows with its O output rows:

    v (C, d)  inputs     u (O, d)  outputs    labels (O,)
    input_weights (C,), output_weights (O,)   how often each row stands in the window; a pair counts their product

Full softmax: h is one input row, U (V, d) all output rows, counts (V,) how often each word stands in the context of h:

    z = U h,  p = softmax(z)
    loss = n log sum_w exp(z_w) - sum_o counts_o z_o,  n = sum(counts)
    dloss/dz = n p - counts,  dloss/dU = (dloss/dz) h^T,  dloss/dh = U^T dloss/dz
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skipgram.kernels.optimizers import ADAGRAD, ADAM, BETA_1, BETA_2, EPSILON
from skipgram.kernels.random import below, draw_noise, draws
from skipgram.kernels.windows import BLOCK, Chunk, Reach

if TYPE_CHECKING:
    from skipgram.kernels.chunk import Tables
    from skipgram.kernels.hierarchical import HuffmanTree

Floats = NDArray[np.float64]


class Word(NamedTuple):
    """A word of the text that subsampling kept: its number in the vocabulary and its 64 random bits."""

    number: int
    bits: np.uint64


class Window(NamedTuple):
    """A centre, the words around it in the order of the text, and the learning rate."""

    centre: Word
    around: list[int]
    rate: float


def sigmoid(x: Floats) -> Floats:
    """Return 1 / (1 + exp(-x))."""
    return np.exp(-np.logaddexp(0.0, -x))


def window_loss(v: Floats, u: Floats, input_weights: Floats, output_weights: Floats, labels: Floats) -> float:
    """Return the sum of the losses of all binary pairs of a window."""
    signs = 2 * labels - 1
    losses = np.logaddexp(0.0, -signs * (v @ u.T))  # -log sigma(x) = log(1 + exp(-x))
    return float(input_weights @ losses @ output_weights)


def window_gradients(
    v: Floats, u: Floats, input_weights: Floats, output_weights: Floats, labels: Floats
) -> tuple[Floats, Floats]:
    """Return the gradients of `window_loss`: with respect to v (C, d) and to u (O, d)."""
    g = (sigmoid(v @ u.T) - labels) * np.outer(input_weights, output_weights)
    return g @ u, g.T @ v


def softmax(z: Floats) -> Floats:
    """Return exp(z) / sum(exp(z))."""
    e = np.exp(z - z.max())
    return e / e.sum()


def softmax_loss(h: Floats, u: Floats, counts: Floats) -> float:
    """Return the loss of an input row h (d,) whose context holds word w counts[w] times; u is (V, d)."""
    z = u @ h
    return float(counts.sum() * np.logaddexp.reduce(z) - counts @ z)


def softmax_gradients(h: Floats, u: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """Return the gradients of `softmax_loss`: with respect to h (d,) and to u (V, d)."""
    g = counts.sum() * softmax(u @ h) - counts
    return g @ u, np.outer(g, h)


class Parameters:
    """A matrix that is trained by one of the optimizers; only the rows of a step are touched, as is their state.

    Args:
        matrix: (rows, d), changed in place.
        optimizer: one of those of `optimizers.py`, where the formulas stand.
    """

    def __init__(self, matrix: Floats, optimizer: int) -> None:
        self.matrix = matrix
        self.optimizer = optimizer
        self.mean, self.square = np.zeros_like(matrix), np.zeros_like(matrix)
        self.steps = np.zeros((len(matrix), 1))

    def step(self, rows: list[int] | NDArray[np.intp], gradient: Floats, rate: float) -> None:
        """Take a step down the gradient (n, d) of n different rows."""
        if self.optimizer == ADAGRAD:
            self.square[rows] += gradient**2
            self.matrix[rows] -= rate * gradient / np.sqrt(self.square[rows] + EPSILON**2)
        elif self.optimizer == ADAM:
            self.steps[rows] += 1
            self.mean[rows] += (1 - BETA_1) * (gradient - self.mean[rows])
            self.square[rows] += (1 - BETA_2) * (gradient**2 - self.square[rows])
            mean = self.mean[rows] / (1 - BETA_1 ** self.steps[rows])
            square = self.square[rows] / (1 - BETA_2 ** self.steps[rows])
            self.matrix[rows] -= rate * mean / np.sqrt(square + EPSILON**2)
        else:
            self.matrix[rows] -= rate * gradient


def kept_words(ids: NDArray[np.int32], begin: int, end: int, key: np.uint64, keep: NDArray[np.uint32]) -> dict[int, Word]:
    """Return the words of the sentence ids[begin:end] that subsampling keeps, by their position in the corpus."""
    bits = draws(key, np.arange(begin, end, dtype=np.uint64))
    kept = (bits >> np.uint64(32)) <= keep[ids[begin:end]]
    return {begin + n: Word(int(ids[begin + n]), bits[n]) for n in np.flatnonzero(kept).tolist()}


def contexts(words: list[Word], centre: int, reach: Reach) -> list[int]:
    """Return the words around words[centre] in a sentence."""
    bits = words[centre].bits
    before, after = reach.before, reach.after
    if reach.dynamic:
        before = before and below.py_func(bits << np.uint64(32), before) + 1
        if reach.before == reach.after:
            after = before
        else:
            after = after and below.py_func(draws(bits, np.zeros(1, np.uint64))[0], after) + 1
    around = words[max(0, centre - before) : centre] + words[centre + 1 : centre + 1 + after]
    return [word.number for word in around]


def windows(
    ids: NDArray[np.int32], offsets: NDArray[np.int64], chunk: Chunk, keep: NDArray[np.uint32], reach: Reach
) -> Iterator[Window]:
    """Yield the windows of the words of a chunk that subsampling keeps, also those that hold no other word."""
    for begin, end in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True):
        first, last = max(begin, chunk.first), min(end, chunk.last)
        if first >= last:
            continue
        kept = kept_words(ids, begin, end, chunk.key, keep)
        words = list(kept.values())
        rate = chunk.rate - chunk.rate_slope * (first - chunk.first)
        for n, position in enumerate(kept):
            if first <= position < last:
                yield Window(words[n], contexts(words, n, reach), rate)


def negatives(centre: Word, noise: NDArray[np.uint32], negative: int, pair: int = 0) -> list[int]:
    """Return the words drawn against a centre, without those equal to it; each number of a pair gives other draws."""
    counters = np.arange(pair * negative + 1, (pair + 1) * negative + 1, dtype=np.uint64)
    drawn = [int(draw_noise.py_func(b, noise)) for b in draws(centre.bits, counters)]
    return [other for other in drawn if other != centre.number]


def labelled_rows(word: int, drawn: list[int]) -> tuple[list[int], Floats, Floats]:
    """Return output rows, their multiplicities and labels for a word and the negatives drawn against it."""
    counted = Counter(drawn)
    return [word, *counted], np.array([1.0, *counted.values()]), np.array([1.0] + [0.0] * len(counted))


def path_rows(word: int, tree: HuffmanTree) -> tuple[list[int], Floats, Floats]:
    """Return the inner nodes on the way to a word as output rows, with multiplicity 1, and their labels."""
    path = slice(*tree.starts[word : word + 2])
    return tree.nodes[path].tolist(), np.ones(path.stop - path.start), tree.labels[path].astype(float)


def train_window(
    inputs: Parameters,
    outputs: Parameters,
    around: list[int],
    rows: tuple[list[int], Floats, Floats],
    rate: float,
    cbow: bool = False,
) -> float:
    """Take one step on the binary pairs of a window, at the old values of all its rows; return the loss before.

    Args:
        inputs: the matrix of the words around.
        outputs: the matrix of the rows they are trained against.
        around: the words around, with repetitions.
        rows: numbers, multiplicities and labels of the output rows.
        rate: the learning rate.
        cbow: train the mean of the words, and give each its share of the gradient.
    """
    counted = Counter(around)
    words, weights = list(counted), np.array([*counted.values()], float)
    columns, output_weights, labels = rows
    v, u = inputs.matrix[words], outputs.matrix[columns]
    shares = weights / weights.sum()
    h, input_weights = (shares[None] @ v, np.ones(1)) if cbow else (v, weights)
    dh, du = window_gradients(h, u, input_weights, output_weights, labels)
    inputs.step(words, shares[:, None] * dh if cbow else dh, rate)
    outputs.step(columns, du, rate)
    return window_loss(h, u, input_weights, output_weights, labels)


def train_chunk(
    ids: NDArray[np.int32],
    offsets: NDArray[np.int64],
    chunk: Chunk,
    tables: Tables,
    reach: Reach,
    inputs: Parameters,
    outputs: Parameters,
    negative: int,
    *,
    hierarchical: bool = False,
    pairwise: bool = False,
    cbow: bool = False,
) -> tuple[float, int, int]:
    """Do what the function of `chunk.chunk_trainer` does, with the same random numbers.

    Returns (sum of the losses, number of pairs, number of words that were kept).
    """
    loss, pairs, words = 0.0, 0, 0
    for centre, around, rate in windows(ids, offsets, chunk, tables.keep, reach):
        words += 1
        pairs += min(1, len(around)) if cbow else len(around)
        # A block is what is trained at the old values of all its rows.
        block = max(1, len(around)) if cbow else 1 if pairwise else BLOCK
        for at in range(0, len(around), block):
            if hierarchical:
                rows = path_rows(centre.number, tables.tree)
            else:
                rows = labelled_rows(
                    centre.number, negatives(centre, tables.noise, negative, at if pairwise and not cbow else 0)
                )
            loss += train_window(inputs, outputs, around[at : at + block], rows, rate, cbow)
    return loss, pairs, words


def train_softmax_batch(
    inputs: Parameters, outputs: Parameters, batch: list[tuple[list[int], list[int]]], rate: float
) -> float:
    """Take one step of full softmax on a batch at the old values of all rows; return the loss before.

    Each item is (input words, output words): h is the mean of the input rows, one word in skip-gram, and the output words
    with repetitions are its context.
    """
    vocabulary, d = outputs.matrix.shape
    loss, du = 0.0, np.zeros((vocabulary, d))
    dv: dict[int, Floats] = {}
    for words, context in batch:
        counts = np.bincount(context, minlength=vocabulary).astype(float)
        h = inputs.matrix[words].mean(axis=0)
        loss += softmax_loss(h, outputs.matrix, counts)
        dh, du_one = softmax_gradients(h, outputs.matrix, counts)
        du += du_one
        for word in words:
            dv[word] = dv.get(word, np.zeros(d)) + dh / len(words)
    inputs.step(list(dv), np.array([*dv.values()]), rate)
    outputs.step(np.arange(vocabulary), du, rate)
    return loss
