"""The oracle: skip-gram written down plainly, in float64. Every compiled kernel must agree with it.

Letters as in the papers (Mikolov et al. 2013a, arXiv 1301.3781; 2013b, arXiv 1310.4546): v is a row
of the input matrix, u a row of the output matrix, sigma the logistic function. A pair is an input
word i and an output word o.

Binary pairs (negative sampling, hierarchical softmax): a pair of rows was seen (or the path turns
to the first child), or it was drawn (or the path turns to the second):

    loss   = -log sigma(u . v)     if it was seen
             -log sigma(-u . v)    if it was drawn
    dloss / d(u . v) = sigma(u . v) - (1 if it was seen, else 0) = g,
    dloss/du = g v,    dloss/dv = g u

A window, or a group of neighbouring windows, is all pairs of its C input rows with its O output
rows:

    v (C, d)  inputs     u (O, d)  outputs
    seen (C, O), drawn (C, O)   how often each pair was seen and drawn

Full softmax: h is one input row, U (V, d) all output rows, counts (V,) how often each word occurs
in the context of h:

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
from skipgram.kernels.random import below, draws, pick_noise
from skipgram.kernels.windows import SUM, WORD2VEC, Chunk, Reach

if TYPE_CHECKING:
    from skipgram.kernels.form import Form
    from skipgram.kernels.hierarchical import HuffmanTree
    from skipgram.kernels.layout import Tables

Floats = NDArray[np.float64]


class Word(NamedTuple):
    """A word that subsampling kept: its number in the vocabulary and its 64 random bits."""

    number: int
    bits: np.uint64


class Window(NamedTuple):
    """A target word, the words before and after it in its window, and the learning rate."""

    target: Word
    before: list[int]
    after: list[int]
    rate: float

    @property
    def around(self) -> list[int]:
        """All words but the target word, in the order of the text."""
        return self.before + self.after


def sigmoid(x: Floats) -> Floats:
    """Return 1 / (1 + exp(-x))."""
    return np.exp(-np.logaddexp(0.0, -x))


def window_loss(v: Floats, u: Floats, seen: Floats, drawn: Floats) -> float:
    """Return the sum of the losses of all binary pairs."""
    x = v @ u.T
    # -log sigma(x) = log(1 + exp(-x))
    return float(np.sum(seen * np.logaddexp(0.0, -x) + drawn * np.logaddexp(0.0, x)))


def window_gradients(v: Floats, u: Floats, seen: Floats, drawn: Floats) -> tuple[Floats, Floats]:
    """Return the gradients of `window_loss`: with respect to v (C, d) and to u (O, d)."""
    g = (seen + drawn) * sigmoid(v @ u.T) - seen
    return g @ u, g.T @ v


def softmax(z: Floats) -> Floats:
    """Return exp(z) / sum(exp(z))."""
    e = np.exp(z - z.max())
    return e / e.sum()


def softmax_loss(h: Floats, u: Floats, counts: Floats) -> float:
    """Return the loss of an input row h (d,) with word w counts[w] times in its context.

    u is (V, d).
    """
    z = u @ h
    return float(counts.sum() * np.logaddexp.reduce(z) - counts @ z)


def softmax_gradients(h: Floats, u: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """Return the gradients of `softmax_loss`: with respect to h (d,) and to u (V, d)."""
    g = counts.sum() * softmax(u @ h) - counts
    return g @ u, np.outer(g, h)


class Parameters:
    """A matrix that an optimizer trains. A step updates only its rows, and their state.

    Args:
        matrix: (rows, d), changed in place.
        optimizer: one of `optimizers.OPTIMIZERS`; the formulas are in `optimizers.py`.
        frozen: rows that take no step.
    """

    def __init__(self, matrix: Floats, optimizer: int, frozen: Container[int] = ()) -> None:
        self.matrix = matrix
        self.optimizer = optimizer
        self.frozen = frozen
        self.mean, self.square = np.zeros_like(matrix), np.zeros_like(matrix)
        self.steps = np.zeros((len(matrix), 1))

    def step(self, rows: list[int] | NDArray[np.intp], gradient: Floats, rate: float) -> None:
        """Take a step down the gradient (n, d) of n different rows, except the frozen ones."""
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
    """Return the words of ids[begin:end] that subsampling keeps, by position in the corpus."""
    bits = draws(key, np.arange(begin, end, dtype=np.uint64))
    kept = (bits >> np.uint64(32)) <= keep[ids[begin:end]]
    return {begin + n: Word(int(ids[begin + n]), bits[n]) for n in np.flatnonzero(kept).tolist()}


def contexts(words: list[Word], target: int, reach: Reach) -> tuple[list[int], list[int]]:
    """Return the words before and after words[target] in its window."""
    bits = words[target].bits
    before, after = reach.before, reach.after
    if reach.dynamic:
        before = before and below.py_func(bits << np.uint64(32), before) + 1
        if reach.before == reach.after:
            after = before
        else:
            after = after and below.py_func(draws(bits, np.zeros(1, np.uint64))[0], after) + 1
    numbers = [word.number for word in words]
    return numbers[max(0, target - before) : target], numbers[target + 1 : target + 1 + after]


def windows(
    ids: NDArray[np.int32],
    offsets: NDArray[np.int64],
    chunk: Chunk,
    keep: NDArray[np.uint32],
    reach: Reach,
) -> Iterator[list[Window]]:
    """Yield the windows of each sentence, or of the chunk's part of it, empty ones included.

    Only words that subsampling keeps have windows.
    """
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


def negatives(word: Word, noise: NDArray[np.uint32], negative: int, pair: int = 0) -> list[int]:
    """Return the negatives drawn for a word; `pair` numbers the sets drawn from the same bits."""
    counters = np.arange(pair * negative + 1, (pair + 1) * negative + 1, dtype=np.uint64)
    picked = [pick_noise.py_func(bits, noise) for bits in draws(word.bits, counters)]
    return [int(noise[row, 1]) if is_alias else int(row) for row, is_alias in picked]


class Rows(NamedTuple):
    """The output rows, O of them, that G windows are trained against.

    Attributes:
        numbers: (O,) of the rows.
        labels: (G, O) 1 where the row is what the window predicts.
        drawn: (O,) how often each pair of a word and this row counts as drawn, unless it was seen.
    """

    numbers: list[int]
    labels: Floats
    drawn: Floats


def sampled_rows(targets: list[int], negatives: list[int], share: float = 1.0) -> Rows:
    """Return the rows of target words and their negatives, each of which counts `share`."""
    numbers, drawn = list(dict.fromkeys(targets + negatives)), Counter(negatives)
    labels = np.array([[float(number == target) for number in numbers] for target in targets])
    return Rows(numbers, labels, share * np.array([float(drawn[number]) for number in numbers]))


def path_rows(word: int, tree: HuffmanTree) -> Rows:
    """Return the inner nodes on the path to a word; a turn to the second child is a drawn pair."""
    path = slice(*tree.starts[word : word + 2])
    labels = tree.labels[None, path].astype(float)
    return Rows(tree.nodes[path].tolist(), labels, np.ones(path.stop - path.start))


def train_windows(
    inputs: Parameters,
    outputs: Parameters,
    around: list[list[int]],
    rows: Rows,
    rate: float,
    cbow: int = 0,
) -> float:
    """Take one step on the binary pairs of G windows; return the loss before.

    The gradient is taken at the old values of all rows.

    Args:
        inputs: the matrix of the words around.
        outputs: the matrix of the rows they are trained against.
        around: the words around in each window, with repetitions.
        rows: what they are trained against.
        rate: the learning rate.
        cbow: one of `windows.CONTEXTS`, to train the mean or the sum of the words of one window; 0
            in skip-gram.
    """
    words = list(dict.fromkeys(word for window in around for word in window))
    # How often each word occurs in each window, (G, C).
    counts = np.array([[float(window.count(word)) for word in words] for window in around])
    shares = counts / counts.sum()
    weights = counts if cbow == SUM else shares
    parts = counts if cbow == WORD2VEC else shares
    v, u = inputs.matrix[words], outputs.matrix[rows.numbers]
    h, pairs = (weights @ v, np.ones((1, 1))) if cbow else (v, counts)
    seen, drawn = pairs.T @ rows.labels, pairs.T @ (1 - rows.labels) * rows.drawn
    dh, du = window_gradients(h, u, seen, drawn)
    inputs.step(words, parts.T @ dh if cbow else dh, rate)
    outputs.step(rows.numbers, du, rate)
    return window_loss(h, u, seen, drawn)


def blocks(group: list[Window], length: int) -> Iterator[tuple[int, list[list[int]]]]:
    """Yield what one step trains: where a block begins, and its words by window.

    The places that the windows of a group cover, target words included, are cut into blocks of
    `length`.
    """
    located = [
        list(enumerate([*window.before, None, *window.after], n - len(window.before)))
        for n, window in enumerate(group)
    ]
    first = min(places[0][0] for places in located)
    last = max(places[-1][0] for places in located)
    for begin in range(first, last + 1, length):
        inside = range(begin, begin + length)
        words = [
            [word for place, word in places if place in inside and word is not None]
            for places in located
        ]
        if any(words):
            yield begin - first, words


def train_chunk(
    form: Form,
    ids: NDArray[np.int32],
    offsets: NDArray[np.int64],
    chunk: Chunk,
    tables: Tables,
    reach: Reach,
    inputs: Parameters,
    outputs: Parameters,
) -> tuple[float, int, int]:
    """Do what `chunk.train_chunk` does, with the same random numbers.

    Of the form only the method counts. The optimizer and the frozen rows are those of the
    parameters.

    Returns (sum of the losses, number of pairs, number of words that were kept).
    """
    loss = 0.0
    pairs = words = 0
    # What is trained at the old values of all its rows; the mean of CBOW is not cut.
    length = reach.before + reach.after + 1 if form.cbow else form.places
    for sentence in windows(ids, offsets, chunk, tables.keep, reach):
        words += len(sentence)
        for at in range(0, len(sentence), form.group):
            group = sentence[at : at + form.group]
            around = sum(len(window.around) for window in group)
            pairs += min(1, around) if form.cbow else around
            if around == 0:
                continue
            for begin, block in blocks(group, length):
                rows = output_rows(form, group, begin if form.pairwise else 0, tables)
                loss += train_windows(inputs, outputs, block, rows, group[0].rate, form.cbow)
    return loss, pairs, words


def output_rows(form: Form, group: list[Window], pair: int, tables: Tables) -> Rows:
    """Return what the windows of a group are trained against."""
    if form.hierarchical:
        return path_rows(group[0].target.number, tables.tree)
    sampling = tables.sampling
    drawn = negatives(group[0].target, sampling.noise, sampling.negative, pair)
    return sampled_rows([window.target.number for window in group], drawn, sampling.share)


def train_softmax_batch(
    inputs: Parameters, outputs: Parameters, batch: list[tuple[list[int], list[int]]], rate: float
) -> float:
    """Take one step of full softmax on a batch; return the loss before.

    The gradient is taken at the old values of all rows.

    Each item is (input words, output words). h is the mean of the input rows, which is one row in
    skip-gram; the output words, with repetitions, are its context.
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
