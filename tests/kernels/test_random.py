"""The generator and what is drawn with it.

The seeds are fixed, so a failure is due to a change, not to bad luck.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from skipgram.kernels.random import (
    alias_table,
    below,
    draws,
    fill_uniform,
    permutation,
    pick_noise,
    stream_key,
)

N = 200_000


def random_bits(part=0, n=N):
    return draws(stream_key(7, 3, part), np.arange(n, dtype=np.uint64))


def p_value(counts, probabilities):
    return stats.chisquare(counts, probabilities / probabilities.sum() * counts.sum()).pvalue


def test_draws_are_those_of_splitmix64():
    # The first three numbers of the reference implementation with seed 1234567.
    assert draws(np.uint64(1234567), np.arange(1, 4, dtype=np.uint64)).tolist() == [
        6457827717110365317, 3203168211198807973, 9817491932198370423,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "weights",
    [np.ones(1), np.array([1.0, 1e-6]), np.arange(1, 100) ** -0.75, np.array([5, 1, 1, 1])],
)
def test_alias_table_draws_its_distribution(weights):
    table = alias_table(weights)
    picked = [pick_noise.py_func(bits, table) for bits in random_bits(n=50_000)]
    drawn = [table[row, 1] if is_alias else row for row, is_alias in picked]
    counts = np.bincount(drawn, minlength=len(weights))
    likely = weights / weights.sum() * len(drawn) > 5
    assert np.all(counts[~likely] < 20)
    assert likely.sum() == 1 or p_value(counts[likely], weights[likely]) > 1e-3


@pytest.mark.parametrize("v", [2, 7, 1000])
def test_alias_table_holds_its_distribution(v):
    weights = np.random.default_rng(v).random(v) ** 4
    stay, other = alias_table(weights).T
    mass = stay / 2**32
    held = mass + np.bincount(other, 1 - mass, minlength=v)
    assert held / v == pytest.approx(weights / weights.sum(), abs=1e-8)


@pytest.mark.parametrize("window", [1, 2, 5, 500])
def test_reach_is_uniform(window):
    reach = below.py_func(random_bits() << np.uint64(32), window)
    assert (reach.min(), reach.max()) == (0, window - 1)
    assert window == 1 or p_value(np.bincount(reach), np.ones(window)) > 1e-3


@pytest.mark.parametrize("probability", [0.001, 0.3, 0.999])
def test_words_are_kept_with_their_probability(probability):
    kept = np.sum((random_bits() >> np.uint64(32)) <= np.uint32(probability * 2**32))
    assert stats.binomtest(int(kept), N, probability).pvalue > 1e-3


def test_keeping_a_word_and_its_reach_are_independent():
    bits = random_bits()
    kept, reach = (bits >> np.uint64(63)).astype(int), below.py_func(bits << np.uint64(32), 5)
    table = np.bincount(2 * reach + kept, minlength=10).reshape(5, 2)
    assert stats.chi2_contingency(table).pvalue > 1e-3


@pytest.mark.parametrize("n", [0, 1, 2, 1000])
def test_permutation_is_one(n):
    assert sorted(permutation(stream_key(1, 2), n)) == list(range(n))


def test_permutations_are_equally_likely():
    orders = [tuple(permutation(stream_key(1, 2, epoch), 3)) for epoch in range(3000)]
    assert p_value(np.unique(orders, axis=0, return_counts=True)[1], np.ones(6)) > 1e-3


def test_fill_uniform_fills_the_width_and_no_more():
    matrix = np.full((1000, 32), 9.0, np.float32)
    fill_uniform(stream_key(1, 1), matrix, 20, 0.25)
    filled = matrix[:, :20].astype(float)
    assert np.all(matrix[:, 20:] == 9)
    assert filled.min() >= -0.25
    assert filled.max() < 0.25
    assert abs(filled.mean()) < 4 * 0.25 / np.sqrt(3 * filled.size)
    assert stats.kstest(filled.ravel(), stats.uniform(-0.25, 0.5).cdf).pvalue > 1e-3


def test_streams_of_other_seeds_purposes_and_parts_differ():
    keys = [
        stream_key(seed, purpose, part)
        for seed in range(10)
        for purpose in range(4)
        for part in range(10)
    ]
    first = {int(bits) for key in keys for bits in draws(key, np.arange(20, dtype=np.uint64))}
    assert len(first) == len(keys) * 20


def test_stream_key_takes_any_64_bit_seed_and_no_other():
    assert stream_key(2**64 - 1, 1) != stream_key(0, 1)
    with pytest.raises(OverflowError):
        stream_key(2**64, 1)
