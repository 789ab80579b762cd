"""The scan beside `str.split`, and what the tests of whole texts would hit only by chance."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit
from numpy.typing import NDArray

from skipgram.kernels import scan

SPACES = [chr(code) for code in range(0x110000) if chr(code).isspace()]
NEAR_SPACES = ["\x08", "\x0e", "\x1b", "!", "\x86", "\xa1", "\u167f", "\u1681", "\u180e"]
NEAR_SPACES += ["\u200b", "\u202a", "\u2060", "\u3001", "\ufeff", "\u4e00", "\U0002003f"]
ASCII_SPACES = set(" \t\n\v\f\r")

PIECES = st.one_of(
    st.sampled_from(SPACES).map(str.encode),
    st.sampled_from(NEAR_SPACES).map(str.encode),
    st.sampled_from([b"a", b"word", b"longer-than-8", "дом".encode(), "東京".encode(), b"x" * 20]),
    st.sampled_from([b"\xc2", b"\xe2\x80", b"\xe3", b"\xa0", b"\x85", b"\xe1\x9a", b"\xf0"]),
)


def scanned(block: bytes, *, by_unicode: bool) -> tuple[list[bytes], NDArray[np.int64]]:
    """The words of a block, and how many there are before each line end; the table grows."""
    text, table = np.frombuffer(block, np.uint8), scan.make_table(2, 4)
    ids, ends = np.empty(len(text), np.int32), np.empty(block.count(b"\n"), np.int64)
    state = np.zeros(3, np.int64)
    while True:
        scan.scan(text, table, ids, ends, state, by_unicode)
        if state[scan.POSITION] == len(text):
            break
        table = scan.grow(table, 1, scan.next_word_length(block, state))
    letters = table.letters.tobytes()
    words = [letters[table.starts[w] : table.starts[w + 1]] for w in range(table.words)]
    return [words[number] for number in ids[: state[scan.IDS]]], ends


def expected(block: bytes, *, by_unicode: bool) -> tuple[list[bytes], list[int]]:
    words: list[bytes] = []
    ends: list[int] = []
    for line in block.split(b"\n")[:-1]:
        text = line.decode("utf-8", "surrogateescape")
        if not by_unicode:
            text = "".join(" " if letter in ASCII_SPACES else letter for letter in text)
            found = list(filter(None, text.split(" ")))
        else:
            found = text.split()
        words += [word.encode("utf-8", "surrogateescape") for word in found]
        ends.append(len(words))
    return words, ends


@settings(max_examples=1000, deadline=None)
@given(pieces=st.lists(PIECES, max_size=30))
def test_words_are_those_of_str_split(pieces: list[bytes]) -> None:
    block = b"".join(pieces) + b"\n"
    for by_unicode in (True, False):
        words, ends = scanned(block, by_unicode=by_unicode)
        assert (words, ends.tolist()) == expected(block, by_unicode=by_unicode)


@pytest.mark.parametrize("code", [ord(space) for space in SPACES])
def test_every_white_space_of_python_separates_words(code: int) -> None:
    assert scanned(f"a{chr(code)}b{chr(code)}\n".encode(), by_unicode=True)[0] == [b"a", b"b"]


def test_a_long_line_with_no_other_white_space_takes_linear_time() -> None:
    words = [b"%d" % number for number in range(100_000)]
    assert scanned("\u3000".encode().join(words) + b"\n", by_unicode=True)[0] == words


def test_white_space_is_the_same_for_eight_bytes_and_for_one() -> None:
    @njit
    def flags(eights: Any, wrong: Any) -> None:
        for n in range(len(eights)):
            found = scan._white_space(eights[n])
            for k in range(8):
                shift = np.uint64(8 * k)
                byte, flag = (
                    (eights[n] >> shift) & np.uint64(255),
                    (found >> shift) & np.uint64(255),
                )
                wrong[n] |= flag != (
                    np.uint64(128) if scan._is_space(np.uint8(byte)) else np.uint64(0)
                )

    rng = np.random.default_rng(1)
    eights = rng.integers(0, 256, (60_000, 8)).astype(np.uint8)
    eights[:30_000] = rng.integers(0, 40, (30_000, 8))  # where white space is
    wrong = np.zeros(len(eights), np.bool_)
    flags(eights.view(np.uint64).ravel(), wrong)
    assert not wrong.any()
