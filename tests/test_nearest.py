from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import skipgram.nearest
from skipgram.nearest import nearest, top_places


@settings(max_examples=200, deadline=None)
@given(
    length=st.integers(1, 6000),
    n=st.integers(1, 40),
    kinds=st.sampled_from([1, 3, 10**6]),
    seed=st.integers(0, 2**32),
)
def test_the_largest_are_those_of_a_full_sort(length: int, n: int, kinds: int, seed: int) -> None:
    row = np.random.default_rng(seed).integers(0, kinds, length).astype(np.float32)
    row[seed % length] = -np.inf
    assert top_places(row, n).tolist() == np.argsort(-row, kind="stable")[:n].tolist()


@settings(max_examples=200, deadline=None)
@given(
    rows=st.integers(2, 700),
    asked=st.integers(1, 40),
    candidates=st.integers(1, 700),
    n=st.one_of(st.integers(1, 12), st.integers(100, 800)),
    kinds=st.sampled_from([1, 3, 10**6]),
    block=st.sampled_from([1, 100, 5000, 10**6]),
    seed=st.integers(0, 2**32),
)
def test_the_nearest_of_many_are_those_of_a_full_sort(
    rows: int, asked: int, candidates: int, n: int, kinds: int, block: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    # Whole numbers, so that every way to add up their products is exact and equal ones are equal.
    units = rng.integers(0, kinds, (rows, 2)).astype(np.float32) % 1000
    queries, candidates = rng.integers(0, rows, asked), min(candidates, rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(skipgram.nearest, "_BLOCK_SCORES", block)
        values, places = nearest(units, units[queries], queries.tolist(), candidates, n)
    assert values.shape == places.shape == (asked, min(n, candidates))
    for query, found, where in zip(queries, values, places, strict=True):
        scores = units[:candidates] @ units[query]
        scores[query : query + 1] = -np.inf
        order = np.argsort(-scores, kind="stable")[:n]
        assert found.tolist() == scores[order].tolist()
        others = np.isfinite(found)
        assert where[others].tolist() == order[others].tolist()


def test_a_score_of_nan_is_not_an_answer() -> None:
    units = np.eye(80, dtype=np.float32)
    units[3] = np.nan
    values, places = nearest(units, units[:20], range(20), 80, 80)
    assert 3 not in places[0][np.isfinite(values[0])]
    assert np.isfinite(values[0]).sum() == 78
