"""Do the vectors of different words differ?"""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from skipgram.training.similarity import (
    LEAST_WORDS,
    MOST_EPOCHS,
    MOST_FREQUENT,
    epochs_to_try,
    mean_cosine,
)


def vectors(words: int, common: float) -> NDArray[np.float32]:
    """Return random vectors that share a part of length `common`."""
    drawn = np.random.default_rng(1).normal(size=(words, 20)).astype(np.float32)
    drawn[:, 0] += common
    return drawn


def test_the_mean_cosine_is_near_that_of_all_pairs() -> None:
    some = vectors(300, common=5)
    unit = some / np.linalg.norm(some, axis=1, keepdims=True)
    cosines = unit @ unit.T
    expected = (cosines.sum() - len(some)) / (len(some) * (len(some) - 1))
    assert mean_cosine(some) == pytest.approx(expected, abs=0.01)
    assert mean_cosine(some) == mean_cosine(some.copy())


def test_the_length_of_vectors_does_not_count() -> None:
    some = vectors(300, common=5)
    assert mean_cosine(some * np.float32(1e-6)) == pytest.approx(mean_cosine(some), abs=1e-5)
    assert mean_cosine(np.zeros((300, 20), np.float32)) == 0.0


def test_only_the_most_frequent_words_count() -> None:
    some = vectors(2 * MOST_FREQUENT, common=0)
    some[MOST_FREQUENT:] = 1.0
    assert mean_cosine(some) == pytest.approx(0.0, abs=0.02)


def test_few_words_are_not_judged() -> None:
    alike = np.ones((LEAST_WORDS, 4), np.float32)
    assert mean_cosine(alike) == pytest.approx(1.0)
    assert mean_cosine(alike[:-1]) == 0.0


@pytest.mark.parametrize(
    ("epochs", "effective_words", "vocabulary", "expected"),
    [
        (1, 16_000, 1_000, 19),  # 300 words for each word of the vocabulary
        (5, 800_000, 1_000, 20),  # enough words, so four times the epochs
        (1, 0, 1_000, MOST_EPOCHS),
    ],
)
def test_epochs_to_try(epochs: int, effective_words: int, vocabulary: int, expected: int) -> None:
    assert epochs_to_try(epochs, effective_words, vocabulary) == expected
