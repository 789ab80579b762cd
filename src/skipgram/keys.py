"""Keys of vectors that are not strings, as the words of a file.

gensim takes any hashable object as a token, but files hold words. A key that is a number, or a
tuple of numbers and strings, is written as JSON: 3 or [1,"a"]. A string is written as it is,
unless it would then be read as one of these: the string "3" is written in quotes.
`Embeddings.training` notes that words are written this way. If all keys are strings, none is.

The hashes of numbers, and of tuples of numbers, are not secret in Python as those of strings are.
So keys can be chosen to collide: a file of 259 kB whose tuples had equal hashes took 10 s. Keys of
a file are therefore checked before a dict is made of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from skipgram.errors import FormatError, WrongTypeError

Key: TypeAlias = Any
"""The hashable object that a vector belongs to."""
JsonValue: TypeAlias = Any

_NOTE = {"keys": "json"}

_COLLISIONS_PER_KEY = 128
"""The most that were found for ordinary keys: multiples of 2^42, of which 600,000 took 0.4 s."""

_COLLISIONS_OF_ALL = 100_000
"""How many it may have in addition, so that few keys are never too many."""


def words_of(keys: Sequence[Key]) -> tuple[list[str], dict[str, str]]:
    """Return keys as words, and what `Embeddings.training` has to hold for `keys_of`.

    Raises:
        WrongTypeError: a key is not a string, a number or a tuple of these.
    """
    if all(isinstance(key, str) for key in keys):
        return [str.__str__(key) for key in keys], {}
    return [_word(key) for key in keys], _NOTE.copy()


def keys_of(words: Sequence[str], training: Mapping[str, Any]) -> list[Key]:
    """Return the keys that `words_of` has written as these words.

    Raises:
        FormatError: they collide, see `check_collisions`.
    """
    if training.get("keys") != _NOTE["keys"]:
        return list(words)
    keys = [_key(word) for word in words]
    check_collisions(keys)
    return keys


def check_collisions(keys: Sequence[Key]) -> None:
    """Check that a dict of keys, or of those that are not strings, takes linear time.

    Raises:
        FormatError: it does not.
    """
    others = [key for key in keys if not isinstance(key, str)]
    if others:
        _check_dict(keys)
    if len(others) < len(keys):
        _check_dict(others)


def _check_dict(keys: Sequence[Key]) -> None:
    """Look for a place for each key as CPython's dict does, at each size that the dict grows to.

    Counting equal hashes would not suffice: different ones can lead through the same places.
    """
    left = _COLLISIONS_OF_ALL + _COLLISIONS_PER_KEY * len(keys)
    hashes = [hash(key) % 2**64 for key in keys]
    size = 8
    while size < 3 * len(keys):  # all fit into the last size, which is at most two thirds full
        is_taken = bytearray(size)
        for key, code in zip(keys, hashes[: 2 * size // 3], strict=False):
            place, rest = code % size, code
            while is_taken[place]:
                rest >>= 5
                place = (5 * place + rest + 1) % size
                left -= 1
                if left < 0:
                    raise FormatError(
                        f"its keys have hashes that collide, such as that of {key!r:.40}; "
                        "use strings as keys"
                    )
            is_taken[place] = 1
        size *= 2


def _word(key: Key) -> str:
    value = _json_value(key, key)
    if isinstance(value, str) and _key(value) == value:
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))  # a word without spaces


def _json_value(part: Key, key: Key) -> JsonValue:
    """Return a key, or a part of it, as a value that JSON can represent."""
    if isinstance(part, str):
        return str.__str__(part)
    if isinstance(part, np.number | np.bool_):
        part = part.item()
    if isinstance(part, int | float):
        return part
    if isinstance(part, tuple):
        return [_json_value(inner, key) for inner in part]
    raise WrongTypeError(
        f"the key {key!r:.80} cannot be saved, because it holds a {type(part).__name__}; keys can "
        "be saved if they are strings, numbers or tuples of these: use such tokens, or pickle the "
        "model"
    )


def _key(word: str) -> Key:
    """Return the key of a word: a number or a tuple if the word is JSON for one, else the word."""
    try:
        return _from_json(json.loads(word))
    except (ValueError, RecursionError):
        return word


def _from_json(value: JsonValue) -> Key:
    """Return a value of JSON as a key; ValueError if `words_of` writes no such value."""
    if isinstance(value, list):
        return tuple(map(_from_json, value))
    if isinstance(value, str | int | float):
        return value
    raise ValueError
