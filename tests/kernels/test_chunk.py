"""The compiled training of a chunk against the oracle of `reference.py`, on one thread."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from quick import slow_unless

from skipgram.kernels import reference
from skipgram.kernels.chunk import chunk_trainer
from skipgram.kernels.form import Form
from skipgram.kernels.hierarchical import huffman_tree, no_tree
from skipgram.kernels.layout import Matrices, Sampling, Scratch, Tables, make_tile_scratch
from skipgram.kernels.optimizers import ADAGRAD, ADAM, SGD, state_width
from skipgram.kernels.plan import host_vectors, plan_paths, plan_tiles
from skipgram.kernels.random import alias_table, stream_key
from skipgram.kernels.windows import CONTEXTS, Chunk, Reach, make_window_scratch

# (lanes, registers): AVX-512, AVX2, SSE, NEON, and the plain loops.
VECTORS = [(16, 32), (8, 16), (4, 16), (4, 32), (1, 0)]
WIDEST, PLAIN = VECTORS[0], VECTORS[-1]
EVERY_VECTOR = slow_unless([WIDEST, PLAIN], VECTORS)
ALWAYS = 2**32 - 1
HYPOTHESIS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Problem(NamedTuple):
    ids: np.ndarray
    offsets: np.ndarray
    tables: Tables
    vector_size: int
    reach: Reach
    cuts: list[int]  # chunk i is ids[cuts[i]:cuts[i + 1]]
    rate: float
    seed: int
    form: Form = Form()  # of any shape
    frozen: range = range(0)


def make_problem(
    vector_size, before, after, dynamic, negative, vocabulary, lengths, chunk_words, subsample, seed
):
    rng = np.random.default_rng(seed)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    ids = rng.integers(0, vocabulary, offsets[-1]).astype(np.int32)
    keep = rng.integers(0, ALWAYS, vocabulary) if subsample else np.full(vocabulary, ALWAYS)
    sampling = Sampling(alias_table(rng.random(vocabulary) + 0.01), negative, np.float32(1))
    tables = Tables(keep.astype(np.uint32), sampling, no_tree())
    # A small vocabulary and a wide window take many steps with the same rows at the same time:
    # their sum must not overshoot.
    rate = min(0.1, 1 / (min(before + after, max([*lengths, 1])) * (1 + negative / vocabulary)))
    cuts = [*range(0, len(ids), chunk_words), len(ids)]
    reach = Reach(before, after, dynamic)
    return Problem(ids, offsets, tables, vector_size, reach, cuts, rate, seed)


def as_method(problem, method, optimizer):
    """The same problem for another method and optimizer."""
    words = method.split()
    if "hierarchical" in words:
        rng = np.random.default_rng(problem.seed)
        counts = np.sort(rng.zipf(1.3, len(problem.tables.keep)).clip(max=10**9))[::-1]
        problem = problem._replace(tables=problem.tables._replace(tree=huffman_tree(counts)))
    if "group" in words:
        # Windows that share their negatives, and are too narrow to be cut into blocks.
        reach = problem.reach._replace(
            before=problem.seed % 9, after=max(min(problem.reach.after, 8), 1)
        )
        reach = Reach(reach.after, reach.before, reach.dynamic) if problem.seed % 2 else reach
        sampling = problem.tables.sampling
        sampling = sampling._replace(negative=8, share=np.float32(sampling.negative / 8))
        tables, rate = problem.tables._replace(sampling=sampling), problem.rate / 4
        problem = problem._replace(reach=reach, rate=rate, tables=tables)
    rate = problem.rate * (0.1 if optimizer == ADAM else 1)
    if "sum" in words:  # a step moves a score as many times as far as there are words in the sum
        rate /= problem.reach.before + problem.reach.after
    context = next((name for name in ("sum", "word2vec") if name in words), "mean")
    form = Form(
        group=4 if "group" in words else 1,
        hierarchical="hierarchical" in words,
        pairwise="pairwise" in words,
        single="single" in words,
        cbow=CONTEXTS[context] if "cbow" in words else 0,
        optimizer=optimizer,
    )
    return problem._replace(form=form, rate=rate)


def any_problem(**changes):
    kinds = {
        "vector_size": st.one_of(st.sampled_from([1, 7, 8, 16, 17, 100, 300]), st.integers(1, 130)),
        "before": st.one_of(st.integers(1, 6), st.sampled_from([40, 500])),
        "after": st.one_of(st.integers(0, 6), st.sampled_from([40, 500])),
        "dynamic": st.booleans(),
        "negative": st.sampled_from([1, 5, 64]),
        "vocabulary": st.one_of(st.integers(2, 4), st.integers(5, 300)),
        "lengths": st.lists(st.one_of(st.integers(0, 3), st.integers(4, 60)), max_size=6),
        "chunk_words": st.one_of(st.integers(1, 10), st.integers(11, 200)),
        "subsample": st.booleans(),
        "seed": st.integers(0, 2**32),
    }
    return st.builds(make_problem, **(kinds | changes))


problems = any_problem()


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


def run(train_chunk, problem, rate=None, loss_every=1):
    """Train each chunk with train_chunk; return the sums of losses, pairs and words kept."""
    rate = problem.rate if rate is None else rate
    totals = np.zeros(3)
    for first, last in zip(problem.cuts[:-1], problem.cuts[1:], strict=True):
        sentence = int(np.searchsorted(problem.offsets, first, "right")) - 1
        key = stream_key(problem.seed, 3)
        totals += train_chunk(Chunk(first, last, sentence, key, rate, rate / 500, loss_every))
    return totals


def train(problem, vectors, v=None, u=None, rate=None, plan=None, loss_every=1):
    """Train with the compiled kernel; return (totals, v, u, the plan)."""
    form, tables = problem.form, problem.tables
    reach = problem.reach
    negative = tables.sampling.negative
    if plan is None and form.hierarchical:
        plan = plan_paths(problem.vector_size, tables.tree.longest, vectors)
    plan = plan or plan_tiles(problem.vector_size, form.group + negative, vectors)
    if v is None:
        v, u = initial_matrices(problem, plan.stride)
    width = state_width(form.optimizer, plan.stride)
    frozen = np.zeros(len(v) if problem.frozen else 0, np.uint8)
    frozen[problem.frozen] = 1
    v_states, u_states = (np.zeros((len(matrix), width), np.float32) for matrix in (v, u))
    matrices = Matrices(v, u, v_states, u_states, frozen, plan.width)
    longest = int(max(np.diff(problem.cuts), default=0))
    draws = negative * (1 if form.pairwise else max(1, -(-longest // form.group)))
    scratch = Scratch(
        make_window_scratch(reach.furthest, longest, form.group, draws),
        make_tile_scratch(plan, reach.furthest, form.group, negative, tables.sampling.share),
    )
    kernel = chunk_trainer(replace(form, shape=plan.shape, freeze=len(frozen) > 0))

    def train_chunk(chunk):
        return kernel(problem.ids, problem.offsets, chunk, tables, reach, matrices, scratch)

    return run(train_chunk, problem, rate, loss_every), v, u, plan


def train_exactly(problem, plan, noise=0.0):
    """Train with the oracle, from a start with relative noise; return (totals, v, u)."""
    rng = np.random.default_rng(5)
    start = [
        matrix.astype(float)[:, : problem.vector_size]
        for matrix in initial_matrices(problem, plan.stride)
    ]
    v, u = (matrix * (1 + noise * rng.uniform(-1, 1, matrix.shape)) for matrix in start)
    inputs = reference.Parameters(v, problem.form.optimizer, problem.frozen)
    outputs = reference.Parameters(u, problem.form.optimizer)

    def train_chunk(chunk):
        ids, offsets = problem.ids, problem.offsets
        return reference.train_chunk(
            problem.form, ids, offsets, chunk, problem.tables, problem.reach, inputs, outputs
        )

    return run(train_chunk, problem), v, u


def assert_agrees_with_the_oracle(problem, vectors, plan=None):
    totals, v, u, plan = train(problem, vectors, plan=plan)
    exact, exact_v, exact_u = train_exactly(problem, plan)
    assert totals[1:].tolist() == exact[1:].tolist()
    assert totals[0] == pytest.approx(exact[0], rel=1e-5)
    old = initial_matrices(problem, plan.stride)
    for side, (new, true, before) in enumerate(zip((v, u), (exact_v, exact_u), old, strict=True)):
        change = np.linalg.norm(true - before[:, : problem.vector_size])
        allowed = 1e-4 * change + 1e-6 * np.linalg.norm(
            true
        )  # the second: rounding of rows that hardly move
        error = np.linalg.norm(new[:, : problem.vector_size] - true)
        if error > allowed and problem.form.optimizer != SGD:
            # These optimizers divide a gradient by its size. Where its addends cancel, the last
            # digits of float32 decide the step. So the error may be as large as the change that
            # noise of that size at the start makes in the result of the oracle.
            allowed += np.linalg.norm(train_exactly(problem, plan, 1e-6)[1 + side] - true)
        assert error <= allowed
    assert not v[:, problem.vector_size :].any(), "padding"
    assert not u[:, problem.vector_size :].any(), "padding"
    assert not u[-1].any(), "scratch row"
    assert v[problem.frozen].tobytes() == old[0][problem.frozen].tobytes(), "frozen rows"


def example(**changes):
    problem = {
        "vector_size": 20, "before": 3, "after": 3, "dynamic": True, "negative": 5,
        "vocabulary": 30,
        "lengths": [0, 1, 2, 150, 0, 40], "chunk_words": 70, "subsample": True, "seed": 7,
    }  # fmt: skip
    return make_problem(**(problem | changes))


@pytest.mark.parametrize("vectors", EVERY_VECTOR)
@HYPOTHESIS
@given(problem=problems)
def test_kernel_agrees_with_the_oracle(vectors, problem):
    assert_agrees_with_the_oracle(problem, vectors)


@pytest.mark.parametrize("vectors", EVERY_VECTOR)
@pytest.mark.parametrize("vector_size", [1, 7, 8, 16, 17, 4096])
def test_vector_sizes_at_the_edges(vectors, vector_size):
    assert_agrees_with_the_oracle(example(vector_size=vector_size), vectors)


@pytest.mark.parametrize("vectors", EVERY_VECTOR)
@pytest.mark.parametrize("negative", [2, 4, 11, 12, 63])
def test_fewer_negatives_than_the_tiles_hold(vectors, negative):
    plan = plan_tiles(20, (6 if negative < 6 else 65), vectors)
    assert_agrees_with_the_oracle(example(negative=negative, vocabulary=200), vectors, plan)


METHODS = [
    "shared",
    "group",
    "pairwise",
    "single group",
    "single hierarchical",
    "cbow",
    "word2vec cbow",
    "sum cbow",
    "hierarchical",
    "hierarchical cbow",
]


# Each method and each optimizer is among the quick cases.
QUICK = [
    (WIDEST, ADAM, "shared"),
    (WIDEST, SGD, "group"),
    (WIDEST, ADAGRAD, "group"),
    (WIDEST, SGD, "pairwise"),
    (WIDEST, SGD, "single group"),
    (WIDEST, ADAM, "single hierarchical"),
    (WIDEST, ADAGRAD, "cbow"),
    (WIDEST, SGD, "word2vec cbow"),
    (WIDEST, SGD, "sum cbow"),
    (WIDEST, SGD, "hierarchical"),
    (WIDEST, ADAM, "hierarchical cbow"),
    (PLAIN, ADAM, "group"),
    (PLAIN, ADAGRAD, "cbow"),
    (PLAIN, SGD, "hierarchical"),
]


@pytest.mark.parametrize(
    ("vectors", "optimizer", "method"),
    slow_unless(
        QUICK,
        itertools.product([WIDEST, PLAIN], [SGD, ADAGRAD, ADAM], METHODS),
        several=True,
    ),
)
@settings(HYPOTHESIS, max_examples=12)
@given(data=st.data())
def test_every_method_and_optimizer(vectors, optimizer, method, data):
    # One shape of tile for each, as each is compiled anew: 6 outputs, or the nodes of a path.
    problem = data.draw(any_problem(vector_size=st.sampled_from([1, 7, 40]), negative=st.just(5)))
    assert_agrees_with_the_oracle(as_method(problem, method, optimizer), vectors)


SOME = [
    ("shared", ADAM),
    ("group", SGD),
    ("group", ADAGRAD),
    ("hierarchical", SGD),
    ("cbow", ADAGRAD),
]


QUICK_VECTORS = [(vectors, "group", SGD) for vectors in VECTORS]


@pytest.mark.parametrize(
    ("vectors", "method", "optimizer"),
    slow_unless(
        QUICK_VECTORS,
        [(vectors, *case) for vectors, case in itertools.product(VECTORS, SOME)],
        several=True,
    ),
)
def test_methods_on_every_kind_of_vector(vectors, method, optimizer):
    assert_agrees_with_the_oracle(
        as_method(example(vocabulary=100, negative=20), method, optimizer), vectors
    )


FROZEN = [
    ("group", SGD),
    ("group", ADAM),
    ("shared", ADAGRAD),
    ("pairwise", SGD),
    ("cbow", ADAM),
    ("hierarchical cbow", SGD),
]


QUICK_FROZEN = [(WIDEST, "group", ADAM), (WIDEST, "cbow", ADAM), (PLAIN, "hierarchical cbow", SGD)]


@pytest.mark.parametrize(
    ("vectors", "method", "optimizer"),
    slow_unless(
        QUICK_FROZEN,
        [(vectors, *case) for vectors, case in itertools.product([WIDEST, PLAIN], FROZEN)],
        several=True,
    ),
)
@settings(HYPOTHESIS, max_examples=12)
@given(data=st.data(), first=st.integers(0, 3), step=st.integers(1, 3))
def test_frozen_rows_are_held(vectors, method, optimizer, data, first, step):
    problem = as_method(
        data.draw(any_problem(vector_size=st.sampled_from([7, 40]), negative=st.just(5))),
        method,
        optimizer,
    )
    words = len(problem.tables.keep)
    assert_agrees_with_the_oracle(
        problem._replace(frozen=range(min(first, words - 1), words, step)), vectors
    )


WIDE = ["shared", "word2vec cbow", "hierarchical"]


@pytest.mark.parametrize("method", WIDE)
@pytest.mark.parametrize("dynamic", slow_unless([False], [False, True]))
def test_windows_of_500_words_on_each_side(method, dynamic):
    wide = {"before": 500, "after": 500, "dynamic": dynamic, "subsample": False}
    text = {"vocabulary": 400, "lengths": [700, 3, 90], "chunk_words": 300}
    assert_agrees_with_the_oracle(as_method(example(**wide, **text), method, SGD), host_vectors())


def test_a_window_wider_than_the_sentence_has_all_its_words():
    text = {"dynamic": False, "subsample": False, "lengths": [40, 9, 1]}
    wider = [train(example(before=n, after=n, **text), host_vectors(), rate=0) for n in (40, 10**6)]
    assert wider[0][0].tolist() == wider[1][0].tolist()
    assert wider[0][0][1] == 40 * 39 + 9 * 8


@HYPOTHESIS
@given(problem=problems, data=st.data())
def test_cutting_the_corpus_elsewhere_changes_no_pair(problem, data):
    words = len(problem.ids)
    cuts = data.draw(st.sets(st.integers(0, words)))
    other = problem._replace(cuts=sorted(cuts | {0, words}))
    totals, *_ = train(
        problem, host_vectors(), rate=0.0
    )  # at rate 0 the loss does not depend on the order of updates
    assert train(other, host_vectors(), rate=0.0)[0] == pytest.approx(totals, rel=1e-6)


def test_the_same_seed_gives_the_same_bits():
    first, second = train(example(), host_vectors()), train(example(), host_vectors())
    assert first[0].tolist() == second[0].tolist()
    assert first[1].tobytes() == second[1].tobytes()
    assert first[2].tobytes() == second[2].tobytes()


def test_the_loss_of_every_fourth_group_is_an_unbiased_estimate():
    text = {"subsample": False, "lengths": [150, 3, 90], "chunk_words": 300}
    problem, ratios = as_method(example(**text), "group", SGD), []
    for seed in range(400):
        drawn = problem._replace(seed=seed)
        exact, estimate = (train(drawn, host_vectors(), rate=0.0, loss_every=n)[0] for n in (1, 4))
        assert estimate[1:].tolist() == exact[1:].tolist()
        ratios.append(estimate[0] / exact[0])
    error = np.std(ratios) / len(ratios) ** 0.5
    assert 0 < error < 0.01
    assert np.mean(ratios) == pytest.approx(1, abs=4 * error)


@pytest.mark.parametrize("method", ["group", "shared"])
def test_how_much_of_the_loss_is_computed_changes_no_vector(method):
    problem = as_method(example(), method, SGD)
    exact, estimate, again = (train(problem, host_vectors(), loss_every=n) for n in (1, 3, 3))
    assert estimate[0].tolist() == again[0].tolist() != exact[0].tolist()
    assert estimate[1].tobytes() == exact[1].tobytes()
    assert estimate[2].tobytes() == exact[2].tobytes()


def test_another_seed_gives_other_draws():
    problem = example()
    assert (
        train(problem, host_vectors())[0][0]
        != train(problem._replace(seed=8), host_vectors())[0][0]
    )


def test_the_rate_falls_with_the_words_of_a_chunk():
    problem = example(subsample=False, lengths=[10] * 30, chunk_words=300)
    assert_agrees_with_the_oracle(problem, host_vectors())


@pytest.mark.parametrize("vectors", EVERY_VECTOR)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("side", ["input", "output"])
def test_a_number_that_is_not_finite_shows_in_the_loss(vectors, value, side):
    problem = example(subsample=False)
    plan = plan_tiles(problem.vector_size, 6, vectors)
    v, u = initial_matrices(problem, plan.stride)
    (v if side == "input" else u)[problem.ids[5], 3] = value
    totals, *_ = train(problem, vectors, v, u, loss_every=1000)
    assert not np.isfinite(totals[0])


def test_nothing_to_train_on():
    for lengths in ([], [0], [0, 0], [1], [1, 1, 0]):
        assert train(example(lengths=lengths), host_vectors())[0][:2].tolist() == [0, 0]
    dropped = example()
    dropped.tables.keep[:] = 0
    assert train(dropped, host_vectors())[0][:2].tolist() == [0, 0]
