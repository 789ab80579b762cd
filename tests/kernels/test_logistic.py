"""The logistic function and its loss, emitted as vectors and plain, against float64."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit
from scipy.special import expit

from skipgram.kernels.form import Form
from skipgram.kernels.layout import InputRows, Tile, make_tile_scratch
from skipgram.kernels.optimizers import ADAM, SGD
from skipgram.kernels.plan import TileShape, plan_tiles
from skipgram.kernels.tiles import tile_losses, tile_steps

SCORES = np.concatenate(
    [np.linspace(-100, 100, 40_001), np.linspace(-1e-3, 1e-3, 101), [1e38, -1e38]]
).astype(np.float32)


def steps_and_losses(lanes, label, optimizer=ADAM, scores=SCORES):
    """Run the tile on one score at a time, because it returns only the sum of the losses."""
    shape = TileShape(1, 1, lanes)

    @njit(error_model="numpy")
    def run(form, inputs, scratch, scores, steps, losses):
        tile = Tile(0, 0, 0, 0)
        for n in range(len(scores)):
            scratch.scores[0] = scores[n]
            losses[n] = tile_losses(form, tile, inputs, scratch)
            losses[n] += tile_steps(form, tile, inputs, np.float32(1.0), scratch)
            steps[n] = scratch.scores[0]

    once = np.eye(1, shape.padded_outputs, dtype=np.float32)[0]
    scratch = make_tile_scratch(plan_tiles(1, 1), 1)._replace(
        scores=np.zeros_like(once), labels=label * once, drawn=once
    )
    start = np.zeros(1, np.int64)
    inputs = InputRows(np.zeros((1, 16), np.float32), start, once[:1], start, 1)
    steps, losses = np.empty_like(scores), np.empty_like(scores)
    run(Form(shape, optimizer=optimizer), inputs, scratch, scores, steps, losses)
    return steps, losses


@pytest.mark.parametrize("label", [0, 1])
@pytest.mark.parametrize("lanes", [1, 4, 8, 16])
@pytest.mark.parametrize("optimizer", [SGD, ADAM])
def test_step_and_loss_are_exact_to_a_millionth(lanes, label, optimizer):
    x = SCORES.astype(float)
    steps, losses = steps_and_losses(lanes, label, optimizer)
    exact = expit(-x) if label else -expit(x)
    assert np.abs(steps - exact).max() < 1.2e-6
    # An almost certain pair keeps its digits: Adam takes as long a step with e^-30 as with 1.
    if optimizer == ADAM:
        assert np.all(np.abs(steps - exact) <= 2e-5 * np.abs(exact) + 1e-34)
    exact = np.logaddexp(0, (1 - 2 * label) * x)
    # The smallest losses, e^-80, have a larger relative error: the exponent is a float32.
    assert np.all(
        np.abs(losses - exact) <= np.where(exact > 1e-6, 1e-6 * exact, 2e-5 * exact + 1e-37)
    )


@pytest.mark.parametrize("label", [0, 1])
@pytest.mark.parametrize("lanes", [1, 4, 8, 16])
@pytest.mark.parametrize("optimizer", [SGD, ADAM])
def test_a_score_that_is_not_finite_has_no_finite_loss(lanes, label, optimizer):
    scores = np.array([np.nan, np.inf, -np.inf], np.float32)
    steps, losses = steps_and_losses(lanes, label, optimizer, scores)
    assert not np.isfinite(losses).any()
    assert np.all(np.abs(steps[1:]) <= 1)
