from __future__ import annotations

import numpy as np

from skipgram.kernels.layout import make_tile_scratch
from skipgram.kernels.plan import plan_tiles
from skipgram.kernels.windows import BLOCK


def test_scratch_memory_holds_two_groups_and_a_block_of_inputs() -> None:
    plan = plan_tiles(100, 40, (8, 16))  # several tiles
    scratch = make_tile_scratch(plan, furthest=5, group=4, negative=36)
    side, places = plan.tiles * plan.shape.padded_outputs, 14
    for array in (scratch.outputs, scratch.drawn, scratch.labels, scratch.columns):
        assert len(array) == 2 * side
    assert len(scratch.scores) == places * side
    assert len(scratch.weights) == (2**4 + places) * 2 * side
    assert scratch.gradients.shape == (places + 1, plan.stride)
    assert scratch.gradient_rows.tolist() == [n * plan.stride for n in range(places)]
    assert len(scratch.output_steps.starts) == 2 * side


def test_wide_windows_take_no_more_memory_than_a_block() -> None:
    scratch = make_tile_scratch(plan_tiles(100, 6), furthest=500)
    assert len(scratch.gradient_rows) == BLOCK


def test_the_first_row_of_each_half_is_the_target_word() -> None:
    scratch = make_tile_scratch(plan_tiles(100, 6), furthest=5)
    half = len(scratch.labels) // 2
    assert np.flatnonzero(scratch.labels).tolist() == [0, half]
