"""Pairs of neighbouring words: counting them, joining them to one word, and writing words as text.

Text comes in blocks of complete sentences: ids (n,) int32, and ends (m,) int64, the number of the
block's ids before each sentence end.
"""

from __future__ import annotations

import os
from typing import Any, NamedTuple

import numpy as np
from numpy import uint64, uintp
from numpy.typing import NDArray

from skipgram.kernels.bits import eight_bytes, prefetch_row, put_eight_bytes
from skipgram.kernels.cache import compiled
from skipgram.kernels.parts import inlined
from skipgram.kernels.random import below, draw

_32 = uint64(32)
_ZERO, _ONE = uint64(0), uint64(1)
_LINE_END = 10

AHEAD = 16
"""How many pairs early a slot is prefetched: the slots of a large table are not in the cache."""

SPARE = 8
"""Bytes that must follow the letters and the text: words are copied eight bytes at a time."""

# The columns of `PairTable.slots`.
PAIR, NUMBER = 0, 1


class PairTable(NamedTuple):
    """An open-addressing hash table from pairs of words to numbers.

    Attributes:
        slots: (power of two, 2) the pair, its first word in the high half, and its number, which is
            0 where a slot is free.
        used: (1,) pairs in the table; a third of the slots stays free.
        secret: a random number, so that no text can be made whose pairs collide.
    """

    slots: NDArray[np.uint64]
    used: NDArray[np.int64]
    secret: np.uint64


def make_table(entries: NDArray[np.uint64], slots: int) -> PairTable:
    """Return a table that holds `entries` (n, 2), rows like those of `PairTable.slots`.

    `slots`, the number of its slots, is a power of two.
    """
    secret = np.frombuffer(os.urandom(8), np.uint64)[0]
    return _filled(entries, slots, secret)


def doubled(table: PairTable) -> PairTable:
    """Return the table with twice as many slots.

    With the same secret, what is read in the order of the slots is written in that order too.
    """
    return _filled(table.slots, 2 * len(table.slots), table.secret)


def _filled(entries: NDArray[np.uint64], slots: int, secret: np.uint64) -> PairTable:
    table = PairTable(np.zeros((slots, 2), np.uint64), np.zeros(1, np.int64), secret)
    _place(entries, table)
    return table


@inlined
def _find(slots: Any, pair: Any, bits: Any) -> Any:
    """Return the slot where a pair is or belongs; `bits` is its hash."""
    mask = uint64(len(slots) - 1)
    at = bits & mask
    while slots[at, NUMBER] != _ZERO and slots[at, PAIR] != pair:
        at = (at + _ONE) & mask
    return at


@inlined
def _prefetch(slots: Any, slot: Any) -> None:
    prefetch_row(slots, np.int64(slot) * slots.shape[1], slots.shape[1])


@compiled()
def _place(entries: Any, table: Any) -> None:
    mask = uint64(len(table.slots) - 1)
    for row in range(len(entries)):
        if row + AHEAD < len(entries):
            _prefetch(table.slots, draw(entries[row + AHEAD, PAIR], table.secret) & mask)
        if entries[row, NUMBER] != _ZERO:
            pair = entries[row, PAIR]
            at = _find(table.slots, pair, draw(pair, table.secret))
            table.slots[at, PAIR], table.slots[at, NUMBER] = pair, entries[row, NUMBER]
            table.used[0] += 1


@inlined
def _pair(first: Any, second: Any) -> Any:
    return (uint64(first) << _32) | uint64(second)


@compiled()
def pick_pairs(ids: Any, ends: Any, part: Any, parts: Any, pairs: Any) -> Any:
    """Write the pairs of neighbours in a sentence to `pairs`; return how many.

    Only those whose hash falls to `part` of `parts`. Overlapping pairs count: "a a a" holds "a a"
    twice. `pairs` (n,) uint64 has room for as many as there are ids.
    """
    at, picked = 0, 0
    for sentence in range(len(ends)):
        last = ends[sentence] - 1
        while at < last:
            pair = _pair(ids[uintp(at)], ids[uintp(at + 1)])
            # Overwritten unless it counts: a branch would be mispredicted every other time.
            pairs[uintp(picked)] = pair
            picked += 1 if below(draw(pair, _ZERO), parts) == part else 0
            at += 1
        at = last + 1
    return picked


@compiled()
def count_pairs(pairs: Any, first: Any, table: Any) -> Any:
    """Count pairs[first:]; return where it stopped.

    That is the end, or a new pair for which the table has no room.
    """
    room, mask = len(table.slots) * 2 // 3, uint64(len(table.slots) - 1)
    for at in range(first, len(pairs)):
        if at + AHEAD < len(pairs):
            _prefetch(table.slots, draw(pairs[uintp(at + AHEAD)], table.secret) & mask)
        pair = pairs[uintp(at)]
        slot = _find(table.slots, pair, draw(pair, table.secret))
        if table.slots[slot, NUMBER] == _ZERO:
            if table.used[0] >= room:
                return at
            table.slots[slot, PAIR] = pair
            table.used[0] += 1
        table.slots[slot, NUMBER] += _ONE
    return len(pairs)


@compiled()
def join_pairs(ids: Any, ends: Any, table: Any) -> Any:
    """Replace each pair in the table by one id; return how many words are left.

    The number of a pair is its new id + 1. Pairs are joined in place, from the left, and no word is
    joined twice. `ends` become those of the words that are left.
    """
    at, written = 0, 0
    for sentence in range(len(ends)):
        end = ends[sentence]
        while at < end:
            word = ids[uintp(at)]
            at += 1
            if at < end:
                pair = _pair(word, ids[uintp(at)])
                slot = _find(table.slots, pair, draw(pair, table.secret))
                number = table.slots[slot, NUMBER]
                if number != _ZERO:
                    word = np.int32(number - _ONE)
                    at += 1
            ids[uintp(written)] = word
            written += 1
        ends[sentence] = written
    return written


@compiled()
def write_lines(ids: Any, ends: Any, letters: Any, starts: Any, text: Any) -> None:
    """Write the sentences into `text`, one a line; an empty one is a blank line.

    `text` has SPARE bytes more than that, which are overwritten too.

    letters (L + SPARE,) uint8 holds the words, each with a space after it: word w is
    letters[starts[w]:starts[w + 1]].
    """
    position, written = 0, 0
    for sentence in range(len(ends)):
        if position == ends[sentence]:
            written += 1
        while position < ends[sentence]:
            word = ids[uintp(position)]
            begin, size = starts[uintp(word)], starts[uintp(word + 1)] - starts[uintp(word)]
            for at in range(0, size, 8):
                put_eight_bytes(text, written + at, eight_bytes(letters, begin + at))
            written += size
            position += 1
        text[written - 1] = _LINE_END
