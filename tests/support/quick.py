"""Which cases `make test` runs of a test that has many; `make test-all` runs all."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import pytest


def slow_unless(quick: Collection[Any], cases: Iterable[Any], *, several: bool = False) -> Any:
    """Return the cases for `pytest.mark.parametrize`, with all marked slow that are not `quick`.

    Args:
        quick: the cases that are not slow.
        cases: all cases.
        several: whether a case is a tuple of several arguments.
    """
    cases = list(cases)
    unknown = [case for case in quick if case not in cases]
    assert not unknown, f"not among the cases: {unknown}"
    arguments = [(case, case if several else (case,)) for case in cases]
    return [
        pytest.param(*values, marks=() if case in quick else pytest.mark.slow)
        for case, values in arguments
    ]
