"""Progress on the screen: bars in a terminal, plain lines elsewhere."""

from __future__ import annotations

import contextlib
import shutil
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from skipgram.errors import OutputError
from skipgram.io.directories import DirectoryKind, check_directory
from skipgram.training.events import (
    BestEpochTaken,
    ChunkTrained,
    EpochFinished,
    Event,
    MemoryPlanned,
    Report,
    ScanFinished,
    ScanProgressed,
    StageProgressed,
    TrainingStarted,
    TrialFinished,
    VectorsGiven,
    silent,
)
from skipgram.training.memory import describe_bytes

SECONDS_BETWEEN_LINES = 10.0


@contextlib.contextmanager
def reporting(
    output: Path | None, kind: DirectoryKind | None = None, *, quiet: bool
) -> Iterator[Report]:
    """Yield a report for work whose result, if it makes one, goes to `output`: shown on standard error unless quiet.

    Raises:
        OutputError: before any work where `output` could not be written; before training where it would not fit.
    """
    if output and kind:
        check_directory(output, kind)
    with contextlib.ExitStack() as stack:
        show = silent if quiet else stack.enter_context(Bars()) if sys.stderr.isatty() else Lines()

        def report(event: Event) -> None:
            show(event)
            if output and isinstance(event, MemoryPlanned):
                place = next(
                    parent
                    for parent in (output.absolute(), *output.absolute().parents)
                    if parent.exists()
                )
                check_space(place, event.saved)

        yield report


def check_space(place: Path, wanted: int) -> None:
    """Refuse a disk with less than `wanted` bytes free."""
    free = shutil.disk_usage(place).free
    if wanted > free:
        needs = f"it takes {describe_bytes(wanted)}, {describe_bytes(free)} are free"
        raise OutputError(
            f"no space left for the model in {place}: {needs}; make room or give another place"
        )


def describe_scan(event: ScanFinished) -> str:
    """Say in a line what the scan found and what it dropped."""
    report = event.report
    text = (
        f"corpus: {report.raw_words:,} words, {event.sentences:,} sentences; vocabulary: {event.vocabulary:,} of "
        f"{report.distinct_words:,} different words, {report.rare_words:,} rare occurrences dropped; {report.seconds:.1f} s"
    )
    if report.undecodable_words:
        text += f"\nwarning: {report.undecodable_words:,} words are not UTF-8 and were dropped; convert the text to UTF-8"
    return text


def describe_given(event: VectorsGiven) -> str:
    """Say in a line how many words begin at given vectors."""
    besides = (
        f"; {event.untrained:,} words that the corpus does not hold stay as given"
        if event.untrained
        else ""
    )
    return f"start: {event.known:,} words at given vectors, {event.fresh:,} at fresh ones{besides}"


def describe_plan(event: MemoryPlanned) -> str:
    """Say in a line what training is about to take."""
    items = ", ".join(f"{name} {describe_bytes(size)}" for name, size in event.items)
    return (
        f"memory: {describe_bytes(event.total)} of {describe_bytes(event.available)} free ({items})"
    )


def describe_losses(event: EpochFinished) -> str:
    """Say the loss of an epoch, and of the held-out text."""
    return f"loss {event.loss:.4f}" + (
        "" if event.validation_loss is None else f", held-out loss {event.validation_loss:.4f}"
    )


def describe_best(event: BestEpochTaken) -> str:
    """Say in a line which epoch the vectors are of."""
    return f"the vectors are those of epoch {event.best} of {event.epochs}, which has the lowest held-out loss"


def describe_trial(event: TrialFinished) -> str:
    """Say in a line what was tried and what it came to."""
    options = ", ".join(f"{name} {value:.3g}" for name, value in event.options.items())
    came_to = "broke off" if event.score is None else f"{event.score:.4f}"
    return f"training {event.number}: {came_to} ({options}; {event.seconds:.1f} s)"


def describe_time(event: TrainingStarted) -> str:
    """Say in a line how long training is expected to take."""
    epoch = timedelta(seconds=round(event.expected_seconds or 0))
    return f"expected time: {epoch} an epoch, {epoch * event.epochs} for {event.epochs} epochs"


