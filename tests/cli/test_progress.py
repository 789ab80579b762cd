"""Checks before work starts, and --quiet."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from one_line import assert_one_line

from skipgram.cli.progress import check_space
from skipgram.errors import OutputError

Run = Callable[..., Any]


def test_quiet_shows_nothing(run: Run, planted_text: Path, tmp_path: Path) -> None:
    small = ["--vector-size", 16, "--sample", 0, "--threads", 1, "--epochs", 3]
    answer = run("train", planted_text, "-o", tmp_path / "model", *small, "--quiet")
    assert answer.code == 0
    assert answer.err == ""


def test_a_full_disk_fails_before_training(
    run: Run, planted_text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=100))
    answer = run("train", planted_text, "-o", tmp_path / "new" / "model")
    assert_one_line(answer, 1, "not enough space for the model", "0 kB is free; free some space")
    assert "epoch" not in answer.err
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_fails_before_factorising(
    run: Run, planted_text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=100))
    answer = run("pmi", planted_text, "-o", tmp_path / "model", "--vector-size", 8)
    assert_one_line(answer, 1, "not enough space for the model")
    assert "factorising" not in answer.err


def test_space_is_checked_where_the_output_will_be(tmp_path: Path) -> None:
    check_space(tmp_path / "new" / "model", 1)
    with pytest.raises(OutputError, match=f"model in {tmp_path}: it needs .* free some space"):
        check_space(tmp_path / "new" / "model", 2**62)


def test_too_little_space_for_checkpoints_is_a_warning(
    run: Run, planted_text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=10_000))
    small = ["--vector-size", 16, "--sample", 0, "--threads", 1, "--epochs", 1]
    answer = run("train", planted_text, "-o", tmp_path / "model", *small)
    assert answer.code == 0
    assert (
        f"warning: checkpoints in {tmp_path / 'model.run'} need 16 kB, but only 10 kB is free"
        in (answer.err)
    )
    assert "free some space, or set --checkpoint off\n" in answer.err
    answer = run("train", planted_text, "-o", tmp_path / "model", *small, "--checkpoint", "off")
    assert "checkpoints in" not in answer.err
