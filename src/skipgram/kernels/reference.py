"""Skip-gram as one would write it down: slow, in float64, and what every compiled kernel must agree with.

Letters as in the papers (Mikolov et al. 2013a, arXiv 1301.3781; 2013b, arXiv 1310.4546): v a row of the input matrix, u a row of
the output matrix, sigma the logistic function. A pair is an input word i and an output word o.

Binary pairs (negative sampling, hierarchical softmax): a pair of rows was seen (or the path goes to the first child), or it was
drawn (or the path goes to the second):

    loss   = -log sigma(u . v)     if it was seen
             -log sigma(-u . v)    if it was drawn
    dloss / d(u . v) = sigma(u . v) - (1 if it was seen, else 0) = g,    dloss/du = g v,    dloss/dv = g u

A window, or a group of neighbouring windows, is all pairs of its C input rows with its O output rows:

    v (C, d)  inputs     u (O, d)  outputs
    seen (C, O), drawn (C, O)   how often each pair was seen and drawn

Full softmax: h is one input row, U (V, d) all output rows, counts (V,) how often each word stands in the context of h:

    z = U h,  p = softmax(z)
    loss = n log sum_w exp(z_w) - sum_o counts_o z_o,  n = sum(counts)
    dloss/dz = n p - counts,  dloss/dU = (dloss/dz) h^T,  dloss/dh = U^T dloss/dz
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skipgram.kernels.optimizers import ADAGRAD, ADAM, BETA_1, BETA_2, EPSILON
from skipgram.kernels.random import below, draw_noise, draws
from skipgram.kernels.windows import BLOCK, SUM, WORD2VEC, Chunk, Reach

if TYPE_CHECKING:
    from skipgram.kernels.chunk import Tables
    from skipgram.kernels.hierarchical import HuffmanTree

Floats = NDArray[np.float64]


class Word(NamedTuple):
    """A word of the text that subsampling kept: its number in the vocabulary and its 64 random bits."""

    number: int
    bits: np.uint64


class Window(NamedTuple):
    """A centre, the words before it and after it in its window, in the order of the text, and the learning rate."""

    centre: Word
    before: list[int]
    after: list[int]
    rate: float

    @property
    def around(self) -> list[int]:
        """All words but the centre."""
        return self.before + self.after


def sigmoid(x: Floats) -> Floats:
    """Return 1 / (1 + exp(-x))."""
    return np.exp(-np.logaddexp(0.0, -x))


def window_loss(v: Floats, u: Floats, seen: Floats, drawn: Floats) -> float:
    """Return the sum of the losses of all binary pairs."""
    x = v @ u.T
    return float(
        np.sum(seen * np.logaddexp(0.0, -x) + drawn * np.logaddexp(0.0, x))
    )  # -log sigma(x) = log(1 + exp(-x))


def window_gradients(v: Floats, u: Floats, seen: Floats, drawn: Floats) -> tuple[Floats, Floats]:
    """Return the gradients of `window_loss`: with respect to v (C, d) and to u (O, d)."""
    g = (seen + drawn) * sigmoid(v @ u.T) - seen
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
        frozen: rows that stay as they are.
    """

    def __init__(self, matrix: Floats, optimizer: int, frozen: Container[int] = ()) -> None:
        self.matrix = matrix
        self.optimizer = optimizer
        self.frozen = frozen
        self.mean, self.square = np.zeros_like(matrix), np.zeros_like(matrix)
        self.steps = np.zeros((len(matrix), 1))

    def step(self, rows: list[int] | NDArray[np.intp], gradient: Floats, rate: float) -> None:
        """Take a step down the gradient (n, d) of n different rows, those that are not frozen."""
        trained = [n for n, row in enumerate(rows) if row not in self.frozen]
        rows, gradient = np.asarray(rows)[trained], gradient[trained]
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


def kept_words(
    ids: NDArray[np.int32], begin: int, end: int, key: np.uint64, keep: NDArray[np.uint32]
) -> dict[int, Word]:
    """Return the words of the sentence ids[begin:end] that subsampling keeps, by their position in the corpus."""
    bits = draws(key, np.arange(begin, end, dtype=np.uint64))
    kept = (bits >> np.uint64(32)) <= keep[ids[begin:end]]
    return {begin + n: Word(int(ids[begin + n]), bits[n]) for n in np.flatnonzero(kept).tolist()}


def contexts(words: list[Word], centre: int, reach: Reach) -> tuple[list[int], list[int]]:
    """Return the words before and after words[centre] in its window."""
    bits = words[centre].bits
    before, after = reach.before, reach.after
    if reach.dynamic:
        before = before and below.py_func(bits << np.uint64(32), before) + 1
        if reach.before == reach.after:
            after = before
        else:
            after = after and below.py_func(draws(bits, np.zeros(1, np.uint64))[0], after) + 1
    numbers = [word.number for word in words]
    return numbers[max(0, centre - before) : centre], numbers[centre + 1 : centre + 1 + after]


def windows(
    ids: NDArray[np.int32],
    offsets: NDArray[np.int64],
    chunk: Chunk,
    keep: NDArray[np.uint32],
    reach: Reach,
) -> Iterator[list[Window]]:
    """Yield for each sentence, or what a chunk holds of it, the windows of the words that subsampling keeps, empty ones too."""
    for begin, end in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True):
        first, last = max(begin, chunk.first), min(end, chunk.last)
        if first >= last:
            continue
        kept = kept_words(ids, begin, end, chunk.key, keep)
        words = list(kept.values())
        rate = chunk.rate - chunk.rate_slope * (first - chunk.first)
        yield [
            Window(words[n], *contexts(words, n, reach), rate)
            for n, position in enumerate(kept)
            if first <= position < last
        ]


