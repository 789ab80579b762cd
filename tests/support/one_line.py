"""How a command of the command line reports an error."""

from __future__ import annotations

from typing import Protocol


class Answer(Protocol):
    """The exit code of a command, and what it wrote to standard error."""

    @property
    def code(self) -> int: ...

    @property
    def err(self) -> str: ...


def assert_one_line(answer: Answer, code: int, *expected: str) -> None:
    """Check the exit code of a failed command, and the texts in the last line of its output."""
    assert answer.code == code, answer.err
    lines = answer.err.splitlines()
    assert lines[-1].startswith("skipgram: ")
    assert "Traceback" not in answer.err
    for part in expected:
        assert part in lines[-1]
