"""What run.json may hold, and how a wrong one is explained."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from skipgram.errors import FormatError
from skipgram.run_directory import RunDirectory

RECORD: dict[str, Any] = {
    "version": 1,
    "output": None,
    "config": {},
    "reading": {},
    "source": None,
    "corpus": None,
    "fingerprint": "",
    "held_out": None,
    "scan_seconds": 0.0,
    "started_from": None,
    "freeze": False,
}


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"version": 2}, "version is 2; it must be 1"),
        ({"config": 3}, "config is 3; it must be an object"),
        ({"source": "x"}, "source is 'x'; it must be a list"),
        ({"corpus": []}, "corpus is []; it must be a string"),
        ({"corpus": ""}, "corpus is ''; it must be an absolute path"),
        ({"corpus": "encoded"}, "corpus is 'encoded'; it must be an absolute path"),
        ({"output": 3}, "output is 3; it must be a string"),
        ({"output": "model"}, "output is 'model'; it must be an absolute path"),
        ({"held_out": 3}, "held_out is 3; it must be a string"),
        ({"scan_seconds": "x"}, "scan_seconds is 'x'; it must be a number"),
        ({"scan_seconds": float("inf")}, "it holds the number Infinity; numbers must be finite"),
        ({"started_from": "x"}, "started_from is 'x'; it must be 'initial' or 'resume_from'"),
        ({"freeze": 0}, "freeze is 0; it must be true or false"),
        ({"xyz": 3}, "xyz is not a known field"),
    ],
    ids=str,
)
def test_a_wrong_record_is_explained(tmp_path: Path, changed: dict[str, Any], reason: str) -> None:
    path = tmp_path / "run.json"
    path.write_text(json.dumps(RECORD | changed))
    with pytest.raises(FormatError) as raised:
        RunDirectory(tmp_path).read_record()
    expected = f"cannot read {path}: {reason}; delete {tmp_path}, and train again"
    assert str(raised.value) == expected


@pytest.mark.parametrize("name", RECORD)
def test_a_missing_field_is_named(tmp_path: Path, name: str) -> None:
    content = {other: value for other, value in RECORD.items() if other != name}
    (tmp_path / "run.json").write_text(json.dumps(content))
    with pytest.raises(FormatError, match=rf"run\.json: {name} is missing; delete "):
        RunDirectory(tmp_path).read_record()


@pytest.mark.parametrize("content", ["", "[]", '{"version": 2}', '{"config": 3}', "[" * 10**5])
def test_a_damaged_record(tmp_path: Path, content: str) -> None:
    (tmp_path / "run.json").write_text(content)
    with pytest.raises(FormatError, match=r"cannot read .*run\.json: .*; delete "):
        RunDirectory(tmp_path).read_record()


def test_a_record_has_a_largest_size(tmp_path: Path) -> None:
    with (tmp_path / "run.json").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(FormatError, match=r"it has more than 16,777,216 bytes"):
        RunDirectory(tmp_path).read_record()