def negatives(centre: Word, noise: NDArray[np.uint32], negative: int, pair: int = 0) -> list[int]:
    """Return the words drawn against a centre; each number of a pair gives other draws."""
    counters = np.arange(pair * negative + 1, (pair + 1) * negative + 1, dtype=np.uint64)
    return [int(draw_noise.py_func(b, noise)) for b in draws(centre.bits, counters)]


class Rows(NamedTuple):
    """The output rows, O of them, that G windows are trained against.

    Attributes:
        numbers: (O,) of the rows.
        labels: (G, O) 1 where the row is what the window predicts.
        noise: (O,) how often each pair of a word and this row counts as drawn, unless it was seen.
    """

    numbers: list[int]
    labels: Floats
    noise: Floats


def sampled_rows(centres: list[int], drawn: list[int], share: float = 1.0) -> Rows:
    """Return the rows of the centres of some windows and of the negatives drawn against them, each of which counts `share`."""
    numbers, counted = list(dict.fromkeys(centres + drawn)), Counter(drawn)
    labels = np.array([[float(number == centre) for number in numbers] for centre in centres])
    return Rows(numbers, labels, share * np.array([float(counted[number]) for number in numbers]))


def path_rows(word: int, tree: HuffmanTree) -> Rows:
    """Return the inner nodes on the way to a word: a step to the second child is a pair that is drawn."""
    path = slice(*tree.starts[word : word + 2])
    return Rows(
        tree.nodes[path].tolist(),
        tree.labels[None, path].astype(float),
        np.ones(path.stop - path.start),
    )


def train_windows(
    inputs: Parameters,
    outputs: Parameters,
    around: list[list[int]],
    rows: Rows,
    rate: float,
    cbow: int = 0,
) -> float:
    """Take one step on the binary pairs of G windows, at the old values of all their rows; return the loss before.

    Args:
        inputs: the matrix of the words around.
        outputs: the matrix of the rows they are trained against.
        around: for each window the words around, with repetitions.
        rows: what they are trained against.
        rate: the learning rate.
        cbow: one of `windows.CONTEXTS`: train the mean or the sum of the words (of one window); 0 in skip-gram.
    """
    words = list(dict.fromkeys(word for window in around for word in window))
    stands = np.array(
        [[float(window.count(word)) for word in words] for window in around]
    )  # (G, C)
    shares = stands / stands.sum()
    weights, parts = (stands if cbow == SUM else shares), (stands if cbow == WORD2VEC else shares)
    v, u = inputs.matrix[words], outputs.matrix[rows.numbers]
    h, pairs = (weights @ v, np.ones((1, 1))) if cbow else (v, stands)
    seen, drawn = pairs.T @ rows.labels, pairs.T @ (1 - rows.labels) * rows.noise
    dh, du = window_gradients(h, u, seen, drawn)
    inputs.step(words, parts.T @ dh if cbow else dh, rate)
    outputs.step(rows.numbers, du, rate)
    return window_loss(h, u, seen, drawn)


def blocks(group: list[Window], length: int) -> Iterator[tuple[int, list[list[int]]]]:
    """Yield what is trained at once: where a block begins in the window, and the words of each window in it.

    A wide window is cut into blocks of so many places, its centre included; groups are of narrow windows, which are not cut.
    """
    if len(group) > 1:
        yield 0, [window.around for window in group]
        return
    before, after = group[0].before, group[0].after
    places = [*before, None, *after]
    for begin in range(0, len(places), length):
        words = [word for word in places[begin : begin + length] if word is not None]
        if words:
            yield begin, [words]


def train_chunk(
    ids: NDArray[np.int32],
    offsets: NDArray[np.int64],
    chunk: Chunk,
    tables: Tables,
    reach: Reach,
    inputs: Parameters,
    outputs: Parameters,
    *,
    group: int = 1,
    hierarchical: bool = False,
    pairwise: bool = False,
    cbow: int = 0,
) -> tuple[float, int, int]:
    """Do what the function of `chunk.chunk_trainer` does, with the same random numbers.

    Returns (sum of the losses, number of pairs, number of words that were kept).
    """
    noise, negative, share = tables.sampling
    loss, pairs, words = 0.0, 0, 0
    for part in windows(ids, offsets, chunk, tables.keep, reach):
        words += len(part)
        for at in range(0, len(part), group):
            some = part[at : at + group]
            around = sum(len(window.around) for window in some)
            pairs += min(1, around) if cbow else around
            if around == 0:
                continue
            # A block is what is trained at the old values of all its rows; the mean of CBOW is not cut.
            for begin, block in blocks(
                some, reach.before + reach.after + 1 if cbow else 1 if pairwise else BLOCK
            ):
                if hierarchical:
                    rows = path_rows(some[0].centre.number, tables.tree)
                else:
                    drawn = negatives(some[0].centre, noise, negative, begin if pairwise else 0)
                    rows = sampled_rows([window.centre.number for window in some], drawn, share)
                loss += train_windows(inputs, outputs, block, rows, some[0].rate, cbow)
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
