"""What a training has done so far, and its result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field

from skipgram.records import Record, Seconds
from skipgram.training.schedule import Task


class ChunkResult(NamedTuple):
    """The result of training a chunk.

    Attributes:
        task: the chunk.
        loss: sum of the losses of its pairs.
        pairs: number of pairs.
        words: number of words that subsampling kept.
    """

    task: Task
    loss: float
    pairs: int
    words: int


class History(Record):
    """How far a training is, and its losses. A checkpoint holds it as JSON.

    Attributes:
        chunks: chunks trained, over all epochs, in the order of the schedule.
        words: words of the encoded corpus trained, over all epochs.
        seconds: time spent training.
        loss: mean loss per pair of each finished epoch.
        validation_loss: mean loss per pair of the held-out text after each finished epoch.
        pairs: pairs trained in the finished epochs.
        effective_words: words that subsampling kept, over all epochs.
        epoch_loss: sum of the losses in the current epoch.
        epoch_pairs: pairs trained in the current epoch.
    """

    model_config = ConfigDict(extra="forbid")

    chunks: int = 0
    words: int = 0
    seconds: Seconds = 0.0
    loss: list[float] = Field(default_factory=list)
    validation_loss: list[float] = Field(default_factory=list)
    pairs: int = 0
    effective_words: int = 0
    epoch_loss: float = 0.0
    epoch_pairs: int = 0

    def add(self, result: ChunkResult) -> None:
        """Add a chunk."""
        self.chunks += 1
        self.words += result.task.last - result.task.first
        self.effective_words += result.words
        self.epoch_loss += result.loss
        self.epoch_pairs += result.pairs

    def finish_epoch(self, validation_loss: float | None) -> None:
        """Add the current epoch to the finished ones."""
        self.loss.append(self.epoch_loss / self.epoch_pairs)
        self.pairs += self.epoch_pairs
        self.epoch_loss, self.epoch_pairs = 0.0, 0
        if validation_loss is not None:
            self.validation_loss.append(validation_loss)

    @property
    def best_epoch(self) -> int:
        """The first epoch with the lowest held-out loss, from 1."""
        return int(np.argmin(self.validation_loss)) + 1


@dataclass(frozen=True)
class Trained:
    """The result of a training: its matrices, losses and times.

    Attributes:
        input: (V, d) input vectors.
        output: (V, d) output vectors; None for hierarchical softmax alone, where the inner nodes of
            the tree have output vectors instead of words.
        loss: mean loss per pair of each epoch that was trained.
        validation_loss: mean loss per pair of the held-out text after each epoch; empty without
            held-out text.
        best_epoch: the epoch, from 1, whose vectors these are: the last one, except with patience.
        raw_words: words of the text trained, over all epochs.
        pairs: pairs trained, over all epochs.
        effective_words: words that subsampling kept, over all epochs (gensim's "effective words").
        compile_seconds: time to compile the kernel, or to load it from the cache.
        training_seconds: time from the first chunk to the last.
        nodes: (V, d) vectors of the inner nodes and a row of zeros, for hierarchical softmax; else
            None.
    """

    input: NDArray[np.float32]
    output: NDArray[np.float32] | None
    loss: list[float]
    validation_loss: list[float]
    best_epoch: int
    raw_words: float
    pairs: int
    effective_words: int
    compile_seconds: float
    training_seconds: float
    nodes: NDArray[np.float32] | None = None
