"""Models that are rotated onto each other, and words that differ between them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import orthogonal_procrustes
from scipy.stats import ortho_group

from skipgram import Embeddings
from skipgram.alignment import align, differences
from skipgram.errors import ConfigError
from skipgram.matrices import unit_rows

WORDS = [f"w{n}" for n in range(50)]


@pytest.fixture(scope="module")
def model() -> Embeddings:
    rng = np.random.default_rng(1)
    matrices = rng.normal(size=(2, 50, 8)).astype(np.float32)
    return Embeddings(WORDS, matrices[0], matrices[1], np.arange(50, 0, -1))


@pytest.fixture(scope="module")
def turned(model: Embeddings) -> Embeddings:
    """The same model in other coordinates, with its words in another order."""
    rotation = ortho_group.rvs(8, random_state=2).astype(np.float32)
    order = np.random.default_rng(3).permutation(50)
    return Embeddings([WORDS[row] for row in order], (model.input @ rotation)[order])


def test_a_rotation_is_undone(model: Embeddings, turned: Embeddings) -> None:
    found = align(model, turned)
    assert found.words == model.words
    for word in WORDS:
        np.testing.assert_allclose(found[word], turned[word], atol=1e-5)
    products = model.input @ model.vectors("output").T
    np.testing.assert_allclose(found.input @ found.vectors("output").T, products, atol=1e-4)
    assert found.counts is not None
    assert found.counts.tolist() == list(range(50, 0, -1))
    assert found.training["aligned"] is True
    assert "aligned" not in model.training


def test_the_rotation_is_that_of_procrustes(model: Embeddings) -> None:
    other = np.random.default_rng(4).normal(size=(50, 8)).astype(np.float32)
    found = align(model, Embeddings(WORDS, other))
    expected, _ = orthogonal_procrustes(unit_rows(model.input), unit_rows(other))
    np.testing.assert_allclose(found.input, model.input @ expected, atol=1e-4)


def test_other_numbers_of_dimensions(model: Embeddings) -> None:
    more = np.concatenate([model.input, np.zeros((50, 4), np.float32)], axis=1)
    np.testing.assert_allclose(align(model, Embeddings(WORDS, more)).input, more, atol=1e-5)
    assert align(Embeddings(WORDS, more), model).vector_size == 8


def test_the_same_model_does_not_differ(model: Embeddings, turned: Embeddings) -> None:
    found = differences(model, turned, neighbours=5)
    assert len(found) == 50
    assert all(each.overlap == 1 for each in found)
    assert all(each.cosine == pytest.approx(1, abs=1e-5) for each in found)


def test_a_word_that_moved_is_first(model: Embeddings, turned: Embeddings) -> None:
    moved = turned.input.copy()
    moved[turned.index("w7")] *= -1
    found = differences(model, Embeddings(turned.words, moved), neighbours=5)
    assert found[0].word == "w7"
    assert found[0].cosine < 0
    assert found[0].overlap < 0.5
    assert found == sorted(found, key=lambda each: (each.overlap, each.cosine))


def test_only_shared_and_frequent_words(model: Embeddings) -> None:
    other = Embeddings(["x", "w3", "w1", "y"], np.eye(4, 8))
    assert {each.word for each in differences(model, other)} == {"w1", "w3"}
    assert len(differences(model, model, top=10)) == 10
    assert {each.word for each in differences(model, model, top=3)} == {"w0", "w1", "w2"}


def test_what_cannot_be_compared(model: Embeddings) -> None:
    stranger = Embeddings(["x", "w1"], np.eye(2, 8))
    with pytest.raises(ConfigError, match="share 1 of 50 and 2 words"):
        differences(model, stranger)
    with pytest.raises(ConfigError, match="share 1 of 2 and 50 words"):
        align(stranger, model)
    for name in ("neighbours", "top"):
        with pytest.raises(
            ConfigError, match=f"{name} is 0; it must be a whole number of at least 1"
        ):
            differences(model, model, **{name: 0})  # type: ignore[arg-type]
