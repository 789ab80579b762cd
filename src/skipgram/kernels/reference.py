"""Skip-gram with negative sampling as one would write it down: slow, in float64, and what the compiled kernels must agree with.

For a pair of a word with input vector v and a word with output vector u, labelled 1 if the pair was seen in the text and 0 if
it was drawn (Mikolov et al. 2013b, arXiv 1310.4546, equation 4; sigma is the logistic function):

    loss   = -log sigma(u . v)     if the label is 1
             -log sigma(-u . v)    if the label is 0
    dloss / d(u . v) = sigma(u . v) - label = g,    dloss/du = g v,    dloss/dv = g u

A window is all pairs of its C input rows with its 1 + k output rows:

    v (C, d)  inputs     u (O, d)  outputs    labels (O,)  1 for the centre, 0 for the negatives
    input_weights (C,), output_weights (O,)   how often each row stands in the window; a pair counts their product
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from skipgram.kernels.random import below, draw_noise, draws

if TYPE_CHECKING:
    from skipgram.kernels.negative import Chunk, Tables

BLOCK = 32
"""Words of a window whose gradients are summed before the output rows take their step; a wider one is trained in blocks, one
after the other. At the default rate the sum over a window of 256 overshoots: the loss of long sentences went to 1e16."""

Floats = NDArray[np.float64]
Word = tuple[int, np.uint64]
"""A word of the text that subsampling kept: its number in the vocabulary and its 64 random bits."""


def sigmoid(x: Floats) -> Floats:
    """Return 1 / (1 + exp(-x))."""
    return np.exp(-np.logaddexp(0.0, -x))


def window_loss(v: Floats, u: Floats, input_weights: Floats, output_weights: Floats, labels: Floats) -> float:
    """Return the sum of the losses of all pairs of a window."""
    signs = 2 * labels - 1
    losses = np.logaddexp(0.0, -signs * (v @ u.T))  # -log sigma(x) = log(1 + exp(-x))
    return float(input_weights @ losses @ output_weights)


def window_gradients(
    v: Floats, u: Floats, input_weights: Floats, output_weights: Floats, labels: Floats
) -> tuple[Floats, Floats]:
    """Return the gradients of `window_loss`: with respect to v (C, d) and to u (O, d)."""
    g = (sigmoid(v @ u.T) - labels) * np.outer(input_weights, output_weights)
    return g @ u, g.T @ v


def kept_words(ids: NDArray[np.int32], begin: int, end: int, key: np.uint64, keep: NDArray[np.uint32]) -> dict[int, Word]:
    """Return the words of the sentence ids[begin:end] that subsampling keeps, by their position in the corpus."""
    bits = draws(key, np.arange(begin, end, dtype=np.uint64))
    kept = (bits >> np.uint64(32)) <= keep[ids[begin:end]]
    return {begin + n: (int(ids[begin + n]), bits[n]) for n in np.flatnonzero(kept).tolist()}


def contexts(words: list[Word], centre: int, window: int, dynamic: bool) -> list[int]:
    """Return the words around words[centre] in a sentence: up to `window` on each side, or as many as the centre draws."""
    bits = words[centre][1]
    reach = below.py_func(bits << np.uint64(32), window) + 1 if dynamic else window
    around = words[max(0, centre - reach) : centre] + words[centre + 1 : centre + 1 + reach]
    return [word for word, _ in around]


def negatives(centre: Word, noise: NDArray[np.uint32], negative: int) -> list[int]:
    """Return the words drawn against a centre, without those equal to it."""
    word, bits = centre
    drawn = [int(draw_noise.py_func(b, noise)) for b in draws(bits, np.arange(1, negative + 1, dtype=np.uint64))]
    return [other for other in drawn if other != word]


def train_window(
    input_matrix: Floats, output_matrix: Floats, around: list[int], centre: int, drawn: list[int], rate: float
) -> float:
    """Take one step down the gradient of a window, at the old values of all its rows; return the loss before."""
    inputs, outputs = Counter(around), Counter(drawn)
    rows, columns = list(inputs), [centre, *outputs]
    v, u = input_matrix[rows], output_matrix[columns]
    input_weights, output_weights = np.array([*inputs.values()], float), np.array([1, *outputs.values()], float)
    labels = np.array([1.0] + [0.0] * len(outputs))
    dv, du = window_gradients(v, u, input_weights, output_weights, labels)
    input_matrix[rows] -= rate * dv
    output_matrix[columns] -= rate * du
    return window_loss(v, u, input_weights, output_weights, labels)


def train_chunk(
    ids: NDArray[np.int32],
    offsets: NDArray[np.int64],
    chunk: Chunk,
    tables: Tables,
    input_matrix: Floats,
    output_matrix: Floats,
    width: int,
    window: int,
    dynamic: bool,
    negative: int,
    work: Any = None,
) -> tuple[float, int, int]:
    """Do what the function of `negative.chunk_trainer` does, on float64 matrices, with the same random numbers.

    `work` is not used. Returns (sum of the losses, number of pairs, number of words that were kept).
    """
    loss, pairs, words_kept = 0.0, 0, 0
    v, u = input_matrix[:, :width], output_matrix[:, :width]
    for begin, end in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True):
        first, last = max(begin, chunk.first), min(end, chunk.last)
        if first >= last:
            continue
        kept = kept_words(ids, begin, end, chunk.key, tables.keep)
        words = list(kept.values())
        rate = chunk.rate - chunk.rate_slope * (first - chunk.first)
        for n, position in enumerate(kept):
            if not first <= position < last:
                continue
            words_kept += 1
            around = contexts(words, n, window, dynamic)
            pairs += len(around)
            drawn = negatives(words[n], tables.noise, negative)
            for at in range(0, len(around), BLOCK):
                loss += train_window(v, u, around[at : at + BLOCK], words[n][0], drawn, rate)
    return loss, pairs, words_kept
