"""How many rows a register tile holds: a choice that depends on the vectors of this CPU.

`tiles.py` says what a tile is.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import NamedTuple

from llvmlite import binding
from numba.core.registry import cpu_target

from skipgram.kernels.constants import IN_PYTHON, Constants

CACHE_LINE_BYTES = 64
ROW_ALIGNMENT = CACHE_LINE_BYTES // 4
"""Rows are padded to a multiple of this many float32, so that every row starts on a cache line."""

USUAL_PATH = 12
"""The mean length of a word's path in a Huffman tree, roughly, over a text after subsampling."""


@dataclass(frozen=True)
class TileShape(Constants):
    """How many rows a tile holds in registers at once.

    Attributes:
        outputs: output rows of a tile (O).
        inputs: input rows that are scored at once.
        lanes: float32 numbers of a vector; 1 where plain loops take the place of vectors.
    """

    outputs: int
    inputs: int
    lanes: int

    @property
    def padded_outputs(self) -> int:
        """Outputs rounded up to whole vectors: the row length of the score tile (P)."""
        return _round_up(self.outputs, self.lanes)

    @property
    def numbers(self) -> tuple[int, ...]:
        """See `Constants`."""
        return self.outputs, self.inputs, self.lanes


_PRODUCT_AND_SUM = """
declare <16 x float> @llvm.fma.v16f32(<16 x float>, <16 x float>, <16 x float>)
define <16 x float> @product_and_sum(<16 x float> %a, <16 x float> %b, <16 x float> %c) {
    %sum = call <16 x float> @llvm.fma.v16f32(<16 x float> %a, <16 x float> %b, <16 x float> %c)
    ret <16 x float> %sum
}
"""

PLAIN = TileShape(1, 1, 1)
"""The shape on hosts without vector tiles, for windows of one output row."""


class TilePlan(NamedTuple):
    """How a group of windows is computed: `tiles` tiles of shape.outputs output rows.

    Rows begin `stride` numbers apart; a kernel reads the first `width` numbers of each.
    """

    shape: TileShape
    tiles: int
    width: int
    stride: int


def _target() -> tuple[str, str, str]:
    """Return the triple, the CPU and its features that numba compiles for, in LLVM's names."""
    triple, name, features = cpu_target.target_context.codegen().magic_tuple()
    return triple, name, features


@functools.cache
def _most_padding() -> float:
    """Return how much padding 16 lanes may add to that of 8, as a factor.

    At d=100 (112 numbers a row, not 104) 16 lanes gain 19 % where the CPU computes 512 bits at
    once, and lose 5 % on Zen 4, which computes them in two steps (both measured).
    """
    return 1.0 if not IN_PYTHON and _target()[1] == "znver4" else 1.15


@functools.cache
def host_vectors() -> tuple[int, int]:
    """Return (float32 lanes of a vector, vector registers) of the CPU that numba compiles for.

    It is this one, unless NUMBA_CPU_NAME or NUMBA_CPU_FEATURES name another. (1, 0) if unknown.
    """
    if IN_PYTHON:
        return 1, 0
    triple, name, features = _target()
    machine = triple.split("-")[0]
    if machine in ("aarch64", "arm64"):
        return 4, 32
    if machine not in ("x86_64", "amd64"):
        return 1, 0
    # The features do not list those that the name implies, so LLVM is asked for its instructions.
    target = binding.Target.from_triple(triple).create_target_machine(cpu=name, features=features)
    code = target.emit_assembly(binding.parse_assembly(_PRODUCT_AND_SUM))
    if "%zmm" in code:
        return 16, 32
    return (8, 16) if "vfmadd" in code else (4, 16)


def plan_tiles(vector_size: int, outputs: int, vectors: tuple[int, int] | None = None) -> TilePlan:
    """Choose the tiles for groups of `outputs` output rows.

    The update holds two registers for each output (its old value and the sum), the scores one for
    each pair of rows; both leave three registers free. Tiles are of equal size: where 6 outputs
    fit, 11 outputs become two tiles of 6, not one of 6 and one of 5.

    Args:
        vector_size: d, the numbers of a row that are trained.
        outputs: the target words of a group and its negatives.
        vectors: what to use in place of `host_vectors()`.
    """
    lanes, registers = vectors or host_vectors()
    stride = _round_up(vector_size, ROW_ALIGNMENT)
    if lanes == 1:
        return TilePlan(TileShape(outputs, 1, 1), 1, vector_size, stride)
    if lanes == 16:
        wide, narrow = _round_up(vector_size, 16), _round_up(vector_size, 8)
        lanes = 16 if wide <= _most_padding() * narrow else 8
    most = (registers - 3) // 2
    tiles = -(-outputs // most)
    rows = -(-outputs // tiles)
    shape = TileShape(rows, max(1, min(4, (registers - 1) // (rows + 1))), lanes)
    return TilePlan(shape, tiles, _round_up(vector_size, lanes), stride)


def plan_paths(vector_size: int, longest: int, vectors: tuple[int, int] | None = None) -> TilePlan:
    """Choose the tiles for paths of at most `longest` nodes.

    Their shape is the same for every tree; otherwise each corpus would need a kernel of its own.
    """
    plan = plan_tiles(vector_size, USUAL_PATH, vectors)
    return plan._replace(tiles=-(-longest // plan.shape.outputs))


def _round_up(number: int, unit: int) -> int:
    return -(-number // unit) * unit
