"""The matrices of an objective: how they start, what is kept, and what is given away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
import pytest

from skipgram import TrainConfig
from skipgram.corpus.build import encode_corpus
from skipgram.corpus.encoded import EncodedCorpus
from skipgram.kernels.hierarchical import huffman_tree
from skipgram.kernels.windows import Chunk
from skipgram.training import objectives
from skipgram.training.matrices import Start
from skipgram.training.objectives import TileObjective

SMALL: dict[str, Any] = {"vector_size": 8, "threads": 1}


@pytest.fixture(scope="module")
def corpus() -> Iterator[EncodedCorpus]:
    """Five words, w0 the most frequent."""
    sentences = [[f"w{n}" for n in range(5) if n * turn < 12] for turn in range(9)]
    with encode_corpus(sentences) as encoded:
        yield encoded


def start(**fields: Any) -> Start:
    """Words 1 and 3 start at rows 2 and 0 of three given vectors."""
    given = {
        "words": np.array([1, 3]),
        "rows": np.array([2, 0]),
        "input": np.arange(24, dtype=np.float32).reshape(3, 8),
        "output": None,
        "frozen": np.zeros(0, np.int64),
        "untrained": 1,
    }
    return Start(**{**given, **fields})


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({}, objectives.TileObjective),
        ({"architecture": "cbow"}, objectives.TileObjective),
        ({"objective": "hierarchical"}, objectives.TileObjective),
        ({"objective": "softmax"}, objectives.SoftmaxObjective),
        ({"objective": "hierarchical+negative"}, objectives.JointObjective),
    ],
)
def test_the_options_choose_the_objective(
    corpus: EncodedCorpus, options: dict[str, Any], kind: type
) -> None:
    objective = objectives.make_objective(corpus, TrainConfig(**SMALL, **options), None)
    assert type(objective) is kind


def test_words_start_at_given_vectors_and_others_at_fresh_ones(corpus: EncodedCorpus) -> None:
    config = TrainConfig(**SMALL)
    fresh, begun = TileObjective(corpus, config), TileObjective(corpus, config, start())
    for objective in (fresh, begun):
        objective.allocate()
    inputs, output, _ = begun.vectors()
    assert inputs[1].tolist() == list(range(16, 24))
    assert inputs[3].tolist() == list(range(8))
    others = [0, 2, 4]
    fresh_inputs = fresh.vectors().input
    assert np.array_equal(inputs[others], fresh_inputs[others])
    assert 0 < np.abs(inputs[others]).max() <= 0.5 / 8
    assert output is not None
    assert not output.any()


def test_given_output_vectors_and_frozen_words(corpus: EncodedCorpus) -> None:
    output = np.full((3, 8), 0.25, np.float32)
    objective = TileObjective(
        corpus, TrainConfig(**SMALL), start(output=output, frozen=np.array([1, 3]))
    )
    assert dict(objective.memory(1000))["which words are frozen"] == 5
    objective.allocate()
    assert objective._matrices.frozen.tolist() == [0, 1, 0, 1, 0]
    outputs = objective.vectors().output
    assert outputs is not None
    assert outputs.sum(axis=1).tolist() == [0, 2, 0, 2, 0]


def test_in_hierarchical_softmax_nodes_not_words_have_output_vectors(corpus: EncodedCorpus) -> None:
    config = TrainConfig(**SMALL, objective="hierarchical")
    nodes = np.ones((5, 8), np.float32)
    objective = TileObjective(corpus, config, start(output=np.ones((3, 8), np.float32)))
    objective.allocate()
    trained = objective.vectors()
    assert trained.output is None
    assert not np.any(trained.nodes)
    objective = TileObjective(corpus, config, start(nodes=nodes))
    objective.allocate()
    started = objective.vectors().nodes
    assert started is not None
    assert np.array_equal(started, nodes)


def test_two_objectives_take_turns_on_the_same_input_vectors(corpus: EncodedCorpus) -> None:
    config = TrainConfig(**SMALL, objective="hierarchical+negative", sample=0)
    joint = objectives.JointObjective(corpus, config)
    joint.allocate()
    losses = [0.0, 0.0]
    parts = [config.model_copy(update={"objective": name}) for name in ("hierarchical", "negative")]
    paths = TileObjective(corpus, parts[0])
    words = TileObjective(corpus, parts[1], other=paths)
    for each in (paths, words):
        each.allocate()
    for epoch in range(3):
        chunk = Chunk(0, len(corpus.ids), 0, np.uint64(epoch), 0.05, 0.0)
        losses[0] += joint.train(chunk, joint.make_scratch(100))[0]
        turns = [each.train(chunk, each.make_scratch(100)) for each in (paths, words)]
        assert turns[0][1:] == turns[1][1:]  # the same windows
        losses[1] += turns[0][0] + turns[1][0]
    assert losses[0] == losses[1]
    trained, output = joint.vectors(), words.vectors().output
    alone = paths.vectors()
    assert alone.nodes is not None
    assert trained.nodes is not None
    assert np.array_equal(trained.input, alone.input)
    assert np.array_equal(trained.nodes, alone.nodes)
    assert np.array_equal(trained.output, output)  # type: ignore[arg-type]
    assert alone.nodes[:-1].any()
    assert np.any(output)


def test_two_objectives_count_the_input_vectors_once(corpus: EncodedCorpus) -> None:
    config = TrainConfig(**SMALL, objective="hierarchical+negative", validation=0.1, patience=1)
    sizes: dict[str, int] = {}
    for purpose, size in objectives.JointObjective(corpus, config).memory(100):
        sizes[purpose] = sizes.get(purpose, 0) + size
    names = ("input vectors", "output vectors", "vectors of the nodes")
    assert sizes["vectors of the best epoch"] == sum(sizes[name] for name in names)
    assert sizes["input vectors"] == 5 * 16 * 4


def test_a_tree_may_be_given(corpus: EncodedCorpus) -> None:
    config = TrainConfig(**SMALL, objective="hierarchical", sample=0)
    tree = huffman_tree(np.array([9, 9, 9, 9, 9]))
    chunk = Chunk(0, len(corpus.ids), 0, np.uint64(1), 0.05, 0.0)
    nodes = []
    for given in (None, tree):
        objective = TileObjective(corpus, config, start(tree=given))
        objective.allocate()
        objective.train(chunk, objective.make_scratch(100))
        nodes.append(objective.vectors().nodes)
    assert not np.array_equal(*nodes)  # type: ignore[arg-type]


def test_kept_vectors_are_restored_in_place(corpus: EncodedCorpus) -> None:
    config = TrainConfig(**SMALL, validation=0.1, patience=1)
    objective = TileObjective(corpus, config)
    sizes = dict(objective.memory(1000))
    kept = sizes["vectors of the best epoch"]
    assert kept == sizes["input vectors"] + sizes["output vectors"]
    objective.allocate()
    matrix = objective._matrices.input
    before = matrix.copy()
    objective.keep()
    matrix += 1
    objective.restore()
    assert np.array_equal(matrix, before)
    assert np.array_equal(objective.vectors().input, before[:, :8])


@pytest.mark.parametrize(
    ("architecture", "sides"), [("skipgram", (3, 1, False)), ("cbow", (1, 3, False))]
)
def test_tiles_of_skip_gram_look_the_other_way(
    architecture: Literal["skipgram", "cbow"], sides: tuple[int, int, bool]
) -> None:
    config = TrainConfig(
        architecture=architecture, window_left=1, window_right=3, shrink_windows=False
    )
    assert objectives.text_reach(config) == (1, 3, False)
    assert objectives.tile_reach(config) == sides


def test_the_loss_of_much_text_is_that_of_some_groups() -> None:
    words = (3, 1_999_999, 2_000_000, 17_000_000)
    assert [objectives.loss_every(n) for n in words] == [1, 1, 2, 8]


@pytest.mark.parametrize(
    ("options", "every"), [({}, 8), ({"exact_loss": True}, 1), ({"objective": "hierarchical"}, 1)]
)
def test_the_loss_is_exact_on_request_and_for_paths(
    corpus: EncodedCorpus,
    monkeypatch: pytest.MonkeyPatch,
    options: dict[str, Any],
    every: int,
) -> None:
    monkeypatch.setattr(objectives, "loss_every", lambda _words: 8)
    objective, parts = TileObjective(corpus, TrainConfig(**SMALL, **options)), []
    monkeypatch.setattr(
        objective, "_run", lambda _kernel, _corpus, part, _scratch: parts.append(part)
    )
    part = Chunk(0, 1, 0, np.uint64(1), 0.05, 0.0)
    objective.train(part, None)  # type: ignore[arg-type]
    objective.measure(corpus, part, None)  # type: ignore[arg-type]
    assert [part.loss_every for part in parts] == [every, 1]


def test_keep_probabilities_as_integers() -> None:
    integers = objectives.probability_to_uint32(np.array([1.0, 0.5, 2.0**-32, 0.0]))
    assert integers.tolist() == [2**32 - 1, 2**31 - 1, 0, 0]


@pytest.mark.parametrize("optimizer", ["adagrad", "adam"])
def test_timing_softmax_leaves_no_trace(
    planted_sentences: list[list[str]], optimizer: Literal["adagrad", "adam"]
) -> None:
    config = TrainConfig(objective="softmax", optimizer=optimizer, vector_size=8, threads=1)
    with encode_corpus(planted_sentences) as corpus:
        objective = objectives.SoftmaxObjective(corpus, config)
        objective.allocate()
        before = objective._matrices.input.copy()
        assert objective.expected_seconds(objective.make_scratch(1000))
        assert np.array_equal(objective._matrices.input, before)
        assert not objective._matrices.output.any()
        assert not objective._matrices.input_states.any()
        assert not objective._matrices.output_states.any()


def test_timing_softmax_stays_within_its_scratch_memory() -> None:
    # One line longer than a chunk, and batches that would reach past its end.
    with encode_corpus([[f"w{n % 50}" for n in range(20_000)]]) as corpus:
        objective = objectives.SoftmaxObjective(
            corpus, TrainConfig(objective="softmax", vector_size=8, batch=1024)
        )
        objective.allocate()
        scratch = objective.make_scratch(500)
        assert objective.expected_seconds(scratch)
