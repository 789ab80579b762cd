"""Where the directory of a run is, and what can be continued."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from interrupted import SMALL, interrupt, interrupt_command

import skipgram
from skipgram.errors import FormatError, OutputError
from skipgram.run_directory import RunDirectory
from skipgram.run_paths import interrupted_at, run_directory_of


def test_it_is_beside_the_output(tmp_path: Path) -> None:
    assert run_directory_of(tmp_path / "model") == tmp_path / "model.run"
    assert run_directory_of(f"{tmp_path}/model/") == tmp_path / "model.run"
    assert run_directory_of(tmp_path / "vectors.safetensors").name == "vectors.safetensors.run"
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere" / "model")
    assert run_directory_of(tmp_path / "link") == tmp_path / "elsewhere" / "model.run"


def test_a_root_directory_is_no_output() -> None:
    with pytest.raises(OutputError, match="cannot write a model to /; choose a directory below it"):
        run_directory_of("/")


def test_interrupted_runs_are_found_by_their_output(planted_text: Path, tmp_path: Path) -> None:
    interrupt(planted_text, tmp_path / "model.run")
    assert interrupted_at(tmp_path / "model") == tmp_path / "model.run"
    assert interrupted_at(tmp_path / "model.run") == tmp_path / "model.run"


def test_what_cannot_be_continued(planted_model: Path, tmp_path: Path) -> None:
    shutil.copytree(planted_model, tmp_path / "model")
    skipgram.load(planted_model).save(tmp_path / "model.safetensors")
    (tmp_path / "begun.run").mkdir()
    (tmp_path / "begun.run" / "run.lock").touch()
    (tmp_path / "text").write_text("some text")
    reasons = {
        "model": f"{tmp_path}/model is complete; .*--resume-from {tmp_path}/model$",
        "model.run": f"{tmp_path}/model is complete; ",
        "model.safetensors": "model.safetensors is complete; ",
        "begun": "begun.run has not read its corpus, .*; unless it is still running, train again$",
        "begun.run": "begun.run has not read its corpus, ",
        "text": f"at {tmp_path}/text: {tmp_path}/text.run does not exist; give the output of a ",
        "missing": f"{tmp_path}/missing.run does not exist; give the output of a training that",
        "missing.run": f"at {tmp_path}/missing.run: {tmp_path}/missing.run does not exist; ",
        ".run": ".run does not exist; ",
    }
    for name, reason in reasons.items():
        with pytest.raises(FormatError, match=reason):
            interrupted_at(tmp_path / name)


def test_a_finished_training_from_python_is_complete(planted_text: Path, tmp_path: Path) -> None:
    run = tmp_path / "pf"
    skipgram.train(planted_text, run_directory=run, **SMALL)
    message = rf"there is no interrupted training at {run}: {run}/model is complete; .*{run}/model$"
    with pytest.raises(FormatError, match=message):
        interrupted_at(run)
    with pytest.raises(FormatError, match=rf"{run} is the directory of a .*model is {run}/model$"):
        skipgram.load(run)


@pytest.mark.parametrize("name", ["model", "model.safetensors"])
def test_a_training_that_was_killed_while_its_files_were_deleted_is_complete(
    planted_text: Path, planted_model: Path, tmp_path: Path, name: str
) -> None:
    output, run = tmp_path / name, tmp_path / f"{name}.run"
    interrupt_command(planted_text, output)
    skipgram.load(planted_model).save(output)
    (run / "training.jsonl").unlink()
    assert interrupted_at(output) == run
    (run / "run.json").unlink()
    for path in (output, run):
        with pytest.raises(FormatError, match=rf"{output} is complete; to train it on more text"):
            interrupted_at(path)
    assert RunDirectory(run).finished_model is None


def test_a_training_without_its_record_cannot_be_continued(
    planted_text: Path, planted_model: Path, tmp_path: Path
) -> None:
    run = tmp_path / "model.run"
    interrupt_command(planted_text, tmp_path / "model")
    (run / "run.json").unlink()
    message = rf"{run} cannot be continued: run\.json is missing; delete {run}, and train again$"
    for _ in range(2):
        with pytest.raises(FormatError, match=message):
            interrupted_at(tmp_path / "model")
        shutil.copytree(planted_model, tmp_path / "model", dirs_exist_ok=True)  # an earlier one
