"""The directory of one training, from which it can be continued after an interruption.

    run.lock            locked while a process trains here; it holds the number of the process
    run.json            what is trained, and how (`RunRecord`); written after the scan
    corpus/             the encoded corpus, unless one was given (`corpus.stored`)
    held-out/           ids and offsets of the held-out text, if it is a file
    start/              the model that the training starts from, if there is one; written before
                        the scan
    checkpoint-N/       the last two checkpoints (`training.checkpoint`)
    training.jsonl      the log (`training.log`), from the beginning to the end of a training
    model/              the finished model of a training from Python; it stays until the next one
                        has ended, and is otherwise left alone with the lock

`skipgram train --output MODEL` uses MODEL.run, and deletes it when the model is saved. All of it
must be regular files and directories of the user: a link would say where else to write or delete.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import time
from contextlib import AbstractContextManager
from itertools import filterfalse
from pathlib import Path
from types import TracebackType
from typing import Literal

from skipgram import model_directory
from skipgram.corpus.encoded import EncodedCorpus
from skipgram.embeddings import Embeddings
from skipgram.errors import (
    ConfigError,
    FormatError,
    MemoryPlanError,
    OutputError,
    SkipgramError,
    TrainingError,
)
from skipgram.intervals import Interval
from skipgram.io.atomic import explained, replacing_file, target_of
from skipgram.io.directories import LOG, check_writable
from skipgram.io.leftovers import (
    RUN_LOCK,
    RUN_MODEL,
    RUN_RECORD,
    TEMPORARY,
    recover,
    remove,
)
from skipgram.io.locks import Lock
from skipgram.io.objects import parse_object
from skipgram.records import checked
from skipgram.regular_files import check_own_tree, read_whole
from skipgram.run_paths import has_ended, has_model
from skipgram.run_record import Plan, RunRecord
from skipgram.signals import DeferredSignals
from skipgram.training.checkpoint import (
    Checkpoints,
    checkpoints_in,
    is_checkpoint,
    keep_newest,
    latest_of,
    size_of,
)
from skipgram.training.events import Event, ModelNotKept, Report
from skipgram.training.log import TrainingLog
from skipgram.warm_start import WarmStart
from skipgram.wording import reason_of

CORPUS, HELD_OUT = "corpus", "held-out"
START = "start"

MOST_DISCARDED_SECONDS = 60.0
"""An interrupted training of at most this many seconds gives way to another one. A longer one has
to be continued, or deleted by hand."""

_MOST_RECORD_BYTES = 1 << 24


class RunDirectory:
    """The directory of one training, used as a context in which it is locked.

    If the context ends with an error, the directory is kept if a training can be continued from it
    that has a checkpoint or took more than a minute, or that this context has not begun. It is not
    kept if the training would fail again. Without an error, it is kept until `finish` or `keep` is
    called. A child that was forked meanwhile leaves it alone.

    A note on the error says how to continue.

    Args:
        path: the directory.
        command: how the user continues the training, for messages.
        output: where the command line saves the model; None if Python decides that.

    Attributes:
        path: the directory.
        corpus: where the encoded corpus is, unless it was given.
        held_out: where the held-out text is, if it is a file.
        signals: the signals that are deferred while it is trained.

    Raises:
        OutputError: another process trains here, or the directory cannot be written, is a link, or
            holds something else.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        command: str | None = None,
        output: Path | None = None,
    ) -> None:
        self.path = _without_link(path)
        self.corpus = self.path / CORPUS
        self.held_out = self.path / HELD_OUT
        self.signals = DeferredSignals()
        self._output = output
        self._command = command or self._command_of_python
        self._log = TrainingLog(self.path / LOG)
        self._lock = Lock(self.path / RUN_LOCK)
        self._saved: Path | None = None
        self._finished = False  # then the directory may be that of another process
        self._began: float | None = None
        self._checkpoints: Checkpoints | None = None
        self._made: list[Path] = []
        self._process = os.getpid()

    def __enter__(self) -> RunDirectory:
        self._check()
        self._made = [each for each in self.path.parents if not each.exists()]
        self._lock.acquire(f"train in {self.path}")
        return self

    def _check(self) -> None:
        """Check that the directory can be used, before anything is made.

        Only a new training refuses other files: systems add some of their own.
        """
        names = _names_in(self.path)
        if not self._is_run(names):
            foreign = sorted(names)
        else:
            foreign = [] if self.is_resumable else sorted(filterfalse(_is_ours, names))
        if foreign:
            raise OutputError(
                f"cannot train in {self.path}: it holds {foreign[0]!r}, which is not part of a "
                "run; choose another output"
            )
        check_writable(self.path / RUN_RECORD, self.path)
        if os.path.lexists(self.path):
            try:
                check_own_tree(self.path)
            except FileNotFoundError:
                return  # another process is deleting it
            except OSError as error:
                raise OutputError(
                    f"cannot train in {self.path}: {error.strerror}; delete it, or choose another "
                    "output"
                ) from error

    def _is_run(self, names: set[str]) -> bool:
        """Whether this is the directory of a run: the user may have a "corpus" in any other one."""
        if RUN_LOCK in names:
            return True
        with contextlib.suppress(FormatError):
            self.read_record()
            return True
        return False

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if os.getpid() != self._process:
            return
        try:
            if self._saved and error:
                error.add_note(f"the model was saved to {self._saved}")
            if self.path.is_dir() and not self._finished:
                self._leave(error)
        finally:
            self._lock.release()
            self.signals.restore()

    def _leave(self, error: BaseException | None) -> None:
        """Say how the training ended; delete the directory if there is little to continue."""
        if self._saved:
            self._clear(self._saved)
        elif self.is_resumable and (self._began is None or self._is_worth_keeping(error)):
            if error and self._can_go_on_after(error):
                failure = self._checkpoints.describe_failure() if self._checkpoints else ""
                error.add_note(f"{failure}to continue: {self._command}")
            self._log.end(_describe_end(error))
        elif self._began is not None:
            self._delete()
        elif not self.is_resumable:
            self._remove_lock()

    def _can_go_on_after(self, error: BaseException) -> bool:
        """Whether it makes sense to continue; before the training, it was not what failed."""
        if isinstance(error, KeyboardInterrupt | SystemExit):
            return True
        fails_again = isinstance(error, TrainingError | ConfigError | FormatError)
        trains = self._checkpoints is not None
        return trains and not fails_again and f"delete {self.path}" not in str(error)

    def _is_worth_keeping(self, error: BaseException | None) -> bool:
        if isinstance(error, TrainingError):  # only other options help, which another training has
            return False
        if checkpoints_in(self.path):
            return True
        # There may be more space or memory later.
        may_succeed = isinstance(error, OutputError | MemoryPlanError)
        would_fail_again = isinstance(error, SkipgramError) and not may_succeed
        seconds = time.perf_counter() - (self._began or 0.0)
        return seconds > MOST_DISCARDED_SECONDS and not would_fail_again

    def logging(self, report: Report) -> Report:
        """Return a report that also writes events to the log."""

        def report_and_log(event: Event) -> None:
            self._log(event)
            report(event)

        return report_and_log

    @property
    def _command_of_python(self) -> str:
        return f"skipgram.resume({str(self.path)!r})"

    @property
    def is_resumable(self) -> bool:
        """Whether a training can be continued from this directory."""
        return (self.path / RUN_RECORD).exists()

    @property
    def finished_model(self) -> Path | None:
        """The model of a training from Python that has finished here; None if there is none."""
        return self.path / RUN_MODEL if has_model(self.path) and has_ended(self.path) else None

    def begin(self, plan: Plan) -> float:
        """Begin another training: delete what is left of an interrupted one, if that is little.

        Args:
            plan: what will be trained.

        Returns:
            How many seconds of work were discarded.

        Raises:
            OutputError: an interrupted training took more than a minute, or cannot be read; the
                corpus is in this directory; or the command line would train beside a model that
                Python has trained.
        """
        self._check_outside(plan)
        self._recover_model()
        if self._output and has_model(self.path):
            raise OutputError(
                f"cannot train in {self.path}: it holds {self.path / RUN_MODEL}, which was trained "
                "from Python; move it away, or choose another output"
            )
        seconds = 0.0 if has_ended(self.path) else self._check_discardable(plan)
        self._began = time.perf_counter()
        self._remove_parts()
        self._log.begin()
        return seconds

    def _recover_model(self) -> None:
        """Complete or undo the replacement of an earlier model by a process that was killed."""
        try:
            recover(self.path / RUN_MODEL, by_user=True)  # the lock shows that it is gone
        except OSError as error:
            raise explained(self.path, 0, error) from error

    def _check_outside(self, plan: Plan) -> None:
        """Check that no text would be deleted with the parts of an earlier run."""
        texts = [
            ("corpus", each if isinstance(each, str) else each[0]) for each in plan.source or ()
        ]
        if isinstance(held_out := plan.config["validation"], str):
            texts.append(("held-out text", os.path.realpath(Path(held_out).expanduser())))
        for kind, path in texts:
            if Path(path).is_relative_to(self.path):
                raise OutputError(
                    f"cannot train in {self.path}: it holds the {kind} {path}, which would be "
                    "deleted; move it, or choose another output"
                )

    def _check_discardable(self, plan: Plan) -> float:
        remedy = f"delete {self.path} to start again"
        if has_model(self.path):
            remedy = f"move {self.path / RUN_MODEL} away and {remedy}"
        try:
            record = self.read_record() if self.is_resumable else None
            checkpoint = latest_of(self.path)
        except FormatError as error:
            raise OutputError(
                f"{self.path} holds an interrupted training that cannot be read ({error}); {remedy}"
            ) from error
        trained = checkpoint.history.seconds if checkpoint else 0.0
        is_scanned_here = record is not None and record.corpus is None
        seconds = trained + record.scan_seconds if record and is_scanned_here else trained
        if seconds > MOST_DISCARDED_SECONDS:
            described = self._describe(record, plan)
            raise OutputError(
                f"{self.path} holds an interrupted training that took {seconds:,.0f} s, "
                f"{described}{remedy}"
            )
        return trained

    def _describe(self, record: RunRecord | None, plan: Plan) -> str:
        """Say how an interrupted training differs from a new one, and how to continue it."""
        if record is None:
            return f"and cannot be continued without {RUN_RECORD}, which is missing; "
        command = self._command if record.output else self._command_of_python
        return f"{plan.differences(record)}; continue it with {command}, or "

    def read_record(self) -> RunRecord:
        """Return what is trained here.

        Raises:
            FormatError: the record is missing or damaged.
        """
        path = self.path / RUN_RECORD
        try:
            return checked(RunRecord, parse_object(read_whole(path, _MOST_RECORD_BYTES).decode()))
        except (OSError, ValueError) as error:
            raise FormatError(
                f"cannot read {path}: {reason_of(error)}; delete {self.path}, and train again"
            ) from error

    def save_start(self, warm_start: WarmStart) -> None:
        """Save what the training starts from, before the scan: if that fails, little is lost.

        Raises:
            FormatError: a word has no UTF-8 form.
            OutputError: the disk is full.
        """
        model_directory.save(warm_start.needed(), self.path / START)

    def record(
        self,
        plan: Plan,
        corpus: EncodedCorpus,
        warm_start: WarmStart | None,
        given: Path | None,
        held_out: EncodedCorpus | None,
    ) -> None:
        """Record what is trained here. From now on the training can be continued.

        Args:
            plan: what is trained.
            corpus: the encoded corpus.
            warm_start: what the training starts from.
            given: the directory of the corpus, if it was given in encoded form.
            held_out: the held-out text, if it is a file.
        """
        started_from: Literal["initial", "resume_from"] | None = None
        if warm_start:
            started_from = "resume_from" if warm_start.growing else "initial"
        record = RunRecord(
            version=1,
            output=str(self._output) if self._output else None,
            **plan._asdict(),
            corpus=str(given.resolve()) if given else None,
            fingerprint=corpus.fingerprint,
            held_out=held_out.fingerprint if held_out else None,
            scan_seconds=corpus.report.seconds,
            started_from=started_from,
            freeze=warm_start is not None and warm_start.freeze,
        )
        # ASCII, because a path may hold bytes that are not UTF-8, which JSON can only hold escaped.
        content = json.dumps(record.model_dump(), indent=2).encode()
        with replacing_file(self.path / RUN_RECORD, len(content)) as file:
            file.write(content)

    def checkpoints(self, interval: Interval | None) -> Checkpoints:
        """Return where checkpoints are written, and the latest of them. The training begins now.

        Raises:
            FormatError: there are checkpoints, and all are damaged; or the record is.
        """
        options = self.read_record().options
        self._checkpoints = Checkpoints(self.path, interval, self.signals, options)
        return self._checkpoints

    def make_room(self) -> None:
        """Delete checkpoints, which may be in the way of the model; keep the newest undamaged one.

        If saving fails, that one is the only way to continue.
        """
        keep_newest(self.path, 1, verified=True)

    def room(self) -> int:
        """Return how many bytes `make_room` would free."""
        return sum(map(size_of, checkpoints_in(self.path)[:-1]))

    def finish(self, model: Path) -> None:
        """Delete all but the model, if that is here; the log moves to it if it is a directory."""
        self._saved = model  # an interruption from here on ends this all the same
        self._log.end("finished")
        if model.is_dir():
            with contextlib.suppress(OSError):
                shutil.move(self.path / LOG, model / LOG)
        self._clear(model)

    def keep(self, embeddings: Embeddings, report: Report) -> None:
        """Keep only the finished model: the caller may not be able to save it anywhere else.

        If it cannot be saved here either, `report` is told, and the last checkpoint stays.
        """
        self.signals.release()  # an interruption keeps the directory, and so the work
        self.make_room()
        try:
            model_directory.save(embeddings, self.path / RUN_MODEL)
        except SkipgramError as error:
            report(ModelNotKept(self.path / RUN_MODEL, str(error)))
            return
        self.finish(self.path / RUN_MODEL)

    def _clear(self, model: Path) -> None:
        """Delete all but the model, if that is kept here."""
        if model == self.path / RUN_MODEL:
            self._remove_parts()
        else:
            self._delete()
        self._finished = True

    def _remove_parts(self) -> None:
        """Delete all that is ours, but the lock and the model of an earlier training."""
        # First what shows that the training has not ended: the rest is nothing to continue from.
        remove(self.path / LOG)
        remove(self.path / RUN_RECORD)
        for name in _names_in(self.path) - {RUN_LOCK, RUN_MODEL}:
            if _is_ours(name):
                remove(self.path / name)

    def _delete(self) -> None:
        """Delete the parts, and then the lock, because it keeps others out."""
        self._remove_parts()
        self._remove_lock()

    def _remove_lock(self) -> None:
        """Delete the lock and empty directories. It stays if parts do: it marks them as ours."""
        if any(_is_ours(name) for name in _names_in(self.path) - {RUN_LOCK}):
            return
        self._lock.remove()
        with contextlib.suppress(OSError):
            for folder in (self.path, *self._made):  # only if it is empty
                folder.rmdir()


