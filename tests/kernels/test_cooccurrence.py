from __future__ import annotations

import numpy as np
import pytest

from skipgram.kernels import cooccurrence
from skipgram.kernels.random import stream_key
from skipgram.kernels.softmax import collect_windows
from skipgram.kernels.windows import Chunk, Reach, make_window_scratch


def test_weights_of_pairs_are_the_mean_of_the_windows_drawn():
    ids, offsets = np.arange(8, dtype=np.int32), np.array([0, 8])
    keep, reach = np.full(8, 2**32 - 1, np.uint32), Reach(3, 2, True)
    scratch, draws = make_window_scratch(3, 8), 4000
    counted = np.zeros((8, 8))
    for n in range(draws):
        chunk = Chunk(0, 8, 0, stream_key(n, 3), 0.0, 0.0)
        found = collect_windows(ids, offsets, chunk, keep, reach, scratch)
        np.add.at(
            counted, (np.repeat(found.centres, np.diff(found.around.starts)), found.around.words), 1
        )
    rows, columns, weights = cooccurrence.weighted_pairs(
        ids, offsets, Chunk(0, 8, 0, stream_key(0, 3), 0.0, 0.0), keep, reach, scratch
    )
    weighed = np.zeros((8, 8))
    weighed[rows, columns] = weights
    assert weighed[4, 1] == pytest.approx(1 / 3)
    assert weighed[4, 5] == 1
    assert np.abs(counted / draws - weighed).max() < 0.04


def test_pairs_of_a_chunk_reach_over_its_end_but_not_over_that_of_the_sentence():
    ids, offsets = np.arange(6, dtype=np.int32), np.array([0, 4, 6])
    keep, reach = np.full(6, 2**32 - 1, np.uint32), Reach(1, 2, False)
    chunk = Chunk(2, 5, 0, stream_key(1, 3), 0.0, 0.0)
    scratch = make_window_scratch(reach.furthest, 6)
    pairs = cooccurrence.weighted_pairs(ids, offsets, chunk, keep, reach, scratch)
    found = list(zip(pairs.centres.tolist(), pairs.contexts.tolist(), strict=True))
    assert found == [(2, 1), (2, 3), (3, 2), (4, 5)]
    assert pairs.weights.tolist() == [1.0] * 4
