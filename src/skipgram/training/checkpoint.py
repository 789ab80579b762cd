"""Checkpoints: all that a training needs to continue after it was interrupted.

Each is a directory, `checkpoint-N`, where N is the number of chunks that are trained:

    matrices.safetensors   vectors and optimizer state by name (`Objective.state`), padded as in
                           memory
    state.json             the version of this layout, the size of chunks, the `History`, the CRC-32
                           of each matrix, the options of the training, and the CRC-32 of all this

Draws are functions of seed, epoch and position, so nothing about randomness is stored. The last two
checkpoints are kept. If the newest one is damaged, the other one is used. Disks change bytes
without an error, so the checksums are compared when a training continues.
"""

from __future__ import annotations

import contextlib
import json
import re
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field

from skipgram.errors import FormatError, OutputError
from skipgram.intervals import Interval
from skipgram.io.atomic import NO_SPACE, free_space, replacing_directory
from skipgram.io.leftovers import remove
from skipgram.io.objects import parse_object
from skipgram.io.tensors import row_blocks, tensors_in, write_tensors
from skipgram.records import Record, checked
from skipgram.regular_files import read_whole
from skipgram.signals import DeferredSignals
from skipgram.training.events import (
    CheckpointFailed,
    CheckpointPassedOver,
    CheckpointsLackSpace,
    CheckpointWritten,
    Report,
)
from skipgram.training.history import History
from skipgram.training.matrices import Matrix
from skipgram.training.schedule import MAX_CHUNK_WORDS, Schedule
from skipgram.wording import count, reason_of

MATRICES, STATE = "matrices.safetensors", "state.json"
_MOST_STATE_BYTES = 1 << 26
"""100,000 epochs have losses of 4 MB."""

KEPT = 2
"""Checkpoints that are kept."""

MOST_SHARE = 0.04
"""Upper bound on the share of time that goes into checkpoints: if one takes long, the next one
comes later than the interval says."""

Result = TypeVar("Result")

_PREFIX = "checkpoint-"
_NAME = re.compile(rf"{_PREFIX}(\d+)", re.ASCII)


_Checksum: TypeAlias = Annotated[int, Field(ge=0, lt=2**32)]


class _State(Record):
    """The content of `state.json`."""

    model_config = ConfigDict(extra="forbid")

    version: Literal[1]
    chunk_words: int = Field(ge=1, le=MAX_CHUNK_WORDS)
    history: History
    checksums: dict[str, _Checksum]
    options: dict[str, Any]
    checksum: _Checksum


class Checkpoint(NamedTuple):
    """A checkpoint on disk.

    Attributes:
        folder: its directory.
        chunk_words: the most words of a chunk.
        history: what is trained.
        checksums: the CRC-32 of each matrix.
        shapes: the shape of each matrix.
        options: those of the training.
    """

    folder: Path
    chunk_words: int
    history: History
    checksums: Mapping[str, int]
    shapes: Mapping[str, tuple[int, ...]]
    options: Mapping[str, Any]

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
        if not fits or not all(0 <= each < 2**63 for each in numbers):
            raise _damaged(
                self.folder / STATE,
                f"it has {count(done, 'chunk')} and {count(epochs, 'epoch')} that are not of this "
                f"training, which has {len(schedule):,} chunks, {in_an_epoch:,} in an epoch",
            )

    def matrices(self) -> dict[str, Matrix]:
        """Return all matrices by name, padded as in training.

        Raises:
            FormatError: they are damaged.
        """
        state = {name: np.empty(shape, np.float32) for name, shape in self.shapes.items()}
        self.restore(state)
        return state

    def restore(self, state: Mapping[str, Matrix]) -> None:
        """Fill matrices, which are given by name, with those of the checkpoint.

        Raises:
            FormatError: they are damaged, or of another training.
        """
        path = self.folder / MATRICES
        if set(self.shapes) != set(state):
            raise _damaged(path, f"it holds {', '.join(sorted(self.shapes))}")
        for name, matrix in state.items():
            if self.shapes[name] != matrix.shape:
                raise _damaged(path, f"{name} is float32 {self.shapes[name]}")
        for name, first, rows in self._blocks():
            state[name][first : first + len(rows)] = rows

    def verify(self) -> None:
        """Read the matrices, and compare them with their checksums.

        Raises:
            FormatError: they are damaged.
        """
        for _ in self._blocks():
            pass

    def _blocks(self) -> Iterator[tuple[str, int, NDArray[Any]]]:
        """Yield the matrices as `row_blocks` does; in the end, check that they are unchanged."""
        path, found = self.folder / MATRICES, dict.fromkeys(self.checksums, 0)
        try:
            for name, first, rows in row_blocks(path):
                found[name] = _checksum(rows, found[name])
                yield name, first, rows
        except (OSError, ValueError) as error:
            raise _damaged(path, error) from error
        changed = sorted(name for name in found if found[name] != self.checksums[name])
        if changed:
            raise _damaged(path, f"{changed[0]} does not have the checksum in {STATE}")


