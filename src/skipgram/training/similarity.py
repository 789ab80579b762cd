"""Do the vectors of different words differ yet? They hardly do after too little training.

Vectors start near zero. At first, training moves all input vectors in one direction and all output
vectors in the opposite one, because that lowers the loss of the many negatives: after one epoch of
1 or 5 MB, the cosine of the two means is -1.00. Only later do the words differ by meaning. Until
then the cosine of any two words is near 1, and the neighbours of a word are nearly random.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

HARDLY_TRAINED = 0.85
"""Vectors with a mean cosine above this are hardly trained. Measured on 0.2 to 20 MB of Wikipedia
with skip-gram, CBOW, hierarchical softmax and Adam, 1 to 20 epochs: the share of the ten nearest
neighbours that agrees with those of a model of 20 MB and 5 epochs is 0.2 to 6 % above it, and 10 to
12 % once the vectors are trained, where the mean cosine is 0.1 to 0.6."""

MOST_FREQUENT = 10_000
"""How many words are looked at. In a large vocabulary most words are rare, and rare words may
hardly be trained where the others are trained well."""

LEAST_WORDS = 50
"""Fewer words may all be alike, however long they are trained."""

PAIRS = 4_000
MOST_EPOCHS = 100_000
"""The largest number of epochs that `TrainConfig` allows."""

WORDS_PER_WORD = 300
"""Where the vectors were trained well enough, training had read about this many words for each word
of the vocabulary, after subsampling."""


def mean_cosine(vectors: NDArray[np.float32]) -> float:
    """Return the mean cosine of random pairs of the most frequent words; 0 for too few words.

    It takes at most 20 ms with 300 dimensions. The same vectors always give the same result.

    Args:
        vectors: (V, d) vectors of the words, most frequent first.
    """
    words = min(len(vectors), MOST_FREQUENT)
    if words < LEAST_WORDS:
        return 0.0
    first, second = np.random.default_rng(0).integers(words, size=(2, PAIRS))
    differ = first != second
    left, right = vectors[first[differ]], vectors[second[differ]]
    norms = np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1)
    cosines = (left * right).sum(axis=1) / np.maximum(norms, np.finfo(np.float32).tiny)
    return float(cosines.mean())


def epochs_to_try(epochs: int, effective_words: int, vocabulary: int) -> int:
    """Return how many epochs may train the vectors well, if `epochs` hardly trained them.

    Args:
        epochs: epochs trained.
        effective_words: words trained in all these epochs, after subsampling.
        vocabulary: number of words in the vocabulary.
    """
    enough = math.ceil(epochs * WORDS_PER_WORD * vocabulary / max(effective_words, 1))
    return min(max(4 * epochs, enough), MOST_EPOCHS)
