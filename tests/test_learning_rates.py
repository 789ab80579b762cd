"""Default learning rates that depend on the corpus."""

from __future__ import annotations

from typing import Any

import pytest

from skipgram.config import TrainConfig


@pytest.mark.parametrize(
    ("words", "alpha"),
    [(1, 0.04), (48_000_000, 0.04), (100_000_000, 0.0315), (200_000_000, 0.025), (10**13, 0.025)],
)
def test_the_default_learning_rate_is_higher_for_little_text(words: int, alpha: float) -> None:
    assert TrainConfig(epochs=1).for_corpus(words, 1000).alpha == alpha
    assert TrainConfig(epochs=1, sample=0).for_corpus(words, 10**6).alpha == alpha
    assert TrainConfig(epochs=1).for_corpus(words, 999).alpha == 0.025


def test_the_default_learning_rate_depends_on_the_words_of_all_epochs() -> None:
    assert TrainConfig(epochs=10).for_corpus(10**7, 1000).alpha == 0.0315


@pytest.mark.parametrize(
    "options",
    [
        {"alpha": 0.025},
        {"preset": "fast"},
        {"preset": "best"},
        {"optimizer": "adam"},
        {"architecture": "cbow"},
        {"objective": "softmax"},
        {"objective": "hierarchical"},
        {"objective": "hierarchical+negative"},
    ],
)
def test_other_learning_rates_do_not_depend_on_the_text(options: dict[str, Any]) -> None:
    config = TrainConfig(**options)
    assert config.for_corpus(1_000, 1_000) == config
