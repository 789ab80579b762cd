"""The most floating-point operations a second that one core does: multiply-adds of vectors that never leave the registers."""

from __future__ import annotations

import sys
import time
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import extending, types
from numba.core import cgutils

from skipgram.kernels.emit import FLOAT, INT64, Emitter, int64, literal
from skipgram.kernels.tiles import host_vectors

intrinsic: Any = extending.intrinsic

SPARE_REGISTERS = 3
"""The two factors and one more. All the others hold sums: with 16, too few wait at a time to keep two adders of 4 clocks full
(measured: a tenth less than with 29)."""

TIMES = 1 << 22


@intrinsic
def _emit_multiply_adds(typingctx, times, x, y, sums, lanes):  # noqa: ARG001 - as numba wants it
    count, width = literal(sums), literal(lanes)
    signature = types.float32(types.int64, types.float32, types.float32, sums, lanes)

    def codegen(context, builder, sig, args):  # noqa: ARG001
        emit = Emitter(context, builder, width)
        x, y = emit.broadcast(args[1]), emit.broadcast(args[2])
        # From different numbers on, or LLVM would see that all sums are the same.
        totals = [emit.variable(emit.constant(k)) for k in range(count)]
        with cgutils.for_range_slice(builder, int64(0), args[0], int64(1), INT64):
            for total in totals:
                builder.store(emit.fma(x, y, builder.load(total)), total)
        result = ir.Constant(FLOAT, 0.0)
        for total in totals:
            result = builder.fadd(result, emit.lane(builder.load(total), 0))
        return result

    return signature, codegen


@numba.njit(nogil=True)
def multiply_adds(times: int, x: float, y: float, sums: int, lanes: int) -> float:
    """Add x * y so many times to each of `sums` vectors; return one number of each, added up."""
    return _emit_multiply_adds(times, x, y, numba.literally(sums), numba.literally(lanes))


def peak(runs: int = 10) -> float:
    """Return the floating-point operations a second of the best of some runs, an FMA of n lanes counted as 2 n."""
    lanes, registers = host_vectors()
    if lanes == 1:
        sys.exit(
            "skipgram knows no vector instructions of this CPU, so there is no peak to compare with"
        )
    sums, x = registers - SPARE_REGISTERS, np.float32(1e-3)
    multiply_adds(1, x, x, sums, lanes)  # compiles
    best = float("inf")
    for _ in range(runs):
        started = time.perf_counter()
        multiply_adds(TIMES, x, x, sums, lanes)
        best = min(best, time.perf_counter() - started)
    return 2 * lanes * sums * TIMES / best
