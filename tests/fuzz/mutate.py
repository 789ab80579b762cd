"""Small changes to the bytes of a file, drawn at random."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

MOST_BYTES = 1 << 20
"""An input is cut to this, so that a reader that is linear in it stays far below the limits."""

NUMBERS = [
    *(0, 1, -1, 2, 3, 7, 127, 128, 255, 256, 4096, 32767, 65535, 1 << 20),
    *((1 << 31) - 1, 1 << 31, -(1 << 31), (1 << 32) - 1, 1 << 32, 1 << 53),
    *((1 << 62) + 1, (1 << 63) - 1, 1 << 63, -(1 << 63), (1 << 64) - 1, 1 << 64),
]
"""Counts, sizes and offsets that overflow, wrap around or ask for too much."""

TOKENS = [
    *(b"", b"\0", b"\0" * 64, b"\x1b[31m\x1b]0;title\x07", b"\xff\xfe", b"\xfe\xff", b"\xff" * 8),
    *(b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80", b"\\ud800", b"\\u0000"),
    *(b"\r", b"\r\n", b"\n\n\n", b"\x85", b"\xe2\x80\xa8", b"\xc2\xa0", b"\t", b" ", b"\x0b\x1c"),
    *(b'"', b'""', b"'", b"\\", b",", b";", b"|", b":", b"#", b"{", b"}", b"[", b"]", b"</s>"),
    *(b"null", b"true", b"NaN", b"nan", b"inf", b"-inf", b"-Infinity", b"1e999", b"-0", b"1e-999"),
    *(b"1_000", b"0x10", b"+5", b" 5", "٣".encode(), "①".encode(), "İ".encode(), "ﷺ".encode()),
    *(b"9" * 5000, b"0" * 5000, b"." * 300, b"[" * 300, b"[" * 60_000, b'{"a":' * 30_000),
    *(b"a.b." * 20_000, b"x" * 200_000, b" " * 50_000, b"\n" * 50_000, b"\t" * 10_000),
    *(b"," * 10_000, b'"' * 9_999, b"\\" * 9_999, "e\u0301\u0323".encode() * 20_000),
    *(b"<!--", b"<a href='" * 999, b"&#x10ffff;", b"&#99999999999;", b"http://" * 999),
    *(b"../../../etc/passwd", b"/dev/zero", b"http://127.0.0.1:9/", b"os:system", b"%s%n%n"),
    *(b"PAR1", b"\x80\x04", b"\x93NUMPY", b"PK\x03\x04", b"\x1f\x8b\x08", b"BZh9", b"\xfd7zXZ\0"),
]
"""What readers of text and of structures may not expect."""

Mutation = Callable[[Random, bytes], bytes]


def position(rng: Random, content: bytes) -> int:
    """Return a position, often one near the beginning or the end, where structures are."""
    size = len(content)
    near = rng.random()
    if near < 0.4:
        return rng.randrange(min(size, 128) + 1)
    if near < 0.55:
        return size - rng.randrange(min(size, 64) + 1)
    return rng.randrange(size + 1)


def _span(rng: Random, content: bytes) -> tuple[int, int]:
    first = position(rng, content)
    length = rng.choice((1, 2, 4, 8, 16, rng.randrange(1, 256), rng.randrange(1, len(content) + 2)))
    return first, min(first + length, len(content))


def flip_bits(rng: Random, content: bytes) -> bytes:
    """Flip one to four bits."""
    changed = bytearray(content)
    for _ in range(rng.randrange(1, 5) if changed else 0):
        changed[min(position(rng, content), len(changed) - 1)] ^= 1 << rng.randrange(8)
    return bytes(changed)


def set_bytes(rng: Random, content: bytes) -> bytes:
    """Overwrite a few bytes with random ones."""
    first, last = _span(rng, content)
    return content[:first] + rng.randbytes(min(last - first, 16)) + content[last:]


def set_number(rng: Random, content: bytes) -> bytes:
    """Overwrite a binary number with one of NUMBERS, or add a little to it."""
    width = rng.choice((1, 2, 4, 4, 8, 8))
    order = rng.choice(("little", "little", "big"))
    first = min(position(rng, content), max(len(content) - width, 0))
    first -= rng.choice((0, first % width))
    old = int.from_bytes(content[first : first + width], order)  # type: ignore[arg-type]
    new = rng.choice((rng.choice(NUMBERS), old + rng.randrange(-3, 4), old * 2))
    written = (new % (1 << (8 * width))).to_bytes(width, order)  # type: ignore[arg-type]
    return content[:first] + written + content[first + width :]


def set_digits(rng: Random, content: bytes) -> bytes:
    """Replace a number that is written in digits."""
    found = list(re.finditer(rb"-?\d+", content[: 1 << 16]))
    if not found:
        return set_number(rng, content)
    place = found[0] if rng.random() < 0.2 else rng.choice(found)
    number = rng.choice((*NUMBERS, int(place[0][:18]) + rng.choice((-1, 1)), 1e999, 0.1))
    return content[: place.start()] + str(number).encode() + content[place.end() :]


def truncate(rng: Random, content: bytes) -> bytes:
    """Cut the end or the beginning off."""
    cut = position(rng, content)
    return content[cut:] if rng.random() < 0.2 else content[:cut]


def delete(rng: Random, content: bytes) -> bytes:
    """Delete a part."""
    first, last = _span(rng, content)
    return content[:first] + content[last:]


def duplicate(rng: Random, content: bytes) -> bytes:
    """Repeat a part, seldom thousands of times."""
    first, last = _span(rng, content)
    times = rng.choice((1, 1, 2, 16, rng.choice((300, 5000))))
    part = content[first:last]
    times = min(times, MOST_BYTES // max(len(part), 1))
    return content[:last] + part * times + content[last:]


def move(rng: Random, content: bytes) -> bytes:
    """Copy a part over another place."""
    first, last = _span(rng, content)
    to = position(rng, content)
    return content[:to] + content[first:last] + content[to + rng.choice((0, last - first)) :]


def insert_token(rng: Random, content: bytes) -> bytes:
    """Insert one of TOKENS, or write it over something."""
    first, last = _span(rng, content)
    return content[:first] + rng.choice(TOKENS) + content[rng.choice((first, last)) :]


MUTATIONS: Sequence[Mutation] = [
    flip_bits,
    set_bytes,
    set_number,
    set_digits,
    truncate,
    delete,
    duplicate,
    move,
    insert_token,
]


def splice(rng: Random, content: bytes, other: bytes) -> bytes:
    """Return the beginning of one file followed by the end of another."""
    return content[: position(rng, content)] + other[position(rng, other) :]


def mutate(rng: Random, content: bytes) -> bytes:
    """Apply one to four mutations."""
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 4))):
        content = rng.choice(MUTATIONS)(rng, content)[:MOST_BYTES]
    return content
