"""Instructions that every CPU has and numba does not offer."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import extending
from numba.core import cgutils, types

from skipgram.kernels.emit import INT32, INT64

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
def put_eight_bytes(typingctx, text, at, number):
    """Write a uint64 to the bytes text[at:at + 8] of a uint8 array, as `eight_bytes` reads it."""

    def codegen(context, builder, signature, args):
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        builder.store(
            args[2], builder.bitcast(builder.gep(data, [args[1]]), INT64.as_pointer())
        ).align = 1
        return context.get_dummy_value()

    return types.void(text, types.int64, types.uint64), codegen


@intrinsic
def prefetch_row(typingctx, matrix, row):
    """Ask the CPU to bring the start of a row, which will be written, into its cache."""

    def codegen(context, builder, signature, args):
        array = context.make_array(signature.args[0])(context, builder, args[0])
        length = cgutils.unpack_tuple(builder, array.shape)[1]
        byte = ir.IntType(8).as_pointer()
        address = builder.bitcast(builder.gep(array.data, [builder.mul(args[1], length)]), byte)
        kind = ir.FunctionType(ir.VoidType(), [byte, INT32, INT32, INT32])
        prefetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        for_write, keep_close, data_cache = (ir.Constant(INT32, n) for n in (1, 3, 1))
        builder.call(prefetch, [address, for_write, keep_close, data_cache])
        return context.get_dummy_value()

    return types.void(matrix, types.int64), codegen


@intrinsic
def trailing_zeros(typingctx, number):
    """The number of zero bits below the lowest one of a uint64 that is not 0."""

    def codegen(context, builder, signature, args):
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return types.uint64(types.uint64), codegen
