"""Words, vectors and attributes of our KeyedVectors, compared with gensim's."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drop_in import VECTOR

from skipgram.errors import ConfigError, NotOfferedError, UnknownWordError, WrongTypeError


@pytest.mark.parametrize(
    "act",
    [
        lambda wv: wv.__setitem__("new", VECTOR),
        lambda wv: wv.__setitem__("king", VECTOR),
        lambda wv: wv.__setitem__(["king", "a", "b"], np.stack([VECTOR, VECTOR + 1, VECTOR + 9])),
        lambda wv: wv.add_vector("new", VECTOR),
        lambda wv: wv.add_vector("king", VECTOR),
        lambda wv: wv.add_vectors(["a", "king"], [VECTOR, VECTOR]),
        lambda wv: wv.add_vectors(["a", "king"], [VECTOR, VECTOR], replace=True),
        lambda wv: wv.add_vectors("a", VECTOR),
        lambda wv: wv.set_vecattr("king", "count", 3),
        lambda wv: (wv.set_vecattr("w9", "count", 10**6), wv.sort_by_descending_frequency()),
        lambda wv: wv.init_sims(),
        lambda wv: wv.init_sims(replace=True),
        lambda wv: wv.get_normed_vectors().fill(0),
    ],
)
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning")
def test_words_and_attributes_are_added_as_in_gensim(ours: Any, theirs: Any, act: Any) -> None:
    for wv in (ours, theirs):
        wv.most_similar("king")  # earlier answers must not be kept
        act(wv)
        wv.fill_norms(force=True)  # gensim keeps old norms
    assert ours.index_to_key == theirs.index_to_key
    np.testing.assert_allclose(ours.vectors, theirs.vectors, rtol=1e-6)
    assert [word for word, _ in ours.most_similar("king")] == [
        word for word, _ in theirs.most_similar("king")
    ]
    assert [ours.get_vecattr(row, "count") for row in range(9)] == [
        theirs.get_vecattr(row, "count") for row in range(9)
    ]
    np.testing.assert_allclose(ours.get_normed_vectors(), theirs.get_normed_vectors(), rtol=1e-5)


def test_attributes_of_words(ours: Any, theirs: Any, tmp_path: Path) -> None:
    for wv in (ours, theirs):
        wv.set_vecattr("king", "colour", "red")
        wv.set_vecattr("king", "size", 1.5)
    for attr in ("colour", "size"):
        for word in ("king", "man"):
            assert ours.get_vecattr(word, attr) == theirs.get_vecattr(word, attr)
    some, expected = (
        wv.vectors_for_all(["man", "nowhere", "king", "man"]) for wv in (ours, theirs)
    )
    assert some.index_to_key == expected.index_to_key
    assert some.get_vecattr("man", "count") == expected.get_vecattr("man", "count")
    np.testing.assert_array_equal(some.vectors, expected.vectors)
    assert ours.vectors_for_all(["man"], copy_vecattrs=True).get_vecattr(
        "man", "count"
    ) == ours.get_vecattr("man", "count")
    with pytest.raises(
        NotOfferedError, match="saving the word attribute 'colour' is not supported"
    ):
        ours.save(tmp_path / "model")
    ours["new"] = VECTOR
    assert (ours.get_vecattr("new", "count"), ours.get_vecattr("new", "size")) == (0, 0)


def test_wrong_words_and_vectors_are_rejected(ours: Any) -> None:
    with pytest.raises(
        WrongTypeError, match=r"keys holds \[3\]; it must be a string, a number or .* a tuple"
    ):
        ours[[[3]]] = VECTOR
    with pytest.raises(ConfigError, match=r"have shape \(1, 8\) for 2 words; it must be \(2, 8\)"):
        ours.add_vectors(["a", "b"], [VECTOR])


def test_unknown_keys_are_named(ours: Any) -> None:
    with pytest.raises(UnknownWordError, match="similar spellings: king"):
        ours.get_vector("kingg")
    with pytest.raises(KeyError, match="no word or row 10000; give a word, or a row below 206"):
        ours.get_vector(10_000)
    with pytest.raises(KeyError, match="no attribute 'colour'; attributes are: count"):
        ours.get_vecattr("king", "colour")


def test_changed_vectors_are_seen_when_norms_are_computed_again(ours: Any) -> None:
    before = ours.similarity("king", "queen")
    ours.vectors[0] = ours.vectors[1]
    ours.fill_norms(force=True)
    assert before < 0.99 < ours.similarity("king", "queen")
    ours.unit_normalize_all()
    np.testing.assert_allclose(np.linalg.norm(ours.vectors, axis=1), 1, rtol=1e-5)


def test_copies_answer_alike(ours: Any) -> None:
    expected = ours.most_similar("king")
    for copied in (copy.deepcopy(ours), pickle.loads(pickle.dumps(ours))):
        assert copied.most_similar("king") == expected
        copied["king"] = VECTOR
    assert ours.most_similar("king") == expected
