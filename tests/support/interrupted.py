"""Trainings that are stopped on the way, as a killed process is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import skipgram
from skipgram import Embeddings
from skipgram.run_directory import RunDirectory
from skipgram.training.events import ChunkTrained, Event

SMALL: dict[str, Any] = {"vector_size": 16, "sample": 0, "threads": 1, "epochs": 3}


class StoppedError(Exception):
    """Stands for an event that ends a process."""


def stop_at(words: float, error: BaseException | type[BaseException] = StoppedError) -> Any:
    def report(event: Event) -> None:
        if isinstance(event, ChunkTrained) and event.raw_words > words:
            raise error

    return report


def interrupt(corpus: Any, run: Path, words: float = 20_000, **options: Any) -> None:
    """Stop a training after some words; the last checkpoint is up to 1,000 words older."""
    with pytest.raises(StoppedError):
        skipgram.train(
            corpus,
            run_directory=run,
            checkpoint="1000",
            callbacks=[stop_at(words)],
            **{**SMALL, **options},
        )


def interrupt_command(corpus: Any, model: Path, **options: Any) -> None:
    """Stop a training as `interrupt` does, but one of the command line."""
    run = RunDirectory(model.with_name(f"{model.name}.run"), "skipgram resume", model)
    with pytest.raises(StoppedError), run:
        skipgram.SkipGram(**{**SMALL, **options}).fit(
            corpus, run_directory=run, checkpoint="1000", callbacks=[stop_at(20_000)]
        )


def assert_same_bits(one: Embeddings, other: Embeddings) -> None:
    assert one.words == other.words
    assert one.input.tobytes() == other.input.tobytes()
    assert (one.output is None) == (other.output is None)
    if one.output is not None and other.output is not None:
        assert one.output.tobytes() == other.output.tobytes()
    kept = {"config", "pairs", "effective_words", "loss", "validation_loss", "corpus_fingerprint"}
    for name in kept & one.training.keys():
        assert one.training[name] == other.training[name]
