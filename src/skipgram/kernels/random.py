"""The one source of randomness: a generator without state, and alias sampling.

Every draw is a function of a key and a counter (the output step of SplitMix64: Steele, Lea and
Flood 2014). So what is drawn for a word of the corpus depends on (seed, epoch, position) alone, and
not on the number of threads, the size of a chunk or the order of chunks. Nothing has to be stored
to resume a run.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from skipgram.kernels.cache import compiled
from skipgram.kernels.parts import inlined

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_27, _30 = np.uint64(27), np.uint64(30)
_31, _32 = np.uint64(31), np.uint64(32)
_LOW_32 = np.uint64(0xFFFFFFFF)

# The purposes of draws; each has streams of its own.
INITIAL_VECTORS = 1
CHUNK_ORDER = 2
CORPUS_DRAWS = 3
HELD_OUT_DRAWS = 4


@inlined
def draw(key: Any, counter: Any) -> Any:
    """Return the 64 random bits number `counter` (uint64) of the stream `key` (uint64)."""
    z = key + counter * GOLDEN
    z = (z ^ (z >> _30)) * _MIX_1
    z = (z ^ (z >> _27)) * _MIX_2
    return z ^ (z >> _31)


@inlined
def below(bits: Any, bound: Any) -> Any:
    """Return an integer in 0..bound-1 (bound < 2^32) from the high 32 bits of `bits`.

    It multiplies, which is faster than a division.
    """
    return np.int64(((bits >> _32) * np.uint64(bound)) >> _32)


@inlined
def pick_noise(bits: Any, noise: Any) -> Any:
    """Return a row of the alias table `noise` (V, 2), and whether its alias is drawn in its place.

    The high half of the 64 random bits picks a row; the low half decides between it and its alias.
    """
    row = below(bits, len(noise))
    return row, np.int64((bits & _LOW_32) >= np.uint64(noise[np.uintp(row), 0]))


def stream_key(seed: int, purpose: int, part: int = 0) -> np.uint64:
    """Return the key of the stream for one purpose and part (an epoch, say) of a run."""
    key = np.uint64(seed)
    for number in (purpose, part):
        key = draws(key, np.array([number + 1], np.uint64))[0]
    return key


def draws(
    key: np.uint64, counters: np.ndarray[Any, np.dtype[np.uint64]]
) -> np.ndarray[Any, np.dtype[np.uint64]]:
    """Return `draw` of every counter, without compiling it.

    NumPy's arrays wrap around as compiled numbers do.
    """
    bits: np.ndarray[Any, np.dtype[np.uint64]] = draw.py_func(key, counters)
    return bits


def advanced(key: np.uint64, count: int) -> np.uint64:
    """Return the key of the same stream without its first `count` numbers."""
    return np.uint64((int(key) + count * int(GOLDEN)) % (1 << 64))


def permutation(key: np.uint64, n: int) -> np.ndarray[Any, np.dtype[np.intp]]:
    """Return 0..n-1 in a random order."""
    return np.argsort(draws(key, np.arange(n, dtype=np.uint64)), kind="stable")


@compiled()
def fill_uniform(key: Any, matrix: Any, width: int, bound: float) -> None:
    """Fill the first `width` columns of a float32 matrix, uniformly in [-bound, bound)."""
    for row in range(matrix.shape[0]):
        for column in range(width):
            bits = draw(key, np.uint64(row) * np.uint64(width) + np.uint64(column))
            unit = np.float64(bits >> np.uint64(40)) / 16777216.0
            matrix[row, column] = np.float32((2.0 * unit - 1.0) * bound)


def alias_table(weights: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return the alias table (V, 2) uint32 of the distribution with these weights (V,) (Vose 1991).

    Column 0 is the probability, times 2^32, of keeping the row that was picked; column 1 is its
    alias. A word takes 8 bytes, so the table of 70,000 words stays in the second-level cache.
    """
    n = len(weights)
    table = np.empty((n, 2), np.uint32)
    _fill_alias_table(
        weights * (n / weights.sum()), np.empty(n, np.int64), np.empty(n, np.int64), table
    )
    return table


@compiled()
def _fill_alias_table(scaled: Any, small: Any, large: Any, table: Any) -> None:
    n_small = n_large = 0
    for i in range(len(scaled)):
        table[i, 0], table[i, 1] = np.uint32(0xFFFFFFFF), np.uint32(i)
        if scaled[i] < 1.0:
            small[n_small] = i
            n_small += 1
        else:
            large[n_large] = i
            n_large += 1
    while n_small > 0 and n_large > 0:
        n_small -= 1
        poor, rich = small[n_small], large[n_large - 1]
        table[poor, 0] = np.uint32(scaled[poor] * 4294967296.0)
        table[poor, 1] = np.uint32(rich)
        scaled[rich] -= 1.0 - scaled[poor]
        if scaled[rich] < 1.0:
            n_large -= 1
            small[n_small] = rich
            n_small += 1
