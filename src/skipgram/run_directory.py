"""The directory of one training, from which it can go on after an interruption.

    run.lock            locked while a process trains here; it holds the number of the process
    run.json            what is trained, and how (`Record`); written after the scan
    corpus/             the encoded corpus, unless one was given (`corpus.stored`)
    held-out/           ids and offsets of the held-out text, if it is a file
    start/              the model that the training starts from, if there is one
    checkpoint-N/       the last two checkpoints (`training.checkpoint`)
    training.jsonl      the log (`training.log`)

`skipgram train --output MODEL` uses MODEL.run, and deletes it when the model is saved.
"""

from __future__ import annotations

import contextlib
import math
import os
import shutil
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from skipgram import model_directory
from skipgram.config import TrainConfig
from skipgram.corpus.encoded import EncodedCorpus
from skipgram.errors import FormatError, OutputError, SkipgramError
from skipgram.intervals import Interval
from skipgram.io.atomic import replacing_file, target_of
from skipgram.io.directories import LOG, RUN_LOCK, check_writable
from skipgram.io.leftovers import TEMPORARY, remove
from skipgram.io.locks import Lock
from skipgram.regular_files import read_whole
from skipgram.signals import DeferredSignals
from skipgram.training.checkpoint import CHECKPOINT, Checkpoints, checkpoints_in, latest_of
from skipgram.training.events import Event, Report
from skipgram.training.log import TrainingLog
from skipgram.warm_start import WarmStart

RECORD = "run.json"
CORPUS, HELD_OUT = "corpus", "held-out"
START = "start"
SUFFIX = ".run"

MOST_DISCARDED_SECONDS = 60.0
"""An interrupted training of at most this many seconds gives way to another one. A longer one has
to be continued, or deleted by hand."""


class Record(BaseModel):
    """What is trained, and how.

    Attributes:
        version: that of this layout.
        config: the options of training, all decided.
        corpus: the directory of the encoded corpus; None if it is in the directory of the run.
        fingerprint: that of the encoded corpus.
        scan_seconds: how long it took to read the corpus.
        started_from: the option that gave the vectors to start from.
        freeze: whether these vectors stay as they are.
    """

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    version: Literal[1] = 1
    config: dict[str, Any]
    corpus: str | None
    fingerprint: str
    scan_seconds: float
    started_from: Literal["initial", "resume_from"] | None
    freeze: bool


def run_directory_of(output: str | os.PathLike[str]) -> Path:
    """Return the directory of the training that writes to `output`."""
    target = target_of(output)
    return target.with_name(target.name + SUFFIX)


