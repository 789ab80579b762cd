"""The models that the explorer shows: finished ones, and those that are still training."""

from __future__ import annotations

import contextlib
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skipgram.descriptions import model_rows
from skipgram.errors import SkipgramError
from skipgram.formats import is_model, load
from skipgram.io.directories import LOG
from skipgram.io.leftovers import RUN_LOCK, RUN_MODEL, RUN_RECORD, RUN_SUFFIX
from skipgram.resuming import latest_vectors
from skipgram.run_paths import has_ended, has_model
from skipgram.training.checkpoint import checkpoints_in
from skipgram.training.log import Curve, read_curve

if TYPE_CHECKING:
    from skipgram.embeddings import Embeddings

MOST_POINTS = 600
"""Points of a curve that the page draws."""

_SHARE_OF_READING = 0.05
"""Upper bound on the share of time that goes into reading a log that grows."""


class Shown:
    """A model, or a training that runs or was interrupted.

    Args:
        path: the model, in any format that skipgram reads; or the directory of a training, or the
            output that it will have.

    Attributes:
        name: how the page calls it.
        embeddings: its vectors; of a training, those of the newest checkpoint; None before there
            is one.
        version: counts the changes of the vectors.
        log_version: counts the changes of the curve.
        is_training: whether this is a training that has not ended.

    Raises:
        FormatError: there is neither a model nor a training.
    """

    def __init__(self, path: Path) -> None:
        self.name = path.name or str(path)
        self.embeddings: Embeddings | None = None
        self.version = 0
        self.log_version = 0
        self._lock = threading.Lock()
        self._checkpoint: Path | None = None
        self._run: Path | None = None
        self._output: Path | None = None
        self._log: Path | None = path / LOG
        self._curve = Curve([], [], 0.0, "")
        self._log_size = -1
        self._read_after = 0.0
        self._run = run_of(path)
        if self._run is None:
            self.embeddings = load(path)
            self._read_log()
            return
        self._log = self._run / LOG
        self._output = self._run.with_suffix("")
        if self._run.suffix != RUN_SUFFIX:  # of a training from Python
            self._output = self._run / RUN_MODEL
        self.refresh()

    @property
    def is_training(self) -> bool:
        """Whether this is a training that has not ended."""
        return self._run is not None

    def refresh(self) -> None:
        """Look for new lines of the log, a new checkpoint, and the finished model."""
        if self._run is None:
            return
        with self._lock:
            self._read_log()
            if not (self._run / RUN_RECORD).exists():
                if has_ended(self._run):
                    self._take_model()
                return
            newest = checkpoints_in(self._run)[-1:]
            if newest and newest[0] != self._checkpoint:
                self._checkpoint = newest[0]  # also if it cannot be read: another one will come
                with contextlib.suppress(SkipgramError, OSError):
                    self.embeddings = latest_vectors(self._run)
                    self.version += 1

    def _take_model(self) -> None:
        """Show the finished model, once it is saved."""
        if self._output and is_model(self._output):
            with contextlib.suppress(SkipgramError, OSError):
                self.embeddings = load(self._output)
                self._log = self._output / LOG
                self._run = None
                self._log_size = -1
                self._read_after = 0.0
                self._read_log()
                self.version += 1

    def _read_log(self) -> None:
        """Read the log if it has grown, but not so often that it takes much time."""
        now = time.monotonic()
        with contextlib.suppress(OSError):
            size = self._log.stat().st_size if self._log else -1
            if self._log and size != self._log_size and now >= self._read_after:
                self._curve = read_curve(self._log)
                self._log_size = size
                self._read_after = now + (time.monotonic() - now) / _SHARE_OF_READING
                self.log_version += 1

    def describe(self) -> dict[str, Any]:
        """Return what the model is, in words, and its curve, as JSON values."""
        embeddings = self.embeddings
        groups = model_rows(embeddings) if embeddings else {}
        return {
            "name": self.name,
            "words": len(embeddings) if embeddings else 0,
            "vectors": _kinds(embeddings),
            "groups": {title: rows for title, rows in groups.items() if rows},
            "coverage": _coverage(embeddings),
            "training": self.is_training,
            "curve": self.curve(),
        }

    def curve(self) -> dict[str, Any]:
        """Return the curve of the training in columns, as JSON values.

        A model without a log has only the losses of its epochs.
        """
        points, epochs = self._curve.points, self._curve.epochs
        step = -(-len(points) // MOST_POINTS) or 1
        points = [*points[: -1 if points else None : step], *points[-1:]]
        found: dict[str, Any] = {
            name: [getattr(point, name) for point in points]
            for name in ("seconds", "raw_words", "words_per_second", "rate", "loss")
        }
        training = self.embeddings.training if self.embeddings else {}
        found["total"] = self._curve.raw_words
        found["ended"] = self._curve.ended
        found["epochs"] = [each._asdict() for each in epochs] or [
            {"number": number, "loss": loss, "validation_loss": None}
            for number, loss in enumerate(training.get("loss") or (), 1)
        ]
        return found


def run_of(path: Path) -> Path | None:
    """Return the directory of a training that runs or was interrupted; None if there is none.

    A training that will replace a model counts if it began after the model was saved.

    Args:
        path: the directory itself, or the output of the training.
    """
    if (path / RUN_RECORD).is_file() or (path / RUN_LOCK).is_file():
        return None if has_model(path) and has_ended(path) else path
    run = path.with_name(path.name + RUN_SUFFIX)
    begun = [run / name for name in (RUN_RECORD, RUN_LOCK) if (run / name).is_file()]
    if not begun or has_ended(run):
        return None
    if is_model(path) and begun[0].stat().st_mtime < path.stat().st_mtime:
        return None
    return run


def _kinds(embeddings: Embeddings | None) -> list[str]:
    """Return the kinds of vectors that a model has."""
    if embeddings is None or embeddings.output is None:
        return ["input"]
    return ["input", "output", "average"]


def _coverage(embeddings: Embeddings | None) -> float | None:
    """Return the share of the corpus's words that the vocabulary has; None if it is unknown."""
    training = embeddings.training if embeddings else {}
    raw, kept = training.get("raw_words"), training.get("retained_words")
    if not raw or not isinstance(kept, int):
        return None
    return float(kept / raw)
