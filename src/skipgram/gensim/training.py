"""What `Word2Vec.train` does in one epoch, given the model's weights."""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager
from typing import NamedTuple

import numpy as np

from skipgram.config import TrainConfig
from skipgram.corpus.build import encode_corpus
from skipgram.corpus.encoded import EncodedCorpus
from skipgram.corpus.sources import Corpus, Files, resolve_corpus
from skipgram.errors import ConfigError, NothingToTrainError, NotOfferedError
from skipgram.gensim.vocabulary import Matrix
from skipgram.progress import describe, warn_of_dropped
from skipgram.training.compiling import announcing_compiling
from skipgram.training.events import silent
from skipgram.training.objectives import Start
from skipgram.training.trainer import Trainer
from skipgram.vocabulary import Vocabulary

logger = logging.getLogger(__name__)


class Weights(NamedTuple):
    """What a model has learned.

    Attributes:
        input: (V, d) the word vectors.
        output: (V, d) the output vectors, or None in hierarchical softmax.
        nodes: (V, d) the inner nodes of the tree in hierarchical softmax, or None before training.
    """

    input: Matrix
    output: Matrix | None
    nodes: Matrix | None


class EpochResult(NamedTuple):
    """What an epoch has trained.

    Attributes:
        effective_words: words left by subsampling.
        loss: the sum of the losses of all pairs.
        nodes: see `Weights`.
    """

    effective_words: int
    loss: float
    nodes: Matrix | None


def read_corpus(corpus: Corpus, workers: int, words: Vocabulary | None) -> EncodedCorpus:
    """Read a corpus with all its words, or with the given words.

    Without given words, issue a `SkipgramWarning` for each kind of thing that was dropped.
    """
    source = resolve_corpus(corpus)
    if isinstance(source, Files):
        source.encoding = None  # corpus_file has no option for it
    with logging_compiling():
        encoded = encode_corpus(source, threads=workers, vocabulary=words)
    if words is None:
        warn_of_dropped(encoded.report)
    return encoded


def logging_compiling() -> AbstractContextManager[None]:
    """Return a context in which a line is logged before code is compiled."""
    return announcing_compiling(lambda event: logger.info("%s", describe(event)))


def check_trainable(weights: Weights, *, again: bool) -> None:
    """Check that weights can be trained; `again` if they have been trained before.

    Raises:
        NotOfferedError: the inner nodes of the tree are lost.
        ConfigError: the word vectors are read-only.
    """
    if again and weights.output is None and weights.nodes is None:
        raise NotOfferedError(
            "a loaded model with hs=1 cannot be trained further: the inner nodes of its tree are "
            "not saved; train a new model, or use negative=5, hs=0"
        )
    if not weights.input.flags.writeable:
        raise ConfigError(
            "wv.vectors is read-only; replace it with a copy: "
            "model.wv.vectors = model.wv.vectors.copy()"
        )


def warn_of_rising_rate(alpha: float, reached: float) -> None:
    """Log a warning, in gensim's words, if training begins above the rate it has fallen to."""
    if alpha > reached:
        logger.warning(
            "Effective 'alpha' higher than previous training cycles: %g, after %g", alpha, reached
        )


def train_epoch(
    corpus: EncodedCorpus, config: TrainConfig, weights: Weights, epoch: int
) -> EpochResult:
    """Train one epoch and write its vectors into the given matrices, which others may hold.

    If the corpus has nothing to train on, log a warning, with the number of the epoch from 0.
    """
    rows = np.arange(len(weights.input))
    try:
        start = Start(
            rows,
            rows,
            weights.input,
            weights.output,
            freeze=False,
            untrained=0,
            nodes=weights.nodes,
        )
        with logging_compiling():
            trained = Trainer(corpus, config, silent, start).train()
    except NothingToTrainError as error:
        logger.warning("epoch %d trained nothing: %s", epoch + 1, error)
        return EpochResult(0, 0.0, weights.nodes)
    logger.info(
        "epoch %d: %d words, %d after subsampling, in %.1f s: %.0f words/s",
        *(epoch + 1, trained.raw_words, trained.effective_words, trained.training_seconds),
        trained.raw_words / trained.training_seconds,
    )
    weights.input[:] = trained.input
    if weights.output is not None and trained.output is not None:
        weights.output[:] = trained.output
    return EpochResult(trained.effective_words, trained.loss[0] * trained.pairs, trained.nodes)
