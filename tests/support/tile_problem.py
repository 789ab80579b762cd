"""A tile of a few rows, and what the functions of `tiles.py` and `plain.py` must do with it.

Each check calls a compiled function on the tile and compares the result with the oracle.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from skipgram.kernels import reference
from skipgram.kernels.form import Form
from skipgram.kernels.layout import InputRows, Matrices, Tile, make_tile_scratch
from skipgram.kernels.optimizers import SGD, begin_step, state_width
from skipgram.kernels.plan import TilePlan, TileShape

OUTPUTS, INPUTS = 6, 5
STRIDE = 48
PADDING = 7.0
"""What fills the rows beyond their width; it must be neither read nor written."""

RATE = np.float32(0.05)

Function = Callable[..., Any]


class Problem(NamedTuple):
    """Rows 2, 4, 5, ... of the input matrix and rows 9, 8, ... of the output matrix as a tile.

    The tile is the second of its group, so nothing begins at 0.
    """

    form: Form
    tile: Tile
    inputs: InputRows
    matrices: Matrices
    scratch: Any
    input_rows: NDArray[np.int64]
    output_rows: NDArray[np.int64]

    @property
    def width(self) -> int:
        """How many numbers of each row are trained."""
        return int(self.matrices.width)

    @property
    def v(self) -> NDArray[np.float64]:
        """The input rows, (C, d)."""
        return self.trained(self.matrices.input)[self.input_rows]

    @property
    def u(self) -> NDArray[np.float64]:
        """The output rows, (O, d)."""
        return self.trained(self.matrices.output)[self.output_rows]

    @property
    def pairs(self) -> NDArray[np.int64]:
        """The numbers of the pairs in the scores, (C, O)."""
        row = np.arange(INPUTS)[:, None] * self.form.shape.padded_outputs
        return np.asarray(self.tile.scores + row + np.arange(OUTPUTS))

    def trained(self, matrix: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return a matrix without the padding of its rows."""
        return matrix[:, : self.width].astype(float)

    def check_padding(self) -> None:
        """Check that the padding of all rows is unchanged."""
        for matrix in (self.matrices.input, self.matrices.output):
            assert (matrix[:, self.width :] == PADDING).all()


def make_problem(lanes: int, optimizer: int = SGD, group: int = 1) -> Problem:
    """Return a tile of random rows; their width is a whole number of vectors."""
    rng = np.random.default_rng(lanes)
    width = 30 if lanes == 1 else 32
    shape = TileShape(OUTPUTS, 1 if lanes == 1 else 2, lanes)
    plan = TilePlan(shape, 2, width, STRIDE)
    scratch = make_tile_scratch(plan, 3, group, OUTPUTS - group)
    input_rows, output_rows = np.array([2, 4, 5, 0, 7]), np.array([9, 8, 3, 1, 2, 6])
    tile = Tile(OUTPUTS, shape.padded_outputs, 7 * shape.padded_outputs, 3)
    scratch.outputs[tile.outputs :][:OUTPUTS] = output_rows * STRIDE
    scratch.drawn[:] = 0
    v, u = rng.normal(0, 0.3, (2, 10, STRIDE)).astype(np.float32)
    v[:, width:] = u[:, width:] = PADDING
    states = np.zeros((2, 10, state_width(optimizer, STRIDE)), np.float32)
    totals = rng.integers(1, 4, INPUTS).astype(np.float32)
    weights = np.array([4, 0, 2, 1, 3]) * 2 * shape.padded_outputs
    return Problem(
        Form(shape, group=group, optimizer=optimizer),
        tile,
        InputRows(v, input_rows * STRIDE, totals, weights, INPUTS),
        Matrices(v, u, states[0], states[1], np.zeros(0, np.uint8), width),
        scratch,
        input_rows,
        output_rows,
    )


def check_scores(scores: Function, problem: Problem) -> None:
    """Check that the scores are the products of the rows, and that no others are written."""
    written = problem.scratch.scores
    written[:] = 77
    scores(problem.form, problem.tile, problem.inputs, problem.matrices, problem.scratch)
    exact = problem.v @ problem.u.T
    assert written[problem.pairs] == pytest.approx(exact, rel=1e-5, abs=1e-6)
    end = problem.tile.scores + INPUTS * problem.form.shape.padded_outputs
    assert (written[: problem.tile.scores] == 77).all()
    assert (written[end:] == 77).all()


