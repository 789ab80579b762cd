"""The logistic function and its loss, emitted as vectors and plain, against float64."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit
from scipy.special import expit

from skipgram.kernels.tiles import TileShape, tile_steps

SCORES = np.concatenate([np.linspace(-100, 100, 40_001), np.linspace(-1e-3, 1e-3, 101), [1e38, -1e38]]).astype(np.float32)


def steps_and_losses(lanes, label, scores=SCORES):
    """Run `tile_steps` on one score at a time, as only the sum of the losses comes out; rate and weights are 1."""
    outputs, padded = 1, TileShape(1, 1, lanes).padded_outputs

    @njit(error_model="numpy")
    def run(scores, labels, weights, steps, losses):
        tile = np.zeros(padded, np.float32)
        for n in range(len(scores)):
            tile[0] = scores[n]
            losses[n] = tile_steps(tile, 0, 1, weights, labels, 0, weights, 0, np.float32(1.0), outputs, lanes)
            steps[n] = tile[0]

    labels, weights = np.full(padded, label, np.float32), np.eye(1, padded, dtype=np.float32)[0]
    steps, losses = np.empty_like(scores), np.empty_like(scores)
    run(scores, labels, weights, steps, losses)
    return steps, losses


@pytest.mark.parametrize("label", [0, 1])
@pytest.mark.parametrize("lanes", [1, 4, 8, 16])
def test_step_and_loss_are_exact_to_a_millionth(lanes, label):
    x = SCORES.astype(float)
    steps, losses = steps_and_losses(lanes, label)
    assert np.abs(steps - (label - expit(x))).max() < 1e-6
    exact = np.logaddexp(0, (1 - 2 * label) * x)
    # The smallest losses, e^-80, may be off by more of themselves: the exponent has float32's digits only.
    assert np.all(np.abs(losses - exact) <= np.where(exact > 1e-6, 1e-6 * exact, 2e-5 * exact + 1e-37))


@pytest.mark.parametrize("label", [0, 1])
@pytest.mark.parametrize("lanes", [1, 4, 8, 16])
def test_a_score_that_is_not_finite_has_no_finite_loss(lanes, label):
    right, wrong = (np.inf, -np.inf) if label else (-np.inf, np.inf)
    _, losses = steps_and_losses(lanes, label, np.array([np.nan, wrong], np.float32))
    assert not np.isfinite(losses).any()
    assert np.all(np.abs(steps_and_losses(lanes, label, np.array([right], np.float32))[0]) <= 1)
