"""What can be seen and done while a training runs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import skipgram
from skipgram.training.control import Control
from skipgram.training.events import ChunkTrained, EpochFinished, Event, TrainingStarted

SMALL: dict[str, Any] = {"vector_size": 6, "sample": 0, "threads": 2, "seed": 3}


class Stops:
    """Stops a training after an epoch, and keeps its vectors."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch
        self.control: Control | None = None
        self.seen: list[Any] = []
        self.chunks_after = 0

    def __call__(self, event: Event) -> None:
        if isinstance(event, TrainingStarted):
            self.control = event.control
            assert self.control is not None
            self.control.pauses = True
        if isinstance(event, EpochFinished) and event.epoch == self.epoch:
            assert self.control is not None
            self.seen.append(self.control.copy_vectors())
            self.control.stop()
        elif isinstance(event, ChunkTrained) and self.seen:
            self.chunks_after += 1


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"objective": "hierarchical"},
        {"objective": "hierarchical+negative"},
        {"optimizer": "adagrad"},
        {"architecture": "cbow"},
        {"deterministic": True},
        {"validation": 0.1},
    ],
    ids=str,
)
def test_a_training_stops_after_an_epoch(
    planted_sentences: list[list[str]], options: dict[str, Any]
) -> None:
    stops = Stops(2)
    found = skipgram.train(planted_sentences, callbacks=[stops], epochs=50, **SMALL, **options)
    assert len(found.training["loss"]) == 2
    assert stops.chunks_after == 0
    ((inputs, outputs),) = stops.seen
    assert stops.control is not None
    assert stops.control.vocabulary.words == found.words
    np.testing.assert_array_equal(inputs, found.input)
    assert (outputs is None) == (found.output is None)
    if outputs is not None:
        np.testing.assert_array_equal(outputs, found.vectors("output"))


def test_copies_do_not_move(planted_sentences: list[list[str]]) -> None:
    copies: list[Any] = []

    def callback(event: Event) -> None:
        if isinstance(event, TrainingStarted) and event.control:
            copies.extend(event.control.copy_vectors())

    found = skipgram.train(planted_sentences, callbacks=[callback], epochs=1, **SMALL)
    assert np.abs(copies[0]).max() <= 0.5 / 6  # as they began
    assert not copies[1].any()
    assert np.abs(found.input).max() > 0.5 / 6
