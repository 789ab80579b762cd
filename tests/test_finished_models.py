"""The model that a finished training leaves in its directory: when it is replaced, and by what."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from interrupted import SMALL, StoppedError, assert_same_bits, interrupt, stop_at

import skipgram
from skipgram.errors import CorpusError, FormatError, OutputError, SkipgramWarning
from skipgram.io.leftovers import temporary_path, twin
from skipgram.training.events import Event, ModelNotKept, ScanFinished


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_only_the_model_is_left_after_success(planted_text: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    trained = skipgram.train(planted_text, run_directory=run, checkpoint="1000", **SMALL)
    assert names_in(run) == ["model", "run.lock"]
    log = (run / "model" / "training.jsonl").read_text().splitlines()
    assert json.loads(log[-1])["reason"] == "finished"
    assert_same_bits(skipgram.resume(run), trained)
    assert_same_bits(skipgram.load(run / "model"), trained)


@pytest.mark.parametrize(
    "changed",
    [{"min_count": 10**6}, {"callbacks": [stop_at(0)]}, {"validation": "typo.txt"}],
    ids=["min_count", "callbacks", "validation"],
)
def test_a_finished_model_is_left_if_the_next_training_fails(
    planted_text: Path, tmp_path: Path, changed: dict[str, Any]
) -> None:
    run = tmp_path / "run"
    trained = skipgram.train(planted_text, run_directory=run, **SMALL)
    with pytest.raises((CorpusError, StoppedError)):
        skipgram.train(planted_text, run_directory=run, **{**SMALL, **changed})
    assert names_in(run) == ["model", "run.lock"]
    assert_same_bits(skipgram.resume(run), trained)


def test_a_finished_model_is_replaced_when_the_next_training_ends(
    planted_text: Path, tmp_path: Path
) -> None:
    run, options = tmp_path / "run", {**SMALL, "seed": 2}
    expected = skipgram.train(planted_text, **options)
    trained = skipgram.train(planted_text, run_directory=run, **SMALL)
    interrupt(planted_text, run, seed=2)
    assert_same_bits(skipgram.load(run / "model"), trained)
    assert_same_bits(skipgram.resume(run), expected)
    assert names_in(run) == ["model", "run.lock"]
    assert_same_bits(skipgram.resume(run), expected)


def test_a_training_that_was_killed_before_it_was_recorded_is_not_the_one_before(
    planted_text: Path, tmp_path: Path
) -> None:
    def report(event: Event) -> None:
        if isinstance(event, ScanFinished):
            shutil.copytree(run, tmp_path / "killed")

    run = tmp_path / "run"
    skipgram.train(planted_text, run_directory=run, **SMALL)
    skipgram.train(planted_text, run_directory=run, callbacks=[report], **SMALL)
    with pytest.raises(FormatError, match="there is no interrupted training in"):
        skipgram.resume(tmp_path / "killed")
    assert len(skipgram.load(tmp_path / "killed" / "model")) == 40


def test_a_model_with_files_of_the_user_is_not_replaced(planted_text: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    skipgram.train(planted_text, run_directory=run, **SMALL)
    (run / "model" / "mine.txt").write_text("mine")
    events: list[Event] = []
    options: dict[str, Any] = {**SMALL, "seed": 2, "callbacks": [events.append]}
    with pytest.warns(SkipgramWarning, match="the model is not kept in"):
        trained = skipgram.train(planted_text, run_directory=run, checkpoint="1000", **options)
    failed = [event for event in events if isinstance(event, ModelNotKept)]
    assert "it holds 'mine.txt', which is not part of a skipgram model" in failed[-1].reason
    assert (run / "model" / "mine.txt").read_text() == "mine"
    (run / "model" / "mine.txt").unlink()
    assert_same_bits(skipgram.resume(run), trained)


def test_a_model_that_was_half_replaced_is_left(planted_text: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    trained = skipgram.train(planted_text, run_directory=run, **SMALL)
    (run / "model").rename(twin(temporary_path(run / "model"), "old"))
    (run / "training.jsonl").touch()
    with pytest.raises(CorpusError):
        skipgram.train(planted_text, run_directory=run, **{**SMALL, "min_count": 10**6})
    assert names_in(run) == ["model", "run.lock"]
    assert_same_bits(skipgram.load(run / "model"), trained)


def test_a_model_that_cannot_be_kept_is_returned(
    planted_text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OutputError("no space left")

    monkeypatch.setattr("skipgram.model_directory.save", fail)
    events: list[Event] = []
    run = tmp_path / "run"
    with pytest.warns(SkipgramWarning) as warned:
        trained = skipgram.train(
            planted_text, run_directory=run, checkpoint="1000", callbacks=[events.append], **SMALL
        )
    assert events[-1] == ModelNotKept(run / "model", "no space left")
    [warning] = warned
    assert warning.filename == __file__
    text = f"the model is not kept in {run / 'model'}, so save it: no space left"
    assert str(warning.message) == text
    monkeypatch.undo()
    assert_same_bits(skipgram.resume(run), trained)


def test_a_model_is_not_deleted_with_an_interrupted_training(
    planted_text: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    skipgram.train(planted_text, run_directory=run, **SMALL)
    interrupt(planted_text, run)
    (run / "run.json").write_text("not JSON")
    with pytest.raises(OutputError, match=r"; move .*run/model away and delete .*run to start ag"):
        skipgram.train(planted_text, run_directory=run, **SMALL)
