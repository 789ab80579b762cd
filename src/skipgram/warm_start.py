"""Training that starts from given vectors: which words have them, and what becomes of those that the corpus does not hold.

There are two ways. `initial` begins a model of the corpus's own words at the vectors of another. `resume_from` goes on with a
model: its words stay in the vocabulary, and the result holds them all. In both, negatives are drawn and words subsampled by
their counts in the new corpus: a word that it does not hold would, as a negative, only be pushed away from everything.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Container, Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from skipgram.config import TrainConfig
from skipgram.corpus.encoded import EncodedCorpus
from skipgram.embeddings import Embeddings
from skipgram.errors import ConfigError
from skipgram.formats import load
from skipgram.training.objectives import Start
from skipgram.vocabulary import Spelled, Vocabulary, order_words

Vectors: TypeAlias = Embeddings | str | os.PathLike[str]
"""Embeddings, or where they are saved: a model directory or a word2vec file."""


_OF_ANY_METHOD = {"optimizer", "window", "window_left", "window_right", "shrink_windows", "sample"}
"""Options that mean the same whatever the objective and the architecture."""


class Given:
    """The embeddings that a training starts from.

    Attributes:
        config: the options of the training, with the vector size of the embeddings; a model that grows goes on by the method
            that it was trained by, unless asked otherwise.
        always: the words that stay in the vocabulary however rare they are; None where rare words go as usual.

    Raises:
        ConfigError: the options do not go together with these embeddings.
    """

    def __init__(
        self, embeddings: Embeddings, config: TrainConfig, *, growing: bool, freeze: bool
    ) -> None:
        size = embeddings.vector_size
        if "vector_size" in config.model_fields_set and config.vector_size != size:
            raise ConfigError(
                f"vector_size={config.vector_size}, but the given vectors have {size} numbers each; leave vector_size out"
            )
        asked = config.model_dump(include=config.model_fields_set)
        self.config = TrainConfig(
            **{**(_method(embeddings, asked) if growing else {}), **asked, "vector_size": size}
        )
        if growing and (embeddings.output is None or self.config.objective == "hierarchical"):
            raise ConfigError(
                "resume_from goes on with input and output vectors, but words have no output vectors in hierarchical softmax, "
                "nor in word2vec files; give initial instead, which begins at the input vectors"
            )
        if growing and embeddings.counts is None:
            raise ConfigError(
                "resume_from adds up counts of words, but these embeddings hold none; give them counts, or give initial instead"
            )
        self.always: Container[str] | None = embeddings if growing else None
        self._embeddings = embeddings
        self._growing = growing
        self._freeze = freeze

    def check_reading(self, corpus: EncodedCorpus) -> None:
        """Refuse to grow a model by files whose words are read otherwise than those of the model.

        Raises:
            ConfigError: naming the option.
        """
        before, now = self._embeddings.training.get("reading", {}), corpus.reading.describe()
        if self._growing and corpus.report.bytes_read:
            for name in ("lowercase", "nfkc", "token_pattern", "tokenizer"):
                if before.get(name) != now.get(name):
                    raise ConfigError(
                        f"the model's text was read with {name}={before.get(name)}, this one with {name}={now.get(name)}: the "
                        "same word would be two; read both alike"
                    )

    def match(self, vocabulary: Vocabulary) -> Start:
        """Return which words of a corpus begin at given vectors.

        Raises:
            ConfigError: none of them does, some vectors are not finite, or nothing is left to train.
        """
        given, words = self._embeddings, vocabulary.words
        known = np.array([number for number, word in enumerate(words) if word in given], np.int64)
        if not len(known):
            raise ConfigError(
                f"none of the {len(words):,} words of the corpus is among the {len(given):,} words with given vectors: there "
                f"are {_some(words)} in the corpus, {_some(given.words)} have vectors; give vectors whose words are spelled "
                "and capitalised like those of the corpus"
            )
        if self._freeze and self.config.objective == "hierarchical" and len(known) == len(words):
            raise ConfigError(
                "with freeze=True nothing is left to train: all words of the corpus have given vectors, and in hierarchical "
                "softmax words have no output vectors; leave freeze out"
            )
        rows = np.array([given.index(words[number]) for number in known.tolist()], np.int64)
        for matrix in (given.input, given.output):
            if matrix is None:
                continue
            broken = rows[~np.isfinite(matrix.sum(axis=1, dtype=np.float64)[rows])]
            if len(broken):
                raise ConfigError(
                    f"the given vector of {given.words[broken[0]]!r} holds numbers that are not finite; leave that word out"
                )
        besides = len(given) - len(known) if self._growing else 0
        return Start(known, rows, given.input, given.output, self._freeze, besides)

    def complete(self, trained: Embeddings, start: Start) -> Embeddings:
        """Return the trained embeddings with a record of their start and, of a model that grew, with its other words."""
        record = {
            "option": "resume_from" if self._growing else "initial",
            "fingerprint": _fingerprint(self._embeddings),
            "words": len(self._embeddings),
            "known_words": len(start.words),
            "fresh_words": len(trained) - len(start.words),
            "untouched_words": start.besides,
            "frozen": self._freeze,
        }
        trained.training["started_from"] = record
        return self._grow(trained, start) if self._growing else trained

    def _grow(self, trained: Embeddings, start: Start) -> Embeddings:
        given = self._embeddings
        besides = np.setdiff1d(np.arange(len(given)), start.rows)
        words = [*trained.words, *(given.words[row] for row in besides.tolist())]
        old_counts = np.asarray(given.counts, np.int64)
        counts = np.concatenate([np.asarray(trained.counts, np.int64), old_counts[besides]])
        counts[start.words] += old_counts[start.rows]
        order = order_words(np.arange(len(words)), counts, Spelled(words))
        places = np.argsort(order)

        def unite(new: NDArray[np.float32], old: NDArray[np.float32]) -> NDArray[np.float32]:
            matrix = np.empty((len(words), trained.vector_size), np.float32)
            matrix[places[: len(trained)]] = new
            matrix[places[len(trained) :]] = old[besides]
            return matrix

        inputs, outputs = (
            unite(trained.vectors(which), given.vectors(which)) for which in ("input", "output")
        )
        return Embeddings(
            [words[number] for number in order.tolist()],
            inputs,
            outputs,
            counts[order],
            trained.training,
        )


def _method(embeddings: Embeddings, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options by which the embeddings were trained, where that is known, but for those that `asked` makes void."""
    options = dict(embeddings.training.get("config", {}))
    if any(
        name in asked and asked[name] != options.get(name) for name in ("objective", "architecture")
    ):
        options = {name: options[name] for name in _OF_ANY_METHOD & options.keys()}
    if "window" in asked:
        options |= {"window_left": None, "window_right": None}
    of_a_run = {
        "alpha",
        "epochs",
        "max_vocab",
        "min_alpha",
        "min_count",
        "patience",
        "seed",
        "threads",
        "validation",
    }
    return {
        name: options[name]
        for name in sorted({*TrainConfig.model_fields} - of_a_run)
        if name in options
    }


