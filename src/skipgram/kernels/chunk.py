"""The compiled training of one chunk: its windows, one after the other, against negatives or a path of the Huffman tree.

A window, or a group of neighbouring windows, is one tile: C input rows against O output rows, whose gradient is taken at the old
values of all of them. In skip-gram the inputs are the words around the centres (rows of V); in CBOW the one input is their mean
or their sum (`windows.CONTEXTS`).

Why groups: neighbouring windows hold nearly the same words, so four of them are 10 input rows and 12 output rows where one by one
they are 24 and 24, and the tile does more with each number that it loads.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy import uintp

from skipgram.kernels.cache import compiled, inlined
from skipgram.kernels.hierarchical import HuffmanTree, path_outputs
from skipgram.kernels.negative import draw_for_sentence, draw_negatives, list_sampled
from skipgram.kernels.optimizers import SGD, Steps, begin_steps, make_steps
from skipgram.kernels.plain import ADDED, IN_PLACE
from skipgram.kernels.tiles import (
    TilePlan,
    TileShape,
    prefetch_row,
    row_step,
    tile_scores,
    tile_steps,
    tile_update,
)
from skipgram.kernels.windows import (
    BLOCK,
    SUM,
    WORD2VEC,
    collect_inputs,
    link_repetitions,
    load_words,
    open_windows,
)


class Form(NamedTuple):
    """What is compiled into a kernel: its tile, and which of the methods it is.

    `group` windows share their negatives; only skip-gram with negative sampling has groups of more than one. `cbow` is one of
    `windows.CONTEXTS`, 0 in skip-gram. `freeze` leaves the input rows that `Matrices.frozen` marks as they are; it is compiled
    in, so that who freezes nothing pays nothing.
    """

    shape: TileShape
    group: int = 1
    hierarchical: bool = False
    pairwise: bool = False
    cbow: int = 0
    freeze: bool = False
    optimizer: int = SGD


class Sampling(NamedTuple):
    """Which negatives are drawn: `noise` (V, 2) uint32, the alias table of their distribution, how many, and what each counts."""

    noise: Any
    negative: int
    share: Any


class Tables(NamedTuple):
    """What is known of each word.

    `keep` (V,) uint32: its keep probability times 2^32, at most 2^32 - 1, which keeps it always; `sampling` and `tree`: what its
    windows are trained against. What the objective does not need is empty.
    """

    keep: Any
    sampling: Sampling
    tree: HuffmanTree


class Matrices(NamedTuple):
    """What is trained: both matrices, (rows, stride) float32, the output matrix with a scratch row at its end, and their states.

    `frozen` (rows,) uint8: 1 for input rows that take no step; it may be empty where nothing is frozen.
    """

    input: Any
    output: Any
    input_states: Any
    output_states: Any
    frozen: Any


class Outputs(NamedTuple):
    """One thread's scratch memory for the output rows of two groups (this and the next), for scores and for gradients.

    outputs, noise and labels: where each output row begins, how often it was drawn, and 1 or 0 where all its pairs have the same
    label (see `tile_steps`); columns: where in a tile each centre of the group stands; seen: how often each pair was seen.
    """

    outputs: Any
    noise: Any
    labels: Any
    columns: Any
    seen: Any
    scores: Any
    gradients: Any
    rows: Any
    hidden: Any
    hidden_totals: Any
    input_steps: Steps
    output_steps: Steps


def make_outputs(plan: TilePlan, furthest: int, group: int = 1) -> Outputs:
    """Allocate the scratch memory for groups of windows of `furthest` words on each side."""
    places, outputs = min(2 * furthest + group, BLOCK), plan.tiles * plan.shape.padded_outputs
    labels = np.zeros(2 * outputs, np.float32)
    labels[[0, outputs]] = 1.0
    return Outputs(
        outputs=np.empty(2 * outputs, np.int64),
        noise=np.empty(2 * outputs, np.float32),
        labels=labels,
        columns=np.zeros(2 * outputs, np.int64),
        seen=np.zeros(places * outputs, np.float32),
        scores=np.zeros(places * outputs, np.float32),
        gradients=np.zeros((places + 1, plan.stride), np.float32),
        rows=np.arange(places, dtype=np.int64) * plan.stride,
        hidden=np.zeros((1, plan.stride), np.float32),
        hidden_totals=np.ones(1, np.float32),
        input_steps=make_steps(2 * furthest + group),
        output_steps=make_steps(2 * outputs),
    )


@inlined
def count_seen(centre, size, begin, end, count, first, tiles, p, words, work):
    """Count how often each input of the positions begin..end-1 stands in the window of each centre, and in all of them."""
    tile_length = len(work.rows) * p
    words.totals[:count] = np.float32(0.0)
    for tile in range(tiles):
        work.seen[tile * tile_length : tile * tile_length + count * p] = np.float32(0.0)
    for n in range(size):
        column = work.columns[uintp(first + n)]
        for at in range(max(begin, words.lefts[uintp(n)]), min(end, words.rights[uintp(n)])):
            if at != centre + n:
                slot = np.int64(words.slots[uintp(at - begin)])
                words.totals[uintp(slot)] += np.float32(1.0)
                work.seen[uintp(column + slot * p)] += np.float32(1.0)


@functools.partial(njit, inline="always")
def train_tiles(
    v,
    inputs,
    totals,
    count,
    m,
    first,
    n_outputs,
    rate,
    width,
    work,
    in_place,
    counted,
    z,
    o,
    i,
    l,
    p,
):
    """Train `count` input rows of v against the output rows at `first`; return the loss and whether the input rows are done.

    If not, their gradients lie in `work.gradients`. The shape, the optimizer z and `counted` must arrive as literals, which
    numba's own inlining keeps.
    """
    u, outputs = m.output, work.outputs
    step_rate = rate if z == SGD else np.float32(1.0)
    tiles, tile_length = (n_outputs + o - 1) // o, len(work.rows) * p
    loss = 0.0
    for tile in range(tiles):
        start = tile * tile_length
        tile_scores(
            v, u, inputs, count, outputs, first + tile * o, width, work.scores, start, o, i, l
        )
        loss += tile_steps(work, start, count, totals, first + tile * p, step_rate, counted, o, l)
    if in_place and z == SGD and tiles == 1 and l > 1:
        tile_update(
            v,
            inputs,
            v,
            inputs,
            count,
            u,
            m.output_states,
            work,
            first,
            0,
            width,
            IN_PLACE,
            z,
            o,
            l,
        )
        return loss, True
    if z != SGD:
        begin_steps(
            work.output_steps,
            first,
            first + tiles * o,
            outputs,
            m.output_states,
            u.shape[1],
            u.shape[1],
            rate,
            z,
        )
    for n in range(count):
        row = work.gradients[n]
        for t in range(width):
            row[t] = np.float32(0.0)
    for tile in range(tiles):
        start, at = tile * tile_length, first + tile * o
        tile_update(
            work.gradients,
            work.rows,
            v,
            inputs,
            count,
            u,
            m.output_states,
            work,
            at,
            start,
            width,
            ADDED,
            z,
            o,
            l,
        )
    return loss, False


@functools.partial(njit, inline="always")
def step_inputs(m, inputs, count, shares, words, rate, width, work, freeze, z, l):
    """Take the optimizer's steps on input rows, but for frozen ones, with the gradients of the workspace.

    In CBOW (`words` > 0) there is one gradient; row n gets shares[n] of its `words` parts.
    """
    one = np.float32(1.0)
    if z != SGD:
        begin_steps(
            work.input_steps,
            0,
            count,
            inputs,
            m.input_states,
            m.input.shape[1],
            m.input.shape[1],
            rate,
            z,
        )
    for n in range(count):
        if freeze and m.frozen[inputs[n] // m.input.shape[1]]:
            continue
        scale = shares[n] / np.float32(words) if words > 0 else one
        gradient = 0 if words > 0 else work.rows[n]
        steps = work.input_steps
        if z == SGD:  # whose rate is in the gradient already
            row_step(
                m.input,
                inputs[n],
                work.gradients,
                gradient,
                scale,
                m.input_states,
                0,
                one,
                one,
                width,
                z,
                l,
            )
        else:
            state, row_rate, correction = steps.starts[n], steps.rates[n], steps.corrections[n]
            row_step(
                m.input,
                inputs[n],
                work.gradients,
                gradient,
                scale,
                m.input_states,
                state,
                row_rate,
                correction,
                width,
                z,
                l,
            )


@functools.partial(njit, inline="always")
def train_skipgram(
    m, inputs, totals, count, first, n_outputs, rate, width, work, counted, freeze, z, o, i, l, p
):
    """Train the rows of the words around the centres; return the loss."""
    in_place = not freeze  # another thread would see a frozen row move, were it put back afterwards
    loss, done = train_tiles(
        m.input,
        inputs,
        totals,
        count,
        m,
        first,
        n_outputs,
        rate,
        width,
        work,
        in_place,
        counted,
        z,
        o,
        i,
        l,
        p,
    )
    if not done:
        step_inputs(m, inputs, count, totals, 0, rate, width, work, freeze, z, l)
    return loss


@functools.partial(njit, inline="always")
def train_cbow(
    m,
    inputs,
    totals,
    count,
    words,
    first,
    n_outputs,
    rate,
    width,
    work,
    cbow,
    freeze,
    z,
    o,
    i,
    l,
    p,
):
    """Train the mean or the sum of the words around a centre; return the loss."""
    hidden, v = work.hidden[0], m.input.reshape(-1)
    parts, sharers = (1 if cbow == SUM else words), (1 if cbow == WORD2VEC else words)
    for t in range(width):
        hidden[t] = np.float32(0.0)
    for n in range(count):
        row, share = v[inputs[n] :][:width], totals[n] / np.float32(parts)
        for t in range(width):
            hidden[t] += share * row[t]
    loss, _ = train_tiles(
        work.hidden,
        work.rows,
        work.hidden_totals,
        1,
        m,
        first,
        n_outputs,
        rate,
        width,
        work,
        0,
        0,
        z,
        o,
        i,
        l,
        p,
    )
    step_inputs(m, inputs, count, totals, sharers, rate, width, work, freeze, z, l)
    return loss


@functools.partial(njit, inline="always")
def prefetch(matrix, states, at, width, z, l):
    """Ask the CPU to bring a row and its state into its cache."""
    prefetch_row(matrix, at, width, l)
    if z != SGD:
        prefetch_row(states, at // matrix.shape[1] * states.shape[1], states.shape[1], l)


@functools.partial(njit, inline="always")
def list_outputs(hierarchical, centre, size, drawn, first, last, tables, m, words, work, o, p):
    """List the output rows of a group of centres from place `first` on; return their number."""
    stride, scratch = m.output.shape[1], (len(m.output) - 1) * m.output.shape[1]
    if hierarchical:
        return path_outputs(
            words.kept[centre], first, last, tables.tree, scratch, stride, o, p, work
        )
    return list_sampled(
        centre, size, drawn, first, last, tables.sampling, scratch, stride, o, p, words, work
    )


@functools.cache
def chunk_trainer(form: Form) -> Callable[..., tuple[float, int, int]]:
    """Return the compiled training of one chunk in one form.

    It returns (sum of the losses, number of pairs, number of words that were kept) of the chunk; the matrices are updated in
    place, without locks, by as many threads as call it. A pair of CBOW is the mean and the centre: one for each centre.
    """
    (o, i, l), group, hierarchical, pairwise, cbow, freeze, z = form
    p, counted = form.shape.padded_outputs, int(group > 1)

    @compiled(*form.shape, group, hierarchical, pairwise, cbow, freeze, z)
    def train_chunk(ids, offsets, chunk, tables, reach, m, width, words, work):
        loss, pairs, kept = 0.0, 0, 0
        stride, side, window = (
            m.input.shape[1],
            len(work.outputs) // 2,
            max(reach.before, reach.after),
        )
        places = 1 if pairwise else BLOCK
        sentence, position, begin = chunk.sentence, chunk.first, window + 1
        while position < chunk.last:
            rate = np.float32(chunk.rate - chunk.rate_slope * (position - chunk.first))
            low, stop, high, position = load_words(
                ids, offsets, sentence, position, chunk, tables.keep, window, words
            )
            sentence += 1
            kept += stop - begin
            if high - low < 2 or stop == begin:
                continue
            link_repetitions(low, high, 2 * window + group - 1, words)
            if not hierarchical and not pairwise:
                draw_for_sentence(begin, stop, group, tables.sampling, words)
            first, drawn, n_next, size_next = side, 0, 0, 0
            for centre in range(begin - group, stop, group):
                now, size, n_outputs, first = first, size_next, n_next, side - first
                following = centre + group
                size_next = min(group, stop - following)
                if following < stop and not pairwise:
                    # Listed and asked for one group early, so that memory answers while this one is computed.
                    n_next = list_outputs(
                        hierarchical,
                        following,
                        size_next,
                        drawn,
                        first,
                        first + side,
                        tables,
                        m,
                        words,
                        work,
                        o,
                        p,
                    )
                    drawn += tables.sampling.negative
                    for n in range(first, first + n_next):
                        prefetch(m.output, m.output_states, work.outputs[n], width, z, l)
                    for at in range(following + window, min(following + window + group, high)):
                        prefetch(m.input, m.input_states, words.kept[at] * stride, width, z, l)
                if centre < begin:
                    continue
                left, right, around = open_windows(centre, size, low, high, reach, words)
                if around == 0:
                    continue
                if cbow:
                    count = collect_inputs(centre, 1, left, right, stride, reach, words)
                    loss += train_cbow(
                        m,
                        words.inputs,
                        words.totals,
                        count,
                        around,
                        now,
                        n_outputs,
                        rate,
                        width,
                        work,
                        cbow,
                        freeze,
                        z,
                        o,
                        i,
                        l,
                        p,
                    )
                    pairs += 1
                    continue
                pairs += around
                for block in range(left, right, places):
                    block_end = min(block + places, right)
                    count = collect_inputs(centre, size, block, block_end, stride, reach, words)
                    if count == 0:
                        continue
                    if pairwise:
                        draw_negatives(words.draws[centre], block - left, 0, tables.sampling, words)
                        n_outputs = list_outputs(
                            False, centre, 1, 0, now, now + side, tables, m, words, work, o, p
                        )
                    if counted:
                        count_seen(
                            centre,
                            size,
                            block,
                            block_end,
                            count,
                            now,
                            (n_outputs + o - 1) // o,
                            p,
                            words,
                            work,
                        )
                    loss += train_skipgram(
                        m,
                        words.inputs,
                        words.totals,
                        count,
                        now,
                        n_outputs,
                        rate,
                        width,
                        work,
                        counted,
                        freeze,
                        z,
                        o,
                        i,
                        l,
                        p,
                    )
        return loss, pairs, kept

    return train_chunk
