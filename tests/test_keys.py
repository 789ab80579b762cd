"""Keys that are not strings, written as words and read back."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import skipgram
from skipgram.errors import FormatError, WrongTypeError
from skipgram.gensim import KeyedVectors
from skipgram.keys import check_collisions, keys_of, words_of

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


EQUAL = 2**61 - 1
"""Multiples of this have equal hashes."""
FEW = range(1, 2000)


def through_the_same_places() -> list[int]:
    """Return integers whose hashes differ, but which a dict seeks in the same hundreds of places.

    A third of its places are taken, in the order in which it seeks a number that is shifted to 0.
    Of the other numbers only those are used whose first places are all taken.
    """
    size, place = 1 << 13, 1
    path = [place]
    while len(path) < size // 3:
        path.append(place := (5 * place + 1) % size)
    taken, early = set(path), set(path[: size // 6])
    keys, random = path.copy(), Random(0)
    while len(keys) < 2 * size // 3:
        key = rest = random.randrange(size, 1 << 24)
        place = key % size
        while rest and place in taken:
            rest >>= 5
            place = (5 * place + rest + 1) % size
        if not rest and place in early:
            keys.append(key)
    return list(dict.fromkeys(keys))


COLLIDING = {
    "integers": [k * EQUAL for k in FEW],
    "tuples": [(k * EQUAL,) for k in FEW],
    "nested": [("a", (1, -k * EQUAL)) for k in FEW],
    "floats": [(float(2**i), -k * EQUAL) for k in FEW for i in (0, 61)],
    "some strings": [key for k in FEW for key in (f"w{k}", k * EQUAL)],
    "different hashes": through_the_same_places(),
}


@pytest.mark.parametrize("keys", COLLIDING.values(), ids=COLLIDING)
def test_keys_of_a_file_that_collide_are_refused(keys: list[Any], tmp_path: Path) -> None:
    """A file of 1.4 MB took 9 s."""
    words, noted = words_of(keys)
    vectors = np.ones((len(keys), 1), np.float32)
    skipgram.Embeddings(words, vectors, training=noted).save(tmp_path / "model")
    message = r"model cannot be read: its keys have hashes that collide, such as .* use strings"
    with pytest.raises(FormatError, match=message):
        KeyedVectors.load(tmp_path / "model")
    with pytest.raises(FormatError, match="collide"):
        skipgram.export(skipgram.load(tmp_path / "model"), tmp_path / "model.kv")


@pytest.mark.parametrize(
    "keys",
    [
        range(50_000),
        [Random(k).getrandbits(64) - 2**63 for k in range(20_000)],
        *([k << shift for k in range(20_000)] for shift in range(0, 64, 3)),
        [k / 1000 for k in range(20_000)],
        [2.0**k for k in range(-1074, 1024)],
        [(x, y, z) for x in range(-9, 9) for y in range(-9, 9) for z in range(-9, 9)],
        [(k, f"w{k}") for k in range(20_000)],
        [-1, -2, *(k * EQUAL for k in range(200))],
        [f"w{k}" for k in range(20_000)],
    ],
    ids=lambda keys: f"{keys[-1]}",
)
def test_keys_of_all_kinds_are_not_refused(keys: list[Any]) -> None:
    check_collisions(keys)
