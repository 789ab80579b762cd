"""Characters are read and written as Python does."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st
from numba import njit

from skipgram.kernels import utf8


@njit
def read_all(text: Any, codes: Any) -> Any:
    at, count = 0, 0
    while at < len(text):
        found = utf8.read_character(text, at)
        codes[count] = found.code
        at, count = at + found.size, count + 1
    return count


@njit
def write_all(codes: Any, out: Any) -> Any:
    at = 0
    for code in codes:
        at = utf8.write_character(out, at, code)
    return at


def read(text: bytes) -> list[int]:
    codes = np.zeros(len(text), np.int64)
    return codes[: read_all(np.frombuffer(text, np.uint8), codes)].tolist()


def test_every_character_is_written_and_read() -> None:
    every = [*range(0xD800), *range(0xE000, 0x110000)]
    out = np.zeros(4 * len(every), np.uint8)
    written = out[: write_all(np.array(every), out)].tobytes()
    assert written == "".join(map(chr, every)).encode()
    assert read(written) == every


@given(st.lists(st.sampled_from([*"a é € 😀".encode(), 0xC0, 0xED, 0xFF]), max_size=12).map(bytes))
@example(b"\xed\xa0\x80")  # a surrogate
@example(b"\xe2\x82")
def test_bytes_that_are_no_character_are_malformed(text: bytes) -> None:
    expected = [
        -1 if 0xDC80 <= ord(character) <= 0xDCFF else ord(character)
        for character in text.decode("utf-8", "surrogateescape")
    ]
    assert read(text) == expected
