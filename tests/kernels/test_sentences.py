"""Sentences end where a regular expression says that they end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slow_sentences import ASCII_SPACE, CLOSERS, SPACE, STOPS, WIDE_STOPS, slow_sentences

from skipgram.corpus.sentences import ABBREVIATIONS, sentence_per_line

PIECES = st.one_of(
    st.sampled_from([*STOPS, *WIDE_STOPS, *CLOSERS, *" \t\r\n", "\n\n", ". ", "\n \n"]),
    st.sampled_from(["\xa0", "\u3000", "\x1e", ".\u2003", "\n\xa0\n", "\u202f\n", "\u3001"]),
    st.sampled_from([" words of letters", " " * 9, "\n" + " " * 9, "@[`{|}~\x7f"]),
    st.sampled_from(
        [*ABBREVIATIONS, "dr", "A", "b", "É", "ж", "ß", "3", "\u0301", "好", "👍", "the"]
    ),
    st.characters(exclude_categories=["Cs"]),
)


def split(text: str) -> list[list[str]]:
    lines = sentence_per_line(f"{text}\n".encode(), "unicode").decode().split("\n")
    return [line.split() for line in lines if line.split()]


@given(st.lists(PIECES, max_size=30))
def test_sentences_of_a_text(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert split(text) == slow_sentences(text, SPACE)
    by_ascii = sentence_per_line(f"{text}\n".encode(), "ascii").split(b"\n")
    found = [[word.decode() for word in line.split()] for line in by_ascii if line.split()]
    assert found == slow_sentences(text, ASCII_SPACE)


@given(st.lists(PIECES, max_size=30), st.integers(0, 30))
def test_blocks_end_where_lines_end(pieces: list[str], at: int) -> None:
    first, second = "".join(pieces[:at]) + "\n", "".join(pieces[at:]) + "\n"
    blocks = [sentence_per_line(block.encode(), "unicode") for block in (first, second)]
    lines = b"".join(blocks).decode().split("\n")
    found = [line.split() for line in lines if line.split()]
    assert found == slow_sentences(first + second)


@given(st.binary(max_size=40))
def test_any_bytes_keep_their_words(text: bytes) -> None:
    found = sentence_per_line(text + b"\n", "ascii")
    assert b"".join(found.split()) == b"".join(text.split())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One line\nof two. Next", ["One line of two.", "Next"]),
        ("A title\n\nText", ["A title", "Text"]),
        ("A title\r\n \r\nText", ["A title", "Text"]),
        ('He said "No." (Really?!) Well... ok', ['He said "No."', "(Really?!)", "Well...", "ok"]),
        ("Version 3.14 of example.org", ["Version 3.14 of example.org"]),
        (
            "J. R. Smith of the U.S. army, e.g. É. Zola",
            ["J. R. Smith of the U.S. army, e.g. É. Zola"],
        ),
        ("Mr. Smith vs. Dr. No et al. won. Yes", ["Mr. Smith vs. Dr. No et al. won.", "Yes"]),
        ("MR. X. Hmr. Then", ["MR.", "X. Hmr.", "Then"]),
        ("你好。「好吗？」世界！", ["你好。", "「好吗？」", "世界！"]),
        ("„Ja.“ Er geht.", ["„Ja.“", "Er geht."]),
        ("هل هذا؟ نعم", ["هل هذا؟", "نعم"]),
    ],
)
def test_what_a_sentence_is(text: str, expected: list[str]) -> None:
    assert [" ".join(words) for words in split(text)] == expected


def test_the_output_never_outgrows_its_room() -> None:
    text = "。a" * 1000
    assert split(text) == [["。"], *[["a。"]] * 999, ["a"]]
