"""The words of a corpus and how often each occurs; what subsampling and negative sampling derive from the counts."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from skipgram.errors import CorpusError


class Vocabulary:
    """Words in the order of their ids: by falling count, ties by their UTF-8 bytes, so the same on every machine.

    Attributes:
        words: the V words.
        counts: (V,) int64, occurrences in the corpus.
    """

    def __init__(self, words: Sequence[str], counts: NDArray[np.int64]) -> None:
        self.words = list(words)
        self.counts = counts

    def __len__(self) -> int:
        return len(self.words)

    def keep_probability(self, sample: float) -> NDArray[np.float64]:
        """Return (V,) the probability that subsampling keeps an occurrence: min(1, sqrt(t/f) + t/f).

        f is the word's share of the retained words of the corpus and t is `sample`; 0 keeps everything. Mikolov et al. 2013b
        give 1 - sqrt(t/f) for dropping; this is the form of word2vec.c and gensim.
        """
        if sample == 0:
            return np.ones(len(self.counts))
        ratio = sample * self.counts.sum() / self.counts
        return np.asarray(np.sqrt(ratio) + ratio).clip(max=1.0)

    def noise_weights(self, exponent: float) -> NDArray[np.float64]:
        """Return (V,) the weights count^exponent from which negatives are drawn (Mikolov et al. 2013b: exponent 0.75)."""
        return np.power(self.counts.astype(np.float64), exponent)


class Spellings(Protocol):
    """How numbered words are spelled."""

    def texts(self, words: NDArray[np.int64]) -> list[str]:
        """Return the words of these numbers, all of which are UTF-8."""

    def keys(self, words: NDArray[np.int64]) -> NDArray[np.uint64]:
        """Return (n, 2) the first sixteen UTF-8 bytes of these words as two numbers that sort as the bytes do."""


class Spelled:
    """The `Spellings` of words that are strings already."""

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
    undecodable: int = 0,
    always: Container[str] | None = None,
) -> NDArray[np.int64]:
    """Return the indices of the words to keep, in the order of their final ids.

    Args:
        counts: (N,) occurrences of each distinct word; 0 for words that may not be kept.
        spellings: of these words.
        min_count: rarer words are dropped.
        max_vocab: keep at most so many of the most frequent words.
        undecodable: occurrences of words that may not be kept, for the error.
        always: words that stay however rare they are; of the others only so many as max_vocab then leaves room for.

    Raises:
        CorpusError: fewer than two words are left.
    """
    stays = np.zeros(len(counts), np.bool_)
    if always is not None:
        there = np.flatnonzero(counts)
        stays[there] = [text in always for text in spellings.texts(there)]
    chosen = order_words(np.flatnonzero(stays | (counts >= min_count)), counts, spellings)
    if max_vocab is not None:
        stays = stays[chosen]
        chosen = chosen[stays | (np.cumsum(~stays) <= max_vocab - np.count_nonzero(stays))]
    if len(chosen) < 2:
        _refuse(counts, min_count, len(chosen), undecodable)
    return chosen


def order_words(
    words: NDArray[np.int64], counts: NDArray[np.int64], spellings: Spellings
) -> NDArray[np.int64]:
    """Return words (indices into `counts`) in the order of a `Vocabulary`."""
    keys = spellings.keys(words)
    # Sorting strings in Python took a third of the scan of 5 M different words; these numbers leave few of them to compare.
    order = np.lexsort((keys[:, 1], keys[:, 0], -counts[words]))
    words, keys = words[order], keys[order]
    same = (np.diff(counts[words]) == 0) & (keys[1:] == keys[:-1]).all(axis=1)
    for tied in (
        np.split(words, np.flatnonzero(~same) + 1) if same.any() else []
    ):  # views: sorting them sorts `words`
        if len(tied) > 1:
            spelled = dict(zip(tied.tolist(), map(_utf8, spellings.texts(tied)), strict=True))
            tied[:] = sorted(spelled, key=spelled.__getitem__)
    return words


def _refuse(counts: NDArray[np.int64], min_count: int, left: int, undecodable: int) -> None:
    distinct = int(np.count_nonzero(counts))
    if undecodable > counts.sum():
        raise CorpusError(
            f"{undecodable:,} words of the corpus are not UTF-8, only {int(counts.sum()):,} are; convert it to UTF-8"
        )
    if distinct < 2:
        what = "holds no words" if distinct == 0 else "holds only one word, over and over"
        raise CorpusError(
            f"the corpus {what}; training needs at least two different words that occur together"
        )
    verb = "no word occurs" if left == 0 else "only one word occurs"
    raise CorpusError(
        f"{verb} at least min_count={min_count} times: the most frequent of the {distinct:,} different words occurs "
        f"{int(counts.max()):,} times; lower min_count (or max_vocab leaves too few)"
    )
