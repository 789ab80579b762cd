"""The oracle itself: against finite differences, and against numbers worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from skipgram.kernels import reference
from skipgram.kernels.negative import Chunk, Tables
from skipgram.kernels.random import alias_table, stream_key


def finite_differences(loss, matrix, step=1e-5):
    gradient = np.empty_like(matrix)
    for at in np.ndindex(*matrix.shape):
        old = matrix[at]
        matrix[at] = old + step
        above = loss()
        matrix[at] = old - step
        gradient[at] = (above - loss()) / (2 * step)
        matrix[at] = old
    return gradient


@pytest.mark.parametrize("seed", range(5))
def test_gradients_are_those_of_the_loss(seed):
    rng = np.random.default_rng(seed)
    inputs, outputs, d = rng.integers(1, 7), rng.integers(1, 8), rng.integers(1, 12)
    v, u = rng.normal(size=(inputs, d)), rng.normal(size=(outputs, d))
    window = v, u, rng.integers(1, 4, inputs) * 1.0, rng.integers(1, 4, outputs) * 1.0, np.eye(outputs)[0]
    for matrix, gradient in zip((v, u), reference.window_gradients(*window), strict=True):
        numeric = finite_differences(lambda: reference.window_loss(*window), matrix)
        assert np.linalg.norm(gradient - numeric) / np.linalg.norm(numeric) < 1e-6


def test_one_pair_and_one_negative_by_hand():
    # u_o . v = 0 and u_n . v = ln 3, so sigmoid is 1/2 and 3/4; the loss is ln 2 + ln 4.
    v, u = np.array([[1.0, 0.0]]), np.array([[0.0, 2.0], [math.log(3), 1.0]])
    window = v, u, np.ones(1), np.ones(2), np.array([1.0, 0.0])
    assert reference.window_loss(*window) == pytest.approx(math.log(8))
    dv, du = reference.window_gradients(*window)
    assert dv == pytest.approx(np.array([[0.75 * math.log(3), -0.5 * 2 + 0.75]]))
    assert du == pytest.approx(np.array([[-0.5, 0.0], [0.75, 0.0]]))


def test_a_row_with_multiplicity_counts_as_so_many_rows():
    rng = np.random.default_rng(1)
    v, u, labels = rng.normal(size=(2, 5)), rng.normal(size=(3, 5)), np.array([1.0, 0.0, 0.0])
    merged = reference.window_loss(v, u, np.array([2.0, 1.0]), np.array([1.0, 1.0, 3.0]), labels)
    rows, columns = [0, 0, 1], [0, 1, 2, 2, 2]
    assert merged == pytest.approx(reference.window_loss(v[rows], u[columns], np.ones(3), np.ones(5), labels[columns]))


def test_pairs_of_the_cat_sat_on_the_mat():
    the, cat, sat, on, mat = range(5)
    words = [(word, np.uint64(0)) for word in (the, cat, sat, on, the, mat)]
    pairs = [(words[n][0], other) for n in range(6) for other in reference.contexts(words, n, 1, dynamic=False)]
    assert pairs == [
        (the, cat), (cat, the), (cat, sat), (sat, cat), (sat, on), (on, sat), (on, the), (the, on), (the, mat), (mat, the),
    ]  # fmt: skip


def test_a_draw_equal_to_the_centre_is_dropped():
    noise = alias_table(np.array([1.0, 1.0]))
    drawn = [reference.negatives((1, bits), noise, 8) for bits in np.arange(50, dtype=np.uint64)]
    assert {word for words in drawn for word in words} == {0}
    assert 150 < sum(map(len, drawn)) < 250


def test_a_chunk_counts_its_own_words_only_and_leaves_other_columns_alone():
    ids, offsets = np.array([0, 1, 2, 3, 0, 4], np.int32), np.array([0, 0, 6, 6])
    tables = Tables(np.full(5, 2**32 - 1, np.uint32), alias_table(np.ones(5)))
    v, u = np.ones((5, 4)), np.zeros((6, 4))
    chunk = Chunk(2, 4, 1, stream_key(1, 3), 0.1, 0.0)
    loss, pairs, words = reference.train_chunk(ids, offsets, chunk, tables, v, u, 3, 1, False, 1)
    assert (pairs, words) == (4, 2)
    assert loss > 0
    assert np.all(v[:, 3] == 1)
    assert np.all(u[:, 3] == 0)
    assert np.any(u[:, :3] != 0)
