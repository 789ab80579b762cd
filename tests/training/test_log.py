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
from skipgram.training.log import TrainingLog, read_curve


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
            planted_text, vector_size=16, callbacks=[report], run_directory=run, checkpoint="1000"
        )
    assert lines(run / "training.jsonl")[-1]["reason"] == "FullError: too much"


def test_what_a_log_says_of_a_training(tmp_path: Path) -> None:
    path = tmp_path / "log"
    log = TrainingLog(path)
    log(TrainingStarted(2, 1000, 0.0, None))
    for words in (500.0, 1000.0, 1500.0):
        log(ChunkTrained(1, words, words / 100, 0.02, 3.0))
        if words == 1000:
            log(EpochFinished(1, 2.5, 10.0, 2.75))
    log(TrainingResumed(1200.0, 0.6, 12.0))  # killed, and continued from a checkpoint
    log(ChunkTrained(2, 2000.0, 20.0, 0.01, 2.0))
    log(EpochFinished(2, 2.25, 20.0))
    with path.open("a") as file:
        file.write('damaged\n{"event": "new"}\n[1]\n{"event": "progress", "loss": null}\n')
    curve = read_curve(path)
    assert [point.raw_words for point in curve.points] == [500, 1000, 2000]
    assert [point.loss for point in curve.points] == [3, 3, 2]
    assert curve.points[2].words_per_second == 100
    assert [(each.number, each.raw_words, each.loss) for each in curve.epochs] == [
        (1, 1000, 2.5),
        (2, 2000, 2.25),
    ]
    assert [each.validation_loss for each in curve.epochs] == [2.75, None]
    assert (curve.raw_words, curve.ended) == (2000, "")
    log.end("finished")
    assert read_curve(path).ended == "finished"
    with pytest.raises(FileNotFoundError):
        read_curve(tmp_path / "missing")


def test_a_short_training_has_a_curve(planted_text: Path, tmp_path: Path) -> None:
    path = tmp_path / "log"
    log = TrainingLog(path)
    log(TrainingStarted(1, 10_000, 0.0, None))
    for n in range(1, 101):
        log(ChunkTrained(1, 100.0 * n, 0.02 * n, 0.02, 3.0))  # two seconds in all
    assert len(read_curve(path).points) >= 15
