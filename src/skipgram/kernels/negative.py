"""Negative sampling (Mikolov et al. 2013b, arXiv 1310.4546): the output rows of a group of windows.

For an input i and the target word o, with k negatives n drawn from P(n) ~ count(n)^exponent, the
loss of the pair is

    -log sigmoid(u_o . v_i) - sum_n log sigmoid(-u_n . v_i)

Negatives are drawn anew for each pair, as word2vec.c does, or once for all pairs of a window, or
once for a group of neighbouring windows. A group draws K negatives where a window would draw k (8
for 5, in a group of four), and each counts k / K: the expectation is the same, and so is the
optimum. A word that is drawn twice is one row that counts twice. A draw equal to the target word of
a window does not count in that window.
"""

from __future__ import annotations

import numpy as np
from numpy import uintp

from skipgram.kernels.cache import inlined, merged
from skipgram.kernels.random import draw, draw_noise


@merged
def column_of(shape, n):
    """Return the column of output row n in the score tiles, whose rows are padded."""
    return (n // shape.outputs) * shape.padded_outputs + n % shape.outputs


@inlined
def clear_outputs(first, output, scratch):
    """Let all places of the half that begins at `first` point to the padding row, not drawn."""
    padding_row = (len(output) - 1) * output.shape[1]
    for at in range(first, first + len(scratch.outputs) // 2):
        scratch.outputs[uintp(at)] = padding_row
        scratch.drawn[uintp(at)] = np.float32(0.0)


@inlined
def draw_negatives(bits, pair, at, sampling, scratch):
    """Draw the negatives of a group or a pair into the list of the sentence, from `at` on.

    `pair` numbers the sets that are drawn from the same random bits.
    """
    for n in range(sampling.negative):
        counter = np.uint64(pair * sampling.negative + n + 1)
        scratch.negatives[uintp(at + n)] = draw_noise(draw(bits, counter), sampling.noise)


@inlined
def draw_for_sentence(sentence, group, sampling, scratch):
    """Draw the negatives of all groups of a sentence, so that their reads of the table overlap.

    `group` windows share their negatives. (Read group by group, the table took a tenth of the
    training time.)
    """
    at = 0
    for target in range(sentence.first, sentence.stop, group):
        draw_negatives(scratch.draws[target], 0, at, sampling, scratch)
        at += sampling.negative


@inlined
def add_output(row, count, first, scratch):
    """Return the number of an output row among those listed from `first` on; add it if new."""
    known = 0
    while known < count and scratch.outputs[uintp(first + known)] != row:
        known += 1
    scratch.outputs[uintp(first + known)] = row
    return known


@inlined
def list_sampled(shape, group, negatives_at, first, output, sampling, scratch):
    """List the target words of a group and its negatives as output rows; return how many.

    The negatives begin at `negatives_at` in the list of the sentence. The pairs of target word n
    are in the column that `columns[first + n]` gives.
    """
    windows, tiles = scratch.windows, scratch.tiles
    stride = output.shape[1]
    clear_outputs(first, output, tiles)
    tile_length = len(tiles.gradient_rows) * shape.padded_outputs
    count = 0
    for n in range(group.size):
        known = add_output(windows.kept[uintp(group.first + n)] * stride, count, first, tiles)
        count = max(count, known + 1)
        column = known // shape.outputs * tile_length + known % shape.outputs
        tiles.columns[uintp(first + n)] = column
    for n in range(negatives_at, negatives_at + sampling.negative):
        known = add_output(windows.negatives[uintp(n)] * stride, count, first, tiles)
        count = max(count, known + 1)
        tiles.drawn[uintp(first + column_of(shape, known))] += sampling.share
    return count
