"""The compiled training of one chunk: its windows, one after the other, against negatives or a path of the Huffman tree.

One window is one tile: C input rows against O output rows, whose gradient is taken at the old values of all of them. In
skip-gram the inputs are the words around the centre (rows of V); in CBOW the one input is their mean, and each word gets its
share, 1/C, of the mean's gradient (which word2vec.c gives in full).
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from skipgram.kernels.cache import compiled, inlined
from skipgram.kernels.hierarchical import HuffmanTree, path_outputs
from skipgram.kernels.negative import draw_outputs, place
from skipgram.kernels.optimizers import SGD, Steps, begin_steps, make_steps
from skipgram.kernels.plain import ADDED, IN_PLACE
from skipgram.kernels.tiles import TilePlan, TileShape, prefetch_row, row_step, tile_scores, tile_steps, tile_update
from skipgram.kernels.windows import BLOCK, collect_inputs, load_words, neighbour, window_borders


class Form(NamedTuple):
    """What is compiled into a kernel: its tile, and which of the methods it is."""

    shape: TileShape
    hierarchical: bool = False
    pairwise: bool = False
    cbow: bool = False
    optimizer: int = SGD


class Tables(NamedTuple):
    """What is known of each word.

    `keep` (V,) uint32: its keep probability times 2^32, at most 2^32 - 1, which keeps it always; `noise` (V, 2) uint32: the
    alias table of the distribution of the negatives; `tree`: its paths. What the objective does not need is empty.
    """

    keep: Any
    noise: Any
    tree: HuffmanTree


class Matrices(NamedTuple):
    """What is trained: both matrices, (rows, stride) float32, the output matrix with a scratch row at its end, and their states."""

    input: Any
    output: Any
    input_states: Any
    output_states: Any


class Outputs(NamedTuple):
    """One thread's scratch memory for the output rows of two windows (this and the next), for scores and for gradients."""

    outputs: Any
    weights: Any
    labels: Any
    scores: Any
    gradients: Any
    rows: Any
    hidden: Any
    hidden_weights: Any
    input_steps: Steps
    output_steps: Steps


def make_outputs(plan: TilePlan, furthest: int) -> Outputs:
    """Allocate the scratch memory for windows of `furthest` words on each side."""
    places, outputs = min(2 * furthest, BLOCK) + 1, plan.tiles * plan.shape.padded_outputs
    labels = np.zeros(2 * outputs, np.float32)
    labels[[0, outputs]] = 1.0
    return Outputs(
        outputs=np.empty(2 * outputs, np.int64),
        weights=np.empty(2 * outputs, np.float32),
        labels=labels,
        scores=np.zeros(places * outputs, np.float32),
        gradients=np.zeros((places + 1, plan.stride), np.float32),
        rows=np.arange(places, dtype=np.int64) * plan.stride,
        hidden=np.zeros((1, plan.stride), np.float32),
        hidden_weights=np.ones(1, np.float32),
        input_steps=make_steps(2 * furthest),
        output_steps=make_steps(2 * outputs),
    )


@functools.partial(njit, inline="always")
def train_tiles(v, inputs, input_weights, count, m, first, n_outputs, rate, width, work, in_place, z, o, i, l, p):
    """Train `count` input rows of v against the output rows at `first`; return the loss and whether the input rows are done.

    If not, their gradients lie in `work.gradients`. The shape and the optimizer z must arrive as literals, which numba's own
    inlining keeps.
    """
    u, outputs, weights = m.output, work.outputs, work.weights
    step_rate = rate if z == SGD else np.float32(1.0)
    tiles = (n_outputs + o - 1) // o
    loss = 0.0
    for tile in range(tiles):
        start, at = tile * count * p, first + tile * p
        tile_scores(v, u, inputs, count, outputs, at, width, work.scores, start, o, i, l)
        loss += tile_steps(work.scores, start, count, input_weights, work.labels, at, weights, at, step_rate, o, l)
    if in_place and z == SGD and tiles == 1 and l > 1:
        tile_update(v, inputs, v, inputs, count, u, m.output_states, work, first, 0, width, IN_PLACE, z, o, l)
        return loss, True
    if z != SGD:
        begin_steps(work.output_steps, first, first + tiles * p, outputs, m.output_states, u.shape[1], u.shape[1], rate, z)
    for n in range(count):
        row = work.gradients[n]
        for t in range(width):
            row[t] = np.float32(0.0)
    for tile in range(tiles):
        start, at = tile * count * p, first + tile * p
        tile_update(work.gradients, work.rows, v, inputs, count, u, m.output_states, work, at, start, width, ADDED, z, o, l)
    return loss, False


@functools.partial(njit, inline="always")
def step_inputs(m, inputs, count, shares, words, rate, width, work, z, l):
    """Take the optimizer's steps on input rows with the gradients of the workspace.

    In CBOW (`words` > 0) the only gradient is that of the mean of `words` words, of which row n makes up shares[n].
    """
    one = np.float32(1.0)
    if z != SGD:
        begin_steps(work.input_steps, 0, count, inputs, m.input_states, m.input.shape[1], m.input.shape[1], rate, z)
    for n in range(count):
        scale = shares[n] / np.float32(words) if words > 0 else one
        gradient = 0 if words > 0 else work.rows[n]
        steps = work.input_steps
        if z == SGD:  # whose rate is in the gradient already
            row_step(m.input, inputs[n], work.gradients, gradient, scale, m.input_states, 0, one, one, width, z, l)
        else:
            state, row_rate, correction = steps.starts[n], steps.rates[n], steps.corrections[n]
            row_step(
                m.input, inputs[n], work.gradients, gradient, scale, m.input_states, state, row_rate, correction, width, z, l
            )


