from __future__ import annotations

import copy
import pickle
import re
from typing import Any

import numpy as np
import pytest
from gensim.models import KeyedVectors, Word2Vec

from skipgram.embeddings import Embeddings
from skipgram.errors import NotOfferedError, WrongTypeError
from skipgram.gensim_names import ARGUMENTS, ATTRIBUTES


@pytest.fixture
def embeddings() -> Embeddings:
    return Embeddings(["a", "b", "c"], np.eye(3))


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_a_name_of_gensim_leads_to_ours(embeddings: Embeddings, name: str) -> None:
    with pytest.raises(NotOfferedError, match=f"{name}, which is gensim's name; ") as caught:
        getattr(embeddings, name)
    assert isinstance(caught.value, AttributeError)
    assert not hasattr(embeddings, name)
    for ours in re.findall(r"use (\w+)\(", str(caught.value)):
        assert hasattr(embeddings, ours), ours


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
    with pytest.raises(WrongTypeError, match=f"most_similar has no argument {name}, which is gens"):
        embeddings.most_similar("a", **given)
    with pytest.raises(TypeError, match="unexpected keyword"):
        embeddings.most_similar("a", restrikt=3)  # type: ignore[call-arg]
