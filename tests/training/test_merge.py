"""The factor of the summed changes of a row, and the merging of blocks of rows."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from skipgram.training.merge import factors_of_sum, merge, merge_averages


def factors(*updates: list[float], contraction: float = 0.01) -> NDArray[np.float32]:
    return factors_of_sum([np.array(each, np.float32) for each in updates], contraction)


def test_a_row_that_one_replica_updated_takes_its_whole_change() -> None:
    found = factors([1, 1e6, 0, 0], [0, 0, 30, 0])
    assert found == pytest.approx(np.ones(4))


def test_rare_updates_are_summed_and_frequent_ones_are_averaged() -> None:
    found = factors(*[[1e-3, 1e9]] * 4)
    assert found == pytest.approx([1, 1 / 4], rel=1e-3)


def test_without_contraction_all_changes_are_summed() -> None:
    assert factors([5, 1e6], [5, 1e6], contraction=0.0) == pytest.approx([1, 1])


def test_equal_replicas_go_as_far_as_one_that_trained_all() -> None:
    # p(n) = c n / (1 + c n); two replicas of 100 updates each, c = 0.01: p(200) / (2 p(100)).
    assert factors([100], [100]) == pytest.approx([(2 / 3) / (2 * 1 / 2)])


def test_a_factor_lies_between_the_mean_and_the_sum_and_falls_with_the_updates() -> None:
    counts = np.geomspace(1e-3, 1e6, 40).tolist()
    found = factors(counts, counts[::-1], counts)
    assert ((found >= 1 / 3 - 1e-6) & (found <= 1 + 1e-6)).all()
    equal = factors(counts, counts)
    assert (np.diff(equal) <= 0).all()


def test_a_mean_is_taken_over_the_replicas_that_changed() -> None:
    snapshot = np.zeros((3, 4), np.float32)
    copies = np.zeros((2, 3, 4), np.float32)
    copies[0, 1] = 1.0
    copies[:, 2, 3] = [1.0, 3.0]
    merge_averages(snapshot, copies, np.empty(3, np.float32), slice(0, 3))
    assert snapshot[0].tolist() == [0, 0, 0, 0]
    assert snapshot[1].tolist() == [1, 1, 1, 1]
    assert snapshot[2].tolist() == [0, 0, 0, 2]


def test_blocks_of_rows_have_the_bits_of_the_whole() -> None:
    rng = np.random.default_rng(1)
    snapshot = rng.normal(size=(10, 16)).astype(np.float32)
    copies = snapshot + rng.normal(size=(2, 10, 16)).astype(np.float32)
    of_rows = factors_of_sum(list(rng.uniform(0, 100, (2, 10)).astype(np.float32)), 0.1)
    whole, whole_copies = snapshot.copy(), copies.copy()
    merge(whole, whole_copies, of_rows, slice(0, 10))
    for rows in (slice(6, 10), slice(0, 3), slice(3, 6)):
        merge(snapshot, copies, of_rows, rows)
    assert snapshot.tobytes() == whole.tobytes()
    assert copies.tobytes() == whole_copies.tobytes()
