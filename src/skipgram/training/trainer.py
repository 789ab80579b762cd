"""The training loop: epochs, chunks, threads and the learning rate.

A chunk is a run of words. It is the unit of work, of progress, of the loss, and of the check for
values that are not finite. Threads run compiled code without the interpreter lock and update the
shared matrices without locks (Hogwild: Recht et al. 2011, arXiv 1106.5730).
"""

from __future__ import annotations

import functools
import math
import time
from collections.abc import Iterator
from queue import SimpleQueue
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from skipgram.config import TrainConfig
from skipgram.corpus.advice import remedy_for_short_sentences
from skipgram.corpus.encoded import EncodedCorpus, cut
from skipgram.corpus.left_out import explain
from skipgram.errors import NothingToTrainError, TrainingError
from skipgram.kernels import random
from skipgram.kernels.windows import Chunk
from skipgram.threads import borrowed, map_ahead
from skipgram.training.checkpoint import Checkpoint, Checkpoints
from skipgram.training.control import Control
from skipgram.training.events import (
    BestEpochTaken,
    ChunkTrained,
    EpochFinished,
    HardlyTrained,
    MemoryPlanned,
    Report,
    TrainingResumed,
    TrainingStarted,
)
from skipgram.training.groups import share_negatives
from skipgram.training.history import ChunkResult, History, Trained
from skipgram.training.matrices import Start, Vectors
from skipgram.training.memory import plan_memory
from skipgram.training.objectives import Objective, Result, make_objective
from skipgram.training.replicas import Replicas, replicable, words_per_replica
from skipgram.training.schedule import MAX_CHUNK_WORDS, Schedule, Task
from skipgram.training.similarity import HARDLY_TRAINED, epochs_to_try, mean_cosine
from skipgram.training.validation import HeldOut, Span, hold_out

Work = TypeVar("Work")

CHUNKS_IN_AN_EPOCH = 64
MAX_CHUNK_WORK = MAX_CHUNK_WORDS * 100 * 5 * 6
"""Words x vector size x window x outputs: the work of the largest chunk at the default options. A
chunk takes no more work than this, so that Ctrl-C never waits long."""

DIVERGED = 1.5
"""Full softmax has diverged if the loss of an epoch is this many times that of guessing. It starts
at the loss of guessing."""


