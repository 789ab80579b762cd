"""Signals that end a training, and the command that continues it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from interrupted import interrupt, interrupt_command
from one_line import assert_one_line

import skipgram

Run = Callable[..., Any]
SKIPGRAM = [sys.executable, "-m", "skipgram"]
ENDLESS = ["--epochs", "100000", "--vector-size", "16", "--threads", "1"]


def begin_training(text: Path, model: Path, *program: str) -> subprocess.Popen[str]:
    """Return a process that trains."""
    command = [*program, *SKIPGRAM, "train", str(text), "-o", str(model), *ENDLESS]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("epoch "):
            return process
    raise AssertionError(process.wait())


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_a_signal_writes_a_checkpoint(
    run: Run, planted_text: Path, tmp_path: Path, number: int, code: int
) -> None:
    model = tmp_path / "model"
    with begin_training(planted_text, model) as process:
        process.send_signal(number)
        _, said = process.communicate()
    assert process.returncode == code
    last = said.splitlines()[-1]
    assert re.search(r"^skipgram: interrupted; to continue: .*skipgram resume .*/model$", last)
    assert [path.name for path in tmp_path.iterdir()] == ["model.run"]
    assert len(list((tmp_path / "model.run").glob("checkpoint-*"))) == 1
    log = (tmp_path / "model.run" / "training.jsonl").read_text().splitlines()
    assert json.loads(log[-1])["reason"].startswith(("interrupted", "ended by a signal (exit"))
    assert run("info", model).code == 1


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
def test_a_second_signal_ends_at_once(planted_text: Path, tmp_path: Path) -> None:
    with begin_training(planted_text, tmp_path / "model") as process:
        for _ in range(20):
            process.send_signal(signal.SIGINT)
        process.communicate()
    assert process.returncode == 130
    assert not (tmp_path / "model").exists()


@pytest.mark.skipif(shutil.which("nohup") is None, reason="needs nohup")
def test_a_training_under_nohup_goes_on(planted_text: Path, tmp_path: Path) -> None:
    with begin_training(planted_text, tmp_path / "model", "nohup") as process:
        process.send_signal(signal.SIGHUP)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)
        process.send_signal(signal.SIGTERM)
        process.communicate()
    assert process.returncode == 143


def test_resume_saves_the_model_that_train_would_have_saved(
    run: Run, planted_text: Path, tmp_path: Path
) -> None:
    options = ["--vector-size", 16, "--threads", 1, "--sample", 0, "--epochs", 3, "--min-count", 1]
    assert run("train", planted_text, "-o", tmp_path / "whole", *options).code == 0
    interrupt_command(planted_text, tmp_path / "model", min_count=1)
    answer = run("resume", tmp_path / "model")
    assert answer.code == 0
    assert re.search(r"^resuming the training at [1-4]?\d\.\d%, after 0:00:0\d$", answer.err, re.M)
    assert answer.out == f"40 words x 16 dimensions saved to {tmp_path / 'model'}\n"
    for name in ("model.safetensors", "output.safetensors", "vocabulary.tsv"):
        assert (tmp_path / "model" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    log = (tmp_path / "model" / "training.jsonl").read_text().splitlines()
    assert json.loads(log[-1])["reason"] == "finished"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model", "whole"]
    assert run("train", planted_text, "-o", tmp_path / "model", *options).code == 0  # replaces it


@pytest.mark.parametrize("has_older", [True, False])
def test_a_checkpoint_that_will_be_deleted_counts_as_free(
    run: Run,
    planted_text: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    has_older: bool,
) -> None:
    monkeypatch.setattr("skipgram.training.checkpoint.MOST_SHARE", 1.0)
    interrupt_command(planted_text, tmp_path / "model", min_count=1)
    older, newer = sorted((tmp_path / "model.run").glob("checkpoint-*"))
    if not has_older:
        shutil.rmtree(older)
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1000))
    answer = run("resume", tmp_path / "model")
    if has_older:
        assert answer.code == 0
    else:
        assert_one_line(
            answer, 1, "not enough space for the model", "1 kB is free; free some space"
        )
        assert "--output" not in answer.err
        assert newer.exists()


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
@pytest.mark.parametrize("flags", [[], ["--quiet"]])
def test_a_signal_whose_checkpoint_fails_says_so(
    planted_text: Path, tmp_path: Path, flags: list[str]
) -> None:
    model = tmp_path / "model"
    code = """
