"""Small corpora, arguments and vectors for the tests of `skipgram.gensim`."""

from __future__ import annotations

from typing import Any

import numpy as np

from skipgram.gensim.vocabulary import set_words

PAIR = [["a", "b"]] * 20
TINY: dict[str, Any] = {"vector_size": 4, "min_count": 1, "sample": 0, "epochs": 1, "workers": 1}
"""Arguments to train on PAIR."""

SMALL: dict[str, Any] = {
    "vector_size": 16,
    "min_count": 1,
    "sample": 0,
    "workers": 1,
    "epochs": 12,
    "alpha": 0.05,
}
"""Arguments to train on the planted corpus of `conftest.py`."""

ONCE: dict[str, Any] = {"total_examples": 1, "epochs": 1}
"""Arguments of `train`."""

WORDS = ["king", "queen", "man", "woman", "Paris", "paris", *(f"w{n}" for n in range(200))]
VECTOR = np.linspace(-1, 1, 8).astype(np.float32)


def fill_vectors(kind: type) -> Any:
    """Return KeyedVectors of a class: WORDS, falling counts, and random vectors, (V, 8)."""
    wv = kind(8)
    set_words(wv, WORDS, np.arange(len(WORDS), 0, -1))
    wv.vectors = np.random.default_rng(3).normal(size=(len(WORDS), 8)).astype(np.float32)
    return wv


def purity(wv: Any) -> float:
    """Return the share of the nine nearest words that are of a word's own cluster, over all words.

    The words are those of the planted corpus.
    """
    near = [(word, other) for word in wv.index_to_key for other, _ in wv.most_similar(word, topn=9)]
    return float(np.mean([word[0] == other[0] for word, other in near]))
