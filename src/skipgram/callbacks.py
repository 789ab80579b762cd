"""Callbacks: what else happens while a training runs.

Pass them to `train`, `SkipGram.fit` or `resume`:

    skipgram.train("corpus.txt", callbacks=[Probe(["king", "python"]), JsonLines("log.jsonl")])

A callback is a `Callback`, some of whose methods are called, or a function, which is called with
every event (`skipgram.training.events`). Both run on the thread that started the training, which
waits for them meanwhile, so they should be quick. An exception that they raise ends the training.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeAlias

from skipgram.embeddings import Embeddings
from skipgram.errors import ConfigError, OutputError, WrongTypeError
from skipgram.io.optional import import_optional
from skipgram.matrices import at_least_one
from skipgram.progress import Lines
from skipgram.training.control import Control
from skipgram.training.events import (
    CheckpointWritten,
    ChunkTrained,
    EpochFinished,
    Event,
    NeighboursFound,
    Report,
    TrainingResumed,
    TrainingStarted,
)
from skipgram.training.log import TrainingLog
from skipgram.training.meter import TrainingMeter
from skipgram.wording import reason_of


class Training:
    """A training that runs, as its callbacks see it.

    Attributes:
        epochs: number of epochs that it will have.
        raw_words: words of the text in one epoch.
        started: the event with which it started.
        resumed: what was trained before an interruption; None if nothing was.
    """

    def __init__(self, started: TrainingStarted, control: Control) -> None:
        self.epochs = started.epochs
        self.raw_words = started.raw_words
        self.started = started
        self.resumed: TrainingResumed | None = None
        self._control = control

    def embeddings(self) -> Embeddings:
        """Return a copy of the vectors as they are now, which takes as much memory as they do.

        They are as trained: `postprocess` comes after the end. Between epochs they do not move.
        """
        vocabulary = self._control.vocabulary
        return Embeddings(vocabulary.words, *self._control.copy_vectors(), vocabulary.counts)

    def stop(self) -> None:
        """End the training after the current epoch."""
        self._control.stop()


class Callback:
    """The base of callbacks. Override what you need; by default nothing happens."""

    def start(self, training: Training) -> None:
        """Called after the first chunk, or when the training resumes after an interruption."""

    def progress(self, training: Training, event: ChunkTrained) -> None:
        """Called after each chunk, a small part of an epoch."""

    def epoch(self, training: Training, event: EpochFinished) -> None:
        """Called after each epoch; the next one waits for it."""

    def checkpoint(self, training: Training, event: CheckpointWritten) -> None:
        """Called after a checkpoint is written."""

    def end(self, embeddings: Embeddings) -> None:
        """Called with the result, unless the training fails."""


AnyCallback: TypeAlias = Callback | Report


class Callbacks:
    """Calls callbacks, in their order, with the events of one training.

    Args:
        callbacks: the callbacks.

    Raises:
        WrongTypeError: one is neither a `Callback` nor a function.
    """

    def __init__(self, callbacks: Iterable[AnyCallback]) -> None:
        if isinstance(callbacks, Callback) or not isinstance(callbacks, Iterable):
            raise WrongTypeError(
                f"callbacks is {callbacks!r:.80}; it must be a list, for example [Probe(['king'])]"
            )
        self._all = list(callbacks)
        for each in self._all:
            if isinstance(each, type) or not (isinstance(each, Callback) or callable(each)):
                raise WrongTypeError(
                    f"callbacks holds {each!r:.80}; each must be a Callback object, such as "
                    "Probe(['king']), or a function of one event"
                )
        self._training: Training | None = None
        self._has_begun = False

    def __call__(self, event: Event) -> None:
        """Pass on an event."""
        if isinstance(event, TrainingStarted) and event.control:
            self._training, self._has_begun = Training(event, event.control), False
            event.control.pauses = any(isinstance(each, Callback) for each in self._all)
        training = self._training
        # The vectors of a checkpoint are there only after the training has started.
        begins = not self._has_begun and isinstance(event, TrainingResumed | ChunkTrained)
        if training and begins:
            self._has_begun = True
            training.resumed = event if isinstance(event, TrainingResumed) else None
        for each in self._all:
            if not isinstance(each, Callback):
                each(event)
            elif training:
                if begins:
                    each.start(training)
                _call(each, training, event)

    def end(self, embeddings: Embeddings) -> Embeddings:
        """Call the callbacks with the result, and return it."""
        for each in self._all:
            if isinstance(each, Callback):
                each.end(embeddings)
        return embeddings


def _call(callback: Callback, training: Training, event: Event) -> None:
    match event:
        case ChunkTrained():
            callback.progress(training, event)
        case EpochFinished():
            callback.epoch(training, event)
        case CheckpointWritten():
            callback.checkpoint(training, event)


class Probe(Callback):
    """Shows the nearest words of some words after each epoch.

    Args:
        words: the words.
        topn: how many nearest words. [range: 1 or more]
        show: called with a `NeighboursFound` for each word; by default it is printed on standard
            error.

    Raises:
        UnknownWordError: soon after the training starts: the vocabulary does not have a word.
    """

    def __init__(
        self, words: Iterable[str], topn: int = 5, show: Callable[[Event], None] | None = None
    ) -> None:
        if isinstance(words, str):
            raise WrongTypeError(f"words is the string {words!r:.60}; give a list of words")
        self._words = list(words)
        self._topn = at_least_one("topn", topn)
        self._show = show or Lines()

    def start(self, training: Training) -> None:
        """Check the words."""
        embeddings = training.embeddings()
        for word in self._words:
            embeddings.index(word)

    def epoch(self, training: Training, event: EpochFinished) -> None:
        """Show the nearest words."""
        embeddings = training.embeddings()
        for word in self._words:
            near = [each for each, _ in embeddings.most_similar(word, topn=self._topn)]
            self._show(NeighboursFound(event.epoch, word, tuple(near)))


class EarlyStopping(Callback):
    """Ends a training when a score of its vectors no longer rises.

    The vectors are those of the last epoch. To stop by the loss on held-out text, and keep the best
    epoch, use the option `patience`.

    Args:
        score: a function of the embeddings after an epoch; larger is better.
        patience: epochs without a new best score after which it ends. [range: 1 or more]

    Attributes:
        scores: that of each epoch.
    """

    def __init__(self, score: Callable[[Embeddings], float], patience: int = 1) -> None:
        self.scores: list[float] = []
        self._score = score
        self._patience = at_least_one("patience", patience)

    def start(self, training: Training) -> None:
        """Forget the scores of an earlier training."""
        self.scores = []

    def epoch(self, training: Training, event: EpochFinished) -> None:
        """Score the vectors."""
        score = float(self._score(training.embeddings()))
        if math.isnan(score):
            raise ConfigError("the score of EarlyStopping is not a number; return a finite one")
        self.scores.append(score)
        best = self.scores.index(max(self.scores))
        if len(self.scores) - 1 - best >= self._patience:
            training.stop()


class JsonLines(Callback):
    """Writes the course of a training to a file, one JSON object a line (`training.log`).

    Args:
        path: the file; lines are added to its end.

    Raises:
        OutputError: the file cannot be written.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        file = Path(os.path.realpath(path))
        try:
            file.open("a").close()
        except OSError as error:
            raise OutputError(
                f"cannot write {path}: {reason_of(error)}; choose another path"
            ) from error
        self._log = TrainingLog(file)

    def start(self, training: Training) -> None:
        """Write the first line."""
        self._log(training.started)
        if training.resumed:
            self._log(training.resumed)

    def progress(self, training: Training, event: ChunkTrained) -> None:
        """Write a line about once a second."""
        self._log(event)

    def epoch(self, training: Training, event: EpochFinished) -> None:
        """Write a line."""
        self._log(event)

    def checkpoint(self, training: Training, event: CheckpointWritten) -> None:
        """Write a line."""
        self._log(event)

    def end(self, embeddings: Embeddings) -> None:
        """Write the last line."""
        self._log.end("finished")


