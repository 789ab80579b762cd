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
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any, NamedTuple

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
from skipgram.training.events import (
    BestEpochTaken,
    ChunkTrained,
    EpochFinished,
    HardlyTrained,
    MemoryPlanned,
    Report,
    TrainingStarted,
)
from skipgram.training.groups import share_negatives
from skipgram.training.matrices import Start, Vectors
from skipgram.training.memory import plan_memory
from skipgram.training.objectives import Result, make_objective
from skipgram.training.similarity import HARDLY_TRAINED, epochs_to_try, mean_cosine
from skipgram.training.validation import HeldOut, Span, hold_out

MAX_CHUNK_WORDS = 1 << 17
CHUNKS_IN_AN_EPOCH = 64
MAX_CHUNK_WORK = MAX_CHUNK_WORDS * 100 * 5 * 6
"""Words x vector size x window x outputs: the work of the largest chunk at the default options. A
chunk takes no more work than this, so that Ctrl-C never waits long."""

DIVERGED = 1.5
"""Full softmax has diverged if the loss of an epoch is this many times that of guessing. It starts
at the loss of guessing."""

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


@dataclass
class EpochTotals:
    """Sums over the chunks of one epoch that are trained so far.

    Attributes:
        chunks_left: chunks that are still to be trained.
        loss: sum of the losses.
        pairs: number of pairs.
    """

    chunks_left: int
    loss: float = 0.0
    pairs: int = 0

    def add(self, result: ChunkResult) -> None:
        """Add a chunk."""
        self.loss += result.loss
        self.pairs += result.pairs
        self.chunks_left -= 1


@dataclass
class History:
    """Losses and sums of the finished epochs; the fields are those of `Trained`."""

    loss: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    pairs: int = 0
    effective_words: int = 0

    def add(self, loss: float, pairs: int, validation_loss: float | None) -> None:
        """Add an epoch."""
        self.loss.append(loss)
        self.pairs += pairs
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


