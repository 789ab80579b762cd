"""The compiled training of a chunk against the oracle of `reference.py`, on one thread."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skipgram.kernels import reference
from skipgram.kernels.negative import Chunk, Tables, chunk_trainer, make_workspace
from skipgram.kernels.random import alias_table, stream_key
from skipgram.kernels.tiles import host_vectors, plan_tiles

# (lanes, registers): AVX-512, AVX2, SSE, NEON, and the plain loops.
VECTORS = [(16, 32), (8, 16), (4, 16), (4, 32), (1, 0)]
ALWAYS = 2**32 - 1
HYPOTHESIS = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Problem(NamedTuple):
    ids: np.ndarray
    offsets: np.ndarray
    tables: Tables
    vector_size: int
    window: int
    dynamic: bool
    negative: int
    cuts: list[int]  # chunk i is ids[cuts[i]:cuts[i + 1]]
    rate: float
    seed: int


def make_problem(vector_size, window, dynamic, negative, vocabulary, lengths, chunk_words, subsample, seed):
    rng = np.random.default_rng(seed)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    ids = rng.integers(0, vocabulary, offsets[-1]).astype(np.int32)
    keep = rng.integers(0, ALWAYS, vocabulary) if subsample else np.full(vocabulary, ALWAYS)
    tables = Tables(keep.astype(np.uint32), alias_table(rng.random(vocabulary) + 0.01))
    # A small vocabulary and a wide window take many steps with the same rows at once: their sum must not overshoot.
    rate = min(0.1, 1 / (min(2 * window, max([*lengths, 1])) * (1 + negative / vocabulary)))
    cuts = [*range(0, len(ids), chunk_words), len(ids)]
    return Problem(ids, offsets, tables, vector_size, window, dynamic, negative, cuts, rate, seed)


problems = st.builds(
    make_problem,
    vector_size=st.one_of(st.sampled_from([1, 7, 8, 16, 17, 100, 300]), st.integers(1, 130)),
    window=st.one_of(st.integers(1, 6), st.sampled_from([40, 256])),
    dynamic=st.booleans(),
    negative=st.sampled_from([1, 5, 64]),
    vocabulary=st.one_of(st.integers(2, 4), st.integers(5, 300)),
    lengths=st.lists(st.one_of(st.integers(0, 3), st.integers(4, 60)), max_size=6),
    chunk_words=st.one_of(st.integers(1, 10), st.integers(11, 200)),
    subsample=st.booleans(),
    seed=st.integers(0, 2**32),
)


def aligned(rows, stride):
    memory = np.zeros(rows * stride + 16, np.float32)
    start = -(memory.ctypes.data // 4) % 16
    return memory[start : start + rows * stride].reshape(rows, stride)


def initial_matrices(problem, stride):
    rng = np.random.default_rng(problem.seed)
    words, d = len(problem.tables.keep), problem.vector_size
    v, u = aligned(words, stride), aligned(words + 1, stride)
    v[:, :d] = rng.uniform(-1.5, 1.5, (words, d)) / d**0.5
    u[:words, :d] = rng.uniform(-1.5, 1.5, (words, d)) / d**0.5
    return v, u


def run(train_chunk, problem, v, u, width, work=None, rate=None):
    """Train chunk after chunk; return the sums of losses, pairs and words kept."""
    rate = problem.rate if rate is None else rate
    totals = np.zeros(3)
    for first, last in zip(problem.cuts[:-1], problem.cuts[1:], strict=True):
        sentence = int(np.searchsorted(problem.offsets, first, "right")) - 1
        chunk = Chunk(first, last, sentence, stream_key(problem.seed, 3), rate, rate / 500)
        settings = (width, problem.window, problem.dynamic, problem.negative, work)
        totals += train_chunk(problem.ids, problem.offsets, chunk, problem.tables, v, u, *settings)
    return totals


def train(problem, vectors, v=None, u=None, rate=None):
    """Train with the compiled kernel; return (totals, v, u, the plan)."""
    plan = plan_tiles(problem.vector_size, problem.negative + 1, vectors)
    if v is None:
        v, u = initial_matrices(problem, plan.stride)
    longest = max(np.diff(problem.cuts), default=0)
    work = make_workspace(plan, problem.window, int(longest))
    return run(chunk_trainer(plan.shape), problem, v, u, plan.width, work, rate), v, u, plan


def assert_agrees_with_the_oracle(problem, vectors):
    totals, v, u, plan = train(problem, vectors)
    old_v, old_u = initial_matrices(problem, plan.stride)
    exact_v, exact_u = old_v.astype(float), old_u.astype(float)
    exact = run(reference.train_chunk, problem, exact_v, exact_u, problem.vector_size)
    assert totals[1:].tolist() == exact[1:].tolist()
    assert totals[0] == pytest.approx(exact[0], rel=1e-5)
    for new, true, old in ((v, exact_v, old_v), (u, exact_u, old_u)):
        assert np.linalg.norm(new - true) <= 1e-4 * np.linalg.norm(true - old)
    assert not v[:, problem.vector_size :].any(), "padding"
    assert not u[:, problem.vector_size :].any(), "padding"
    assert not u[-1].any(), "scratch row"


def example(**changes):
    problem = {
        "vector_size": 20, "window": 3, "dynamic": True, "negative": 5, "vocabulary": 30,
        "lengths": [0, 1, 2, 150, 0, 40], "chunk_words": 70, "subsample": True, "seed": 7,
    }  # fmt: skip
    return make_problem(**(problem | changes))


@pytest.mark.parametrize("vectors", VECTORS)
@HYPOTHESIS
@given(problem=problems)
def test_kernel_agrees_with_the_oracle(vectors, problem):
    assert_agrees_with_the_oracle(problem, vectors)


@pytest.mark.parametrize("vectors", VECTORS)
@pytest.mark.parametrize("vector_size", [1, 7, 8, 16, 17, 4096])
def test_vector_sizes_at_the_edges(vectors, vector_size):
    assert_agrees_with_the_oracle(example(vector_size=vector_size), vectors)


@pytest.mark.parametrize("vectors", VECTORS)
@pytest.mark.parametrize("negative", [2, 4, 11, 12, 63])
def test_fewer_negatives_than_the_tiles_hold(vectors, negative):
    plan = plan_tiles(20, (6 if negative < 6 else 65), vectors)
    problem = example(negative=negative, vocabulary=200)
    v, u = initial_matrices(problem, plan.stride)
    totals = run(chunk_trainer(plan.shape), problem, v, u, plan.width, make_workspace(plan, problem.window, 70))
    exact_v, exact_u = (matrix.astype(float) for matrix in initial_matrices(problem, plan.stride))
    exact = run(reference.train_chunk, problem, exact_v, exact_u, problem.vector_size)
    assert totals == pytest.approx(exact, rel=1e-5)
    assert np.abs(v - exact_v).max() < 1e-5
    assert np.abs(u - exact_u).max() < 1e-5


@HYPOTHESIS
@given(problem=problems, data=st.data())
def test_cutting_the_corpus_elsewhere_changes_no_pair(problem, data):
    words = len(problem.ids)
    cuts = data.draw(st.sets(st.integers(0, words)))
    other = problem._replace(cuts=sorted(cuts | {0, words}))
    totals, *_ = train(problem, host_vectors(), rate=0.0)  # at rate 0 the loss does not depend on the order of updates
    assert train(other, host_vectors(), rate=0.0)[0] == pytest.approx(totals, rel=1e-6)


def test_the_same_seed_gives_the_same_bits():
    first, second = train(example(), host_vectors()), train(example(), host_vectors())
    assert first[0].tolist() == second[0].tolist()
    assert first[1].tobytes() == second[1].tobytes()
    assert first[2].tobytes() == second[2].tobytes()


def test_another_seed_gives_other_draws():
    problem = example()
    assert train(problem, host_vectors())[0][0] != train(problem._replace(seed=8), host_vectors())[0][0]


def test_the_rate_falls_with_the_words_of_a_chunk():
    problem = example(subsample=False, lengths=[10] * 30, chunk_words=300)
    assert_agrees_with_the_oracle(problem, host_vectors())


@pytest.mark.parametrize("vectors", VECTORS)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("side", ["input", "output"])
def test_a_number_that_is_not_finite_shows_in_the_loss(vectors, value, side):
    problem = example(subsample=False)
    plan = plan_tiles(problem.vector_size, problem.negative + 1, vectors)
    v, u = initial_matrices(problem, plan.stride)
    (v if side == "input" else u)[problem.ids[5], 3] = value
    totals, *_ = train(problem, vectors, v, u)
    assert not np.isfinite(totals[0])


def test_nothing_to_train_on():
    for lengths in ([], [0], [0, 0], [1], [1, 1, 0]):
        assert train(example(lengths=lengths), host_vectors())[0][:2].tolist() == [0, 0]
    dropped = example()
    dropped.tables.keep[:] = 0
    assert train(dropped, host_vectors())[0][:2].tolist() == [0, 0]