from skipgram.errors import OutputError
from skipgram.training.checkpoint import Checkpoints
write, written = Checkpoints._write, []
def write_once(*arguments):
    if written:
        print("failed", flush=True)
        raise OutputError("no space left")
    written.append(write(*arguments))
    return written[0]
Checkpoints._write = write_once
from skipgram.cli import main
main()
"""
    command = [sys.executable, "-c", code, "train", str(planted_text), "-o", str(model), *ENDLESS]
    with subprocess.Popen(
        [*command, "--checkpoint", "1000", *flags],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "failed\n"
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate()
    assert process.returncode == 143
    assert re.search(
        r"^skipgram: interrupted; the last checkpoint is that after 0:00:0\d, not of now "
        r"\(no space left\); to continue: .* resume .*/model$",
        said.splitlines()[-1],
    )


def test_a_configuration_file_says_how_often(run: Run, planted_text: Path, tmp_path: Path) -> None:
    config = tmp_path / "options.toml"
    command = ("train", planted_text, "-o", tmp_path / "model", "--config", config, "--epochs", 1)
    for value, message in (('"ten minutes"', "checkpoint is 'ten minutes'"), ("0", "it must be")):
        config.write_text(f"checkpoint = {value}\n")
        answer = run(*command)
        assert (answer.code, message in answer.err) == (2, True)
    config.write_text("checkpoint = 5000\nvector-size = 16\n")
    answer = run(*command)
    assert answer.code == 0
    assert (tmp_path / "model" / "training.jsonl").read_text().count('"checkpoint"') >= 1


def test_nothing_to_resume(run: Run, tmp_path: Path) -> None:
    answer = run("resume", tmp_path / "model")
    assert answer.code == 1
    assert answer.err.startswith(f"skipgram: there is no interrupted training at {tmp_path}/model:")


def test_a_run_of_python_has_no_output(
    run: Run, planted_text: Path, planted_model: Path, tmp_path: Path
) -> None:
    shutil.copytree(planted_model, tmp_path / "exp")
    interrupt(planted_text, tmp_path / "exp.run")
    for name in ("exp.run", "exp"):
        answer = run("resume", tmp_path / name)
        assert_one_line(answer, 2, "was started from Python, which decides where its model is save")
    assert (tmp_path / "exp" / "model.safetensors").read_bytes() == (
        planted_model / "model.safetensors"
    ).read_bytes()
    record = json.loads((tmp_path / "exp.run" / "run.json").read_text())
    (tmp_path / "exp.run" / "run.json").write_text(json.dumps({**record, "scan_seconds": 3600.0}))
    answer = run("train", planted_text, "-o", tmp_path / "exp")
    assert_one_line(answer, 1, f"continue it with skipgram.resume('{tmp_path}/exp.run'), or delete")


def test_a_directory_that_was_moved(run: Run, planted_text: Path, tmp_path: Path) -> None:
    interrupt_command(planted_text, tmp_path / "exp")
    (tmp_path / "exp.run").rename(tmp_path / "copy.run")
    answer = run("resume", tmp_path / "copy")
    assert_one_line(answer, 2, f"holds the training of {tmp_path}/exp; rename it to exp.run to co")
    (tmp_path / "moved").mkdir()
    (tmp_path / "copy.run").rename(tmp_path / "moved" / "exp.run")
    assert run("resume", tmp_path / "moved" / "exp").code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["moved"]
    assert len(skipgram.load(tmp_path / "moved" / "exp")) == 40


def test_a_link_in_the_place_of_the_directory_is_refused(
    run: Run, planted_text: Path, planted_model: Path, tmp_path: Path
) -> None:
    scratch = tmp_path / "scratch"
    shutil.copytree(planted_model, scratch / "precious")
    (scratch / "precious.run").mkdir()
    (tmp_path / "model.run").symlink_to(scratch / "precious.run")
    answer = run("train", planted_text, "-o", tmp_path / "model")
    assert_one_line(answer, 1, "model.run: it is a link; remove it, or choose another output")
    (scratch / "precious.run").rmdir()
    interrupt_command(planted_text, scratch / "precious")
    answer = run("resume", tmp_path / "model")
    assert_one_line(answer, 1, "model.run: it is a link; remove it, or choose another output")
    assert len(list((scratch / "precious.run").glob("checkpoint-*"))) > 0


def test_the_output_may_be_in_the_directory_of_the_corpus(
    run: Run, planted_text: Path, tmp_path: Path
) -> None:
    shutil.copy(planted_text, tmp_path / "text.txt")
    interrupt(planted_text, tmp_path / "old.run")
    options = ["--vector-size", 16, "--epochs", 1, "--json"]
    answer = run("train", tmp_path, "-o", tmp_path / "model", *options)
    assert json.loads(answer.out)["raw_words"] == 16_000


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
def test_a_signal_while_the_model_is_saved_does_not_matter(
    run: Run, planted_text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = skipgram.Embeddings.save

    def interrupted(embeddings: skipgram.Embeddings, path: Path) -> None:
        signal.raise_signal(signal.SIGINT)
        save(embeddings, path)

    monkeypatch.setattr(skipgram.Embeddings, "save", interrupted)
    for checkpoint in ("10m", "off"):
        model = tmp_path / checkpoint
        answer = run("train", planted_text, "-o", model, "--checkpoint", checkpoint, *ENDLESS[2:])
        assert (answer.code, "saved to" in answer.out) == (0, True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["10m", "off"]


def test_a_model_whose_training_is_interrupted_is_not_there_yet(
    run: Run, planted_text: Path, tmp_path: Path
) -> None:
    interrupt_command(planted_text, tmp_path / "model")
    for command in (("info",), ("neighbors",)):
        answer = run(*command, tmp_path / "model", *(["a1"] if command[0] == "neighbors" else []))
        assert answer.code == 1
        assert "its training has not ended; to continue it, run: skipgram resume " in answer.err


def test_an_output_that_is_occupied_now(run: Run, planted_text: Path, tmp_path: Path) -> None:
    interrupt_command(planted_text, tmp_path / "model")
    (tmp_path / "model").write_text("mine")
    answer = run("resume", tmp_path / "model")
    assert_one_line(answer, 1, f"{tmp_path / 'model'}: it is a file; correct that, then resume")
    assert (tmp_path / "model.run" / "run.json").exists()


def test_a_name_that_begins_with_a_dash(
    run: Run, planted_text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    interrupt_command(planted_text, tmp_path / "-dash")
    answer = run("info", "./-dash")
    assert answer.err.endswith("to continue it, run: skipgram resume ./-dash\n")
    assert run("resume", "./-dash").code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["-dash"]


def test_files_of_the_user_beside_the_output_stay(
    run: Run, planted_text: Path, tmp_path: Path
) -> None:
    for name in ("corpus/mid.txt", "start/mine.txt"):
        (tmp_path / "data.run" / name).parent.mkdir(parents=True)
        (tmp_path / "data.run" / name).write_text("mine")
    answer = run("train", planted_text, "--output", tmp_path / "data")
    assert_one_line(answer, 1, "data.run: it holds 'corpus', which is not part of a run; choose")
    assert len(list((tmp_path / "data.run").rglob("*.txt"))) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["data.run"]


def test_a_model_of_python_is_not_deleted(run: Run, planted_text: Path, tmp_path: Path) -> None:
    skipgram.train(planted_text, run_directory=tmp_path / "exp.run", vector_size=16, epochs=1)
    answer = run("train", planted_text, "-o", tmp_path / "exp")
    message = f"it holds {tmp_path}/exp.run/model, which was trained from Python; move it away, or"
    assert_one_line(answer, 1, message)
    assert_one_line(run("resume", tmp_path / "exp"), 1, "exp.run/model is complete; to train it on")
    for command in (("info",), ("neighbors", "a1")):
        answer = run(command[0], tmp_path / "exp.run", *command[1:])
        assert_one_line(answer, 1, f"its model is {tmp_path}/exp.run/model")
    assert len(skipgram.load(tmp_path / "exp.run" / "model")) == 40
    (tmp_path / "exp.run" / "model").rename(tmp_path / "moved")
    assert run("train", planted_text, "-o", tmp_path / "exp", *ENDLESS[2:], "--epochs=1").code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["exp", "moved"]
