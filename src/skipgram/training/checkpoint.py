"""Checkpoints: all that a training needs to continue after it was interrupted.

Each is a directory, `checkpoint-N`, where N is the number of chunks that are trained:

    matrices.safetensors   vectors and optimizer state by name (`Objective.state`), padded as in
                           memory
    state.json             the version of this layout, the size of chunks, and the `History`

Draws are functions of seed, epoch and position, so nothing about randomness is stored. The last two
checkpoints are kept. If the newest one is damaged, the other one is used.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import ConfigDict, Field

from skipgram.errors import FormatError, OutputError
from skipgram.intervals import Interval
from skipgram.io.atomic import free_space, replacing_directory
from skipgram.io.objects import parse_object
from skipgram.io.tensors import tensors_in, write_tensors
from skipgram.records import Record, checked
from skipgram.regular_files import read_whole
from skipgram.signals import DeferredSignals
from skipgram.training.events import (
    CheckpointFailed,
    CheckpointsLackSpace,
    CheckpointWritten,
    Report,
)
from skipgram.training.history import History
from skipgram.training.matrices import Matrix
from skipgram.training.schedule import Schedule
from skipgram.wording import count, reason_of

MATRICES, STATE = "matrices.safetensors", "state.json"
_MOST_STATE_BYTES = 1 << 26
"""100,000 epochs have losses of 4 MB."""

KEPT = 2
"""Checkpoints that are kept."""

MOST_SHARE = 0.04
"""Upper bound on the share of time that goes into checkpoints: if one takes long, the next one
comes later than the interval says."""

_PREFIX = "checkpoint-"
_NAME = re.compile(rf"{_PREFIX}(\d+)", re.ASCII)


class _State(Record):
    """The content of `state.json`."""

    model_config = ConfigDict(extra="forbid")

    version: Literal[1]
    chunk_words: int = Field(ge=1, le=2**31)
    history: History


class Checkpoint(NamedTuple):
    """A checkpoint on disk.

    Attributes:
        folder: its directory.
        chunk_words: the most words of a chunk.
        history: what is trained.
    """

    folder: Path
    chunk_words: int
    history: History

    def check(self, schedule: Schedule, *, is_held_out: bool) -> None:
        """Check that the history is one of a training with this schedule.

        Args:
            schedule: the schedule of the training.
            is_held_out: whether the loss of held-out text is measured.

        Raises:
            FormatError: it is not.
        """
        history, in_an_epoch = self.history, len(schedule.chunks)
        done, epochs = history.chunks, len(history.loss)
        fits = 0 <= done <= len(schedule) and epochs == done // in_an_epoch
        fits = fits and history.words == schedule.words_in(done)
        fits = fits and len(history.validation_loss) == epochs * is_held_out
        numbers = (history.pairs, history.epoch_pairs, history.effective_words)
        if not fits or not all(0 <= each < 2**63 for each in numbers) or history.seconds < 0:
            raise _damaged(
                self.folder / STATE,
                f"it has {count(done, 'chunk')} and {count(epochs, 'epoch')} that are not of this "
                f"training, which has {len(schedule):,} chunks, {in_an_epoch:,} in an epoch",
            )

    def restore(self, state: Mapping[str, Matrix]) -> None:
        """Fill matrices, which are given by name, with those of the checkpoint.

        Raises:
            FormatError: they are damaged, or of another training.
        """
        from safetensors import SafetensorError, safe_open

        path = self.folder / MATRICES
        try:
            with safe_open(path, "np") as tensors:
                if set(tensors.keys()) != set(state):
                    raise _damaged(path, f"it holds {', '.join(sorted(tensors.keys()))}")
                for name, matrix in state.items():
                    found = tensors.get_tensor(name)
                    if found.shape != matrix.shape or found.dtype != matrix.dtype:
                        raise _damaged(path, f"{name} is {found.dtype} {found.shape}")
                    matrix[:] = found
        except (OSError, SafetensorError) as error:
            raise _damaged(path, error) from error


def latest_of(folder: Path) -> Checkpoint | None:
    """Return the newest complete checkpoint in a directory; None if there is none.

    Raises:
        FormatError: there are checkpoints, and all are damaged.
    """
    problem: FormatError | None = None
    for path in reversed(checkpoints_in(folder)):
        try:
            return _open(path)
        except FormatError as error:
            problem = problem or error
    if problem:
        raise problem
    return None


def _open(folder: Path) -> Checkpoint:
    path = folder / STATE
    try:
        state = checked(_State, parse_object(read_whole(path, _MOST_STATE_BYTES).decode()))
        path = folder / MATRICES
        kinds = tensors_in(path)  # checks that the file is complete
    except (OSError, ValueError) as error:
        raise _damaged(path, error) from error
    if not all(kind.is_matrix and kind.dtype == "F32" for kind in kinds.values()):
        raise _damaged(path, "it holds other things than matrices of float32")
    return Checkpoint(folder, state.chunk_words, state.history)


def _damaged(path: Path, reason: object) -> FormatError:
    if isinstance(reason, OSError):
        reason = reason_of(reason)
    run = path.parent.parent
    return FormatError(f"cannot continue from {path}: {reason}; delete {run}, and train again")


def is_checkpoint(name: str) -> bool:
    """Return whether a directory of this name is a checkpoint."""
    return _NAME.fullmatch(name) is not None


def checkpoints_in(folder: Path) -> list[Path]:
    """Return the checkpoints in a directory, the oldest first; none if it is gone."""
    try:
        paths = list(folder.iterdir())
    except FileNotFoundError:
        return []
    found = [(match, path) for path in paths if (match := _NAME.fullmatch(path.name))]
    return [path for _, path in sorted(found, key=lambda each: int(each[0][1]))]


class Checkpoints:
    """Writes the checkpoints of a training, when they are due and when a signal would end it.

    Args:
        folder: the directory of the run.
        interval: how often they are due; None to write none.
        signals: noted while the training lasts.

    Attributes:
        latest: the checkpoint from which the training continues; None if it begins.
    """

    def __init__(self, folder: Path, interval: Interval | None, signals: DeferredSignals) -> None:
        self.latest = latest_of(folder)
        self._folder = folder
        self._interval = interval
        self._signals = signals
        self._chunk_words = 0
        self._words = 0.0
        self._written = 0.0
        self._least_seconds = 0.0

    def begin(self, raw_words: float, chunk_words: int) -> None:
        """Begin the first interval, and defer signals.

        Args:
            raw_words: words of the text that are trained already.
            chunk_words: the most words of a chunk.
        """
        self._chunk_words = chunk_words
        self._written, self._words = time.perf_counter(), raw_words
        if self._interval:
            self._signals.defer()

    def check_space(self, state: Mapping[str, Matrix], report: Report) -> None:
        """Report if the disk is too small for the checkpoints of a training with this state.

        While one is written, there is one more than are kept. Before the model is saved, which is
        about as large, all but one are deleted.
        """
        if self._interval is None or not self._folder.is_dir():  # `write` reports that
            return
        size = _size_of(state)
        needed = (KEPT + 1) * size
        free = free_space(self._folder.absolute())[1] + len(checkpoints_in(self._folder)) * size
        if needed > free:
            report(CheckpointsLackSpace(self._folder, needed, free))

    @property
    def is_interrupted(self) -> bool:
        """Whether a signal waits for a checkpoint."""
        return self._interval is not None and self._signals.pending is not None

    def is_due(self, raw_words: float) -> bool:
        """Return whether to write a checkpoint after `raw_words` words of the text."""
        if self._interval is None:
            return False
        if self.is_interrupted:
            return True
        seconds = time.perf_counter() - self._written
        words = raw_words - self._words
        is_over = seconds >= self._interval.seconds or words >= self._interval.words
        return is_over and seconds >= self._least_seconds

    def write(
        self, history: History, raw_words: float, state: Mapping[str, Matrix], report: Report
    ) -> None:
        """Write a checkpoint, delete older ones, and handle a signal that was noted.

        A checkpoint that cannot be written is reported; it does not end the training.
        """
        started = time.perf_counter()
        try:
            if not self._folder.is_dir():  # it would be made anew, but without the rest of the run
                raise OutputError(f"{self._folder} is gone")
            path = self._write(history, state)
        except OutputError as error:
            report(CheckpointFailed(str(error)))
        else:
            report(CheckpointWritten(path, raw_words, time.perf_counter() - started))
        self._written, self._words = time.perf_counter(), raw_words
        self._least_seconds = (self._written - started) * (1 / MOST_SHARE - 1)
        if self._signals.pending is not None:
            self._signals.release()
            self._signals.defer()  # the handler of the signal may let the run continue

    def _write(self, history: History, state: Mapping[str, Matrix]) -> Path:
        path = self._folder / f"{_PREFIX}{history.chunks:09}"
        content = _State(version=1, chunk_words=self._chunk_words, history=history)
        with replacing_directory(path, _size_of(state)) as new:
            with (new / MATRICES).open("xb") as file:
                write_tensors(file, state, {})
            (new / STATE).write_text(content.model_dump_json(indent=2) + "\n", encoding="utf-8")
        for old in checkpoints_in(self._folder)[:-KEPT]:
            shutil.rmtree(old, ignore_errors=True)
        return path


def _size_of(state: Mapping[str, Matrix]) -> int:
    """Return the bytes of matrices, which are nearly all of a checkpoint."""
    return sum(matrix.nbytes for matrix in state.values())
