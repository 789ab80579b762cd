"""The vocabulary of a model: which words gensim's rules keep, and what depends on their counts."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias, TypedDict

import numpy as np
from numpy.typing import NDArray

from skipgram.errors import CorpusError, NotReadyError, WrongTypeError
from skipgram.gensim.arguments import StepPer
from skipgram.gensim.tokens import Tokens
from skipgram.kernels import random
from skipgram.keys import Key
from skipgram.vocabulary import Spelled, Vocabulary, order_words

logger = logging.getLogger(__name__)

Matrix: TypeAlias = NDArray[np.float32]

TrimRule: TypeAlias = Callable[[Any, int, int], int]
"""Takes a word, its count and min_count.

Returns gensim.utils.RULE_DEFAULT, RULE_DISCARD or RULE_KEEP.
"""

MANY_WORDS = 20_000_000
"""Words over all epochs of which steps of one word would take more than a few seconds longer."""

RULE_DISCARD = 1
RULE_KEEP = 2


class VocabularyOptions(TypedDict, total=False):
    """Arguments of `Word2Vec.prepare_vocab` that `Word2Vec.build_vocab` passes on."""

    min_count: int | None
    sample: float | None
    dry_run: bool


class WordVectors(Protocol):
    """The part of `KeyedVectors`, gensim's or ours, that models use."""

    index_to_key: list[Key]
    key_to_index: dict[Key, int]
    vectors: Matrix
    norms: Matrix | None
    vectors_lockf: Matrix
    expandos: dict[str, NDArray[Any]]

    def __len__(self) -> int: ...


def least_count(counts: Mapping[Key, int], min_count: int, max_final_vocab: int | None) -> int:
    """Return the min_count that leaves at most max_final_vocab words.

    Words with the same count are kept or dropped together.
    """
    if max_final_vocab is None or max_final_vocab >= len(counts):
        return min_count
    return max(min_count, sorted(counts.values(), reverse=True)[max_final_vocab] + 1)


def choose(counts: Mapping[Key, int], min_count: int, trim_rule: TrimRule | None) -> Vocabulary:
    """Return the words to keep, by descending count.

    Raises:
        WrongTypeError: trim_rule is not a function.
    """
    if trim_rule is not None and not callable(trim_rule):
        raise WrongTypeError(
            f"trim_rule is {trim_rule!r:.80}; it must be a function of word, count and min_count"
        )

    def keeps(word: Key, count: int) -> bool:
        rule = trim_rule(word, count, min_count) if trim_rule else None
        return rule == RULE_KEEP or (rule != RULE_DISCARD and count >= min_count)

    words = [word for word, count in counts.items() if keeps(word, count)]
    kept = np.array([counts[word] for word in words], np.int64)
    order = order_words(np.arange(len(words)), kept, Spelled(Tokens().spell(words)))
    return Vocabulary([words[number] for number in order.tolist()], kept[order])


def choice_report(counts: Mapping[Key, int], chosen: Vocabulary, sample: float) -> dict[str, int]:
    """Return what choosing these words does to a corpus; see `Word2Vec.prepare_vocab`."""
    keep = chosen.keep_probability(sample)
    return {
        "drop_unique": len(counts) - len(chosen),
        "retain_total": int(chosen.counts.sum()),
        "downsample_unique": int(np.count_nonzero(keep < 1)),
        "downsample_total": int(keep @ chosen.counts),
        "num_retained_words": len(chosen),
    }


def extend(before: Vocabulary, chosen: Vocabulary, counts: Mapping[Key, int]) -> Vocabulary:
    """Return a vocabulary with the chosen words that are new appended.

    Args:
        before: the words so far, which keep their order.
        chosen: words of a new corpus.
        counts: of all words of that corpus; those of known words are added.
    """
    known = {*before.words}
    new = [number for number, word in enumerate(chosen.words) if word not in known]
    added = np.array([counts.get(word, 0) for word in before.words], np.int64)
    return Vocabulary(
        [*before.words, *(chosen.words[number] for number in new)],
        np.concatenate([before.counts + added, chosen.counts[new]]),
    )


