from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from skipgram.kernels import bits


@njit
def read(text: Any, at: int) -> Any:
    return bits.eight_bytes(text, at)


@njit
def write(text: Any, at: int, number: Any) -> None:
    bits.put_eight_bytes(text, at, number)


@njit
def count_zeros(number: Any) -> Any:
    return bits.trailing_zeros(number)


@njit
def prefetch(matrix: Any, start: int, width: int) -> None:
    bits.prefetch_row(matrix, start, width)


@njit
def fold(a: Any, b: Any) -> Any:
    return bits.folded_product(a, b)


TEXT = np.arange(1, 21, dtype=np.uint8)


def test_eight_bytes_are_read_at_any_place_the_first_byte_lowest() -> None:
    for at in range(13):
        assert read(TEXT, at) == int.from_bytes(TEXT[at : at + 8].tobytes(), "little")


def test_eight_bytes_are_written_and_no_others() -> None:
    for at in range(13):
        text = TEXT.copy()
        write(text, at, np.uint64(0xF0E0D0C0B0A09080))
        assert text[at : at + 8].tolist() == [0x80, 0x90, 0xA0, 0xB0, 0xC0, 0xD0, 0xE0, 0xF0]
        assert np.delete(text, slice(at, at + 8)).tolist() == [
            *range(1, at + 1),
            *range(at + 9, 21),
        ]


@settings(deadline=None)
@given(st.integers(1, 2**64 - 1))
def test_trailing_zeros(number: int) -> None:
    assert count_zeros(np.uint64(number)) == (number & -number).bit_length() - 1


@settings(deadline=None)
@given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))
def test_folded_product(a: int, b: int) -> None:
    expected = a * b >> 64 ^ a * b % 2**64
    assert fold(np.uint64(a), np.uint64(b)) == expected == bits._fold(np.uint64(a), np.uint64(b))


def test_prefetching_changes_nothing() -> None:
    for dtype in (np.float32, np.uint64):
        matrix = np.arange(64, dtype=dtype).reshape(4, 16)
        prefetch(matrix, 16, 16)
        assert matrix.ravel().tolist() == list(range(64))
