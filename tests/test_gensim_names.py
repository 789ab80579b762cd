from __future__ import annotations

import copy
import pickle
import re
from typing import Any

import numpy as np
import pytest
from gensim.models import KeyedVectors, Word2Vec
from sklearn.preprocessing import FunctionTransformer

import skipgram
from skipgram.embeddings import Embeddings
from skipgram.errors import NotOfferedError, WrongTypeError
from skipgram.gensim_names import ARGUMENTS, ATTRIBUTES, SCIKIT_LEARN


@pytest.fixture
def embeddings() -> Embeddings:
    return Embeddings(["a", "b", "c"], np.eye(3))


def check_names(embeddings: Embeddings, advice: str) -> None:
    """Check that all names in a piece of advice are public."""
    for ours in re.findall(r"use (\w+)\(", advice):
        assert hasattr(embeddings, ours), ours
    for ours in re.findall(r"skipgram\.(\w+)", advice):
        assert ours in {*skipgram.__all__, "gensim"}, ours


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_a_name_of_gensim_leads_to_ours(embeddings: Embeddings, name: str) -> None:
    with pytest.raises(NotOfferedError, match=f"{name}, which is gensim's name; ") as caught:
        getattr(embeddings, name)
    assert isinstance(caught.value, AttributeError)
    assert not hasattr(embeddings, name)
    check_names(embeddings, str(caught.value))


@pytest.mark.parametrize("name", SCIKIT_LEARN)
def test_a_name_of_scikit_learn_leads_to_ours(embeddings: Embeddings, name: str) -> None:
    assert hasattr(FunctionTransformer, name)
    with pytest.raises(NotOfferedError, match=f"{name}, which is scikit-learn's name; ") as caught:
        getattr(embeddings, name)
    check_names(embeddings, str(caught.value))
    wanted = "skipgram.train(corpus)" if name == "fit" else "FunctionTransformer(embeddings.encode)"
    assert wanted in str(caught.value)


def test_the_names_are_gensims() -> None:
    theirs = {*dir(KeyedVectors), *dir(KeyedVectors(1)), *dir(Word2Vec([["a"]], min_count=1))}
    older = {"index2word", "vocab", "syn0", "words_closer_than", "restrict_vocab", "syn1neg"}
    older |= {"get_sentence_vector"}  # fastText
    assert {*ATTRIBUTES} - older <= theirs


def test_other_names_are_plain_attribute_errors(embeddings: Embeddings) -> None:
    with pytest.raises(AttributeError, match="Embeddings has no attribute 'wvv'") as caught:
        _ = embeddings.wvv  # type: ignore[attr-defined]
    assert not isinstance(caught.value, NotOfferedError)
    assert copy.deepcopy(embeddings).words == embeddings.words
    assert pickle.loads(pickle.dumps(embeddings)).most_similar("a") == embeddings.most_similar("a")


@pytest.mark.parametrize("name", ARGUMENTS)
def test_an_argument_of_gensim_leads_to_ours(embeddings: Embeddings, name: str) -> None:
    given: dict[str, Any] = {name: 1}
    with pytest.raises(
        WrongTypeError, match=f"most_similar has no argument {name}, which is gens"
    ) as it:
        embeddings.most_similar("a", **given)
    check_names(embeddings, str(it.value))
    with pytest.raises(TypeError, match="unexpected keyword"):
        embeddings.most_similar("a", restrikt=3)  # type: ignore[call-arg]
