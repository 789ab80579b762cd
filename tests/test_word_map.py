"""Places of words in the plane, and their groups."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

import skipgram
from skipgram import Embeddings
from skipgram.errors import ConfigError, MissingExtraError, UnknownWordError
from skipgram.matrices import unit_rows
from skipgram.word_map import (
    MOST_WORDS,
    find_groups,
    make_map,
    principal_components,
    rows_of,
    umap_places,
)


@pytest.fixture(scope="module")
def clusters() -> Embeddings:
    """Four planted clusters of 60 words around random centres."""
    rng = np.random.default_rng(1)
    centres = np.repeat(rng.normal(size=(4, 20)), 60, axis=0)
    words = [f"{cluster}{n}" for cluster in "abcd" for n in range(60)]
    order = rng.permutation(240)
    vectors = (centres + 0.4 * rng.normal(size=(240, 20)))[order]
    return Embeddings([words[at] for at in order], vectors, counts=np.arange(240, 0, -1))


def test_principal_components_are_those_of_the_svd(clusters: Embeddings) -> None:
    units = clusters.unit_vectors()
    found = principal_components(units)
    left, values, _ = np.linalg.svd(units - units.mean(axis=0), full_matrices=False)
    for axis in range(2):
        expected = left[:, axis] * values[axis]
        assert abs(np.dot(expected, found[:, axis])) == pytest.approx(expected @ expected, rel=1e-3)
    assert np.array_equal(found, principal_components(units))  # no sign is left to chance


def test_few_words_have_places_too() -> None:
    assert umap_places(np.eye(3, 5, dtype=np.float32)).shape == (3, 2)
    assert umap_places(np.ones((1, 1), np.float32)).tolist() == [[0, 0]]
    assert principal_components(np.array([[1.0], [-1.0]], np.float32)).tolist() == [[1, 0], [-1, 0]]


def test_groups_are_the_planted_clusters(clusters: Embeddings) -> None:
    groups, central = find_groups(clusters.unit_vectors())
    letters = np.array([word[0] for word in clusters.words])
    mixed = 0
    for group in range(groups.max() + 1):
        _, sizes = np.unique(letters[groups == group], return_counts=True)
        mixed += sizes.sum() - sizes.max()
    assert mixed <= 5  # of 240
    assert set(groups) == set(range(len(central)))
    sizes = np.bincount(groups)
    assert list(sizes) == sorted(sizes, reverse=True)
    for group, rows in enumerate(central):
        assert all(groups[row] == group for row in rows)
        members = np.flatnonzero(groups == group)
        half = max(3, (len(members) + 1) // 2)
        assert set(rows) <= set(members[:half].tolist())  # the more frequent half


def test_equal_vectors_are_one_group() -> None:
    groups, central = find_groups(np.full((60, 4), 0.5, np.float32))
    assert groups.tolist() == [0] * 60
    assert central == [[0, 1, 2]]


def test_a_map(clusters: Embeddings) -> None:
    found = make_map(clusters, top=100, method="pca")
    assert found.words == clusters.words[:100]
    assert found.places.shape == (100, 2)
    assert found.counts is not None
    assert found.counts.tolist() == list(range(240, 140, -1))
    chosen = make_map(clusters, ["c3", "a1", "c3"], method="pca")
    assert sorted(chosen.words) == ["a1", "c3"]
    assert make_map(Embeddings(["a", "b"], np.eye(2)), method="pca").counts is None


def test_umap_keeps_clusters_together(planted_model: Path) -> None:
    found = make_map(skipgram.load(planted_model))
    letters = np.array([word[0] for word in found.words])
    centres = np.array([found.places[letters == letter].mean(axis=0) for letter in "abcd"])
    spread = max(found.places[letters == letter].std() for letter in "abcd")
    gaps = [np.linalg.norm(a - b) for at, a in enumerate(centres) for b in centres[at + 1 :]]
    assert min(gaps) > spread


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"top": 0}, "top is 0; it must be a whole number of at least 1"),
        ({"words": []}, "a map has from 1 to 50,000 words, not 0"),
        ({"method": "tsne"}, "method is 'tsne'; it must be one of umap, pca"),
    ],
)
def test_what_cannot_be_shown(clusters: Embeddings, options: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        make_map(clusters, **options)  # type: ignore[arg-type]
    with pytest.raises(UnknownWordError):
        make_map(clusters, ["nothing"])


def test_the_most_words() -> None:
    large = Embeddings([str(n) for n in range(MOST_WORDS + 1)], np.ones((MOST_WORDS + 1, 1)))
    assert len(rows_of(large, None, MOST_WORDS + 1)) == MOST_WORDS
    with pytest.raises(ConfigError, match="not 50,001"):
        rows_of(large, large.words, 1)


def test_without_umap(clusters: Embeddings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "umap", None)
    with pytest.raises(MissingExtraError, match=r"a map by UMAP needs .*\[explore\]"):
        make_map(clusters)
    assert len(make_map(clusters, method="pca").words) == 240
    with pytest.raises(MissingExtraError, match=r"Atlas needs .*\[atlas\]"):
        umap_places(
            unit_rows(np.eye(3, dtype=np.float32)), feature="Atlas", extra="skipgram[atlas]"
        )