@functools.partial(njit, inline="always")
def train_skipgram(m, inputs, weights, count, first, n_outputs, rate, width, work, z, o, i, l, p):
    """Train the rows of the words around a centre; return the loss."""
    loss, done = train_tiles(m.input, inputs, weights, count, m, first, n_outputs, rate, width, work, True, z, o, i, l, p)
    if not done:
        step_inputs(m, inputs, count, weights, 0, rate, width, work, z, l)
    return loss


@functools.partial(njit, inline="always")
def train_cbow(m, inputs, weights, count, words, first, n_outputs, rate, width, work, z, o, i, l, p):
    """Train the mean of the words around a centre; return the loss."""
    hidden, v = work.hidden[0], m.input.reshape(-1)
    for t in range(width):
        hidden[t] = np.float32(0.0)
    for n in range(count):
        row, share = v[inputs[n] :][:width], weights[n] / np.float32(words)
        for t in range(width):
            hidden[t] += share * row[t]
    loss, _ = train_tiles(
        work.hidden, work.rows, work.hidden_weights, 1, m, first, n_outputs, rate, width, work, False, z, o, i, l, p
    )
    step_inputs(m, inputs, count, weights, words, rate, width, work, z, l)
    return loss


@functools.partial(njit, inline="always")
def prefetch(matrix, states, at, width, z, l):
    """Ask the CPU to bring a row and its state into its cache."""
    prefetch_row(matrix, at, width, l)
    if z != SGD:
        prefetch_row(states, at // matrix.shape[1] * states.shape[1], states.shape[1], l)


@inlined
def list_outputs(hierarchical, at, first, side, tables, negative, scratch, stride, words, work, o, p):
    """List the output rows of the window around the word at `at`, from place `first` on; return their number."""
    if hierarchical:
        return path_outputs(words.kept[at], first, first + side, tables.tree, scratch, stride, o, p, work)
    return draw_outputs(
        words.kept[at], words.draws[at], 0, first, first + side, tables.noise, negative, scratch, stride, o, p, work
    )


@functools.cache
def chunk_trainer(form: Form) -> Callable[..., tuple[float, int, int]]:
    """Return the compiled training of one chunk in one form.

    It returns (sum of the losses, number of pairs, number of words that were kept) of the chunk; the matrices are updated in
    place, without locks, by as many threads as call it. A pair of CBOW is the mean and the centre: one for each centre.
    """
    (o, i, l), hierarchical, pairwise, cbow, z = form
    p = form.shape.padded_outputs

    @compiled(*form.shape, hierarchical, pairwise, cbow, z)
    def train_chunk(ids, offsets, chunk, tables, reach, m, width, negative, words, work):
        loss, pairs, kept = 0.0, 0, 0
        stride, side, window = m.input.shape[1], len(work.outputs) // 2, max(reach.before, reach.after)
        scratch = (len(m.output) - 1) * stride
        sentence, position = chunk.sentence, chunk.first
        while position < chunk.last:
            begin, end = offsets[sentence], offsets[sentence + 1]
            sentence += 1
            part_end = min(end, chunk.last)
            low, stop, high = load_words(ids, begin, end, position, part_end, chunk.key, tables.keep, window, words)
            rate = np.float32(chunk.rate - chunk.rate_slope * (position - chunk.first))
            position = part_end
            kept += stop - window
            if high - low < 2 or stop == window:
                continue
            first, n_next = 0, list_outputs(hierarchical, window, 0, side, tables, negative, scratch, stride, words, work, o, p)
            for centre in range(window, stop):
                now, n_outputs, first = first, n_next, side - first
                if centre + 1 < stop:
                    # Drawn and asked for one window early, so that memory answers while this window is computed.
                    n_next = list_outputs(
                        hierarchical, centre + 1, first, side, tables, negative, scratch, stride, words, work, o, p
                    )
                    for n in range(n_next):
                        prefetch(m.output, m.output_states, work.outputs[first + place(n, o, p)], width, z, l)
                    if centre + 1 + window < high:
                        prefetch(m.input, m.input_states, words.kept[centre + 1 + window] * stride, width, z, l)
                left, right = window_borders(words.draws[centre], centre, low, high, reach)
                around = right - left - 1
                if around == 0:
                    continue
                if cbow:
                    count = collect_inputs(centre, left, right, stride, words)
                    loss += train_cbow(
                        m, words.inputs, words.weights, count, around, now, n_outputs, rate, width, work, z, o, i, l, p
                    )
                    pairs += 1
                    continue
                pairs += around
                block = 1 if pairwise else BLOCK
                for pair in range(0, around, block):
                    begin_block = neighbour(left, pair, centre)
                    end_block = neighbour(left, min(pair + block, around) - 1, centre) + 1
                    count = collect_inputs(centre, begin_block, end_block, stride, words)
                    if pairwise:
                        word, bits = words.kept[centre], words.draws[centre]
                        n_outputs = draw_outputs(
                            word, bits, pair, now, now + side, tables.noise, negative, scratch, stride, o, p, work
                        )
                    loss += train_skipgram(
                        m, words.inputs, words.weights, count, now, n_outputs, rate, width, work, z, o, i, l, p
                    )
        return loss, pairs, kept

    return train_chunk
