"""The matrices that are trained: input and output vectors, and the state of their optimizer."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from skipgram.config import TrainConfig
from skipgram.corpus.encoded import EncodedCorpus
from skipgram.kernels import optimizers, plan, random
from skipgram.kernels.hierarchical import HuffmanTree

Matrix = NDArray[np.float32]

REPLICAS = 2
"""Copies of the matrices that a deterministic training trains apart. See `replicas.py`."""


class Start(NamedTuple):
    """Vectors that some words of the corpus start at. Other words start at fresh vectors.

    Attributes:
        words: (n,) ids of these words in the vocabulary, each once.
        rows: (n,) rows of their vectors in `input` and `output`.
        input: (m, d) float32 input vectors.
        output: (m, d) float32 output vectors; if None, they start at zero, as fresh ones do.
        frozen: ids of the words whose input vectors stay as they are.
        untrained: how many of the m words are not in the corpus and are carried over unchanged.
        nodes: (V, d) float32 vectors of the inner nodes for hierarchical softmax, as in
            `Trained.nodes` of the same tree.
        tree: the tree of these nodes; the Huffman tree of the counts by default.
    """

    words: NDArray[np.int64]
    rows: NDArray[np.int64]
    input: Matrix
    output: Matrix | None
    frozen: NDArray[np.int64]
    untrained: int
    nodes: Matrix | None = None
    tree: HuffmanTree | None = None


class Vectors(NamedTuple):
    """The trained vectors.

    Attributes:
        input: (V, d) input vectors.
        output: (V, d) output vectors of the words; None for hierarchical softmax alone.
        nodes: (V, d) vectors of the inner nodes of the tree and a row of zeros, for hierarchical
            softmax; else None.
    """

    input: Matrix
    output: Matrix | None
    nodes: Matrix | None


class Matrices:
    """Input and output vectors and the state of their optimizer, as padded, aligned matrices.

    Args:
        corpus: the corpus.
        config: the options; the output vectors of hierarchical softmax are those of the nodes.
        stride: numbers in a row.
        output_rows: rows of the output vectors; the first V of them are given away.
        start: vectors to start from.
        shared: matrices whose input vectors are trained here too; by default there are own ones.
    """

    def __init__(
        self,
        corpus: EncodedCorpus,
        config: TrainConfig,
        stride: int,
        output_rows: int,
        start: Start | None,
        shared: Matrices | None = None,
    ) -> None:
        self.input: Matrix
        self.input_states: Matrix
        self.frozen: NDArray[np.uint8]
        self.words = len(corpus.vocabulary)
        self.config = config
        self.start = start
        self.freeze = start is not None and len(start.frozen) > 0
        self.stride = stride
        self.output_rows = output_rows
        self.shared = shared
        self.optimizer = optimizers.OPTIMIZERS[config.optimizer]
        self.state_width = optimizers.state_width(self.optimizer, stride)

    @property
    def numbers(self) -> int:
        """The numbers of these vectors, without shared ones."""
        return self._own_rows * self.stride

    @property
    def _own_rows(self) -> int:
        return (0 if self.shared else self.words) + self.output_rows

    def memory(self) -> list[tuple[str, int]]:
        """See `Objective`."""
        input_rows = 0 if self.shared else self.words
        vectors, states = self.numbers * 4, self._own_rows * self.state_width * 4
        nodes = self.config.objective == "hierarchical"
        has_replicas = self.config.deterministic and self.config.objective != "softmax"
        items = [
            ("input vectors", input_rows * self.stride * 4),
            (
                "vectors of the nodes" if nodes else "output vectors",
                self.output_rows * self.stride * 4,
            ),
            (f"state of {self.config.optimizer}", states),
            ("which words are frozen", input_rows * self.freeze),
            ("vectors of the best epoch", vectors if self.config.patience else 0),
            (f"{REPLICAS} replicas", REPLICAS * (vectors + states) if has_replicas else 0),
        ]
        return [(purpose, size) for purpose, size in items if size]

    def allocate(self) -> None:
        """See `Objective`. Shared input vectors must be allocated before."""
        if self.shared is None:
            self._allocate_inputs()
        else:
            self.input, self.input_states = self.shared.input, self.shared.input_states
            self.frozen = self.shared.frozen
        self.output = aligned_zeros(self.output_rows, self.stride)
        self.output_states = aligned_zeros(self.output_rows, self.state_width)
        if self.start is not None:
            self._start_outputs(self.start)
        self.kept = [matrix.copy() for matrix in self._own()] if self.config.patience else []

    def _allocate_inputs(self) -> None:
        size = self.config.vector_size
        self.input = aligned_zeros(self.words, self.stride)
        self.input_states = aligned_zeros(self.words, self.state_width)
        key = random.stream_key(self.config.seed, random.INITIAL_VECTORS)
        random.fill_uniform(key, self.input, size, 0.5 / size)
        self.frozen = np.zeros(self.words * self.freeze, np.uint8)
        if self.start is not None:
            self.input[self.start.words, :size] = self.start.input[self.start.rows]
            if self.freeze:
                self.frozen[self.start.frozen] = 1

    def _start_outputs(self, start: Start) -> None:
        # In hierarchical softmax, output rows are not words but nodes of the tree of one corpus.
        if self.config.objective == "hierarchical":
            if start.nodes is not None:
                self.output[:, : self.config.vector_size] = start.nodes
        elif start.output is not None:
            self.output[start.words, : self.config.vector_size] = start.output[start.rows]

    def _own(self) -> list[Matrix]:
        """Return the matrices that are not shared."""
        return [self.output] if self.shared else [self.input, self.output]

    def state(self) -> dict[str, Matrix]:
        """See `Objective`. Shared input vectors are those of the other objective."""
        nodes = self.config.objective == "hierarchical"
        output = "nodes" if nodes else "output"
        matrices = {output: self.output, f"{output}_states": self.output_states}
        if self.shared is None:
            matrices |= {"input": self.input, "input_states": self.input_states}
        names = [output] if self.shared else ["input", output]
        kept = {f"best_{name}": each for name, each in zip(names, self.kept, strict=False)}
        return {name: each for name, each in (matrices | kept).items() if each.size}

    def keep(self) -> None:
        """See `Objective`."""
        for kept, matrix in zip(self.kept, self._own(), strict=True):
            np.copyto(kept, matrix)

    def restore(self) -> None:
        """See `Objective`. In place, because kernels hold these matrices."""
        for kept, matrix in zip(self.kept, self._own(), strict=True):
            np.copyto(matrix, kept)

    def take_vectors(self) -> Vectors:
        """Return copies without padding, and free the matrices.

        One after the other: all four matrices at once would be the peak of the whole run.
        """
        size, nothing = self.config.vector_size, aligned_zeros(0, self.stride)
        self.input_states = self.output_states = nothing
        self.kept = []
        inputs, self.input = nothing if self.shared else self.input[:, :size].copy(), nothing
        outputs, self.output = self.output[: self.words, :size].copy(), nothing
        if self.config.objective == "hierarchical":
            return Vectors(inputs, None, outputs)
        return Vectors(inputs, outputs, None)


def aligned_zeros(rows: int, stride: int) -> Matrix:
    """Return a (rows, stride) float32 matrix of zeros that starts on a cache line."""
    spare = plan.CACHE_LINE_BYTES // 4
    memory: Matrix = np.zeros(rows * stride + spare, np.float32)
    skip = (-memory.ctypes.data % plan.CACHE_LINE_BYTES) // 4
    return memory[skip : skip + rows * stride].reshape(rows, stride)


def subtract_mean(vectors: NDArray[np.float32]) -> None:
    """Subtract the mean of all vectors from each, in place.

    The mean is a direction that all vectors share, so without it their cosines say more about the
    words (Mu and Viswanath 2018, arXiv 1702.01417).
    """
    vectors -= vectors.mean(axis=0, dtype=np.float64).astype(np.float32)
