"""Register tiles: a few input rows against a few output rows, emitted as LLVM vectors for this machine.

Skip-gram spends its time in two small matrix products per window, scores = V U^T and the rank-k updates of V and U. The
rows are scattered over two large matrices, so neither BLAS nor a copy pays; and numba cannot promise LLVM that two rows do
not overlap, so plain loops reload what they could have kept in registers (measured: a third of the speed). The functions here
write the vector instructions themselves.

Shapes, declared once and used everywhere (the same letters as in `reference.py`):

    input_matrix  (rows, stride) float32, C order; of each row the first `width` numbers are used
    output_matrix (rows, stride) float32
    inputs        (C,) int64   where the tile's input rows start (row * stride), all different
    outputs       (>= first + O,) int64   where its output rows start, all different but for the scratch row
    scores        (>= start + C * P,) float32   score (or step) of input i and output j at [start + i * P + j]

A `TileShape` (O outputs, I inputs at a time, L lanes) is always a literal: numba's disk cache looks at signatures and at the
closure of the cached function, not inside an intrinsic, so only a literal keeps two shapes apart.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from llvmlite import binding, ir
from numba import extending
from numba.core import cgutils, types

from skipgram.kernels import logistic, optimizers, plain
from skipgram.kernels.emit import INT32, INT64, Emitter, int64, literal

intrinsic: Any = (
    extending.intrinsic
)  # to numba's own types, the typing context is an argument of the call

CACHE_LINE_BYTES = 64
ROW_ALIGNMENT = CACHE_LINE_BYTES // 4
"""Rows are padded to this many float32, so that every row starts on a cache line."""


USUAL_PATH = 12
"""About the mean length of a word's path in a Huffman tree, over the words of a text after subsampling."""


class TileShape(NamedTuple):
    """How many rows a tile holds in registers at once."""

    outputs: int
    inputs: int
    lanes: int

    @property
    def padded_outputs(self) -> int:
        """Outputs rounded up to whole vectors: the row length P of the score tile."""
        return _round_up(self.outputs, self.lanes)


class TilePlan(NamedTuple):
    """How a window of `tiles` * shape.outputs output rows is computed, on rows of `width` numbers, `stride` apart."""

    shape: TileShape
    tiles: int
    width: int
    stride: int


def host_vectors() -> tuple[int, int]:
    """Return (float32 lanes of a vector, vector registers) of this CPU; (1, 0) where no tile can be built."""
    try:
        features = binding.get_host_cpu_features()
    except RuntimeError:
        return 1, 0
    machine = binding.get_process_triple().split("-")[0]
    if features.get("avx512f") and features.get("avx512vl"):
        return 16, 32
    if features.get("avx2") and features.get("fma"):
        return 8, 16
    if machine in ("x86_64", "amd64"):
        return 4, 16
    if machine in ("aarch64", "arm64"):
        return 4, 32
    return 1, 0


