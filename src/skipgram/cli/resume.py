"""The command that continues an interrupted training: resume."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from skipgram.cli.help import ARGUMENTS
from skipgram.cli.options import (
    CheckpointInterval,
    FilePath,
    Integer,
    Json,
    Quiet,
    UsageError,
    Watch,
    checkpoint_of,
    save_model,
    watching,
)
from skipgram.io.leftovers import RUN_SUFFIX

if TYPE_CHECKING:
    from skipgram.embeddings import Embeddings
    from skipgram.run_directory import RunDirectory


def resume(
    model: Annotated[
        FilePath,
        Parameter(group=ARGUMENTS, help="Output of the interrupted training, or its directory."),
    ],
    *,
    threads: Annotated[
        Integer | None, Parameter(help="Threads to use. Defaults to as many as before.")
    ] = None,
    checkpoint: CheckpointInterval = None,
    watch: Watch = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Continue an interrupted training, and save the model to the output of `skipgram train`.

    The corpus is not read again. With one thread, or with `deterministic`, the vectors have the
    same bits as without the interruption.

    Examples:
      skipgram resume model
    """
    from skipgram.callbacks import Callbacks
    from skipgram.cli.program import command_line
    from skipgram.cli.progress import reporting
    from skipgram.intervals import interval_of
    from skipgram.resuming import remedies_of_resume, resume_in
    from skipgram.run_directory import RunDirectory
    from skipgram.run_paths import interrupted_at
    from skipgram.saving import check_target

    interval = interval_of(checkpoint_of(checkpoint, None))
    run = RunDirectory(interrupted_at(model), command_line("resume", model))
    output = _output_of(run)
    with remedies_of_resume(), run:
        with reporting(output, check_target, quiet=quiet, resumed=run) as report:
            calls = Callbacks([report, *watching(watch, report)])
            embeddings = calls.end(resume_in(run, interval, threads, calls))
        save_and_finish(embeddings, output, run, as_json=as_json)


def _output_of(run: RunDirectory) -> Path:
    """Return where the model of a run is saved: beside its directory, which may have been moved."""
    recorded = run.read_record().output
    if recorded is None:
        raise UsageError(
            f"the training in {run.path} was started from Python, which decides where its model "
            "is saved; continue it with skipgram.resume"
        )
    name = Path(recorded).name
    if run.path.name != name + RUN_SUFFIX:
        raise UsageError(
            f"{run.path} holds the training of {recorded}; rename it to {name}{RUN_SUFFIX} to "
            "continue it"
        )
    return run.path.with_name(name)


def save_and_finish(
    embeddings: Embeddings, output: Path, run: RunDirectory, *, as_json: bool
) -> None:
    """Save the model of a run, and delete the directory of the run.

    A signal does not end that: the training is done, and saving takes little time.
    """
    run.signals.defer()
    run.make_room()
    save_model(embeddings, output, as_json=as_json)
    run.finish(output)
