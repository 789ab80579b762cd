"""What displays say about a training while it runs: speed, loss, and time left."""

from __future__ import annotations

from collections import deque

from skipgram.training.events import (
    ChunkTrained,
    EpochFinished,
    TrainingResumed,
    TrainingStarted,
)

SECONDS_OF_SPEED = 5.0

LEAST_RISE, MOST_RISE = 1.0005, 1.03
"""A loss this many times the lowest one has risen slightly. On the text of the quick start it
rises to 1.002 times the lowest, and to 1.02 times with negatives drawn for each pair."""

FALLEN = 0.1
"""A learning rate has fallen if it is at most this share of the first one."""


class TrainingMeter:
    """Measures a training: its speed in the last seconds, its loss, and the time left.

    The loss is the mean over the last epoch's worth of text, or over all text before that. So it
    changes smoothly, and at the end of an epoch it is the loss of the epoch.

    Args:
        event: the event that began the training.

    Attributes:
        epochs: number of epochs to train.
        total: words of the text in all epochs.
        done: words of the text trained so far.
    """

    def __init__(self, event: TrainingStarted) -> None:
        self.epochs = event.epochs
        self.total = event.epochs * event.raw_words
        self.done = 0.0
        self._epoch_words = event.raw_words
        self._seconds = 0.0
        self._marks = deque([(0.0, 0.0)])
        self._losses: deque[tuple[float, float]] = deque()
        self._words_of_losses = 0.0
        self._epoch_losses: list[float] = []
        self._rates: list[float] = []

    def resume(self, event: TrainingResumed) -> None:
        """Begin after the text that was trained before an interruption."""
        self.done, self._seconds = event.raw_words, event.seconds
        self._marks = deque([(event.seconds, event.raw_words)])

    def add(self, event: ChunkTrained) -> None:
        """Take in one more chunk."""
        self._add_loss(event.raw_words - self.done, event.loss)
        self._rates = [*self._rates[:1], event.rate]
        self.done, self._seconds = event.raw_words, event.seconds
        self._marks.append((event.seconds, event.raw_words))
        while len(self._marks) > 2 and self._marks[1][0] <= event.seconds - SECONDS_OF_SPEED:
            self._marks.popleft()

    def add_epoch(self, event: EpochFinished) -> None:
        """Take in the loss of a finished epoch."""
        self._epoch_losses.append(event.loss)

    def lowest_before_a_rise(self) -> float | None:
        """Return the lowest loss of an epoch if the last loss is slightly above it; else None.

        None also before the last epoch, and if the learning rate has not fallen.
        """
        if len(self._epoch_losses) < self.epochs or self._rates[-1] > FALLEN * self._rates[0]:
            return None
        lowest, last = min(self._epoch_losses), self._epoch_losses[-1]
        return lowest if LEAST_RISE <= last / lowest <= MOST_RISE else None

    def mean_speed(self, event: EpochFinished) -> float:
        """Words per second since training began."""
        return event.epoch * self._epoch_words / max(event.seconds, 1e-9)

    @property
    def speed(self) -> float:
        """Words per second in the last seconds."""
        (first_seconds, first), (last_seconds, last) = self._marks[0], self._marks[-1]
        return (last - first) / max(last_seconds - first_seconds, 1e-9)

    @property
    def loss(self) -> float:
        """Mean loss per pair over the last epoch's worth of text."""
        weighted = sum(words * loss for words, loss in self._losses)
        return weighted / max(self._words_of_losses, 1e-9)

    @property
    def seconds_left(self) -> float:
        """Seconds until all epochs are trained, at the mean speed so far."""
        return self._seconds * (self.total - self.done) / max(self.done, 1e-9)

    def _add_loss(self, words: float, loss: float) -> None:
        self._losses.append((words, loss))
        self._words_of_losses += words
        # Half a word: the number of words in an epoch is rounded.
        while self._words_of_losses - self._losses[0][0] >= self._epoch_words - 0.5:
            self._words_of_losses -= self._losses.popleft()[0]
