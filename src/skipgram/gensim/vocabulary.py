"""Which words a model keeps, by gensim's rules, and the `KeyedVectors` that hold them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skipgram.errors import ConfigError, NotOfferedError, NotReadyError, WrongTypeError
from skipgram.gensim.keyed_vectors import KeyedVectors
from skipgram.io.optional import import_if_installed
from skipgram.kernels import random
from skipgram.vocabulary import Spelled, Vocabulary, order_words

TrimRule = Callable[[str, int, int], int]
"""Takes a word, its count and min_count; returns one of gensim.utils.RULE_DEFAULT, RULE_DISCARD, RULE_KEEP."""

RULE_DISCARD, RULE_KEEP = 1, 2


def make_vectors(vector_size: int) -> Any:
    """Return gensim's own KeyedVectors, without words yet, or the look-alike where gensim is not installed."""
    models = import_if_installed("gensim.models")
    return KeyedVectors(vector_size) if models is None else models.KeyedVectors(vector_size)


def least_count(counts: Mapping[str, int], min_count: int, max_final_vocab: int | None) -> int:
    """Return the min_count that leaves at most max_final_vocab words; of words with one count all stay or none."""
    if max_final_vocab is None or max_final_vocab >= len(counts):
        return min_count
    return max(min_count, sorted(counts.values(), reverse=True)[max_final_vocab] + 1)


def choose(counts: Mapping[str, int], min_count: int, trim_rule: TrimRule | None) -> Vocabulary:
    """Return the words that stay, by falling count; WrongTypeError if trim_rule is no function."""
    if trim_rule is not None and not callable(trim_rule):
        raise WrongTypeError(
            f"trim_rule={trim_rule!r:.80} is not allowed: it takes a function of word, count and min_count"
        )

    def stays(word: str, count: int) -> bool:
        rule = trim_rule(word, count, min_count) if trim_rule else None
        return rule == RULE_KEEP or (rule != RULE_DISCARD and count >= min_count)

    words = [word for word, count in counts.items() if stays(word, count)]
    kept = np.array([counts[word] for word in words], np.int64)
    order = order_words(np.arange(len(words)), kept, Spelled(words))
    return Vocabulary([words[number] for number in order.tolist()], kept[order])


def need_words(wv: Any, act: str) -> None:
    """Raise NotReadyError, in gensim's words, where KeyedVectors hold no words for `act` yet."""
    if not len(wv):
        raise NotReadyError(
            f"you must first build vocabulary before {act}: there are no words yet; call build_vocab"
        )


def checked_output(model: Any) -> NDArray[np.float32] | None:
    """Return the output vectors of a model to be trained, saved or taken across, ours or gensim's; None without negative.

    Raises:
        NotOfferedError: some vectors are held.
        ConfigError: what the user changed does not fit together: sizes of vectors, or how many there are.
    """
    wv, output = model.wv, vars(model).get("syn1neg") if model.negative else None
    if not np.all(np.asarray(getattr(wv, "vectors_lockf", 1.0)) == 1):
        raise NotOfferedError(
            "wv.vectors_lockf other than 1 is not offered; skipgram.train(initial=..., freeze=True) holds vectors"
        )
    if model.negative and output is None:
        raise NotReadyError(
            "there are no output vectors, syn1neg: the words were chosen, or saved, without; build_vocab makes them"
        )
    shape = (len(wv), model.vector_size)
    for name, rows in {
        "wv.vectors": wv.vectors,
        "syn1neg": wv.vectors if output is None else output,
    }.items():
        if rows.shape != shape:
            raise ConfigError(
                f"{name} is of shape {rows.shape}, not {shape}; build_vocab(update=True) adds words to both"
            )
    if len(wv.expandos.get("count", ())) != len(wv):
        raise ConfigError(
            f"not all of the {len(wv)} words have a count; add words by build_vocab(update=True)"
        )
    return output


def set_words(wv: Any, words: Sequence[str], counts: NDArray[np.int64]) -> None:
    """Let KeyedVectors hold these words and counts; their vectors are for the caller to set."""
    wv.index_to_key = list(words)
    wv.key_to_index = {word: row for row, word in enumerate(words)}
    wv.expandos["count"] = np.array(counts, np.int64)
    wv.norms = None


def counted(wv: Any) -> Vocabulary:
    """Return the words and counts that KeyedVectors hold."""
    return Vocabulary(wv.index_to_key, np.asarray(wv.expandos.get("count", ()), np.int64))


def fresh_vectors(words: int, vector_size: int, seed: int) -> NDArray[np.float32]:
    """Return (words, vector_size) vectors to begin at, uniform in [-1 / vector_size, 1 / vector_size) as gensim's are."""
    vectors = np.empty((words, vector_size), np.float32)
    random.fill_uniform(
        random.stream_key(seed, random.INITIAL_VECTORS), vectors, vector_size, 1.0 / vector_size
    )
    return vectors
