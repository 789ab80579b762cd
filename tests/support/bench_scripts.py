"""Scripts of bench/, run in this process, and an evaluation set for them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


def write_set(folder: Path, name: str) -> Path:
    """Write a similarity set of four pairs of the planted text into a new folder; return it."""
    folder.mkdir()
    (folder / name).write_text("a1\ta2\t9\na1\tb2\t1\nc3\tc4\t8\nc3\td4\t2\n")
    return folder


def run_script(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, output: Path, *flags: str
) -> dict[str, Any]:
    """Run the main function of a script; return the result that it writes."""
    arguments = [f"{script.__name__}.py", *flags, "--output", str(output)]
    monkeypatch.setattr(sys, "argv", arguments)
    script.main()
    result: dict[str, Any] = json.loads(output.read_text())
    return result