class TensorBoard(Callback):
    """Writes loss, words per second and learning rate for TensorBoard (extra `track`).

    The steps are words of the text, and epochs for the losses of epochs. Look at them with
    `tensorboard --logdir DIRECTORY`.

    Args:
        directory: where to write the event file.

    Raises:
        MissingExtraError: tensorboardX is not installed.
    """

    def __init__(self, directory: str | os.PathLike[str]) -> None:
        tensorboard = import_optional("tensorboardX", "writing for TensorBoard", "skipgram[track]")
        self._writer: Any = tensorboard.SummaryWriter(str(directory))
        self._meter: TrainingMeter | None = None

    def start(self, training: Training) -> None:
        """Begin to measure."""
        self._meter = TrainingMeter(training.started)
        if training.resumed:
            self._meter.resume(training.resumed)

    def progress(self, training: Training, event: ChunkTrained) -> None:
        """Write the numbers of a chunk."""
        if self._meter:
            self._meter.add(event)
            step = round(event.raw_words)
            self._writer.add_scalar("loss/chunk", event.loss, step)
            self._writer.add_scalar("rate", event.rate, step)
            self._writer.add_scalar("raw_words_per_second", self._meter.speed, step)

    def epoch(self, training: Training, event: EpochFinished) -> None:
        """Write the losses of an epoch."""
        self._writer.add_scalar("loss/epoch", event.loss, event.epoch)
        if event.validation_loss is not None:
            self._writer.add_scalar("loss/held-out", event.validation_loss, event.epoch)
        self._writer.flush()

    def end(self, embeddings: Embeddings) -> None:
        """Close the file."""
        self._writer.close()
