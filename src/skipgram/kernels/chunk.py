"""The compiled training of a chunk: group after group of windows, against their output rows.

A group of neighbouring windows is one tile: C input rows times O output rows, whose gradients are
taken at the old values of all of them. In skip-gram the inputs are the words around the target
words; in CBOW the one input is their mean or their sum (`windows.CONTEXTS`). The output rows are
the target words and their negatives, or the nodes of a path in the Huffman tree.

Why groups: neighbouring windows share most of their words. Four of them have 10 input rows and 12
output rows; one by one they have 24 and 24. So the tile does more with each number that it loads.

Read from the bottom up: `train_chunk`, `train_sentence`, `train_group`, `train_tiles`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np

from skipgram.kernels.bits import prefetch_row
from skipgram.kernels.cache import compiled
from skipgram.kernels.form import Form
from skipgram.kernels.hierarchical import list_path
from skipgram.kernels.layout import InputRows, Tile
from skipgram.kernels.negative import (
    OutputRows,
    draw_for_sentence,
    draw_negatives,
    list_sampled,
    tile_count,
)
from skipgram.kernels.optimizers import SGD, begin_step
from skipgram.kernels.parts import inlined
from skipgram.kernels.tiles import (
    step_input,
    tile_losses,
    tile_scores,
    tile_steps,
    tile_update,
    tile_update_in_place,
)
from skipgram.kernels.weights import weigh_pairs, weights_length
from skipgram.kernels.windows import (
    SUM,
    WORD2VEC,
    Block,
    Group,
    Measuring,
    begin_measuring,
    collect_inputs,
    link_repetitions,
    load_sentence,
    open_windows,
)


@inlined
def tile_of(form, n, outputs, scratch):
    """Return tile n of a group."""
    shape, first = form.shape, outputs.first
    tile_length = len(scratch.gradient_rows) * shape.padded_outputs
    weights = n * weights_length(form, scratch)
    return Tile(
        first + n * shape.outputs, first + n * shape.padded_outputs, n * tile_length, weights
    )


@inlined
def train_tiles(form, inputs, outputs, measured, matrices, rate, scratch):
    """Step the output rows; return the loss and whether the input rows have taken their step too.

    If not, their gradients are in `scratch.gradients`. If not `measured`, the loss is 0, or NaN
    where a score is not finite.
    """
    shape = form.shape
    tiles = tile_count(shape, outputs.count)
    step_rate = rate if form.optimizer == SGD else np.float32(1.0)
    loss = 0.0
    for n in range(tiles):
        tile = tile_of(form, n, outputs, scratch)
        tile_scores(form, tile, inputs, matrices, scratch)
        if measured:
            loss += tile_losses(form, tile, inputs, scratch)
        loss += tile_steps(form, tile, inputs, step_rate, scratch)
    if form.in_place and tiles == 1:
        tile_update_in_place(form, tile, inputs, matrices, scratch)
        return loss, True
    if form.optimizer != SGD:
        stride = matrices.output.shape[1]
        for at in range(outputs.first, outputs.first + tiles * shape.outputs):
            row = scratch.outputs[at] // stride
            begin_step(scratch.output_steps, at, row, matrices.output_states, rate, form.optimizer)
    for n in range(inputs.count):
        gradient = scratch.gradients[n]
        for t in range(matrices.width):
            gradient[t] = np.float32(0.0)
    for n in range(tiles):
        tile_update(form, tile_of(form, n, outputs, scratch), inputs, matrices, scratch)
    return loss, False


@inlined
def step_inputs(form, inputs, words, matrices, rate, scratch):
    """Step the input rows, except frozen ones, with the gradients of the scratch memory.

    In CBOW there is one gradient, for all `words` words of the window: a row that occurs n times
    gets n of as many parts of it or, as in word2vec.c, n times the whole.
    """
    stride, parts = matrices.input.shape[1], 1 if form.cbow == WORD2VEC else words
    for n in range(inputs.count):
        row = inputs.starts[n] // stride
        if form.freeze and matrices.frozen[row]:
            continue
        if form.optimizer != SGD:
            begin_step(scratch.input_steps, n, row, matrices.input_states, rate, form.optimizer)
        gradient = 0 if form.cbow else scratch.gradient_rows[n]
        scale = inputs.totals[n] / np.float32(parts) if form.cbow else np.float32(1.0)
        step_input(form, n, gradient, scale, inputs, matrices, scratch)


@inlined
def average_inputs(form, inputs, words, width, scratch):
    """Write the mean or the sum of the `words` words of a window to scratch.hidden."""
    hidden, v = scratch.hidden[0], inputs.matrix.reshape(-1)
    parts = 1 if form.cbow == SUM else words
    for t in range(width):
        hidden[t] = np.float32(0.0)
    for n in range(inputs.count):
        row, share = v[inputs.starts[n] :][:width], inputs.totals[n] / np.float32(parts)
        for t in range(width):
            hidden[t] += share * row[t]


@inlined
def train_cbow(form, inputs, words, outputs, measured, matrices, rate, scratch):
    """Train the mean or the sum of the `words` words around a target word; return the loss."""
    average_inputs(form, inputs, words, matrices.width, scratch)
    starts, totals = scratch.gradient_rows, scratch.hidden_totals
    mean = InputRows(scratch.hidden, starts, totals, starts, np.int64(1))
    loss, _ = train_tiles(form, mean, outputs, measured, matrices, rate, scratch)
    step_inputs(form, inputs, words, matrices, rate, scratch)
    return loss


@inlined
def input_rows(matrix, windows, count):
    """Return the inputs that are listed in the scratch memory."""
    return InputRows(matrix, windows.inputs, windows.totals, windows.weights, count)


@inlined
def train_group(form, group, outputs, sentence, tables, reach, matrices, scratch):
    """Train the windows of a group; return the loss and the number of pairs."""
    windows, tiles = scratch.windows, scratch.tiles
    rate, stride = sentence.rate, matrices.input.shape[1]
    loss = 0.0
    whole, pairs = open_windows(group, sentence, reach, windows)
    if pairs == 0:
        return loss, 0
    if form.cbow:
        count = collect_inputs(group, whole, stride, reach, windows)
        inputs = input_rows(matrices.input, windows, count)
        return train_cbow(form, inputs, pairs, outputs, group.measured, matrices, rate, tiles), 1
    for begin in range(whole.begin, whole.end, form.places):
        block = Block(begin, min(begin + form.places, whole.end))
        count = collect_inputs(group, block, stride, reach, windows)
        if count == 0:
            continue
        if form.pairwise:
            bits, pair = windows.draws[group.first], begin - whole.begin
            draw_negatives(bits, pair, 0, tables.sampling, windows)
            outputs = list_outputs(form, group, 0, outputs.first, tables, matrices, scratch)
        if form.counts_seen:
            weigh_pairs(form, group, block, outputs, count, scratch)
        inputs = input_rows(matrices.input, windows, count)
        block_loss, done = train_tiles(form, inputs, outputs, group.measured, matrices, rate, tiles)
        if not done:
            step_inputs(form, inputs, 1, matrices, rate, tiles)
        loss += block_loss
    return loss, pairs


@inlined
def list_outputs(form, group, negatives_at, first, tables, matrices, scratch):
    """List the output rows of a group, from place `first` on."""
    if form.hierarchical:
        word = scratch.windows.kept[group.first]
        count = list_path(form.shape, word, first, matrices.output, tables.tree, scratch.tiles)
        return OutputRows(first, count, False)
    sampling, output = tables.sampling, matrices.output
    return list_sampled(form, group, negatives_at, first, output, sampling, scratch)


@inlined
def prefetch(form, matrix, states, start, width):
    """Ask the CPU to bring a row and its state into its cache."""
    prefetch_row(matrix, start, width)
    if form.optimizer != SGD:
        prefetch_row(states, start // matrix.shape[1] * states.shape[1], states.shape[1])


@inlined
def prefetch_group(form, target, outputs, sentence, reach, matrices, scratch):
    """Ask the CPU for the rows of the group that begins at `target`, as far as they are new."""
    for n in range(outputs.first, outputs.first + outputs.count):
        start = scratch.tiles.outputs[n]
        prefetch(form, matrices.output, matrices.output_states, start, matrices.width)
    begin = target + max(reach.before, reach.after)
    for at in range(begin, min(begin + form.group, sentence.high)):
        start = scratch.windows.kept[at] * matrices.input.shape[1]
        prefetch(form, matrices.input, matrices.input_states, start, matrices.width)


@inlined
def train_sentence(form, sentence, measuring, tables, reach, matrices, scratch):
    """Train the windows of a sentence; return the loss, the number of pairs, and `measuring`.

    The loss is that of the groups that are measured.
    """
    loss, pairs = 0.0, 0
    turn = measuring.turn
    if sentence.high - sentence.low < 2 or sentence.stop == sentence.first:
        return loss, pairs, measuring
    span = 2 * max(reach.before, reach.after) + form.group - 1
    link_repetitions(sentence, span, scratch.windows)
    if not form.hierarchical and not form.pairwise:
        draw_for_sentence(sentence, form.group, tables.sampling, scratch.windows)
    half = len(scratch.tiles.outputs) // 2
    following, negatives_at = OutputRows(half, 0, False), np.int64(0)
    for target in range(sentence.first - form.group, sentence.stop, form.group):
        outputs, after = following, target + form.group
        following = OutputRows(half - outputs.first, 0, False)
        if after < sentence.stop and not form.pairwise:
            # Listed and prefetched one group early: memory answers while this one is trained.
            group = Group(after, min(form.group, sentence.stop - after), False)
            following = list_outputs(
                form, group, negatives_at, following.first, tables, matrices, scratch
            )
            negatives_at += tables.sampling.negative
            prefetch_group(form, after, following, sentence, reach, matrices, scratch)
        if target >= sentence.first:
            group = Group(target, min(form.group, sentence.stop - target), turn == 0)
            turn = turn - 1 if turn > 0 else measuring.every - 1
            trained = train_group(form, group, outputs, sentence, tables, reach, matrices, scratch)
            loss += trained[0]
            pairs += trained[1]
    return loss, pairs, Measuring(measuring.every, turn)


def train_chunk(form, ids, offsets, chunk, tables, reach, matrices, scratch):
    """Train the windows of a chunk; return the loss, the number of pairs and of words kept.

    The loss is that of every n-th group, times n, with n = chunk.loss_every.
    """
    loss = 0.0
    pairs = kept = 0
    measuring = begin_measuring(chunk)
    number, position = chunk.sentence, chunk.first
    while position < chunk.last:
        sentence = load_sentence(
            ids, offsets, number, position, chunk, tables.keep, reach, scratch.windows
        )
        trained = train_sentence(form, sentence, measuring, tables, reach, matrices, scratch)
        loss += trained[0]
        pairs += trained[1]
        measuring = trained[2]
        kept += sentence.stop - sentence.first
        number += 1
        position = sentence.end
    return loss * chunk.loss_every, pairs, kept


@functools.cache
def chunk_trainer(form: Form) -> Callable[..., tuple[float, int, int]]:
    """Return `train_chunk`, compiled for one form and without its first argument.

    The matrices are updated in place and without locks, by as many threads as call it. A pair of
    CBOW is the mean and the target word: one for each target word.
    """
    return functools.partial(compiled(*form.numbers)(train_chunk), form)
