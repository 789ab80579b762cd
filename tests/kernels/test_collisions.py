"""Texts whose words are made to collide in the hash tables, each for a hash without a secret."""

from __future__ import annotations

import time

import numpy as np
import pytest
from numpy.typing import NDArray

from skipgram.corpus.scans import scan_block
from skipgram.kernels import collocations, scan
from skipgram.kernels.collocations import NUMBER
from skipgram.kernels.random import draw

WORDS = 60_000
LONGEST_RUN = 300
"""Random hashes of `WORDS` words take about 30 slots in a row."""
FACTORS = np.array([0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9], np.uint64)
_32 = np.uint64(32)
SPACES = bytes([*range(9, 14), *range(28, 33), 0xC2, 0xE1, 0xE2, 0xE3])


def text_of(halves: NDArray[np.uint64]) -> bytes:
    """The text of words of 16 bytes, (n, 2), that contain no white space."""
    words = [row.tobytes() for row in halves]
    return b"".join(word + b"\n" for word in words if not set(word) & {0, *SPACES})


def colliding() -> bytes:
    """Words with one hash: that which the scan had before its hashes had a secret."""
    first = np.random.default_rng(1).integers(1, 2**63, 2 * WORDS).astype(np.uint64)
    mixed = first * FACTORS[0]
    return text_of(np.stack([first, mixed ^ (mixed >> _32) ^ FACTORS[1]], axis=1))


def differing_in_high_bits() -> bytes:
    """Words that fall on few hashes where a secret is only added, or XORed, to a known hash.

    The highest byte of the first half changes that of the product only, whatever the secret.
    """
    high = np.arange(256, dtype=np.uint64)
    first = (high << np.uint64(56)) + np.uint64(0x61626364656667)
    second = (high << np.uint64(56)) ^ (high << np.uint64(24)) ^ np.uint64(0x7172737475767778)
    pairs = np.stack(np.meshgrid(first, second), axis=-1).reshape(-1, 2)
    return text_of(pairs)


def ordinary() -> bytes:
    return b"".join(b"%016d\n" % number for number in range(WORDS))


def longest_run(used: NDArray[np.bool_]) -> int:
    free = np.flatnonzero(~used)
    return int(np.diff(free, prepend=-1, append=len(used)).max()) - 1


@pytest.mark.parametrize("make", [ordinary, colliding, differing_in_high_bits])
def test_words_made_to_collide_spread_like_others(make) -> None:
    text = make()
    assert text.count(b"\n") > WORDS / 3
    table, ids, _ = scan_block(text, scan.make_table(), by_unicode=False)
    assert ids.tolist() == list(range(text.count(b"\n")))
    assert longest_run(table.slots != 0) < LONGEST_RUN


def test_a_text_made_to_collide_takes_the_time_of_another() -> None:
    def seconds(text: bytes) -> float:
        started = time.process_time()
        scan_block(text, scan.make_table(), by_unicode=False)
        return time.process_time() - started

    seconds(ordinary())
    usual = min(seconds(ordinary()) for _ in range(3))
    assert min(seconds(colliding()) for _ in range(3)) < 10 * usual + 0.05


def test_pairs_made_to_collide_spread_like_others() -> None:
    first, second = np.arange(1 << 12, dtype=np.uint64), np.arange(1 << 12, dtype=np.uint64)
    pairs = ((first << _32)[:, None] | second).ravel()
    pairs = pairs[draw.py_func(pairs, np.uint64(0)) & np.uint64(0xFFF) == 0]
    assert len(pairs) > 1 << 11
    table = collocations.make_table(np.zeros((0, 2), np.uint64), 1 << 14)
    assert collocations.count_pairs(pairs, 0, table) == len(pairs)
    assert longest_run(table.slots[:, NUMBER] != 0) < LONGEST_RUN
    bigger = collocations.doubled(table)
    assert (bigger.secret, bigger.used[0]) == (table.secret, len(pairs))


def test_every_table_has_a_secret_of_its_own_and_keeps_it_as_it_grows() -> None:
    tables = [scan.make_table(), scan.make_table()]
    assert tables[0].secret != tables[1].secret
    assert scan.grow(tables[0], 1 << 15, 1 << 20).secret == tables[0].secret


def test_ids_do_not_depend_on_the_secret() -> None:
    text = ordinary() + colliding()
    tables, ids = zip(
        *(scan_block(text, scan.make_table(), by_unicode=True)[:2] for _ in range(2)), strict=True
    )
    assert np.array_equal(ids[0], ids[1])
    assert tables[0].texts(np.arange(3)) == tables[1].texts(np.arange(3))
    merged = [scan.grow(scan.make_table(), table.words, len(text)) for table in tables]
    numbers = [np.empty(table.words, np.int64) for table in tables]
    for table, target, number in zip(tables[::-1], merged, numbers, strict=True):
        scan.merge(table, target, number)
    assert np.array_equal(numbers[0], numbers[1])
