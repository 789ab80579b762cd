"""One call of `Word2Vec.train`: its epochs, the callbacks around them, and what becomes of the model's vectors."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from skipgram.corpus.encoded import EncodedCorpus
from skipgram.errors import ConfigError, NothingToTrainError, NotOfferedError
from skipgram.gensim.arguments import train_config
from skipgram.gensim.vocabulary import checked_output
from skipgram.training.events import silent
from skipgram.training.objectives import Start
from skipgram.training.trainer import Trainer

if TYPE_CHECKING:
    from skipgram.gensim.word2vec import Word2Vec

logger = logging.getLogger(__name__)


def train(
    model: Word2Vec, corpus: EncodedCorpus, epochs: int, callbacks: Sequence[Any]
) -> tuple[int, int]:
    """Train a model on a corpus of its words; return the words that were trained and those of the text.

    Raises:
        NotOfferedError: vectors are held, or the tree's inner nodes are gone.
        ConfigError: see `checked_output`, or the vectors may not be written to.
    """
    model.epochs, model.running_training_loss = epochs, 0.0
    if model.hs and model._nodes is None and model.train_count:
        raise NotOfferedError(
            "this model with hs=1 cannot be trained on: the inner nodes of its tree are not saved; "
            "train anew, or give negative=5, hs=0"
        )
    checked_output(model)
    if not model.wv.vectors.flags.writeable:
        raise ConfigError(
            "wv.vectors may not be written to; give a copy of it: model.wv.vectors = model.wv.vectors.copy()"
        )
    _call(callbacks, "on_train_begin", model)
    began, effective_words = time.perf_counter(), 0
    for epoch in range(epochs):
        _call(callbacks, "on_epoch_begin", model)
        effective_words += _train_epoch(model, corpus, epoch)
        _call(callbacks, "on_epoch_end", model)
    model.total_train_time += time.perf_counter() - began
    model.train_count += 1
    _call(callbacks, "on_train_end", model)
    return effective_words, corpus.report.raw_words * epochs


def _train_epoch(model: Word2Vec, corpus: EncodedCorpus, epoch: int) -> int:
    """Train one epoch and put the vectors in their places, which callbacks see; return the words trained."""
    config, rows = train_config(model, epoch), np.arange(len(model.wv))
    model.epochs_trained += 1
    model.min_alpha_yet_reached = config.min_alpha or 0.0
    output = model.syn1neg if model.negative else None
    try:
        start = Start(
            rows, rows, model.wv.vectors, output, freeze=False, untrained=0, nodes=model._nodes
        )
        trained = Trainer(corpus, config, silent, start).train()
    except NothingToTrainError as error:
        logger.warning("epoch %d trained nothing: %s", epoch + 1, error)
        return 0
    model.wv.vectors[:] = trained.input  # in place: callbacks and callers may hold the matrix
    model.wv.norms, model._nodes = None, trained.nodes
    if trained.output is not None:
        model.syn1neg[:] = trained.output
    if model.compute_loss:
        model.running_training_loss += trained.loss[0] * trained.pairs
    return trained.effective_words


def _call(callbacks: Sequence[Any], name: str, model: Word2Vec) -> None:
    for callback in callbacks:
        getattr(callback, name)(model)
