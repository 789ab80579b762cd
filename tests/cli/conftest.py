from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest

from skipgram.cli.app import run as run_command_line


class Answer(NamedTuple):
    """What a command came to."""

    code: int
    out: str
    err: str


Run = Callable[..., Answer]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    """Run a command of the command line in this process; its exit code and what it printed."""

    def command(*arguments: object) -> Answer:
        capfd.readouterr()
        code = 0
        try:
            run_command_line(list(map(str, arguments)))
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0
        return Answer(code, *capfd.readouterr())

    return command
