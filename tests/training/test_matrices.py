"""Matrices that are trained: own and shared input vectors, and where rows begin."""

from __future__ import annotations

import numpy as np

from skipgram import TrainConfig
from skipgram.corpus.build import encode_corpus
from skipgram.training.matrices import Matrices, aligned_zeros


def test_rows_begin_on_cache_lines() -> None:
    matrix = aligned_zeros(5, 112)
    assert matrix.shape == (5, 112)
    assert matrix.ctypes.data % 64 == 0
    assert not matrix.any()


def test_shared_input_vectors_are_counted_and_given_away_once() -> None:
    config = TrainConfig(vector_size=8, optimizer="adagrad", validation=0.1, patience=1)
    with encode_corpus([["a", "b", "c"]] * 9) as corpus:
        own = Matrices(corpus, config, 16, 4, None)
        shared = Matrices(corpus, config, 16, 4, None, own)
    sizes, shared_sizes = dict(own.memory()), dict(shared.memory())
    assert sizes["input vectors"] == 3 * 16 * 4
    assert "input vectors" not in shared_sizes
    assert shared_sizes["vectors of the best epoch"] == shared_sizes["output vectors"]
    own.allocate()
    shared.allocate()
    assert shared.input is own.input
    assert shared.input_states is own.input_states
    own.keep()
    shared.keep()
    own.input += 1
    shared.output += 1
    shared.restore()
    assert not shared.output.any()
    assert own.input.mean() > 0.5  # the own ones bring it back
    own.restore()
    given = own.take_vectors()
    assert np.abs(given.input).max() <= 0.5 / 8
    assert given.nodes is None
    assert not len(shared.take_vectors().input)
