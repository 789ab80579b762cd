"""Progress on standard error: bars in a terminal, plain lines elsewhere."""

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
from skipgram.wording import count

SECONDS_BETWEEN_LINES = 10.0


@contextlib.contextmanager
def reporting(
    output: Path | None, kind: DirectoryKind | None = None, *, quiet: bool
) -> Iterator[Report]:
    """Yield a report that shows progress on standard error, unless quiet.

    Args:
        output: where the result will be saved, if it will be.
        kind: the kind of directory that `output` will be.
        quiet: show nothing.

    Raises:
        OutputError: `output` cannot be written, or the planned model would not fit on the disk.
    """
    if output and kind:
        check_directory(output, kind)
    with contextlib.ExitStack() as stack:
        show: Report = silent
        if not quiet:
            show = stack.enter_context(Bars()) if sys.stderr.isatty() else Lines()

        def report(event: Event) -> None:
            show(event)
            if output and isinstance(event, MemoryPlanned):
                check_space(output, event.saved)

        yield report


def check_space(output: Path, needed: int) -> None:
    """Reject an output on a disk with less than `needed` bytes free."""
    paths = (output.absolute(), *output.absolute().parents)
    place = next(path for path in paths if path.exists())
    free = shutil.disk_usage(place).free
    if needed > free:
        raise OutputError(
            f"not enough space for the model in {place}: it needs {describe_bytes(needed)}, but "
            f"only {describe_bytes(free)} is free; free some space, or choose another --output"
        )


def describe_scan(event: ScanFinished) -> str:
    """Describe what the scan found and what it dropped."""
    report = event.report
    text = (
        f"corpus: {count(report.raw_words, 'word')}, {count(event.sentences, 'sentence')}; "
        "vocabulary: "
        f"{event.vocabulary:,} of {report.distinct_words:,} different words, "
        f"{count(report.rare_words, 'rare occurrence')} dropped; {report.seconds:.1f} s"
    )
    if report.undecodable_words:
        text += (
            f"\nwarning: {report.undecodable_words:,} words are not UTF-8 and were dropped; "
            "convert the text to UTF-8"
        )
    if report.rows_without_value:
        text += (
            f"\nwarning: {report.rows_without_value:,} rows without an item, a group or a value to "
            "order by were dropped"
        )
    if report.skipped_files:
        files = "file that is" if report.skipped_files == 1 else "files that are"
        text += f"\nskipped {report.skipped_files:,} {files} not text: {report.first_skipped}"
    if report.nul_bytes:
        text += (
            f"\nwarning: {report.nul_bytes:,} NUL bytes were dropped; the first is in "
            f"{report.first_nul}"
        )
    return "\n".join(filter(None, [text, event.advice]))


def describe_given(event: VectorsGiven) -> str:
    """Describe how many words start from given vectors."""
    text = f"warm start: {event.known:,} words from given vectors, {event.fresh:,} from random ones"
    if event.untrained:
        text += f"; {event.untrained:,} words not in the corpus are kept unchanged"
    return text


def describe_plan(event: MemoryPlanned) -> str:
    """Describe the memory that training needs."""
    items = ", ".join(f"{name} {describe_bytes(size)}" for name, size in event.items)
    total, available = describe_bytes(event.total), describe_bytes(event.available)
    return f"memory: {total} of {available} available ({items})"


def describe_time(event: TrainingStarted) -> str:
    """Describe how long training is expected to take."""
    epoch = timedelta(seconds=round(event.expected_seconds or 0))
    total = f"{epoch * event.epochs} for {count(event.epochs, 'epoch')}"
    return f"expected time: {epoch} an epoch, {total}"


def describe_losses(event: EpochFinished) -> str:
    """Describe the loss of an epoch, and the loss of held-out text if there is any."""
    held_out = event.validation_loss
    return f"loss {event.loss:.4f}" + (
        "" if held_out is None else f", held-out loss {held_out:.4f}"
    )


def describe_best(event: BestEpochTaken) -> str:
    """Describe which epoch the vectors are from."""
    best = f"epoch {event.best} of {event.epochs}"
    return f"the vectors are those of {best}, which has the lowest held-out loss"


def describe_trial(event: TrialFinished) -> str:
    """Describe the options and the score of one trial of a search."""
    options = ", ".join(f"{name} {value:.3g}" for name, value in event.options.items())
    score = "failed" if event.score is None else f"{event.score:.4f}"
    return f"trial {event.number}: {score} ({options}; {event.seconds:.1f} s)"


class Lines:
    """Shows events as plain lines; within an epoch or a stage, one every ten seconds."""

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
                self._print(self._describe_chunk(event))
            case EpochFinished():
                speed = self._total / self._epochs * event.epoch / event.seconds
                losses = describe_losses(event)
                self._print(
                    f"epoch {event.epoch}/{self._epochs}: {losses}, {speed:,.0f} raw words/s"
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

    def _describe_chunk(self, event: ChunkTrained) -> str:
        speed = event.raw_words / event.seconds
        seconds_left = (self._total - event.raw_words) / speed
        return (
            f"epoch {event.epoch}/{self._epochs}: {event.raw_words / self._total:.0%}, "
            f"{speed:,.0f} raw words/s, rate {event.rate:.4f}, loss {event.loss:.4f}, "
            f"{seconds_left:.0f} s left"
        )

    @staticmethod
    def _print(text: str) -> None:
        print(text, file=sys.stderr, flush=True)


class Bars:
    """Shows events as progress bars: one for the scan, and one for each epoch or stage."""

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
                self._print(describe_scan(event))
            case VectorsGiven():
                self._print(describe_given(event))
            case MemoryPlanned():
                self._print(describe_plan(event))
            case TrainingStarted():
                self._epochs, self._raw_words = event.epochs, event.raw_words
                if event.expected_seconds is not None:
                    self._print(describe_time(event))
            case ChunkTrained():
                if event.epoch > self._epoch:
                    self._bar, self._epoch = None, event.epoch
                done = event.raw_words - (event.epoch - 1) * self._raw_words
                speed = event.raw_words / event.seconds
                note = f"{speed:,.0f} words/s  rate {event.rate:.4f}  loss {event.loss:.4f}"
                self._show(f"epoch {event.epoch}/{self._epochs}", done, self._raw_words, note)
            case EpochFinished():
                speed = event.epoch * self._raw_words / event.seconds
                self._finish(f"{speed:,.0f} words/s  {describe_losses(event)}")
            case BestEpochTaken():
                self._print(describe_best(event))
            case TrialFinished():
                self._print(describe_trial(event))
            case StageProgressed():
                self._show(event.stage, event.done, event.total or None, "")
                if 0 < event.done == event.total:
                    self._finish("")

    def _print(self, text: str) -> None:
        self._progress.console.print(text, highlight=False)

    def _show(self, name: str, done: float, total: float | None, note: str) -> None:
        if self._bar is None:
            self._bar = self._progress.add_task(name, total=total, note=note)
        self._progress.update(self._bar, completed=done, note=note)

    def _finish(self, note: str) -> None:
        if self._bar is not None:
            total = self._progress.tasks[-1].total or 1
            self._progress.update(self._bar, completed=total, total=total, note=note)
            self._bar = None
