"""Training that starts from given vectors.

There are two ways. `initial` trains a model of the corpus's own words, which start at the vectors
of another model. `resume_from` continues a model: its words stay in the vocabulary, and the result
holds them all. In both, negatives are drawn and words are subsampled by their counts in the new
corpus: as a negative, a word that the corpus does not hold would only be pushed away from
everything.
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
from skipgram.model_directory import Parts
from skipgram.training.matrices import Start
from skipgram.vocabulary import Spelled, Vocabulary, order_words

Vectors: TypeAlias = Embeddings | str | os.PathLike[str]
"""Embeddings, or the path of a model directory or of vectors in another format."""

_OF_ANY_METHOD = {"optimizer", "window", "window_left", "window_right", "shrink_windows", "sample"}
"""Options that mean the same for every objective and architecture."""

_WHAT_IS_TRAINED = ("objective", "architecture")
"""Options that make all others of a method void when they change."""

_OF_A_RUN = {
    "alpha",
    "epochs",
    "max_vocab",
    "min_alpha",
    "min_count",
    "patience",
    "preset",
    "seed",
    "threads",
    "validation",
}
"""Options that belong to one training, not to the method by which a model is trained."""

_READ_ALIKE = ("lowercase", "clean", "numbers", "nfkc", "token_pattern", "tokenizer")
"""Options of reading that decide how a word is spelled."""


class WarmStart:
    """The embeddings that a training starts from.

    Args:
        embeddings: the given vectors.
        growing: whether their model is continued (`resume_from`).
        freeze: keep the given input vectors as they are.

    Attributes:
        embeddings, growing, freeze: the arguments.
        always: words that stay in the vocabulary at any count; None if rare words are dropped as
            usual.
    """

    def __init__(self, embeddings: Embeddings, *, growing: bool, freeze: bool) -> None:
        self.always: Container[str] | None = embeddings if growing else None
        self.embeddings = embeddings
        self.growing = growing
        self.freeze = freeze

    def options(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the options that these vectors decide: their size, and the method of their model.

        A model that is continued keeps the method of its training, unless other options are given.

        Args:
            given: the options that were given, by name.

        Raises:
            ConfigError: another vector_size is given.
        """
        size = self.embeddings.vector_size
        if given.get("vector_size", size) != size:
            raise ConfigError(
                f"vector_size={given['vector_size']}, but the given vectors have {size} "
                "dimensions; leave vector_size out"
            )
        method = _method(self.embeddings, given) if self.growing else {}
        return {**method, "vector_size": size}

    def required(self) -> dict[str, Any]:
        """Return options that neither a preset nor the model's own training may decide."""
        return {"postprocess": "none"} if self.freeze else {}

    def check(self, config: TrainConfig) -> None:
        """Check that these vectors can be trained with the resolved options.

        Raises:
            ConfigError: a model cannot be continued without output vectors and counts, and frozen
                vectors cannot lose their mean.
        """
        if self.freeze and config.postprocess != "none":
            raise ConfigError(
                f"freeze keeps the given vectors as they are, but postprocess={config.postprocess} "
                "changes all vectors; leave one of them out"
            )
        if not self.growing:
            return
        if self.embeddings.output is None or config.objective.startswith("hierarchical"):
            raise ConfigError(
                "resume_from needs input and output vectors, but a word2vec file has no output "
                "vectors, and the nodes of hierarchical softmax cannot be continued here; use "
                "initial instead, which needs only input vectors, or Word2Vec.load of "
                "skipgram.gensim for a model that it saved"
            )
        if self.embeddings.counts is None:
            raise ConfigError(
                "resume_from adds the counts of words, but these embeddings have none; add counts, "
                "or use initial instead"
            )

    def check_reading(self, corpus: EncodedCorpus) -> None:
        """Check that the files of a growing model are read as those of its first training were.

        Raises:
            ConfigError: names the option that differs.
        """
        if not self.growing or not corpus.report.bytes_read:
            return
        before, now = self.embeddings.training.get("reading", {}), corpus.reading.describe()
        for name in _READ_ALIKE:
            if before.get(name) != now.get(name):
                raise ConfigError(
                    f"the model's text was read with {name}={before.get(name)}, but this text with "
                    f"{name}={now.get(name)}, so the same word could be counted as two; use the "
                    f"same {name} for both"
                )

    def needed(self) -> Parts:
        """Return what `check_reading`, `match` and `complete` use of the embeddings, to save it."""
        given, training = self.embeddings, {}
        if self.growing:
            before = given.training.get("reading", {})
            training = {"reading": {name: before.get(name) for name in _READ_ALIKE}}
        return Parts(given.words, given.input, given.output, given.counts, training)

    def match(self, vocabulary: Vocabulary, config: TrainConfig) -> Start:
        """Return which words of a corpus start at given vectors.

        Raises:
            ConfigError: no word has a given vector, a vector is not finite, or nothing is left to
                train.
        """
        given, words = self.embeddings, vocabulary.words
        # The exact words: a query for "The" may answer for "the", but these are two words here.
        given_rows = dict(zip(given.words, range(len(given)), strict=True))
        known = np.array([at for at, word in enumerate(words) if word in given_rows], np.int64)
        if not len(known):
            raise ConfigError(
                f"none of the {len(words):,} words of the corpus ({_some(words)}) is among the "
                f"{len(given):,} words with given vectors ({_some(given.words)}); give vectors "
                "whose words are spelled and capitalised like those of the corpus"
            )
        if self.freeze and config.objective == "hierarchical" and len(known) == len(words):
            raise ConfigError(
                "with freeze=True nothing is left to train: all words of the corpus have given "
                "vectors, and in hierarchical softmax words have no output vectors; leave freeze "
                "out"
            )
        rows = np.array([given_rows[words[number]] for number in known.tolist()], np.int64)
        if self.growing and given.counts is not None:
            _check_sums(vocabulary, known, given.counts[rows])
        untrained = len(given) - len(known) if self.growing else 0
        frozen = known if self.freeze else known[:0]
        return Start(known, rows, given.input, given.output, frozen, untrained)

    def complete(self, trained: Embeddings, start: Start) -> Embeddings:
        """Return the trained embeddings with a record of their start.

        The result of a growing model also holds its words that the corpus does not hold.
        """
        trained.training["started_from"] = {
            "option": "resume_from" if self.growing else "initial",
            "fingerprint": _fingerprint(self.embeddings),
            "words": len(self.embeddings),
            "known_words": len(start.words),
            "fresh_words": len(trained) - len(start.words),
            "untouched_words": start.untrained,
            "frozen": self.freeze,
        }
        return self._grow(trained, start) if self.growing else trained

    def _grow(self, trained: Embeddings, start: Start) -> Embeddings:
        """Return all words, trained and untrained, in the order of their summed counts."""
        given = self.embeddings
        untrained = np.setdiff1d(np.arange(len(given)), start.rows)
        words = [*trained.words, *(given.words[row] for row in untrained.tolist())]
        old_counts = np.asarray(given.counts, np.int64)
        counts = np.concatenate([np.asarray(trained.counts, np.int64), old_counts[untrained]])
        counts[start.words] += old_counts[start.rows]
        order = order_words(np.arange(len(words)), counts, Spelled(words))
        places = np.argsort(order)

        def unite(new: NDArray[np.float32], old: NDArray[np.float32]) -> NDArray[np.float32]:
            matrix = np.empty((len(words), trained.vector_size), np.float32)
            matrix[places[: len(trained)]] = new
            matrix[places[len(trained) :]] = old[untrained]
            return matrix

        return Embeddings(
            [words[number] for number in order.tolist()],
            unite(trained.vectors("input"), given.vectors("input")),
            unite(trained.vectors("output"), given.vectors("output")),
            counts[order],
            trained.training,
        )


