"""Scripts of bench/, run in this process."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


def run_script(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, output: Path, *flags: str
) -> dict[str, Any]:
    """Run the main function of a script; return the result that it writes."""
    arguments = [f"{script.__name__}.py", *flags, "--output", str(output)]
    monkeypatch.setattr(sys, "argv", arguments)
    script.main()
    result: dict[str, Any] = json.loads(output.read_text())
    return result
