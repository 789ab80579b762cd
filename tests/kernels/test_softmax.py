"""Full softmax against the oracle, and the windows it trains on."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skipgram.kernels import reference
from skipgram.kernels.optimizers import ADAGRAD, ADAM, SGD, state_width
from skipgram.kernels.random import stream_key
from skipgram.kernels.softmax import Lists, Softmax, collect_windows
from skipgram.kernels.windows import Chunk, Reach, make_window_scratch


def lists(items):
    starts = np.concatenate([[0], np.cumsum([len(item) for item in items])]).astype(np.int64)
    return Lists(np.array([word for item in items for word in item], np.int32), starts)


@settings(max_examples=60, deadline=None)
@given(
    vocabulary=st.integers(2, 40),
    d=st.one_of(st.integers(1, 20), st.just(100)),
    optimizer=st.sampled_from([SGD, ADAGRAD, ADAM]),
    sizes=st.lists(st.tuples(st.integers(1, 4), st.integers(1, 6)), min_size=1, max_size=12),
    frozen=st.sampled_from([range(0), range(2), range(40)]),
    seed=st.integers(0, 2**32),
)
def test_batches_agree_with_the_oracle(vocabulary, d, optimizer, sizes, frozen, seed):
    rng = np.random.default_rng(seed)
    stride = -(-d // 16) * 16
    width = state_width(optimizer, stride)
    v, u = (np.zeros((vocabulary, stride), np.float32) for _ in range(2))
    v[:, :d], u[:, :d] = rng.normal(0, 0.5, (2, vocabulary, d))
    exact_v, exact_u = v[:, :d].astype(float), u[:, :d].astype(float)
    inputs, outputs = (
        reference.Parameters(exact_v, optimizer, frozen),
        reference.Parameters(exact_u, optimizer),
    )
    states = np.zeros((2, vocabulary, width), np.float32)
    given_v, marks = v.copy(), np.zeros(vocabulary if frozen else 0, np.uint8)
    marks[frozen.start : frozen.stop] = 1
    model = Softmax(v, u, states[0], states[1], marks, d, optimizer)
    for _ in range(3):
        batch = [
            (rng.integers(0, vocabulary, n).tolist(), rng.integers(0, vocabulary, m).tolist())
            for n, m in sizes
        ]
        before = exact_v.copy(), exact_u.copy()
        exact = reference.train_softmax_batch(inputs, outputs, batch, 0.02)
        loss = model.train_batch(
            lists([words for words, _ in batch]), lists([context for _, context in batch]), 0.02
        )
        assert loss == pytest.approx(exact, rel=1e-4, abs=1e-4)
        for new, true, old in ((v, exact_v, before[0]), (u, exact_u, before[1])):
            error, rounding = np.linalg.norm(new[:, :d] - true), 1e-6 * np.linalg.norm(true)
            assert error <= 1e-4 * np.linalg.norm(true - old) + rounding
    assert not v[:, d:].any()
    assert not u[:, d:].any()
    assert v[: len(frozen)].tobytes() == given_v[: len(frozen)].tobytes()


@pytest.mark.parametrize(
    "reach",
    [
        Reach(3, 3, True),
        Reach(2, 5, True),
        Reach(0, 4, False),
        Reach(4, 0, True),
        Reach(40, 40, False),
    ],
)
def test_windows_are_those_of_the_oracle(reach):
    rng = np.random.default_rng(1)
    lengths = [0, 1, 2, 50, 0, 30]
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    ids, keep = (
        rng.integers(0, 9, offsets[-1]).astype(np.int32),
        rng.integers(2**31, 2**32, 9).astype(np.uint32),
    )
    scratch = make_window_scratch(reach.furthest, 100)
    for first, last, sentence in ((0, 83, 0), (20, 60, 3)):
        chunk = Chunk(first, last, sentence, stream_key(4, 3), 0.1, 0.0)
        found = collect_windows(ids, offsets, chunk, keep, reach, scratch)
        exact = [
            window
            for part in reference.windows(ids, offsets, chunk, keep, reach)
            for window in part
        ]
        assert found.kept == len(exact)
        expected = [(window.target.number, window.around) for window in exact if window.around]
        starts = found.around.starts
        around = [found.around.words[a:b].tolist() for a, b in itertools.pairwise(starts)]
        assert list(zip(found.centres.tolist(), around, strict=True)) == expected


def test_lists_can_be_picked():
    some = lists([[1, 2], [3], [], [4, 5, 6]])
    picked = some.pick(np.array([3, 1, 3]))
    assert picked.words.tolist() == [4, 5, 6, 3, 4, 5, 6]
    assert picked.starts.tolist() == [0, 3, 4, 7]
    assert picked.numbers().tolist() == [0, 0, 0, 1, 2, 2, 2]
