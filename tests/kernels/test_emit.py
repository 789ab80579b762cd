"""The vector instructions, each in an intrinsic of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numba import njit
from numba.core import cgutils

from skipgram.kernels.emit import Array, Emitter, emitted, int64
from skipgram.kernels.form import Form
from skipgram.kernels.plan import TileShape


def kernel_of(write: Callable[[Emitter, Array, Array, int], None]) -> Callable[..., None]:
    """Return a compiled function of (form, source, target) that writes what `write` emits."""

    @emitted(None)
    def function(emit: Emitter, form: Form, source: Array, target: Array) -> None:
        write(emit, source, target, form.shape.outputs)

    @njit
    def run(form: Any, source: Any, target: Any) -> None:
        function(form, source, target)

    return run


def add_up(emit: Emitter, source: Array, target: Array, count: int) -> None:
    vectors = [emit.load(source.address, int64(n * emit.lanes)) for n in range(count)]
    for block, packed in enumerate(emit.sums(vectors)):
        emit.store(packed, target.address, int64(block * emit.lanes))


@pytest.mark.parametrize("lanes", [4, 8, 16])
@pytest.mark.parametrize("count", [1, 2, 3, 6, 13, 16, 17])
def test_sums_are_packed_in_order(lanes: int, count: int) -> None:
    shape = TileShape(count, 1, lanes)
    source = np.random.default_rng(count).integers(-50, 50, (count, lanes)).astype(np.float32)
    target = np.zeros(shape.padded_outputs, np.float32)
    kernel_of(add_up)(Form(shape), source.ravel(), target)
    assert target[:count].tolist() == source.sum(axis=1).tolist()


def invert(emit: Emitter, source: Array, target: Array, count: int) -> None:
    with cgutils.for_range(emit.builder, int64(count)) as loop:
        at = emit.builder.mul(loop.index, int64(emit.lanes))
        emit.store(emit.inverse(emit.load(source.address, at)), target.address, at)


def invert_root(emit: Emitter, source: Array, target: Array, count: int) -> None:
    with cgutils.for_range(emit.builder, int64(count)) as loop:
        at = emit.builder.mul(loop.index, int64(emit.lanes))
        emit.store(emit.inverse_root(emit.load(source.address, at)), target.address, at)


@pytest.mark.parametrize("lanes", [4, 8, 16])
@pytest.mark.parametrize(
    ("write", "exact", "error"),
    [(invert, lambda x: 1 / x, 2e-7), (invert_root, lambda x: x**-0.5, 3e-7)],
)
def test_inverses_have_the_error_that_is_stated(
    lanes: int,
    write: Callable[[Emitter, Array, Array, int], None],
    exact: Callable[[Any], Any],
    error: float,
) -> None:
    x = np.geomspace(1e-16, 1e16, 4096).astype(np.float32)
    found = np.zeros_like(x)
    kernel_of(write)(Form(TileShape(len(x) // lanes, 1, lanes)), x, found)
    true = exact(x.astype(float))
    assert np.abs(found / true - 1).max() <= error
