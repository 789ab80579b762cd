"""How often the pairs of a group were seen and drawn, against counting them one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skipgram.kernels.form import Form
from skipgram.kernels.layout import Sampling, Scratch, make_tile_scratch
from skipgram.kernels.negative import list_sampled
from skipgram.kernels.plan import plan_tiles
from skipgram.kernels.random import alias_table
from skipgram.kernels.weights import own_row, weigh_pairs, weights_length
from skipgram.kernels.windows import (
    Group,
    Reach,
    Sentence,
    collect_inputs,
    link_repetitions,
    make_window_scratch,
    open_windows,
)

STRIDE = 16
NEGATIVE, SHARE = 5, 0.5
OUTPUT = np.zeros((31, STRIDE), np.float32)


@pytest.mark.parametrize("vectors", [(16, 32), (8, 16), (1, 0)])
@settings(deadline=None, max_examples=30)
@given(
    words=st.lists(st.integers(0, 29), min_size=10, max_size=16),
    negatives=st.lists(st.integers(0, 29), min_size=NEGATIVE, max_size=NEGATIVE),
    size=st.integers(1, 4),
    before=st.integers(0, 3),
    after=st.integers(0, 3),
)
def test_weights_are_the_counts_of_the_pairs(vectors, words, negatives, size, before, after):
    plan, reach = plan_tiles(16, 4 + NEGATIVE, vectors), Reach(before, max(after, 1), False)
    form, group = Form(plan.shape, group=4), Group(3, size)
    scratch = Scratch(
        make_window_scratch(3, len(words), 4, NEGATIVE),
        make_tile_scratch(plan, 3, 4, NEGATIVE, SHARE),
    )
    windows, tiles = scratch
    windows.kept[: len(words)], windows.negatives[:NEGATIVE] = words, negatives
    windows.draws[:] = 0
    sentence = Sentence(0, 0, len(words), len(words), 0, np.float32(0))
    link_repetitions(sentence, 10, windows)
    sampling = Sampling(alias_table(np.ones(30)), NEGATIVE, np.float32(SHARE))
    outputs = list_sampled(form, group, 0, 0, OUTPUT, sampling, scratch)
    block, _ = open_windows(group, sentence, reach, windows)
    count = collect_inputs(group, block, STRIDE, reach, windows)
    weigh_pairs(form, group, block, outputs, count, scratch)

    targets = words[3 : 3 + size]
    around = [
        words[max(0, t - reach.before) : t] + words[t + 1 : t + 1 + reach.after]
        for t in range(3, 3 + size)
    ]
    rows = tiles.outputs[: outputs.count] // STRIDE
    for slot in range(count):
        word = windows.inputs[slot] // STRIDE
        total = sum(window.count(word) for window in around)
        for n, row in enumerate(rows):
            tile, column = divmod(n, plan.shape.outputs)
            start = tile * weights_length(form, tiles) + windows.weights[slot] + column
            seen = sum(
                window.count(word)
                for window, target in zip(around, targets, strict=True)
                if target == row
            )
            drawn = SHARE * negatives.count(row) * (total - seen)
            found = tiles.weights[start], tiles.weights[start + plan.shape.padded_outputs]
            assert found == (seen, drawn)
    assert not windows.changes.any()


def test_the_rows_of_inputs_follow_those_of_the_patterns():
    plan = plan_tiles(16, 9, (16, 32))
    form = Form(plan.shape, group=4)
    assert own_row(form, 0) == 16 * 2 * 16
    tiles = make_tile_scratch(plan, 3, 4, NEGATIVE)
    assert len(tiles.weights) == plan.tiles * weights_length(form, tiles)
