"""Which output rows a group of windows is trained against."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from skipgram.kernels import reference
from skipgram.kernels.form import Form
from skipgram.kernels.layout import Sampling, Scratch, make_tile_scratch
from skipgram.kernels.negative import MARKS, column_of, draw_for_sentence, list_sampled
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
    return Scratch(windows, make_tile_scratch(plan, 3, 4, len(negatives)))


@pytest.mark.parametrize("vectors", [(16, 32), (8, 16), (4, 16), (1, 0)])
@pytest.mark.parametrize("side", [0, 1])
def test_each_word_is_one_row_with_its_count_and_its_column(vectors, side):
    plan = plan_tiles(16, 12, vectors)
    targets, negatives = [7, 3, 7, 5], [3, 9, 9, 11, 9]
    scratch = make_scratch(plan, targets, negatives)
    tiles, shape = scratch.tiles, plan.shape
    half = len(tiles.outputs) // 2
    first, sampling = side * half, Sampling(alias_table(np.ones(30)), 5, np.float32(0.5))
    form = Form(shape, group=4)
    outputs = list_sampled(form, Group(0, 4), 0, first, OUTPUT, sampling, scratch)
    assert not outputs.distinct
    count, rows = outputs.count, tiles.outputs[first : first + half]
    assert (rows[:count] // STRIDE).tolist() == [7, 3, 5, 9, 11]
    assert (rows[count:] == PADDING_ROW).all()
    drawn = [float(tiles.drawn[first + column_of(shape, n)]) for n in range(count)]
    assert drawn == [0, 0.5, 0, 1.5, 0.5]
    assert tiles.drawn[first : first + half].sum() == 2.5
    for n, target in enumerate(targets):
        assert tiles.columns[first + n] == [7, 3, 5].index(target)


@pytest.mark.parametrize("vectors", [(16, 32), (8, 16), (1, 0)])
@pytest.mark.parametrize("size", [2, 4])
def test_different_words_have_their_fixed_places(vectors, size):
    plan = plan_tiles(16, 11, vectors)
    targets, negatives = [7, 3, 8, 5], [1, 9, 2, 11, 4]
    scratch = make_scratch(plan, targets, negatives)
    half = len(scratch.tiles.outputs) // 2
    sampling = Sampling(alias_table(np.ones(30)), 5, np.float32(0.5))
    form, group = Form(plan.shape, group=4), Group(0, size)
    assert list_sampled(form, group, 0, half, OUTPUT, sampling, scratch) == (half, 9, True)
    rows = scratch.tiles.outputs[half : half + plan.tiles * plan.shape.outputs] // STRIDE
    expected = [*targets[:size], *[30] * (4 - size), *negatives]
    assert rows.tolist() == [*expected, *[30] * (len(rows) - 9)]


def test_words_with_the_same_last_bits_are_told_apart():
    scratch = make_scratch(plan_tiles(16, 9), [7, 3, 8, 7 + MARKS], [1, 9, 2, 11, 4])
    sampling, output = Sampling(alias_table(np.ones(30)), 5, np.float32(1)), np.zeros((2000, 16))
    form = Form(plan_tiles(16, 9).shape, group=4)
    assert list_sampled(form, Group(0, 4), 0, 0, output, sampling, scratch) == (0, 9, True)


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