def latest_of(
    folder: Path, passed_over: dict[Path, FormatError] | None = None
) -> Checkpoint | None:
    """Return the newest checkpoint in a directory that can be read; None if there is none.

    Args:
        folder: the directory of the run.
        passed_over: checkpoints that cannot be used, and why. Those that cannot be read are added.

    Raises:
        FormatError: there are checkpoints, and none can be used.
    """
    problems = {} if passed_over is None else passed_over
    for path in reversed(checkpoints_in(folder)):
        if path not in problems:
            try:
                return _open(path)
            except FormatError as error:
                problems[path] = error
    if problems:
        newest = next(iter(problems.values()))
        raise FormatError(
            f"cannot continue from {newest}; delete {folder}, and train again"
        ) from newest
    return None


def _open(folder: Path) -> Checkpoint:
    path = folder / STATE
    try:
        content = parse_object(read_whole(path, _MOST_STATE_BYTES).decode())
        state = checked(_State, content)
        if _checksum_of(content) != state.checksum:
            raise ValueError("it does not have its own checksum")
        path = folder / MATRICES
        kinds = tensors_in(path)  # checks that the file is complete
    except (OSError, ValueError) as error:
        raise _damaged(path, error) from error
    if not all(kind.is_matrix and kind.dtype == "F32" for kind in kinds.values()):
        raise _damaged(path, "it holds other things than matrices of float32")
    if set(kinds) != set(state.checksums):
        raise _damaged(path, f"it holds other matrices than {STATE} has checksums of")
    chunks, words = state.history.chunks, state.history.words
    if words > chunks * state.chunk_words:
        raise _damaged(
            folder / STATE,
            f"{count(chunks, 'chunk')} of at most {count(state.chunk_words, 'word')} cannot have "
            f"{count(words, 'word')}",
        )
    shapes = {name: kind.shape for name, kind in kinds.items()}
    return Checkpoint(
        folder, state.chunk_words, state.history, state.checksums, shapes, state.options
    )


def _damaged(path: Path, reason: object) -> FormatError:
    """Return what is wrong with a checkpoint; what to do depends on whether there is another."""
    return FormatError(f"{path}: {reason_of(reason) if isinstance(reason, OSError) else reason}")


def _checksum(rows: NDArray[Any], before: int = 0) -> int:
    """Return the CRC-32 of the rows of a matrix as a file holds them, after other rows."""
    return zlib.crc32(np.ascontiguousarray(rows, rows.dtype.newbyteorder("<")).data, before)


def _checksum_of(content: Mapping[str, Any]) -> int:
    """Return the CRC-32 of a JSON object, without its checksum, in any order of its names."""
    rest = {name: value for name, value in content.items() if name != "checksum"}
    return zlib.crc32(json.dumps(rest, sort_keys=True).encode())


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


def size_of(path: Path) -> int:
    """Return the bytes that a checkpoint takes on the disk."""
    return sum(each.stat().st_size for each in path.iterdir())


def keep_newest(folder: Path, most: int, *, verified: bool = False) -> None:
    """Delete all checkpoints but the newest ones that can be read.

    Args:
        folder: the directory of the run.
        most: how many to keep.
        verified: whether to compare their checksums too, which takes as long as reading them.
    """
    for path in reversed(checkpoints_in(folder)):
        if most and _is_readable(path, verified=verified):
            most -= 1
        else:
            remove(path)


def _is_readable(path: Path, *, verified: bool) -> bool:
    try:
        checkpoint = _open(path)
        if verified:
            checkpoint.verify()
    except FormatError:
        return False
    return True


