"""Negative sampling (Mikolov et al. 2013b, arXiv 1310.4546): which output rows windows are trained against.

For an input i and the centre o, with k negatives n drawn from P(n) ~ count(n)^exponent, the loss of the pair is

    -log sigmoid(u_o . v_i) - sum_n log sigmoid(-u_n . v_i)

Negatives are drawn afresh for each pair, as word2vec.c does, or once for a window and shared by its pairs, or once for a group of
neighbouring windows. A group draws K negatives where a window would draw k (8 for 5, in a group of four), and each counts k / K: the expectation is the same,
and so is the optimum. A word that is drawn twice is one row that counts twice; a draw equal to the centre of a window does not
count in that window.
"""

from __future__ import annotations

import numpy as np
from numpy import uintp

from skipgram.kernels.cache import inlined
from skipgram.kernels.random import draw, draw_noise


@inlined
def place(n, o, p):
    """Return in which column output n stands: in tiles of o columns, padded to p."""
    return (n // o) * p + n % o


@inlined
def clear_outputs(first, last, scratch, work):
    """Let all places from first to last point to the scratch row, which counts nothing."""
    for at in range(first, last):
        work.outputs[uintp(at)] = scratch
        work.noise[uintp(at)] = np.float32(0.0)


@inlined
def draw_negatives(bits, pair, at, sampling, words):
    """Draw the negatives of a window or group into the list of the sentence, from `at` on.

    `pair` numbers the sets that are drawn from the same random bits.
    """
    for n in range(sampling.negative):
        words.negatives[uintp(at + n)] = draw_noise(
            draw(bits, np.uint64(pair * sampling.negative + n + 1)), sampling.noise
        )


@inlined
def draw_for_sentence(first, stop, group, sampling, words):
    """Draw the negatives of all groups of a sentence, so that the table's answers are waited for together and not one by one.

    (One by one, a tenth of the time of training went into that wait.)
    """
    at = 0
    for centre in range(first, stop, group):
        draw_negatives(words.draws[centre], 0, at, sampling, words)
        at += sampling.negative


@inlined
def add_output(row, count, first, work):
    """Add an output row to the `count` that are listed from place `first` on, unless it is one of them; return its number."""
    known = 0
    while known < count and work.outputs[uintp(first + known)] != row:
        known += 1
    work.outputs[uintp(first + known)] = row
    return known


@inlined
def list_sampled(centre, size, drawn, first, last, sampling, scratch, stride, o, p, words, work):
    """List `size` centres from the one at `centre` on and their negatives as output rows; return their number.

    The negatives are words.negatives[drawn:...]. The pairs of centre n are in column work.columns[first + n] of the tiles.
    """
    clear_outputs(first, last, scratch, work)
    tile_length, count = len(work.rows) * p, 0
    for n in range(size):
        known = add_output(words.kept[uintp(centre + n)] * stride, count, first, work)
        count = max(count, known + 1)
        work.columns[uintp(first + n)] = known // o * tile_length + known % o
    for n in range(drawn, drawn + sampling.negative):
        known = add_output(words.negatives[uintp(n)] * stride, count, first, work)
        count = max(count, known + 1)
        work.noise[uintp(first + place(known, o, p))] += sampling.share
    return count
