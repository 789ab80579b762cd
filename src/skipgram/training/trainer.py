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
from skipgram.errors import TrainingError
from skipgram.kernels import negative, random, tiles
from skipgram.threads import borrowed, map_ahead
from skipgram.training.events import ChunkTrained, EpochFinished, Report, TrainingStarted
from skipgram.training.memory import plan_memory

LEAST_CHUNK_WORDS, MOST_CHUNK_WORDS, CHUNKS_IN_AN_EPOCH = 1 << 8, 1 << 17, 64
MOST_CHUNK_WORK = MOST_CHUNK_WORDS * 100 * 5 * 6
"""Words x vector size x window x outputs: what a chunk takes at the default options, so that none keeps Ctrl-C waiting."""

FINAL_RATE = 1e-4
"""The learning rate falls to this share of its start (word2vec.c)."""


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
        loss: mean loss of a pair in each epoch.
        pairs: pairs trained, over all epochs.
        effective_words: words left by subsampling, over all epochs, as gensim counts "effective words".
        compile_seconds: to compile the kernel, or load it from the cache.
        training_seconds: from the first chunk to the last.
    """

    input: NDArray[np.float32]
    output: NDArray[np.float32]
    loss: list[float]
    pairs: int
    effective_words: int
    compile_seconds: float
    training_seconds: float


class Trainer:
    """Trains one corpus with skip-gram and negative sampling.

    Raises:
        MemoryPlanError: the training does not fit in memory.
        TrainingError: no two words stand in one sentence.
    """

    def __init__(self, corpus: EncodedCorpus, config: TrainConfig, report: Report) -> None:
        self._corpus = corpus
        self._config = config
        self._report = report
        words = len(corpus.ids)
        if words == corpus.sentences:
            raise TrainingError(
                "no two words of the corpus stand in one sentence, so there is nothing to train on; "
                "put each sentence on one line, or lower min_count"
            )
        work_of_a_word = config.vector_size * config.window * (config.negative + 1)
        wanted = min(words // CHUNKS_IN_AN_EPOCH, MOST_CHUNK_WORK // work_of_a_word)
        self._chunk_words = min(max(wanted, LEAST_CHUNK_WORDS), MOST_CHUNK_WORDS)
        self._chunks = -(-words // self._chunk_words)
        self._plan = tiles.plan_tiles(config.vector_size, config.negative + 1)
        self._threads = min(config.threads, self._chunks)
        first = negative.make_workspace(self._plan, config.window, self._chunk_words)
        scratch = self._threads * sum(part.nbytes for part in first)
        report(plan_memory(len(corpus.vocabulary), self._plan.stride, scratch, config.vector_size))
        self._idle: SimpleQueue[negative.Workspace] = SimpleQueue()
        self._idle.put(first)
        for _ in range(self._threads - 1):
            self._idle.put(negative.make_workspace(self._plan, config.window, self._chunk_words))

    def train(self) -> Trained:
        """Allocate, train all epochs and return the result.

        Raises:
            TrainingError: the loss or the vectors are no longer finite.
        """
        config, size = self._config, len(self._corpus.vocabulary)
        self._input = aligned_zeros(size, self._plan.stride)
        self._output = aligned_zeros(size + 1, self._plan.stride)
        key = random.stream_key(config.seed, random.INITIAL_VECTORS)
        random.fill_uniform(key, self._input, config.vector_size, 0.5 / config.vector_size)
        keep = probability_to_uint32(self._corpus.vocabulary.keep_probability(config.sample))
        self._tables = negative.Tables(keep, random.alias_table(self._corpus.vocabulary.noise_weights(config.ns_exponent)))
        compile_seconds = self._compile()
        self._report(TrainingStarted(config.epochs, self._corpus.report.raw_words, compile_seconds))
        started = time.perf_counter()
        loss, pairs, effective_words = self._train_epochs(started)
        training_seconds = time.perf_counter() - started
        # One matrix at a time: both padded and both plain ones together would be the peak of the whole run.
        input_vectors, self._input = self._input[:, : config.vector_size].copy(), aligned_zeros(0, self._plan.stride)
        output_vectors, self._output = self._output[:size, : config.vector_size].copy(), self._input
        if not all(math.isfinite(float(vectors.sum(dtype=np.float64))) for vectors in (input_vectors, output_vectors)):
            raise TrainingError(f"some vectors are not finite at the end of training; lower alpha ({config.alpha} now)")
        return Trained(input_vectors, output_vectors, loss, pairs, effective_words, compile_seconds, training_seconds)

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
        """Return the learning rate after `done` words: linear over all epochs, down to FINAL_RATE of alpha."""
        total = self._config.epochs * len(self._corpus.ids)
        return self._config.alpha * (1.0 - (1.0 - FINAL_RATE) * done / total)

    def _train_chunk(self, task: Task) -> ChunkResult:
        config, offsets = self._config, self._corpus.offsets
        rate = self._rate(task.done)
        chunk = negative.Chunk(
            first=task.first,
            last=task.last,
            sentence=int(np.searchsorted(offsets, task.first, side="right")) - 1,
            key=random.stream_key(config.seed, random.CORPUS_DRAWS, task.epoch),
            rate=rate,
            rate_slope=(rate - self._rate(task.done + 1)),
        )
        train_chunk = negative.chunk_trainer(self._plan.shape)
        with borrowed(self._idle) as workspace:
            loss, pairs, words = train_chunk(
                self._corpus.ids,
                offsets,
                chunk,
                self._tables,
                self._input,
                self._output,
                self._plan.width,
                config.window,
                config.shrink_windows,
                config.negative,
                workspace,
            )
        self._corpus.forget(task.first, task.last)
        return ChunkResult(task, loss, pairs, words)

    def _check_pairs(self, epoch: int, pairs: int) -> None:
        if pairs == 0:
            raise TrainingError(
                f"subsampling left no two words together in epoch {epoch + 1}: with sample={self._config.sample} hardly any "
                "word of so small a corpus stays; give sample=0"
            )

    def _check(self, result: ChunkResult) -> None:
        if not math.isfinite(result.loss):
            raise TrainingError(
                f"the loss of chunk {result.task.number} (words {result.task.first:,} to {result.task.last:,}) in epoch "
                f"{result.task.epoch + 1} is not finite; lower alpha ({self._config.alpha} now)"
            )


def aligned_zeros(rows: int, stride: int) -> NDArray[np.float32]:
    """Return a (rows, stride) float32 matrix of zeros whose first number starts a cache line."""
    spare = tiles.CACHE_LINE_BYTES // 4
    memory: NDArray[np.float32] = np.zeros(rows * stride + spare, np.float32)
    skip = (-memory.ctypes.data % tiles.CACHE_LINE_BYTES) // 4
    return memory[skip : skip + rows * stride].reshape(rows, stride)


def probability_to_uint32(probability: NDArray[np.float64]) -> NDArray[Any]:
    """Return the largest uint32 r for each probability so that a uniform 32-bit draw is <= r that often."""
    return np.clip(np.round(probability * 2.0**32) - 1, 0, 2.0**32 - 1).astype(np.uint32)
