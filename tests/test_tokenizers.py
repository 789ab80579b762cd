"""Functions of the user that split text: what they may be, return and raise, and their names."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from corpora import decoded

import skipgram
from skipgram.errors import ConfigError, CorpusError
from skipgram.tokenizers import load_tokenizer, name_of

NO_NAME = "has no name to import it by"


def split(text: str, at: str | None = None) -> list[str]:
    return text.split(at)


class Splitter:
    def __call__(self, text: str) -> list[str]:
        return text.split()

    def split(self, text: str) -> list[str]:
        return text.split()

    @staticmethod
    def cut(text: str) -> list[str]:
        return text.split()


class Unshown:
    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        raise RuntimeError("no text")


def letters(text: str) -> Iterator[str]:
    yield text[:3]
    raise KeyError("late")


@pytest.mark.parametrize(
    ("tokenizer", "name"),
    [
        (str.split, "builtins:str.split"),
        (split, f"{__name__}:split"),
        (Splitter.cut, f"{__name__}:Splitter.cut"),
        (lambda text: text.split(), f"function: {NO_NAME}"),
        (functools.partial(split, at=" "), f"partial: {NO_NAME}"),
        (re.compile(r"\w+").findall, f"builtin_function_or_method: {NO_NAME}"),
        (Splitter(), f"Splitter: {NO_NAME}"),
        (Splitter().split, f"method: {NO_NAME}"),
    ],
)
def test_the_name_that_is_written_down_can_be_imported_or_says_that_it_cannot(
    tokenizer: Callable[[str], list[str]], name: str, tmp_path: Path
) -> None:
    assert name_of(tokenizer) == name
    if NO_NAME not in name:
        assert load_tokenizer(name)("a b") == ["a", "b"]
    (tmp_path / "text").write_text("a b c\n" * 9)
    trained = skipgram.train(
        tmp_path / "text", tokenizer=tokenizer, vector_size=4, min_count=1, sample=0, epochs=1
    )
    assert sorted(trained.words) == ["a", "b", "c"]
    trained.save(tmp_path / "model")
    saved = json.loads((tmp_path / "model" / "training.json").read_text())
    assert saved["reading"] == {"tokenizer": name}


@pytest.mark.parametrize(
    ("tokenizer", "message"),
    [
        (
            str.lower,
            r"returned 'a b c', of type str, for .* list of tokens, as in text.split",
        ),
        (
            str.encode,
            r"returned b'a b c', of type bytes, for the line 'a b c'; it must return",
        ),
        (lambda text: dict.fromkeys(text.split()), r"returned \{'a': None, .*, of type dict, for"),
        (lambda text: set(text), r"of type set, for the line 'a b c'"),
        (lambda text: None, r"returned None, of type NoneType, for the line 'a b c'"),
        (len, r"tokenizer=builtins:len returned 5, of type int, for the line 'a b c'"),
        (lambda text: bytearray(text.encode()), r"returned bytearray\(b'a b c'\), of type"),
        (lambda text: memoryview(text.encode()), r"returned <memory>, of type memoryview"),
        (Unshown, r"returned <Unshown instance>, of type Unshown, for"),
        (lambda text: object(), r"the tokenizer \(of type function\) returned <object>, of type"),
        (letters, r"letters failed on the line 'a b c': KeyError: 'late'; fix the function"),
        (lambda text: [text[9]], r"failed on the line 'a b c': IndexError"),
    ],
)
def test_what_is_no_list_of_tokens_is_rejected(
    tokenizer: Callable[[str], Any], message: str
) -> None:
    with pytest.raises(CorpusError, match=message):
        decoded(["a b c"], tokenizer=tokenizer)


@pytest.mark.parametrize("kind", [tuple, iter, np.array, lambda tokens: (t for t in tokens)])
def test_any_other_iterable_is_a_list_of_tokens(kind: Callable[[Any], Any]) -> None:
    assert decoded(["a b c"], tokenizer=lambda text: kind(text.split())) == [["a", "b", "c"]]


@pytest.mark.parametrize(
    ("token", "remedy"),
    [
        (None, "is of type NoneType, .*; leave out missing values"),
        (float("nan"), "is of type float, .*; leave out missing values"),
        (1.5, r"convert them with str\(token\)"),
        (b"a", r"convert them with token.decode\(.utf-8.\)"),
        (("a", "NN"), r"choose a part of each, as in \[token\[0\] for token in tokens\]"),
        (re.match("a", "a"), r"take their text with token.group\(\)"),
        (np.arange(2), "unhashable type: 'numpy.ndarray'"),
    ],
)
def test_tokens_that_are_no_strings_are_rejected_with_their_remedy(
    token: object, remedy: str
) -> None:
    with pytest.raises(CorpusError, match=remedy):
        decoded(["a b c"], tokenizer=lambda text: [token, *text.split()])


def test_a_matrix_of_tokens_is_no_list_of_them() -> None:
    with pytest.raises(CorpusError, match=r"unhashable type: 'numpy\.ndarray'"):
        decoded(["a b c"], tokenizer=lambda text: np.array([text.split()]))


def test_a_package_that_is_missing_is_to_be_installed() -> None:
    remedy = "; install it, for example with pip install nowhere, or check the spelling$"
    for name in ("nowhere:cut", "nowhere.part:cut"):
        with pytest.raises(ConfigError, match=remedy):
            load_tokenizer(name)
    for name in ("json.nowhere:cut", "json:nowhere"):
        with pytest.raises(ConfigError, match=r"; name a function as module:function$"):
            load_tokenizer(name)
