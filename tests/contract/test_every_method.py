"""One suite for every objective with every optimizer and architecture."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from planted import neighbours_in_cluster
from quick import slow_unless

import skipgram
from skipgram import Embeddings
from skipgram.errors import CorpusError, TrainingError

OBJECTIVES: list[tuple[str, dict[str, Any]]] = [
    ("negative", {}),
    ("negative", {"negative_sharing": "window"}),
    ("negative", {"negative_sharing": "pair"}),
    ("negative", {"step_per": "word"}),
    ("hierarchical", {}),
    ("hierarchical+negative", {}),
    ("softmax", {"batch": 16}),
]
METHODS: list[dict[str, Any]] = [
    {"objective": objective, "architecture": architecture, "optimizer": optimizer, **extra}
    for (objective, extra), architecture, optimizer in itertools.product(
        OBJECTIVES, ["skipgram", "cbow"], ["sgd", "adagrad", "adam"]
    )
    if not (objective == "negative" and extra and architecture == "cbow")  # its windows are pairs
]
ALPHA = {"sgd": 0.05, "adagrad": 0.1, "adam": 0.01}
GENTLE_ALPHA = {"sgd": 0.01, "adagrad": 0.003, "adam": 0.0003}


BY_NAME = {"-".join(map(str, method.values())): method for method in METHODS}
# Each objective, each architecture and each optimizer is among the quick methods.
QUICK = [
    "negative-skipgram-sgd",
    "negative-skipgram-adam",
    "negative-cbow-adagrad",
    "negative-skipgram-adagrad-window",
    "negative-skipgram-sgd-pair",
    "negative-skipgram-sgd-word",
    "hierarchical-skipgram-sgd",
    "hierarchical-cbow-adam",
    "hierarchical+negative-skipgram-sgd",
    "softmax-skipgram-adagrad-16",
    "softmax-cbow-sgd-16",
]


def with_output_vectors(names: Iterable[str]) -> list[str]:
    return [name for name in names if BY_NAME[name]["objective"] != "hierarchical"]


@pytest.fixture(params=slow_unless(QUICK, BY_NAME))
def method(request: pytest.FixtureRequest) -> dict[str, Any]:
    method = BY_NAME[request.param]
    return {
        **method,
        "alpha": ALPHA[method["optimizer"]],
        "vector_size": 16,
        "sample": 0,
        "threads": 1,
        "epochs": 4,
    }


def train(sentences: Any, method: dict[str, Any], **options: Any) -> Embeddings:
    return skipgram.train(sentences, **{**method, **options})


def test_planted_clusters_are_recovered(
    planted_sentences: list[list[str]], method: dict[str, Any]
) -> None:
    embeddings = train(planted_sentences, method, epochs=12)
    assert neighbours_in_cluster(embeddings) > 0.95


def test_the_loss_falls_from_chance(
    planted_sentences: list[list[str]], method: dict[str, Any]
) -> None:
    # The rate is so low that the loss still falls in the last epoch.
    loss = train(planted_sentences, method, alpha=GENTLE_ALPHA[method["optimizer"]]).training[
        "loss"
    ]
    chances = {
        "negative": 6 * np.log(2),
        "softmax": np.log(40),
        "hierarchical": 5.5 * np.log(2),
        "hierarchical+negative": 11.5 * np.log(2),
    }
    chance = chances[method["objective"]]
    assert 0.5 * chance < loss[0] < chance
    assert loss[1] < 0.95 * loss[0]
    assert loss[-1] < 0.92 * loss[0]


def test_two_threads_recover_planted_clusters(
    planted_sentences: list[list[str]], method: dict[str, Any]
) -> None:
    assert neighbours_in_cluster(train(planted_sentences, method, epochs=12, threads=2)) > 0.95


def test_a_seed_on_one_thread_gives_the_same_bits(
    planted_sentences: list[list[str]], method: dict[str, Any]
) -> None:
    first, again = (train(planted_sentences[:500], method, seed=5) for _ in range(2))
    other = train(planted_sentences[:500], method, seed=6)
    assert first.input.tobytes() == again.input.tobytes()
    assert first.training["loss"] == again.training["loss"]
    assert first.input.tobytes() != other.input.tobytes()
    if first.output is not None and again.output is not None:
        assert first.output.tobytes() == again.output.tobytes()


def test_deterministic_training_gives_the_same_bits_on_any_number_of_threads(
    planted_sentences: list[list[str]], method: dict[str, Any]
) -> None:
    some = planted_sentences[:500]
    one, *others = (train(some, method, threads=n, deterministic=True) for n in (1, 2, 3))
    for other in others:
        assert other.input.tobytes() == one.input.tobytes()
        assert other.training["loss"] == one.training["loss"]
        if other.output is not None and one.output is not None:
            assert other.output.tobytes() == one.output.tobytes()


def test_deterministic_training_recovers_planted_clusters(
    planted_sentences: list[list[str]], method: dict[str, Any]
) -> None:
    embeddings = train(planted_sentences, method, epochs=12, threads=2, deterministic=True)
    assert neighbours_in_cluster(embeddings) > 0.95


def test_sentence_borders_are_respected(method: dict[str, Any]) -> None:
    sentences = [[f"w{n % 10}", f"x{n % 10}"] for n in range(500)]
    training = train(sentences, method, epochs=1, window=5, shrink_windows=False).training
    assert training["pairs"] == 2 * 500


def test_rare_words_and_subsampling_keep_the_vectors_finite(
    planted_sentences: list[list[str]], method: dict[str, Any]
) -> None:
    embeddings = train(
        [*planted_sentences, ["once", "a1"]], method, min_count=1, sample=1e-2, epochs=2
    )
    assert np.isfinite(embeddings.input).all()
    assert "once" in embeddings


@pytest.mark.parametrize("sides", [(0, 3), (3, 0), (1, 4)])
def test_windows_may_differ_on_both_sides(
    planted_sentences: list[list[str]], method: dict[str, Any], sides: tuple[int, int]
) -> None:
    left, right = sides
    training = train(
        planted_sentences,
        method,
        epochs=1,
        window_left=left,
        window_right=right,
        shrink_windows=False,
    ).training
    pairs = sum(min(at, left) + min(7 - at, right) for at in range(8))
    if method["architecture"] == "cbow":
        pairs = sum(min(at, left) + min(7 - at, right) > 0 for at in range(8))
    assert training["pairs"] == 2000 * pairs


# Words have no output vectors in hierarchical softmax; its pairs are those of negative sampling.
@pytest.mark.parametrize(
    "method",
    slow_unless(with_output_vectors(QUICK), with_output_vectors(BY_NAME)),
    indirect=True,
)
@pytest.mark.parametrize(("side", "other"), [("left", "right"), ("right", "left")])
def test_lopsided_windows_look_to_their_side(method: dict[str, Any], side: str, other: str) -> None:
    # The words form a circle, w0 w1 ... w9 w0 ...: one word precedes each, and one follows it.
    sentences = [[f"w{(start + n) % 10}" for n in range(8)] for start in range(10)] * 100
    windows = {f"window_{side}": 1, f"window_{other}": 0}
    embeddings = train(sentences, method, epochs=8, **windows)
    products = embeddings.input @ embeddings.vectors("output").T
    order = [embeddings.index(f"w{n}") for n in range(10)]
    # Skip-gram: the centre word is the input, the context word the output. CBOW: the reverse.
    step = (1 if side == "right" else -1) * (-1 if method["architecture"] == "cbow" else 1)
    wanted, unwanted = (
        [products[order[n], order[(n + way) % 10]] for n in range(10)] for way in (step, -step)
    )
    assert min(wanted) > max(unwanted)


def test_frozen_vectors_stay_bit_for_bit_and_the_others_learn(
    planted_sentences: list[list[str]], method: dict[str, Any]
) -> None:
    words = [
        f"{cluster}{n}" for cluster in "abz" for n in range(10)
    ]  # no z in the corpus, no c and d among the given
    given = Embeddings(words, np.random.default_rng(1).normal(0, 0.3, (30, 16)))
    before = given.input.copy()
    embeddings = train(planted_sentences, method, epochs=12, threads=2, initial=given, freeze=True)
    for word in words[:20]:
        assert embeddings[word].tobytes() == before[given.index(word)].tobytes()
    assert given.input.tobytes() == before.tobytes()
    fresh = [word for word in embeddings if word[0] in "cd"]
    answers = zip(fresh, embeddings.most_similar_batch(fresh, topn=9), strict=True)
    assert np.mean([near[0] == word[0] for word, found in answers for near, _ in found]) > 0.9


def test_one_word_or_one_sentence_of_one_word_is_a_clear_error(
    method: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(CorpusError, match="holds only one word, repeated"):
        train([["word", "word"]] * 9, method)
    with pytest.raises(TrainingError, match="no two words of the corpus are in the same sentence"):
        train([["a"], ["b"]] * 9, method)
    (tmp_path / "text.txt").write_text("word\n")
    with pytest.raises(CorpusError, match="only one word"):
        train(tmp_path / "text.txt", method)


def test_one_sentence_is_enough(method: dict[str, Any]) -> None:
    embeddings = train([["salt", "and", "pepper", "and", "salt"] * 2], method, min_count=1)
    assert len(embeddings) == 3
    assert np.isfinite(embeddings.input).all()
    assert (embeddings.output is None) == (method["objective"] == "hierarchical")
