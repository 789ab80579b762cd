"""The tree of hierarchical softmax, moved between skipgram and gensim, and saved."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
from drop_in import SMALL, TINY, purity
from gensim.models import Word2Vec as Theirs
from gensim.test.utils import datapath

import skipgram
from skipgram import model_file
from skipgram.errors import ConfigError, FormatError
from skipgram.gensim import Word2Vec


@pytest.mark.parametrize("negative", [0, 5])
def test_hierarchical_softmax_moves_both_ways(
    planted_sentences: list[list[str]], negative: int
) -> None:
    """gensim joins words of equal counts in another order, so the tree moves too."""
    options = {**SMALL, "hs": 1, "negative": negative, "epochs": 2}
    theirs = Theirs(planted_sentences, **options)
    ours = Word2Vec.from_gensim(theirs)
    back = ours.to_gensim()
    rows = [theirs.wv.key_to_index[word] for word in back.wv.index_to_key]
    for name in ("code", "point"):
        pairs = zip(back.wv.expandos[name], theirs.wv.expandos[name][rows], strict=True)
        assert all(np.array_equal(mine, given) for mine, given in pairs)
    np.testing.assert_array_equal(back.syn1, theirs.syn1)
    text = planted_sentences[:20]
    np.testing.assert_array_equal(back.score(text, 20), theirs.score(text, 20))
    # gensim reads the logistic function from a table of 1,000 values.
    np.testing.assert_allclose(ours.score(text), theirs.score(text, 20), rtol=0.04)
    before = ours.score(text).sum()
    ours.train(planted_sentences, total_examples=2000, epochs=2)
    assert ours.score(text).sum() > before
    assert purity(ours.wv) > 0.95


@pytest.mark.parametrize("negative", [0, 5])
def test_a_tree_of_gensim_is_saved(
    planted_sentences: list[list[str]], negative: int, tmp_path: Path
) -> None:
    theirs = Theirs(planted_sentences, **{**SMALL, "hs": 1, "negative": negative, "epochs": 1})
    ours = Word2Vec.from_gensim(theirs)
    ours.wv.vectors_lockf = np.ones(len(ours.wv), np.float32)
    ours.wv.vectors_lockf[[2, 5]] = 0
    ours.save(tmp_path / "model")
    loaded = Word2Vec.load(tmp_path / "model")
    np.testing.assert_array_equal(loaded.wv.vectors_lockf, ours.wv.vectors_lockf)
    text = planted_sentences[:20]
    np.testing.assert_array_equal(loaded.score(text), ours.score(text))
    for each in (ours, loaded):
        each.workers = 1
        each.train(planted_sentences, total_examples=2000, epochs=1)
    assert loaded.wv.vectors.tobytes() == ours.wv.vectors.tobytes()
    assert loaded.syn1.tobytes() == ours.syn1.tobytes()
    assert len(skipgram.load(tmp_path / "model")) == len(ours.wv)


WHOLE = {
    "path_starts": np.array([0, 1, 3, 5]),
    "path_nodes": np.array([0, 0, 1, 0, 1]),
    "path_labels": np.array([1, 0, 1, 0, 0], np.uint8),
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("path_starts", [0, 1, 3]),
        ("path_starts", [1, 1, 3, 5]),
        ("path_starts", [0, 3, 1, 5]),
        ("path_starts", [0, 1, 3, 9]),
        ("path_starts", [0, 0, 0, 5]),
        ("path_nodes", [0, 0, 2, 0, 1]),
        ("path_nodes", [0, 0, -1, 0, 1]),
        ("path_nodes", [0, 0]),
        ("path_labels", [1, 0, 1, 0, 2]),
        ("path_labels", [1]),
    ],
)
def test_a_tree_that_would_write_outside_its_matrices(
    name: str, value: list[int], tmp_path: Path
) -> None:
    model = Word2Vec([["a", "b", "c"]] * 9, **{**TINY, "hs": 1, "negative": 0})
    model.save(tmp_path / "model")
    parts, tensors = model_file.load(tmp_path / "model")
    model_file.save(parts, tmp_path / "whole", tree={**tensors, **WHOLE})
    Word2Vec.load(tmp_path / "whole")
    broken = {**WHOLE, name: np.array(value, WHOLE[name].dtype)}
    model_file.save(parts, tmp_path / "broken", tree={**tensors, **broken})
    with pytest.raises(FormatError, match="broken cannot be read: path_"):
        Word2Vec.load(tmp_path / "broken")


def test_a_model_of_gensim_3_has_its_tree() -> None:
    path = datapath("model-from-gensim-3.8.0.w2v")
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        model = Word2Vec.load(path)
    assert (model.hs, model.negative > 0) == (1, True)
    before = model.syn1.copy()
    sentences = [model.wv.index_to_key] * 50
    model.train(sentences, total_examples=50, epochs=2)
    assert not np.array_equal(model.syn1, before)
    assert np.isfinite(model.wv.vectors).all()


def tree_model(sentences: list[list[str]], *, of_gensim: bool) -> Word2Vec:
    options = {**SMALL, "hs": 1, "negative": 0, "epochs": 2}
    model = Word2Vec.from_gensim(Theirs(sentences, **options))
    return model if of_gensim else Word2Vec(sentences, **options)


@pytest.mark.parametrize("of_gensim", [False, True])
def test_a_tree_goes_with_its_words(
    planted_sentences: list[list[str]], of_gensim: bool, tmp_path: Path
) -> None:
    text = [*planted_sentences, *[["a1", "b1"]] * 30]
    model = tree_model(text, of_gensim=of_gensim)
    scores = model.score(text[:20])
    order = np.random.default_rng(3).permutation(len(model.wv))
    wv = model.wv  # its rows, in another order
    wv.index_to_key = [wv.index_to_key[row] for row in order]
    wv.key_to_index = {word: row for row, word in enumerate(wv.index_to_key)}
    wv.vectors = wv.vectors[order]
    wv.expandos["count"] = wv.expandos["count"][order]
    np.testing.assert_allclose(model.score(text[:20]), scores, rtol=1e-5)
    model.save(tmp_path / "model")
    np.testing.assert_allclose(
        Word2Vec.load(tmp_path / "model").score(text[:20]), scores, rtol=1e-5
    )


@pytest.mark.parametrize("of_gensim", [False, True])
@pytest.mark.parametrize("larger", [False, True])
def test_a_model_that_is_reset_has_the_tree_of_its_new_words(
    planted_sentences: list[list[str]], of_gensim: bool, larger: bool, tmp_path: Path
) -> None:
    few = [["x", "y", "z"]] * 50
    texts = (few, planted_sentences) if larger else (planted_sentences, few)
    model = tree_model(texts[0], of_gensim=of_gensim)
    model.reset_from(tree_model(texts[1], of_gensim=False))
    model.train(texts[1], total_examples=1, epochs=2)
    assert np.isfinite(model.wv.vectors).all()
    model.save(tmp_path / "model")
    assert len(Word2Vec.load(tmp_path / "model").wv) == len(model.wv)


def test_words_without_a_path_are_refused() -> None:
    model = tree_model([["x", "y", "z"]] * 50, of_gensim=False)
    theirs = model.to_gensim()
    model.wv["new"] = np.zeros(16, np.float32)
    theirs.wv["new"] = np.zeros(16, np.float32)
    for call in (
        lambda: model.train([["x", "new"]], total_examples=1, epochs=1),
        lambda: Word2Vec.from_gensim(theirs),
    ):
        with pytest.raises(ConfigError, match=r"update=True"):
            call()


def test_a_tree_with_other_turns_is_saved(tmp_path: Path) -> None:
    model = Word2Vec([["a", "b", "b"]] * 50, **{**TINY, "hs": 1, "negative": 0})
    theirs = model.to_gensim()
    for word in ("a", "b"):  # the other child is the first
        theirs.wv.set_vecattr(word, "code", 1 - theirs.wv.get_vecattr(word, "code"))
    turned = Word2Vec.from_gensim(theirs)
    turned.save(tmp_path / "model")
    text = [["a", "b", "b"]]
    assert Word2Vec.load(tmp_path / "model").score(text) == turned.score(text)
    assert turned.score(text) != model.score(text)
