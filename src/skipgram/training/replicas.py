"""Deterministic training: replicas train apart and are merged, round after round.

Threads that update the same matrices without locks never give the same bits twice. Here each
replica has matrices of its own. All start a round at the same values, and each trains its part of
the round's chunks, one after the other. Then their changes are merged in the order of the replicas
(`merge.py`). The number of replicas is fixed, so the result does not depend on the number of
threads, which only decides how many replicas are trained, and how many rows are merged, at the same
time.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skipgram.config import TrainConfig
from skipgram.corpus.encoded import EncodedCorpus
from skipgram.learning_rates import default_alpha
from skipgram.threads import map_ahead
from skipgram.training.history import ChunkResult
from skipgram.training.matrices import REPLICAS, Matrix, aligned_zeros
from skipgram.training.merge import factors_of_sum, merge, merge_averages
from skipgram.training.objectives import JointObjective, Objective, TileObjective
from skipgram.training.schedule import Task
from skipgram.training.updates import ExpectedUpdates

Replicable = TileObjective | JointObjective

WORK_PER_NUMBER = 6
LEAST_WORDS = 1 << 13
"""In a round, a replica trains WORK_PER_NUMBER multiplications for each number of its vectors, so
that merging takes about a quarter of the time. Longer rounds are faster, but give worse vectors.
Rounds of fewer than LEAST_WORDS words would take more time to start than to train."""

ROUNDS_IN_AN_EPOCH = 16
"""An epoch has at least this many rounds, unless it has fewer chunks. On a small corpus, longer
rounds give worse vectors, and training takes little time anyway."""

CONTRACTION = 1 / 1250
"""The fraction of the distance to its target that a row covers in one update, on average, at the
default learning rate (see `merge.py`)."""

_BLOCK_ROWS = 1 << 12


def replicable(objective: Objective[Any]) -> Replicable | None:
    """Return the objective if it has replicas; full softmax takes one step after the other."""
    return objective if isinstance(objective, Replicable) else None


def words_per_replica(objective: Replicable, words: int) -> int:
    """Return how many words a replica trains in a round, for an epoch of `words` words."""
    wanted = WORK_PER_NUMBER * objective.numbers // objective.work_per_word
    most = words // (REPLICAS * ROUNDS_IN_AN_EPOCH)
    return max(1, min(max(wanted, LEAST_WORDS), most))


class ReplicaResult(NamedTuple):
    """What a replica did in a round.

    Attributes:
        chunks: the results of its chunks.
        updates: how often it updated each row, by matrix.
    """

    chunks: list[ChunkResult]
    updates: dict[str, NDArray[np.float32]]


class Replicas:
    """The replicas of an objective.

    Args:
        objective: what is trained. Its matrices hold the result of each round.
        corpus: the corpus.
        config: the options.
        chunk_words: the most words of a chunk.
        train_chunk: trains a chunk with an objective.
    """

    def __init__(
        self,
        objective: Replicable,
        corpus: EncodedCorpus,
        config: TrainConfig,
        chunk_words: int,
        train_chunk: Callable[[Task, Replicable], ChunkResult],
    ) -> None:
        self._objective = objective
        self._corpus = corpus
        self._config = config
        self._train_chunk = train_chunk
        self._contraction = CONTRACTION / default_alpha(vars(config))
        words = words_per_replica(objective, len(corpus.ids))
        self._round = REPLICAS * max(1, round(words / chunk_words))
        self._updates = ExpectedUpdates(config, corpus.vocabulary, objective.tree)

    def begin(self) -> None:
        """Let all replicas start at the current matrices of the objective, and compile."""
        matrices = self._objective.state()
        self._copies: dict[str, Matrix] = {}
        for name, matrix in matrices.items():
            if not name.startswith("best_"):
                copies = aligned_zeros(REPLICAS * len(matrix), matrix.shape[1])
                self._copies[name] = copies.reshape(REPLICAS, *matrix.shape)
                self._copies[name][:] = matrix
        self._snapshot = {name: matrices[name] for name in self._copies}
        self._replicas = [
            self._objective.on({name: copies[n] for name, copies in self._copies.items()})
            for n in range(REPLICAS)
        ]
        # AdaGrad's sums of squares are added up; the other factors are computed in each round.
        self._factors = {name: np.ones(len(m), np.float32) for name, m in self._snapshot.items()}
        for name in self._snapshot:
            self._merge_block((name, slice(0, 0)))

    def rounds(self, tasks: Iterable[Task]) -> Iterator[list[Task]]:
        """Yield the tasks of each round; a round does not go past the end of an epoch."""
        for _, epoch in itertools.groupby(tasks, key=lambda task: task.epoch):
            while some := list(itertools.islice(epoch, self._round)):
                yield some

    def train(self, tasks: list[Task], rate: float) -> Iterator[ChunkResult]:
        """Train a round, then yield the results in the order of the tasks.

        Args:
            tasks: the chunks of the round.
            rate: the learning rate at its beginning.
        """
        length = -(-len(tasks) // REPLICAS)
        parts = [tasks[n * length : (n + 1) * length] for n in range(REPLICAS)]
        threads = min(self._config.threads, REPLICAS)
        work = zip(self._replicas, parts, strict=True)
        done = list(map_ahead(self._train_replica, work, threads))
        self._merge([result.updates for result in done], rate)
        for result in done:
            yield from result.chunks

    def _train_replica(self, work: tuple[Replicable, list[Task]]) -> ReplicaResult:
        replica, tasks = work
        counts = np.zeros(len(self._corpus.vocabulary), np.int64)
        results = []
        for task in tasks:
            ids = self._corpus.ids[task.first : task.last]
            counts += np.bincount(ids, minlength=len(counts))
            results.append(self._train_chunk(task, replica))
        return ReplicaResult(results, self._updates.of(counts))

    def _merge(self, updates: list[dict[str, NDArray[np.float32]]], rate: float) -> None:
        contraction = self._contraction * rate
        for name in updates[0]:
            self._factors[name] = factors_of_sum([each[name] for each in updates], contraction)
        blocks = [
            (name, slice(first, min(first + _BLOCK_ROWS, len(matrix))))
            for name, matrix in self._snapshot.items()
            for first in range(0, len(matrix), _BLOCK_ROWS)
        ]
        for _ in map_ahead(self._merge_block, blocks, self._config.threads):
            pass

    def _merge_block(self, block: tuple[str, slice]) -> None:
        name, rows = block
        snapshot, copies = self._snapshot[name], self._copies[name]
        averages = name.endswith("_states") and self._config.optimizer == "adam"
        merge_block = merge_averages if averages else merge
        merge_block(snapshot, copies, self._factors[name], rows)
