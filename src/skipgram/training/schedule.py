"""Which part of the corpus is trained when, and at which learning rate."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from skipgram.config import TrainConfig
from skipgram.kernels import random
from skipgram.training.validation import Span

MAX_CHUNK_WORDS = 1 << 17
"""The most words of a chunk."""

FINAL_RATE = 1e-4
"""The learning rate falls to this share of its start (word2vec.c), unless min_alpha is given."""


class Task(NamedTuple):
    """One chunk of one epoch.

    Attributes:
        epoch: from 0.
        number: which chunk of the epoch.
        first: its first word, ids[first].
        last: where it ends.
        done: words trained before it, over all epochs.
    """

    epoch: int
    number: int
    first: int
    last: int
    done: int


class Schedule:
    """The chunks of all epochs in the order in which they are trained.

    Order and rate depend only on the arguments, so a training can resume from any chunk.

    Args:
        chunks: the chunks of one epoch.
        config: the options; seed, epochs, alpha and min_alpha are used.

    Attributes:
        chunks: the chunks of one epoch.
        words: words in an epoch.
    """

    def __init__(self, chunks: Sequence[Span], config: TrainConfig) -> None:
        self.chunks = chunks
        self.words = sum(last - first for first, last in chunks)
        self._config = config

    def __len__(self) -> int:
        """Return the number of chunks in all epochs."""
        return self._config.epochs * len(self.chunks)

    def words_in(self, chunks: int) -> int:
        """Return the number of words in the first chunks, counted over all epochs."""
        epochs, more = divmod(chunks, len(self.chunks))
        part = itertools.islice(self._tasks_of(epochs), more)
        return epochs * self.words + sum(task.last - task.first for task in part)

    def tasks(self, first: int, last: int) -> Iterator[Task]:
        """Yield the chunks from number `first` to number `last - 1`, counted over all epochs."""
        for epoch in range(first // len(self.chunks), -(-last // len(self.chunks))):
            before = epoch * len(self.chunks)
            tasks = self._tasks_of(epoch)
            yield from itertools.islice(tasks, max(first - before, 0), last - before)

    def _tasks_of(self, epoch: int) -> Iterator[Task]:
        """Yield the chunks of an epoch, shuffled anew for each epoch."""
        done = epoch * self.words
        key = random.stream_key(self._config.seed, random.CHUNK_ORDER, epoch)
        for number in random.permutation(key, len(self.chunks)).tolist():
            first, last = self.chunks[number]
            yield Task(epoch, number, first, last, done)
            done += last - first

    def rate(self, done: int) -> float:
        """Return the learning rate after `done` words: linear over all epochs, to min_alpha."""
        total, end = self._config.epochs * self.words, self._config.min_alpha
        share = FINAL_RATE if end is None else end / self._config.alpha
        return self._config.alpha * (1.0 - (1.0 - share) * done / total)