def _some(words: list[str]) -> str:
    return ", ".join(map(repr, words[:3]))


def _fingerprint(embeddings: Embeddings) -> str:
    """Return the SHA-256 over words and vectors, in hexadecimal."""
    digest = hashlib.sha256("\n".join(embeddings.words).encode("utf-8", "surrogatepass"))
    for matrix in (embeddings.input, embeddings.output):
        if matrix is not None:
            digest.update(np.ascontiguousarray(matrix).data)
    return digest.hexdigest()


def open_given(
    initial: Vectors | None, resume_from: Vectors | None, freeze: bool, config: TrainConfig
) -> Given | None:
    """Return the vectors that a training starts from; None where it starts from fresh ones.

    Raises:
        ConfigError: both are given, or neither and freeze; or see `Given`.
        FormatError: they cannot be read.
    """
    if initial is not None and resume_from is not None:
        raise ConfigError(
            "initial and resume_from are both given; give initial for a model of the corpus's words alone, "
            "or resume_from to go on with all of a model"
        )
    vectors = initial if resume_from is None else resume_from
    if vectors is None:
        if freeze:
            raise ConfigError(
                "freeze has no effect without given vectors; give initial or resume_from, or leave it out"
            )
        return None
    if not isinstance(vectors, Embeddings | str | os.PathLike):
        raise ConfigError(
            f"vectors to start from are Embeddings or the path of some, not {type(vectors).__name__}"
        )
    embeddings = vectors if isinstance(vectors, Embeddings) else load(vectors)
    return Given(embeddings, config, growing=resume_from is not None, freeze=freeze)