def check_steps(steps: Function, losses: Function, problem: Problem) -> None:
    """Check the sum of the losses, and that the steps are their gradients, times the rate."""
    tile, scratch = problem.tile, problem.scratch
    v, u = problem.v, problem.u
    window = v, u, *set_counts(problem)
    scratch.scores[problem.pairs] = v @ u.T
    loss = losses(problem.form, tile, problem.inputs, scratch)
    assert loss == pytest.approx(reference.window_loss(*window), rel=1e-5)
    assert steps(problem.form, tile, problem.inputs, RATE, scratch) == 0
    dv, du = reference.window_gradients(*window)
    found = scratch.scores[problem.pairs].astype(float)
    assert found @ u == pytest.approx(-RATE * dv, rel=1e-4, abs=1e-6)
    assert found.T @ v == pytest.approx(-RATE * du, rel=1e-4, abs=1e-6)
    scratch.scores[problem.pairs[2, 3]] = np.inf
    assert np.isnan(steps(problem.form, tile, problem.inputs, RATE, scratch))


def set_counts(problem: Problem) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Write into the scratch memory how often each pair was seen and drawn; return both, (C, O)."""
    rng = np.random.default_rng(3)
    tile, scratch = problem.tile, problem.scratch
    inputs = problem.inputs
    totals = inputs.totals[:, None].astype(float)
    labels, drawn = rng.integers(0, 2, OUTPUTS), rng.integers(0, 4, OUTPUTS) / 2
    if not problem.form.counts_seen:
        scratch.labels[tile.labels :][:OUTPUTS] = labels
        scratch.drawn[tile.labels :][:OUTPUTS] = drawn
        return totals * labels, drawn * (totals - totals * labels)
    seen = rng.integers(0, totals + 1, (INPUTS, OUTPUTS)).astype(float)
    scratch.weights[:] = 0
    for weights, own_seen, own_drawn in zip(inputs.weights, seen, totals - seen, strict=True):
        row = scratch.weights[tile.weights + weights :]
        row[:OUTPUTS] = own_seen
        row[problem.form.shape.padded_outputs :][:OUTPUTS] = own_drawn
    return seen, totals - seen


def check_update(update: Function, problem: Problem) -> None:
    """Check that output rows take their steps and the gradients of input rows are added up."""
    tile, scratch = problem.tile, problem.scratch
    matrices, optimizer = problem.matrices, problem.form.optimizer
    g = set_steps(problem)
    scratch.gradients[:] = 1
    v, u = problem.v, problem.u
    exact = reference.Parameters(problem.trained(matrices.output), optimizer)
    exact.step(problem.output_rows, -g.T @ v, 1.0 if optimizer == SGD else float(RATE))
    states = matrices.output_states
    for n, row in enumerate(problem.output_rows):
        begin_step(scratch.output_steps, tile.outputs + n, row, states, RATE, optimizer)
    update(problem.form, tile, problem.inputs, matrices, scratch)
    assert problem.trained(matrices.output) == pytest.approx(exact.matrix, rel=1e-4, abs=1e-6)
    gradients = scratch.gradients[:INPUTS]
    assert gradients[:, : problem.width] == pytest.approx(1 + g @ u, rel=1e-5, abs=1e-6)
    assert (gradients[:, problem.width :] == 1).all()
    assert problem.v.tolist() == v.tolist()
    problem.check_padding()


def check_step_input(step_input: Function, problem: Problem) -> None:
    """Check that an input row takes its optimizer's step with half of a gradient."""
    matrices, scratch = problem.matrices, problem.scratch
    optimizer, row = problem.form.optimizer, problem.input_rows[3]
    scratch.gradients[1] = np.linspace(-1, 1, STRIDE)
    exact = reference.Parameters(problem.trained(matrices.input), optimizer)
    gradient = -0.5 * problem.trained(scratch.gradients[1:2])
    exact.step([row], gradient, 1.0 if optimizer == SGD else float(RATE))
    begin_step(scratch.input_steps, 3, row, matrices.input_states, RATE, optimizer)
    half = np.float32(0.5)
    step_input(problem.form, 3, STRIDE, half, problem.inputs, matrices, scratch)
    assert problem.trained(matrices.input) == pytest.approx(exact.matrix, rel=1e-4, abs=1e-6)
    problem.check_padding()


def set_steps(problem: Problem) -> NDArray[np.float64]:
    """Write random steps of the pairs into the scratch memory; return them, (C, O)."""
    g = np.random.default_rng(4).normal(0, 0.1, (INPUTS, OUTPUTS)).astype(np.float32)
    problem.scratch.scores[problem.pairs] = g
    return g.astype(float)