class RunDirectory:
    """The directory of one training, used as a context in which it is locked.

    After an error, the directory is kept if there is a checkpoint, or if it took more than a minute
    to read the corpus. Without an error, it is kept until `finish` is called.

    Args:
        path: the directory.

    Attributes:
        path: the directory.
        corpus: where the encoded corpus is, unless it was given.
        held_out: where the held-out text is, if it is a file.

    Raises:
        OutputError: another process trains here, or the directory cannot be written or holds
            something else.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = target_of(path)
        self.corpus = self.path / CORPUS
        self.held_out = self.path / HELD_OUT
        self._log = TrainingLog(self.path / LOG)
        self._lock = Lock(self.path / RUN_LOCK)
        self._signals = DeferredSignals()
        self._finished = False
        self._scan_seconds = math.inf
        self._made: list[Path] = []

    def __enter__(self) -> RunDirectory:
        foreign = sorted(name for name in _names_in(self.path) if not _is_ours(name))
        if foreign:
            raise OutputError(
                f"cannot train in {self.path}: it holds {foreign[0]!r}, which is not part of a "
                "run; choose another output"
            )
        check_writable(self.path / RECORD, self.path)
        self._made = [each for each in self.path.parents if not each.exists()]
        self._lock.acquire(f"train in {self.path}")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if self.path.is_dir() and not self._finished:
                self._leave(error)
        finally:
            self._lock.release()
        if error is None:
            self._signals.release()
        else:
            self._signals.restore()

    def _leave(self, error: BaseException | None) -> None:
        """Say how the training ended; delete the directory if there is little to go on from."""
        would_fail_again = isinstance(error, SkipgramError) and not isinstance(error, OutputError)
        took_long = self._scan_seconds > MOST_DISCARDED_SECONDS
        has_more = took_long and not would_fail_again
        if self.is_resumable and (checkpoints_in(self.path) or has_more):
            self._log.end(_describe_end(error))
        else:
            self._delete()

    def logging(self, report: Report) -> Report:
        """Return a report that also writes events to the log."""

        def report_and_log(event: Event) -> None:
            self._log(event)
            report(event)

        return report_and_log

    @property
    def output(self) -> Path | None:
        """Where `skipgram train` saves the model of this run; None if Python decides that."""
        name = self.path.name
        return self.path.with_name(name.removesuffix(SUFFIX)) if name.endswith(SUFFIX) else None

    @property
    def is_resumable(self) -> bool:
        """Whether a training can go on from this directory."""
        return (self.path / RECORD).exists()

    def begin(self, config: Mapping[str, Any]) -> float:
        """Begin another training: delete what is left of an interrupted one, if that is little.

        Args:
            config: the options of the new training.

        Returns:
            How many seconds of work were discarded.

        Raises:
            OutputError: an interrupted training took more than a minute.
        """
        seconds = 0.0
        if self.is_resumable:
            with contextlib.suppress(FormatError):
                seconds = self._check_discardable(config)
        for name in _names_in(self.path) - {RUN_LOCK}:
            remove(self.path / name)
        return seconds

    def _check_discardable(self, config: Mapping[str, Any]) -> float:
        record, checkpoint = self.read_record(), latest_of(self.path)
        trained = checkpoint.history.seconds if checkpoint else 0.0
        if record.scan_seconds + trained > MOST_DISCARDED_SECONDS:
            how = f"`skipgram resume {self.output}`" if self.output else "skipgram.resume"
            raise OutputError(
                f"{self.path} holds an interrupted training that took "
                f"{record.scan_seconds + trained:,.0f} s, "
                f"{_describe_differences(record.config, config)}; continue it with {how}, or "
                f"delete {self.path} to start again"
            )
        return trained

    def read_record(self) -> Record:
        """Return what is trained here.

        Raises:
            FormatError: the record is missing or damaged.
        """
        path = self.path / RECORD
        try:
            return Record.model_validate_json(read_whole(path))
        except (OSError, ValidationError) as error:
            reason = error if isinstance(error, OSError) else error.errors()[0]["msg"]
            raise FormatError(
                f"cannot read {path}: {reason}; delete {self.path}, and train again"
            ) from error

    def record(
        self,
        config: TrainConfig,
        corpus: EncodedCorpus,
        warm_start: WarmStart | None,
        given: Path | None,
    ) -> None:
        """Record what is trained here. From now on the training can go on from here.

        Args:
            config: the options, all decided.
            corpus: the encoded corpus.
            warm_start: what the training starts from.
            given: the directory of the corpus, if it was given in encoded form.
        """
        self._scan_seconds = corpus.report.seconds
        started_from: Literal["initial", "resume_from"] | None = None
        if warm_start:
            started_from = "resume_from" if warm_start.growing else "initial"
            model_directory.save(warm_start.embeddings, self.path / START)
        record = Record(
            config=config.model_dump(),
            corpus=str(given.resolve()) if given else None,
            fingerprint=corpus.fingerprint,
            scan_seconds=corpus.report.seconds,
            started_from=started_from,
            freeze=warm_start is not None and warm_start.freeze,
        )
        content = record.model_dump_json(indent=2).encode()
        with replacing_file(self.path / RECORD, len(content)) as file:
            file.write(content)

    def checkpoints(self, interval: Interval) -> Checkpoints:
        """Return where checkpoints are written, and the latest of them.

        Raises:
            FormatError: there are checkpoints, and all are damaged.
        """
        return Checkpoints(self.path, interval, self._signals)

    def finish(self, model: Path | None = None) -> None:
        """Delete the directory. The log moves to the model if that is a directory."""
        self._log.end("finished")
        if model is not None and model.is_dir():
            with contextlib.suppress(OSError):
                shutil.move(self.path / LOG, model / LOG)
        self._finished = True
        self._delete()

    def _delete(self) -> None:
        # The record first: what is left without it is nothing to go on from.
        remove(self.path / RECORD)
        for name in _names_in(self.path):
            remove(self.path / name)
        with contextlib.suppress(OSError):
            for folder in (self.path, *self._made):  # only if it is empty
                folder.rmdir()


def opened(
    directory: str | os.PathLike[str] | RunDirectory | None,
) -> AbstractContextManager[RunDirectory | None]:
    """Return a context with an open directory; it is closed if it was given as a path."""
    if isinstance(directory, RunDirectory | None):
        return contextlib.nullcontext(directory)
    return RunDirectory(directory)


def interrupted_at(path: str | os.PathLike[str]) -> Path:
    """Return the directory of an interrupted run, given itself or the output of the training.

    Raises:
        FormatError: there is no interrupted training.
    """
    for directory in (target_of(path), run_directory_of(path)):
        if (directory / RECORD).is_file():
            return directory
    raise FormatError(
        f"there is no interrupted training at {path}; give the output of `skipgram train`, or the "
        f"directory beside it that ends in {SUFFIX}"
    )


def _names_in(path: Path) -> set[str]:
    try:
        return {each.name for each in path.iterdir()}
    except (FileNotFoundError, NotADirectoryError):
        return set()


def _is_ours(name: str) -> bool:
    """Whether a name in the directory of a run is that of a part, or of a half-written one."""
    parts = {RUN_LOCK, RECORD, CORPUS, HELD_OUT, START, LOG}
    return name in parts or name.startswith((CHECKPOINT, TEMPORARY))


def _describe_end(error: BaseException | None) -> str:
    """Return why a training ended, for the log."""
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    if isinstance(error, SystemExit):
        return f"ended by a signal (exit code {error.code})"
    return f"{type(error).__name__}: {error}" if error else "not saved"


def _describe_differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Return how the options of an interrupted training differ from those of another one."""
    names = [name for name in sorted(before.keys() & now.keys()) if before[name] != now[name]]
    if not names:
        return "with the same options"
    return "with " + ", ".join(f"{name}={before[name]} instead of {now[name]}" for name in names)
