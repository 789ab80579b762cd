"""Characters of UTF-8 text, read and written (Unicode standard, table 3-7)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy import uintp

from skipgram.kernels.parts import inlined


class Read(NamedTuple):
    """A character that was read: its code point, -1 if it is malformed, and its bytes."""

    code: Any
    size: Any


@inlined
def continuation_bytes(lead: Any) -> Any:
    """Return how many bytes follow the first byte of a non-ASCII character; 0 if it is none."""
    if 0xC2 <= lead <= 0xDF:
        return 1
    if 0xE0 <= lead <= 0xEF:
        return 2
    if 0xF0 <= lead <= 0xF4:
        return 3
    return 0


@inlined
def second_byte_range(lead: Any) -> Any:
    """Return the smallest and the largest second byte that may follow a first byte."""
    if lead == 0xE0:  # smaller ones would spell a character of two bytes
        return 0xA0, 0xBF
    if lead == 0xED:  # larger ones would spell a surrogate
        return 0x80, 0x9F
    if lead == 0xF0:  # smaller ones would spell a character of three bytes
        return 0x90, 0xBF
    if lead == 0xF4:  # larger ones would be beyond U+10FFFF
        return 0x80, 0x8F
    return 0x80, 0xBF


@inlined
def read_character(text: Any, at: Any) -> Any:
    """Return the character at text[at]; a byte that begins none is malformed, and one byte."""
    lead = np.int64(text[uintp(at)])
    if lead < 0x80:
        return Read(lead, 1)
    more = continuation_bytes(lead)
    if more == 0 or at + more >= len(text):
        return Read(-1, 1)
    low, high = second_byte_range(lead)
    code = lead & (0x3F >> more)
    for k in range(1, more + 1):
        byte = np.int64(text[uintp(at + k)])
        if byte < low or byte > high:
            return Read(-1, 1)
        code = (code << 6) | (byte & 0x3F)
        low, high = 0x80, 0xBF
    return Read(code, more + 1)


@inlined
def write_character(out: Any, at: Any, code: Any) -> Any:
    """Write a code point to out[at] and return where the next belongs."""
    if code < 0x80:
        out[uintp(at)] = np.uint8(code)
        return at + 1
    more = 1 if code < 0x800 else 2
    if code >= 0x10000:
        more = 3
    out[uintp(at)] = np.uint8(((0xFF00 >> (more + 1)) & 0xFF) | (code >> (6 * more)))
    for k in range(1, more + 1):
        out[uintp(at + k)] = np.uint8(0x80 | ((code >> (6 * (more - k))) & 0x3F))
    return at + more + 1
