"""How this program was started, for commands that work as pasted."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from skipgram.wording import as_argument


def command_line(*arguments: str | Path) -> str:
    """Return a command line that runs this program with these arguments, quoted for the shell.

    It names the program as it was named: `.venv/bin/skipgram` for instance, or `skipgram` if the
    shell finds the same program by that name.
    """
    words = (as_argument(each) if isinstance(each, Path) else each for each in arguments)
    return _joined([*_program(), *words])


def _program() -> list[str]:
    program = sys.argv[0]
    if Path(program).stem == "skipgram" and Path(program).is_file():
        return [_short("skipgram", program)]
    return [_python(), "-m", "skipgram"]


def _python() -> str:
    executable = Path(sys.executable)
    if Path.cwd() in executable.parents[1:]:
        executable = executable.relative_to(Path.cwd())
    return _short("python", str(executable))


def _short(name: str, path: str) -> str:
    """Return a program's name if the shell finds this program by it, else its path."""
    found = shutil.which(name)
    # Not `samefile`: the Pythons of many environments are links to the same one.
    same = found is not None and os.path.abspath(found) == os.path.abspath(path)  # noqa: PTH100
    return name if same else path


def _joined(words: list[str]) -> str:
    return subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)
