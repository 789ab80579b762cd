"""Negative sampling (Mikolov et al. 2013b, arXiv 1310.4546): which output rows a window is trained against.

For an input i and the centre o, with k negatives n drawn from P(n) ~ count(n)^exponent, the loss of the pair is

    -log sigmoid(u_o . v_i) - sum_n log sigmoid(-u_n . v_i)

The negatives are drawn once for a window and shared by its pairs, or afresh for each pair, as word2vec.c does. A word that is
drawn twice is one row with multiplicity 2; a draw equal to the centre is dropped.
"""

from __future__ import annotations

import numpy as np

from skipgram.kernels.cache import inlined
from skipgram.kernels.random import draw, draw_noise


@inlined
def place(n, o, p):
    """Return where output n stands: in tiles of o rows, padded to p."""
    return (n // o) * p + n % o


@inlined
def clear_outputs(first, last, scratch, work):
    """Let all places from first to last point to the scratch row, with weight 0."""
    for at in range(first, last):
        work.outputs[at] = scratch
        work.weights[at] = np.float32(0.0)


@inlined
def draw_outputs(word, bits, pair, first, last, noise, negative, scratch, stride, o, p, work):
    """List a word and its negatives as output rows, each once with its multiplicity; return their number.

    Output n stands at first + place(n, o, p). `pair` numbers the sets of negatives drawn from the same random bits.
    """
    row_of_word = word * stride
    clear_outputs(first, last, scratch, work)
    work.outputs[first] = row_of_word
    work.weights[first] = np.float32(1.0)
    count = 1
    for n in range(pair * negative, (pair + 1) * negative):
        row = draw_noise(draw(bits, np.uint64(n + 1)), noise) * stride
        if row == row_of_word:
            continue
        known = 1
        while known < count and work.outputs[first + place(known, o, p)] != row:
            known += 1
        at = first + place(known, o, p)
        work.outputs[at] = row
        work.weights[at] += np.float32(1.0)
        count = max(count, known + 1)
    return count
