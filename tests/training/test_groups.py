"""How many windows share their negatives, and how many negatives they share."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import skipgram
from skipgram import Embeddings, TrainConfig
from skipgram.training.groups import MAX_GRADIENTS, plan_group, share_negatives, window_sides


@pytest.mark.parametrize(
    ("options", "group"),
    [
        ({}, (4, 8)),
        ({"window": 10}, (2, 6)),
        ({"negative": 6}, (3, 9)),
        ({"window": 14}, (1, 5)),
        ({"negative": 20}, (1, 20)),
    ],
)
def test_groups_are_smaller_for_wide_windows_or_many_negatives(
    options: dict[str, Any], group: tuple[int, int]
) -> None:
    config = TrainConfig(**options)
    assert plan_group(2 * config.window, config.negative) == group
    assert share_negatives(vars(config)) == group


@pytest.mark.parametrize("negative", range(1, 65))
def test_a_group_keeps_the_bound_on_gradients(negative: int) -> None:
    for window_words in range(1, 60):
        windows, shared = plan_group(window_words, negative)
        assert windows == 1 or windows * max(window_words, 2 * negative) <= MAX_GRADIENTS
        assert negative <= shared <= 1.6 * negative + 1


@pytest.mark.parametrize(
    ("options", "shared"),
    [
        ({"negative_sharing": "window"}, (1, 5)),
        ({"negative_sharing": "pair", "negative": 7}, (1, 7)),
        ({"architecture": "cbow"}, (1, 5)),
        ({"objective": "hierarchical"}, (1, 0)),
        ({"objective": "softmax"}, (1, 0)),
        ({"window": 256, "window_left": 1, "window_right": None}, (1, 5)),
        ({"window_left": 0, "window_right": 13}, (3, 7)),
    ],
)
def test_only_skip_gram_with_shared_negatives_has_groups(
    options: dict[str, Any], shared: tuple[int, int]
) -> None:
    assert share_negatives(vars(TrainConfig(**options))) == shared


@pytest.mark.parametrize(
    ("options", "sides"),
    [
        ({}, (5, 5)),
        ({"window": 3}, (3, 3)),
        ({"window_left": 0}, (0, 5)),
        ({"window": 2, "window_right": 7}, (2, 7)),
        ({"window_left": 1, "window_right": 4}, (1, 4)),
    ],
)
def test_a_side_without_its_own_option_is_as_wide_as_the_window(
    options: dict[str, Any], sides: tuple[int, int]
) -> None:
    assert window_sides(vars(TrainConfig(**options))) == sides


def train(sentences: list[list[str]], **options: Any) -> Embeddings:
    small = {"vector_size": 16, "sample": 0, "threads": 1, "epochs": 3}
    return skipgram.train(sentences, **{**small, **options})


def test_a_group_of_one_window_trains_as_single_windows_do(
    planted_sentences: list[list[str]],
) -> None:
    group, alone = (
        train(planted_sentences, threads=1, window=14, epochs=1, negative_sharing=sharing).input
        for sharing in ("group", "window")
    )
    assert np.array_equal(group, alone)


@pytest.mark.parametrize("window", [5, 14])
@pytest.mark.parametrize("negative", [5, 10, 20])
@pytest.mark.parametrize("words", [3, 40])
def test_groups_train_tiny_vocabularies(words: int, window: int, negative: int) -> None:
    rng = np.random.default_rng(1)
    sentences = [[f"w{n}" for n in rng.integers(0, words, 30)] for _ in range(500)]
    embeddings = train(
        sentences, window=window, negative=negative, sample=0, vector_size=50, epochs=3
    )
    assert np.abs(embeddings.input).max() < 10


def test_groups_train_the_same_pairs_towards_the_same_loss(
    planted_sentences: list[list[str]],
) -> None:
    group, alone = (
        train(planted_sentences, epochs=8, negative_sharing=sharing).training
        for sharing in ("group", "window")
    )
    assert group["pairs"] == alone["pairs"]
    assert group["loss"][-1] == pytest.approx(alone["loss"][-1], rel=0.03)
