"""Which output rows a group of windows is trained against."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from skipgram.kernels import reference
from skipgram.kernels.layout import Sampling, Scratch, make_tile_scratch
from skipgram.kernels.negative import column_of, draw_for_sentence, list_sampled
from skipgram.kernels.plan import TileShape, plan_tiles
from skipgram.kernels.random import alias_table, draws
from skipgram.kernels.windows import Group, Sentence, make_window_scratch

STRIDE = 16
OUTPUT = np.zeros((31, STRIDE), np.float32)
PADDING_ROW = 30 * STRIDE


def make_scratch(plan, words, negatives):
    """Return scratch memory with these words in the buffer from 0 on, and these negatives drawn."""
    windows = make_window_scratch(3, 20, 4, max(len(negatives), 1))
    windows.kept[: len(words)] = words
    windows.negatives[: len(negatives)] = negatives
    return Scratch(windows, make_tile_scratch(plan, 3, 4))


@pytest.mark.parametrize("vectors", [(16, 32), (8, 16), (4, 16), (1, 0)])
@pytest.mark.parametrize("side", [0, 1])
def test_each_word_is_one_row_with_its_count_and_its_column(vectors, side):
    plan = plan_tiles(16, 12, vectors)
    targets, negatives = [7, 3, 7, 5], [3, 9, 9, 11, 9]
    scratch = make_scratch(plan, targets, negatives)
    tiles, shape = scratch.tiles, plan.shape
    half = len(tiles.outputs) // 2
    first, sampling = side * half, Sampling(alias_table(np.ones(30)), 5, np.float32(0.5))
    count = list_sampled(shape, Group(0, 4), 0, first, OUTPUT, sampling, scratch)
    rows = tiles.outputs[first : first + half]
    assert (rows[:count] // STRIDE).tolist() == [7, 3, 5, 9, 11]
    assert (rows[count:] == PADDING_ROW).all()
    drawn = [float(tiles.drawn[first + column_of(shape, n)]) for n in range(count)]
    assert drawn == [0, 0.5, 0, 1.5, 0.5]
    assert tiles.drawn[first : first + half].sum() == 2.5
    length = len(tiles.gradient_rows) * shape.padded_outputs
    for n, target in enumerate(targets):
        row = [7, 3, 5].index(target)
        column = row // shape.outputs * length + row % shape.outputs
        assert tiles.columns[first + n] == column


@pytest.mark.parametrize("group", [1, 4])
def test_the_negatives_of_a_sentence_are_those_of_the_oracle(group):
    noise = alias_table(np.arange(1.0, 31.0))
    windows = make_window_scratch(2, 10, group, 40)
    windows.draws[:] = draws(np.uint64(5), np.arange(len(windows.draws), dtype=np.uint64))
    sentence = Sentence(1, 3, 9, 11, 0, np.float32(0.1))
    draw_for_sentence(sentence, group, Sampling(noise, 5, np.float32(1)), windows)
    targets = range(3, 9, group)
    expected = [
        number
        for target in targets
        for number in reference.negatives(reference.Word(0, windows.draws[target]), noise, 5)
    ]
    assert windows.negatives[: 5 * len(targets)].tolist() == expected
    assert len(Counter(expected)) > 3


def test_columns_skip_the_padding_of_each_tile():
    shape = TileShape(6, 1, 8)
    assert [column_of(shape, n) for n in (0, 5, 6, 11, 12)] == [0, 5, 8, 13, 16]
