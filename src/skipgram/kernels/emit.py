"""Vector instructions over llvmlite: what the tiles are made of.

Only `tiles.py` and `logistic.py` use it. Nothing here is compiled by itself: the functions write LLVM instructions into the
numba intrinsic that calls them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llvmlite import binding, ir
from numba.core import cgutils, types
from numba.core.errors import RequireLiteralValue

INT32 = ir.IntType(32)
INT64 = ir.IntType(64)
FLOAT = ir.FloatType()


def int64(value: int) -> Any:
    """A 64-bit constant, for offsets."""
    return ir.Constant(INT64, value)


def literal(value: Any) -> int:
    """Return the number a numba literal type stands for; the shape of a tile must be known when it is compiled."""
    if not isinstance(value, types.IntegerLiteral):
        raise RequireLiteralValue("the shape of a tile must be a literal")
    return int(value.literal_value)


class Emitter:
    """The handful of vector instructions the tiles are made of, over an llvmlite builder."""

    def __init__(self, context: Any, builder: Any, lanes: int) -> None:
        self.context = context
        self.builder = builder
        self.lanes = lanes
        self.vector = ir.VectorType(FLOAT, lanes)

    def data(self, array_type: Any, value: Any) -> Any:
        """Return the address of a numba array's first number."""
        return self.context.make_array(array_type)(self.context, self.builder, value).data

    def fields(self, tuple_type: Any, value: Any, *names: str) -> list[tuple[Any, Any]]:
        """Return (type, value) of some fields of a named tuple."""
        parts = cgutils.unpack_tuple(self.builder, value)
        return [(tuple_type.types[at], parts[at]) for at in map(tuple_type.fields.index, names)]

    def row_length(self, array_type: Any, value: Any) -> Any:
        """Return the length of a row of a numba matrix."""
        array = self.context.make_array(array_type)(self.context, self.builder, value)
        return cgutils.unpack_tuple(self.builder, array.shape)[1]

    def constant(self, value: float) -> Any:
        """The same number in every lane."""
        return ir.Constant(self.vector, [float(value)] * self.lanes)

    def row(self, matrix: Any, starts: Any, position: Any) -> Any:
        """Return the address of the row of `matrix` that begins at starts[position] (row * stride, int64)."""
        return self.builder.gep(matrix, [self.builder.load(self.builder.gep(starts, [position]))])

    def load(self, pointer: Any, offset: Any) -> Any:
        """The vector that begins `offset` numbers after the address; rows are aligned, tiles of scores are not."""
        address = self.builder.bitcast(
            self.builder.gep(pointer, [offset]), self.vector.as_pointer()
        )
        loaded = self.builder.load(address)
        loaded.align = 4
        return loaded

    def store(self, value: Any, pointer: Any, offset: Any) -> None:
        """The opposite of `load`."""
        address = self.builder.bitcast(
            self.builder.gep(pointer, [offset]), self.vector.as_pointer()
        )
        self.builder.store(value, address).align = 4

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

    def inverse_root(self, x: Any) -> Any:
        """Return 1 / sqrt(x) of positive numbers, to 3e-7 of it.

        x86 has an instruction for 12 bits of it, which a step of Newton's method doubles; elsewhere, a root and a division.
        """
        estimate = self._estimate("rsqrt", x)
        if estimate is None:
            return self.builder.fdiv(self.constant(1), self.call(f"llvm.sqrt.v{self.lanes}f32", x))
        half = self.builder.fmul(
            self.builder.fmul(self.constant(-0.5), x), self.builder.fmul(estimate, estimate)
        )
        return self.builder.fmul(estimate, self.builder.fadd(half, self.constant(1.5)))

    def inverse(self, x: Any) -> Any:
        """Return 1 / x of positive numbers, to 2e-7 of it; as `inverse_root`, as a division of vectors takes ten times as long."""
        estimate = self._estimate("rcp", x)
        if estimate is None:
            return self.builder.fdiv(self.constant(1), x)
        error = self.fma(self.builder.fneg(x), estimate, self.constant(1))
        return self.fma(estimate, error, estimate)

    def _estimate(self, name: str, x: Any) -> Any:
        if binding.get_process_triple().split("-")[0] not in ("x86_64", "amd64"):
            return None
        features = binding.get_host_cpu_features()
        if self.lanes == 16 and features.get("avx512f"):
            mask = ir.IntType(16)
            kind = ir.FunctionType(self.vector, [self.vector, self.vector, mask])
            function = cgutils.get_or_insert_function(
                self.builder.module, kind, f"llvm.x86.avx512.{name}14.ps.512"
            )
            return self.builder.call(function, [x, x, ir.Constant(mask, -1)])
        if self.lanes == 8 and features.get("avx"):
            return self.call(f"llvm.x86.avx.{name}.ps.256", x)
        return self.call(f"llvm.x86.sse.{name}.ps", x) if self.lanes == 4 else None

    def fma(self, left: Any, right: Any, addend: Any) -> Any:
        """Return left * right + addend: one instruction where the host has it, two where it has not."""
        return self.call(f"llvm.fmuladd.v{self.lanes}f32", left, right, addend)

    def variable(self, value: Any) -> Any:
        """A mutable vector; LLVM keeps it in a register."""
        return cgutils.alloca_once_value(self.builder, value)

    def sums(self, vectors: Sequence[Any]) -> list[Any]:
        """Return the sums over the lanes of each vector, packed in order into as few vectors as hold them.

        A tree of shuffles: each level adds the even and odd parts of two vectors into one, first numbers within 128-bit
        groups, then the groups, so n sums cost n - 1 additions and not n * log2(lanes). Lanes to spare repeat some of the sums.
        """
        packed = []
        for start in range(0, len(vectors), self.lanes):
            level, size, unit = list(vectors[start : start + self.lanes]), self.lanes, 1
            while size > 1:
                pairs = [
                    (level[i], level[min(i + 1, len(level) - 1)]) for i in range(0, len(level), 2)
                ]
                level, size = [self._halve(left, right, unit) for left, right in pairs], size // 2
                unit = 4 if size <= self.lanes // 4 else 1
            packed.append(level[0])
        return packed

    def _halve(self, left: Any, right: Any, unit: int) -> Any:
        """Add the even and the odd units of two vectors: numbers within groups of 4 (unit 1), or groups of 4 (unit 4)."""
        if unit == 1:
            even = [
                g + side + k
                for g in range(0, self.lanes, 4)
                for side in (0, self.lanes)
                for k in (0, 2)
            ]
            odd = [lane + 1 for lane in even]
        else:
            starts = [side + g for side in (0, self.lanes) for g in range(0, self.lanes, 8)]
            even = [start + k for start in starts for k in range(4)]
            odd = [lane + 4 for lane in even]
        return self.builder.fadd(self.shuffle(left, right, even), self.shuffle(left, right, odd))

    def lane(self, vector: Any, position: int) -> Any:
        """Return one number of a vector."""
        return self.builder.extract_element(vector, ir.Constant(INT32, position))
