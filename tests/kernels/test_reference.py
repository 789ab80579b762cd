"""The oracle itself: against finite differences, and against numbers worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from skipgram.kernels import reference
from skipgram.kernels.form import Form
from skipgram.kernels.hierarchical import huffman_tree, no_tree
from skipgram.kernels.layout import Sampling, Tables
from skipgram.kernels.optimizers import ADAGRAD, ADAM, SGD
from skipgram.kernels.random import alias_table, stream_key
from skipgram.kernels.windows import MEAN, Chunk, Reach


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
    inputs, outputs = rng.integers(1, 7), rng.integers(1, 8)
    d = rng.integers(1, 12)
    v, u = rng.normal(size=(inputs, d)), rng.normal(size=(outputs, d))
    window = v, u, *(rng.integers(0, 4, (2, inputs, outputs)) * 1.0)
    for matrix, gradient in zip((v, u), reference.window_gradients(*window), strict=True):
        numeric = finite_differences(lambda: reference.window_loss(*window), matrix)
        assert np.linalg.norm(gradient - numeric) / np.linalg.norm(numeric) < 1e-6


def test_one_pair_and_one_negative_by_hand():
    # u_o . v = 0 and u_n . v = ln 3, so sigmoid is 1/2 and 3/4; the loss is ln 2 + ln 4.
    v, u = np.array([[1.0, 0.0]]), np.array([[0.0, 2.0], [math.log(3), 1.0]])
    window = v, u, np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])
    assert reference.window_loss(*window) == pytest.approx(math.log(8))
    dv, du = reference.window_gradients(*window)
    assert dv == pytest.approx(np.array([[0.75 * math.log(3), -0.5 * 2 + 0.75]]))
    assert du == pytest.approx(np.array([[-0.5, 0.0], [0.75, 0.0]]))


def test_a_pair_that_counts_twice_counts_as_two():
    rng = np.random.default_rng(1)
    v, u = rng.normal(size=(2, 5)), rng.normal(size=(3, 5))
    seen, drawn = rng.integers(0, 3, (2, 2, 3)) * 1.0
    one, none = np.ones((1, 1)), np.zeros((1, 1))
    one_by_one = sum(
        seen[i, j] * reference.window_loss(v[[i]], u[[j]], one, none)
        + drawn[i, j] * reference.window_loss(v[[i]], u[[j]], none, one)
        for i in range(2)
        for j in range(3)
    )
    assert reference.window_loss(v, u, seen, drawn) == pytest.approx(one_by_one)


@pytest.mark.parametrize("seed", range(5))
def test_gradients_of_the_softmax_are_those_of_its_loss(seed):
    rng = np.random.default_rng(seed)
    vocabulary, d = rng.integers(2, 12), rng.integers(1, 9)
    h, u = rng.normal(size=d), rng.normal(size=(vocabulary, d))
    counts = rng.integers(0, 3, vocabulary).astype(np.float64)
    counts[0] += 1
    for matrix, gradient in zip((h, u), reference.softmax_gradients(h, u, counts), strict=True):
        numeric = finite_differences(lambda: reference.softmax_loss(h, u, counts), matrix)
        assert np.linalg.norm(gradient - numeric) / np.linalg.norm(numeric) < 1e-6


def test_softmax_of_one_pair_is_prediction_minus_one_hot():
    h, u = np.array([1.0, 2.0]), np.array([[0.5, 0.0], [0.0, 1.0], [1.0, 1.0]])
    y_hat = np.exp(u @ h) / np.exp(u @ h).sum()
    dh, du = reference.softmax_gradients(h, u, np.array([0.0, 1.0, 0.0]))
    error = y_hat - np.array([0.0, 1.0, 0.0])
    assert du == pytest.approx(np.outer(error, h))
    assert dh == pytest.approx(u.T @ error)
    assert reference.softmax_loss(h, u, np.array([0.0, 1.0, 0.0])) == pytest.approx(
        -math.log(y_hat[1])
    )


METHODS = {
    "negative": Form(),
    "pair": Form(pairwise=True),
    "hierarchical": Form(hierarchical=True),
    "cbow": Form(cbow=MEAN),
    "hierarchical cbow": Form(hierarchical=True, cbow=MEAN),
}


def one_window(method):
    """Return (train, v, u) for a chunk of one step: one pair, or a window of different words."""
    rng = np.random.default_rng(4)
    tree = huffman_tree(np.array([9, 7, 5, 3, 2]))
    tables = Tables(
        np.full(5, 2**32 - 1, np.uint32), Sampling(alias_table(np.ones(5)), 3, 1.0), tree
    )
    v, u = rng.normal(size=(5, 4)), rng.normal(size=(5, 4))
    chunk = Chunk(1, 2, 0, stream_key(1, 3), 0.01, 0.0)

    def train(v, u, optimizer):
        inputs, outputs = reference.Parameters(v, optimizer), reference.Parameters(u, optimizer)
        ids, reach = np.array([0, 1, 2], np.int32), Reach(1, 0 if method == "pair" else 1, False)
        return reference.train_chunk(
            METHODS[method], ids, np.array([0, 3]), chunk, tables, reach, inputs, outputs
        )[0]

    return train, v, u


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("optimizer", [SGD, ADAGRAD, ADAM])
def test_the_step_of_every_method_and_optimizer_is_that_of_its_finite_differences(
    method, optimizer
):
    train, v, u = one_window(method)
    numeric_v = finite_differences(lambda: train(v.copy(), u.copy(), SGD), v)
    numeric_u = finite_differences(lambda: train(v.copy(), u.copy(), SGD), u)
    new_v, new_u = v.copy(), u.copy()
    train(new_v, new_u, optimizer)
    for new, old, gradient in ((new_v, v, numeric_v), (new_u, u, numeric_u)):
        # In the first step both adaptive methods divide the gradient by its own size.
        step = (
            gradient
            if optimizer == SGD
            else np.where(np.abs(gradient) > 1e-6, np.sign(gradient), 0)
        )
        assert np.linalg.norm(new - (old - 0.01 * step)) <= 1e-6 * max(
            float(np.linalg.norm(step)), 1
        )


@pytest.mark.parametrize("optimizer", [SGD, ADAGRAD, ADAM])
def test_the_softmax_step_is_that_of_its_finite_differences(optimizer):
    rng = np.random.default_rng(5)
    v, u = rng.normal(size=(6, 4)), rng.normal(size=(6, 4))
    batch = [([0], [1, 2, 2]), ([3], [4]), ([0, 4], [5])]

    def train(v, u, optimizer):
        return reference.train_softmax_batch(
            reference.Parameters(v, optimizer), reference.Parameters(u, optimizer), batch, 0.01
        )

    numeric = [
        finite_differences(lambda: train(v.copy(), u.copy(), SGD), matrix) for matrix in (v, u)
    ]
    new_v, new_u = v.copy(), u.copy()
    train(new_v, new_u, optimizer)
    for new, old, gradient in zip((new_v, new_u), (v, u), numeric, strict=True):
        step = (
            gradient
            if optimizer == SGD
            else np.where(np.abs(gradient) > 1e-6, np.sign(gradient), 0)
        )
        assert np.linalg.norm(new - (old - 0.01 * step)) <= 1e-6 * np.linalg.norm(step)


def test_adagrad_and_adam_by_hand_over_three_steps():
    gradients = [0.5, -1.0, 2.0]
    for optimizer in (ADAGRAD, ADAM):
        parameters = reference.Parameters(np.array([[1.0], [7.0]]), optimizer)
        w = 1.0
        mean = square = 0.0
        for t, g in enumerate(gradients, 1):
            parameters.step([0], np.array([[g]]), 0.1)
            if optimizer == ADAGRAD:
                square += g * g
                w -= 0.1 * g / math.sqrt(square + 1e-16)
            else:
                mean, square = 0.9 * mean + 0.1 * g, 0.999 * square + 0.001 * g * g
                w -= 0.1 * (mean / (1 - 0.9**t)) / math.sqrt(square / (1 - 0.999**t) + 1e-16)
        assert parameters.matrix[0, 0] == pytest.approx(w)
        assert parameters.matrix[1, 0] == 7.0


def words_of(numbers):
    return [reference.Word(number, np.uint64(0)) for number in numbers]


def test_pairs_of_the_cat_sat_on_the_mat():
    the, cat, sat, on, mat = range(5)
    words = words_of([the, cat, sat, on, the, mat])
    around = [reference.contexts(words, n, Reach(1, 1, False)) for n in range(6)]
    pairs = [
        (words[n].number, other)
        for n, (before, after) in enumerate(around)
        for other in before + after
    ]
    assert pairs == [
        (the, cat), (cat, the), (cat, sat), (sat, cat), (sat, on),
        (on, sat), (on, the), (the, on), (the, mat), (mat, the),
    ]  # fmt: skip


def test_windows_can_be_lopsided():
    words = words_of(range(6))
    assert reference.contexts(words, 3, Reach(0, 2, False)) == ([], [4, 5])
    assert reference.contexts(words, 3, Reach(3, 0, False)) == ([0, 1, 2], [])


def test_a_draw_equal_to_the_target_counts_in_the_windows_of_other_targets_only():
    v, u = reference.Parameters(np.ones((3, 2)), SGD), reference.Parameters(np.zeros((3, 2)), SGD)
    rows = reference.sampled_rows([0, 1], [1, 1, 2], share=0.5)
    assert rows.numbers == [0, 1, 2]
    assert rows.drawn.tolist() == [0, 1, 0.5]
    # Word 2 is in the window of both target words: it sees each once. Target word 1 is drawn twice
    # as a negative of target word 0, and counts half each time.
    reference.train_windows(v, u, [[2], [2]], rows, 1.0)
    assert u.matrix[:, 0].tolist() == [0.5, 0.5 - 0.5 * 1, -0.5 * 0.5 * 2]


def test_negatives_follow_their_distribution():
    noise = alias_table(np.array([1.0, 3.0]))
    drawn = [
        reference.negatives(reference.Word(1, bits), noise, 8)
        for bits in np.arange(500, dtype=np.uint64)
    ]
    assert np.mean(drawn) == pytest.approx(0.75, abs=0.03)


def test_a_chunk_counts_its_own_words_only():
    ids, offsets = np.array([0, 1, 2, 3, 0, 4], np.int32), np.array([0, 0, 6, 6])
    tables = Tables(
        np.full(5, 2**32 - 1, np.uint32), Sampling(alias_table(np.ones(5)), 1, 1.0), no_tree()
    )
    inputs, outputs = (
        reference.Parameters(np.ones((5, 3)), SGD),
        reference.Parameters(np.zeros((6, 3)), SGD),
    )
    chunk = Chunk(2, 4, 1, stream_key(1, 3), 0.1, 0.0)
    loss, pairs, words = reference.train_chunk(
        Form(), ids, offsets, chunk, tables, Reach(1, 1, False), inputs, outputs
    )
    assert (pairs, words) == (4, 2)
    assert loss > 0
    assert np.any(outputs.matrix != 0)
