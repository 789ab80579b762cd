"""Parameters of requests."""

from __future__ import annotations

import pytest

from skipgram.errors import ConfigError
from skipgram.explorer.asked import Asked


def test_texts_and_words() -> None:
    asked = Asked({"word": " king ", "words": "a  b\tc", "none": "  "})
    assert asked.text("word") == "king"
    assert asked.words("words") == ["a", "b", "c"]
    assert asked.words("none") == asked.words("missing") == []
    for name in ("none", "missing"):
        with pytest.raises(ConfigError, match=f"{name} is empty; type a word"):
            asked.text(name)
    with pytest.raises(ConfigError, match="words has 41 words; it must have at most 40"):
        Asked({"words": "a " * 41}).words("words")
    with pytest.raises(ConfigError, match="text has 2,001 characters; it must have at most 2,000"):
        Asked({"text": "x" * 2001}).text("text")


@pytest.mark.parametrize("text", ["", "x", "-1", "1.5", "٣", "9" * 10, "1e3"])
def test_numbers_that_are_none(text: str) -> None:
    with pytest.raises(ConfigError, match="it must be a whole number"):
        Asked({"n": text}).number("n", 5, 1, 10)


def test_numbers() -> None:
    assert Asked({}).number("n", 5, 1, 10) == 5
    assert Asked({"n": "10"}).number("n", 5, 1, 10) == 10
    for text in ("0", "11"):
        with pytest.raises(ConfigError, match=f"n is {text}; it must be from 1 to 10"):
            Asked({"n": text}).number("n", 5, 1, 10)


def test_kinds_of_vectors() -> None:
    assert Asked({}).which() == "input"
    for kind in ("input", "output", "average"):
        assert Asked({"vectors": kind}).which() == kind
    with pytest.raises(ConfigError, match="'both'; it must be one of input, output, average"):
        Asked({"vectors": "both"}).which()
