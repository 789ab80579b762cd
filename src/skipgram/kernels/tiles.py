"""Register tiles: a few input rows times a few output rows, as LLVM vectors for this machine.

Skip-gram spends its time in two small matrix products for each window: scores = V U^T, and the
rank-k updates of V and U. The rows are scattered over two large matrices, so neither BLAS nor a
copy pays. And numba cannot promise LLVM that two rows do not overlap, so plain loops reload what
they could have kept in registers (measured: a third of the speed). The functions here write the
vector instructions themselves; where the form has no lanes, `plain.py` takes their place.

Their arguments:

    form       the constants: O output rows, P (O rounded up to whole vectors), and more
    tile       where the tile begins in the arrays of `scratch` (layout.Tile)
    inputs     C input rows (layout.InputRows)
    matrices   the output matrix and the optimizer's states (layout.Matrices)
    scratch    the lists of output rows, scores and gradients (layout.TileScratch)

Input i is row inputs.starts[i] of inputs.matrix; output j is row scratch.outputs[tile.outputs + j]
of matrices.output. The score (or the step) of the pair is scratch.scores[tile.scores + i * P + j].
Of each row the first matrices.width numbers are used. Output rows are all different, except that
the padding row can occur several times.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from numba.core import cgutils, types

from skipgram.kernels import logistic, plain
from skipgram.kernels.emit import INT64, Array, Emitter, Fields, emitted, int64
from skipgram.kernels.form import Form
from skipgram.kernels.optimizers import SGD, RowSteps


@emitted(plain.scores)
def tile_scores(
    emit: Emitter, form: Form, tile: Fields, inputs: Fields, matrices: Fields, scratch: Fields
) -> None:
    """Write the scores of all pairs: the products of their rows."""
    builder, scores = emit.builder, emit.at(scratch.scores, tile.scores)
    matrix, starts = inputs.matrix, inputs.starts
    width = matrices.width
    u_rows = emit.rows(matrices.output, scratch.outputs, tile.outputs, form.shape.outputs)

    def some_inputs(first: Any, n: int) -> None:
        v_rows = emit.rows(matrix, starts, first, n)
        sums = [[emit.variable(emit.constant(0)) for _ in u_rows] for _ in v_rows]
        with _slices(emit, width) as t:
            loaded = [emit.load(row, t) for row in v_rows]
            for j, row in enumerate(u_rows):
                u_slice = emit.load(row, t)
                for v_slice, line in zip(loaded, sums, strict=True):
                    builder.store(emit.fma(v_slice, u_slice, builder.load(line[j])), line[j])
        for k, line in enumerate(sums):
            at = builder.mul(builder.add(first, int64(k)), int64(form.shape.padded_outputs))
            for block, packed in enumerate(emit.sums([builder.load(total) for total in line])):
                emit.store(packed, scores, builder.add(at, int64(block * emit.lanes)))

    _for_inputs(emit, inputs.count, form.shape.inputs, some_inputs)


@emitted(plain.losses, returns=types.float32)
def tile_losses(emit: Emitter, form: Form, tile: Fields, inputs: Fields, scratch: Fields) -> Any:
    """Return the sum of the losses of all pairs, from their scores (see `logistic.py`)."""
    losses = emit.variable(emit.constant(0))
    for score, seen, drawn, _ in _pairs(emit, form, tile, inputs, scratch):
        loss = logistic.emit_loss(emit, score, seen, drawn)
        emit.builder.store(emit.builder.fadd(loss, emit.builder.load(losses)), losses)
    return emit.lane(emit.sums([emit.builder.load(losses)])[0], 0)


@emitted(plain.steps, returns=types.float32)
def tile_steps(
    emit: Emitter, form: Form, tile: Fields, inputs: Fields, rate: Any, scratch: Fields
) -> Any:
    """Replace the scores of all pairs by their steps (see `logistic.py`).

    Return 0 if all scores are finite, else NaN.
    """
    builder, rates = emit.builder, emit.broadcast(rate)
    zeros = emit.variable(emit.constant(0))
    for score, seen, drawn, place in _pairs(emit, form, tile, inputs, scratch):
        if form.optimizer == SGD:
            step = logistic.emit_rough_step(emit, score, seen, builder.fadd(seen, drawn))
        else:
            step = logistic.emit_step(emit, score, seen, drawn)
        emit.store(builder.fmul(rates, step), place, int64(0))
        builder.store(emit.fma(score, emit.constant(0), builder.load(zeros)), zeros)
    return emit.lane(emit.sums([builder.load(zeros)])[0], 0)


def _pairs(
    emit: Emitter, form: Form, tile: Fields, inputs: Fields, scratch: Fields
) -> Iterator[tuple[Any, Any, Any, Any]]:
    """Write a loop over the pairs of a tile: vectors of (score, seen, drawn), and where they are.

    How often a pair was seen and drawn is in a row of scratch.weights if the form counts that. Else
    it was seen inputs.totals[i] times the label of output j, and output j was drawn scratch.drawn
    times each time that it was not seen with input i.
    """
    builder = emit.builder
    scores, weights = emit.at(scratch.scores, tile.scores), emit.at(scratch.weights, tile.weights)
    labels, drawn = emit.at(scratch.labels, tile.labels), emit.at(scratch.drawn, tile.labels)
    totals = inputs.totals
    padded = form.shape.padded_outputs
    vectors = [int64(at) for at in range(0, padded, emit.lanes)]
    known = [(at, emit.load(labels, at), emit.load(drawn, at)) for at in vectors]
    with cgutils.for_range(builder, inputs.count) as loop:
        row = builder.gep(scores, [builder.mul(loop.index, int64(padded))])
        total = emit.broadcast(emit.number(totals, loop.index))
        counts = builder.gep(weights, [emit.number(inputs.weights, loop.index)])
        for at, label, times in known:
            if form.counts_seen:
                positive = emit.load(counts, at)
                negative = emit.load(counts, builder.add(at, int64(padded)))
            else:
                positive = builder.fmul(total, label)
                negative = builder.fmul(times, builder.fsub(total, positive))
            yield emit.load(row, at), positive, negative, builder.gep(row, [at])


@emitted(plain.update)
def tile_update(
    emit: Emitter, form: Form, tile: Fields, inputs: Fields, matrices: Fields, scratch: Fields
) -> None:
    """Add the gradients of the input rows to scratch.gradients, and step the output rows.

    The gradient of input i is the sum of steps[i, j] * (old output j). That of output j is the sum
    of steps[i, j] * (input i); its optimizer takes a step with it.
    """
    gradients = (scratch.gradients, scratch.gradient_rows)
    _update(emit, form, tile, inputs, gradients, matrices, scratch)


@emitted(plain.update)
def tile_update_in_place(
    emit: Emitter, form: Form, tile: Fields, inputs: Fields, matrices: Fields, scratch: Fields
) -> None:
    """Do as `tile_update`, but add the gradients to the input rows themselves.

    This is for forms that are `in_place`, and where one tile holds all output rows of the group.
    """
    if form.in_place:
        _update(emit, form, tile, inputs, None, matrices, scratch)


@emitted(plain.step_input)
def step_input(
    emit: Emitter,
    form: Form,
    n: Any,
    gradient_at: Any,
    scale: Any,
    inputs: Fields,
    matrices: Fields,
    scratch: Fields,
) -> None:
    """Let input row n take its optimizer's step with scale * (the gradient at `gradient_at`)."""
    scales = emit.broadcast(scale)
    row = emit.row(inputs.matrix, inputs.starts, n)
    gradient = emit.at(scratch.gradients, gradient_at)
    states, stride = matrices.input_states, inputs.matrix.row_length
    steps = RowSteps(emit, form.optimizer, states, scratch.input_steps, stride)
    steps.add_row(n)
    with _slices(emit, matrices.width) as t:
        g = emit.mul(scales, emit.load(gradient, t))
        emit.store(steps.step(0, emit.load(row, t), g, t), row, t)


