"""Models and trainings that the explorer shows."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from interrupted import SMALL, interrupt, interrupt_command

import skipgram
from skipgram import Embeddings
from skipgram.errors import FormatError
from skipgram.explorer.shown import MOST_POINTS, Shown


def test_a_model(planted_model: Path) -> None:
    shown = Shown(planted_model)
    about = shown.describe()
    assert not shown.is_training
    assert (about["name"], about["words"]) == (planted_model.name, 40)
    assert about["vectors"] == ["input", "output", "average"]
    assert about["groups"]["Vectors"]["words"] == "40"
    assert about["coverage"] == 1
    assert about["curve"]["raw_words"] == []
    assert len(about["curve"]["epochs"]) == 10
    json.dumps(about, allow_nan=False)
    shown.refresh()
    assert shown.version == 0


def test_vectors_of_another_program(tmp_path: Path) -> None:
    path = tmp_path / "vectors.txt"
    skipgram.export(Embeddings(["a", "b"], np.eye(2)), path, progress=False)
    about = Shown(path).describe()
    assert about["vectors"] == ["input"]
    assert about["coverage"] is None
    assert about["curve"]["epochs"] == []


def test_there_is_nothing(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="missing"):
        Shown(tmp_path / "missing")


@pytest.mark.parametrize("name", ["model", "model.run"])
def test_an_interrupted_training(planted_text: Path, tmp_path: Path, name: str) -> None:
    interrupt_command(planted_text, tmp_path / "model")
    shown = Shown(tmp_path / name)
    assert shown.is_training
    assert shown.embeddings is not None
    assert shown.embeddings.words == skipgram.train(planted_text, **SMALL).words
    about = shown.describe()
    assert about["training"]
    assert about["curve"]["total"] > 0
    assert len(about["groups"]["Vectors"]) == 4


def test_a_training_is_followed_to_its_end(planted_text: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    interrupt(planted_text, run)
    shown = Shown(run)
    first = shown.embeddings
    assert first is not None
    shown.refresh()
    assert (shown.version, shown.embeddings) == (1, first)  # nothing has changed
    with pytest.raises(ZeroDivisionError):
        skipgram.resume(run, checkpoint="1000", callbacks=[fails_after(35_000)])
    shown.refresh()
    assert shown.version == 2
    assert shown.embeddings is not None
    assert np.any(shown.embeddings.input != first.input)
    assert shown.is_training
    result = skipgram.resume(run)
    shown.refresh()
    assert not shown.is_training
    assert shown.embeddings is not None
    np.testing.assert_array_equal(shown.embeddings.input, result.input)
    assert shown.version == 3


def fails_after(words: float) -> Any:
    def callback(event: Any) -> None:
        if getattr(event, "raw_words", 0) > words and hasattr(event, "rate"):
            raise ZeroDivisionError

    return callback


def test_before_the_first_checkpoint(planted_text: Path, tmp_path: Path) -> None:
    interrupt(planted_text, tmp_path / "run")
    for checkpoint in (tmp_path / "run").glob("checkpoint-*"):
        shutil.rmtree(checkpoint)
    shown = Shown(tmp_path / "run")
    assert shown.is_training
    assert shown.embeddings is None
    about = shown.describe()
    assert (about["words"], about["groups"], about["vectors"]) == (0, {}, ["input"])


def test_a_damaged_checkpoint_keeps_what_is_shown(planted_text: Path, tmp_path: Path) -> None:
    interrupt(planted_text, tmp_path / "run")
    shown = Shown(tmp_path / "run")
    damaged = tmp_path / "run" / "checkpoint-999999"
    damaged.mkdir()
    (damaged / "state.json").write_text("{}")
    before = shown.embeddings
    shown.refresh()
    assert shown.embeddings is not None
    assert before is not None
    np.testing.assert_array_equal(shown.embeddings.input, before.input)


def test_long_curves_are_thinned(planted_model: Path, tmp_path: Path) -> None:
    model = tmp_path / "model"
    shutil.copytree(planted_model, model)
    point = {"event": "progress", "words_per_second": 5, "rate": 0.1, "loss": 2.5}
    lines = [{**point, "seconds": n, "raw_words": 10 * n} for n in range(1, 5 * MOST_POINTS)]
    started = {"event": "started", "epochs": 1, "raw_words": 50 * MOST_POINTS}
    text = "\n".join(json.dumps(line) for line in [started, *lines])
    (model / "training.jsonl").write_text(text)
    curve = Shown(model).curve()
    assert MOST_POINTS / 2 < len(curve["loss"]) <= MOST_POINTS + 1
    assert curve["raw_words"][-1] == lines[-1]["raw_words"]
    assert curve["raw_words"] == sorted(curve["raw_words"])
    assert curve["total"] == 50 * MOST_POINTS
