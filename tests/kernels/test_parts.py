"""Functions that kernels are made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from skipgram.kernels.cache import compiled
from skipgram.kernels.parts import called, inlined, merged


@pytest.mark.parametrize("decorate", [called, inlined, merged])
@pytest.mark.parametrize("first", ["part", "kernel"])
def test_kernels_and_python_call_parts(decorate: Callable[[Any], Any], first: str) -> None:
    @decorate
    def weighted(numbers: Any, weight: Any) -> Any:
        total = 0.0
        for number in numbers:
            total += weight * number
        return total

    # Not a closure, which a kernel must not be.
    namespace = {"weighted": weighted}
    exec("def kernel(numbers, weight):\n    return 1 + weighted(numbers, weight)", namespace)
    numbers = np.arange(4.0)
    kernel = compiled()(namespace["kernel"])
    if first == "part":
        assert weighted(numbers, 2.0) == 12
    assert kernel(numbers, 2.0) == 13
    assert weighted(numbers, 2.0) == 12
    assert weighted(numbers, 3.0) == 18


@pytest.mark.parametrize("decorate", [called, inlined])
def test_a_part_has_no_machine_code_of_its_own(decorate: Callable[[Any], Any]) -> None:
    @decorate
    def double(number: Any) -> Any:
        return 2 * number

    namespace = {"double": double}
    exec("def kernel(number):\n    return double(number) + 1", namespace)
    kernel = compiled()(namespace["kernel"])
    assert kernel(4) == 9
    if not hasattr(double, "overloads"):
        pytest.skip("nothing is compiled with NUMBA_DISABLE_JIT=1")
    (part,), (whole,) = double.overloads.values(), kernel.overloads.values()
    engine = part.library.codegen._engine
    assert not engine.is_symbol_defined(part.fndesc.mangled_name)
    assert engine.is_symbol_defined(whole.fndesc.mangled_name)