class Lines:
    """Events as plain lines: what was found, each epoch, and a sign of life every ten seconds."""

    def __init__(self) -> None:
        self._epochs = 0
        self._total = 0
        self._shown = 0.0

    def __call__(self, event: Event) -> None:
        """Show one event."""
        match event:
            case ScanFinished():
                self._print(describe_scan(event))
            case VectorsGiven():
                self._print(describe_given(event))
            case MemoryPlanned():
                self._print(describe_plan(event))
            case TrainingStarted():
                self._epochs, self._total = event.epochs, event.epochs * event.raw_words
                if event.expected_seconds is not None:
                    self._print(describe_time(event))
            case ChunkTrained() if event.seconds - self._shown >= SECONDS_BETWEEN_LINES:
                self._shown = event.seconds
                speed = event.raw_words / event.seconds
                self._print(
                    f"epoch {event.epoch}/{self._epochs}: {event.raw_words / self._total:.0%}, {speed:,.0f} raw words/s, "
                    f"rate {event.rate:.4f}, loss {event.loss:.4f}, {(self._total - event.raw_words) / speed:.0f} s left"
                )
            case EpochFinished():
                speed = self._total / self._epochs * event.epoch / event.seconds
                self._print(
                    f"epoch {event.epoch}/{self._epochs}: {describe_losses(event)}, {speed:,.0f} raw words/s"
                )
            case BestEpochTaken():
                self._print(describe_best(event))
            case TrialFinished():
                self._print(describe_trial(event))
            case StageProgressed(done=0):
                self._shown = 0.0
                self._print(f"{event.stage} ...")
            case StageProgressed() if event.done == event.total:
                self._print(f"{event.stage}: done in {event.seconds:.1f} s")
            case StageProgressed() if event.seconds - self._shown >= SECONDS_BETWEEN_LINES:
                self._shown = event.seconds
                self._print(f"{event.stage}: {event.done / event.total:.0%}")

    @staticmethod
    def _print(text: str) -> None:
        print(text, file=sys.stderr, flush=True)


class Bars:
    """Events as a bar for the scan and one for each epoch."""

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.description:<12}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%"),
            TextColumn("{task.fields[note]}"),
            TimeRemainingColumn(compact=True, elapsed_when_finished=True),
            console=Console(stderr=True),
        )
        self._bar: TaskID | None = None
        self._epoch = 0
        self._epochs = 0
        self._raw_words = 0

    def __enter__(self) -> Bars:
        self._progress.start()
        return self

    def __exit__(self, *reason: object) -> None:
        self._progress.stop()

    def __call__(self, event: Event) -> None:
        """Show one event."""
        match event:
            case ScanProgressed():
                note = f"{event.done / 1e6:,.0f} MB" if event.total else f"{event.done:,} words"
                self._show("scan", event.done, event.total or None, note)
            case ScanFinished():
                self._finish(f"{event.report.raw_words:,} words")
                self._progress.console.print(describe_scan(event), highlight=False)
            case VectorsGiven():
                self._progress.console.print(describe_given(event), highlight=False)
            case MemoryPlanned():
                self._progress.console.print(describe_plan(event), highlight=False)
            case TrainingStarted():
                self._epochs, self._raw_words = event.epochs, event.raw_words
                if event.expected_seconds is not None:
                    self._progress.console.print(describe_time(event), highlight=False)
            case ChunkTrained():
                if event.epoch > self._epoch:
                    self._bar, self._epoch = None, event.epoch
                done = event.raw_words - (event.epoch - 1) * self._raw_words
                note = f"{event.raw_words / event.seconds:,.0f} words/s  rate {event.rate:.4f}  loss {event.loss:.4f}"
                self._show(f"epoch {event.epoch}/{self._epochs}", done, self._raw_words, note)
            case EpochFinished():
                speed = event.epoch * self._raw_words / event.seconds
                self._finish(f"{speed:,.0f} words/s  {describe_losses(event)}")
            case BestEpochTaken():
                self._progress.console.print(describe_best(event), highlight=False)
            case TrialFinished():
                self._progress.console.print(describe_trial(event), highlight=False)
            case StageProgressed():
                self._show(event.stage, event.done, event.total or None, "")
                if 0 < event.done == event.total:
                    self._finish("")

    def _show(self, name: str, done: float, total: float | None, note: str) -> None:
        if self._bar is None:
            self._bar = self._progress.add_task(name, total=total, note=note)
        self._progress.update(self._bar, completed=done, note=note)

    def _finish(self, note: str) -> None:
        if self._bar is not None:
            total = self._progress.tasks[-1].total or 1
            self._progress.update(self._bar, completed=total, total=total, note=note)
            self._bar = None
