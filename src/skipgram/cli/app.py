"""The command line: its commands, and how an error becomes one line and an exit code.

Exit codes: 0 done, 1 failed, 2 wrong usage (also an option out of its range), 129, 130 or 143 ended
by a signal.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import NoReturn, TextIO

import cyclopts
from cyclopts import Group, Parameter

from skipgram.cli import corpus, evaluate, export, info, query, recover, resume, show, train
from skipgram.cli.completion import completion_of
from skipgram.cli.help import ARGUMENTS, OPTIONS, HelpApp
from skipgram.cli.options import STDIN_URL, UsageError
from skipgram.cli.streams import discard_output
from skipgram.cli.terminal import json_text, note
from skipgram.cli.usage import FAILED, Failure, failure_of, refuse_single_dashes
from skipgram.errors import SkipgramError, SkipgramWarning
from skipgram.limits import explain_too_large, prepare_for_loading
from skipgram.wording import in_options, reason_of

# Commands import what they need when they run, so that `skipgram --help` answers without numba.

COMMANDS: dict[Group, tuple[Callable[..., None], ...]] = {
    Group.create_ordered("Training"): (
        train.quickstart,
        train.train,
        resume.resume,
        train.tune,
        corpus.encode,
        corpus.phrases,
        recover.recover,
    ),
    Group.create_ordered("Querying"): (
        query.neighbors,
        query.similarity,
        query.analogy,
        query.odd_one_out,
        query.index,
        info.info,
    ),
    Group.create_ordered("Looking"): (show.explore, show.plot),
    Group.create_ordered("Evaluation"): (evaluate.evaluate, evaluate.pmi, evaluate.explain),
    Group.create_ordered("Export"): (export.export,),
}
app = HelpApp(
    name="skipgram",
    help="Train, query, evaluate and export word vectors.",
    help_epilogue="Run `skipgram COMMAND --help` for the options of a command and examples.",
    help_format="plaintext",
    default_parameter=Parameter(negative_iterable=""),  # no --empty-include
    group_commands=Group.create_ordered("Options"),
    group_arguments=ARGUMENTS,
    group_parameters=OPTIONS,
    version_flags=["--version"],
    suppress_keyboard_interrupt=False,
)

for panel, commands in COMMANDS.items():
    for command in commands:
        app.add(command, panel)

app.command(completion_of(app), name="--install-completion", group=app.group_commands)

LEAST_COLUMNS = 20
"""A terminal is taken to be at least this wide: the panels of the help never end in 2 columns."""

_READ_STANDARD_INPUT = {"train", "encode", "phrases", "pmi", "tune", "neighbors"}
_TAKE_A_PATH = {
    "--output",
    "-o",
    "--phrases",
    "--config",
    "--initial",
    "--resume-from",
    "--compare",
    "--validation",
}


def run(arguments: list[str]) -> None:
    """Run the command line. Each expected error becomes one line and an exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # For words that the encoding of the terminal does not have.
        sys.stdout.reconfigure(errors="backslashreplace")
    # The library that prints the help takes COLUMNS=0 as it is; the standard library ignores it.
    columns = os.environ.get("COLUMNS", "")
    given = int(columns) if columns.isdecimal() else LEAST_COLUMNS
    if min(given, shutil.get_terminal_size().columns) < LEAST_COLUMNS:
        os.environ["COLUMNS"] = str(LEAST_COLUMNS)
    try:
        try:
            refuse_single_dashes(app, arguments)
            if arguments and not {"--help", "-h", "--version"} & set(arguments):
                prepare_for_loading()
            with _warnings_on_one_line():
                app(_with_standard_input(arguments), exit_on_error=False, print_error=False)
        finally:  # also when it ends by SystemExit
            sys.stdout.flush()
    except (cyclopts.CycloptsError, UsageError, SkipgramError) as error:
        _fail(failure_of(error, app, arguments), arguments, error)
    except MemoryError as error:
        message = "out of memory; lower --vector-size or --max-vocab, or raise --min-count"
        _fail(Failure("MemoryError", message, FAILED), arguments, error)
    except BrokenPipeError:
        discard_output()
        sys.exit(1)
    except OSError as error:  # standard output on a full disk; other files raise a SkipgramError
        discard_output()
        reason = explain_too_large(error) or reason_of(error)
        message = f"cannot write to standard output: {reason}"
        if error.filename:
            message = f"cannot read or write {error.filename}: {reason_of(error)}; check the path"
        _fail(Failure("OutputError", message, FAILED), arguments, error)


@contextlib.contextmanager
def _warnings_on_one_line() -> Iterator[None]:
    """Print warnings about data that was dropped like errors, without the place in the code."""
    with warnings.catch_warnings():
        usual = warnings.showwarning

        def show(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: TextIO | None = None,
            line: str | None = None,
        ) -> None:
            if issubclass(category, SkipgramWarning):
                note(f"skipgram: warning: {in_options(str(message))}")
            else:
                usual(message, category, filename, lineno, file, line)

        warnings.showwarning = show
        yield


def _with_standard_input(arguments: list[str]) -> list[str]:
    """Replace each "-" for standard input. Cyclopts would read it as an option."""
    if not arguments or arguments[0] not in _READ_STANDARD_INPUT:
        return arguments
    return [
        STDIN_URL if argument == "-" and before not in _TAKE_A_PATH else argument
        for before, argument in zip(["", *arguments], arguments, strict=False)
    ]


def _fail(failure: Failure, arguments: Sequence[str], error: Exception) -> NoReturn:
    """Print an error and its notes on one line, as JSON if the arguments ask for it, and exit."""
    message = "; ".join([failure.message, *getattr(error, "__notes__", [])])
    failure = failure._replace(message=message)
    if "--json" in arguments:
        note(json_text(failure.as_dict()))
    else:
        note(f"skipgram: {failure.message}")
    sys.exit(failure.code)
