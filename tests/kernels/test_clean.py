"""Words are found as a regular expression over the kinds of characters finds them."""

from __future__ import annotations

import numpy as np
import pytest
from cleaned import words as expected_words
from hypothesis import given
from hypothesis import strategies as st

from skipgram.corpus.cleaning import words

CHARACTERS = st.one_of(
    st.sampled_from(
        "aZ09 .,'-_’‐‑·\u200c\u200d\u200b\u00ad\ufe0f\u20e3\u0301\u00a0éßΣςİⱥȺ½٣٫東。ا👍🏽"
    ),
    st.characters(exclude_categories=["Cs"], exclude_characters="\n"),
)


def cleaned(text: bytes, numbers: str) -> bytes:
    return words(np.frombuffer(text, np.uint8), numbers).tobytes()


@given(st.lists(CHARACTERS, max_size=30), st.sampled_from(["keep", "drop", "zero"]))
def test_words_of_a_line(characters: list[str], numbers: str) -> None:
    line = "".join(characters)
    found = cleaned(f"{line}\n".encode(), numbers)
    assert found == (" ".join(expected_words(line, numbers)) + "\n").encode()


@given(st.binary(max_size=30))
def test_malformed_bytes_are_letters(text: bytes) -> None:
    lines = text.decode("utf-8", "surrogateescape").split("\n")
    expected = "".join(" ".join(expected_words(line)) + "\n" for line in lines)
    assert cleaned(text + b"\n", "keep") == expected.encode("utf-8", "surrogateescape")


@pytest.mark.parametrize(
    ("text", "numbers", "expected"),
    [
        ("Don’t shout: WELL-KNOWN, 'quoted'!", "keep", "don't shout well-known quoted"),
        ("rock--roll -x- snake_case", "keep", "rock roll x snake_case"),
        ("3.14, 1,000. v2.0 3.a", "keep", "3.14 1,000 v2.0 3 a"),
        ("in 1999 and COVID-19", "drop", "in and covid-19"),
        ("in 1999 and COVID-19 ٣", "zero", "in 0000 and covid-00 0"),
        ("❤️ 👍🏽 ok", "keep", "ok"),
        ("soft\u00adhyphen می‌خواهم", "keep", "softhyphen می‌خواهم"),
        ("İstanbul ΛΟΓΟΣ", "keep", "istanbul λογοσ"),  # str.lower: i with a dot; ς at the end
    ],
)
def test_what_a_word_is(text: str, numbers: str, expected: str) -> None:
    assert cleaned(f"{text}\n".encode(), numbers).decode() == f"{expected}\n"


def test_lower_case_is_that_of_python() -> None:
    letters = [chr(code) for code in range(0x20000) if chr(code).isalpha()]
    text = "\n".join(letters) + "\n"
    expected = [letter.lower() if letter != "İ" else "i" for letter in letters]
    assert cleaned(text.encode(), "keep").decode().split("\n")[:-1] == expected


def test_the_output_never_outgrows_its_room() -> None:
    text = "Ⱥ\n".encode() * 1000  # two bytes; three in lower case
    assert cleaned(text, "keep").decode() == "ⱥ\n" * 1000