def _update(
    emit: Emitter,
    form: Form,
    tile: Fields,
    inputs: Fields,
    targets: tuple[Array, Array] | None,
    matrices: Fields,
    scratch: Fields,
) -> None:
    """Add the gradient of input row i to target row i, and step the output rows.

    Target rows are given as input rows are: a matrix, and where each begins in it. None: the input
    rows themselves.
    """
    builder, steps = emit.builder, emit.at(scratch.scores, tile.scores)
    u_rows = emit.rows(matrices.output, scratch.outputs, tile.outputs, form.shape.outputs)
    optimizer = _output_steps(emit, form, tile, matrices, scratch)
    matrix, starts = inputs.matrix, inputs.starts
    count = inputs.count
    sgd = form.optimizer == SGD
    sums = [emit.variable(emit.constant(0)) for _ in u_rows]
    with _slices(emit, matrices.width) as t:
        u_old = [emit.load(row, t) for row in u_rows]
        for total, u_slice in zip(sums, u_old, strict=True):
            # In SGD the rate is in the steps already: the sum begins at the row itself.
            builder.store(u_slice if sgd else emit.constant(0), total)
        with cgutils.for_range(builder, count) as loop:
            v_row = emit.row(matrix, starts, loop.index)
            target = emit.row(*targets, loop.index) if targets else v_row
            v_new = emit.load(target, t)
            v_old = emit.load(v_row, t) if targets else v_new
            at = builder.mul(loop.index, int64(form.shape.padded_outputs))
            for j in range(form.shape.outputs):
                step = builder.gep(steps, [builder.add(at, int64(j))])
                g = emit.broadcast(builder.load(step))
                builder.store(emit.fma(g, v_old, builder.load(sums[j])), sums[j])
                v_new = emit.fma(g, u_old[j], v_new)
            emit.store(v_new, target, t)
        for j, row in enumerate(u_rows):
            total = builder.load(sums[j])
            emit.store(total if sgd else optimizer.step(j, u_old[j], total, t), row, t)


def _output_steps(
    emit: Emitter, form: Form, tile: Fields, matrices: Fields, scratch: Fields
) -> RowSteps:
    """Prepare the optimizer's steps of the output rows."""
    states, stride = matrices.output_states, matrices.output.row_length
    steps = RowSteps(emit, form.optimizer, states, scratch.output_steps, stride)
    for j in range(form.shape.outputs):
        steps.add_row(emit.builder.add(tile.outputs, int64(j)))
    return steps


@contextmanager
def _slices(emit: Emitter, width: Any) -> Iterator[Any]:
    """Write a loop over the slices of rows: t = 0, lanes, 2 * lanes, ..."""
    step = int64(emit.lanes)
    with cgutils.for_range_slice(emit.builder, int64(0), width, step, INT64) as (t, _):
        yield t


def _for_inputs(emit: Emitter, count: Any, step: int, body: Callable[[Any, int], None]) -> None:
    """Run body(i, step) for i = 0, step, ... while `step` inputs are left, then body(i, 1)."""
    builder = emit.builder
    whole = builder.sub(count, builder.srem(count, int64(step)))
    with cgutils.for_range_slice(builder, int64(0), whole, int64(step), INT64) as (i, _):
        body(i, step)
    if step > 1:
        with cgutils.for_range_slice(builder, whole, count, int64(1), INT64) as (i, _):
            body(i, 1)
