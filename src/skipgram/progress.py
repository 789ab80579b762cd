"""Progress of a run: bars in a terminal, one display in a notebook, plain lines elsewhere."""

from __future__ import annotations

import contextlib
import html
import inspect
import os
import sys
import time
import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TextIO, cast

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from skipgram.errors import ConfigError, SkipgramWarning
from skipgram.event_texts import describe, describe_in_options, describe_losses, describe_rise
from skipgram.io.messages import UnfailingStream
from skipgram.training.compiling import announcing_compiling
from skipgram.training.events import (
    BestEpochTaken,
    CheckpointFailed,
    ChunkTrained,
    EpochFinished,
    Event,
    ModelNotKept,
    Report,
    ScanFinished,
    ScanProgressed,
    StageProgressed,
    TrainingResumed,
    TrainingStarted,
    silent,
)
from skipgram.training.meter import TrainingMeter
from skipgram.wording import visible_lines

if TYPE_CHECKING:
    from IPython.display import DisplayHandle

    from skipgram.corpus.encoded import ScanReport

ShowProgress = Literal["auto"] | bool
"""What the argument `progress` may be: "auto" shows bars in a terminal and one display in a
notebook, True also plain lines elsewhere, and False shows nothing."""

SECONDS_BETWEEN_LINES = 10.0
SECONDS_BETWEEN_UPDATES = 0.2

_NOT_THE_CALLER = (f"{Path(__file__).parent}{os.sep}", contextlib.__file__)
"""The beginnings of the paths of this package, and of the module whose frames are between its."""


@contextlib.contextmanager
def reporting_to(report: Report, progress: ShowProgress) -> Iterator[Report]:
    """Yield a report that shows each event and passes it on to `report`; announce compiling.

    Where no events are shown, what was dropped from the corpus becomes a `SkipgramWarning`; so do
    the first checkpoint that fails, and a model that is not kept.

    Args:
        report: a function that is called with each event.
        progress: where to show the events.

    Raises:
        ConfigError: progress is none of the allowed values.
    """
    with showing(progress) as show:
        warn = _Warnings() if show is silent else silent

        def show_and_report(event: Event) -> None:
            show(event)
            warn(event)
            report(event)

        with announcing_compiling(show_and_report):
            yield show_and_report


@contextlib.contextmanager
def showing(progress: ShowProgress, *, as_options: bool = False) -> Iterator[Report]:
    """Yield a function that shows events where `progress` says.

    Advice names arguments of Python, or with `as_options` options of the command line.
    """
    if progress != "auto" and not isinstance(progress, bool):
        raise ConfigError(f'progress is {progress!r}; it must be "auto", True or False')
    if not progress:
        yield silent
    elif _in_notebook():
        with Notebook() as notebook:
            yield notebook
    elif sys.stderr and UnfailingStream(sys.stderr).isatty():
        with Bars(as_options=as_options) as bars:
            yield bars
    else:
        yield Lines(as_options=as_options) if progress is True and sys.stderr else silent


class _Warnings:
    """Warns of what is lost, instead of showing it."""

    def __init__(self) -> None:
        self._has_failed = False

    def __call__(self, event: Event) -> None:
        """Warn of an event; of the first checkpoint only that fails, because many may follow."""
        match event:
            case ScanFinished():
                warn_of_dropped(event.report)
            case CheckpointFailed() if self._has_failed:
                pass
            case CheckpointFailed() | ModelNotKept():
                self._has_failed = True
                text = describe(event).removeprefix("warning: ")
                warnings.warn(text, SkipgramWarning, stacklevel=_level_of_caller())


def warn_of_dropped(report: ScanReport) -> None:
    """Warn of what was dropped from a corpus, at the line that called this package."""
    for line in report.warnings():
        warnings.warn(line, SkipgramWarning, stacklevel=_level_of_caller())


def _level_of_caller() -> int:
    """Return the stacklevel, for the function that calls this, of the first frame outside."""
    frame, level = inspect.currentframe(), 0
    while frame and frame.f_code.co_filename.startswith(_NOT_THE_CALLER):
        frame, level = frame.f_back, level + 1
    return level


