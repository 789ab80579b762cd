"""Numbers with their nouns."""

from __future__ import annotations

import pytest

from skipgram.wording import count, describe_options, some


@pytest.mark.parametrize(
    ("number", "expected"),
    [(0, "0 words"), (1, "1 word"), (2, "2 words"), (1_000, "1,000 words")],
)
def test_one_is_singular(number: int, expected: str) -> None:
    assert count(number, "word") == expected


def test_only_the_first_names_are_shown() -> None:
    assert some(["a", "b", "c"]) == "a, b, c"
    assert some(["a", "b", "c", "d"]) == "a, b, c, ..."


def test_numbers_of_options_have_three_digits() -> None:
    options = {"alpha": 0.0123456, "epochs": 5, "optimizer": "adam"}
    assert describe_options(options) == "alpha=0.0123, epochs=5, optimizer='adam'"
