"""The merging of replicas against plain NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from skipgram.kernels.merging import factors_of_mean, merge_rows


@pytest.mark.parametrize("replicas", [1, 2, 5])
def test_rows_take_the_sum_of_all_changes_times_their_factor(replicas):
    rng = np.random.default_rng(replicas)
    snapshot = rng.normal(size=(7, 48)).astype(np.float32)
    copies = snapshot + rng.normal(size=(replicas, 7, 48)).astype(np.float32)
    factors = rng.uniform(1 / replicas, 1, 7).astype(np.float32)
    exact = snapshot.astype(float)
    exact += factors[:, None] * (copies.astype(float) - exact).sum(axis=0)
    before, copies_before = snapshot.copy(), copies.copy()
    merge_rows(snapshot, copies, factors, 2, 6)
    assert snapshot[2:6] == pytest.approx(exact[2:6], rel=1e-5, abs=1e-5)
    assert (copies[:, 2:6] == snapshot[2:6]).all()
    for rows in (slice(0, 2), slice(6, 7)):
        assert (snapshot[rows] == before[rows]).all()
        assert (copies[:, rows] == copies_before[:, rows]).all()


def test_what_no_replica_changed_keeps_its_bits():
    snapshot = np.array([[-0.0, 0.0, 0.1, -0.3]], np.float32)
    copies = np.stack([snapshot, snapshot])
    before = snapshot.tobytes()
    merge_rows(snapshot, copies, np.full(1, 0.7, np.float32), 0, 1)
    assert snapshot.tobytes() == copies[0].tobytes() == copies[1].tobytes() == before


def test_a_value_that_is_not_finite_is_passed_on():
    snapshot = np.zeros((1, 4), np.float32)
    copies = np.stack([snapshot, snapshot])
    copies[1, 0, 2] = np.nan
    merge_rows(snapshot, copies, np.ones(1, np.float32), 0, 1)
    assert np.isnan(snapshot[0]).tolist() == [False, False, True, False]


def test_the_factor_of_a_mean_counts_the_replicas_that_changed():
    snapshot = np.zeros((4, 8), np.float32)
    copies = np.zeros((3, 4, 8), np.float32)
    copies[1, 1, 7] = 1.0
    copies[:, 2, 0] = 1.0
    factors = np.zeros(4, np.float32)
    factors_of_mean(snapshot, copies, factors, 0, 3)
    assert factors.tolist() == [1.0, 1.0, pytest.approx(1 / 3), 0.0]
