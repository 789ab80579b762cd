"""Vector instructions over llvmlite: what the tiles are made of.

Nothing here is compiled by itself. `emitted` makes a numba intrinsic of a function that writes LLVM
instructions, with the methods of an `Emitter`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from llvmlite import binding, ir
from numba import extending
from numba.core import cgutils, types
from numba.core.errors import TypingError

from skipgram.kernels.constants import IN_PYTHON, ConstantsType
from skipgram.kernels.plan import host_vectors

INT32 = ir.IntType(32)
INT64 = ir.IntType(64)
FLOAT = ir.FloatType()

FUSED = ("contract", "reassoc", "nsz")
"""Flags of LLVM: products and sums may be fused into one instruction and reordered."""


def int64(value: int) -> Any:
    """A 64-bit constant, for offsets."""
    return ir.Constant(INT64, value)


class Emitter:
    """The few vector instructions that tiles are made of, over an llvmlite builder."""

    def __init__(self, context: Any, builder: Any, lanes: int) -> None:
        self.context = context
        self.builder = builder
        self.lanes = lanes
        self.vector = ir.VectorType(FLOAT, lanes)

    def constant(self, value: float) -> Any:
        """The same number in every lane."""
        return ir.Constant(self.vector, [float(value)] * self.lanes)

    def at(self, array: Array, position: Any) -> Any:
        """Return the address of array[position]."""
        return self.builder.gep(array.address, [position])

    def number(self, array: Array, position: Any) -> Any:
        """Load array[position]."""
        return self.builder.load(self.at(array, position))

    def row(self, matrix: Array, starts: Array, position: Any) -> Any:
        """Return the address of the row of `matrix` that begins at starts[position]."""
        return self.at(matrix, self.number(starts, position))

    def rows(self, matrix: Array, starts: Array, first: Any, count: int) -> list[Any]:
        """Return the addresses of the rows that begin at starts[first], starts[first + 1], ..."""
        places = (self.builder.add(first, int64(n)) for n in range(count))
        return [self.row(matrix, starts, place) for place in places]

    def load(self, pointer: Any, offset: Any) -> Any:
        """Load the vector `offset` numbers after an address; it may be unaligned, as scores are."""
        loaded = self.builder.load(self._vector_at(pointer, offset))
        loaded.align = 4
        return loaded

    def store(self, value: Any, pointer: Any, offset: Any) -> None:
        """Store a vector where `load` loads it."""
        self.builder.store(value, self._vector_at(pointer, offset)).align = 4

    def _vector_at(self, pointer: Any, offset: Any) -> Any:
        return self.builder.bitcast(self.builder.gep(pointer, [offset]), self.vector.as_pointer())

    def broadcast(self, scalar: Any) -> Any:
        """One number, not known at compile time, in every lane."""
        lane0 = self.builder.insert_element(
            ir.Constant(self.vector, ir.Undefined), scalar, ir.Constant(INT32, 0)
        )
        return self.shuffle(lane0, lane0, [0] * self.lanes)

    def shuffle(self, left: Any, right: Any, lanes: Sequence[int]) -> Any:
        """Pick lanes out of two vectors; those of `right` count on from those of `left`."""
        mask = ir.Constant(ir.VectorType(INT32, len(lanes)), list(lanes))
        return self.builder.shuffle_vector(left, right, mask)

    def call(self, name: str, *arguments: Any) -> Any:
        """Call the LLVM intrinsic `name` on vectors."""
        signature = ir.FunctionType(self.vector, [argument.type for argument in arguments])
        return self.builder.call(
            cgutils.get_or_insert_function(self.builder.module, signature, name), arguments
        )

    def at_least(self, x: Any, bound: float) -> Any:
        """Return max(x, bound), one instruction; `bound` where x is not a number."""
        limit = self.constant(bound)
        return self.builder.select(self.builder.fcmp_ordered(">", x, limit), x, limit)

    def at_most(self, x: Any, bound: float) -> Any:
        """Return min(x, bound), one instruction; `bound` where x is not a number."""
        limit = self.constant(bound)
        return self.builder.select(self.builder.fcmp_ordered("<", x, limit), x, limit)

    def inverse_root(self, x: Any) -> Any:
        """Return 1 / sqrt(x) of positive numbers, with a relative error of 3e-7.

        x86 has an instruction for 12 bits of it, which a step of Newton's method doubles. Elsewhere
        it is a root and a division.
        """
        estimate = self._estimate("rsqrt", x)
        if estimate is None:
            root = self.call(f"llvm.sqrt.v{self.lanes}f32", x)
            return self.builder.fdiv(self.constant(1), root, flags=FUSED)
        half = self.mul(self.mul(self.constant(-0.5), x), self.mul(estimate, estimate))
        return self.mul(estimate, self.add(half, self.constant(1.5)))

    def inverse(self, x: Any) -> Any:
        """Return 1 / x of positive numbers, with a relative error of 2e-7.

        Computed like `inverse_root`: a division of vectors takes ten times as long.
        """
        estimate = self._estimate("rcp", x)
        if estimate is None:
            return self.builder.fdiv(self.constant(1), x)
        error = self.fma(self.builder.fneg(x), estimate, self.constant(1))
        return self.fma(estimate, error, estimate)

    def _estimate(self, name: str, x: Any) -> Any:
        is_x86 = binding.get_process_triple().split("-")[0] in ("x86_64", "amd64")
        if not is_x86 or self.lanes > host_vectors()[0]:
            return None
        if self.lanes == 16:
            mask = ir.IntType(16)
            kind = ir.FunctionType(self.vector, [self.vector, self.vector, mask])
            function = cgutils.get_or_insert_function(
                self.builder.module, kind, f"llvm.x86.avx512.{name}14.ps.512"
            )
            return self.builder.call(function, [x, x, ir.Constant(mask, -1)])
        if self.lanes == 8:
            return self.call(f"llvm.x86.avx.{name}.ps.256", x)
        return self.call(f"llvm.x86.sse.{name}.ps", x) if self.lanes == 4 else None

    def fma(self, left: Any, right: Any, addend: Any) -> Any:
        """Return left * right + addend: one instruction if the host has it, else two."""
        return self.call(f"llvm.fmuladd.v{self.lanes}f32", left, right, addend)

    def add(self, left: Any, right: Any) -> Any:
        """Return left + right, which LLVM may fuse with a product."""
        return self.builder.fadd(left, right, flags=FUSED)

    def sub(self, left: Any, right: Any) -> Any:
        """Return left - right, which LLVM may fuse with a product."""
        return self.builder.fsub(left, right, flags=FUSED)

    def mul(self, left: Any, right: Any) -> Any:
        """Return left * right, which LLVM may fuse with a sum."""
        return self.builder.fmul(left, right, flags=FUSED)

    def variable(self, value: Any) -> Any:
        """A mutable vector; LLVM keeps it in a register."""
        return cgutils.alloca_once_value(self.builder, value)

    def sums(self, vectors: Sequence[Any]) -> list[Any]:
        """Return the sums over the lanes of each vector, packed in order into few vectors.

        A tree of shuffles: each level adds the even and odd parts of two vectors into one, first
        numbers within 128-bit groups, then the groups. So n sums cost n - 1 additions and not
        n * log2(lanes). Unused lanes repeat some of the sums.
        """
        packed = []
        for start in range(0, len(vectors), self.lanes):
            level, size = list(vectors[start : start + self.lanes]), self.lanes
            while size > 1:
                # The last vector of an odd number is paired with itself.
                pairs = zip(level[::2], [*level[1::2], level[-1]], strict=False)
                # The first two levels leave one sum for each group of 4 numbers.
                halve = self._halve_numbers if size > self.lanes // 4 else self._halve_groups
                level, size = [halve(left, right) for left, right in pairs], size // 2
            packed.append(level[0])
        return packed

    def _halve_numbers(self, left: Any, right: Any) -> Any:
        """Add the even and the odd numbers of two vectors, within groups of 4."""
        sides = (0, self.lanes)
        groups = range(0, self.lanes, 4)
        even = [g + side + k for g in groups for side in sides for k in (0, 2)]
        return self._add_lanes(left, right, even, [lane + 1 for lane in even])

    def _halve_groups(self, left: Any, right: Any) -> Any:
        """Add the even and the odd groups of 4 numbers of two vectors."""
        starts = [side + g for side in (0, self.lanes) for g in range(0, self.lanes, 8)]
        even = [start + k for start in starts for k in range(4)]
        return self._add_lanes(left, right, even, [lane + 4 for lane in even])

    def _add_lanes(self, left: Any, right: Any, some: Sequence[int], others: Sequence[int]) -> Any:
        """Add some lanes of two vectors to others."""
        return self.builder.fadd(self.shuffle(left, right, some), self.shuffle(left, right, others))

    def lane(self, vector: Any, position: int) -> Any:
        """Return one number of a vector."""
        return self.builder.extract_element(vector, ir.Constant(INT32, position))


class Array:
    """A numba array inside an intrinsic."""

    def __init__(self, emit: Emitter, array_type: Any, value: Any) -> None:
        self._builder = emit.builder
        self._array = emit.context.make_array(array_type)(emit.context, emit.builder, value)
        self.address = self._array.data

    @property
    def row_length(self) -> Any:
        """The length of a row of a matrix."""
        return cgutils.unpack_tuple(self._builder, self._array.shape)[1]


class Fields:
    """A named tuple inside an intrinsic: its fields are attributes."""

    def __init__(self, emit: Emitter, tuple_type: Any, value: Any) -> None:
        self._emit = emit
        self._type = tuple_type
        self._value = value

    def __getattr__(self, name: str) -> Any:
        at = self._type.fields.index(name)
        value = self._emit.builder.extract_value(self._value, at)
        return readable(self._emit, self._type[at], value)


def readable(emit: Emitter, value_type: Any, value: Any) -> Any:
    """Return an argument of an intrinsic as an `Array`, as `Fields`, or, if a number, unchanged."""
    if isinstance(value_type, types.Array):
        return Array(emit, value_type, value)
    return Fields(emit, value_type, value) if hasattr(value_type, "fields") else value


def emitted(loops: Any, returns: Any = types.void) -> Callable[[Callable[..., Any]], Any]:
    """Return a decorator: makes a function of compiled code of one that writes LLVM instructions.

    The decorated function is called with an `Emitter` and the arguments, the first of which is a
    `Form`. If that has no lanes, compiled code calls `loops` instead, with the same arguments.
    """

    def decorate(write: Callable[..., Any]) -> Any:
        if IN_PYTHON:
            return loops

        @functools.wraps(write)  # numba reads the names of the arguments
        def typed(typing_context: Any, form_type: Any, *arguments: Any) -> Any:
            if not isinstance(form_type, ConstantsType):
                raise TypingError(f"the first argument is a {form_type}; it must be a Form")
            form: Any = form_type.value
            if form.shape.lanes == 1:
                return _call(typing_context, loops, form_type, *arguments)

            def codegen(context: Any, builder: Any, signature: Any, values: Any) -> Any:
                emit = Emitter(context, builder, form.shape.lanes)
                pairs = zip(signature.args[1:], values[1:], strict=True)
                result = write(emit, form, *(readable(emit, *pair) for pair in pairs))
                return context.get_dummy_value() if result is None else result

            return returns(form_type, *arguments), codegen

        return extending.intrinsic(typed)

    return decorate


def _call(typing_context: Any, function: Any, *arguments: Any) -> Any:
    """Return the signature and the code of an intrinsic that calls a compiled function."""
    callee = typing_context.resolve_value_type(function)
    signature = typing_context.resolve_function_type(callee, arguments, {})

    def codegen(context: Any, builder: Any, _signature: Any, values: Any) -> Any:
        return context.get_function(callee, signature)(builder, values)

    return signature, codegen
