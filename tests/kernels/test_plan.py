from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skipgram.kernels import plan
from skipgram.kernels.plan import TileShape, host_vectors, plan_paths, plan_tiles

VECTORS = [(16, 32), (8, 16), (4, 16), (4, 32)]


@pytest.mark.parametrize("vectors", VECTORS)
@given(vector_size=st.integers(1, 4096), outputs=st.integers(1, 80))
def test_tiles_fit_the_registers_and_hold_all_outputs(
    vectors: tuple[int, int], vector_size: int, outputs: int
) -> None:
    chosen, (lanes, registers) = plan_tiles(vector_size, outputs, vectors), vectors
    shape = chosen.shape
    assert shape.lanes in (lanes, 8)
    assert 2 * shape.outputs + 3 <= registers
    assert shape.inputs * (shape.outputs + 1) + 1 <= registers or shape.inputs == 1
    assert (chosen.tiles - 1) * shape.outputs < outputs <= chosen.tiles * shape.outputs
    assert shape.padded_outputs % shape.lanes == 0
    assert 0 <= shape.padded_outputs - shape.outputs < shape.lanes
    assert vector_size <= chosen.width <= chosen.stride
    assert chosen.width % shape.lanes == 0
    assert chosen.stride % 16 == 0


def test_tiles_are_of_equal_size() -> None:
    chosen = plan_tiles(100, 11, (8, 16))  # 6 outputs fit
    assert (chosen.tiles, chosen.shape.outputs) == (2, 6)


def test_wide_vectors_are_used_where_they_need_little_padding(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(plan, "_most_padding", lambda: 1.15)
    assert plan_tiles(100, 12, (16, 32)).shape.lanes == 16  # 112 numbers a row, not 104
    assert plan_tiles(20, 12, (16, 32)).shape.lanes == 8  # 32, not 24


def test_without_vectors_one_tile_holds_all_outputs() -> None:
    chosen = plan_tiles(100, 65, (1, 0))
    assert chosen.shape == TileShape(65, 1, 1)
    assert (chosen.tiles, chosen.width, chosen.shape.padded_outputs) == (1, 100, 65)


@pytest.mark.parametrize("vectors", [*VECTORS, (1, 0)])
def test_the_shape_for_paths_does_not_depend_on_the_tree(vectors: tuple[int, int]) -> None:
    plans = [plan_paths(100, longest, vectors) for longest in (1, 12, 40)]
    assert len({each.shape for each in plans}) == 1
    for each, longest in zip(plans, (1, 12, 40), strict=True):
        assert each.tiles * each.shape.outputs >= longest


def test_this_host_is_planned_for_unless_another_is_given() -> None:
    assert plan_tiles(100, 12) == plan_tiles(100, 12, host_vectors())


PRINT_VECTORS = "from skipgram.kernels.plan import host_vectors; print(*host_vectors())"


@pytest.mark.skipif(platform.machine() != "x86_64", reason="names CPUs of x86-64")
@pytest.mark.parametrize(
    ("name", "features", "vectors"),
    [
        ("generic", None, "4 16"),
        ("generic", "+avx2,+fma", "8 16"),
        ("haswell", "", "8 16"),
        ("haswell", "-avx2,-fma", "4 16"),
        ("skylake-avx512", "", "16 32"),
    ],
)
def test_tiles_follow_the_cpu_that_numba_compiles_for(
    name: str, features: str | None, vectors: str
) -> None:
    environment = {**os.environ, "NUMBA_CPU_NAME": name}
    environment |= {} if features is None else {"NUMBA_CPU_FEATURES": features}
    command = [sys.executable, "-c", PRINT_VECTORS]
    assert subprocess.check_output(command, env=environment, text=True).strip() == vectors


PRINT_LANES = """
from skipgram.kernels.plan import plan_tiles
print(*(plan_tiles(d, 12).shape.lanes for d in (96, 100, 300)))
"""


@pytest.mark.skipif(platform.machine() != "x86_64", reason="names CPUs of x86-64")
@pytest.mark.parametrize(
    ("name", "lanes"),
    [("skylake-avx512", "16 16 16"), ("znver4", "16 8 16"), ("znver5", "16 16 16")],
)
def test_padding_is_avoided_where_wide_vectors_take_two_steps(name: str, lanes: str) -> None:
    environment = {**os.environ, "NUMBA_CPU_NAME": name, "NUMBA_CPU_FEATURES": ""}
    command = [sys.executable, "-c", PRINT_LANES]
    assert subprocess.check_output(command, env=environment, text=True).strip() == lanes
