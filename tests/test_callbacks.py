"""Callbacks: what else happens while a training runs."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from interrupted import interrupt

import skipgram
from skipgram import Embeddings
from skipgram.callbacks import Callback, EarlyStopping, JsonLines, Probe, TensorBoard, Training
from skipgram.errors import ConfigError, MissingExtraError, UnknownWordError, WrongTypeError
from skipgram.training.events import (
    CheckpointWritten,
    ChunkTrained,
    EpochFinished,
    Event,
    NeighboursFound,
)
from skipgram.training.log import read_curve

SMALL: dict[str, Any] = {"vector_size": 8, "sample": 0, "threads": 2, "epochs": 4}


class Recorder(Callback):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.inputs: list[np.ndarray[Any, Any]] = []

    def start(self, training: Training) -> None:
        self.told.append(f"start {training.epochs} {training.raw_words}")

    def progress(self, training: Training, event: ChunkTrained) -> None:
        self.told.append("progress")

    def epoch(self, training: Training, event: EpochFinished) -> None:
        self.told.append(f"epoch {event.epoch}")
        self.inputs.append(training.embeddings().input)

    def checkpoint(self, training: Training, event: CheckpointWritten) -> None:
        self.told.append("checkpoint")

    def end(self, embeddings: Embeddings) -> None:
        self.told.append(f"end {len(embeddings)}")


def test_a_callback_is_told_of_all(planted_text: Path, tmp_path: Path) -> None:
    recorder, events = Recorder(), list[Event]()
    found = skipgram.train(
        planted_text,
        callbacks=[recorder, events.append],
        run_directory=tmp_path / "run",
        checkpoint="10000",
        **SMALL,
    )
    steps = [each for each in recorder.told if each not in ("progress", "checkpoint")]
    assert steps == ["start 4 16000", *(f"epoch {n}" for n in range(1, 5)), "end 40"]
    assert recorder.told.count("progress") == sum(isinstance(e, ChunkTrained) for e in events)
    assert recorder.told.count("checkpoint") == sum(
        isinstance(e, CheckpointWritten) for e in events
    )
    assert "checkpoint" in recorder.told
    np.testing.assert_array_equal(recorder.inputs[-1], found.input)
    assert np.any(recorder.inputs[0] != recorder.inputs[1])


@pytest.mark.parametrize("options", [{"threads": 1}, {"deterministic": True}], ids=str)
def test_callbacks_change_no_bit(planted_text: Path, options: dict[str, Any]) -> None:
    options = {**SMALL, **options}
    plain = skipgram.train(planted_text, **options)
    seen = skipgram.train(planted_text, callbacks=[Recorder()], **options)
    np.testing.assert_array_equal(plain.input, seen.input)


def test_a_resumed_training_has_callbacks(planted_text: Path, tmp_path: Path) -> None:
    interrupt(planted_text, tmp_path / "run")
    recorder = Recorder()
    found = skipgram.resume(tmp_path / "run", callbacks=[recorder])
    assert recorder.told[0].startswith("start")
    assert recorder.told[-1] == "end 40"
    np.testing.assert_array_equal(recorder.inputs[-1], found.input)


@pytest.mark.parametrize(
    ("callbacks", "said"),
    [
        (Probe(["a"]), "callbacks is .*; it must be a list"),
        (3, "callbacks is 3; it must be a list"),
        ([3], "callbacks holds 3; each must be a Callback object"),
        ([Probe], "callbacks holds .*Probe.*; each must be a Callback object"),
    ],
    ids=["not a list", "a number", "a list of numbers", "a class"],
)
def test_other_things_are_refused(callbacks: Any, said: str) -> None:
    with pytest.raises(WrongTypeError, match=said):
        skipgram.train("no-such-file.txt", callbacks=callbacks)


def test_an_exception_ends_the_training(planted_text: Path) -> None:
    class Fails(Callback):
        def epoch(self, training: Training, event: EpochFinished) -> None:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        skipgram.train(planted_text, callbacks=[Fails()], **SMALL)


def test_a_probe_shows_nearest_words(
    planted_text: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[Event] = []
    probe = Probe(["a1", "b2"], topn=3, show=seen.append)
    found = skipgram.train(planted_text, callbacks=[probe], **SMALL)
    assert [(each.epoch, each.word) for each in seen if isinstance(each, NeighboursFound)] == [
        (epoch, word) for epoch in range(1, 5) for word in ("a1", "b2")
    ]
    last = seen[-1]
    assert isinstance(last, NeighboursFound)
    assert list(last.near) == [word for word, _ in found.most_similar("b2", topn=3)]
    skipgram.train(planted_text, callbacks=[Probe(["a1"], 2)], **SMALL)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 4
    assert lines[0].startswith("epoch 1, a1: ")
    assert lines[0].count(",") == 2


def test_a_probe_of_an_unknown_word(planted_text: Path) -> None:
    with pytest.raises(UnknownWordError, match="similar spellings: a1"):
        skipgram.train(planted_text, callbacks=[Probe(["A1"])], **SMALL)
    with pytest.raises(WrongTypeError, match="words is the string 'king'; give a list"):
        Probe("king")
    with pytest.raises(ConfigError, match="topn is 0; it must be a whole number of at least 1"):
        Probe(["king"], 0)


def test_early_stopping_by_a_score(planted_text: Path) -> None:
    scores = iter([1.0, 3.0, 2.0, 3.0, 9.0])
    stopping = EarlyStopping(lambda _: next(scores), patience=2)
    found = skipgram.train(planted_text, callbacks=[stopping], **{**SMALL, "epochs": 10})
    assert stopping.scores == [1, 3, 2, 3]
    assert len(found.training["loss"]) == 4
    with pytest.raises(ConfigError, match="is not a number"):
        skipgram.train(planted_text, callbacks=[EarlyStopping(lambda _: float("nan"))], **SMALL)
    with pytest.raises(ConfigError, match="patience is 0"):
        EarlyStopping(len, 0)


def test_json_lines(planted_text: Path, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    found = skipgram.train(planted_text, callbacks=[JsonLines(path)], **SMALL)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert (lines[0]["event"], lines[-1]["event"]) == ("started", "ended")
    curve = read_curve(path)
    assert [each.loss for each in curve.epochs] == found.training["loss"]
    assert curve.ended == "finished"


def test_tensorboard(planted_text: Path, tmp_path: Path) -> None:
    from tensorboardX.proto.event_pb2 import Event as Written
    from tensorboardX.record_writer import RecordWriter  # noqa: F401 - that it is installed

    found = skipgram.train(
        planted_text, callbacks=[TensorBoard(tmp_path / "runs")], validation=0.1, **SMALL
    )
    (path,) = (tmp_path / "runs").iterdir()
    values: dict[str, list[float]] = {}
    content, at = path.read_bytes(), 0
    while at < len(content):  # TFRecord: length, its checksum, an event, its checksum
        length = int.from_bytes(content[at : at + 8], "little")
        event = Written.FromString(content[at + 12 : at + 12 + length])
        for value in event.summary.value:
            values.setdefault(value.tag, []).append(value.simple_value)
        at += 16 + length
    assert values["loss/epoch"] == pytest.approx(found.training["loss"])
    assert values["loss/held-out"] == pytest.approx(found.training["validation_loss"])
    assert len(values["rate"]) == len(values["loss/chunk"]) == len(values["raw_words_per_second"])
    assert values["rate"] == sorted(values["rate"], reverse=True)


def test_without_tensorboardx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(MissingExtraError, match=r"TensorBoard needs .*\[track\]"):
        TensorBoard(tmp_path)
