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
process takes. A line of progress is the mean over the chunks of about a second, or less in the
first seconds. Without a last line "ended", the process was killed, or the machine stopped.
"""

from __future__ import annotations

import contextlib
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from skipgram.regular_files import read_whole
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
SHORTEST_LINE, EARLY_SHARE = 0.1, 0.05
"""A line early in a training covers this share of the time so far, so that even a training of
seconds has a curve."""

_MOST_BYTES = 1 << 28
"""A training of two weeks has a log of this size."""


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
                if event.seconds - self._since[0] >= _seconds_of_line(event.seconds):
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


def _seconds_of_line(seconds: float) -> float:
    """Return how long the next line of progress covers at least."""
    return min(SECONDS_OF_A_LINE, max(SHORTEST_LINE, EARLY_SHARE * seconds))


class Point(NamedTuple):
    """A line of progress; see the layout above."""

    seconds: float
    raw_words: float
    words_per_second: float
    rate: float
    loss: float


class Epoch(NamedTuple):
    """An epoch that is finished; `raw_words` are those of the text up to its end."""

    number: int
    seconds: float
    raw_words: float
    loss: float
    validation_loss: float | None


class Curve(NamedTuple):
    """What a log says of a training, so far.

    Attributes:
        points: in the order of the training.
        epochs: those that are finished.
        raw_words: words of the text in all epochs; 0 if the training has not begun.
        ended: how it ended; "" if it runs, or was killed.
    """

    points: list[Point]
    epochs: list[Epoch]
    raw_words: float
    ended: str


def read_curve(path: Path) -> Curve:
    """Return what a log says; lines that are damaged or unknown are passed over.

    After an interruption the training continues from a checkpoint. What the log says of the text
    that was trained again is left out.

    Raises:
        OSError: the file cannot be read.
    """
    points: list[Point] = []
    epochs: list[Epoch] = []
    raw_words = in_an_epoch = 0.0
    ended = ""
    for line in read_whole(path, _MOST_BYTES).decode("utf-8", "replace").splitlines():
        with contextlib.suppress(ValueError, KeyError, TypeError):
            content = json.loads(line)
            match content["event"]:
                case "started":
                    in_an_epoch = float(content["raw_words"])
                    raw_words, ended = in_an_epoch * content["epochs"], ""
                case "resumed":
                    before = float(content["raw_words"]) + 0.5  # it is rounded
                    points = [each for each in points if each.raw_words <= before]
                    epochs = [each for each in epochs if each.raw_words <= before]
                case "progress":
                    points.append(Point(*(float(content[name]) for name in Point._fields)))
                case "epoch":
                    epochs.append(_epoch(content, in_an_epoch))
                case "ended":
                    ended = str(content["reason"])
    return Curve(points, epochs, raw_words, ended)


def _epoch(content: dict[str, Any], in_an_epoch: float) -> Epoch:
    number, held_out = int(content["epoch"]), content["validation_loss"]
    return Epoch(
        number=number,
        seconds=float(content["seconds"]),
        raw_words=number * in_an_epoch,
        loss=float(content["loss"]),
        validation_loss=None if held_out is None else float(held_out),
    )


def _without_links(path: str, flags: int) -> int:
    """Open a file without following a link, which would say where else to write."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o666)
