"""What verbs have in common: their options, their answers, and the error of a command line that makes no sense."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter

Model = Annotated[Path, Parameter(help="Model directory, or vectors in another format.")]
Json = Annotated[bool, Parameter(name="--json", negative="", help="Answer in JSON.")]
Quiet = Annotated[bool, Parameter(name=["--quiet", "-q"], negative="", help="Show no progress.")]
TopN = Annotated[int, Parameter(name=["--topn", "-n"], help="How many answers.")]
Vectors = Annotated[Literal["input", "output", "average"], Parameter(help="Which vectors of the words.")]


class UsageError(Exception):
    """A command line that makes no sense, though every part of it does."""


def refuse_flags(names: Iterable[str], where: str) -> None:
    """Refuse options that would have no effect."""
    for name in names:
        raise UsageError(f"--{name.replace('_', '-')} has no effect with {where}; leave it out")


def print_json(value: Any) -> None:
    """Print an answer for programs."""
    print(json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False))
