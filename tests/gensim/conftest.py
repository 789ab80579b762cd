from __future__ import annotations

import sys
from typing import Any

import pytest
from drop_in import SMALL, fill_vectors
from gensim.models import KeyedVectors as TheirVectors

from skipgram.gensim import KeyedVectors, Word2Vec


@pytest.fixture(scope="module")
def model(planted_sentences: list[list[str]]) -> Word2Vec:
    return Word2Vec(planted_sentences, sg=1, **SMALL)


@pytest.fixture
def without_gensim(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "gensim"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "gensim", None)


@pytest.fixture
def ours() -> Any:
    return fill_vectors(KeyedVectors)


@pytest.fixture
def theirs() -> Any:
    return fill_vectors(TheirVectors)
