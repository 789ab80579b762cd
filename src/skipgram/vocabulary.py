"""The words of a corpus and their counts, and the probabilities derived from the counts."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Vocabulary:
    """Words in the order of their ids.

    They are sorted by descending count, then by their UTF-8 bytes: the same order on every machine.

    Attributes:
        words: the V words.
        counts: (V,) int64, their occurrences in the corpus.
    """

    def __init__(self, words: Sequence[str], counts: NDArray[np.int64]) -> None:
        self.words = list(words)
        self.counts = counts

    def __len__(self) -> int:
        return len(self.words)

    def keep_probability(self, sample: float) -> NDArray[np.float64]:
        """Return (V,) the probability that subsampling keeps an occurrence of each word.

        It is min(1, sqrt(t/f) + t/f), where f is the word's share of the retained words of the
        corpus and t is `sample`; 0 keeps all. This is the form of word2vec.c and gensim; Mikolov
        et al. 2013b drop a word with probability 1 - sqrt(t/f).
        """
        if sample == 0:
            return np.ones(len(self.counts))
        ratio = sample * self.counts.sum() / self.counts
        return np.asarray(np.sqrt(ratio) + ratio).clip(max=1.0)

    def noise_weights(self, exponent: float) -> NDArray[np.float64]:
        """Return (V,) the weights by which negatives are drawn: count^exponent.

        Mikolov et al. 2013b use the exponent 0.75.
        """
        return np.power(self.counts.astype(np.float64), exponent)


class Spellings(Protocol):
    """The spellings of numbered words."""

    def texts(self, words: NDArray[np.int64]) -> list[str]:
        """Return the words with these numbers, which must all be UTF-8."""

    def keys(self, words: NDArray[np.int64]) -> NDArray[np.uint64]:
        """Return (n, 2) the first sixteen UTF-8 bytes of words, as numbers that sort like bytes."""


class Spelled:
    """The `Spellings` of words that are strings."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words

    def texts(self, words: NDArray[np.int64]) -> list[str]:
        """See `Spellings`."""
        return [self._words[word] for word in words.tolist()]

    def keys(self, words: NDArray[np.int64]) -> NDArray[np.uint64]:
        """See `Spellings`."""
        beginnings = np.array([_utf8(text)[:16] for text in self.texts(words)], "S16")
        return beginnings.view(">u8").astype(np.uint64).reshape(-1, 2)


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def choose_words(
    counts: NDArray[np.int64],
    spellings: Spellings,
    min_count: int,
    max_vocab: int | None,
    always: Container[str] | None = None,
) -> NDArray[np.int64]:
    """Return the indices of the words to keep, in the order of their final ids.

    Args:
        counts: (N,) occurrences of each distinct word; 0 for words that cannot be kept.
        spellings: the spellings of these words.
        min_count: drop words that occur less often.
        max_vocab: keep at most this many of the most frequent words.
        always: words to keep however rare they are; other words fill what is left of max_vocab.
    """
    stays = np.zeros(len(counts), np.bool_)
    if always is not None:
        present = np.flatnonzero(counts)
        stays[present] = [text in always for text in spellings.texts(present)]
    chosen = order_words(np.flatnonzero(stays | (counts >= min_count)), counts, spellings)
    if max_vocab is not None:
        stays = stays[chosen]
        chosen = chosen[stays | (np.cumsum(~stays) <= max_vocab - np.count_nonzero(stays))]
    return chosen


def order_words(
    words: NDArray[np.int64], counts: NDArray[np.int64], spellings: Spellings
) -> NDArray[np.int64]:
    """Return words (indices into `counts`) in the order of a `Vocabulary`."""
    keys = spellings.keys(words)
    # Sorting strings in Python took a third of the scan of 5 M distinct words. With these numbers,
    # few strings are left to compare.
    order = np.lexsort((keys[:, 1], keys[:, 0], -counts[words]))
    words, keys = words[order], keys[order]
    same = (np.diff(counts[words]) == 0) & (keys[1:] == keys[:-1]).all(axis=1)
    if not same.any():
        return words
    for tied in np.split(words, np.flatnonzero(~same) + 1):  # views: sorting them sorts `words`
        if len(tied) > 1:
            spelled = dict(zip(tied.tolist(), map(_utf8, spellings.texts(tied)), strict=True))
            tied[:] = sorted(spelled, key=spelled.__getitem__)
    return words
