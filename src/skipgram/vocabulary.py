"""The words of a corpus and how often each occurs; what subsampling and negative sampling derive from the counts."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence

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


def choose_words(
    counts: NDArray[np.int64],
    spelling: Callable[[int], bytes],
    min_count: int,
    max_vocab: int | None,
    undecodable: int = 0,
    always: Container[str] | None = None,
) -> NDArray[np.int64]:
    """Return the indices of the words to keep, in the order of their final ids.

    Args:
        counts: (N,) occurrences of each distinct word; 0 for words that may not be kept.
        spelling: gives the bytes of word i; without `always` asked only for words that stay and whose count is not unique.
        min_count: rarer words are dropped.
        max_vocab: keep at most so many of the most frequent words.
        undecodable: occurrences of words that may not be kept, for the error.
        always: words that stay however rare they are; of the others only so many as max_vocab then leaves room for.

    Raises:
        CorpusError: fewer than two words are left.
    """
    stays = np.zeros(len(counts), np.bool_)
    if always is not None:
        stays[:] = [count > 0 and spelling(word).decode() in always for word, count in enumerate(counts.tolist())]
    chosen = order_words(np.flatnonzero(stays | (counts >= min_count)), counts, spelling)
    if max_vocab is not None:
        stays = stays[chosen]
        chosen = chosen[stays | (np.cumsum(~stays) <= max_vocab - np.count_nonzero(stays))]
    if len(chosen) < 2:
        _refuse(counts, min_count, len(chosen), undecodable)
    return chosen


def order_words(words: NDArray[np.int64], counts: NDArray[np.int64], spelling: Callable[[int], bytes]) -> NDArray[np.int64]:
    """Return words (indices into `counts`) in the order of a `Vocabulary`; `spelling` gives the bytes of word i."""
    words = words[np.argsort(-counts[words], kind="stable")]
    borders = np.flatnonzero(np.diff(counts[words])) + 1
    for tied in np.split(words, borders):  # views: sorting them sorts `words`
        if len(tied) > 1:
            tied[:] = sorted(tied.tolist(), key=spelling)
    return words


def _refuse(counts: NDArray[np.int64], min_count: int, left: int, undecodable: int) -> None:
    distinct = int(np.count_nonzero(counts))
    if undecodable > counts.sum():
        raise CorpusError(
            f"{undecodable:,} words of the corpus are not UTF-8, only {int(counts.sum()):,} are; convert it to UTF-8"
        )
    if distinct < 2:
        what = "holds no words" if distinct == 0 else "holds only one word, over and over"
        raise CorpusError(f"the corpus {what}; training needs at least two different words that occur together")
    verb = "no word occurs" if left == 0 else "only one word occurs"
    raise CorpusError(
        f"{verb} at least min_count={min_count} times: the most frequent of the {distinct:,} different words occurs "
        f"{int(counts.max()):,} times; lower min_count (or max_vocab leaves too few)"
    )
