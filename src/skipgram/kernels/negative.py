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

from typing import Any, NamedTuple

import numpy as np
from numpy import uintp

from skipgram.kernels.parts import called, inlined
from skipgram.kernels.random import draw, pick_noise

MARKS = 1024
"""The values that the last bits of a word can have, by which repeated words are found: a power of
two."""


class OutputRows(NamedTuple):
    """The output rows of a group.

    Attributes:
        first: where they begin in TileScratch.outputs.
        count: how many there are.
        distinct: whether they are the target words, each in its place, and then the negatives, all
            of them different.
    """

    first: Any
    count: Any
    distinct: Any


@inlined
def tile_count(shape, outputs):
    """Return the number of tiles that hold so many output rows."""
    return (outputs + shape.outputs - 1) // shape.outputs


@inlined
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
    noise = sampling.noise
    for n in range(at, at + sampling.negative):
        counter = np.uint64(pair * sampling.negative + (n - at) + 1)
        row, is_alias = pick_noise(draw(bits, counter), noise)
        # LLVM makes a branch of a choice, and that would be mispredicted every other time. So a row
        # that is not drawn is stored too: in the place after, where the next draw follows.
        scratch.negatives[uintp(n)] = noise[uintp(row), 1]
        scratch.negatives[uintp(n + is_alias)] = row


@inlined
def draw_for_sentence(sentence, group, sampling, scratch):
    """Draw the negatives of all groups of a sentence, so that their reads of the table overlap.

    `group` windows share their negatives. (Read group by group, the table took a tenth of the
    training time.)
    """
    at = np.int64(0)
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


@called
def list_once(form, group, negatives_at, first, output, sampling, scratch):
    """Do as `list_sampled`, for words that occur several times among them."""
    windows, tiles = scratch.windows, scratch.tiles
    shape, stride = form.shape, output.shape[1]
    clear_outputs(first, output, tiles)
    count = np.int64(0)
    for n in range(group.size):
        known = add_output(windows.kept[uintp(group.first + n)] * stride, count, first, tiles)
        count = max(count, known + 1)
        tiles.columns[uintp(first + n)] = known
    for n in range(negatives_at, negatives_at + sampling.negative):
        known = add_output(windows.negatives[uintp(n)] * stride, count, first, tiles)
        count = max(count, known + 1)
        tiles.drawn[uintp(first + column_of(shape, known))] += sampling.share
    return OutputRows(first, count, count == form.group + sampling.negative)


@inlined
def is_marked(word, mark, scratch):
    """Mark a word, or all words with the same last bits; return whether it was marked before."""
    at = uintp(word & (MARKS - 1))
    before = scratch.marks[at] == mark
    scratch.marks[at] = mark
    return before


@inlined
def list_sampled(form, group, negatives_at, first, output, sampling, scratch):
    """List the target words of a group and its negatives as output rows.

    The negatives begin at `negatives_at` in the list of the sentence. Where all words differ, as in
    nine of ten groups, each has its fixed place: the negatives follow form.group target words.
    """
    if form.group == 1:
        return list_once(form, group, negatives_at, first, output, sampling, scratch)
    windows, tiles = scratch.windows, scratch.tiles
    stride = output.shape[1]
    padding_row = (len(output) - 1) * stride
    mark = tiles.marks[MARKS] + np.int32(1)
    tiles.marks[MARKS] = mark
    repeated = False
    for n in range(group.size):
        word = windows.kept[uintp(group.first + n)]
        repeated |= is_marked(word, mark, tiles)
        tiles.outputs[uintp(first + n)] = word * stride
    for n in range(group.size, form.group):
        tiles.outputs[uintp(first + n)] = padding_row
    for n in range(sampling.negative):
        word = windows.negatives[uintp(negatives_at + n)]
        repeated |= is_marked(word, mark, tiles)
        tiles.outputs[uintp(first + form.group + n)] = word * stride
    if repeated:
        return list_once(form, group, negatives_at, first, output, sampling, scratch)
    count = form.group + sampling.negative
    for n in range(count, tile_count(form.shape, count) * form.shape.outputs):
        tiles.outputs[uintp(first + n)] = padding_row
    return OutputRows(first, count, True)
