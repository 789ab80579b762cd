"""The peak of one core: the floating-point operations a second of multiply-adds in registers.

python bench/fma_peak.py peak     print it, the best of ten runs
python bench/fma_peak.py lanes    print how many float32 numbers a vector of this CPU has
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import extending, types
from numba.core import cgutils

from skipgram.kernels.constants import Constants
from skipgram.kernels.emit import FLOAT, INT64, Emitter, int64
from skipgram.kernels.plan import host_vectors

intrinsic: Any = extending.intrinsic

SPARE_REGISTERS = 3
"""The two factors and one more. All others hold sums: 16 sums are too few to keep two adders of 4
clocks busy (measured: a tenth less than with 29)."""

TIMES = 1 << 22


@dataclass(frozen=True)
class Registers(Constants):
    """How many vectors are summed at once, and the float32 numbers of each."""

    sums: int
    lanes: int

    @property
    def numbers(self) -> tuple[int, ...]:
        """See `Constants`."""
        return self.sums, self.lanes


@intrinsic
def _emit_multiply_adds(
    typing_context: Any,  # noqa: ARG001 - numba passes it
    registers: Any,
    times: Any,  # noqa: ARG001 - used by the code that is emitted
    x: Any,  # noqa: ARG001
    y: Any,  # noqa: ARG001
) -> Any:
    sums, lanes = registers.value.numbers
    signature = types.float32(registers, types.int64, types.float32, types.float32)

    def codegen(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        emit = Emitter(context, builder, lanes)
        left, right = emit.broadcast(args[2]), emit.broadcast(args[3])
        # They begin at different numbers, or LLVM would see that all sums are the same.
        totals = [emit.variable(emit.constant(k)) for k in range(sums)]
        with cgutils.for_range_slice(builder, int64(0), args[1], int64(1), INT64):
            for total in totals:
                builder.store(emit.fma(left, right, builder.load(total)), total)
        result = ir.Constant(FLOAT, 0.0)
        for total in totals:
            result = builder.fadd(result, emit.lane(builder.load(total), 0))
        return result

    return signature, codegen


@numba.njit(nogil=True)
def multiply_adds(registers: Registers, times: int, x: float, y: float) -> float:
    """Add x * y `times` times to each sum; return one number of each, added up."""
    return _emit_multiply_adds(registers, times, x, y)


def peak(runs: int = 10) -> float:
    """Return the floating-point operations a second of the best run; an FMA of n lanes is 2 n."""
    lanes, registers = host_vectors()
    if lanes == 1:
        sys.exit("skipgram uses no vector instructions on this CPU, so its peak is unknown")
    sums, x = registers - SPARE_REGISTERS, np.float32(1e-3)
    vectors = Registers(sums, lanes)
    multiply_adds(vectors, 1, x, x)  # compiles
    best = float("inf")
    for _ in range(runs):
        started = time.perf_counter()
        multiply_adds(vectors, TIMES, x, x)
        best = min(best, time.perf_counter() - started)
    return 2 * lanes * sums * TIMES / best


def main() -> None:
    """Print one figure."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("figure", choices=["peak", "lanes"])
    given = parser.parse_args()
    print(peak() if given.figure == "peak" else host_vectors()[0])


if __name__ == "__main__":
    main()
