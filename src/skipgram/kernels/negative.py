"""Skip-gram with negative sampling (Mikolov et al. 2013b, arXiv 1310.4546): the compiled training of one chunk.

For a centre word o and a word i of its window, with k negatives n drawn from P(n) ~ count(n)^exponent, the loss of the pair is

    -log sigmoid(u_o . v_i) - sum_n log sigmoid(-u_n . v_i)

One window is one tile: inputs are the C words around the centre (rows of V), outputs the centre and the k negatives (rows of
U), drawn once for the window and shared by its pairs. Windows are symmetric and their reach is drawn alike for all centres, so
the pairs (context, centre) are distributed as the pairs (centre, context) of the textbook. The tile's gradient is taken at the
old values of all its rows; a window of more than BLOCK words is trained in blocks of so many, one after the other.

- A word that stands twice in the window, or is drawn twice, is one row with multiplicity 2.
- A draw equal to the centre is dropped.
- Out-of-vocabulary words are gone before the corpus comes here; subsampled words are dropped here, before windows are laid.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from skipgram.kernels.cache import compiled, inlined
from skipgram.kernels.random import below, draw, draw_noise
from skipgram.kernels.reference import BLOCK
from skipgram.kernels.tiles import TilePlan, TileShape, prefetch_row, tile_scores, tile_steps, tile_update

_32 = np.uint64(32)


class Tables(NamedTuple):
    """What is known of each word.

    `keep` (V,) uint32: its keep probability times 2^32, at most 2^32 - 1, which keeps it always; `noise` (V, 2) uint32: the
    alias table of the distribution of the negatives.
    """

    keep: Any
    noise: Any


class Chunk(NamedTuple):
    """The words ids[first:last] of the corpus and how to train them.

    `sentence` is the one that holds `first`. A sentence, or what the chunk holds of it, is trained at the learning rate of its
    first word: `rate` at `first`, falling by `rate_slope` a word.
    """

    first: int
    last: int
    sentence: int
    key: np.uint64
    rate: float
    rate_slope: float


class Workspace(NamedTuple):
    """One thread's scratch memory."""

    kept: Any
    draws: Any
    previous: Any
    slots: Any
    inputs: Any
    input_weights: Any
    outputs: Any
    output_weights: Any
    labels: Any
    scores: Any
    old_inputs: Any
    old_rows: Any


def make_workspace(plan: TilePlan, window: int, chunk_words: int) -> Workspace:
    """Allocate the scratch memory for chunks of at most `chunk_words` words."""
    words, places, outputs = chunk_words + 2 * window, min(2 * window, BLOCK) + 1, plan.tiles * plan.shape.padded_outputs
    labels = np.zeros(outputs, np.float32)
    labels[0] = 1.0
    return Workspace(
        kept=np.empty(words, np.int32),
        draws=np.empty(words, np.uint64),
        previous=np.empty(words, np.int32),
        slots=np.empty(places, np.int32),
        inputs=np.empty(places, np.int64),
        input_weights=np.empty(places, np.float32),
        outputs=np.empty(2 * outputs, np.int64),
        output_weights=np.empty(2 * outputs, np.float32),
        labels=labels,
        scores=np.zeros(places * outputs, np.float32),
        old_inputs=np.zeros((places, plan.stride), np.float32),
        old_rows=np.arange(places, dtype=np.int64) * plan.stride,
    )


@inlined
def keep_word(ids, position, key, keep, at, work):
    """Put the word at `position` into the buffer at `at` unless subsampling drops it; say whether it was kept."""
    word = ids[position]
    bits = draw(key, np.uint64(position))
    if np.uint32(bits >> _32) > keep[word]:
        return False
    work.kept[at] = word
    work.draws[at] = bits
    return True


@inlined
def load_words(ids, begin, end, first, last, key, keep, window, work):
    """Fill the buffer with the kept words of a part of the sentence ids[begin:end]; return (low, stop, high).

    Centres are the kept words of ids[first:last], at window..stop-1 of the buffer; up to `window` kept words of the same
    sentence stand on each side of them, at low.. and ..high-1, so that cutting a sentence into chunks cuts no window.
    """
    low, position = window, first
    while position > begin and low > 0:
        position -= 1
        if keep_word(ids, position, key, keep, low - 1, work):
            low -= 1
    stop = window
    for position in range(first, last):
        if keep_word(ids, position, key, keep, stop, work):
            stop += 1
    high, position = stop, last
    while position < end and high < stop + window:
        if keep_word(ids, position, key, keep, high, work):
            high += 1
        position += 1
    for at in range(low, high):
        earlier, word = at - 1, work.kept[at]
        furthest = max(low, at - 2 * window)
        while earlier >= furthest and work.kept[earlier] != word:
            earlier -= 1
        work.previous[at] = earlier if earlier >= furthest else -1
    return low, stop, high


@inlined
def neighbour(left, n, centre):
    """Return where word n of the window from `left` on stands, the centre not counted."""
    return left + n + (left + n >= centre)


@inlined
def collect_inputs(centre, low, high, stride, work):
    """List the words at low..high-1 but for the centre as input rows, each once with its multiplicity; return their number."""
    count = 0
    for at in range(low, high):
        if at == centre:
            continue
        earlier = work.previous[at]
        if earlier == centre:
            earlier = work.previous[centre]
        if earlier >= low:
            slot = work.slots[earlier - low]
            work.input_weights[slot] += np.float32(1.0)
        else:
            slot = count
            work.inputs[slot] = work.kept[at] * stride
            work.input_weights[slot] = np.float32(1.0)
            count += 1
        work.slots[at - low] = slot
    return count