def plan_tiles(vector_size: int, outputs: int, vectors: tuple[int, int] | None = None) -> TilePlan:
    """Choose the tiles for windows of `outputs` output rows; `vectors` is what `host_vectors` says, unless given.

    The update holds two registers an output (its old value and the sum), the scores one for each (input, output) pair, both
    with three to spare. Tiles are evened out: 11 outputs where 6 fit become two tiles of 6, not one of 6 and one of 5.
    """
    lanes, registers = vectors or host_vectors()
    stride = _round_up(vector_size, ROW_ALIGNMENT)
    if lanes == 1:
        return TilePlan(TileShape(outputs, 1, 1), 1, vector_size, stride)
    if lanes == 16 and _round_up(vector_size, 16) > 1.15 * _round_up(vector_size, 8):
        # The padding would cost more than the wider vectors bring. At d=100 (112 numbers a row, not 104) they bring 19 % where
        # the CPU adds 512 bits at once, and cost 5 % where it takes two steps (both measured).
        lanes = 8
    most = (registers - 3) // 2
    tiles = -(-outputs // most)
    rows = -(-outputs // tiles)
    shape = TileShape(rows, max(1, min(4, (registers - 1) // (rows + 1))), lanes)
    return TilePlan(shape, tiles, _round_up(vector_size, lanes), stride)


def plan_paths(vector_size: int, longest: int, vectors: tuple[int, int] | None = None) -> TilePlan:
    """Choose the tiles for paths of at most `longest` nodes.

    Their shape does not depend on the tree, or each corpus would have a kernel of its own to compile.
    """
    plan = plan_tiles(vector_size, USUAL_PATH, vectors)
    return plan._replace(tiles=-(-longest // plan.shape.outputs))


def _round_up(number: int, unit: int) -> int:
    return -(-number // unit) * unit


def emitted(lanes: Any) -> bool:
    """Whether the tile is emitted as vectors (more than one lane) or left to plain loops."""
    return literal(lanes) > 1


def _for_inputs(emit: Emitter, count: Any, step: int, body: Callable[[Any, int], None]) -> None:
    """Run body(i, step) for i = 0, step, ... while `step` inputs are left, then body(i, 1) for the rest."""
    builder = emit.builder
    whole = builder.sub(count, builder.srem(count, int64(step)))
    with cgutils.for_range_slice(builder, int64(0), whole, int64(step), INT64) as (i, _):
        body(i, step)
    if step > 1:
        with cgutils.for_range_slice(builder, whole, count, int64(1), INT64) as (i, _):
            body(i, 1)


@intrinsic
def _emit_scores(
    typingctx,
    input_matrix,
    output_matrix,
    inputs,
    count,
    outputs,
    first,
    width,
    scores,
    start,
    o,
    i,
    l,
):
    shape = TileShape(literal(o), literal(i), literal(l))
    signature = types.void(
        input_matrix, output_matrix, inputs, count, outputs, first, width, scores, start, o, i, l
    )

    def codegen(context, builder, sig, args):
        emit = Emitter(context, builder, shape.lanes)
        v = emit.data(sig.args[0], args[0])
        u = emit.data(sig.args[1], args[1])
        input_rows, output_rows = emit.data(sig.args[2], args[2]), emit.data(sig.args[4], args[4])
        tile = builder.gep(emit.data(sig.args[7], args[7]), [args[8]])
        u_rows = [
            emit.row(u, output_rows, builder.add(args[5], int64(j))) for j in range(shape.outputs)
        ]

        def some_inputs(first_input: Any, n: int) -> None:
            v_rows = [emit.row(v, input_rows, builder.add(first_input, int64(k))) for k in range(n)]
            sums = [[emit.variable(emit.constant(0)) for _ in u_rows] for _ in v_rows]
            step = int64(shape.lanes)
            with cgutils.for_range_slice(builder, int64(0), args[6], step, INT64) as (t, _):
                loaded = [emit.load(row, t) for row in v_rows]
                for j, row in enumerate(u_rows):
                    u_slice = emit.load(row, t)
                    for v_slice, line in zip(loaded, sums, strict=True):
                        builder.store(emit.fma(v_slice, u_slice, builder.load(line[j])), line[j])
            for k, line in enumerate(sums):
                at = builder.mul(builder.add(first_input, int64(k)), int64(shape.padded_outputs))
                for block, packed in enumerate(emit.sums([builder.load(total) for total in line])):
                    emit.store(packed, tile, builder.add(at, int64(block * shape.lanes)))

        _for_inputs(emit, args[3], shape.inputs, some_inputs)
        return context.get_dummy_value()

    return signature, codegen


@intrinsic
def _emit_update(
    typingctx,
    target,
    target_rows,
    v,
    inputs,
    count,
    u,
    states,
    work,
    first,
    start,
    width,
    mode,
    z,
    o,
    l,
):
    shape, optimizer, in_place = (
        TileShape(literal(o), 1, literal(l)),
        literal(z),
        literal(mode) == plain.IN_PLACE,
    )
    signature = types.void(
        target, target_rows, v, inputs, count, u, states, work, first, start, width, mode, z, o, l
    )

    def codegen(context, builder, sig, args):
        emit = Emitter(context, builder, shape.lanes)
        targets, target_starts, old, input_rows = (
            emit.data(sig.args[n], args[n]) for n in range(4)
        )
        count, width, (output_rows, scores, steps) = (
            args[4],
            args[10],
            emit.fields(sig.args[7], args[7], "outputs", "scores", "output_steps"),
        )
        tile = builder.gep(emit.data(*scores), [args[9]])
        places = [builder.add(args[8], int64(j)) for j in range(shape.outputs)]
        u_rows = [
            emit.row(emit.data(sig.args[5], args[5]), emit.data(*output_rows), at) for at in places
        ]
        row_steps = optimizers.RowSteps(emit, optimizer, emit.row_length(sig.args[5], args[5]))
        if optimizer != optimizers.SGD:
            starts, rates, corrections = (
                emit.data(*part) for part in emit.fields(*steps, *optimizers.Steps._fields)
            )
            for at in places:
                state = emit.row(emit.data(sig.args[6], args[6]), starts, at)
                row_steps.add_row(
                    state,
                    *(builder.load(builder.gep(numbers, [at])) for numbers in (rates, corrections)),
                )
        sums = [emit.variable(emit.constant(0)) for _ in u_rows]
        step = int64(shape.lanes)
        with cgutils.for_range_slice(builder, int64(0), width, step, INT64) as (t, _):
            u_old = [emit.load(row, t) for row in u_rows]
            for total, u_slice in zip(sums, u_old, strict=True):
                builder.store(u_slice if optimizer == optimizers.SGD else emit.constant(0), total)
            with cgutils.for_range(builder, count) as loop:
                target_row = emit.row(targets, target_starts, loop.index)
                v_new = emit.load(target_row, t)
                v_old = v_new if in_place else emit.load(emit.row(old, input_rows, loop.index), t)
                at = builder.mul(loop.index, int64(shape.padded_outputs))
                for j in range(shape.outputs):
                    scalar = builder.load(builder.gep(tile, [builder.add(at, int64(j))]))
                    g = emit.broadcast(scalar)
                    builder.store(emit.fma(g, v_old, builder.load(sums[j])), sums[j])
                    v_new = emit.fma(g, u_old[j], v_new)
                emit.store(v_new, target_row, t)
            for j, row in enumerate(u_rows):
                total = builder.load(sums[j])
                emit.store(
                    total if optimizer == optimizers.SGD else row_steps.step(j, u_old[j], total, t),
                    row,
                    t,
                )
        return context.get_dummy_value()

    return signature, codegen


@intrinsic
def _emit_row_step(
    typingctx,
    matrix,
    at,
    gradient,
    gradient_at,
    scale,
    states,
    state_at,
    rate,
    correction,
    width,
    z,
    l,
):
    lanes, optimizer, number = literal(l), literal(z), types.float32
    signature = types.void(
        matrix,
        types.int64,
        gradient,
        types.int64,
        number,
        states,
        types.int64,
        number,
        number,
        types.int64,
        z,
        l,
    )

    def codegen(context, builder, sig, args):
        emit = Emitter(context, builder, lanes)
        row, gradients, state = (
            builder.gep(emit.data(sig.args[n], args[n]), [args[n + 1]]) for n in (0, 2, 5)
        )
        steps, scale = (
            optimizers.RowSteps(emit, optimizer, emit.row_length(sig.args[0], args[0])),
            emit.broadcast(args[4]),
        )
        steps.add_row(state, args[7], args[8])
        with cgutils.for_range_slice(builder, int64(0), args[9], int64(lanes), INT64) as (t, _):
            g = builder.fmul(scale, emit.load(gradients, t))
            emit.store(steps.step(0, emit.load(row, t), g, t), row, t)
        return context.get_dummy_value()

    return signature, codegen


@intrinsic
def _emit_prefetch(typingctx, matrix, start, width):
    signature = types.void(matrix, types.int64, types.int64)

    def codegen(context, builder, sig, args):
        emit = Emitter(context, builder, 1)
        pointer = builder.gep(emit.data(sig.args[0], args[0]), [args[1]])
        byte = ir.IntType(8).as_pointer()
        for_write, keep_close, data_cache = (ir.Constant(INT32, n) for n in (1, 3, 1))
        kind = ir.FunctionType(ir.VoidType(), [byte, INT32, INT32, INT32])
        prefetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        line = int64(ROW_ALIGNMENT)
        with cgutils.for_range_slice(builder, int64(0), args[2], line, INT64) as (t, _):
            address = builder.bitcast(builder.gep(pointer, [t]), byte)
            builder.call(prefetch, [address, for_write, keep_close, data_cache])
        return context.get_dummy_value()

    return signature, codegen


@intrinsic
def _emit_steps(typingctx, work, start, count, totals, first, rate, counted, o, l):
    shape, from_counts = TileShape(literal(o), 1, literal(l)), literal(counted)
    signature = types.float32(work, start, count, totals, first, types.float32, counted, o, l)

    def codegen(context, builder, sig, args):
        emit = Emitter(context, builder, shape.lanes)
        scores, seen, labels, noise = (
            emit.data(*field)
            for field in emit.fields(sig.args[0], args[0], "scores", "seen", "labels", "noise")
        )
        tile, seen_tile = builder.gep(scores, [args[1]]), builder.gep(seen, [args[1]])
        label_row, noise_row = builder.gep(labels, [args[4]]), builder.gep(noise, [args[4]])
        totals, rates = emit.data(sig.args[3], args[3]), emit.broadcast(args[5])
        vectors = [int64(at) for at in range(0, shape.padded_outputs, shape.lanes)]
        known = [(at, emit.load(label_row, at), emit.load(noise_row, at)) for at in vectors]
        losses = emit.variable(emit.constant(0))
        with cgutils.for_range(builder, args[2]) as loop:
            start = builder.mul(loop.index, int64(shape.padded_outputs))
            row, seen_row = builder.gep(tile, [start]), builder.gep(seen_tile, [start])
            total = emit.broadcast(builder.load(builder.gep(totals, [loop.index])))
            for at, label, drawn in known:
                positive = emit.load(seen_row, at) if from_counts else builder.fmul(total, label)
                negative = builder.fmul(drawn, builder.fsub(total, positive))
                step, loss = logistic.emit_step_and_loss(
                    emit, emit.load(row, at), positive, negative
                )
                emit.store(builder.fmul(rates, step), row, at)
                builder.store(builder.fadd(loss, builder.load(losses)), losses)
        return emit.lane(emit.sums([builder.load(losses)])[0], 0)

    return signature, codegen


# The names the kernels call. Each body below only says what the function does; numba replaces it by one of two
# implementations, chosen when the kernel is compiled: vectors where the shape has lanes, else the loops of `plain.py`.


def tile_scores(
    input_matrix, output_matrix, inputs, count, outputs, first, width, scores, start, o, i, l
):
    """Write scores[start + i * P + j] = input_matrix[inputs[i]] . output_matrix[outputs[first + j]]."""
    raise NotImplementedError("compiled code only")


def tile_steps(work, start, count, totals, first, rate, counted, o, l):
    """Turn the scores of a tile, from `start` on, into steps in place (see `logistic.py`); return the sum of their losses.

    Input i stands totals[i] times in the windows. With output j it was seen `seen` times, and drawn noise[first + j] times each
    time that it was not seen with it. Seen is work.seen[start + i * P + j], or, unless `counted`, totals[i] * labels[first + j].
    """
    raise NotImplementedError("compiled code only")


def tile_update(
    target, target_rows, v, inputs, count, u, states, work, first, start, width, mode, z, o, l
):
    """Add steps[i, j] * (old row of output j) to target row i, and let output j take its optimizer's step (z).

    `work` holds the rows of the outputs, the steps (in `scores`, from `start` on) and what the optimizer needs of each output
    (`output_steps`). The gradient of output j is the sum of steps[i, j] * (row inputs[i] of v). In the mode IN_PLACE the targets
    are those rows of v (one tile holds all outputs of the window, as vectors; SGD); ADDED, they are rows of another matrix, and
    v stays as it is.
    """
    raise NotImplementedError("compiled code only")


def row_step(
    matrix, at, gradient, gradient_at, scale, states, state_at, rate, correction, width, z, l
):
    """Let the row of `matrix` at `at` take its optimizer's step with scale * (the row of `gradient` at `gradient_at`)."""
    raise NotImplementedError("compiled code only")


def prefetch_row(matrix, start, width, l):
    """Ask the CPU to bring the first `width` numbers of the row at `start` into its cache."""
    raise NotImplementedError("compiled code only")


FAST: Any = {"fastmath": {"reassoc", "contract", "nsz"}}
"""Lets the plain loops sum in any order; vectors say their order themselves. A NaN stays one."""


@extending.overload(tile_scores, prefer_literal=True, jit_options=FAST)
def _(input_matrix, output_matrix, inputs, count, outputs, first, width, scores, start, o, i, l):
    return _emit_scores_call if emitted(l) else plain.scores


@extending.overload(tile_steps, prefer_literal=True)
def _(work, start, count, totals, first, rate, counted, o, l):
    return _emit_steps_call if emitted(l) else plain.steps


@extending.overload(tile_update, prefer_literal=True, jit_options=FAST)
def _(target, target_rows, v, inputs, count, u, states, work, first, start, width, mode, z, o, l):
    return _emit_update_call if emitted(l) else plain.update


@extending.overload(row_step, prefer_literal=True, jit_options=FAST)
def _(matrix, at, gradient, gradient_at, scale, states, state_at, rate, correction, width, z, l):
    return _emit_row_step_call if emitted(l) else plain.row_step


@extending.overload(prefetch_row, prefer_literal=True)
def _(matrix, start, width, l):
    return _emit_prefetch_call if emitted(l) else plain.prefetch


def _emit_scores_call(
    input_matrix, output_matrix, inputs, count, outputs, first, width, scores, start, o, i, l
):
    _emit_scores(
        input_matrix, output_matrix, inputs, count, outputs, first, width, scores, start, o, i, l
    )


def _emit_steps_call(work, start, count, totals, first, rate, counted, o, l):
    return _emit_steps(work, start, count, totals, first, rate, counted, o, l)


def _emit_update_call(
    target, target_rows, v, inputs, count, u, states, work, first, start, width, mode, z, o, l
):
    _emit_update(
        target, target_rows, v, inputs, count, u, states, work, first, start, width, mode, z, o, l
    )


def _emit_row_step_call(
    matrix, at, gradient, gradient_at, scale, states, state_at, rate, correction, width, z, l
):
    _emit_row_step(
        matrix, at, gradient, gradient_at, scale, states, state_at, rate, correction, width, z, l
    )


def _emit_prefetch_call(matrix, start, width, l):
    _emit_prefetch(matrix, start, width)
