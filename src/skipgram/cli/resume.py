"""The command that continues an interrupted training: resume."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from skipgram.cli.help import ARGUMENTS
from skipgram.cli.options import (
    Checkpoint,
    FilePath,
    Json,
    Quiet,
    Threads,
    UsageError,
    checkpoint_of,
    save_model,
)

if TYPE_CHECKING:
    from skipgram.run_directory import RunDirectory


def resume(
    model: Annotated[
        FilePath,
        Parameter(group=ARGUMENTS, help="Output of the interrupted training, or its directory."),
    ],
    *,
    threads: Threads = None,
    checkpoint: Checkpoint = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Continue an interrupted training, and save the model where `skipgram train` was told to.

    The corpus is not read again. With one thread, the vectors have the same bits as without the
    interruption.

    Examples:
      skipgram resume model
    """
    from skipgram.cli.progress import reporting
    from skipgram.intervals import interval_of
    from skipgram.resuming import resume_in
    from skipgram.run_directory import RunDirectory, interrupted_at
    from skipgram.saving import check_target

    interval = interval_of(checkpoint_of(checkpoint, None))
    run = RunDirectory(interrupted_at(model))
    output = run.output
    if output is None:
        raise UsageError(
            f"the training in {run.path} was started from Python, which decides where its model "
            "is saved; continue it with skipgram.resume"
        )
    with saying_how_to_resume(run, output), run:
        with reporting(output, check_target, quiet=quiet) as report:
            embeddings = resume_in(run, run.read_record(), interval, threads, report)
        save_model(embeddings, output, as_json=as_json)
        run.finish(output)


@contextlib.contextmanager
def saying_how_to_resume(run: RunDirectory, output: Path) -> Iterator[None]:
    """Say how to continue a training that is interrupted, if it can be continued."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit) as stopped:
        if run.is_resumable:
            from skipgram.cli.program import command_line

            stopped.add_note(f"to continue: {command_line('resume', output)}")
        raise