def check_size(
    words: Vocabulary, min_count: int, effective_min_count: int, max_final_vocab: int | None
) -> None:
    """Check that there are words. Log a warning if there is one: it has no others to learn from.

    Raises:
        CorpusError: there are none; it names the argument to change.
    """
    if len(words) >= 2:
        return
    cause = f"min_count={effective_min_count}"
    remedy = "lower min_count"
    if effective_min_count > min_count:
        cause += f", which max_final_vocab={max_final_vocab} requires,"
        remedy = "raise max_final_vocab"
    message = f"{cause} leaves too few words ({len(words)}; training needs at least 2); {remedy}"
    if not len(words):
        raise CorpusError(message)
    logger.warning("%s", message)


def step_per(words: Vocabulary, epochs: int) -> StepPer:
    """Return what a step of skip-gram trains: all words of a window, or one as in gensim.

    Windows train twice as fast and score better on text (docs/how-skip-gram-works.md). On random
    walks over a graph, words are better. There, words occur about equally often: as many as the
    perplexity of the counts would, which is 67 to 97 % of the words in walks over five kinds of
    graphs, and 5 to 23 % in texts of 60 kB to 20 MB.
    """
    total = int(words.counts.sum())
    if total * epochs > MANY_WORDS:
        return "window"
    shares = words.counts[words.counts > 0] / max(total, 1)
    perplexity = float(np.exp(-(shares * np.log(shares)).sum()))
    return "word" if perplexity > 0.5 * len(words) else "window"


def memory(
    words: int, vector_size: int, hs: int, negative: int, report: Mapping[str, int]
) -> dict[str, int]:
    """Return the bytes that a model needs, by part and in total; `report` is counted in."""
    matrix = words * vector_size * 4
    sizes = {
        **report,
        "vocab": words * 200,
        "vectors": matrix,
        "syn1": matrix * bool(hs),
        "syn1neg": matrix * bool(negative),
    }
    return {**sizes, "total": sum(sizes.values())}


def cumulative_table(vocabulary: Vocabulary, exponent: float, domain: int) -> NDArray[np.uint32]:
    """Return (V,) the running sum of count^exponent, scaled to end at `domain`."""
    sums = np.cumsum(vocabulary.noise_weights(exponent))
    return np.rint(sums / sums[-1:] * domain).astype(np.uint32)


def require_words(wv: WordVectors, action: str) -> None:
    """Check that there are words for an action.

    Raises:
        NotReadyError: there are none; in gensim's words.
    """
    if not len(wv):
        raise NotReadyError(
            f"you must first build vocabulary before {action}: there are no words yet; "
            "call build_vocab"
        )


def set_words(wv: WordVectors, words: Sequence[Key], counts: NDArray[np.int64]) -> None:
    """Replace the words and counts of KeyedVectors; the caller sets their vectors."""
    wv.index_to_key = list(words)
    wv.key_to_index = {word: row for row, word in enumerate(words)}
    wv.expandos["count"] = np.array(counts, np.int64)
    wv.norms = None


def counted(wv: WordVectors) -> Vocabulary:
    """Return the words and counts of KeyedVectors."""
    return Vocabulary(wv.index_to_key, np.asarray(wv.expandos.get("count", ()), np.int64))


def fresh_vectors(words: int, vector_size: int, seed: int) -> Matrix:
    """Return (words, vector_size) initial vectors.

    They are uniform in [-1 / vector_size, 1 / vector_size), as in gensim.
    """
    vectors = np.empty((words, vector_size), np.float32)
    key = random.stream_key(seed, random.INITIAL_VECTORS)
    random.fill_uniform(key, vectors, vector_size, 1.0 / vector_size)
    return vectors
