"""Where the directory of a training is, beside the output, and how to find an interrupted one."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from skipgram.errors import FormatError, OutputError
from skipgram.formats import is_model
from skipgram.io.atomic import target_of
from skipgram.io.directories import LOG
from skipgram.io.leftovers import RUN_LOCK, RUN_MODEL, RUN_RECORD, RUN_SUFFIX
from skipgram.training.checkpoint import checkpoints_in


def run_directory_of(output: str | os.PathLike[str]) -> Path:
    """Return the directory of the training that writes to `output`.

    Raises:
        OutputError: the path is that of a root directory.
    """
    target = target_of(output)
    if not target.name:
        raise OutputError(f"cannot write a model to {target}; choose a directory below it")
    return target.with_name(target.name + RUN_SUFFIX)


def interrupted_at(path: str | os.PathLike[str]) -> Path:
    """Return the directory of an interrupted run, given itself or the output of the training.

    Raises:
        FormatError: there is no interrupted training.
    """
    target, run = target_of(path), run_directory_of(path)
    for directory in (target, run):
        if (directory / RUN_RECORD).is_file():
            return directory
    output = target.with_name(target.name.removesuffix(RUN_SUFFIX) or target.name)
    for directory in (target, run):
        if has_model(directory) and has_ended(directory):
            raise _complete(path, directory / RUN_MODEL)
        if (directory / RUN_LOCK).exists() and not (has_ended(directory) and is_model(output)):
            raise FormatError(_why_not_resumable(directory))
    if is_model(output):
        raise _complete(path, output)
    raise FormatError(
        f"there is no interrupted training at {path}: {run_directory_of(output)} does not exist; "
        "give the output of a training that was interrupted, or train again"
    )


def has_ended(directory: Path) -> bool:
    """Whether no training was interrupted in its directory: that leaves its record or its log."""
    return not any((directory / name).exists() for name in (RUN_RECORD, LOG))


def has_model(directory: Path) -> bool:
    """Whether a training from Python has left its model in its directory."""
    return all((directory / name).exists() for name in (RUN_LOCK, RUN_MODEL))


def _complete(path: str | os.PathLike[str], model: Path) -> FormatError:
    return FormatError(
        f"there is no interrupted training at {path}: {model} is complete; to train it on more "
        f"text, use skipgram train --resume-from {shlex.quote(str(model))}"
    )


def _why_not_resumable(directory: Path) -> str:
    if checkpoints_in(directory):
        return (
            f"the training in {directory} cannot be continued: {RUN_RECORD} is missing; delete "
            f"{directory}, and train again"
        )
    return (
        f"the training in {directory} has not read its corpus, so there is nothing to continue; "
        "unless it is still running, train again"
    )
