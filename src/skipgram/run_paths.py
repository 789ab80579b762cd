"""Where the directory of a training is, beside the output, and how to find an interrupted one."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from skipgram.errors import FormatError, OutputError
from skipgram.formats import is_model
from skipgram.io.atomic import target_of
from skipgram.io.leftovers import RUN_LOCK, RUN_RECORD, RUN_SUFFIX


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
    for directory in (target, run):
        if (directory / RUN_LOCK).exists():
            raise FormatError(
                f"the training in {directory} has not read its corpus, so there is nothing to "
                "continue; unless it is still running, train again"
            )
    output = target.with_name(target.name.removesuffix(RUN_SUFFIX) or target.name)
    if is_model(output):
        raise FormatError(
            f"there is no interrupted training at {path}: {output} is complete; to train it on "
            f"more text, use skipgram train --resume-from {shlex.quote(str(output))}"
        )
    raise FormatError(
        f"there is no interrupted training at {path}: {run_directory_of(output)} does not exist; "
        "give the output of a training that was interrupted, or train again"
    )