def opened_run(
    directory: str | os.PathLike[str] | RunDirectory | None,
) -> AbstractContextManager[RunDirectory | None]:
    """Return a context with an open directory; it is closed if it was given as a path."""
    if isinstance(directory, RunDirectory | None):
        return contextlib.nullcontext(directory)
    return RunDirectory(directory)


def _without_link(path: str | os.PathLike[str]) -> Path:
    """Return the path of the directory: a link would say which one is written and deleted."""
    target = target_of(path)
    if Path(path).expanduser().is_symlink():
        raise OutputError(
            f"cannot train in {path}: it is a link; remove it, or choose another output"
        )
    return target


def _names_in(path: Path) -> set[str]:
    try:
        return {each.name for each in path.iterdir()}
    except (FileNotFoundError, NotADirectoryError):
        return set()


def _is_ours(name: str) -> bool:
    """Whether a name in the directory of a run is that of a part, or of a half-written one."""
    parts = {RUN_LOCK, RUN_RECORD, CORPUS, HELD_OUT, START, RUN_MODEL, LOG}
    return name in parts or is_checkpoint(name) or name.startswith(TEMPORARY)


def _describe_end(error: BaseException | None) -> str:
    """Return why a training ended, for the log."""
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    if isinstance(error, SystemExit):
        return f"ended by a signal (exit code {error.code})"
    return f"{type(error).__name__}: {error}" if error else "not saved"
