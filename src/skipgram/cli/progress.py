"""Progress of a command on standard error, and checks before work starts."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from skipgram.cli.terminal import note
from skipgram.errors import OutputError, SkipgramWarning
from skipgram.event_texts import describe_in_options
from skipgram.io.atomic import free_space
from skipgram.limits import largest_file
from skipgram.progress import showing
from skipgram.training.events import CheckpointFailed, Event, MemoryPlanned, Report, ScanFinished
from skipgram.training.memory import describe_bytes

if TYPE_CHECKING:
    from skipgram.run_directory import RunDirectory

_WARNED = (ScanFinished, CheckpointFailed)
"""Events that are a `SkipgramWarning` too where no progress is shown (`progress.reporting_to`)."""


@contextlib.contextmanager
def reporting(
    output: Path | None,
    check: Callable[[Path], None] | None = None,
    *,
    quiet: bool,
    resumed: RunDirectory | None = None,
) -> Iterator[Report]:
    """Yield a report that shows progress on standard error, unless quiet; warnings are shown.

    Args:
        output: where the result will be saved, if it will be.
        check: raises an OutputError if `output` cannot be written.
        quiet: show no progress.
        resumed: the directory of the training that is continued, if one is.

    Raises:
        OutputError: `output` cannot be written, or the planned model would not fit on the disk.
    """
    if output and check:
        check(output)
    with showing(not quiet, as_options=True) as show, warnings.catch_warnings():
        if not quiet:  # the events that are shown say the same
            warnings.simplefilter("ignore", SkipgramWarning)

        def report(event: Event) -> None:
            if not quiet:
                show(event)
            elif resumed or not isinstance(event, _WARNED):
                _show_warning(event)
            if output and isinstance(event, MemoryPlanned):
                check_space(output, event.saved, resumed)

        yield report


def _show_warning(event: Event) -> None:
    """Show an event on standard error if it is a warning, which `--quiet` does not hide."""
    text = describe_in_options(event)
    if text.startswith("warning: "):
        note(f"skipgram: {text}")


def check_space(output: Path, needed: int, resumed: RunDirectory | None = None) -> None:
    """Reject an output that cannot hold `needed` bytes: the disk or a limit on files is too small.

    Checkpoints that will be deleted before the model is saved count as free.

    Raises:
        OutputError: names both sizes.
    """
    place, free = free_space(output.absolute())
    if resumed and resumed.path.stat().st_dev == place.stat().st_dev:
        free += resumed.room()
    if needed > free:
        remedy = "free some space" + ("" if resumed else ", or choose another --output")
        raise OutputError(
            f"not enough space for the model in {place}: it needs {describe_bytes(needed)}, but "
            f"only {describe_bytes(free)} is free; {remedy}"
        )
    # A directory has a file for each of two matrices.
    largest, limit = needed // (2 if output.suffix != ".safetensors" else 1), largest_file()
    if limit is not None and largest > limit:
        remedy = "raise the limit (ulimit -f)" + ("" if resumed else ", or lower --vector-size")
        raise OutputError(
            f"the largest file of the model needs {describe_bytes(largest)}, but files of this "
            f"process are limited to {describe_bytes(limit)}; {remedy}"
        )
