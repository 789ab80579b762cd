"""Checkpoints on disk, and trainings that go on from them."""

from __future__ import annotations

import errno
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from checkpointed import STATE_OF, in_folder, train

from skipgram import TrainConfig
from skipgram.corpus.build import encode_corpus
from skipgram.intervals import Interval
from skipgram.io.tensors import write_tensors
from skipgram.signals import DeferredSignals
from skipgram.training import checkpoint
from skipgram.training.checkpoint import (
    KEPT,
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
from skipgram.training.history import History
from skipgram.training.trainer import Trainer

pytestmark = pytest.mark.usefixtures("often", "handlers")


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


@pytest.mark.parametrize(("held", "left"), [(2, [2, 3]), (1, [1])])
def test_on_a_full_disk_the_older_of_two_makes_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: int, left: list[int]
) -> None:
    checkpoints = in_folder(tmp_path)
    checkpoints.begin(0.0, 256)
    for number in range(1, held + 1):
        checkpoints.write(History(chunks=number), 1.0, STATE_OF, silent)
    before, write = checkpoints_in(tmp_path), write_tensors

    def write_if_there_is_space(*arguments: Any) -> None:
        if checkpoints_in(tmp_path)[:2] == before:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(*arguments)

    monkeypatch.setattr(checkpoint, "write_tensors", write_if_there_is_space)
    events: list[Event] = []
    checkpoints.write(History(chunks=3), 1.0, STATE_OF, events.append)
    assert [int(path.name.split("-")[1]) for path in checkpoints_in(tmp_path)] == left
    [event] = events
    assert isinstance(event, CheckpointWritten) is (held == 2)
    if isinstance(event, CheckpointFailed):
        assert event.reason.endswith("(No space left on device); free some space")
        expected = f"the last checkpoint is that after 0:00:00, not of now ({event.reason}); "
        assert checkpoints.describe_failure() == expected
    else:
        assert checkpoints.describe_failure() == ""


def test_a_full_disk_costs_no_checkpoint_if_the_newer_is_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoints = in_folder(tmp_path)
    checkpoints.begin(0.0, 256)
    for number in (1, 2):
        checkpoints.write(History(chunks=number), 1.0, STATE_OF, silent)
    one, two = checkpoints_in(tmp_path)
    (two / "state.json").unlink()

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(checkpoint, "write_tensors", fail)
    checkpoints.write(History(chunks=3), 1.0, STATE_OF, silent)
    assert checkpoints_in(tmp_path) == [one]


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
    Checkpoints(tmp_path, None, DeferredSignals(), {}).check_space(STATE_OF, events.append)
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
        checkpoints = Checkpoints(tmp_path, None, DeferredSignals(), {})
        with pytest.raises(KeyboardInterrupt):
            Trainer(corpus, config, report, checkpoints=checkpoints).train()
    assert list(tmp_path.iterdir()) == []
