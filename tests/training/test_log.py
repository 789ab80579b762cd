"""The log of a training."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import skipgram
from skipgram.training.events import (
    CheckpointFailed,
    CheckpointPassedOver,
    CheckpointWritten,
    ChunkTrained,
    EpochFinished,
    TrainingResumed,
    TrainingStarted,
)
from skipgram.training.log import TrainingLog


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_events_as_lines(tmp_path: Path) -> None:
    log = TrainingLog(tmp_path / "log")
    log(TrainingStarted(2, 1000, 0.0, None))
    log(TrainingResumed(500.0, 0.25, 10.0))
    for words, seconds, loss in ((600.0, 10.4, 3.0), (900.0, 11.0, 1.0), (1000.0, 11.5, 7.0)):
        log(ChunkTrained(1, words, seconds, 0.02, loss))
    log(EpochFinished(1, 2.5, 11.6))
    log(CheckpointWritten(tmp_path / "checkpoint-3", 1000.0, 0.1))
    log(CheckpointFailed("no space left"))
    log(CheckpointPassedOver(tmp_path / "checkpoint-2", "changed"))
    log.end("finished")
    found = lines(tmp_path / "log")
    assert [line.pop("event") for line in found] == [
        "started", "resumed", "progress", "epoch", "checkpoint", "checkpoint_failed",
        "checkpoint_passed_over", "ended",
    ]  # fmt: skip
    for line in found:
        assert line.pop("time").endswith("Z")
    assert found[2].pop("memory") > 1_000_000
    assert found == [
        {"epochs": 2, "raw_words": 1000},
        {"raw_words": 500, "share": 0.25},
        {"seconds": 11.0, "epoch": 1, "raw_words": 900, "words_per_second": 400, "rate": 0.02,
         "loss": 2.0},
        {"seconds": 11.6, "epoch": 1, "loss": 2.5, "validation_loss": None},
        {"path": "checkpoint-3", "seconds": 0.1},
        {"reason": "no space left"},
        {"path": "checkpoint-2", "reason": "changed"},
        {"reason": "finished"},
    ]  # fmt: skip


def test_a_log_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    log = TrainingLog(tmp_path / "missing" / "log")
    log(TrainingStarted(2, 1000, 0.0, None))
    log.end("finished")
    assert not (tmp_path / "missing").exists()


def test_a_log_says_why_training_ended(planted_text: Path, tmp_path: Path) -> None:
    class FullError(Exception):
        """Stands for any error that is not skipgram's."""

    def report(event: object) -> None:
        if isinstance(event, EpochFinished):
            raise FullError("too much")

    run = tmp_path / "run"
    with pytest.raises(FullError):
        skipgram.train(
            planted_text, vector_size=16, report=report, run_directory=run, checkpoint="1000"
        )
    assert lines(run / "training.jsonl")[-1]["reason"] == "FullError: too much"
