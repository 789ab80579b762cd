"""Numbers with their nouns."""

from __future__ import annotations

import pytest

from skipgram.wording import count


@pytest.mark.parametrize(
    ("number", "expected"),
    [(0, "0 words"), (1, "1 word"), (2, "2 words"), (1_000, "1,000 words")],
)
def test_one_is_singular(number: int, expected: str) -> None:
    assert count(number, "word") == expected
