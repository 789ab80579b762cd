"""Each tile function against the oracle: vectors of every width, and plain loops (one lane)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
from numba import njit

from skipgram.kernels import reference, tiles
from skipgram.kernels.form import Form
from skipgram.kernels.layout import InputRows, Matrices, Tile, make_tile_scratch
from skipgram.kernels.optimizers import ADAGRAD, ADAM, SGD, begin_step, state_width
from skipgram.kernels.plan import TilePlan, TileShape

LANES = [1, 4, 8, 16]
OUTPUTS, INPUTS, STRIDE = 6, 5, 32
RATE = np.float32(0.05)


@njit
def scores(form, tile, inputs, matrices, scratch):
    tiles.tile_scores(form, tile, inputs, matrices, scratch)


@njit
def steps(form, tile, inputs, rate, scratch):
    return tiles.tile_steps(form, tile, inputs, rate, scratch)


@njit
def update(form, tile, inputs, matrices, scratch):
    tiles.tile_update(form, tile, inputs, matrices, scratch)


@njit
def update_in_place(form, tile, inputs, matrices, scratch):
    tiles.tile_update_in_place(form, tile, inputs, matrices, scratch)


@njit
def step_input(form, n, gradient_at, scale, inputs, matrices, scratch):
    tiles.step_input(form, n, gradient_at, scale, inputs, matrices, scratch)


class Problem(NamedTuple):
    """Rows 2, 4, 5, ... of the input matrix and rows 9, 8, ... of the output matrix as a tile.

    The tile is the second of its group, so nothing begins at 0.
    """

    form: Form
    tile: Tile
    inputs: InputRows
    matrices: Matrices
    scratch: Any
    input_rows: np.ndarray
    output_rows: np.ndarray

    @property
    def v(self):
        return self.matrices.input[self.input_rows].astype(float)

    @property
    def u(self):
        return self.matrices.output[self.output_rows].astype(float)

    @property
    def pairs(self):
        """The numbers of the pairs in the scores, (C, O)."""
        row = np.arange(INPUTS)[:, None] * self.form.shape.padded_outputs
        return self.tile.scores + row + np.arange(OUTPUTS)


def make_problem(lanes, optimizer=SGD, group=1):
    rng = np.random.default_rng(lanes)
    shape = TileShape(OUTPUTS, 1 if lanes == 1 else 2, lanes)
    plan = TilePlan(shape, 2, STRIDE, STRIDE)
    scratch = make_tile_scratch(plan, 3)
    input_rows, output_rows = np.array([2, 4, 5, 0, 7]), np.array([9, 8, 3, 1, 2, 6])
    tile = Tile(OUTPUTS, shape.padded_outputs, 7 * shape.padded_outputs)
    scratch.outputs[tile.outputs :][:OUTPUTS] = output_rows * STRIDE
    scratch.drawn[:] = 0
    v, u = rng.normal(0, 0.3, (2, 10, STRIDE)).astype(np.float32)
    states = np.zeros((2, 10, state_width(optimizer, STRIDE)), np.float32)
    totals = rng.integers(1, 4, INPUTS).astype(np.float32)
    return Problem(
        Form(shape, group=group, optimizer=optimizer),
        tile,
        InputRows(v, input_rows * STRIDE, totals, INPUTS),
        Matrices(v, u, states[0], states[1], np.zeros(0, np.uint8), STRIDE),
        scratch,
        input_rows,
        output_rows,
    )


@pytest.mark.parametrize("lanes", LANES)
def test_scores_are_the_products_of_the_rows(lanes):
    problem = make_problem(lanes)
    problem.scratch.scores[:] = 77
    scores(problem.form, problem.tile, problem.inputs, problem.matrices, problem.scratch)
    found = problem.scratch.scores[problem.pairs]
    assert found == pytest.approx(problem.v @ problem.u.T, rel=1e-5, abs=1e-6)
    end = problem.tile.scores + INPUTS * problem.form.shape.padded_outputs
    assert (problem.scratch.scores[: problem.tile.scores] == 77).all()
    assert (problem.scratch.scores[end:] == 77).all()


@pytest.mark.parametrize("lanes", LANES)
@pytest.mark.parametrize("group", [1, 4])
def test_steps_are_the_gradients_of_the_loss(lanes, group):
    problem, rng = make_problem(lanes, group=group), np.random.default_rng(3)
    tile, scratch, totals = problem.tile, problem.scratch, problem.inputs.totals
    labels, drawn = rng.integers(0, 2, OUTPUTS), rng.integers(0, 4, OUTPUTS) / 2
    scratch.labels[tile.labels :][:OUTPUTS] = labels
    scratch.drawn[tile.labels :][:OUTPUTS] = drawn
    seen = totals[:, None] * labels
    if group > 1:  # each pair has its own count
        seen = rng.integers(0, totals[:, None] + 1, (INPUTS, OUTPUTS))
        scratch.seen[problem.pairs] = seen
    pairs = seen.astype(float), drawn * (totals[:, None] - seen)
    scratch.scores[problem.pairs] = problem.v @ problem.u.T
    loss = steps(problem.form, tile, problem.inputs, RATE, scratch)
    assert loss == pytest.approx(reference.window_loss(problem.v, problem.u, *pairs), rel=1e-5)
    dv, du = reference.window_gradients(problem.v, problem.u, *pairs)
    found = scratch.scores[problem.pairs].astype(float)
    assert found @ problem.u == pytest.approx(-RATE * dv, rel=1e-4, abs=1e-6)
    assert found.T @ problem.v == pytest.approx(-RATE * du, rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("lanes", LANES)
@pytest.mark.parametrize("optimizer", [SGD, ADAGRAD, ADAM])
def test_an_update_steps_the_outputs_and_adds_up_the_gradients_of_the_inputs(lanes, optimizer):
    problem, rng = make_problem(lanes, optimizer), np.random.default_rng(4)
    tile, matrices, scratch = problem.tile, problem.matrices, problem.scratch
    g = rng.normal(0, 0.1, (INPUTS, OUTPUTS)).astype(np.float32)
    scratch.scores[problem.pairs] = g
    scratch.gradients[:] = 1
    v, u = problem.v, problem.u
    output = reference.Parameters(matrices.output.astype(float), optimizer)
    output.step(problem.output_rows, -g.T.astype(float) @ v, 1.0 if optimizer == SGD else RATE)
    for n, row in enumerate(problem.output_rows):
        at, states = tile.outputs + n, matrices.output_states
        begin_step(scratch.output_steps, at, row, states, RATE, optimizer)
    update(problem.form, tile, problem.inputs, matrices, scratch)
    assert matrices.output == pytest.approx(output.matrix, rel=1e-4, abs=1e-6)
    assert scratch.gradients[:INPUTS] == pytest.approx(1 + g @ u, rel=1e-5, abs=1e-6)
    assert problem.v.tolist() == v.tolist()


@pytest.mark.parametrize("lanes", [4, 8, 16])
def test_an_update_in_place_steps_the_inputs_too_at_old_values(lanes):
    problem, rng = make_problem(lanes), np.random.default_rng(5)
    matrices = problem.matrices
    g = rng.normal(0, 0.1, (INPUTS, OUTPUTS)).astype(np.float32)
    problem.scratch.scores[problem.pairs] = g
    v, u = problem.v, problem.u
    others = np.delete(matrices.input, problem.input_rows, axis=0)
    update_in_place(problem.form, problem.tile, problem.inputs, matrices, problem.scratch)
    assert problem.v == pytest.approx(v + g @ u, rel=1e-5, abs=1e-6)
    assert problem.u == pytest.approx(u + g.T @ v, rel=1e-5, abs=1e-6)
    assert (np.delete(matrices.input, problem.input_rows, axis=0) == others).all()


@pytest.mark.parametrize("lanes", LANES)
@pytest.mark.parametrize("optimizer", [SGD, ADAGRAD, ADAM])
def test_an_input_row_takes_its_step_with_a_part_of_the_gradient(lanes, optimizer):
    problem = make_problem(lanes, optimizer)
    matrices, scratch, row = problem.matrices, problem.scratch, problem.input_rows[3]
    scratch.gradients[1] = np.linspace(-1, 1, STRIDE)
    exact = reference.Parameters(matrices.input.astype(float), optimizer)
    gradient = -0.5 * scratch.gradients[1:2].astype(float)
    exact.step([row], gradient, 1.0 if optimizer == SGD else RATE)
    begin_step(scratch.input_steps, 3, row, matrices.input_states, RATE, optimizer)
    half = np.float32(0.5)
    step_input(problem.form, 3, STRIDE, half, problem.inputs, matrices, scratch)
    assert matrices.input == pytest.approx(exact.matrix, rel=1e-4, abs=1e-6)
