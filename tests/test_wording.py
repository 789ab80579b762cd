"""Numbers with their nouns, and advice for Python and the command line."""

from __future__ import annotations

import pytest

from skipgram.wording import (
    count,
    describe_choice,
    describe_options,
    describe_search,
    in_options,
    some,
)


@pytest.mark.parametrize(
    ("number", "expected"),
    [(0, "0 words"), (1, "1 word"), (2, "2 words"), (1_000, "1,000 words")],
)
def test_one_is_singular(number: int, expected: str) -> None:
    assert count(number, "word") == expected


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("red", "red-one or red-two"),
        ("gren", "green"),
        ("purple", ""),
        ("", ""),
    ],
)
def test_a_wrong_choice_leads_to_those_that_are_near(value: str, meant: str) -> None:
    found = describe_choice("colour", value, ["red-one", "red-two", "green"])
    hint = f" (did you mean {meant}?)" if meant else ""
    assert found == f"colour is {value!r}; it must be one of red-one, red-two, green{hint}"


@pytest.mark.parametrize(
    ("minutes", "trials", "limit"),
    [(10.0, None, "10 minutes"), (1.0, None, "1 minute"), (0.5, 1, "0.5 minutes or 1 trial")],
)
def test_a_search_says_how_long_it_takes(minutes: float, trials: int | None, limit: str) -> None:
    said = describe_search(minutes, trials)
    end = "; Ctrl-C ends the search with the best so far"
    assert said == f"searching for {limit} (set minutes to change this){end}"
    assert in_options(said) == f"searching for {limit} (set --minutes to change this){end}"


@pytest.mark.parametrize(
    ("python", "options"),
    [
        ("such as 'set'; set clean=True to remove this", "'set'; set --clean to remove this"),
        ("set epochs=19, or train on more text", "set --epochs 19, or train on more text"),
        ("set group_by=NAME to the column", "set --group-by NAME to the column"),
        ("line 1); set encoding=latin-1", "line 1); set --encoding latin-1"),
        ("set encoding to that of the text", "set --encoding to that of the text"),
        ("set tokenizer=jieba:lcut, or another", "set --tokenizer jieba:lcut, or another"),
        ("on one line, or lower min_count", "on one line, or lower --min-count"),
        ("the set of words", "the set of words"),
    ],
)
def test_advice_names_the_options_of_the_command_line(python: str, options: str) -> None:
    assert in_options(python).endswith(options)


def test_only_the_first_names_are_shown() -> None:
    assert some(["a", "b", "c"]) == "a, b, c"
    assert some(["a", "b", "c", "d"]) == "a, b, c, ..."


def test_numbers_of_options_have_three_digits() -> None:
    options = {"alpha": 0.0123456, "epochs": 5, "optimizer": "adam"}
    assert describe_options(options) == "alpha=0.0123, epochs=5, optimizer='adam'"
