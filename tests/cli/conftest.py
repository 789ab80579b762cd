from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest

from skipgram.cli import main


class Answer(NamedTuple):
    """What a command came to."""

    code: int
    out: str
    err: str


Run = Callable[..., Answer]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run a command of the command line in this process; its exit code and what it printed."""

    def command(*arguments: object) -> Answer:
        monkeypatch.setattr("sys.argv", ["skipgram", *map(str, arguments)])
        capfd.readouterr()
        code = 0
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0
        return Answer(code, *capfd.readouterr())

    return command
