"""Instructions that every CPU has and numba does not offer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import extending
from numba.core import cgutils, types

from skipgram.kernels.constants import IN_PYTHON
from skipgram.kernels.emit import INT32, INT64, int64
from skipgram.kernels.plan import CACHE_LINE_BYTES


def intrinsic(in_python: Callable[..., Any]) -> Callable[[Any], Any]:
    """Return a decorator: numba's `intrinsic`, or the function that does the same in Python."""

    def decorate(typed: Any) -> Any:
        return in_python if IN_PYTHON else extending.intrinsic(typed)

    return decorate


def _get(text: Any, at: Any) -> np.uint64:
    return np.uint64(int.from_bytes(text[at : at + 8].tobytes(), "little"))


def _put(text: Any, at: Any, number: Any) -> None:
    text[at : at + 8] = np.frombuffer(int(number).to_bytes(8, "little"), np.uint8)


def _do_nothing(*_arguments: Any) -> None:
    pass


def _count_zeros(number: Any) -> np.uint64:
    bits = int(number)
    return np.uint64((bits & -bits).bit_length() - 1)


def _fold(a: Any, b: Any) -> np.uint64:
    product = int(a) * int(b)
    return np.uint64((product >> 64) ^ (product & 0xFFFFFFFFFFFFFFFF))


@intrinsic(_get)
def eight_bytes(typingctx, text, at):
    """Return the bytes text[at:at + 8] of a uint8 array as one uint64, the first byte lowest.

    (numba supports little-endian machines only.)
    """

    def codegen(context, builder, signature, args):
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        loaded = builder.load(builder.bitcast(builder.gep(data, [args[1]]), INT64.as_pointer()))
        loaded.align = 1
        return loaded

    return types.uint64(text, types.int64), codegen


@intrinsic(_put)
def put_eight_bytes(typingctx, text, at, number):
    """Write a uint64 to the bytes text[at:at + 8] of a uint8 array, as `eight_bytes` reads it."""

    def codegen(context, builder, signature, args):
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        address = builder.bitcast(builder.gep(data, [args[1]]), INT64.as_pointer())
        builder.store(args[2], address).align = 1
        return context.get_dummy_value()

    return types.void(text, types.int64, types.uint64), codegen


@intrinsic(_do_nothing)
def prefetch_row(typingctx, matrix, start, width):
    """Ask the CPU to bring `width` numbers of a matrix into its cache, to be written.

    They begin at `start`, counted in numbers, where a cache line begins, or are within one line.
    """
    numbers_of_a_line = CACHE_LINE_BYTES * 8 // matrix.dtype.bitwidth

    def codegen(context, builder, signature, args):
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        byte = ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [byte, INT32, INT32, INT32])
        prefetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        for_write, keep_close = ir.Constant(INT32, 1), ir.Constant(INT32, 3)
        data_cache, pointer = ir.Constant(INT32, 1), builder.gep(data, [args[1]])
        line = int64(numbers_of_a_line)
        with cgutils.for_range_slice(builder, int64(0), args[2], line, INT64) as (at, _):
            address = builder.bitcast(builder.gep(pointer, [at]), byte)
            builder.call(prefetch, [address, for_write, keep_close, data_cache])
        return context.get_dummy_value()

    return types.void(matrix, types.int64, types.int64), codegen


@intrinsic(_count_zeros)
def trailing_zeros(typingctx, number):
    """Return the number of zero bits below the lowest set bit of a uint64, which must not be 0."""

    def codegen(context, builder, signature, args):
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return types.uint64(types.uint64), codegen


@intrinsic(_fold)
def folded_product(typingctx, a, b):
    """Return the high half of the product of two uint64, of 128 bits, XOR its low half.

    It is one multiplication, and every bit of the result depends on all bits of both factors.
    """

    def codegen(context, builder, signature, args):
        wide = ir.IntType(128)
        product = builder.mul(*(builder.zext(each, wide) for each in args))
        high = builder.trunc(builder.lshr(product, ir.Constant(wide, 64)), INT64)
        return builder.xor(high, builder.trunc(product, INT64))

    return types.uint64(types.uint64, types.uint64), codegen
