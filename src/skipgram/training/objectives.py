"""What is trained, in one interface for the trainer: negative sampling, hierarchical softmax and full softmax."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from skipgram.config import TrainConfig, share_negatives, window_sides
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
from skipgram.kernels.form import Form

LEAST_CHUNK_WORDS = 1 << 8

Result = tuple[float, int, int]
"""Of a chunk: sum of the losses, number of pairs, number of words that subsampling kept."""

Matrix = NDArray[np.float32]


class Start(NamedTuple):
    """Vectors that some words of the corpus begin at; the others begin at fresh ones.

    Attributes:
        words: (n,) which words of the vocabulary, each once.
        rows: (n,) where their vectors stand in `input` and `output`.
        input: (m, d) float32.
        output: (m, d) float32; where it is None, output vectors begin at zero, as fresh ones do.
        freeze: leave the input vectors of these words as given.
        besides: how many of the m words are added to the result untrained, as the corpus does not hold them.
        nodes: (V, d) float32, in hierarchical softmax the inner nodes of the same tree as `Trained.nodes` gave them.
    """

    words: NDArray[np.int64]
    rows: NDArray[np.int64]
    input: Matrix
    output: Matrix | None
    freeze: bool
    besides: int
    nodes: Matrix | None = None


class Method(Protocol):
    """Trains chunks of one corpus; the trainer knows nothing else of it.

    Attributes:
        threads: how many chunks may be trained at once.
        work_of_a_word: multiplications that a word of the corpus takes, roughly.
        least_chunk_words: smaller chunks would make no sense.
    """

    threads: int
    work_of_a_word: int
    least_chunk_words: int

    def make_scratch(self, chunk_words: int) -> Any:
        """Return the scratch memory that one thread needs for chunks of so many words."""

    def memory(self, chunk_words: int) -> list[tuple[str, int]]:
        """Return what will be allocated beside the scratch memory for chunks of so many words: (what for, bytes)."""

    def allocate(self) -> None:
        """Allocate and fill matrices and tables."""

    def train(self, part: windows.Chunk, scratch: Any) -> Result:
        """Train a chunk; where it is empty, only compile."""

    def measure(self, corpus: EncodedCorpus, part: windows.Chunk, scratch: Any) -> Result:
        """Return what `train` would of a chunk of any corpus with the same vocabulary, and train nothing; its rate is 0."""

    def keep(self) -> None:
        """Keep a copy of the vectors as they are now."""

    def bring_back(self) -> None:
        """Give the vectors the values that were kept."""

    def expected_seconds(self, scratch: Any) -> float | None:
        """Return how long an epoch is expected to take, where that is worth saying before it starts."""

    def vectors(self) -> tuple[Matrix, Matrix]:
        """Give away the trained vectors, (V, d): input, and output (hierarchical softmax: inner nodes, and a row of zeros)."""


def make_method(corpus: EncodedCorpus, config: TrainConfig, start: Start | None) -> Method:
    """Return the method that the options ask for."""
    return (
        SoftmaxMethod(corpus, config, start)
        if config.objective == "softmax"
        else TileMethod(corpus, config, start)
    )


class _Matrices:
    """The input and the output matrix with the state of their optimizer, rows padded and on cache lines."""

    def __init__(
        self,
        corpus: EncodedCorpus,
        config: TrainConfig,
        stride: int,
        output_rows: int,
        start: Start | None,
    ) -> None:
        self.words = len(corpus.vocabulary)
        self.config = config
        self.start = start
        self.freeze = start is not None and start.freeze
        self.stride = stride
        self.output_rows = output_rows
        self.optimizer = optimizers.OPTIMIZERS[config.optimizer]
        self.state_width = optimizers.state_width(self.optimizer, stride)

    def memory(self) -> list[tuple[str, int]]:
        items = [
            ("input vectors", self.words * self.stride * 4),
            ("output vectors", self.output_rows * self.stride * 4),
        ]
        states = (self.words + self.output_rows) * self.state_width * 4
        some = [
            (f"state of {self.config.optimizer}", states),
            ("which words are frozen", self.words * self.freeze),
        ]
        if self.config.patience:
            some.append(("vectors of the best epoch", sum(size for _, size in items)))
        return [*items, *((name, size) for name, size in some if size)]

    def allocate(self) -> None:
        self.input, self.output = (
            aligned_zeros(rows, self.stride) for rows in (self.words, self.output_rows)
        )
        self.input_states, self.output_states = (
            aligned_zeros(rows, self.state_width) for rows in (self.words, self.output_rows)
        )
        key = random.stream_key(self.config.seed, random.INITIAL_VECTORS)
        random.fill_uniform(key, self.input, self.config.vector_size, 0.5 / self.config.vector_size)
        self.frozen = np.zeros(self.words * self.freeze, np.uint8)
        if self.start is not None:
            self._begin_at(self.start)
        self.kept = (
            [matrix.copy() for matrix in (self.input, self.output)] if self.config.patience else []
        )

    def _begin_at(self, start: Start) -> None:
        """Put given vectors in the place of fresh ones."""
        self.input[start.words, : self.config.vector_size] = start.input[start.rows]
        # In hierarchical softmax output rows are nodes of a tree that belongs to one corpus, not words.
        if self.config.objective == "hierarchical":
            if start.nodes is not None:
                self.output[:, : self.config.vector_size] = start.nodes
        elif start.output is not None:
            self.output[start.words, : self.config.vector_size] = start.output[start.rows]
        if start.freeze:
            self.frozen[start.words] = 1

    def keep(self) -> None:
        """See `Method`."""
        for kept, matrix in zip(self.kept, (self.input, self.output), strict=True):
            np.copyto(kept, matrix)

    def bring_back(self) -> None:
        """See `Method`: in place, for others hold these matrices."""
        for kept, matrix in zip(self.kept, (self.input, self.output), strict=True):
            np.copyto(matrix, kept)

    def give_away(self) -> tuple[Matrix, Matrix]:
        """Return plain copies, one matrix after the other: all four together would be the peak of the whole run."""
        nothing = aligned_zeros(0, self.stride)
        self.input_states = self.output_states = nothing
        self.kept = []
        inputs, self.input = self.input[:, : self.config.vector_size].copy(), nothing
        outputs, self.output = self.output[: self.words, : self.config.vector_size].copy(), nothing
        return inputs, outputs


class TileMethod:
    """Negative sampling and hierarchical softmax, skip-gram and CBOW: windows as register tiles, threads without locks."""

    def __init__(
        self, corpus: EncodedCorpus, config: TrainConfig, start: Start | None = None
    ) -> None:
        self._corpus, self._config = corpus, config
        self._hierarchical = config.objective == "hierarchical"
        self._tree = (
            hierarchical.huffman_tree(corpus.vocabulary.counts)
            if self._hierarchical
            else hierarchical.no_tree()
        )
        self._reach = tile_reach(config)
        self._group, self._negative = share_negatives(vars(config))
        if self._hierarchical:
            self._plan = plan.plan_paths(config.vector_size, self._tree.longest)
        else:
            self._plan = plan.plan_tiles(config.vector_size, self._group + self._negative)
        words = len(corpus.vocabulary)
        rows = words - 1 if self._hierarchical else words
        self._matrices = _Matrices(
            corpus, config, self._plan.stride, rows + 1, start
        )  # the last row is scratch
        self.threads = config.threads
        self.least_chunk_words = LEAST_CHUNK_WORDS
        outputs = self._plan.tiles * self._plan.shape.outputs
        multiplications = config.vector_size * (self._reach.before + self._reach.after) * outputs
        self.work_of_a_word = max(1, multiplications // (2 * self._group))
        form = Form(
            self._plan.shape,
            group=self._group,
            hierarchical=self._hierarchical,
            pairwise=config.negative_sharing == "pair",
            cbow=windows.CONTEXTS[config.cbow_context] if config.architecture == "cbow" else 0,
            freeze=self._matrices.freeze,
            optimizer=self._matrices.optimizer,
        )
        self._train_chunk = chunk.chunk_trainer(form)
        # A step of SGD at the rate 0 leaves vectors as they are, and the states of other optimizers.
        self._measure_chunk = chunk.chunk_trainer(replace(form, optimizer=optimizers.SGD))
        self.keep, self.bring_back = self._matrices.keep, self._matrices.bring_back

    def make_scratch(self, chunk_words: int) -> layout.Scratch:
        """See `Method`."""
        furthest = self._reach.furthest
        drawn_at_once = (
            0 if self._config.negative_sharing == "pair" else -(-chunk_words // self._group)
        )
        words = windows.make_window_scratch(
            furthest, chunk_words, self._group, max(1, drawn_at_once) * self._negative
        )
        return layout.Scratch(words, layout.make_tile_scratch(self._plan, furthest, self._group))

    def memory(self, chunk_words: int) -> list[tuple[str, int]]:  # noqa: ARG002
        """See `Method`."""
        words = len(self._corpus.vocabulary)
        tables = sum(part.nbytes for part in self._tree) + words * (
            4 if self._hierarchical else 4 + 8 + 3 * 8
        )
        return [*self._matrices.memory(), ("sampling tables", tables)]

    def allocate(self) -> None:
        """See `Method`."""
        self._matrices.allocate()
        m, vocabulary = self._matrices, self._corpus.vocabulary
        noise = np.zeros((0, 2), np.uint32)
        if not self._hierarchical:
            noise = random.alias_table(vocabulary.noise_weights(self._config.ns_exponent))
        keep = probability_to_uint32(vocabulary.keep_probability(self._config.sample))
        share = np.float32(self._config.negative / max(self._negative, 1))
        self._tables = layout.Tables(
            keep, layout.Sampling(noise, self._negative, share), self._tree
        )
        self._trained = layout.Matrices(
            m.input, m.output, m.input_states, m.output_states, m.frozen, self._plan.width
        )

    def train(self, part: windows.Chunk, scratch: layout.Scratch) -> Result:
        """See `Method`."""
        return self._run(self._train_chunk, self._corpus, part, scratch)

    def measure(
        self, corpus: EncodedCorpus, part: windows.Chunk, scratch: layout.Scratch
    ) -> Result:
        """See `Method`."""
        return self._run(self._measure_chunk, corpus, part, scratch)

    def _run(
        self,
        kernel: Callable[..., Result],
        corpus: EncodedCorpus,
        part: windows.Chunk,
        scratch: layout.Scratch,
    ) -> Result:
        reach, matrices = self._reach, self._trained
        return kernel(corpus.ids, corpus.offsets, part, self._tables, reach, matrices, scratch)

    def expected_seconds(self, scratch: Any) -> float | None:  # noqa: ARG002
        """See `Method`: progress says it soon enough."""
        return None

    def vectors(self) -> tuple[Matrix, Matrix]:
        """See `Method`."""
        del self._trained
        return self._matrices.give_away()


class SoftmaxMethod:
    """Full softmax: batches of centres as matrix products, one batch at a time, on the threads of NumPy's BLAS."""

    def __init__(
        self, corpus: EncodedCorpus, config: TrainConfig, start: Start | None = None
    ) -> None:
        self._corpus, self._config = corpus, config
        words = len(corpus.vocabulary)
        stride = plan.plan_tiles(config.vector_size, 1).stride
        self._matrices = _Matrices(corpus, config, stride, words, start)
        self._reach = text_reach(config)
        self._blas = ThreadpoolController()
        self.threads = 1
        self.least_chunk_words = 8 * config.batch  # batches are drawn within a chunk
        self.work_of_a_word = 3 * config.vector_size * words
        self.keep, self.bring_back = self._matrices.keep, self._matrices.bring_back

    def make_scratch(self, chunk_words: int) -> windows.WindowScratch:
        """See `Method`."""
        return windows.make_window_scratch(self._reach.furthest, chunk_words)

    def memory(self, chunk_words: int) -> list[tuple[str, int]]:
        """See `Method`."""
        config, words = self._config, len(self._corpus.vocabulary)
        gradients = words * (config.vector_size + 2 * config.batch) * 4
        found = chunk_words * (
            4 + 8 + 4 * (self._reach.before + self._reach.after)
        )  # see `softmax.collect_windows`
        return [
            *self._matrices.memory(),
            ("windows of a chunk", found),
            (f"scores and gradients of {config.batch} centres", gradients),
        ]

    def allocate(self) -> None:
        """See `Method`."""
        self._matrices.allocate()
        m = self._matrices
        self._keep = probability_to_uint32(
            self._corpus.vocabulary.keep_probability(self._config.sample)
        )
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
        """See `Method`."""
        return self._run(self._corpus, part, scratch, self._trained)

    def measure(
        self, corpus: EncodedCorpus, part: windows.Chunk, scratch: windows.WindowScratch
    ) -> Result:
        """See `Method`."""
        return self._run(corpus, part, scratch, self._trained._replace(optimizer=optimizers.SGD))

    def _run(
        self,
        corpus: EncodedCorpus,
        part: windows.Chunk,
        scratch: windows.WindowScratch,
        trained: softmax.Softmax,
    ) -> Result:
        found = softmax.collect_windows(
            corpus.ids, corpus.offsets, part, self._keep, self._reach, scratch
        )
        loss = 0.0
        with self._blas.limit(limits=self._config.threads, user_api="blas"):
            for rows, done in self._batches(len(found.centres), part):
                rate = part.rate - part.rate_slope * done * (part.last - part.first)
                loss += trained.train_batch(*self._sides(found, rows), rate)
        cbow = self._config.architecture == "cbow"
        return loss, len(found.centres) if cbow else len(found.around.words), found.kept

    def _batches(self, count: int, part: windows.Chunk) -> Iterator[tuple[NDArray[np.intp], float]]:
        """Yield the windows of a chunk in random order, a batch at a time, with the share of them that is done before."""
        order = random.permutation(
            random.draws(part.key, np.array([part.first], np.uint64))[0], count
        )
        for start in range(0, count, self._config.batch):
            yield order[start : start + self._config.batch], start / count

    def _sides(
        self, found: softmax.Windows, rows: NDArray[np.intp]
    ) -> tuple[softmax.Lists, softmax.Lists]:
        """Return input and output words of some windows."""
        centres = softmax.Lists(found.centres[rows], np.arange(len(rows) + 1))
        around = found.around.pick(rows)
        return (around, centres) if self._config.architecture == "cbow" else (centres, around)

    def expected_seconds(self, scratch: windows.WindowScratch) -> float | None:
        """See `Method`: timed on one batch of the corpus, at the learning rate 0."""
        corpus, batch = self._corpus, self._config.batch
        room = len(scratch.kept) - 2 * self._reach.furthest
        part = windows.Chunk(0, min(4 * batch, len(corpus.ids), room), 0, np.uint64(1), 0.0, 0.0)
        self.train(part, scratch)  # compiles
        started = time.perf_counter()
        _, _, kept = self.train(part, scratch)
        seconds = time.perf_counter() - started
        for states in (self._matrices.input_states, self._matrices.output_states):
            states.fill(0)  # at any rate, AdaGrad and Adam remember the gradients
        vocabulary = corpus.vocabulary
        centres = float(vocabulary.keep_probability(self._config.sample) @ vocabulary.counts)
        return seconds / max(kept, 1) * centres

    def vectors(self) -> tuple[Matrix, Matrix]:
        """See `Method`."""
        del self._trained
        return self._matrices.give_away()


