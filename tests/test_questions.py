from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from skipgram.errors import ConfigError
from skipgram.questions import is_vector, listed, unit_vector


@pytest.mark.parametrize(
    ("questions", "expected"),
    [
        ("word", ["word"]),
        (b"word", [b"word"]),
        (42, [42]),
        (np.int16(42), [42]),
        ((), []),
        (["a", 3], ["a", 3]),
        (iter(["a", "b"]), ["a", "b"]),
        (np.array([4, 5]), [4, 5]),
        (np.array(["a", "b"]), ["a", "b"]),
        (pd.Series(["a", "b"]), ["a", "b"]),
        (np.float32(0.5), [0.5]),
        (None, [None]),
    ],
)
def test_one_question_or_several_become_a_list(questions: Any, expected: list[object]) -> None:
    assert listed(questions) == expected


def test_an_array_of_floats_is_one_vector_or_one_a_row() -> None:
    (one,) = listed(np.array([1.0, 2.0]))
    assert one.tolist() == [1, 2]
    assert [row.tolist() for row in listed(np.eye(2, dtype=np.float16))] == [[1, 0], [0, 1]]
    assert listed(pd.Series([0.5, 1.5]).to_numpy())[0].tolist() == [0.5, 1.5]
    assert is_vector(one)
    assert is_vector([0.5, 1.0])
    for other in ("a", 3, 0.5, np.float64(0.5), None, np.array([1, 2]), ["a"], np.array("a")):
        assert not is_vector(other)


def test_a_vector_is_scaled_to_length_1_whatever_its_size() -> None:
    for scale in (1.0, 1e300, 1e-300):
        vector = np.array([3.0, 4.0]) * scale
        assert unit_vector(vector, 2).tolist() == pytest.approx([0.6, 0.8])
    assert unit_vector(np.zeros(2), 2).tolist() == [0, 0]
    assert unit_vector(np.array([1e-3, 0], np.float16), 2).dtype == np.float32


@pytest.mark.parametrize(
    ("vector", "message"),
    [
        (
            [1.0, 2.0, 3.0],
            r"a vector has shape \(3,\); it must be \(2,\); give a vector of the same",
        ),
        ([[1.0, 2.0]], r"a vector has shape \(1, 2\)"),
        ([1.0, np.nan], "number 1 of a vector is nan; all must be finite"),
        ([-np.inf, 0.0], "number 0 of a vector is -inf"),
    ],
)
def test_a_vector_of_another_size_or_not_finite_is_refused(
    vector: list[float], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        unit_vector(np.array(vector), 2)
