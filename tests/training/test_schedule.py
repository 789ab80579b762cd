"""The order of the chunks and the learning rate."""

from __future__ import annotations

from typing import Any

import pytest

from skipgram import TrainConfig
from skipgram.training.schedule import Schedule
from skipgram.training.validation import Span

CHUNKS = [Span(0, 10), Span(10, 20), Span(30, 35)]


def schedule(**options: Any) -> Schedule:
    return Schedule(CHUNKS, TrainConfig(epochs=3, **options))


def test_every_epoch_holds_every_chunk_once_in_an_order_of_its_own() -> None:
    plan = schedule()
    tasks = list(plan.tasks(0, len(plan)))
    assert (len(plan), plan.words) == (9, 25)
    for epoch in range(3):
        of_epoch = [task for task in tasks if task.epoch == epoch]
        assert sorted(task.number for task in of_epoch) == [0, 1, 2]
        assert [Span(task.first, task.last) for task in of_epoch] == [
            CHUNKS[task.number] for task in of_epoch
        ]
    assert len({tuple(task.number for task in tasks[at : at + 3]) for at in (0, 3, 6)}) > 1


def test_a_part_holds_the_same_chunks_as_the_whole() -> None:
    plan = schedule(seed=7)
    tasks = list(plan.tasks(0, 9))
    for first in range(10):
        for last in range(first, 10):
            assert list(plan.tasks(first, last)) == tasks[first:last]


def test_words_done_before_each_chunk() -> None:
    done = 0
    for task in schedule().tasks(0, 9):
        assert task.done == done
        done += task.last - task.first


def test_the_rate_falls_linearly_over_all_epochs() -> None:
    plan = schedule(alpha=0.05, min_alpha=0.01)
    assert [plan.rate(done) for done in (0, 75)] == pytest.approx([0.05, 0.01])
    assert plan.rate(30) == pytest.approx(0.05 - 0.04 * 30 / 75)
    assert schedule(alpha=0.05).rate(75) == pytest.approx(0.05e-4)