@inlined
def place(n, o, p):
    """Return where output n stands: in tiles of o rows, padded to p."""
    return (n // o) * p + n % o


@inlined
def draw_outputs(centre, first, last, noise, negative, scratch, stride, o, p, work):
    """List the centre's word and its negatives as output rows, each once with its multiplicity; return their number.

    Output n stands at first + place(n, o, p). What is left over, to `last`, points to the scratch row and has weight 0.
    """
    word, bits = work.kept[centre] * stride, work.draws[centre]
    for at in range(first, last):
        work.outputs[at] = scratch
        work.output_weights[at] = np.float32(0.0)
    work.outputs[first] = word
    work.output_weights[first] = np.float32(1.0)
    count = 1
    for n in range(negative):
        row = draw_noise(draw(bits, np.uint64(n + 1)), noise) * stride
        if row == word:
            continue
        known = 1
        while known < count and work.outputs[first + place(known, o, p)] != row:
            known += 1
        at = first + place(known, o, p)
        work.outputs[at] = row
        work.output_weights[at] += np.float32(1.0)
        count = max(count, known + 1)
    return count


@functools.partial(njit, inline="always")
def train_window(input_matrix, output_matrix, count, first, n_outputs, rate, width, work, o, i, l, p):
    """Train the `count` input rows of the workspace against its output rows at `first`; return the loss.

    The shape o, i, l must arrive as literals, which numba's own inlining keeps.
    """
    outputs, weights = work.outputs, work.output_weights
    tiles = (n_outputs + o - 1) // o
    loss = 0.0
    for tile in range(tiles):
        start, at = tile * count * p, first + tile * p
        tile_scores(input_matrix, output_matrix, work.inputs, count, outputs, at, width, work.scores, start, o, i, l)
        loss += tile_steps(work.scores, start, count, work.input_weights, work.labels, tile * p, weights, at, rate, o, l)
    if tiles == 1 and l > 1:
        tile_update(
            input_matrix,
            input_matrix,
            work.inputs,
            output_matrix,
            work.inputs,
            count,
            outputs,
            first,
            width,
            work.scores,
            0,
            1,
            o,
            l,
        )
    else:
        old, inputs = work.old_inputs.reshape(-1), input_matrix.reshape(-1)
        for row in range(count):
            source, copy = inputs[work.inputs[row] :][:width], old[work.old_rows[row] :][:width]
            for t in range(width):
                copy[t] = source[t]
        for tile in range(tiles):
            start, at = tile * count * p, first + tile * p
            tile_update(
                input_matrix,
                work.old_inputs,
                work.old_rows,
                output_matrix,
                work.inputs,
                count,
                outputs,
                at,
                width,
                work.scores,
                start,
                0,
                o,
                l,
            )
    return loss


@functools.cache
def chunk_trainer(shape: TileShape) -> Callable[..., tuple[float, int, int]]:
    """Return the compiled training of one chunk, for tiles of one shape.

    It returns (sum of the losses, number of pairs, number of words that were kept) of the chunk; the matrices are updated in place, without
    locks, by as many threads as call it.
    """
    o, i, l = shape
    p = shape.padded_outputs

    @compiled(*shape)
    def train_chunk(ids, offsets, chunk, tables, input_matrix, output_matrix, width, window, dynamic, negative, work):
        loss, pairs, words = 0.0, 0, 0
        stride, side = input_matrix.shape[1], len(work.outputs) // 2
        scratch = (len(output_matrix) - 1) * stride
        sentence, position = chunk.sentence, chunk.first
        while position < chunk.last:
            begin, end = offsets[sentence], offsets[sentence + 1]
            sentence += 1
            part_end = min(end, chunk.last)
            low, stop, high = load_words(ids, begin, end, position, part_end, chunk.key, tables.keep, window, work)
            rate = np.float32(chunk.rate - chunk.rate_slope * (position - chunk.first))
            position = part_end
            words += stop - window
            if high - low < 2 or stop == window:
                continue
            first, n_next = 0, draw_outputs(window, 0, side, tables.noise, negative, scratch, stride, o, p, work)
            for centre in range(window, stop):
                now, n_outputs, first = first, n_next, side - first
                if centre + 1 < stop:
                    # Drawn and asked for one window early, so that memory answers while this window is computed.
                    n_next = draw_outputs(centre + 1, first, first + side, tables.noise, negative, scratch, stride, o, p, work)
                    for n in range(n_next):
                        prefetch_row(output_matrix, work.outputs[first + place(n, o, p)], width, l)
                    if centre + 1 + window < high:
                        prefetch_row(input_matrix, work.kept[centre + 1 + window] * stride, width, l)
                reach = below(work.draws[centre] << _32, window) + 1 if dynamic else window
                left, right = max(low, centre - reach), min(high, centre + reach + 1)
                around = right - left - 1
                pairs += around
                for pair in range(0, around, BLOCK):
                    block_left = neighbour(left, pair, centre)
                    block_right = neighbour(left, min(pair + BLOCK, around) - 1, centre) + 1
                    count = collect_inputs(centre, block_left, block_right, stride, work)
                    loss += train_window(input_matrix, output_matrix, count, now, n_outputs, rate, width, work, o, i, l, p)
        return loss, pairs, words

    return train_chunk
