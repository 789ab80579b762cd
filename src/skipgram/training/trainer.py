"""Epochs, chunks, threads and the learning rate.

The chunk, a run of words, is the unit of work, of progress, of the loss and of the check for numbers that are not finite.
Threads run compiled code without the interpreter lock and update the shared matrices without locks (Hogwild: Recht et al. 2011,
arXiv 1106.5730).
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
from skipgram.corpus.encoded import EncodedCorpus, cut
from skipgram.errors import NothingToTrainError, TrainingError
from skipgram.kernels import random
from skipgram.kernels.windows import Chunk
from skipgram.threads import borrowed, map_ahead
from skipgram.training.events import (
    BestEpochTaken,
    ChunkTrained,
    EpochFinished,
    Report,
    TrainingStarted,
)
from skipgram.training.memory import plan_memory
from skipgram.training.objectives import Result, Start, make_method
from skipgram.training.validation import HeldOut, Part, hold_out

MOST_CHUNK_WORDS, CHUNKS_IN_AN_EPOCH = 1 << 17, 64
MOST_CHUNK_WORK = MOST_CHUNK_WORDS * 100 * 5 * 6
"""Words x vector size x window x outputs: what a chunk takes at the default options, so that none keeps Ctrl-C waiting."""

DIVERGED = 1.5
"""Full softmax whose loss is so many times that of guessing after an epoch has diverged: it starts at 1."""

FINAL_RATE = 1e-4
"""The learning rate falls to this share of its start (word2vec.c), unless min_alpha is given."""


class Task(NamedTuple):
    """One chunk of one epoch, and the words done before it over all epochs."""

    epoch: int
    number: int
    first: int
    last: int
    done: int


class ChunkResult(NamedTuple):
    """What training a chunk came to."""

    task: Task
    loss: float
    pairs: int
    words: int


@dataclass
class History:
    """What the epochs so far came to: see `Trained`."""

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
        """The first with the lowest held-out loss, from 1 on."""
        return int(np.argmin(self.validation_loss)) + 1


@dataclass(frozen=True)
class Trained:
    """The trained matrices, (V, d) float32 each, and how it went.

    Attributes:
        output: None for hierarchical softmax, where inner nodes of the tree, not words, have output vectors.
        nodes: these nodes, and a row of zeros; else None.
        loss: mean loss of a pair in each epoch that was trained.
        validation_loss: that of the held-out text after each; empty where nothing is held out.
        best_epoch: after which the vectors are as they are here, from 1 on; the last but with patience.
        raw_words: raw words of the text trained, over all epochs.
        pairs: pairs trained, over all epochs.
        effective_words: words left by subsampling, over all epochs, as gensim counts "effective words".
        compile_seconds: to compile the kernel, or load it from the cache.
        training_seconds: from the first chunk to the last.
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
    """Trains one corpus by the method that the options ask for, from given vectors where there are some.

    Raises:
        MemoryPlanError: the training does not fit in memory.
        TrainingError: no two words stand in one sentence.
        ConfigError: the sentences are too few to hold out the share that is asked for.
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
            raise NothingToTrainError(
                "no two words of the corpus stand in one sentence, so there is nothing to train on; "
                "put each sentence on one line, or lower min_count"
            )
        self._method = make_method(corpus, config, start)
        wanted = min(words // CHUNKS_IN_AN_EPOCH, MOST_CHUNK_WORK // self._method.work_of_a_word)
        self._chunk_words = min(max(wanted, self._method.least_chunk_words), MOST_CHUNK_WORDS)
        self._parts, self._held_out = self._divide(validation)
        self._words = sum(last - first for first, last in self._parts)
        self._threads = min(self._method.threads, len(self._parts))
        first = self._method.make_scratch(self._chunk_words)
        scratch = self._threads * size_in_bytes(first)
        result_words = len(corpus.vocabulary) + (start.besides if start else 0)
        result = 2 * result_words * config.vector_size * 4
        items = [
            *self._method.memory(self._chunk_words),
            ("scratch memory of the threads", scratch),
        ]
        if (
            start and start.besides
        ):  # one of their matrices, while they are put in their places in the result
            items.append(
                ("words that the corpus does not hold", start.besides * config.vector_size * 4)
            )
        report(
            plan_memory(
                items, result, f"{result_words:,} words x {config.vector_size} numbers, twice"
            )
        )
        self._idle: SimpleQueue[Any] = SimpleQueue()
        self._idle.put(first)
        for _ in range(self._threads - 1):
            self._idle.put(self._method.make_scratch(self._chunk_words))

    def _divide(self, validation: EncodedCorpus | None) -> tuple[list[Part], HeldOut | None]:
        """Return what is trained and what is held out."""
        trained, held_out = (
            [(0, len(self._corpus.ids))],
            [(0, len(validation.ids))] if validation else [],
        )
        if isinstance(self._config.validation, float):
            trained, held_out = hold_out(self._corpus.offsets, self._config.validation)
        trained, held_out = (
            [chunk for part in parts for chunk in cut(*part, self._chunk_words)]
            for parts in (trained, held_out)
        )
        return trained, HeldOut(validation or self._corpus, held_out) if held_out else None

    def train(self) -> Trained:
        """Allocate, train all epochs and return the result.

        Raises:
            TrainingError: the loss or the vectors are no longer finite, or full softmax is worse than guessing.
        """
        config = self._config
        self._method.allocate()
        compile_seconds = self._compile()
        with borrowed(self._idle) as scratch:
            expected = self._method.expected_seconds(scratch)
        raw_words = self._corpus.report.raw_words / len(self._corpus.ids) * self._words
        self._report(TrainingStarted(config.epochs, round(raw_words), compile_seconds, expected))
        started = time.perf_counter()
        history = self._train_epochs(started)
        training_seconds = time.perf_counter() - started
        input_vectors, output_vectors = self._method.vectors()
        for vectors in (input_vectors, output_vectors):
            if not math.isfinite(float(vectors.sum(dtype=np.float64))):
                raise TrainingError(
                    f"some vectors are not finite at the end of training; {self._remedy()}"
                )
        nodes = output_vectors if config.objective == "hierarchical" else None
        return Trained(
            input_vectors,
            output_vectors if nodes is None else None,
            history.loss,
            history.validation_loss,
            history.best_epoch if config.patience else len(history.loss),
            raw_words * len(history.loss),
            history.pairs,
            history.effective_words,
            compile_seconds,
            training_seconds,
            nodes,
        )

    def _compile(self) -> float:
        """Compile the kernel, or load it from the cache, by training nothing; return the seconds it took."""
        started = time.perf_counter()
        self._train_chunk(Task(0, 0, 0, 0, 0))
        if self._held_out:
            self._measure_part(self._held_out.corpus, (0, 0))
        return time.perf_counter() - started

    def _train_epochs(self, started: float) -> History:
        """Train all chunks of all epochs, or until the held-out loss no longer improves."""
        config, history = self._config, History()
        # An epoch begins while the last chunks of the one before are trained, unless something is measured between them.
        together = 1 if self._held_out else config.epochs
        for first in range(0, config.epochs, together):
            self._train_some(range(first, first + together), history, started)
            if config.patience:
                epochs, best = len(history.loss), history.best_epoch
                if best == epochs:
                    self._method.keep()
                elif epochs - best >= config.patience:
                    break
        if config.patience:
            self._method.bring_back()
            self._report(BestEpochTaken(history.best_epoch, len(history.loss)))
        return history

    def _train_some(self, epochs: range, history: History, started: float) -> None:
        """Train the chunks of some epochs and add what they came to."""
        raw_per_word = self._corpus.report.raw_words / len(self._corpus.ids)
        losses, pairs, left = (
            [0.0] * len(epochs),
            [0] * len(epochs),
            [len(self._parts)] * len(epochs),
        )
        done = epochs.start * self._words
        for result in map_ahead(self._train_chunk, self._tasks(epochs), self._threads):
            task, at = result.task, result.task.epoch - epochs.start
            self._check(result)
            losses[at] += result.loss
            pairs[at] += result.pairs
            left[at] -= 1
            history.effective_words += result.words
            done += task.last - task.first
            seconds = time.perf_counter() - started
            mean = result.loss / max(result.pairs, 1)
            self._report(
                ChunkTrained(task.epoch + 1, done * raw_per_word, seconds, self._rate(done), mean)
            )
            if left[at] == 0:
                self._check_pairs(task.epoch, pairs[at])
                mean = losses[at] / pairs[at]
                self._check_chance(task.epoch, mean)
                held_out = self._measure(self._held_out, task.epoch) if self._held_out else None
                history.add(mean, pairs[at], held_out)
                self._report(
                    EpochFinished(task.epoch + 1, mean, time.perf_counter() - started, held_out)
                )

    def _tasks(self, epochs: range) -> Iterator[Task]:
        """Yield the chunks of some epochs, in an order drawn anew for each epoch."""
        done = epochs.start * self._words
        for epoch in epochs:
            order = random.permutation(
                random.stream_key(self._config.seed, random.CHUNK_ORDER, epoch), len(self._parts)
            )
            for number in order.tolist():
                first, last = self._parts[number]
                yield Task(epoch, number, first, last, done)
                done += last - first

    def _rate(self, done: int) -> float:
        """Return the learning rate after `done` words: linear over all epochs, down to min_alpha."""
        total, end = self._config.epochs * self._words, self._config.min_alpha
        share = FINAL_RATE if end is None else end / self._config.alpha
        return self._config.alpha * (1.0 - (1.0 - share) * done / total)

    def _train_chunk(self, task: Task) -> ChunkResult:
        rate = self._rate(task.done)
        key = random.stream_key(self._config.seed, random.CORPUS_DRAWS, task.epoch)
        chunk = self._chunk(
            self._corpus, (task.first, task.last), key, rate, rate - self._rate(task.done + 1)
        )
        with borrowed(self._idle) as scratch:
            loss, pairs, words = self._method.train(chunk, scratch)
        self._corpus.forget(task.first, task.last)
        return ChunkResult(task, loss, pairs, words)

    def _measure(self, held_out: HeldOut, epoch: int) -> float:
        """Return the mean loss of a pair of the held-out text; no chunk is trained meanwhile."""
        measure = functools.partial(self._measure_part, held_out.corpus)
        losses, pairs, _ = zip(*map_ahead(measure, held_out.parts, self._threads), strict=True)
        loss, config = float(sum(losses)), self._config
        if sum(pairs) == 0:
            raise TrainingError(
                f"no two words of the held-out text stand together, so it has no loss: with validation={config.validation} "
                f"and sample={config.sample} too little of it is left; give more text, or sample=0"
            )
        if not math.isfinite(loss):
            raise TrainingError(
                f"the held-out loss after epoch {epoch + 1} is not finite; {self._remedy()}"
            )
        return loss / int(sum(pairs))

    def _measure_part(self, corpus: EncodedCorpus, part: Part) -> Result:
        """Return the loss of a held-out part, with the same draws in every epoch."""
        key = random.stream_key(self._config.seed, random.HELD_OUT_DRAWS)
        with borrowed(self._idle) as scratch:
            result = self._method.measure(corpus, self._chunk(corpus, part, key, 0.0, 0.0), scratch)
        corpus.forget(*part)
        return result

    @staticmethod
    def _chunk(
        corpus: EncodedCorpus, part: Part, key: np.uint64, rate: float, rate_slope: float
    ) -> Chunk:
        first, last = part
        sentence = corpus.sentence_at(first)
        return Chunk(first, last, sentence, key, rate, rate_slope)

    def _check_pairs(self, epoch: int, pairs: int) -> None:
        if pairs == 0:
            raise NothingToTrainError(
                f"subsampling left no two words together in epoch {epoch + 1}: with sample={self._config.sample} hardly any "
                "word of so small a corpus stays; give sample=0"
            )

    def _check_chance(self, epoch: int, loss: float) -> None:
        words = len(self._corpus.vocabulary)
        chance = math.log(words)
        if self._config.objective == "softmax" and loss > DIVERGED * chance:
            raise TrainingError(
                f"the loss of epoch {epoch + 1} is {loss:.4g} a pair, far above {chance:.4g}, that of guessing among {words:,} "
                f"words: the steps overshoot; {self._remedy()}"
            )

    def _check(self, result: ChunkResult) -> None:
        if not math.isfinite(result.loss):
            raise TrainingError(
                f"the loss of chunk {result.task.number} (words {result.task.first:,} to {result.task.last:,}) in epoch "
                f"{result.task.epoch + 1} is not finite; {self._remedy()}"
            )

    def _remedy(self) -> str:
        config = self._config
        other = f" or batch ({config.batch} now)" if config.objective == "softmax" else ""
        if (
            config.objective == "negative"
            and config.architecture == "skipgram"
            and config.negative_sharing == "group"
        ):
            other = ", or give negative_sharing=window"
        return f"lower alpha ({config.alpha} now){other}"


def size_in_bytes(scratch: Any) -> int:
    """Return the size of scratch memory: an array, or tuples of arrays."""
    return scratch.nbytes if isinstance(scratch, np.ndarray) else sum(map(size_in_bytes, scratch))