class Trainer:
    """Trains an encoded corpus with the options of a `TrainConfig`.

    Args:
        corpus: the corpus.
        config: resolved options.
        report: called with the events of the training.
        start: vectors to start from; fresh ones by default.
        validation: held-out text, if it is not a share of the corpus.

    Raises:
        MemoryPlanError: the training does not fit in memory.
        TrainingError: no two words are in the same sentence.
        ConfigError: there are too few sentences to hold out the share that validation asks for.
    """

    def __init__(
        self,
        corpus: EncodedCorpus,
        config: TrainConfig,
        report: Report,
        start: Start | None = None,
        validation: EncodedCorpus | None = None,
    ) -> None:
        self._corpus = corpus
        self._config = config
        self._report = report
        words = len(corpus.ids)
        if words == corpus.sentences:
            remedy = remedy_for_short_sentences(corpus.vocabulary, corpus.reading)
            raise NothingToTrainError(
                "there is nothing to train on: no two words of the corpus are in the same "
                f"sentence; {explain(corpus.report, words, remedy)}"
            )
        self._objective = make_objective(corpus, config, start)
        self._freeze = start is not None and len(start.frozen) > 0
        wanted = min(words // CHUNKS_IN_AN_EPOCH, MAX_CHUNK_WORK // self._objective.work_per_word)
        self._chunk_words = min(max(wanted, self._objective.min_chunk_words), MAX_CHUNK_WORDS)
        self._chunks, self._held_out = self._divide(validation)
        self._words = sum(last - first for first, last in self._chunks)
        self._threads = min(self._objective.threads, len(self._chunks))
        scratch = self._objective.make_scratch(self._chunk_words)
        report(self._plan_memory(size_in_bytes(scratch), start.untrained if start else 0))
        self._idle: SimpleQueue[Any] = SimpleQueue()
        self._idle.put(scratch)
        for _ in range(self._threads - 1):
            self._idle.put(self._objective.make_scratch(self._chunk_words))

    def _divide(self, validation: EncodedCorpus | None) -> tuple[list[Span], HeldOut | None]:
        """Return the chunks that are trained and those that are held out."""
        share = self._config.validation
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
        if untrained:  # one matrix at a time is united with the trained words
            items.append(("words that the corpus does not hold", untrained * vector_size * 4))
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
        raw_words = self._raw_words(self._words)
        epochs = self._config.epochs
        self._report(TrainingStarted(epochs, round(raw_words), compile_seconds, expected))
        started = time.perf_counter()
        history = self._train_epochs(started)
        training_seconds = time.perf_counter() - started
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
            training_seconds=training_seconds,
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

    def _train_epochs(self, started: float) -> History:
        """Train all epochs, or until the held-out loss no longer improves."""
        config, history = self._config, History()
        # The next epoch begins while the last chunks of an epoch are trained, unless the held-out
        # loss is measured in between.
        together = 1 if self._held_out else config.epochs
        for first in range(0, config.epochs, together):
            self._train_some(range(first, first + together), history, started)
            if config.patience and self._keep_best(history, config.patience):
                break
        if config.patience:
            self._objective.restore()
            self._report(BestEpochTaken(history.best_epoch, len(history.loss)))
        return history

    def _keep_best(self, history: History, patience: int) -> bool:
        """Keep the vectors of the last epoch if it is the best; return whether patience is over."""
        epochs, best = len(history.loss), history.best_epoch
        if best == epochs:
            self._objective.keep()
        return epochs - best >= patience

    def _train_some(self, epochs: range, history: History, started: float) -> None:
        """Train the chunks of some epochs and add the results to the history."""
        totals = {epoch: EpochTotals(len(self._chunks)) for epoch in epochs}
        done = epochs.start * self._words
        for result in map_ahead(self._train_chunk, self._tasks(epochs), self._threads):
            task = result.task
            self._check_loss(result)
            totals[task.epoch].add(result)
            history.effective_words += result.words
            done += task.last - task.first
            self._report_chunk(result, done, started)
            if totals[task.epoch].chunks_left == 0:
                self._finish_epoch(task.epoch, totals.pop(task.epoch), history, started)

    def _report_chunk(self, result: ChunkResult, done: int, started: float) -> None:
        seconds = time.perf_counter() - started
        mean = result.loss / max(result.pairs, 1)
        epoch = result.task.epoch + 1
        self._report(ChunkTrained(epoch, self._raw_words(done), seconds, self._rate(done), mean))

    def _finish_epoch(
        self, epoch: int, totals: EpochTotals, history: History, started: float
    ) -> None:
        """Check a finished epoch, measure the held-out loss, and add both to the history."""
        self._check_pairs(epoch, totals.pairs)
        mean = totals.loss / totals.pairs
        self._check_chance(epoch, mean)
        held_out = self._measure(self._held_out, epoch) if self._held_out else None
        history.add(mean, totals.pairs, held_out)
        self._report(EpochFinished(epoch + 1, mean, time.perf_counter() - started, held_out))

    def _tasks(self, epochs: range) -> Iterator[Task]:
        """Yield the chunks of some epochs, shuffled anew for each epoch."""
        done = epochs.start * self._words
        for epoch in epochs:
            key = random.stream_key(self._config.seed, random.CHUNK_ORDER, epoch)
            for number in random.permutation(key, len(self._chunks)).tolist():
                first, last = self._chunks[number]
                yield Task(epoch, number, first, last, done)
                done += last - first

    def _rate(self, done: int) -> float:
        """Return the learning rate after `done` words: linear over all epochs, to min_alpha."""
        total, end = self._config.epochs * self._words, self._config.min_alpha
        share = FINAL_RATE if end is None else end / self._config.alpha
        return self._config.alpha * (1.0 - (1.0 - share) * done / total)

    def _train_chunk(self, task: Task) -> ChunkResult:
        rate = self._rate(task.done)
        slope = rate - self._rate(task.done + 1)
        key = random.stream_key(self._config.seed, random.CORPUS_DRAWS, task.epoch)
        chunk = self._chunk(self._corpus, Span(task.first, task.last), key, rate, slope)
        with borrowed(self._idle) as scratch:
            loss, pairs, words = self._objective.train(chunk, scratch)
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
