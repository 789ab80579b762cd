"""The expected updates of rows against a count of the pairs that are trained."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from skipgram import TrainConfig
from skipgram.kernels.hierarchical import huffman_tree, no_tree
from skipgram.training.updates import ExpectedUpdates
from skipgram.vocabulary import Vocabulary

VOCABULARY = Vocabulary(["a", "b", "c"], np.array([60, 30, 10]))
ALL: dict[str, Any] = {"sample": 0}


def updates(counts: list[int], **options: Any) -> dict[str, list[float]]:
    config = TrainConfig(**{**ALL, **options})
    has_tree = config.objective != "negative"
    tree = huffman_tree(VOCABULARY.counts) if has_tree else no_tree()
    found = ExpectedUpdates(config, VOCABULARY, tree).of(np.array(counts))
    return {name: rows.tolist() for name, rows in found.items()}


def test_skip_gram_updates_a_row_for_each_pair() -> None:
    found = updates([10, 5, 0], window=3, shrink_windows=False, negative=2, ns_exponent=1.0)
    assert found["input"] == [60, 30, 0]
    # 90 pairs draw 180 negatives, in proportion to 60 : 30 : 10. The last row is padding.
    assert found["output"] == pytest.approx([60 + 108, 30 + 54, 18, 0])


@pytest.mark.parametrize(
    ("options", "pairs"),
    [
        ({"window": 3}, 4),  # 1 to 3 words on each side, 2 in the mean
        ({"window": 3, "shrink_windows": False}, 6),
        ({"window": 3, "window_left": 0}, 2),
        ({"window_left": 0, "window_right": 7}, 4),
        ({"architecture": "cbow"}, 1),
    ],
)
def test_pairs_of_a_word(options: dict[str, Any], pairs: float) -> None:
    assert updates([1, 0, 0], **options)["input"] == [pairs, 0, 0]


def test_dropped_words_are_not_counted() -> None:
    found = updates([100, 100, 100], sample=0.01, architecture="cbow")
    assert found["input"] == pytest.approx(100 * VOCABULARY.keep_probability(0.01))


def test_the_root_is_updated_by_all_words_and_other_nodes_by_those_below() -> None:
    found = updates([6, 3, 1], objective="hierarchical", architecture="cbow")
    assert set(found) == {"input", "nodes"}
    assert found["nodes"] == [10, 4, 0]  # a | (b | c), and a row of padding


def test_two_objectives_update_the_input_vectors_twice() -> None:
    found = updates([1, 0, 0], objective="hierarchical+negative", architecture="cbow")
    assert set(found) == {"input", "output", "nodes"}
    assert found["input"] == [2, 0, 0]
