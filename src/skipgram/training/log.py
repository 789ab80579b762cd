"""The log of a training: `training.jsonl`, one JSON object a line.

    {"event": "started", "epochs": ..., "raw_words": ...}
    {"event": "resumed", "raw_words": ..., "share": ...}
    {"event": "progress", "seconds": ..., "epoch": ..., "raw_words": ..., "words_per_second": ...,
     "rate": ..., "loss": ..., "memory": ...}
    {"event": "epoch", "epoch": ..., "loss": ..., "validation_loss": ..., "seconds": ...}
    {"event": "checkpoint", "path": ..., "seconds": ...}
    {"event": "checkpoint_failed", "reason": ...}
    {"event": "checkpoint_passed_over", "path": ..., "reason": ...}
    {"event": "ended", "reason": ...}

Each line also has `time`, in UTC. `seconds` is the time spent training, `memory` the bytes that the
process takes. A line of progress is the mean over the chunks of about a second. Without a last line
"ended", the process was killed, or the machine stopped.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import psutil

from skipgram.training.events import (
    CheckpointFailed,
    CheckpointPassedOver,
    CheckpointWritten,
    ChunkTrained,
    EpochFinished,
    Event,
    TrainingResumed,
    TrainingStarted,
)

SECONDS_OF_A_LINE = 1.0


class TrainingLog:
    """Appends the events of a training to a file; a log that cannot be written ends silently.

    Args:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._process = psutil.Process()
        self._since = (0.0, 0.0)
        self._losses: list[float] = []

    def __call__(self, event: Event) -> None:
        """Add an event."""
        match event:
            case TrainingStarted():
                self._since = (0.0, 0.0)
                self._write("started", epochs=event.epochs, raw_words=event.raw_words)
            case TrainingResumed():
                self._since = (event.seconds, event.raw_words)
                self._write("resumed", raw_words=round(event.raw_words), share=event.share)
            case ChunkTrained():
                self._losses.append(event.loss)
                if event.seconds - self._since[0] >= SECONDS_OF_A_LINE:
                    self._write_progress(event)
            case EpochFinished():
                self._write(
                    "epoch",
                    seconds=event.seconds,
                    epoch=event.epoch,
                    loss=event.loss,
                    validation_loss=event.validation_loss,
                )
            case CheckpointWritten():
                self._write("checkpoint", path=event.path.name, seconds=event.seconds)
            case CheckpointFailed():
                self._write("checkpoint_failed", reason=event.reason)
            case CheckpointPassedOver():
                self._write("checkpoint_passed_over", path=event.path.name, reason=event.reason)

    def begin(self) -> None:
        """Make an empty log, which shows that the training has not ended."""
        self._append("")

    def end(self, reason: str) -> None:
        """Say why the training ended."""
        self._write("ended", reason=reason)

    def _write_progress(self, event: ChunkTrained) -> None:
        seconds, words = self._since
        self._write(
            "progress",
            seconds=event.seconds,
            epoch=event.epoch,
            raw_words=round(event.raw_words),
            words_per_second=round((event.raw_words - words) / (event.seconds - seconds)),
            rate=event.rate,
            loss=sum(self._losses) / len(self._losses),
            memory=self._process.memory_info().rss,
        )
        self._since = (event.seconds, event.raw_words)
        self._losses = []

    def _write(self, kind: str, **content: object) -> None:
        line = json.dumps({"event": kind, "time": f"{datetime.now(UTC):%FT%TZ}", **content})
        self._append(line + "\n")

    def _append(self, text: str) -> None:
        try:
            with open(self._path, "a", encoding="utf-8", opener=_without_links) as file:
                file.write(text)
        except OSError:
            return  # a full disk must not end a training


def _without_links(path: str, flags: int) -> int:
    """Open a file without following a link, which would say where else to write."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o666)
