"""What a training has done so far."""

from __future__ import annotations

from skipgram.training.history import ChunkResult, History
from skipgram.training.schedule import Task


def test_chunks_and_epochs_are_added_up() -> None:
    history = History()
    history.add(ChunkResult(Task(0, 1, 0, 10, 0), 6.0, 4, 9))
    history.add(ChunkResult(Task(0, 0, 10, 15, 10), 2.0, 4, 5))
    assert (history.chunks, history.words, history.effective_words) == (2, 15, 14)
    assert (history.epoch_loss, history.epoch_pairs, history.loss) == (8.0, 8, [])
    history.finish_epoch(None)
    assert (history.epoch_loss, history.epoch_pairs, history.pairs) == (0.0, 0, 8)
    assert (history.loss, history.validation_loss) == ([1.0], [])


def test_the_best_epoch_is_the_first_with_the_lowest_held_out_loss() -> None:
    history = History()
    for held_out in (3.0, 2.0, 2.0, 2.5):
        history.add(ChunkResult(Task(0, 0, 0, 10, 0), 6.0, 4, 9))
        history.finish_epoch(held_out)
    assert history.best_epoch == 2