def _method(embeddings: Embeddings, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options by which a model was trained, except those that given options replace."""
    options = dict(embeddings.training.get("config", {}))
    if any(given.get(name, options.get(name)) != options.get(name) for name in _WHAT_IS_TRAINED):
        options = {name: options[name] for name in _OF_ANY_METHOD & options.keys()}
    if "window" in given:
        options |= {"window_left": None, "window_right": None}
    names = TrainConfig.model_fields.keys() - _OF_A_RUN
    return {name: options[name] for name in sorted(names & options.keys())}


def _check_sums(
    vocabulary: Vocabulary, known: NDArray[np.int64], before: NDArray[np.int64]
) -> None:
    """Check, before training, that counts added to those of the model are still 64-bit numbers."""
    too_many = np.flatnonzero(before > np.iinfo(np.int64).max - vocabulary.counts[known])
    if len(too_many):
        first = too_many[0]
        raise ConfigError(
            f"the word {vocabulary.words[known[first]]!r} occurs {before[first]:,} times in the "
            f"model and {vocabulary.counts[known[first]]:,} times in the corpus; the sum must be "
            "below 2^63; lower the counts of the model, or use initial instead"
        )


def _some(words: list[str]) -> str:
    more = ", ..." if len(words) > 3 else ""
    return ", ".join(map(repr, words[:3])) + more


def _fingerprint(embeddings: Embeddings) -> str:
    """Return the SHA-256 over words and vectors, in hexadecimal."""
    digest = hashlib.sha256("\n".join(embeddings.words).encode("utf-8", "surrogatepass"))
    for matrix in (embeddings.input, embeddings.output):
        if matrix is not None:
            digest.update(np.ascontiguousarray(matrix).data)
    return digest.hexdigest()


def open_warm_start(
    initial: Vectors | None, resume_from: Vectors | None, *, freeze: bool
) -> WarmStart | None:
    """Return the vectors that a training starts from; None if it starts from fresh ones.

    Raises:
        ConfigError: both are given, or only freeze is.
        FormatError: the vectors cannot be read.
    """
    if initial is not None and resume_from is not None:
        raise ConfigError(
            "initial and resume_from are both given; use initial to train a model of the corpus's "
            "own words, or resume_from to continue the model with all its words"
        )
    vectors = initial if resume_from is None else resume_from
    if vectors is None:
        if freeze:
            raise ConfigError(
                "freeze has no effect without given vectors; give initial or resume_from, or leave "
                "freeze out"
            )
        return None
    if not isinstance(vectors, Embeddings | str | os.PathLike):
        raise ConfigError(
            "the vectors to start from must be Embeddings or the path of saved vectors, not "
            f"{type(vectors).__name__}"
        )
    embeddings = vectors if isinstance(vectors, Embeddings) else load(vectors)
    return WarmStart(embeddings, growing=resume_from is not None, freeze=freeze)
