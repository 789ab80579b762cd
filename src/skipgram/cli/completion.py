"""The command that installs completion of commands and options in a shell."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Literal

from cyclopts import App, Parameter

from skipgram.cli.options import UsageError
from skipgram.cli.streams import announce
from skipgram.errors import OutputError
from skipgram.wording import reason_of

Shell = Literal["bash", "zsh", "fish"]
_NAMES_OF_FILES = "Files|Model directory|File or directory|Evaluation sets"
"""How the help of arguments begins that name files."""
SHELLS: tuple[Shell, ...] = ("bash", "zsh", "fish")


def completion_of(app: App) -> Callable[..., None]:
    """Return the command that installs completion for an app."""

    def install_completion(
        *,
        shell: Annotated[
            Shell | None, Parameter(help="Shell to install for. Defaults to the current one.")
        ] = None,
    ) -> None:
        """Complete commands and options with the Tab key in bash, zsh or fish, and exit."""
        name = shell or _current_shell()
        try:
            path = app.install_completion(shell=name)
            path.write_text(with_files(path.read_text(), name))
        except OSError as error:
            raise OutputError(
                f"cannot install the completion for {name}: {reason_of(error)} ({error.filename})"
            ) from error
        announce(f"completion for {name} installed in {path}")
        announce(f"open a new shell, or run: exec {name}")

    return install_completion


def with_files(script: str, shell: Shell) -> str:
    """Return a script that also completes files where Cyclopts only knows that a name is a string.

    Corpora and models are such names, because they may be URLs or patterns. Fish completes files
    by itself.
    """
    if shell == "bash":
        return script.replace("\ncomplete -F ", "\ncomplete -o default -F ")
    if shell == "zsh":
        named = rf"('(?:\d+|\*):(?:{_NAMES_OF_FILES})[^']*)(?<!:_files)'"
        return re.sub(named, r"\1:_files'", script)
    return script


def _current_shell() -> Shell:
    from cyclopts.completion.detect import ShellDetectionError, detect_shell

    try:
        found = detect_shell()
    except ShellDetectionError:
        found = None
    if found not in SHELLS:
        raise UsageError(
            "the shell is not known; name it, as in: skipgram --install-completion --shell bash"
        )
    return found
