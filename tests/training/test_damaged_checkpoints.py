"""Checkpoints that are damaged, or of another training."""

from __future__ import annotations

import json
import os
import shutil
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from checkpointed import STATE_OF, in_folder, train, write_state
from numpy.typing import NDArray

from skipgram import TrainConfig
from skipgram.corpus.build import encode_corpus
from skipgram.errors import FormatError
from skipgram.intervals import Interval
from skipgram.io.tensors import write_tensors
from skipgram.run_directory import RunDirectory
from skipgram.training.checkpoint import (
    MATRICES,
    STATE,
    checkpoints_in,
    latest_of,
)
from skipgram.training.events import (
    CheckpointPassedOver,
    Event,
    silent,
)
from skipgram.training.history import History
from skipgram.training.trainer import Trainer

pytestmark = pytest.mark.usefixtures("often", "handlers")


def test_a_damaged_checkpoint_is_passed_over(
    planted_sentences: list[list[str]], tmp_path: Path
) -> None:
    train(planted_sentences, tmp_path, 5)
    older, newer = checkpoints_in(tmp_path)
    (newer / STATE).write_text('{"version": 1, "chunk_words": "many"}')
    found = latest_of(tmp_path)
    assert found is not None
    assert found.folder == older
    shutil.copy(older / STATE, newer / STATE)
    size = (newer / MATRICES).stat().st_size
    with (newer / MATRICES).open("r+b") as file:
        file.truncate(size - 100)
    assert latest_of(tmp_path) == found
    (newer / STATE).write_text('{"version": 1, "chunk_words": "many"}')
    (older / MATRICES).unlink()
    with pytest.raises(
        FormatError,
        match=r"state\.json: chunk_words is 'many'; it must be a whole",
    ):
        latest_of(tmp_path)
    shutil.rmtree(newer)
    with pytest.raises(FormatError, match=r"cannot continue from .*safetensors: "):
        latest_of(tmp_path)


