"""Keys that are not strings, written as words and read back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skipgram.errors import WrongTypeError
from skipgram.keys import keys_of, words_of

TEXTS = st.text() | st.sampled_from(["3", " 3", "-1", "NaN", "true", "null", "[1]", '"3"', "1e5"])
PARTS = TEXTS | st.integers() | st.floats(allow_nan=False) | st.booleans()
KEYS = st.recursive(PARTS, lambda inner: st.lists(inner, max_size=3).map(tuple), max_leaves=5)


@given(st.lists(KEYS, unique=True))
def test_keys_come_back(keys: list[Any]) -> None:
    words, noted = words_of(keys)
    assert len({*words}) == len(keys)
    back = keys_of(words, noted)
    assert back == keys
    assert [*map(type, back)] == [*map(type, keys)]


def test_words_are_plain_where_they_can_be() -> None:
    words, noted = words_of(["é", 3, "3", (1, "a"), np.int8(4), np.float32(0.5), "a b"])
    assert words == ["é", "3", '"3"', '[1,"a"]', "4", "0.5", "a b"]
    assert keys_of(words, noted) == ["é", 3, "3", (1, "a"), 4, 0.5, "a b"]
    assert words_of(["3", "[1]"]) == (["3", "[1]"], {})
    assert keys_of(["3", "[1]"], {"reading": {}}) == ["3", "[1]"]


@pytest.mark.parametrize(
    "word", ['{"a": 1}', '[{"a": 1}]', "[null]", "null", "[" * 100_000, "9" * 5000]
)
def test_a_file_gives_only_numbers_strings_and_tuples(word: str) -> None:
    assert keys_of([word], {"keys": "json"}) == [word]


@pytest.mark.parametrize("key", [None, b"a", frozenset(), object(), (1, None), 1j])
def test_other_keys_cannot_be_written(key: Any) -> None:
    with pytest.raises(WrongTypeError, match=r"the key .* cannot be saved, because it holds a "):
        words_of(["a", key])