class Checkpoints:
    """Writes the checkpoints of a training, when they are due and when a signal would end it.

    Args:
        folder: the directory of the run.
        interval: how often they are due; None to write none.
        signals: noted while the training lasts.
        options: the options of the training, as JSON has them; checkpoints record them.

    Attributes:
        latest: the checkpoint from which the training continues; None if it begins.
    """

    def __init__(
        self,
        folder: Path,
        interval: Interval | None,
        signals: DeferredSignals,
        options: Mapping[str, Any],
    ) -> None:
        self._passed_over: dict[Path, FormatError] = {}
        self.latest = latest_of(folder, self._passed_over)
        self._failure: str | None = None
        self._folder = folder
        self._interval = interval
        self._signals = signals
        self._options = options
        self._chunk_words = 0
        self._words = 0.0
        self._written = 0.0
        self._least_seconds = 0.0

    def use_latest(self, use: Callable[[Checkpoint], Result]) -> Result | None:
        """Call a function with the newest checkpoint; with the next one if it raises a FormatError.

        Returns:
            What the function returns; None if there is no checkpoint.

        Raises:
            FormatError: none can be used.
        """
        while self.latest:
            try:
                return use(self.latest)
            except FormatError as error:
                self._passed_over[self.latest.folder] = error
                self.latest = latest_of(self._folder, self._passed_over)
        return None

    def discard_passed_over(self, report: Report) -> None:
        """Report and delete the checkpoints that were passed over, because another one is used.

        Otherwise they would count as the newest ones.
        """
        for path, error in self._passed_over.items():
            report(CheckpointPassedOver(path, str(error)))
            remove(path)

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
            path = self._write_in_place_of_older(history, state)
        except OutputError as error:
            self._failure = str(error)
            report(CheckpointFailed(self._failure))
        else:
            self._failure = None
            report(CheckpointWritten(path, raw_words, time.perf_counter() - started))
        self._written, self._words = time.perf_counter(), raw_words
        self._least_seconds = (self._written - started) * (1 / MOST_SHARE - 1)
        if self._signals.pending is not None:
            self._signals.release()
            self._signals.defer()  # the handler of the signal may let the run continue

    def describe_failure(self) -> str:
        """Say why the last checkpoint was not written, and which one there is; "" if it was."""
        if self._failure is None:
            return ""
        found = None
        with contextlib.suppress(FormatError):  # continuing the training explains that
            found = latest_of(self._folder)
        if found is None:
            return f"no checkpoint was written ({self._failure}); "
        trained = timedelta(seconds=round(found.history.seconds))
        return f"the last checkpoint is that after {trained}, not of now ({self._failure}); "

    def _write_in_place_of_older(self, history: History, state: Mapping[str, Matrix]) -> Path:
        """Write a checkpoint; if the disk is full, once more without the older of the others."""
        try:
            return self._write(history, state)
        except OutputError as error:
            is_full = isinstance(error.__cause__, OSError) and error.__cause__.errno in NO_SPACE
            if not is_full or len(checkpoints_in(self._folder)) < KEPT:
                raise
        keep_newest(self._folder, 1, verified=True)
        return self._write(history, state)

    def _write(self, history: History, state: Mapping[str, Matrix]) -> Path:
        path = self._folder / f"{_PREFIX}{history.chunks:09}"
        content: dict[str, Any] = {
            "version": 1,
            "chunk_words": self._chunk_words,
            "history": history.model_dump(),
            "checksums": {name: _checksum(matrix) for name, matrix in state.items()},
            "options": dict(self._options),
        }
        # ASCII, because options may be paths with bytes that are not UTF-8.
        text = json.dumps(content | {"checksum": _checksum_of(content)}, indent=2) + "\n"
        with replacing_directory(path, _size_of(state), elsewhere="") as new:
            with (new / MATRICES).open("xb") as file:
                write_tensors(file, state, {})
            (new / STATE).write_text(text, encoding="utf-8")
        keep_newest(self._folder, KEPT)
        return path


def _size_of(state: Mapping[str, Matrix]) -> int:
    """Return the bytes of matrices, which are nearly all of a checkpoint."""
    return sum(matrix.nbytes for matrix in state.values())
