"""Trainings with different negatives and noise are compared on one task."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from skipgram import TrainConfig
from skipgram.comparison import ComparableLoss
from skipgram.corpus.build import encode_corpus
from skipgram.kernels.reference import window_loss
from skipgram.training.trainer import Trainer

SMALL: dict[str, Any] = {"vector_size": 8, "sample": 0, "threads": 1, "window": 3}


def test_trainings_with_different_noise_are_compared_on_one_task(
    planted_sentences: list[list[str]],
) -> None:
    """With enough dimensions for all of PMI, only the losses on the common task are close."""
    uneven = [
        [word for word in sentence if word[0] != "d" or n % 4 == 0]
        for n, sentence in enumerate(planted_sentences)
    ]
    uneven = [sentence for sentence in uneven if len(sentence) > 1] * 3
    some = {**SMALL, "vector_size": 40, "epochs": 20, "validation": 0.05}
    losses, own = [], []
    with encode_corpus(uneven) as corpus:
        reference = ComparableLoss(corpus, TrainConfig(**some))
        for options in (
            {"negative": 5},
            {"negative": 15, "ns_exponent": 0.0},
            {"negative": 2, "ns_exponent": 1.0},
        ):
            config = TrainConfig(**some, **options)
            trained = Trainer(corpus, config, lambda event: None).train()
            losses.append(reference.loss(trained, config))
            own.append(trained.validation_loss[-1])
    assert losses == [pytest.approx(losses[0], rel=0.01)] * 3
    # The first training has the common task, except that draws of words in its group are dropped.
    assert losses[0] == pytest.approx(own[0], rel=0.1)
    assert max(own) > 2 * min(own)


def test_the_loss_equals_that_of_the_oracle(planted_sentences: list[list[str]]) -> None:
    config = TrainConfig(**SMALL, epochs=1, negative=3, ns_exponent=0.2, validation=0.05)
    with encode_corpus(planted_sentences) as corpus:
        reference = ComparableLoss(corpus, config)
        trained = Trainer(corpus, config, lambda event: None).train()
        noise = [corpus.vocabulary.counts**exponent for exponent in (0.2, 0.75)]
    assert trained.output is not None
    shift = np.log(3 * noise[0] / noise[0].sum()) - np.log(5 * noise[1] / noise[1].sum())
    # Another dimension of each vector makes the shift a part of the product.
    v = np.column_stack([trained.input, np.ones(40)]).astype(np.float64)
    u = np.column_stack([trained.output, shift]).astype(np.float64)
    seen, drawn = np.zeros((40, 40)), np.zeros((40, 40))
    np.add.at(seen, (reference._inputs, reference._outputs[0]), 1)
    for outputs in reference._outputs[1:]:
        np.add.at(drawn, (reference._inputs, outputs), 1)
    assert len(reference._inputs) > 1000
    assert reference.loss(trained, config) == pytest.approx(
        window_loss(v, u, seen, drawn) / len(reference._inputs)
    )
