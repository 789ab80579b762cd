"""Checks before work starts, and --quiet."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from interrupted import interrupt_command
from one_line import assert_one_line

from skipgram.cli.progress import check_space, reporting
from skipgram.errors import OutputError
from skipgram.run_directory import RunDirectory
from skipgram.training import checkpoint
from skipgram.training.checkpoint import STATE, checkpoints_in
from skipgram.training.events import (
    CheckpointFailed,
    CheckpointPassedOver,
    CheckpointsLackSpace,
    Event,
    HardlyTrained,
    RunDiscarded,
)

Run = Callable[..., Any]


def test_quiet_shows_nothing(run: Run, planted_text: Path, tmp_path: Path) -> None:
    small = ["--vector-size", 16, "--sample", 0, "--threads", 1, "--epochs", 3]
    answer = run("train", planted_text, "-o", tmp_path / "model", *small, "--quiet")
    assert answer.code == 0
    assert answer.err == ""


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (CheckpointFailed("no\nspace"), "warning: no checkpoint was written: no\\nspace"),
        (
            CheckpointPassedOver(Path("c"), "c/state.json: broken"),
            "warning: damaged checkpoint: c/state.json: broken; an earlier one is used",
        ),
        (CheckpointsLackSpace(Path("m.run"), 3000, 2000), "free some space, or set --checkpoint"),
        (RunDiscarded(Path("m.run"), 2.0), "warning: an interrupted training of 2 seconds in m"),
    ],
)
def test_quiet_shows_warnings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], event: Event, text: str
) -> None:
    with reporting(None, quiet=True, resumed=RunDirectory(tmp_path)) as report:
        report(event)
        report(HardlyTrained(0.9, 30))
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("skipgram: warning: ")
    assert text in line


@pytest.mark.filterwarnings("default")
def test_a_quiet_training_warns_once_of_checkpoints(
    run: Run, planted_text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OutputError("no space left")

    monkeypatch.setattr(checkpoint.Checkpoints, "_write", fail)
    monkeypatch.setattr(checkpoint, "MOST_SHARE", 1.0)
    options = ["--quiet", "--checkpoint", "1000", "--epochs", "2", "--min-count", "1"]
    answer = run("train", planted_text, "-o", tmp_path / "model", *options)
    assert answer.code == 0
    assert answer.err.count("no checkpoint was written: no space left") == 1


@pytest.mark.filterwarnings("default")
def test_quiet_commands_warn_of_a_corpus_once(run: Run, tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_bytes(b"one two three \xff\xff one two three\n" * 20)
    for command in ("train", "encode", "pmi", "phrases"):
        answer = run(command, text, "-o", tmp_path / command, "--quiet")
        assert answer.err.count("warning: ") == 1, command


def test_a_damaged_checkpoint_is_a_warning_of_a_quiet_resume(
    run: Run, planted_text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint, "MOST_SHARE", 1.0)
    interrupt_command(planted_text, tmp_path / "model")
    (checkpoints_in(tmp_path / "model.run")[-1] / STATE).write_text("{}")
    answer = run("resume", tmp_path / "model", "--quiet", "--checkpoint", "off")
    assert answer.code == 0
    [line] = answer.err.splitlines()
    assert line.startswith("skipgram: warning: damaged checkpoint: ")


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
