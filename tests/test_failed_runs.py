"""Which runs are kept after an error, and what the error then says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from interrupted import SMALL, stop_at

import skipgram
from skipgram import run_directory
from skipgram.errors import (
    ConfigError,
    CorpusError,
    FormatError,
    MemoryPlanError,
    OutputError,
    TrainingError,
)
from skipgram.training.events import ChunkTrained, Event


def fail(corpus: Path, run: Path, words: float, error: Exception) -> list[str]:
    """Let a training fail after some words; return the notes on the error."""
    with pytest.raises(type(error)) as raised:
        skipgram.train(
            corpus, run_directory=run, checkpoint="1000", callbacks=[stop_at(words, error)], **SMALL
        )
    return getattr(raised.value, "__notes__", [])


def test_a_training_that_diverged_is_not_kept(planted_text: Path, tmp_path: Path) -> None:
    assert fail(planted_text, tmp_path / "run", 20_000, TrainingError("not finite")) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "error", [OutputError, MemoryPlanError, MemoryError, CorpusError, OSError, ZeroDivisionError]
)
def test_an_error_that_may_not_occur_again_says_how_to_continue(
    planted_text: Path, tmp_path: Path, error: type[Exception]
) -> None:
    run = tmp_path / "run"
    expected = [f"to continue: skipgram.resume({str(run)!r})"]
    assert fail(planted_text, run, 20_000, error("")) == expected
    with pytest.raises(error) as raised:
        skipgram.resume(run, callbacks=[stop_at(30_000, error(""))])
    assert raised.value.__notes__ == expected
    assert len(skipgram.resume(run)) == 40


@pytest.mark.parametrize(
    ("error", "is_kept"),
    [(OutputError, True), (MemoryPlanError, True), (CorpusError, False), (ConfigError, False)],
)
def test_a_long_scan_is_kept_if_the_training_may_succeed(
    planted_text: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: type[Exception],
    is_kept: bool,
) -> None:
    monkeypatch.setattr(run_directory, "MOST_DISCARDED_SECONDS", 0.0)
    assert bool(fail(planted_text, tmp_path / "run", 0, error(""))) == is_kept
    assert (tmp_path / "run").exists() == is_kept


def test_an_error_about_the_directory_itself_has_its_own_remedy(
    planted_text: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"

    def report(event: Event) -> None:
        if isinstance(event, ChunkTrained) and event.raw_words > 20_000:
            os.truncate(run / "corpus" / "ids.int32", 0)

    with pytest.raises(CorpusError, match=r"; delete .*run, and train again$") as raised:
        skipgram.train(
            planted_text, run_directory=run, checkpoint="1000", callbacks=[report], **SMALL
        )
    assert not hasattr(raised.value, "__notes__")
    with pytest.raises(FormatError) as damaged:
        skipgram.resume(run)
    assert not hasattr(damaged.value, "__notes__")


def test_a_corpus_that_changed_can_be_restored(planted_text: Path, tmp_path: Path) -> None:
    ids, run = tmp_path / "encoded" / "ids.int32", tmp_path / "run"
    skipgram.encode(planted_text, ids.parent, min_count=1)
    content = ids.read_bytes()

    def report(event: Event) -> None:
        if isinstance(event, ChunkTrained) and event.raw_words > 20_000:
            os.truncate(ids, 0)

    with pytest.raises(CorpusError, match="changed while it was in use") as raised:
        skipgram.train(
            ids.parent, run_directory=run, checkpoint="1000", callbacks=[report], **SMALL
        )
    assert raised.value.__notes__ == [f"to continue: skipgram.resume({str(run)!r})"]
    ids.write_bytes(content)
    assert len(skipgram.resume(run)) == 40
