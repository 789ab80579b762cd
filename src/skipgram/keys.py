"""Keys of vectors that are not strings, as the words of a file.

gensim takes any hashable object as a token, but files hold words. A key that is a number, or a
tuple of numbers and strings, is written as JSON: 3 or [1,"a"]. A string is written as it is,
unless it would then be read as one of these: the string "3" is written in quotes.
`Embeddings.training` notes that words are written this way. If all keys are strings, none is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from skipgram.errors import WrongTypeError

Key: TypeAlias = Any
"""The hashable object that a vector belongs to."""
JsonValue: TypeAlias = Any

_NOTE = {"keys": "json"}


def words_of(keys: Sequence[Key]) -> tuple[list[str], dict[str, str]]:
    """Return keys as words, and what `Embeddings.training` has to hold for `keys_of`.

    Raises:
        WrongTypeError: a key is not a string, a number or a tuple of these.
    """
    if all(isinstance(key, str) for key in keys):
        return [str.__str__(key) for key in keys], {}
    return [_word(key) for key in keys], _NOTE.copy()


def keys_of(words: Sequence[str], training: Mapping[str, Any]) -> list[Key]:
    """Return the keys that `words_of` has written as these words."""
    if training.get("keys") != _NOTE["keys"]:
        return list(words)
    return [_key(word) for word in words]


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
