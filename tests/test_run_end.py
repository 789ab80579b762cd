"""How a run ends: space for its model, warnings of what was not written, and interruptions."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest
from interrupted import SMALL

import skipgram
from skipgram import SkipGram, model_directory, run_directory
from skipgram.errors import OutputError
from skipgram.io.leftovers import remove
from skipgram.progress import ShowProgress
from skipgram.run_directory import RunDirectory
from skipgram.training.checkpoint import Checkpoints, checkpoints_in
from skipgram.training.events import CheckpointFailed, Event


def test_checkpoints_make_room_for_the_model(
    planted_text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, save = tmp_path / "run", model_directory.save
    found: list[Path] = []
    monkeypatch.setattr("skipgram.training.checkpoint.MOST_SHARE", 1.0)  # so that there are two

    def note_and_save(*arguments: Any) -> None:
        found.extend(checkpoints_in(run))
        save(*arguments)

    monkeypatch.setattr(model_directory, "save", note_and_save)
    skipgram.train(planted_text, run_directory=run, checkpoint="1000", **SMALL)
    assert len(found) == 1


@pytest.mark.parametrize("progress", ["auto", True])
def test_the_first_checkpoint_that_fails_is_a_warning_unless_it_is_shown(
    planted_text: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    progress: ShowProgress,
) -> None:
    def fail(*_: object) -> None:
        raise OutputError("no space left")

    monkeypatch.setattr(Checkpoints, "_write", fail)
    events: list[Event] = []
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        skipgram.train(
            planted_text,
            run_directory=tmp_path / "run",
            checkpoint="1000",
            callbacks=[events.append],
            progress=progress,
            **SMALL,
        )
    assert sum(isinstance(event, CheckpointFailed) for event in events) > 1
    text = "no checkpoint was written: no space left"
    assert [str(each.message) for each in warned] == [text] * (progress == "auto")
    assert (text in capsys.readouterr().err) == (progress is True)


@pytest.fixture
def at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Interrupt the deletion of the encoded corpus, once."""
    pending = [KeyboardInterrupt]

    def interrupt_or_remove(path: Path) -> None:
        if path.name == "corpus" and pending:
            raise pending.pop()
        remove(path)

    monkeypatch.setattr(run_directory, "remove", interrupt_or_remove)


@pytest.mark.usefixtures("at_the_end")
def test_an_interruption_after_the_model_is_saved_leaves_nothing_else(
    planted_text: Path, tmp_path: Path
) -> None:
    model = tmp_path / "model"
    with pytest.raises(KeyboardInterrupt) as stopped, RunDirectory(tmp_path / "model.run") as run:
        trained = SkipGram(**SMALL).fit(planted_text, run_directory=run, checkpoint="1000")
        trained.save(model)
        run.finish(model)
    assert stopped.value.__notes__ == [f"the model was saved to {model}"]
    assert list(tmp_path.iterdir()) == [model]
    assert (model / "training.jsonl").exists()


@pytest.mark.usefixtures("at_the_end")
def test_an_interruption_after_the_model_is_kept_leaves_it(
    planted_text: Path, tmp_path: Path
) -> None:
    with pytest.raises(KeyboardInterrupt) as stopped:
        skipgram.train(planted_text, run_directory=tmp_path, checkpoint="1000", **SMALL)
    assert stopped.value.__notes__ == [f"the model was saved to {tmp_path / 'model'}"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model", "run.lock"]
    assert len(skipgram.resume(tmp_path)) == 40
