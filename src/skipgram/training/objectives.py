"""Negative sampling, hierarchical softmax and full softmax, in one interface for the trainer."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from skipgram.config import TrainConfig
from skipgram.corpus.encoded import EncodedCorpus
from skipgram.kernels import (
    chunk,
    hierarchical,
    layout,
    optimizers,
    plan,
    random,
    softmax,
    windows,
)
from skipgram.kernels.cache import memory_to_compile
from skipgram.kernels.form import Form
from skipgram.training.groups import share_negatives, window_sides
from skipgram.training.matrices import Matrices, Matrix, Start, Vectors
from skipgram.training.pieces import piece_of

MIN_CHUNK_WORDS = 1 << 8

Result = tuple[float, int, int]
"""Of a chunk: sum of the losses, number of pairs, number of words that subsampling kept."""

Scratch = TypeVar("Scratch")


class Objective(Protocol[Scratch]):
    """What the trainer needs to train chunks of one corpus by an objective.

    Attributes:
        threads: how many chunks may be trained at the same time.
        work_per_word: approximate number of multiplications per word of the corpus.
        min_chunk_words: the least number of words in a chunk.
    """

    threads: int
    work_per_word: int
    min_chunk_words: int

    def make_scratch(self, chunk_words: int) -> Scratch:
        """Return the scratch memory of one thread for chunks of at most `chunk_words` words."""

    def memory(self, chunk_words: int) -> list[tuple[str, int]]:
        """Return what will be allocated apart from scratch memory: pairs of (purpose, bytes)."""

    def allocate(self) -> None:
        """Allocate and fill matrices and tables."""

    def train(self, part: windows.Chunk, scratch: Scratch) -> Result:
        """Train a chunk; an empty one only compiles the kernel."""

    def measure(self, corpus: EncodedCorpus, part: windows.Chunk, scratch: Scratch) -> Result:
        """Return what `train` would, but train nothing.

        The chunk has the rate 0. The corpus may be another one with the same vocabulary.
        """

    def state(self) -> dict[str, Matrix]:
        """Return all that training changes, by name: what a checkpoint holds."""

    def keep(self) -> None:
        """Keep a copy of the current vectors."""

    def restore(self) -> None:
        """Restore the vectors that were kept."""

    def expected_seconds(self, scratch: Scratch) -> float | None:
        """Return the expected time of an epoch; None if progress will soon show it."""

    def vectors(self) -> Vectors:
        """Return the trained vectors, and free the memory."""


def make_objective(
    corpus: EncodedCorpus, config: TrainConfig, start: Start | None
) -> Objective[Any]:
    """Return the objective that the options choose."""
    if config.objective == "softmax":
        return SoftmaxObjective(corpus, config, start)
    if config.objective == "hierarchical+negative":
        return JointObjective(corpus, config, start)
    return TileObjective(corpus, config, start)


class TileObjective:
    """Negative sampling and hierarchical softmax, for skip-gram and CBOW.

    Windows are trained as tiles in registers, on threads without locks.

    Args:
        corpus: the corpus.
        config: the options.
        start: vectors to start from; fresh ones by default.
        other: an objective whose input vectors are trained here too; by default there are own ones.

    Attributes:
        numbers: numbers of all vectors.
        tree: the paths of hierarchical softmax.
    """

    def __init__(
        self,
        corpus: EncodedCorpus,
        config: TrainConfig,
        start: Start | None = None,
        other: TileObjective | None = None,
    ) -> None:
        self._corpus, self._config = corpus, config
        self._hierarchical = config.objective == "hierarchical"
        self._pairwise = config.negative_sharing == "pair"
        self._reach = tile_reach(config)
        self._group, self._negative = share_negatives(vars(config))
        if self._hierarchical:
            given = start.tree if start else None
            self.tree = given or hierarchical.huffman_tree(corpus.vocabulary.counts)
            self._plan = plan.plan_paths(config.vector_size, self.tree.longest)
        else:
            self.tree = hierarchical.no_tree()
            self._plan = plan.plan_tiles(config.vector_size, self._group + self._negative)
        self._share = config.negative / max(self._negative, 1)
        words = len(corpus.vocabulary)
        rows = words - 1 if self._hierarchical else words
        stride, scratch_rows = self._plan.stride, 1
        shared = None if other is None else other._matrices
        self._matrices: Matrices = Matrices(
            corpus, config, stride, rows + scratch_rows, start, shared
        )
        self.keep, self.restore = self._matrices.keep, self._matrices.restore
        self.state, self.numbers = self._matrices.state, self._matrices.numbers
        self.threads = config.threads
        self.min_chunk_words = MIN_CHUNK_WORDS
        outputs = self._plan.tiles * self._plan.shape.outputs
        multiplications = config.vector_size * (self._reach.before + self._reach.after) * outputs
        self.work_per_word = max(1, multiplications // (2 * self._group))
        is_exact = config.exact_loss or self._hierarchical
        self._loss_every = 1 if is_exact else loss_every(len(corpus.ids))
        form = self._form()
        self._train_chunk = chunk.chunk_trainer(form)
        # A step of SGD at the rate 0 changes neither vectors nor the states of other optimizers.
        self._measure_chunk = chunk.chunk_trainer(replace(form, optimizer=optimizers.SGD))

    def _form(self) -> Form:
        """Return the constants of the kernel that trains."""
        config = self._config
        return Form(
            self._plan.shape,
            group=self._group,
            hierarchical=self._hierarchical,
            pairwise=self._pairwise,
            single=config.step_per == "word",
            cbow=windows.CONTEXTS[config.cbow_context] if config.architecture == "cbow" else 0,
            freeze=self._matrices.freeze,
            optimizer=self._matrices.optimizer,
        )

    def make_scratch(self, chunk_words: int) -> layout.Scratch:
        """See `Objective`."""
        furthest = self._reach.furthest
        # Negatives are drawn for a pair at a time, or for all groups of a sentence.
        draws = 1 if self._pairwise else max(1, -(-chunk_words // self._group))
        negatives = draws * self._negative
        words = windows.make_window_scratch(furthest, chunk_words, self._group, negatives)
        tiles = layout.make_tile_scratch(
            self._plan, furthest, self._group, self._negative, self._share
        )
        return layout.Scratch(words, tiles)

    def memory(self, chunk_words: int) -> list[tuple[str, int]]:  # noqa: ARG002
        """See `Objective`."""
        bytes_per_word = 4 if self._hierarchical else 4 + 8 + 3 * 8
        tree = sum(part.nbytes for part in self.tree)
        tables = tree + len(self._corpus.vocabulary) * bytes_per_word
        return [
            *self._matrices.memory(),
            ("sampling tables", tables),
            ("loading and compiling code", memory_to_compile(self._train_chunk)),
        ]

    def allocate(self) -> None:
        """See `Objective`."""
        self._matrices.allocate()
        m, vocabulary = self._matrices, self._corpus.vocabulary
        noise = np.zeros((0, 2), np.uint32)
        if not self._hierarchical:
            noise = random.alias_table(vocabulary.noise_weights(self._config.ns_exponent))
        keep = probability_to_uint32(vocabulary.keep_probability(self._config.sample))
        sampling = layout.Sampling(noise, self._negative, np.float32(self._share))
        self._tables = layout.Tables(keep, sampling, self.tree)
        self._trained = layout.Matrices(
            m.input, m.output, m.input_states, m.output_states, m.frozen, self._plan.width
        )

    def on(self, matrices: Mapping[str, Matrix]) -> TileObjective:
        """Return this objective with other matrices, by their names in `state`, to train only."""
        old, output = self._trained, "nodes" if self._hierarchical else "output"
        replica = copy.copy(self)
        replica._trained = old._replace(
            input=matrices["input"],
            output=matrices[output],
            input_states=matrices.get("input_states", old.input_states),
            output_states=matrices.get(f"{output}_states", old.output_states),
        )
        return replica

    def train(self, part: windows.Chunk, scratch: layout.Scratch) -> Result:
        """See `Objective`."""
        part = part._replace(loss_every=self._loss_every)
        return self._run(self._train_chunk, self._corpus, part, scratch)

    def measure(
        self, corpus: EncodedCorpus, part: windows.Chunk, scratch: layout.Scratch
    ) -> Result:
        """See `Objective`."""
        return self._run(self._measure_chunk, corpus, part, scratch)

    def _run(
        self,
        kernel: Callable[..., Result],
        corpus: EncodedCorpus,
        part: windows.Chunk,
        scratch: layout.Scratch,
    ) -> Result:
        piece = piece_of(corpus, part, self._tables.keep, self._reach.furthest)
        return kernel(*piece, self._tables, self._reach, self._trained, scratch)

    def expected_seconds(self, scratch: object) -> float | None:  # noqa: ARG002
        """See `Objective`. The first chunks are trained too soon for a forecast to help."""
        return None

    def vectors(self) -> Vectors:
        """See `Objective`."""
        del self._trained
        return self._matrices.take_vectors()


class JointObjective:
    """Hierarchical softmax and negative sampling together (`hs=1, negative=5` in gensim).

    Each has output vectors of its own; the input vectors are the same. A chunk is trained by the
    one, then by the other, on the same windows. word2vec.c and gensim train each pair by both.
    """

    def __init__(
        self, corpus: EncodedCorpus, config: TrainConfig, start: Start | None = None
    ) -> None:
        nodes = config.model_copy(update={"objective": "hierarchical"})
        words = config.model_copy(update={"objective": "negative"})
        self._nodes = TileObjective(corpus, nodes, start)
        self._words = TileObjective(corpus, words, start, self._nodes)
        self._both = self._nodes, self._words
        self.numbers = sum(each.numbers for each in self._both)
        self.tree = self._nodes.tree
        self.threads = config.threads
        self.work_per_word = sum(each.work_per_word for each in self._both)
        self.min_chunk_words = MIN_CHUNK_WORDS

    def make_scratch(self, chunk_words: int) -> tuple[layout.Scratch, ...]:
        """See `Objective`."""
        return tuple(each.make_scratch(chunk_words) for each in self._both)

    def memory(self, chunk_words: int) -> list[tuple[str, int]]:
        """See `Objective`."""
        return [item for each in self._both for item in each.memory(chunk_words)]

    def allocate(self) -> None:
        """See `Objective`."""
        for each in self._both:
            each.allocate()

    def on(self, matrices: Mapping[str, Matrix]) -> JointObjective:
        """See `TileObjective`."""
        replica = copy.copy(self)
        replica._both = self._nodes.on(matrices), self._words.on(matrices)
        return replica

    def train(self, part: windows.Chunk, scratch: tuple[layout.Scratch, ...]) -> Result:
        """See `Objective`."""
        results = [each.train(part, own) for each, own in zip(self._both, scratch, strict=True)]
        return _joined(results)

    def measure(
        self, corpus: EncodedCorpus, part: windows.Chunk, scratch: tuple[layout.Scratch, ...]
    ) -> Result:
        """See `Objective`."""
        each_with_own = zip(self._both, scratch, strict=True)
        return _joined([each.measure(corpus, part, own) for each, own in each_with_own])

    def state(self) -> dict[str, Matrix]:
        """See `Objective`."""
        return self._nodes.state() | self._words.state()

    def keep(self) -> None:
        """See `Objective`."""
        for each in self._both:
            each.keep()

    def restore(self) -> None:
        """See `Objective`."""
        for each in self._both:
            each.restore()

    def expected_seconds(self, scratch: object) -> float | None:  # noqa: ARG002
        """See `Objective`. As for each of the two."""
        return None

    def vectors(self) -> Vectors:
        """See `Objective`."""
        output = self._words.vectors().output
        return self._nodes.vectors()._replace(output=output)


def _joined(results: list[Result]) -> Result:
    """Return the sum of the losses; the pairs and the words are the same."""
    _, pairs, kept = results[0]
    return sum(loss for loss, _, _ in results), pairs, kept


class SoftmaxObjective:
    """Full softmax: one batch of centre words at a time, as matrix products on BLAS's threads."""

    def __init__(
        self, corpus: EncodedCorpus, config: TrainConfig, start: Start | None = None
    ) -> None:
        self._corpus, self._config = corpus, config
        words = len(corpus.vocabulary)
        stride = plan.plan_tiles(config.vector_size, 1).stride
        self._matrices = Matrices(corpus, config, stride, words, start)
        self._reach = text_reach(config)
        self._blas = ThreadpoolController()
        # The sums of a product on several threads depend on their number.
        self._blas_threads = 1 if config.deterministic else config.threads
        self.threads = 1
        self.min_chunk_words = 8 * config.batch  # batches are drawn within a chunk
        self.work_per_word = 3 * config.vector_size * words
        self.keep, self.restore = self._matrices.keep, self._matrices.restore
        self.state = self._matrices.state

    def make_scratch(self, chunk_words: int) -> windows.WindowScratch:
        """See `Objective`."""
        return windows.make_window_scratch(self._reach.furthest, chunk_words)

    def memory(self, chunk_words: int) -> list[tuple[str, int]]:
        """See `Objective`."""
        config, words = self._config, len(self._corpus.vocabulary)
        gradients = words * (config.vector_size + 2 * config.batch) * 4
        context_words = windows.most_context_words(self._corpus.longest_sentence(), self._reach)
        found = chunk_words * (4 + 8 + 4 * context_words)  # see `softmax.collect_windows`
        return [
            *self._matrices.memory(),
            ("windows of a chunk", found),
            ("loading and compiling code", memory_to_compile(softmax.collector)),
            (f"scores and gradients of {config.batch} centre words", gradients),
        ]

    def allocate(self) -> None:
        """See `Objective`."""
        self._matrices.allocate()
        m, vocabulary = self._matrices, self._corpus.vocabulary
        self._keep = probability_to_uint32(vocabulary.keep_probability(self._config.sample))
        self._trained = softmax.Softmax(
            m.input,
            m.output,
            m.input_states,
            m.output_states,
            m.frozen,
            self._config.vector_size,
            m.optimizer,
        )

    def train(self, part: windows.Chunk, scratch: windows.WindowScratch) -> Result:
        """See `Objective`."""
        return self._run(self._corpus, part, scratch, self._trained)

    def measure(
        self, corpus: EncodedCorpus, part: windows.Chunk, scratch: windows.WindowScratch
    ) -> Result:
        """See `Objective`."""
        return self._run(corpus, part, scratch, self._trained._replace(optimizer=optimizers.SGD))

    def _run(
        self,
        corpus: EncodedCorpus,
        part: windows.Chunk,
        scratch: windows.WindowScratch,
        trained: softmax.Softmax,
    ) -> Result:
        piece = piece_of(corpus, part, self._keep, self._reach.furthest)
        found = softmax.collect_windows(*piece, self._keep, self._reach, scratch)
        loss = 0.0
        with self._blas.limit(limits=self._blas_threads, user_api="blas"):
            for rows, done in self._batches(len(found.centres), part):
                rate = part.rate - part.rate_slope * done * (part.last - part.first)
                loss += trained.train_batch(*self._sides(found, rows), rate)
        cbow = self._config.architecture == "cbow"
        return loss, len(found.centres) if cbow else len(found.around.words), found.kept

    def _batches(self, count: int, part: windows.Chunk) -> Iterator[tuple[NDArray[np.intp], float]]:
        """Yield batches of the shuffled windows of a chunk, each with the share done before it."""
        key = random.draws(part.key, np.array([part.first], np.uint64))[0]
        order = random.permutation(key, count)
        for start in range(0, count, self._config.batch):
            yield order[start : start + self._config.batch], start / count

    def _sides(
        self, found: softmax.Windows, rows: NDArray[np.intp]
    ) -> tuple[softmax.Lists, softmax.Lists]:
        """Return the input and output words of some windows."""
        centres = softmax.Lists(found.centres[rows], np.arange(len(rows) + 1))
        around = found.around.pick(rows)
        return (around, centres) if self._config.architecture == "cbow" else (centres, around)

    def expected_seconds(self, scratch: windows.WindowScratch) -> float | None:
        """See `Objective`. Timed on one batch of the corpus, at the learning rate 0."""
        corpus, batch = self._corpus, self._config.batch
        room = len(scratch.kept) - 2 * self._reach.furthest
        part = windows.Chunk(0, min(4 * batch, len(corpus.ids), room), 0, np.uint64(1), 0.0, 0.0)
        self.train(part, scratch)  # compiles
        started = time.perf_counter()
        _, _, kept = self.train(part, scratch)
        seconds = time.perf_counter() - started
        for states in (self._matrices.input_states, self._matrices.output_states):
            states.fill(0)  # AdaGrad and Adam store gradients even at the rate 0
        vocabulary = corpus.vocabulary
        centres = float(vocabulary.keep_probability(self._config.sample) @ vocabulary.counts)
        return seconds / max(kept, 1) * centres

    def vectors(self) -> Vectors:
        """See `Objective`."""
        del self._trained
        return self._matrices.take_vectors()


def text_reach(config: TrainConfig) -> windows.Reach:
    """Return how many words before and after the centre word are its context."""
    return windows.Reach(*window_sides(vars(config)), config.shrink_windows)


def tile_reach(config: TrainConfig) -> windows.Reach:
    """Return how far the window of a tile reaches from its target word, the word that is predicted.

    In CBOW the target word is the centre word of the text. In skip-gram a tile collects all centre
    words that have the target word as context, so before and after are swapped.
    """
    reach = text_reach(config)
    if config.architecture == "cbow":
        return reach
    return windows.Reach(reach.after, reach.before, reach.dynamic)


def loss_every(words: int) -> int:
    """Return n if the loss of a training on `words` words is that of every n-th group of windows.

    One in 8 groups of 3.4 M words gave losses of an epoch with an error of 0.13 % (root mean square
    of 8 seeds; d=16). So the error stays below 0.1 %.
    """
    return min(max(words // 1_000_000, 1), 8)


def probability_to_uint32(probability: NDArray[np.float64]) -> NDArray[Any]:
    """Return the uint32 r for each probability p such that a uniform 32-bit draw is <= r with p."""
    return np.clip(np.round(probability * 2.0**32) - 1, 0, 2.0**32 - 1).astype(np.uint32)
