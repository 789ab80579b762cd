"""The plain steps against the oracle; the emitted ones are tested with the tiles."""

from __future__ import annotations

import numpy as np
import pytest

from skipgram.kernels import reference
from skipgram.kernels.optimizers import (
    ADAGRAD,
    ADAM,
    SGD,
    begin_step,
    make_steps,
    state_width,
    step_plain_row,
)


@pytest.mark.parametrize("optimizer", [SGD, ADAGRAD, ADAM])
def test_plain_steps_are_those_of_the_oracle(optimizer):
    rng = np.random.default_rng(1)
    matrix = rng.normal(size=(3, 16)).astype(np.float32)
    states = np.zeros((3, state_width(optimizer, 16)), np.float32)
    exact = reference.Parameters(matrix.astype(float), optimizer)
    steps, rate = make_steps(3), np.float32(0.05)
    for _ in range(4):
        row, gradient = int(rng.integers(1, 3)), rng.normal(size=16).astype(np.float32)
        begin_step(steps, 2, row, states, rate, optimizer)
        assert steps.starts[2] == row * states.shape[1]
        correction = steps.corrections[2]
        step_plain_row(
            matrix[row],
            gradient,
            np.float32(-2),
            states[row],
            steps.rates[2],
            correction,
            optimizer,
        )
        exact.step([row], 2 * gradient[None].astype(float), 0.05)
        assert matrix == pytest.approx(exact.matrix, rel=1e-5, abs=1e-6)
    assert not states[0].any()


def test_the_averages_of_adam_are_corrected_by_the_steps_of_the_row_itself():
    states, steps = np.zeros((2, state_width(ADAM, 16)), np.float32), make_steps(1)
    for t in range(1, 5):
        begin_step(steps, 0, 1, states, np.float32(0.1), ADAM)
        assert steps.rates[0] == pytest.approx(0.1 / (1 - 0.9**t), rel=1e-5)
        assert steps.corrections[0] == pytest.approx(1 / (1 - 0.999**t), rel=1e-4)
    begin_step(steps, 0, 0, states, np.float32(0.1), ADAM)
    assert steps.rates[0] == pytest.approx(1.0, rel=1e-5)
