"""Checkpoints on disk, and trainings that go on from them."""

from __future__ import annotations

import json
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from skipgram import TrainConfig
from skipgram.corpus.build import encode_corpus
from skipgram.errors import FormatError
from skipgram.intervals import Interval
from skipgram.signals import ENDING, DeferredSignals
from skipgram.training import checkpoint
from skipgram.training.checkpoint import (
    KEPT,
    MATRICES,
    STATE,
    Checkpoints,
    checkpoints_in,
    latest_of,
)
from skipgram.training.events import (
    CheckpointFailed,
    CheckpointsLackSpace,
    CheckpointWritten,
    ChunkTrained,
    EpochFinished,
    Event,
    TrainingResumed,
    silent,
)
from skipgram.training.history import History, Trained
from skipgram.training.trainer import Trainer

OFTEN = Interval(words=3000)
STATE_OF = {"input": np.ones((2, 16), np.float32)}


def in_folder(
    folder: Path, interval: Interval = OFTEN, signals: DeferredSignals | None = None
) -> Checkpoints:
    return Checkpoints(folder, interval, signals or DeferredSignals())


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let checkpoints take all of the time."""
    monkeypatch.setattr(checkpoint, "MOST_SHARE", 1.0)


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """Restore the handlers of signals: whoever runs a training does that."""
    before = {number: signal.getsignal(number) for number in ENDING}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def train(
    sentences: Any, folder: Path | None = None, stop_after: int | None = None, **options: Any
) -> Trained | None:
    """Train; return None if the training is stopped by an error after some checkpoints."""
    written: list[Event] = []

    class StoppedError(Exception):
        """Stands for whatever ends a process."""

    def report(event: Event) -> None:
        if isinstance(event, CheckpointWritten):
            written.append(event)
        if isinstance(event, ChunkTrained) and len(written) == stop_after:
            raise StoppedError

    small: dict[str, Any] = {"vector_size": 16, "sample": 0, "threads": 1, "epochs": 3}
    config = TrainConfig(**{**small, **options})
    with encode_corpus(sentences, min_count=1) as corpus:
        checkpoints = in_folder(folder) if folder else None
        try:
            return Trainer(corpus, config, report, checkpoints=checkpoints).train()
        except StoppedError:
            return None


@pytest.mark.parametrize("stop_after", [1, 7, 12])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"optimizer": "adam", "architecture": "cbow"},
        {"objective": "hierarchical+negative", "optimizer": "adagrad"},
        {"validation": 0.1, "patience": 2, "epochs": 6, "alpha": 0.1},
        {"deterministic": True, "threads": 2, "optimizer": "adam"},
        {"deterministic": True, "objective": "hierarchical+negative", "optimizer": "adagrad"},
        {"deterministic": True, "threads": 3, "validation": 0.1, "patience": 2, "epochs": 6},
    ],
)
def test_a_training_that_goes_on_ends_with_the_same_bits(
    planted_sentences: list[list[str]], tmp_path: Path, stop_after: int, options: dict[str, Any]
) -> None:
    whole = train(planted_sentences, **options)
    assert train(planted_sentences, tmp_path, stop_after, **options) is None
    resumed = train(planted_sentences, tmp_path, **options)
    assert whole and resumed
    assert resumed.input.tobytes() == whole.input.tobytes()
    for name in ("output", "nodes"):
        ours, theirs = getattr(resumed, name), getattr(whole, name)
        assert (ours is None and theirs is None) or ours.tobytes() == theirs.tobytes()
    for name in ("loss", "validation_loss", "best_epoch", "pairs", "effective_words", "raw_words"):
        assert getattr(resumed, name) == getattr(whole, name)
    assert len(checkpoints_in(tmp_path)) == 2


def test_a_deterministic_training_goes_on_with_another_number_of_threads(
    planted_sentences: list[list[str]], tmp_path: Path
) -> None:
    whole = train(planted_sentences, deterministic=True, threads=3)
    assert train(planted_sentences, tmp_path, 5, deterministic=True, threads=2) is None
    resumed = train(planted_sentences, tmp_path, deterministic=True, threads=1)
    assert whole and resumed
    assert resumed.input.tobytes() == whole.input.tobytes()
    assert resumed.loss == whole.loss


def test_it_goes_on_where_it_was(planted_sentences: list[list[str]], tmp_path: Path) -> None:
    train(planted_sentences, tmp_path, 5)
    events: list[Event] = []
    config = TrainConfig(vector_size=16, sample=0, threads=1, epochs=3)
    with encode_corpus(planted_sentences, min_count=1) as corpus:
        Trainer(corpus, config, events.append, checkpoints=in_folder(tmp_path)).train()
    resumed = next(event for event in events if isinstance(event, TrainingResumed))
    assert 15_000 <= resumed.raw_words <= 20_000
    assert resumed.share == pytest.approx(resumed.raw_words / 48_000, abs=0.01)
    first = next(event for event in events if isinstance(event, ChunkTrained))
    assert 0 < first.raw_words - resumed.raw_words <= 256
    assert first.seconds > resumed.seconds > 0


def test_the_next_checkpoint_waits_if_the_last_took_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint, "MOST_SHARE", 0.04)
    checkpoints = in_folder(tmp_path, Interval(seconds=0.0))
    checkpoints.begin(0.0, 256)
    assert checkpoints.is_due(1.0)
    clock = iter([0.0, 2.0, 2.0, 49.9, 50.0])
    monkeypatch.setattr(time, "perf_counter", lambda: next(clock))
    checkpoints.write(History(chunks=1), 1.0, STATE_OF, silent)  # takes 2 s
    assert not checkpoints.is_due(1e9)
    assert checkpoints.is_due(1e9)


def test_times_and_words_count_from_the_last_checkpoint(tmp_path: Path) -> None:
    checkpoints = in_folder(tmp_path, Interval(words=100))
    checkpoints.begin(1000.0, 256)
    assert [checkpoints.is_due(words) for words in (1000.0, 1099.0, 1100.0)] == [False, False, True]
    checkpoints.write(History(chunks=1), 1130.0, STATE_OF, silent)
    assert [checkpoints.is_due(words) for words in (1229.0, 1230.0)] == [False, True]


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


FINE = {"version": 1, "chunk_words": 9, "history": {}}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"chunk_words": 9, "history": {}}, "version is missing"),
        (FINE | {"version": 2}, "version is 2; it must be 1"),
        (FINE | {"chunk_words": 0}, "chunk_words is 0; it must be at least 1"),
        (FINE | {"xyz": 3}, "xyz is not a known field"),
        (FINE | {"history": 3}, "history is 3; it must be an object"),
        (FINE | {"history": {"words": "7"}}, "history.words is 7; it must be a whole number"),
        (FINE | {"history": {"loss": 7}}, "history.loss is 7; it must be a list"),
        (FINE | {"history": {"loss": ["x"]}}, "history.loss.0 is 'x'; it must be a number"),
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


def test_more_chunks_than_the_training_has_are_refused(
    planted_sentences: list[list[str]], tmp_path: Path
) -> None:
    train(planted_sentences, tmp_path, 12)
    with pytest.raises(
        FormatError, match=r"state\.json: it has \d+ chunks and \d epochs? that are not of"
    ):
        train(planted_sentences, tmp_path, epochs=1)


def test_a_checkpoint_that_cannot_be_written_is_reported(
    planted_sentences: list[list[str]], tmp_path: Path
) -> None:
    events: list[Event] = []
    checkpoints = in_folder(tmp_path)
    tmp_path.rmdir()
    tmp_path.write_text("a file in its place")
    config = TrainConfig(vector_size=16, sample=0, threads=1, epochs=1)
    with encode_corpus(planted_sentences, min_count=1) as corpus:
        Trainer(corpus, config, events.append, checkpoints=checkpoints).train()
    failed = [event for event in events if isinstance(event, CheckpointFailed)]
    assert len(failed) >= 3
    assert failed[0].reason == f"{tmp_path} is gone"
    assert not [event for event in events if isinstance(event, CheckpointWritten)]


def test_a_checkpoint_over_the_limit_on_files_names_the_remedy(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    events: list[Event] = []
    checkpoints = in_folder(tmp_path)
    checkpoints.begin(0.0, 256)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        checkpoints.write(History(chunks=1), 1.0, STATE_OF, events.append)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    [failed] = events
    assert isinstance(failed, CheckpointFailed)
    assert failed.reason == (
        f"cannot write {tmp_path}/checkpoint-000000001: it needs about 128 bytes, but files of "
        "this process are limited to 100 bytes (RLIMIT_FSIZE); raise the limit (ulimit -f)"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("free", "is_enough"), [(383, False), (384, True)])
def test_space_for_three_checkpoints_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, is_enough: bool
) -> None:
    usage = shutil.disk_usage(tmp_path)
    checkpoints = in_folder(tmp_path)
    checkpoints.begin(0.0, 256)
    for written in range(3):  # the space of earlier checkpoints counts as free
        left = free - 128 * min(written, KEPT)
        monkeypatch.setattr(shutil, "disk_usage", lambda _, left=left: usage._replace(free=left))
        events: list[Event] = []
        checkpoints.check_space(STATE_OF, events.append)
        assert events == ([] if is_enough else [CheckpointsLackSpace(tmp_path, 384, free)])
        checkpoints.write(History(chunks=written + 1), 1.0, STATE_OF, silent)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=0))
    events = []
    Checkpoints(tmp_path, None, DeferredSignals()).check_space(STATE_OF, events.append)
    assert events == []


def test_too_little_space_for_checkpoints_is_reported_before_training(
    planted_sentences: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=10_000))
    events: list[Event] = []
    config = TrainConfig(vector_size=16, sample=0, threads=1, epochs=1)
    with encode_corpus(planted_sentences, min_count=1) as corpus:
        Trainer(corpus, config, events.append, checkpoints=in_folder(tmp_path)).train()
    kinds = [type(event) for event in events]
    assert kinds.index(CheckpointsLackSpace) < kinds.index(ChunkTrained)


@pytest.mark.parametrize("threads", [1, 2])
def test_ctrl_c_finishes_the_chunks_in_hand_and_writes_a_checkpoint(
    planted_sentences: list[list[str]], tmp_path: Path, threads: int
) -> None:
    def report(event: Event) -> None:
        is_past = isinstance(event, ChunkTrained) and event.raw_words > 20_000
        if is_past and signals.pending is None:
            signal.raise_signal(signal.SIGINT)

    config = TrainConfig(vector_size=16, sample=0, threads=threads, epochs=3)
    signals = DeferredSignals()
    with encode_corpus(planted_sentences, min_count=1) as corpus:
        checkpoints = in_folder(tmp_path, Interval(), signals)
        training = Trainer(corpus, config, report, checkpoints=checkpoints)
        with pytest.raises(KeyboardInterrupt):
            training.train()
    found = latest_of(tmp_path)
    assert found is not None
    assert 20_000 < found.history.words <= 20_000 + 256 * 2 * (2 * threads + 2)
    assert signals.pending is None


def test_a_directory_that_is_gone_has_no_checkpoints(tmp_path: Path) -> None:
    assert checkpoints_in(tmp_path / "gone") == []
    assert latest_of(tmp_path / "gone") is None


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
        (path / STATE).write_text(json.dumps(state))
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
    with pytest.raises(FormatError, match="it holds other things than matrices of float32"):
        train(planted_sentences, tmp_path)


def test_a_signal_after_the_last_chunk_writes_a_checkpoint(
    planted_sentences: list[list[str]], tmp_path: Path
) -> None:
    def report(event: Event) -> None:
        if isinstance(event, EpochFinished):
            signal.raise_signal(signal.SIGTERM)

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    config = TrainConfig(vector_size=16, sample=0, threads=1, epochs=1)
    with encode_corpus(planted_sentences, min_count=1) as corpus:
        checkpoints = in_folder(tmp_path, Interval())
        with pytest.raises(SystemExit):
            Trainer(corpus, config, report, checkpoints=checkpoints).train()
    found = latest_of(tmp_path)
    assert found is not None
    assert len(found.history.loss) == 1
    resumed, whole = (
        train(planted_sentences, tmp_path, epochs=1),
        train(planted_sentences, epochs=1),
    )
    assert resumed and whole
    assert resumed.input.tobytes() == whole.input.tobytes()


def test_without_an_interval_nothing_is_written(
    planted_sentences: list[list[str]], tmp_path: Path
) -> None:
    def report(event: Event) -> None:
        if isinstance(event, ChunkTrained):
            signal.raise_signal(signal.SIGINT)

    config = TrainConfig(vector_size=16, sample=0, threads=1, epochs=1)
    with encode_corpus(planted_sentences, min_count=1) as corpus:
        checkpoints = Checkpoints(tmp_path, None, DeferredSignals())
        with pytest.raises(KeyboardInterrupt):
            Trainer(corpus, config, report, checkpoints=checkpoints).train()
    assert list(tmp_path.iterdir()) == []
