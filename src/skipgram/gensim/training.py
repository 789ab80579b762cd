"""What `Word2Vec.train` does in one epoch, given the model's weights."""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager
from typing import NamedTuple

import numpy as np

from skipgram.config import TrainConfig
from skipgram.corpus.encoded import EncodedCorpus
from skipgram.errors import ConfigError, NothingToTrainError
from skipgram.event_texts import describe
from skipgram.gensim.weights import Weights
from skipgram.training.compiling import announcing_compiling
from skipgram.training.events import silent
from skipgram.training.matrices import Start
from skipgram.training.trainer import Trainer

logger = logging.getLogger(__name__)


class EpochResult(NamedTuple):
    """What an epoch has trained.

    Attributes:
        effective_words: words left by subsampling.
        loss: the sum of the losses of all pairs.
    """

    effective_words: int
    loss: float


def logging_compiling() -> AbstractContextManager[None]:
    """Return a context in which a line is logged before code is compiled."""
    return announcing_compiling(lambda event: logger.info("%s", describe(event)))


def check_trainable(weights: Weights) -> None:
    """Check that weights can be trained.

    Raises:
        ConfigError: the word vectors are read-only.
    """
    if not weights.input.flags.writeable:
        raise ConfigError(
            "wv.vectors is read-only; replace it with a copy: "
            "model.wv.vectors = model.wv.vectors.copy()"
        )


def warn_of_both(hs: int, negative: int) -> None:
    """Log a warning, in gensim's words, if hierarchical softmax and negative sampling train."""
    if hs and negative:
        logger.warning(
            "Both hierarchical softmax and negative sampling are activated. This is probably a "
            "mistake. You should set either 'hs=0' or 'negative=0' to disable one of them. "
        )


def warn_of_rising_rate(alpha: float, reached: float) -> None:
    """Log a warning, in gensim's words, if training begins above the rate it has fallen to."""
    if alpha > reached:
        logger.warning(
            "Effective 'alpha' higher than previous training cycles: %g, after %g", alpha, reached
        )


def start_at(weights: Weights) -> Start:
    """Return all words of a model at its weights."""
    rows = np.arange(len(weights.input))
    return Start(
        words=rows,
        rows=rows,
        input=weights.input,
        output=weights.output,
        frozen=weights.frozen,
        untrained=0,
        nodes=weights.nodes,
        tree=weights.tree,
    )


def train_epoch(
    corpus: EncodedCorpus, config: TrainConfig, weights: Weights, epoch: int
) -> EpochResult:
    """Train one epoch and write its vectors into the given matrices, which others may hold.

    If the corpus has nothing to train on, log a warning, with the number of the epoch from 0.
    """
    if not len(corpus.ids):
        logger.warning(
            "epoch %d trained nothing: none of the words is in the vocabulary, in which 1 and '1' "
            "are different words; add words with build_vocab(update=True)",
            epoch + 1,
        )
        return EpochResult(0, 0.0)
    try:
        with logging_compiling():
            trained = Trainer(corpus, config, silent, start_at(weights)).train()
    except NothingToTrainError as error:
        logger.warning("epoch %d trained nothing: %s", epoch + 1, error)
        return EpochResult(0, 0.0)
    logger.info(
        "epoch %d: %d words, %d after subsampling, in %.1f s: %.0f words/s",
        *(epoch + 1, trained.raw_words, trained.effective_words, trained.training_seconds),
        trained.raw_words / trained.training_seconds,
    )
    results = trained.input, trained.output, trained.nodes
    for matrix, result in zip((weights.input, weights.output, weights.nodes), results, strict=True):
        if matrix is not None and result is not None:
            matrix[:] = result
    return EpochResult(trained.effective_words, trained.loss[0] * trained.pairs)