def text_reach(config: TrainConfig) -> windows.Reach:
    """Return how far windows reach in the text, to the left and to the right of the centre."""
    return windows.Reach(*window_sides(vars(config)), config.shrink_windows)


def tile_reach(config: TrainConfig) -> windows.Reach:
    """Return the reach of tiles, whose centre is the word that is predicted.

    The pairs (centre, context) of the text are laid as tiles of all centres of one context word. In skip-gram that turns left
    and right around; in CBOW the centre itself is predicted.
    """
    reach = text_reach(config)
    return (
        reach
        if config.architecture == "cbow"
        else windows.Reach(reach.after, reach.before, reach.dynamic)
    )


def aligned_zeros(rows: int, stride: int) -> Matrix:
    """Return a (rows, stride) float32 matrix of zeros whose first number starts a cache line."""
    spare = plan.CACHE_LINE_BYTES // 4
    memory: Matrix = np.zeros(rows * stride + spare, np.float32)
    skip = (-memory.ctypes.data % plan.CACHE_LINE_BYTES) // 4
    return memory[skip : skip + rows * stride].reshape(rows, stride)


def probability_to_uint32(probability: NDArray[np.float64]) -> NDArray[Any]:
    """Return the largest uint32 r for each probability so that a uniform 32-bit draw is <= r that often."""
    return np.clip(np.round(probability * 2.0**32) - 1, 0, 2.0**32 - 1).astype(np.uint32)
