from __future__ import annotations

import numpy as np
import pytest

from skipgram.errors import ConfigError
from skipgram.matrices import as_counts, as_float32, at_least_one, rows_not_finite, unit_rows


def test_numbers_that_float32_does_not_hold_are_refused() -> None:
    assert as_float32([[1, 2.5]]).dtype == np.float32
    with pytest.raises(ConfigError, match="the largest float32"):
        as_float32([[1e39]])


def test_counts_are_whole_numbers() -> None:
    assert as_counts([3.0, 2]).tolist() == [3, 2]
    with pytest.raises(ConfigError, match="must hold whole numbers"):
        as_counts([2.5])


def test_rows_that_are_not_finite() -> None:
    rows = np.array([[1, np.nan], [2, 3], [-np.inf, np.inf], [3e38, 3e38]], np.float32)
    assert rows_not_finite(rows).tolist() == [0, 2]
    assert rows_not_finite(rows[[1, 3]]).tolist() == []  # though their sum is infinite


def test_rows_have_length_1_and_those_without_a_direction_are_0() -> None:
    rows = np.array([[3, 4], [0, 0], [np.nan, 1], [3e38, 3e38]], np.float32)
    expected = np.array([[0.6, 0.8], [0, 0], [0, 0], [0.5**0.5, 0.5**0.5]])
    assert np.abs(unit_rows(rows) - expected).max() < 1e-6


def test_a_number_of_at_least_1() -> None:
    assert at_least_one("topn", np.int64(3)) == 3
    for value in (0, -1, 1.0, "3"):
        with pytest.raises(ConfigError, match=f"topn is {value!r}; it must be a whole number"):
            at_least_one("topn", value)  # type: ignore[arg-type]
