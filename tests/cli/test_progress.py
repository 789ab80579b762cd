"""Progress on standard error, and checks before work starts."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from one_line import assert_one_line

from skipgram.cli.progress import Lines, check_space, describe_best, describe_trial
from skipgram.errors import OutputError
from skipgram.training.events import (
    BestEpochTaken,
    ChunkTrained,
    EpochFinished,
    StageProgressed,
    TrainingStarted,
    TrialFinished,
)

Run = Callable[..., Any]
SMALL = ["--vector-size", 16, "--sample", 0, "--threads", 1, "--epochs", 3]


def test_softmax_shows_its_expected_time(run: Run, planted_text: Path, tmp_path: Path) -> None:
    flags = [*SMALL, "--objective", "softmax", "--batch", 32]
    answer = run("train", planted_text, "-o", tmp_path / "model", *flags)
    assert answer.code == 0
    expected = r"^expected time: 0:00:0\d an epoch, 0:00:0\d for 3 epochs$"
    assert re.search(expected, answer.err, re.MULTILINE)
    assert "scores and gradients of 32 centre words" in answer.err


def test_the_memory_plan_includes_the_state_of_the_optimizer(
    run: Run, planted_text: Path, tmp_path: Path
) -> None:
    answer = run("train", planted_text, "-o", tmp_path / "model", *SMALL, "--optimizer", "adam")
    assert "state of adam" in answer.err


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a pseudo-terminal")
@pytest.mark.parametrize(
    ("verb", "flags", "said"),
    [
        ("train", SMALL, ("scan", "epoch 3/3", "100%", "words/s", "loss", "rate")),
        ("pmi", ["--vector-size", 8], ("scan", "counting", "factorising", "100%", "memory: ")),
    ],
)
def test_bars_in_a_terminal(
    planted_text: Path, tmp_path: Path, verb: str, flags: list[Any], said: tuple[str, ...]
) -> None:
    leader, follower = os.openpty()
    arguments = [verb, planted_text, "-o", tmp_path / "model", *flags]
    command = [sys.executable, "-m", "skipgram", *map(str, arguments)]
    environment = {**os.environ, "COLUMNS": "140"}
    with subprocess.Popen(
        command, stderr=follower, stdout=subprocess.PIPE, env=environment
    ) as process:
        os.close(follower)
        shown = b""
        try:
            while part := os.read(leader, 65536):
                shown += part
        except OSError:  # Linux reports the end of a terminal as an error
            pass
    assert process.returncode == 0
    text = shown.decode()
    for expected in said:
        assert expected in text


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


def test_lines_show_one_chunk_in_ten_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    show = Lines()
    show(TrainingStarted(epochs=2, raw_words=1000, compile_seconds=0.0, expected_seconds=None))
    for raw_words, seconds in ((100, 9.0), (200, 10.0), (300, 15.0), (500, 25.0)):
        show(ChunkTrained(epoch=1, raw_words=raw_words, seconds=seconds, rate=0.02, loss=1.5))
    show(EpochFinished(epoch=1, loss=1.25, seconds=50.0, validation_loss=1.3))
    assert capsys.readouterr().err.splitlines() == [
        "epoch 1/2: 10%, 20 raw words/s, rate 0.0200, loss 1.5000, 90 s left",
        "epoch 1/2: 25%, 20 raw words/s, rate 0.0200, loss 1.5000, 75 s left",
        "epoch 1/2: loss 1.2500, held-out loss 1.3000, 20 raw words/s",
    ]


def test_lines_show_the_beginning_and_the_end_of_a_stage(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show = Lines()
    for done, seconds in ((0, 0.0), (1, 5.0), (2, 12.0), (4, 14.0)):
        show(StageProgressed("counting", done, 4, seconds))
    lines = ["counting ...", "counting: 50%", "counting: done in 14.0 s"]
    assert capsys.readouterr().err.splitlines() == lines


def test_best_epochs_and_trials_in_words() -> None:
    assert describe_best(BestEpochTaken(best=3, epochs=5)) == (
        "the vectors are those of epoch 3 of 5, which has the lowest held-out loss"
    )
    options = {"alpha": 0.05, "negative": 7}
    trial = TrialFinished(2, options, 1.23456, 3.21)
    assert describe_trial(trial) == "trial 2: 1.2346 (alpha 0.05, negative 7; 3.2 s)"
    assert describe_trial(TrialFinished(2, options, None, 3.21)).startswith("trial 2: failed (")


def test_space_is_checked_where_the_output_will_be(tmp_path: Path) -> None:
    check_space(tmp_path / "new" / "model", 1)
    with pytest.raises(OutputError, match=f"model in {tmp_path}: it needs .* free some space"):
        check_space(tmp_path / "new" / "model", 2**62)
