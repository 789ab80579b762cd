"""Each tile function against the oracle, as vectors of every width; with one lane, plain loops."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit
from tile_problem import (
    RATE,
    check_scores,
    check_step_input,
    check_steps,
    check_update,
    make_problem,
    set_steps,
)

from skipgram.kernels import plain, tiles
from skipgram.kernels.optimizers import ADAGRAD, ADAM, SGD

LANES = [4, 8, 16]


@njit
def scores(form, tile, inputs, matrices, scratch):
    tiles.tile_scores(form, tile, inputs, matrices, scratch)


@njit
def steps(form, tile, inputs, rate, scratch):
    return tiles.tile_steps(form, tile, inputs, rate, scratch)


@njit
def losses(form, tile, inputs, scratch):
    return tiles.tile_losses(form, tile, inputs, scratch)


@njit
def update(form, tile, inputs, matrices, scratch):
    tiles.tile_update(form, tile, inputs, matrices, scratch)


@njit
def update_in_place(form, tile, inputs, matrices, scratch):
    tiles.tile_update_in_place(form, tile, inputs, matrices, scratch)


@njit
def step_input(form, n, gradient_at, scale, inputs, matrices, scratch):
    tiles.step_input(form, n, gradient_at, scale, inputs, matrices, scratch)


@pytest.mark.parametrize("lanes", LANES)
def test_scores_are_the_products_of_the_rows(lanes):
    check_scores(scores, make_problem(lanes))


@pytest.mark.parametrize("lanes", LANES)
@pytest.mark.parametrize("group", [1, 4])
@pytest.mark.parametrize("optimizer", [SGD, ADAM])
def test_steps_are_the_gradients_of_the_loss(lanes, group, optimizer):
    check_steps(steps, losses, make_problem(lanes, optimizer, group))


@pytest.mark.parametrize("lanes", LANES)
@pytest.mark.parametrize("optimizer", [SGD, ADAGRAD, ADAM])
def test_an_update_steps_the_outputs_and_adds_up_the_gradients_of_the_inputs(lanes, optimizer):
    check_update(update, make_problem(lanes, optimizer))


@pytest.mark.parametrize("lanes", LANES)
def test_an_update_in_place_steps_the_inputs_too_at_old_values(lanes):
    problem = make_problem(lanes)
    matrices, g = problem.matrices, set_steps(problem)
    v, u = problem.v, problem.u
    others = np.delete(matrices.input, problem.input_rows, axis=0)
    update_in_place(problem.form, problem.tile, problem.inputs, matrices, problem.scratch)
    assert problem.v == pytest.approx(v + g @ u, rel=1e-5, abs=1e-6)
    assert problem.u == pytest.approx(u + g.T @ v, rel=1e-5, abs=1e-6)
    assert (np.delete(matrices.input, problem.input_rows, axis=0) == others).all()
    problem.check_padding()


@pytest.mark.parametrize("lanes", LANES)
@pytest.mark.parametrize("optimizer", [SGD, ADAGRAD, ADAM])
def test_an_input_row_takes_its_step_with_a_part_of_the_gradient(lanes, optimizer):
    check_step_input(step_input, make_problem(lanes, optimizer))


@njit
def train_tile(form, tile, inputs, matrices, scratch):
    tiles.tile_scores(form, tile, inputs, matrices, scratch)
    loss = tiles.tile_losses(form, tile, inputs, scratch)
    tiles.tile_steps(form, tile, inputs, RATE, scratch)
    tiles.tile_update(form, tile, inputs, matrices, scratch)
    tiles.tile_update_in_place(form, tile, inputs, matrices, scratch)
    tiles.step_input(form, 3, 0, np.float32(0.5), inputs, matrices, scratch)
    return loss


@njit
def train_plainly(form, tile, inputs, matrices, scratch):
    plain.scores(form, tile, inputs, matrices, scratch)
    loss = plain.losses(form, tile, inputs, scratch)
    plain.steps(form, tile, inputs, RATE, scratch)
    plain.update(form, tile, inputs, matrices, scratch)
    plain.update(form, tile, inputs, matrices, scratch)
    plain.step_input(form, 3, 0, np.float32(0.5), inputs, matrices, scratch)
    return loss


def test_tiles_of_one_lane_are_the_plain_loops():
    problem, same = make_problem(1), make_problem(1)
    problem.scratch.drawn[:] = same.scratch.drawn[:] = 1
    before = problem.v
    loss = train_tile(*problem[:5])
    assert loss == pytest.approx(train_plainly(*same[:5]), rel=1e-6)
    assert problem.v == pytest.approx(same.v, rel=1e-6)
    assert problem.u == pytest.approx(same.u, rel=1e-6)
    # Nothing is updated in place: of the input rows, only row 3 has taken its step.
    assert np.flatnonzero((problem.v != before).any(axis=1)).tolist() == [3]
