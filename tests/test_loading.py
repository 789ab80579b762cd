from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import skipgram
from skipgram.errors import ConfigError
from skipgram.loading import USUAL, Loading


def test_options_that_are_not_allowed(tmp_path: Path) -> None:
    wrong: Any = "last"
    with pytest.raises(ConfigError, match="duplicates is 'last'; it must be one of first, error"):
        skipgram.load(tmp_path, duplicates=wrong)
    wrong = "surrogateescape"
    with pytest.raises(ConfigError, match="unicode_errors is 'surrogateescape'; it must be one of"):
        skipgram.load(tmp_path, unicode_errors=wrong)


def test_the_options_that_differ_from_the_usual_ones() -> None:
    assert USUAL.given == []
    assert Loading(unicode_errors="ignore").given == ["unicode_errors"]
    assert Loading("error", "strict").given == ["duplicates"]
