from __future__ import annotations

import json

import pytest

from skipgram.io.objects import check_levels, parse_object


def nested(levels: int) -> str:
    """Return an object with lists inside one another."""
    return '{"a": ' + "[" * levels + "]" * levels + "}"


def test_an_object_is_parsed() -> None:
    assert parse_object('{"a": [1, {"b": null}]}') == {"a": [1, {"b": None}]}
    assert parse_object(nested(63)) == json.loads(nested(63))


@pytest.mark.parametrize("text", [nested(66), nested(500), nested(100_000), '{"a":' * 90_000])
def test_deep_nesting_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"nested over 64 levels deep|Expecting"):
        parse_object(text)


@pytest.mark.parametrize("text", ["[1]", "null", '"text"', "{", "", "1" * 5000])
def test_what_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a JSON object|Expecting|limit \(4300"):
        parse_object(text)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
def test_numbers_that_are_not_finite_are_refused(number: str) -> None:
    with pytest.raises(ValueError, match=f"it holds the number {number}; numbers must be finite"):
        parse_object(f'{{"a": [{{"b": {number}}}]}}')


def test_finite_numbers_are_kept() -> None:
    assert parse_object('{"a": [1e-999, 1e308, -0.1, 7]}') == {"a": [0.0, 1e308, -0.1, 7]}


def test_a_value_that_contains_itself_is_refused() -> None:
    value: list[object] = []
    value.append(value)
    with pytest.raises(ValueError, match="nested over 64 levels"):
        check_levels(value)
