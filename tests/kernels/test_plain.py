"""The plain loops against the oracle, in rows whose width is not a whole number of vectors."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit
from tile_problem import (
    INPUTS,
    check_scores,
    check_step_input,
    check_steps,
    check_update,
    make_problem,
    set_steps,
)

from skipgram.kernels import plain
from skipgram.kernels.optimizers import ADAGRAD, ADAM, SGD


@njit
def scores(form, tile, inputs, matrices, scratch):
    plain.scores(form, tile, inputs, matrices, scratch)


@njit
def steps(form, tile, inputs, rate, scratch):
    return plain.steps(form, tile, inputs, rate, scratch)


@njit
def losses(form, tile, inputs, scratch):
    return plain.losses(form, tile, inputs, scratch)


@njit
def update(form, tile, inputs, matrices, scratch):
    plain.update(form, tile, inputs, matrices, scratch)


@njit
def step_input(form, n, gradient_at, scale, inputs, matrices, scratch):
    plain.step_input(form, n, gradient_at, scale, inputs, matrices, scratch)


def test_scores_are_the_products_of_the_rows():
    check_scores(scores, make_problem(1))


@pytest.mark.parametrize("group", [1, 4])
def test_steps_are_the_gradients_of_the_loss(group):
    check_steps(steps, losses, make_problem(1, group=group))


@pytest.mark.parametrize("optimizer", [SGD, ADAGRAD, ADAM])
def test_an_update_steps_the_outputs_and_adds_up_the_gradients_of_the_inputs(optimizer):
    check_update(update, make_problem(1, optimizer))


@pytest.mark.parametrize("optimizer", [SGD, ADAGRAD, ADAM])
def test_an_input_row_takes_its_step_with_a_part_of_the_gradient(optimizer):
    check_step_input(step_input, make_problem(1, optimizer))


def test_an_update_of_fewer_inputs_leaves_the_gradients_of_the_others():
    problem = make_problem(1)
    set_steps(problem)
    problem.scratch.gradients[:] = 1
    inputs = problem.inputs._replace(count=2)
    update(problem.form, problem.tile, inputs, problem.matrices, problem.scratch)
    gradients = problem.scratch.gradients
    assert (gradients[:2, : problem.width] != 1).all()
    assert (gradients[2:INPUTS] == 1).all()


def test_a_score_of_nan_makes_the_loss_nan_and_is_noticed_without_it():
    problem = make_problem(1)
    problem.scratch.scores[:] = 0
    problem.scratch.scores[problem.pairs[2, 4]] = np.nan
    problem.scratch.drawn[:] = 1
    assert np.isnan(losses(problem.form, problem.tile, problem.inputs, problem.scratch))
    rate = np.float32(1)
    assert np.isnan(steps(problem.form, problem.tile, problem.inputs, rate, problem.scratch))