class Trainer:
    """Trains an encoded corpus with the options of a `TrainConfig`.

    Args:
        corpus: the corpus.
        config: resolved options.
        report: called with the events of the training.
        start: vectors to start from; fresh ones by default.
        validation: held-out text, if it is not a share of the corpus.
        checkpoints: where to write checkpoints, and the one to resume from; none by default.

    Raises:
        MemoryPlanError: the training does not fit in memory.
        TrainingError: no two words are in the same sentence.
        ConfigError: there are too few sentences to hold out the share that validation asks for.
        FormatError: there are checkpoints, and none is of this training.
    """

    def __init__(
        self,
        corpus: EncodedCorpus,
        config: TrainConfig,
        report: Report,
        start: Start | None = None,
        validation: EncodedCorpus | None = None,
        checkpoints: Checkpoints | None = None,
    ) -> None:
        self._corpus = corpus
        self._config = config
        self._report = report
        self._checkpoints = checkpoints
        words = len(corpus.ids)
        if words == corpus.sentences:
            remedy = remedy_for_short_sentences(corpus.vocabulary, corpus.reading)
            raise NothingToTrainError(
                "there is nothing to train on: no two words of the corpus are in the same "
                f"sentence; {explain(corpus.report, words, remedy)}"
            )
        self._objective = make_objective(corpus, config, start)
        self._replicable = replicable(self._objective) if config.deterministic else None
        self._freeze = start is not None and len(start.frozen) > 0
        self._validation = validation
        resumed = checkpoints.use_latest(self._schedule_of) if checkpoints else None
        self._schedule = resumed or self._make_schedule(self._choose_chunk_words())
        self._replicas = self._make_replicas()
        self._threads = min(self._objective.threads, len(self._schedule.chunks))
        scratch = self._objective.make_scratch(self._chunk_words)
        report(self._plan_memory(size_in_bytes(scratch), start.untrained if start else 0))
        self._idle: SimpleQueue[Any] = SimpleQueue()
        self._idle.put(scratch)
        for _ in range(self._threads - 1):
            self._idle.put(self._objective.make_scratch(self._chunk_words))

    def _choose_chunk_words(self) -> int:
        """Return the most words of a chunk."""
        words = len(self._corpus.ids)
        wanted = min(words // CHUNKS_IN_AN_EPOCH, MAX_CHUNK_WORK // self._objective.work_per_word)
        if self._replicable:
            wanted = min(wanted, words_per_replica(self._replicable, words))
        return min(max(wanted, self._objective.min_chunk_words), MAX_CHUNK_WORDS)

    def _make_replicas(self) -> Replicas | None:
        if self._replicable is None:
            return None
        return Replicas(
            self._replicable, self._corpus, self._config, self._chunk_words, self._train_chunk
        )

    def _make_schedule(self, chunk_words: int) -> Schedule:
        self._chunk_words = chunk_words
        chunks, self._held_out = self._divide()
        return Schedule(chunks, self._config)

    def _schedule_of(self, checkpoint: Checkpoint) -> Schedule:
        """Return the schedule that a checkpoint was trained with; check that it was."""
        schedule = self._make_schedule(checkpoint.chunk_words)
        checkpoint.check(schedule, is_held_out=self._held_out is not None)
        return schedule

    def _divide(self) -> tuple[list[Span], HeldOut | None]:
        """Return the chunks that are trained and those that are held out."""
        validation, share = self._validation, self._config.validation
        if isinstance(share, float):
            trained, held_out = hold_out(self._corpus.offsets, share)
            return self._cut(trained), HeldOut(self._corpus, self._cut(held_out))
        trained = self._cut([Span(0, len(self._corpus.ids))])
        if validation is None:
            return trained, None
        return trained, HeldOut(validation, self._cut([Span(0, len(validation.ids))]))

    def _cut(self, spans: list[Span]) -> list[Span]:
        """Cut spans into chunks."""
        return [Span(*chunk) for span in spans for chunk in cut(*span, self._chunk_words)]

    def _plan_memory(self, scratch: int, untrained: int) -> MemoryPlanned:
        """Plan with the scratch memory of a thread and the words that are carried over."""
        vector_size = self._config.vector_size
        words = len(self._corpus.vocabulary) + untrained
        items = [
            *self._objective.memory(self._chunk_words),
            ("scratch memory of the threads", self._threads * scratch),
        ]
        if untrained:  # both matrices are united with the trained words
            items.append(("words that the corpus does not hold", 2 * untrained * vector_size * 4))
        size = f"{words:,} words x {vector_size} dimensions, twice"
        result = 2 * words * vector_size * 4
        return plan_memory(items, result, words, size, self._threads + 1)

    def train(self) -> Trained:
        """Allocate memory, train all epochs and return the result.

        Raises:
            TrainingError: a loss or vector is not finite, or full softmax is worse than guessing.
        """
        self._objective.allocate()
        compile_seconds = self._compile()
        with borrowed(self._idle) as scratch:
            expected = self._objective.expected_seconds(scratch)
        raw_words = self._raw_words(self._schedule.words)
        epochs = self._config.epochs
        state, size = self._objective.state, self._config.vector_size
        self._control = Control(self._corpus.vocabulary, size, state)
        self._report(
            TrainingStarted(epochs, round(raw_words), compile_seconds, expected, self._control)
        )
        history = self._train_epochs()
        self._replicas = None  # frees their memory
        vectors = self._objective.vectors()
        self._check_finite(vectors)
        self._judge(vectors.input, history)
        trained_epochs = len(history.loss)
        return Trained(
            input=vectors.input,
            output=vectors.output,
            loss=history.loss,
            validation_loss=history.validation_loss,
            best_epoch=history.best_epoch if self._config.patience else trained_epochs,
            raw_words=raw_words * trained_epochs,
            pairs=history.pairs,
            effective_words=history.effective_words,
            compile_seconds=compile_seconds,
            training_seconds=history.seconds,
            nodes=vectors.nodes,
        )

    def _raw_words(self, words: int) -> float:
        """Convert words of the encoded corpus to words of the text, rare ones included."""
        return self._corpus.report.raw_words / len(self._corpus.ids) * words

    def _compile(self) -> float:
        """Compile the kernel, or load it from the cache; return the seconds that it took."""
        started = time.perf_counter()
        self._train_chunk(Task(0, 0, 0, 0, 0))
        if self._held_out:
            self._measure_chunk(self._held_out.corpus, Span(0, 0))
        return time.perf_counter() - started

    def _train_epochs(self) -> History:
        """Train all epochs, or until the held-out loss no longer improves."""
        history = self._begin()
        started = time.perf_counter() - history.seconds
        # The next epoch begins while the last chunks of an epoch are trained, unless the held-out
        # loss is measured in between, or a callback sees the vectors.
        pauses = self._held_out or self._control.pauses
        together = len(self._schedule.chunks) if pauses else len(self._schedule)
        while history.chunks < len(self._schedule) and not self._is_over(history):
            last = (history.chunks // together + 1) * together
            self._train_some(last, history, started)
        if self._checkpoints and self._checkpoints.is_interrupted:
            self._write_checkpoint(self._checkpoints, history)
        if self._config.patience:
            self._objective.restore()
            self._report(BestEpochTaken(history.best_epoch, len(history.loss)))
        return history

    def _begin(self) -> History:
        """Return an empty history, or continue that of the newest checkpoint that can be used."""
        resumed = self._checkpoints.use_latest(self._restore) if self._checkpoints else None
        history = resumed or History()
        raw_words = self._raw_words(history.words)
        if self._checkpoints and resumed:
            self._checkpoints.discard_passed_over(self._report)
            share = history.chunks / len(self._schedule)
            self._report(TrainingResumed(raw_words, share, history.seconds))
        if self._replicas:
            self._replicas.begin()
        if self._checkpoints:
            self._checkpoints.check_space(self._objective.state(), self._report)
            self._checkpoints.begin(raw_words, self._chunk_words)
        return history

    def _restore(self, checkpoint: Checkpoint) -> History:
        """Continue from a checkpoint, which may have been trained with another schedule."""
        checkpoint.check(self._schedule, is_held_out=self._held_out is not None)
        checkpoint.restore(self._objective.state())
        return checkpoint.history

    def _is_over(self, history: History) -> bool:
        """Whether the training ends before its last epoch."""
        if self._control.is_stopped and history.loss:
            return True
        patience, epochs = self._config.patience, len(history.validation_loss)
        return patience is not None and epochs > 0 and epochs - history.best_epoch >= patience

    def _train_some(self, last: int, history: History, started: float) -> None:
        """Train chunks, and add the results to the history, until it holds `last` chunks.

        For a checkpoint, no further chunks start, and running ones finish. So the matrices hold
        what the history says, and nothing else.
        """
        while history.chunks < last:
            tasks = self._schedule.tasks(history.chunks, last)
            for result in self._results(tasks, history):
                self._check_loss(result)
                history.add(result)
                history.seconds = time.perf_counter() - started
                self._report_chunk(result, history)
                if history.chunks % len(self._schedule.chunks) == 0:
                    self._finish_epoch(history, started)
            if self._checkpoints and self._is_checkpoint_due(history):
                self._write_checkpoint(self._checkpoints, history)

    def _write_checkpoint(self, checkpoints: Checkpoints, history: History) -> None:
        raw_words, state = self._raw_words(history.words), self._objective.state()
        checkpoints.write(history, raw_words, state, self._report)

    def _results(self, tasks: Iterator[Task], history: History) -> Iterator[ChunkResult]:
        """Train chunks until a checkpoint is due, and yield their results in the same order."""
        if self._replicas is None:
            paused = self._until_pause(tasks, history)
            yield from map_ahead(self._train_chunk, paused, self._threads)
            return
        for part in self._until_pause(self._replicas.rounds(tasks), history):
            yield from self._replicas.train(part, self._schedule.rate(part[0].done))

    def _until_pause(self, work: Iterator[Work], history: History) -> Iterator[Work]:
        """Yield chunks or rounds of them until a checkpoint is due."""
        for each in work:
            yield each
            if self._is_checkpoint_due(history):
                return

    def _is_checkpoint_due(self, history: History) -> bool:
        checkpoints = self._checkpoints
        return checkpoints is not None and checkpoints.is_due(self._raw_words(history.words))

    def _report_chunk(self, result: ChunkResult, history: History) -> None:
        raw_words, rate = self._raw_words(history.words), self._schedule.rate(history.words)
        mean = result.loss / max(result.pairs, 1)
        epoch = result.task.epoch + 1
        self._report(ChunkTrained(epoch, raw_words, history.seconds, rate, mean))

    def _finish_epoch(self, history: History, started: float) -> None:
        """Check a finished epoch, measure the held-out loss, and add both to the history."""
        epoch = len(history.loss)
        self._check_pairs(epoch, history.epoch_pairs)
        self._check_chance(epoch, history.epoch_loss / history.epoch_pairs)
        held_out = self._measure(self._held_out, epoch) if self._held_out else None
        history.finish_epoch(held_out)
        if self._config.patience and history.best_epoch == len(history.loss):
            self._objective.keep()
        history.seconds = time.perf_counter() - started
        self._report(EpochFinished(epoch + 1, history.loss[-1], history.seconds, held_out))

    def _train_chunk(self, task: Task, objective: Objective[Any] | None = None) -> ChunkResult:
        """Train a chunk with the objective, or with a replica of it."""
        rate = self._schedule.rate(task.done)
        slope = rate - self._schedule.rate(task.done + 1)
        key = random.stream_key(self._config.seed, random.CORPUS_DRAWS, task.epoch)
        chunk = self._chunk(self._corpus, Span(task.first, task.last), key, rate, slope)
        with borrowed(self._idle) as scratch:
            loss, pairs, words = (objective or self._objective).train(chunk, scratch)
        return ChunkResult(task, loss, pairs, words)

    def _measure(self, held_out: HeldOut, epoch: int) -> float:
        """Return the mean loss per pair of the held-out text; nothing is trained meanwhile."""
        measure = functools.partial(self._measure_chunk, held_out.corpus)
        losses, pairs, _ = zip(*map_ahead(measure, held_out.chunks, self._threads), strict=True)
        loss, config = float(sum(losses)), self._config
        if sum(pairs) == 0:
            raise TrainingError(
                "the held-out text has no loss, because no two words in it are in the same "
                f"sentence (validation={config.validation}, sample={config.sample}); give more "
                "text, or set sample=0"
            )
        if not math.isfinite(loss):
            raise TrainingError(
                f"the held-out loss after epoch {epoch + 1} is not finite; {self._remedy()}"
            )
        return loss / int(sum(pairs))

    def _measure_chunk(self, corpus: EncodedCorpus, span: Span) -> Result:
        """Return the loss of a held-out chunk, with the same draws in every epoch."""
        key = random.stream_key(self._config.seed, random.HELD_OUT_DRAWS)
        chunk = self._chunk(corpus, span, key, 0.0, 0.0)
        with borrowed(self._idle) as scratch:
            return self._objective.measure(corpus, chunk, scratch)

    @staticmethod
    def _chunk(
        corpus: EncodedCorpus, part: Span, key: np.uint64, rate: float, rate_slope: float
    ) -> Chunk:
        first, last = part
        sentence = corpus.sentence_at(first)
        return Chunk(first, last, sentence, key, rate, rate_slope)

    def _check_pairs(self, epoch: int, pairs: int) -> None:
        if pairs == 0:
            raise NothingToTrainError(
                f"after subsampling, no sentence has two words left in epoch {epoch + 1}: with "
                f"sample={self._config.sample}, hardly any words of such a small corpus are kept; "
                + explain(self._corpus.report, len(self._corpus.ids), "set sample=0")
            )

    def _check_chance(self, epoch: int, loss: float) -> None:
        words = len(self._corpus.vocabulary)
        chance = math.log(words)
        if self._config.objective == "softmax" and loss > DIVERGED * chance:
            raise TrainingError(
                f"the loss of epoch {epoch + 1} is {loss:.4g} per pair, far above {chance:.4g}, "
                f"the loss of guessing among {words:,} words: the steps overshoot; {self._remedy()}"
            )

    def _check_loss(self, result: ChunkResult) -> None:
        if not math.isfinite(result.loss):
            task = result.task
            raise TrainingError(
                f"the loss of chunk {task.number} (words {task.first:,} to {task.last:,}) in epoch "
                f"{task.epoch + 1} is not finite; {self._remedy()}"
            )

    def _check_finite(self, vectors: Vectors) -> None:
        for matrix in vectors:
            if matrix is not None and not math.isfinite(float(matrix.sum(dtype=np.float64))):
                raise TrainingError(
                    f"some vectors are not finite at the end of training; {self._remedy()}"
                )

    def _judge(self, vectors: NDArray[np.float32], history: History) -> None:
        """Report vectors that are hardly trained. Given vectors that are frozen are not judged."""
        cosine = 0.0 if self._freeze else mean_cosine(vectors)
        if cosine > HARDLY_TRAINED:
            enough = epochs_to_try(len(history.loss), history.effective_words, len(vectors))
            self._report(HardlyTrained(cosine, enough))

    def _remedy(self) -> str:
        """Say what to do against steps that overshoot."""
        config = self._config
        other = ""
        if config.objective == "softmax":
            other = f" or batch ({config.batch} now)"
        elif share_negatives(vars(config))[0] > 1:
            other = ", or set negative_sharing=window"
        return f"lower alpha ({config.alpha} now){other}"


def size_in_bytes(scratch: NDArray[Any] | tuple[Any, ...]) -> int:
    """Return the size of scratch memory: an array, or a tuple of arrays and tuples."""
    if isinstance(scratch, np.ndarray):
        return scratch.nbytes
    return sum(map(size_in_bytes, scratch))
