"""Two instructions that every CPU has and numba does not offer."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import extending
from numba.core import types

from skipgram.kernels.emit import INT64

intrinsic: Any = extending.intrinsic


@intrinsic
def eight_bytes(typingctx, text, at):
    """The bytes text[at:at + 8] of a uint8 array as one uint64, the first lowest (numba knows little-endian machines only)."""

    def codegen(context, builder, signature, args):
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        loaded = builder.load(builder.bitcast(builder.gep(data, [args[1]]), INT64.as_pointer()))
        loaded.align = 1
        return loaded

    return types.uint64(text, types.int64), codegen


@intrinsic
def trailing_zeros(typingctx, number):
    """The number of zero bits below the lowest one of a uint64 that is not 0."""

    def codegen(context, builder, signature, args):
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return types.uint64(types.uint64), codegen
