"""Where the directory of a run is, and what can be continued."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from interrupted import interrupt

import skipgram
from skipgram.errors import FormatError, OutputError
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
