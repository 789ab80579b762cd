from __future__ import annotations

import builtins
import inspect
import pickle
import re

import pytest

from skipgram import errors
from skipgram.errors import ReadError, SkipgramError, UnknownKeyError, UnknownWordError

CLASSES = {
    name: found
    for name, found in vars(errors).items()
    if inspect.isclass(found) and issubclass(found, Exception) and not issubclass(found, Warning)
}


def test_the_tree_in_the_docstring_is_that_of_the_classes() -> None:
    lines = re.findall(
        r"^( *[│ ]*[├└]── |    )(\w+Error)( .*)?$", errors.__doc__ or "", re.MULTILINE
    )
    assert {name for _, name, _ in lines} == set(CLASSES)
    parents: list[str] = []
    for indent, name, text in lines:
        depth = 0 if not indent.strip() else 1 + indent.count("│")
        parents[depth:] = [name]
        found = CLASSES[name]
        if depth:
            named = re.search(r"also an? (\w+)", text or "")
            expected = [
                CLASSES[parents[depth - 1]],
                *([getattr(builtins, named[1])] if named else []),
            ]
            assert list(found.__bases__) == expected, name


def test_every_error_is_a_skipgram_error() -> None:
    assert all(issubclass(found, SkipgramError) for found in CLASSES.values())


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ReadError("a.gz", "is cut off"), "a.gz is cut off"),
        (UnknownKeyError("no row 7"), "no row 7"),
        (
            UnknownWordError("quen", ["queen"]),
            "no vector for the word 'quen'; similar spellings: queen",
        ),
        (
            UnknownWordError("quen", []),
            "no vector for the word 'quen'; check its spelling; "
            "words below the min_count of the training have no vector",
        ),
    ],
)
def test_messages_survive_pickling(error: SkipgramError, message: str) -> None:
    assert str(error) == message
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == message
    assert vars(again) == vars(error)