def _in_notebook() -> bool:
    """Return whether this code runs in a Jupyter kernel."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return getattr(shell, "kernel", None) is not None


class Lines:
    """Shows events as plain lines; within an epoch or a stage, one every ten seconds."""

    def __init__(self, *, as_options: bool = False) -> None:
        self._describe = describe_in_options if as_options else describe
        self._meter: TrainingMeter | None = None
        self._shown = 0.0

    def __call__(self, event: Event) -> None:
        """Show one event."""
        if text := self._describe(event):
            self._print(text)
        match event:
            case TrainingStarted():
                self._meter, self._shown = TrainingMeter(event), 0.0
            case TrainingResumed() if self._meter:
                self._meter.resume(event)
            case ChunkTrained() if self._meter:
                self._meter.add(event)
                if event.seconds - self._shown >= SECONDS_BETWEEN_LINES:
                    self._shown = event.seconds
                    self._print(self._describe_chunk(event, self._meter))
            case EpochFinished() if self._meter:
                speed, losses = self._meter.mean_speed(event), describe_losses(event)
                epoch = f"epoch {event.epoch}/{self._meter.epochs}"
                self._print(f"{epoch}: {losses}, {speed:,.0f} raw words/s")
                self._meter.add_epoch(event)
                if note := describe_rise(event, self._meter):
                    self._print(note)
            case StageProgressed(done=0):
                self._shown = 0.0
                self._print(f"{event.stage} ...")
            case StageProgressed() if event.done == event.total:
                self._print(f"{event.stage}: done in {event.seconds:.1f} s")
            case StageProgressed() if event.seconds - self._shown >= SECONDS_BETWEEN_LINES:
                self._shown = event.seconds
                self._print(f"{event.stage}: {event.done / event.total:.0%}")

    @staticmethod
    def _describe_chunk(event: ChunkTrained, meter: TrainingMeter) -> str:
        return (
            f"epoch {event.epoch}/{meter.epochs}: {meter.done / meter.total:.0%}, "
            f"{meter.speed:,.0f} raw words/s, rate {event.rate:.4f}, loss {meter.loss:.4f}, "
            f"{meter.seconds_left:.0f} s left"
        )

    @staticmethod
    def _print(text: str) -> None:
        print(visible_lines(text), file=UnfailingStream(sys.stderr), flush=True)


class MovingDisplay(ABC):
    """Shows events as bars that move: one for the scan, for the training, and for each stage."""

    def __init__(self, *, as_options: bool = False) -> None:
        self._describe = describe_in_options if as_options else describe
        self._meter: TrainingMeter | None = None
        self._held_out = ""
        self._note = ""

    def __call__(self, event: Event) -> None:
        """Show one event."""
        match event:
            case ScanProgressed():
                in_bytes = event.unit == "bytes"
                note = f"{event.done / 1e6:,.0f} MB" if in_bytes else f"{event.done:,} words"
                self._move("scan", event.done, event.total or None, note)
            case ScanFinished():
                self._finish(f"{event.report.raw_words:,} words")
            case TrainingStarted():
                self._meter = TrainingMeter(event)
            case TrainingResumed() if self._meter:
                self._meter.resume(event)
            case ChunkTrained() if self._meter:
                self._meter.add(event)
                losses = f"loss {self._meter.loss:.4f}{self._held_out}"
                self._move_training(event.epoch, losses, self._meter)
            case EpochFinished() if self._meter:
                self._finish_epoch(event, self._meter)
            case BestEpochTaken():
                self._finish(self._note)
            case StageProgressed():
                self._move(event.stage, event.done, event.total or None, "")
                if 0 < event.done == event.total:
                    self._finish("")
        if text := self._describe(event):
            self._say(visible_lines(text))

    def _move_training(self, epoch: int, losses: str, meter: TrainingMeter) -> None:
        self._note = f"epoch {epoch}/{meter.epochs}  {losses}  {meter.speed:,.0f} words/s"
        self._move("training", meter.done, meter.total, self._note)

    def _finish_epoch(self, event: EpochFinished, meter: TrainingMeter) -> None:
        losses = describe_losses(event)
        if event.validation_loss is not None:
            self._held_out = f", held-out loss {event.validation_loss:.4f}"
        self._move_training(event.epoch, losses, meter)
        meter.add_epoch(event)
        if event.epoch == meter.epochs:
            speed = meter.mean_speed(event)
            self._finish(f"epoch {event.epoch}/{meter.epochs}  {losses}  {speed:,.0f} words/s")
            if note := describe_rise(event, meter):
                self._say(note)

    @abstractmethod
    def _say(self, text: str) -> None:
        """Show a line of text."""

    @abstractmethod
    def _move(self, name: str, done: float, total: float | None, note: str) -> None:
        """Move the current bar, or begin one; `total` is None while it is unknown."""

    @abstractmethod
    def _finish(self, note: str) -> None:
        """Fill the current bar, if there is one. The next move begins another."""


class Bars(MovingDisplay):
    """Shows events as bars in a terminal."""

    def __init__(self, *, as_options: bool = False) -> None:
        super().__init__(as_options=as_options)
        self._progress = Progress(
            TextColumn("{task.description:<8}"),
            BarColumn(bar_width=16),
            TextColumn("{task.percentage:>3.0f}%"),
            TextColumn("{task.fields[note]}"),
            TimeRemainingColumn(compact=True, elapsed_when_finished=True),
            console=Console(file=cast("TextIO", UnfailingStream(sys.stderr))),
        )
        self._bar: TaskID | None = None

    def __enter__(self) -> Bars:
        self._progress.start()
        return self

    def __exit__(self, *reason: object) -> None:
        self._progress.stop()

    def _say(self, text: str) -> None:
        self._progress.console.print(text, highlight=False, markup=False)

    def _move(self, name: str, done: float, total: float | None, note: str) -> None:
        if self._bar is None:
            self._bar = self._progress.add_task(name, total=total, note=note)
        self._progress.update(self._bar, completed=done, total=total, note=note)

    def _finish(self, note: str) -> None:
        if self._bar is not None:
            total = self._progress.tasks[-1].total or 1
            self._progress.update(self._bar, completed=total, total=total, note=note)
            self._bar = None


@dataclass
class NotebookBar:
    """One bar in a notebook.

    Attributes:
        name, done, total, note: as for `MovingDisplay`.
        started: when the bar began.
        seconds: how long it took; None before the end.
    """

    name: str
    done: float = 0.0
    total: float | None = None
    note: str = ""
    started: float = field(default_factory=time.perf_counter)
    seconds: float | None = None

    def __str__(self) -> str:
        return f"{self.name}: {self.describe()}"

    def describe(self) -> str:
        """Describe the share that is done, and the time left or taken."""
        share = f"{self.done / self.total:.0%}" if self.total else ""
        return "  ".join(filter(None, [share, self.note, self._time()]))

    def as_html(self) -> str:
        """Return the bar and its description as HTML."""
        value = f' value="{self.done:.0f}" max="{self.total:.0f}"' if self.total else ""
        bar = f'<progress{value} style="width: 10em"></progress>'
        return f"{html.escape(self.name)} {bar} {html.escape(self.describe())}"

    def _time(self) -> str:
        if self.seconds is not None:
            return f"{timedelta(seconds=round(self.seconds))}"
        if not self.total or not self.done:
            return ""
        spent = time.perf_counter() - self.started
        left = spent * (self.total - self.done) / self.done
        return f"{timedelta(seconds=round(left))} left"


class Notebook(MovingDisplay):
    """Shows all events of a run in one output of a notebook cell, which is updated."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[str | NotebookBar] = []
        self._bar: NotebookBar | None = None
        self._handle: DisplayHandle | None = None
        self._updated = 0.0

    def __enter__(self) -> Notebook:
        return self

    def __exit__(self, *reason: object) -> None:
        if self._handle:
            self._update()

    def _say(self, text: str) -> None:
        self._rows.append(text)
        self._update()

    def _move(self, name: str, done: float, total: float | None, note: str) -> None:
        if self._bar is None:
            self._bar = NotebookBar(name)
            self._rows.append(self._bar)
        self._bar.done, self._bar.total = done, total
        self._bar.note = note
        if time.perf_counter() - self._updated >= SECONDS_BETWEEN_UPDATES:
            self._update()

    def _finish(self, note: str) -> None:
        bar, self._bar = self._bar, None
        if bar:
            bar.total = bar.done = bar.total or 1
            bar.note, bar.seconds = note, time.perf_counter() - bar.started
            self._update()

    def _update(self) -> None:
        """Show the display, or show its new state."""
        from IPython.display import display

        self._updated = time.perf_counter()
        with contextlib.suppress(OSError, ValueError):  # the notebook is gone; the run goes on
            if self._handle:
                self._handle.update(self._content(), raw=True)  # type: ignore[no-untyped-call]
            else:
                self._handle = display(  # type: ignore[no-untyped-call]
                    self._content(), raw=True, display_id=True
                )

    def _content(self) -> dict[str, str]:
        rows = [html.escape(row) if isinstance(row, str) else row.as_html() for row in self._rows]
        lines = "".join(f"<div>{row}</div>" for row in rows)
        style = "font-family: monospace; white-space: pre-wrap"
        return {
            "text/html": f'<div style="{style}">{lines}</div>',
            "text/plain": "\n".join(map(str, self._rows)),
        }
