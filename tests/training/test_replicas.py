"""Rounds of replicas: what they train, and that threads and checkpoints change no bit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import skipgram
from skipgram import TrainConfig
from skipgram.corpus.build import encode_corpus
from skipgram.corpus.encoded import EncodedCorpus
from skipgram.training import replicas
from skipgram.training.events import Event, MemoryPlanned
from skipgram.training.history import ChunkResult
from skipgram.training.objectives import TileObjective
from skipgram.training.replicas import Replicas, words_per_replica
from skipgram.training.schedule import Task

SMALL: dict[str, Any] = {"vector_size": 16, "sample": 0, "deterministic": True}


@pytest.fixture
def corpus(planted_sentences: list[list[str]]) -> Iterator[EncodedCorpus]:
    with encode_corpus(planted_sentences) as encoded:
        yield encoded


def make_replicas(
    corpus: EncodedCorpus, chunk_words: int, done: list[tuple[Task, Any]], **options: Any
) -> tuple[Replicas, TileObjective]:
    """Return replicas that add 1 to the input vector of the chunk's number in place of training."""

    def train(task: Task, objective: Any) -> ChunkResult:
        done.append((task, objective))
        objective._trained.input[task.number] += 1
        return ChunkResult(task, 0.0, 0, 0)

    config = TrainConfig(**{**SMALL, "threads": 1, **options})
    objective = TileObjective(corpus, config)
    objective.allocate()
    made = Replicas(objective, corpus, config, chunk_words, train)
    made.begin()
    return made, objective


def tasks(*epochs: int) -> list[Task]:
    """Return chunks of 10 words: as many in each epoch as asked for."""
    return [
        Task(epoch, number, 10 * number, 10 * number + 10, 0)
        for epoch, chunks in enumerate(epochs)
        for number in range(chunks)
    ]


def test_a_round_ends_with_the_epoch(
    corpus: EncodedCorpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replicas, "LEAST_WORDS", 20)
    monkeypatch.setattr(replicas, "WORK_PER_NUMBER", 0)
    made, _ = make_replicas(corpus, 10, [])
    rounds = list(made.rounds(tasks(9, 3)))
    assert [len(each) for each in rounds] == [4, 4, 1, 3]
    assert [task for each in rounds for task in each] == tasks(9, 3)


@pytest.mark.parametrize("chunks", [1, 2, 3, 4])
def test_replicas_share_a_round_and_end_at_the_same_vectors(
    corpus: EncodedCorpus, chunks: int
) -> None:
    done: list[tuple[Task, Any]] = []
    made, objective = make_replicas(corpus, 10, done)
    before = objective.state()["input"].copy()
    results = list(made.train(tasks(chunks), 0.0))
    assert [result.task for result in results] == tasks(chunks)
    assert len({id(replica) for _, replica in done}) == min(chunks, 2)
    change = (objective.state()["input"] - before)[:, 0]
    assert change == pytest.approx([1] * chunks + [0] * (40 - chunks), abs=1e-6)
    for _, replica in done:
        assert (replica._trained.input == objective.state()["input"]).all()
        assert replica._trained.input is not objective.state()["input"]


def test_rounds_grow_with_the_matrices_that_are_merged(corpus: EncodedCorpus) -> None:
    objective = TileObjective(corpus, TrainConfig(**SMALL))
    assert words_per_replica(objective, 10**9) == replicas.LEAST_WORDS
    objective.numbers = 10**9
    words = words_per_replica(objective, 10**9)
    assert words * objective.work_per_word == pytest.approx(6e9, rel=1e-3)


def test_an_epoch_of_little_text_still_has_several_rounds(corpus: EncodedCorpus) -> None:
    objective = TileObjective(corpus, TrainConfig(**SMALL))
    assert words_per_replica(objective, 16_000) == 16_000 / (2 * replicas.ROUNDS_IN_AN_EPOCH)
    assert words_per_replica(objective, 5) == 1


def test_full_softmax_has_no_replicas(planted_sentences: list[list[str]]) -> None:
    plans = planned(planted_sentences, objective="softmax")
    assert not any("replicas" in name for name, _ in plans)


def planned(sentences: list[list[str]], **options: Any) -> list[tuple[str, int]]:
    events: list[Event] = []
    skipgram.train(sentences, epochs=1, callbacks=[events.append], **{**SMALL, **options})
    return list(next(event for event in events if isinstance(event, MemoryPlanned)).items)


@pytest.mark.parametrize(
    "options",
    [{}, {"optimizer": "adam"}, {"objective": "hierarchical+negative", "optimizer": "adagrad"}],
)
def test_the_plan_counts_the_replicas(
    planted_sentences: list[list[str]], options: dict[str, Any]
) -> None:
    once = planned(planted_sentences, **options, deterministic=False)
    plan = planned(planted_sentences, **options)
    matrices = sum(size for name, size in once if "vectors" in name or "state of" in name)
    assert sum(size for name, size in plan if name == "2 replicas") == 2 * matrices
