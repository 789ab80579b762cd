from __future__ import annotations

import numpy as np
import pytest

from skipgram.kernels.largest import keep_largest


@pytest.mark.parametrize("n", [1, 3, 10, 200])
@pytest.mark.parametrize("block", [1, 63, 64, 130, 500])
def test_the_largest_of_all_blocks_are_kept_and_of_equal_ones_the_first(n: int, block: int) -> None:
    rng = np.random.default_rng(n * block)
    scores = rng.integers(-9, 9, (3, 500)).astype(np.float32)  # many are equal
    scores[rng.random(scores.shape) < 0.1] = np.nan
    values = np.full((3, n), -np.inf, np.float32)
    places = np.zeros((3, n), np.int64)
    for first in range(0, 500, block):
        keep_largest(np.ascontiguousarray(scores[:, first : first + block]), first, values, places)
    for query in range(3):
        numbers = [place for place in range(500) if not np.isnan(scores[query, place])]
        best = sorted(numbers, key=lambda place: (-scores[query, place], place))[:n]
        assert sorted(places[query].tolist()) == sorted(best)
        assert values[query].tolist() == scores[query, places[query]].tolist()
