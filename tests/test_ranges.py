"""What an option takes, in words."""

from __future__ import annotations

from typing import Any

import pytest

from skipgram.config import CorpusConfig, TrainConfig
from skipgram.ranges import bounds_of, explain


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("window", "0", "window is 0; it must be a whole number, at least 1 and at most 1000000"),
        (
            "objective",
            "x",
            "objective is 'x'; it must be one of negative, softmax, hierarchical, "
            "hierarchical+negative",
        ),
        ("sample", [2], "sample is [2]; it must be a number, at least 0 and at most 1"),
        ("whitespace", "all", "whitespace is 'all'; it must be one of unicode, ascii"),
        ("lowercase", "perhaps", "lowercase is 'perhaps'; it must be true or false"),
        ("token_pattern", 1, "token_pattern is 1; it must be a string"),
    ],
)
def test_a_wrong_value_is_explained(name: str, value: Any, message: str) -> None:
    fields = {**CorpusConfig.model_fields, **TrainConfig.model_fields}
    problem: Any = {"loc": (name,), "input": value, "msg": "", "type": ""}
    assert explain(fields, problem) == message


@pytest.mark.parametrize(
    ("problem", "message"),
    [
        ({"type": "missing"}, "a.0 is missing"),
        ({"type": "extra_forbidden"}, "a.0 is not a known field"),
        ({"type": "literal_error", "ctx": {"expected": "1"}}, "a.0 is 2; it must be 1"),
        ({"type": "less_than", "ctx": {"lt": 2}}, "a.0 is 2; it must be less than 2"),
        ({"type": "finite_number"}, "a.0 is 2; it must be a finite number"),
        ({"type": "other", "msg": "it is odd"}, "a.0 is 2; it is odd"),
    ],
    ids=str,
)
def test_a_wrong_field_of_a_file_is_explained(problem: Any, message: str) -> None:
    found: Any = {"loc": ("a", 0), "input": 2, "msg": "", **problem}
    assert explain({}, found) == message


def test_bounds_in_words() -> None:
    assert bounds_of(TrainConfig.model_fields["alpha"]) == ["more than 0", "at most 10"]
    assert bounds_of(TrainConfig.model_fields["seed"]) == ["at least 0", f"less than {2**63}"]
    assert bounds_of(CorpusConfig.model_fields["clean"]) == []
