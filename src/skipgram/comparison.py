"""The loss of held-out text on one task, so that different trainings can be compared.

The losses of trainings with different numbers of negatives k or noise distributions P are not
comparable as they are, because each is the loss of another task. But for every k and P the optimum
is (Levy and Goldberg 2014)

    v_i . u_o = log P(o | i) - log(k P(o))

so v . u + log(k P(o)) estimates log P(o | i). All trainings are therefore compared on one task,
with k' = 5 and P' ~ count^0.75 (noise-contrastive estimation: Gutmann and Hyvärinen 2010). Its
score of a pair is

    s(i, o) = v_i . u_o + log(k P(o)) - log(k' P'(o))

and the loss of a held-out pair, with k' fixed draws from P', is

    -log sigma(s) - sum of log sigma(-s) over the draws.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from skipgram.config import TrainConfig
from skipgram.corpus.encoded import EncodedCorpus
from skipgram.errors import TrainingError
from skipgram.kernels import random, softmax, windows
from skipgram.training.history import Trained
from skipgram.training.objectives import probability_to_uint32, text_reach
from skipgram.training.pieces import piece_of
from skipgram.training.validation import Span, hold_out

MAX_PAIRS = 20_000
"""The most held-out pairs whose loss is measured."""

REFERENCE_NEGATIVE = 5
REFERENCE_EXPONENT = 0.75
"""The task on which all trainings are compared: word2vec's defaults."""


class ComparableLoss:
    """A fixed sample of held-out pairs and negatives, on which all trainings are compared."""

    def __init__(self, corpus: EncodedCorpus, config: TrainConfig) -> None:
        assert isinstance(config.validation, float)  # noqa: S101 - `_Search` sets it
        vocabulary = corpus.vocabulary
        pairs = _held_out_pairs(corpus, config, hold_out(corpus.offsets, config.validation)[1])
        if not len(pairs):
            raise TrainingError(
                "the held-out text has no loss, because no two words in it are in the same "
                "sentence; give more text, or set sample=0"
            )
        rng = np.random.default_rng(config.seed)
        self._inputs, outputs = rng.permutation(pairs)[:MAX_PAIRS].T
        weights = vocabulary.noise_weights(REFERENCE_EXPONENT)
        self._logits = self._noise_logits(weights, REFERENCE_NEGATIVE)
        noise = np.exp(self._logits) / REFERENCE_NEGATIVE
        shape = REFERENCE_NEGATIVE, len(outputs)
        drawn = rng.choice(len(vocabulary), shape, p=noise / noise.sum())
        self._outputs = np.vstack([outputs, drawn])
        self._vocabulary = vocabulary

    @staticmethod
    def _noise_logits(weights: NDArray[np.float64], negative: int) -> NDArray[np.float64]:
        """Return log(k P) of each word."""
        return np.asarray(np.log(negative * weights / weights.sum()))

    def loss(self, trained: Trained, config: TrainConfig) -> float:
        """Return the mean loss per pair (see the docstring of this module)."""
        assert trained.output is not None  # noqa: S101 - `_check` rejects hierarchical softmax
        weights = self._vocabulary.noise_weights(config.ns_exponent)
        shift = self._noise_logits(weights, config.negative) - self._logits
        v = trained.input[self._inputs]
        loss = np.zeros(len(v))
        for at, outputs in enumerate(self._outputs):
            s = np.einsum("ij,ij->i", v, trained.output[outputs], dtype=np.float64) + shift[outputs]
            loss += np.logaddexp(0.0, s if at else -s)
        return float(loss.mean())


def _held_out_pairs(
    corpus: EncodedCorpus, config: TrainConfig, parts: list[Span]
) -> NDArray[np.int64]:
    """Return the pairs (input, output) of the held-out text, (n, 2), drawn as in training."""
    keep = probability_to_uint32(corpus.vocabulary.keep_probability(config.sample))
    key, reach = random.stream_key(config.seed, random.HELD_OUT_DRAWS), text_reach(config)
    pairs = []
    for first, last in parts:
        sentence = corpus.sentence_at(first)
        chunk = windows.Chunk(first, last, sentence, key, 0.0, 0.0)
        scratch = windows.make_window_scratch(reach.furthest, last - first)
        piece = piece_of(corpus, chunk, keep, reach.furthest)
        found = softmax.collect_windows(*piece, keep, reach, scratch)
        pairs.append(np.column_stack([found.centres[found.around.numbers()], found.around.words]))
    return np.concatenate(pairs).astype(np.int64)
