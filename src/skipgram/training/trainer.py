"""Epochs, chunks, threads and the learning rate.

The chunk, a run of words, is the unit of work, of progress, of the loss and of the check for numbers that are not finite.
Threads run compiled code without the interpreter lock and update the shared matrices without locks (Hogwild: Recht et al. 2011,
arXiv 1106.5730).
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skipgram.config import TrainConfig
from skipgram.corpus.encoded import EncodedCorpus
from skipgram.errors import NothingToTrainError, TrainingError
from skipgram.kernels import random
from skipgram.kernels.windows import Chunk
from skipgram.threads import borrowed, map_ahead
from skipgram.training.events import ChunkTrained, EpochFinished, Report, TrainingStarted
from skipgram.training.memory import plan_memory
from skipgram.training.methods import Start, make_method

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


@dataclass(frozen=True)
class Trained:
    """The trained matrices, (V, d) float32 each, and how it went.

    Attributes:
        output: None for hierarchical softmax, where inner nodes of the tree, not words, have output vectors.
        nodes: these nodes, and a row of zeros; else None.
        loss: mean loss of a pair in each epoch.
        pairs: pairs trained, over all epochs.
        effective_words: words left by subsampling, over all epochs, as gensim counts "effective words".
        compile_seconds: to compile the kernel, or load it from the cache.
        training_seconds: from the first chunk to the last.
    """

    input: NDArray[np.float32]
    output: NDArray[np.float32] | None
    loss: list[float]
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
    """

    def __init__(self, corpus: EncodedCorpus, config: TrainConfig, report: Report, start: Start | None = None) -> None:
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
        self._chunks = -(-words // self._chunk_words)
        self._threads = min(self._method.threads, self._chunks)
        first = self._method.make_scratch(self._chunk_words)
        scratch = self._threads * size_in_bytes(first)
        result_words = len(corpus.vocabulary) + (start.besides if start else 0)
        result = 2 * result_words * config.vector_size * 4
        items = [*self._method.memory(self._chunk_words), ("scratch memory of the threads", scratch)]
        if start and start.besides:  # one of their matrices, while they are put in their places in the result
            items.append(("words that the corpus does not hold", start.besides * config.vector_size * 4))
        report(plan_memory(items, result, f"{result_words:,} words x {config.vector_size} numbers, twice"))
        self._idle: SimpleQueue[Any] = SimpleQueue()
        self._idle.put(first)
        for _ in range(self._threads - 1):
            self._idle.put(self._method.make_scratch(self._chunk_words))

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
        self._report(TrainingStarted(config.epochs, self._corpus.report.raw_words, compile_seconds, expected))
        started = time.perf_counter()
        loss, pairs, effective_words = self._train_epochs(started)
        training_seconds = time.perf_counter() - started
        input_vectors, output_vectors = self._method.vectors()
        for vectors in (input_vectors, output_vectors):
            if not math.isfinite(float(vectors.sum(dtype=np.float64))):
                raise TrainingError(f"some vectors are not finite at the end of training; {self._remedy()}")
        nodes = output_vectors if config.objective == "hierarchical" else None
        output = output_vectors if nodes is None else None
        return Trained(input_vectors, output, loss, pairs, effective_words, compile_seconds, training_seconds, nodes)

    def _compile(self) -> float:
        """Compile the kernel, or load it from the cache, by training nothing; return the seconds it took."""
        started = time.perf_counter()
        self._train_chunk(Task(0, 0, 0, 0, 0))
        return time.perf_counter() - started

    def _train_epochs(self, started: float) -> tuple[list[float], int, int]:
        """Train all chunks of all epochs; return the mean loss of a pair by epoch, the pairs and the effective words."""
        epochs = self._config.epochs
        raw_per_word = self._corpus.report.raw_words / len(self._corpus.ids)
        losses, pairs, left = [0.0] * epochs, [0] * epochs, [self._chunks] * epochs
        effective_words = done = 0
        for result in map_ahead(self._train_chunk, self._tasks(), self._threads):
            task = result.task
            self._check(result)
            losses[task.epoch] += result.loss
            pairs[task.epoch] += result.pairs
            left[task.epoch] -= 1
            effective_words += result.words
            done += task.last - task.first
            seconds = time.perf_counter() - started
            mean = result.loss / max(result.pairs, 1)
            self._report(ChunkTrained(task.epoch + 1, done * raw_per_word, seconds, self._rate(done), mean))
            if left[task.epoch] == 0:
                self._check_pairs(task.epoch, pairs[task.epoch])
                mean = losses[task.epoch] / pairs[task.epoch]
                self._check_chance(task.epoch, mean)
                self._report(EpochFinished(task.epoch + 1, mean, seconds))
        return [loss / n for loss, n in zip(losses, pairs, strict=True)], sum(pairs), effective_words

    def _tasks(self) -> Iterator[Task]:
        """Yield the chunks of all epochs, in an order drawn anew for each epoch."""
        done = 0
        for epoch in range(self._config.epochs):
            order = random.permutation(random.stream_key(self._config.seed, random.CHUNK_ORDER, epoch), self._chunks)
            for number in order.tolist():
                first = number * self._chunk_words
                last = min(first + self._chunk_words, len(self._corpus.ids))
                yield Task(epoch, number, first, last, done)
                done += last - first

    def _rate(self, done: int) -> float:
        """Return the learning rate after `done` words: linear over all epochs, down to min_alpha."""
        total, end = self._config.epochs * len(self._corpus.ids), self._config.min_alpha
        share = FINAL_RATE if end is None else end / self._config.alpha
        return self._config.alpha * (1.0 - (1.0 - share) * done / total)

    def _train_chunk(self, task: Task) -> ChunkResult:
        offsets = self._corpus.offsets
        rate = self._rate(task.done)
        chunk = Chunk(
            first=task.first,
            last=task.last,
            sentence=int(np.searchsorted(offsets, task.first, side="right")) - 1,
            key=random.stream_key(self._config.seed, random.CORPUS_DRAWS, task.epoch),
            rate=rate,
            rate_slope=(rate - self._rate(task.done + 1)),
        )
        with borrowed(self._idle) as scratch:
            loss, pairs, words = self._method.train(chunk, scratch)
        self._corpus.forget(task.first, task.last)
        return ChunkResult(task, loss, pairs, words)

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
        if config.objective == "negative" and config.architecture == "skipgram" and config.negative_sharing == "group":
            other = ", or give negative_sharing=window"
        return f"lower alpha ({config.alpha} now){other}"


def size_in_bytes(scratch: Any) -> int:
    """Return the size of scratch memory: an array, or tuples of arrays."""
    return scratch.nbytes if isinstance(scratch, np.ndarray) else sum(map(size_in_bytes, scratch))