FINE: dict[str, Any] = {
    "version": 1,
    "chunk_words": 9,
    "history": {},
    "checksums": {},
    "options": {},
    "checksum": 0,
}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"chunk_words": 9, "history": {}}, "version is missing"),
        (FINE | {"version": 2}, "version is 2; it must be 1"),
        (FINE | {"chunk_words": 0}, "chunk_words is 0; it must be at least 1"),
        (
            FINE | {"chunk_words": 2**31},
            "chunk_words is 2147483648; it must be at most 131072",
        ),
        (FINE | {"checksums": {"input": "x"}}, "checksums.input is 'x'; it must be a whole number"),
        (FINE | {"checksums": {"input": -1}}, "checksums.input is -1; it must be at least 0"),
        (FINE | {"xyz": 3}, "xyz is not a known field"),
        (FINE | {"options": 3}, "options is 3; it must be an object"),
        (FINE | {"checksum": 2**32}, "checksum is 4294967296; it must be less than 4294967296"),
        (FINE, "it does not have its own checksum"),
        (FINE | {"history": 3}, "history is 3; it must be an object"),
        (FINE | {"history": {"words": "7"}}, "history.words is 7; it must be a whole number"),
        (FINE | {"history": {"loss": 7}}, "history.loss is 7; it must be a list"),
        (FINE | {"history": {"loss": ["x"]}}, "history.loss.0 is 'x'; it must be a number"),
        (FINE | {"history": {"seconds": -1.0}}, "history.seconds is -1.0; it must be at least 0"),
        (FINE | {"history": {"seconds": 1e20}}, "history.seconds is 1e+20; it must be at most 1"),
        (FINE | {"history": {"xyz": 3}}, "history.xyz is not a known field"),
        (FINE | {"history": {"seconds": float("nan")}}, "it holds the number NaN; numbers must be"),
        ([FINE], "it is not a JSON object"),
        ("[" * 10**5, "it is nested over 64 levels deep"),
        ("not JSON", "Expecting value"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_damaged_state_is_explained(tmp_path: Path, content: Any, reason: str) -> None:
    path = tmp_path / "checkpoint-000000001" / STATE
    path.parent.mkdir()
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    with pytest.raises(FormatError) as raised:
        latest_of(tmp_path)
    assert str(raised.value).startswith(f"cannot continue from {path}: {reason}")
    assert str(raised.value).endswith(f"; delete {tmp_path}, and train again")


def test_matrices_of_another_training_are_refused(
    planted_sentences: list[list[str]], tmp_path: Path
) -> None:
    train(planted_sentences, tmp_path, 1)
    with pytest.raises(FormatError, match=r"matrices\.safetensors: output is float32 \(41, 16\)"):
        train(planted_sentences, tmp_path, vector_size=32)
    with pytest.raises(FormatError, match=r"it holds input, output; delete .*, and train again$"):
        train(planted_sentences, tmp_path, optimizer="adagrad")


def damage_state(path: Path, **changes: Any) -> None:
    state = json.loads((path / STATE).read_text())
    for name, value in changes.items():
        state[name] = {**state[name], **value} if isinstance(value, dict) else value
    write_state(path, state)


def change_unnoticed(path: Path, **history: Any) -> None:
    """Change a state, but not its checksum."""
    state = json.loads((path / STATE).read_text())
    state["history"] |= history
    (path / STATE).write_text(json.dumps(state))


def flip_a_byte(path: Path) -> None:
    with (path / MATRICES).open("r+b") as file:
        file.seek(-7, 2)
        byte = file.read(1)
        file.seek(-7, 2)
        file.write(bytes([byte[0] ^ 1]))


def write_others(path: Path, **others: NDArray[np.float32]) -> None:
    """Replace the matrices by others, with their checksums."""
    with (path / MATRICES).open("wb") as file:
        write_tensors(file, others, {})
    state = json.loads((path / STATE).read_text())
    state["checksums"] = {name: zlib.crc32(each.tobytes()) for name, each in others.items()}
    write_state(path, state)


ROWS = np.zeros((40, 16), np.float32)
DAMAGES: dict[str, Any] = {
    "cut off": lambda path: os.truncate(path / MATRICES, 1000),
    "a changed byte": flip_a_byte,
    "another checksum": lambda path: damage_state(path, checksums={"output": 5}),
    "no checksum": lambda path: damage_state(path, checksums={"more": 5}),
    "other names": lambda path: write_others(path, input=ROWS, hidden=ROWS),
    "other shapes": lambda path: write_others(path, input=ROWS, output=ROWS[:, :8].copy()),
    "other chunks": lambda path: damage_state(path, history={"chunks": 10**6}),
    "other words": lambda path: damage_state(path, history={"words": 17}),
    "larger chunks": lambda path: damage_state(path, chunk_words=1000),
    "tiny chunks": lambda path: damage_state(path, chunk_words=1),
    "a long time": lambda path: damage_state(path, history={"seconds": 1e14}),
    "another loss": lambda path: change_unnoticed(path, epoch_loss=17.0),
    "other pairs": lambda path: change_unnoticed(path, pairs=17),
    "no state": lambda path: (path / STATE).unlink(),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_another_checkpoint_is_used_for_any_damage(
    planted_sentences: list[list[str]], tmp_path: Path, damage: str
) -> None:
    whole = train(planted_sentences)
    train(planted_sentences, tmp_path, 5)
    older, newer = checkpoints_in(tmp_path)
    DAMAGES[damage](newer)
    events: list[Event] = []
    config = TrainConfig(vector_size=16, sample=0, threads=1, epochs=3)
    checkpoints = in_folder(tmp_path, Interval(seconds=3600.0))
    with encode_corpus(planted_sentences, min_count=1) as corpus:
        resumed = Trainer(corpus, config, events.append, checkpoints=checkpoints).train()
    passed_over = [event for event in events if isinstance(event, CheckpointPassedOver)]
    assert [event.path for event in passed_over] == [newer]
    assert whole
    assert resumed.input.tobytes() == whole.input.tobytes()
    assert resumed.loss == whole.loss
    assert checkpoints_in(tmp_path) == [older]


@pytest.mark.parametrize("damage", DAMAGES)
def test_if_no_checkpoint_can_be_used_all_stay(
    planted_sentences: list[list[str]], tmp_path: Path, damage: str
) -> None:
    train(planted_sentences, tmp_path, 5)
    both = checkpoints_in(tmp_path)
    for path in both:
        DAMAGES[damage](path)
    with pytest.raises(FormatError) as raised:
        train(planted_sentences, tmp_path)
    assert str(raised.value).startswith(f"cannot continue from {both[-1]}/")
    assert str(raised.value).endswith(f"; delete {tmp_path}, and train again")
    assert str(raised.value).count("train again") == 1
    assert checkpoints_in(tmp_path) == both


def test_a_corpus_is_not_cut_into_chunks_that_cannot_be(
    planted_sentences: list[list[str]], tmp_path: Path
) -> None:
    train(planted_sentences, tmp_path, 1)
    [path] = checkpoints_in(tmp_path)
    damage_state(path, chunk_words=1)
    with pytest.raises(
        FormatError, match=r"json: \d+ chunks of at most 1 word cannot have [\d,]+ words; delete "
    ):
        latest_of(tmp_path)


def test_damaged_checkpoints_are_not_among_those_that_are_kept(tmp_path: Path) -> None:
    checkpoints = in_folder(tmp_path)
    checkpoints.begin(0.0, 256)
    for number in (1, 2):
        checkpoints.write(History(chunks=number), 1.0, STATE_OF, silent)
    one, two = checkpoints_in(tmp_path)
    os.truncate(two / MATRICES, 100)
    checkpoints.write(History(chunks=3), 1.0, STATE_OF, silent)
    assert checkpoints_in(tmp_path) == [one, tmp_path / "checkpoint-000000003"]


@pytest.mark.parametrize("damage", ["cut off", "a changed byte", "no state"])
def test_the_newest_that_can_be_read_is_kept_while_the_model_is_saved(
    tmp_path: Path, damage: str
) -> None:
    checkpoints = in_folder(tmp_path)
    checkpoints.begin(0.0, 256)
    for number in (1, 2):
        checkpoints.write(History(chunks=number), 1.0, {"input": ROWS, "output": ROWS}, silent)
    one, two = checkpoints_in(tmp_path)
    DAMAGES[damage](two)
    RunDirectory(tmp_path).make_room()
    assert checkpoints_in(tmp_path) == [one]
    RunDirectory(tmp_path).make_room()
    assert checkpoints_in(tmp_path) == [one]


def test_checksums_are_those_of_the_file(tmp_path: Path) -> None:
    checkpoints = in_folder(tmp_path)
    checkpoints.begin(0.0, 256)
    large = np.arange(3_000_000, dtype=np.float32).reshape(-1, 100)  # three blocks
    state = {"input": large, "output": large[::2, ::2]}
    checkpoints.write(History(chunks=1), 1.0, state, silent)
    found = latest_of(tmp_path)
    assert found is not None
    assert found.checksums == {name: zlib.crc32(each.tobytes()) for name, each in state.items()}
    restored = {name: np.zeros_like(each) for name, each in state.items()}
    found.restore(restored)
    for name, each in state.items():
        np.testing.assert_array_equal(restored[name], each)


def test_more_chunks_than_the_training_has_are_refused(
    planted_sentences: list[list[str]], tmp_path: Path
) -> None:
    train(planted_sentences, tmp_path, 12)
    with pytest.raises(
        FormatError, match=r"state\.json: it has \d+ chunks and \d epochs? that are not of"
    ):
        train(planted_sentences, tmp_path, epochs=1)


@pytest.mark.parametrize(
    "change",
    [
        {"words": 10**30},
        {"words": -1},
        {"pairs": 10**400},
        {"effective_words": -5},
        {"seconds": -1.0},
        {"validation_loss": [1.0, 2.0]},
        {"loss": []},
    ],
)
def test_a_history_that_is_not_of_the_training_is_refused(
    planted_sentences: list[list[str]], tmp_path: Path, change: dict[str, Any]
) -> None:
    train(planted_sentences, tmp_path, 7)
    for path in checkpoints_in(tmp_path):
        state = json.loads((path / STATE).read_text())
        state["history"] |= change
        write_state(path, state)
    with pytest.raises(FormatError, match=r"cannot continue from .*state\.json: "):
        train(planted_sentences, tmp_path)


@pytest.mark.parametrize("kind", ["BF16", "F8_E4M3"])
def test_numbers_of_another_type_are_refused(
    planted_sentences: list[list[str]], tmp_path: Path, kind: str
) -> None:
    train(planted_sentences, tmp_path, 1)
    for path in checkpoints_in(tmp_path):
        size = 2 if kind == "BF16" else 1
        header = json.dumps({"input": {"dtype": kind, "shape": [1], "data_offsets": [0, size]}})
        content = len(header).to_bytes(8, "little") + header.encode() + bytes(size)
        (path / MATRICES).write_bytes(content)
        damage_state(path, checksums={})
    with pytest.raises(FormatError, match="it holds other things than matrices of float32"):
        train(planted_sentences, tmp_path)
