"""Trainings that write checkpoints."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from interrupted import SMALL, StoppedError

from skipgram import TrainConfig
from skipgram.corpus.build import encode_corpus
from skipgram.intervals import Interval
from skipgram.signals import DeferredSignals
from skipgram.training.checkpoint import STATE, Checkpoints
from skipgram.training.events import (
    CheckpointWritten,
    ChunkTrained,
    Event,
)
from skipgram.training.history import Trained
from skipgram.training.trainer import Trainer

OFTEN = Interval(words=3000)
STATE_OF = {"input": np.ones((2, 16), np.float32)}


def in_folder(
    folder: Path, interval: Interval = OFTEN, signals: DeferredSignals | None = None
) -> Checkpoints:
    return Checkpoints(folder, interval, signals or DeferredSignals(), {"seed": 1})


def write_state(path: Path, state: dict[str, Any]) -> None:
    """Write the state of a checkpoint with its checksum."""
    rest = {name: value for name, value in state.items() if name != "checksum"}
    checksum = zlib.crc32(json.dumps(rest, sort_keys=True).encode())
    (path / STATE).write_text(json.dumps({**rest, "checksum": checksum}))


def train(
    sentences: Any, folder: Path | None = None, stop_after: int | None = None, **options: Any
) -> Trained | None:
    """Train; return None if the training is stopped by an error after some checkpoints."""
    written: list[Event] = []

    def report(event: Event) -> None:
        if isinstance(event, CheckpointWritten):
            written.append(event)
        if isinstance(event, ChunkTrained) and len(written) == stop_after:
            raise StoppedError

    config = TrainConfig(**{**SMALL, **options})
    with encode_corpus(sentences, min_count=1) as corpus:
        checkpoints = in_folder(folder) if folder else None
        try:
            return Trainer(corpus, config, report, checkpoints=checkpoints).train()
        except StoppedError:
            return None
