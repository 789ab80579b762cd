"""Weights that a user may have changed: frozen words, and matrices that do not fit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from drop_in import ONCE, PAIR, SMALL, TINY
from gensim.models import Word2Vec as Theirs

from skipgram.errors import ConfigError, NotReadyError, SkipgramError
from skipgram.gensim import Word2Vec


def test_words_with_the_factor_0_stay_as_they_are(planted_sentences: list[list[str]]) -> None:
    model = Word2Vec(planted_sentences, **{**SMALL, "epochs": 1})
    before = model.wv.vectors.copy()
    model.wv.vectors_lockf = np.ones(len(model.wv), np.float32)
    model.wv.vectors_lockf[[3, 7]] = 0
    model.train(planted_sentences, total_examples=2000, epochs=1)
    same = (model.wv.vectors == before).all(axis=1)
    assert np.flatnonzero(same).tolist() == [3, 7]
    for factors, message in (
        ([0.5], "values other than 0 and 1"),
        ([0, 1], r"has shape \(2,\); it must be \(1,\), or \(40,\) with a value for each word"),
    ):
        model.wv.vectors_lockf = np.array(factors, np.float32)
        with pytest.raises(SkipgramError, match=message):
            model.train(planted_sentences, total_examples=2000, epochs=1)


def test_frozen_words_of_gensim_stay_frozen() -> None:
    locked = Theirs(PAIR, **TINY)
    locked.wv.vectors_lockf = np.array([1, 0], np.float32)
    ours = Word2Vec.from_gensim(locked)
    assert ours.wv.vectors_lockf.tolist() == [1, 0]


def test_missing_output_vectors_are_rejected() -> None:
    model = Word2Vec(PAIR, **TINY, hs=1, negative=0)
    model.hs = 0
    model.negative = 5
    with pytest.raises(NotReadyError, match=r"the model has no syn1neg, .*call build_vocab"):
        model.train(PAIR, **ONCE)


def test_matrices_that_do_not_match_the_words_are_rejected(tmp_path: Path) -> None:
    model = Word2Vec(PAIR, **TINY)
    calls = (lambda: model.save(tmp_path / "model"), lambda: model.train(PAIR, **ONCE))
    vectors = model.wv.vectors
    model.wv.vectors = np.zeros((2, 7), np.float32)
    for call in (*calls, model.to_gensim):
        with pytest.raises(ConfigError, match=r"wv.vectors has shape \(2, 7\) instead of \(2, 4\)"):
            call()
    model.wv.vectors = vectors
    model.wv["c"] = np.zeros(4, np.float32)
    for call in calls:
        with pytest.raises(
            ConfigError,
            match=r"syn1neg has shape \(2, 4\) instead of \(3, 4\); .*update=True",
        ):
            call()
