"""Trainings that are continued from the directory of their run."""

from __future__ import annotations

import json
import shutil
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from interrupted import SMALL, StoppedError, assert_same_bits, interrupt, stop_at

import skipgram
from skipgram.errors import CorpusError, FormatError, OutputError
from skipgram.event_texts import describe
from skipgram.resuming import remedies_of_resume
from skipgram.run_directory import RunDirectory
from skipgram.training import checkpoint
from skipgram.training.checkpoint import MATRICES, checkpoints_in
from skipgram.training.events import CheckpointPassedOver, EpochFinished, Event, TrainingResumed


def change_record(run: Path, **changed: Any) -> None:
    record = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps(record | changed))


def test_the_vectors_have_the_bits_of_an_uninterrupted_training(
    planted_text: Path, tmp_path: Path
) -> None:
    whole = skipgram.train(planted_text, **SMALL)
    interrupt(planted_text, tmp_path / "run", 10_000)
    events: list[Event] = []
    resumed = skipgram.resume(tmp_path / "run", callbacks=[events.append])
    assert_same_bits(resumed, whole)
    assert resumed.training["config"] == whole.training["config"]
    assert [type(event) for event in events].count(TrainingResumed) == 1
    assert_same_bits(skipgram.load(tmp_path / "run" / "model"), whole)


def test_it_begins_again_if_it_was_interrupted_before_the_first_checkpoint(
    planted_text: Path, tmp_path: Path
) -> None:
    interrupt(planted_text, tmp_path / "run")
    for path in (tmp_path / "run").glob("checkpoint-*"):
        shutil.rmtree(path)
    events: list[Event] = []
    resumed = skipgram.resume(tmp_path / "run", callbacks=[events.append])
    assert_same_bits(resumed, skipgram.train(planted_text, **SMALL))
    begun = next(event for event in events if isinstance(event, TrainingResumed))
    assert describe(begun).startswith("no checkpoint was written before the interruption;")


def test_the_text_is_not_read_again(
    planted_sentences: list[list[str]], planted_text: Path, tmp_path: Path
) -> None:
    text, held_out = tmp_path / "text.txt", tmp_path / "held-out.txt"
    shutil.copy(planted_text, text)
    held_out.write_text("a1 a2 a3\nb4 b5 b6\n")
    options: dict[str, Any] = {"validation": str(held_out), "lowercase": True}
    whole = skipgram.train(text, **SMALL, **options)
    interrupt(text, tmp_path / "run", **options)
    text.unlink()
    held_out.unlink()
    assert_same_bits(skipgram.resume(tmp_path / "run"), whole)
    # Sentences in memory can be continued too.
    interrupt(planted_sentences, tmp_path / "run")
    assert_same_bits(skipgram.resume(tmp_path / "run"), skipgram.train(planted_sentences, **SMALL))


def test_a_tokenizer_is_not_needed_again(planted_text: Path, tmp_path: Path) -> None:
    (tmp_path / "held-out.txt").write_text("a1 a2 a3\n")
    options: dict[str, Any] = {
        "tokenizer": lambda line: line.split(),
        "validation": str(tmp_path / "held-out.txt"),
    }
    whole = skipgram.train(planted_text, **SMALL, **options)
    interrupt(planted_text, tmp_path / "run", **options)
    assert_same_bits(skipgram.resume(tmp_path / "run"), whole)


def test_an_encoded_corpus_is_used_where_it_is(planted_text: Path, tmp_path: Path) -> None:
    encoded = tmp_path / "encoded"
    skipgram.encode(planted_text, encoded, min_count=1)
    options: dict[str, Any] = {"min_count": 370}
    whole = skipgram.train(encoded, **SMALL, **options)
    assert len(whole) < 40
    interrupt(encoded, tmp_path / "run", **options)
    assert not (tmp_path / "run" / "corpus").exists()
    assert_same_bits(skipgram.resume(tmp_path / "run"), whole)


def test_a_changed_corpus_is_refused(planted_text: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    interrupt(planted_text, run)
    ids = np.fromfile(run / "corpus" / "ids.int32", np.int32)
    ids[[0, 1]] = ids[[1, 0]] if ids[0] != ids[1] else (ids[0], (ids[0] + 1) % 40)
    ids.tofile(run / "corpus" / "ids.int32")
    with pytest.raises(CorpusError, match=r"has changed since the training began: its fingerprint"):
        skipgram.resume(run)
    assert (run / "run.json").exists()


def test_the_mean_is_subtracted_once(planted_text: Path, tmp_path: Path) -> None:
    options: dict[str, Any] = {**SMALL, "postprocess": "mean"}
    whole = skipgram.train(planted_text, **options)
    interrupt(planted_text, tmp_path / "run", **options)
    resumed = skipgram.resume(tmp_path / "run")
    assert_same_bits(resumed, whole)
    assert resumed.training["config"]["postprocess"] == "mean"


@pytest.mark.parametrize("option", ["initial", "resume_from"])
@pytest.mark.parametrize("freeze", [False, True])
def test_a_warm_start_is_kept(
    planted_text: Path, planted_model: Path, tmp_path: Path, option: str, freeze: bool
) -> None:
    (tmp_path / "more.txt").write_text(planted_text.read_text().replace("a0", "new"))
    start: dict[str, Any] = {option: tmp_path / "model", "freeze": freeze}
    shutil.copytree(planted_model, tmp_path / "model")
    whole = skipgram.train(tmp_path / "more.txt", **SMALL, **start)
    interrupt(tmp_path / "more.txt", tmp_path / "run", **start)
    shutil.rmtree(tmp_path / "model")
    resumed = skipgram.resume(tmp_path / "run")
    assert_same_bits(resumed, whole)
    assert resumed.training["started_from"] == whole.training["started_from"]


@pytest.mark.parametrize("option", ["initial", "resume_from"])
def test_how_the_given_vectors_were_made_need_not_be_json(
    planted_text: Path, planted_model: Path, tmp_path: Path, option: str
) -> None:
    given = skipgram.load(planted_model)
    given.training["mine"] = {1, 2}
    start: dict[str, Any] = {**SMALL, "vector_size": given.vector_size, option: given}
    whole = skipgram.train(planted_text, **start)
    interrupt(planted_text, tmp_path / "run", **start)
    resumed = skipgram.resume(tmp_path / "run")
    assert_same_bits(resumed, whole)
    assert resumed.training["started_from"] == whole.training["started_from"]


def test_a_growing_model_that_continues_is_read_as_before(
    planted_text: Path, tmp_path: Path
) -> None:
    given = skipgram.train(planted_text, lowercase=True, **SMALL)
    interrupt(planted_text, tmp_path / "run", resume_from=given, lowercase=True)
    assert len(skipgram.resume(tmp_path / "run")) == 40


def test_another_number_of_threads(planted_text: Path, tmp_path: Path) -> None:
    interrupt(planted_text, tmp_path / "run")
    assert skipgram.resume(tmp_path / "run", threads=2).training["config"]["threads"] == 2


def test_a_run_that_was_interrupted_twice(planted_text: Path, tmp_path: Path) -> None:
    interrupt(planted_text, tmp_path / "run", 10_000)
    with pytest.raises(StoppedError):
        skipgram.resume(tmp_path / "run", callbacks=[stop_at(30_000)], checkpoint="1000")
    assert_same_bits(skipgram.resume(tmp_path / "run"), skipgram.train(planted_text, **SMALL))


def test_there_is_nothing_to_continue(tmp_path: Path, planted_model: Path) -> None:
    for path in (tmp_path, tmp_path / "missing", planted_model):
        with pytest.raises(FormatError, match="there is no interrupted training in"):
            skipgram.resume(path)
        assert list(tmp_path.iterdir()) == []


def test_a_folder_with_a_model_is_not_taken_for_a_run(tmp_path: Path, planted_model: Path) -> None:
    shutil.copytree(planted_model, tmp_path / "model")
    with pytest.raises(FormatError, match="there is no interrupted training in"):
        skipgram.resume(tmp_path)


def test_the_output_is_not_taken_for_the_run(planted_text: Path, tmp_path: Path) -> None:
    interrupt(planted_text, tmp_path / "model.run")
    with pytest.raises(FormatError, match=r"in .*model; give the run_directory of a training"):
        skipgram.resume(tmp_path / "model")
    assert (tmp_path / "model.run").exists()


def test_missing_held_out_text_is_not_read_again(planted_text: Path, tmp_path: Path) -> None:
    (tmp_path / "held-out.txt").write_text("a1 a2 a3\n")
    interrupt(planted_text, tmp_path / "run", validation=str(tmp_path / "held-out.txt"))
    shutil.rmtree(tmp_path / "run" / "held-out")
    with pytest.raises(FormatError, match=r"held-out is missing; delete .*run, and train again"):
        skipgram.resume(tmp_path / "run")


@pytest.mark.parametrize("ids", [b"", b"12345678"])
@pytest.mark.parametrize("offsets", [b"", b"1234567", bytes(8)])
def test_empty_held_out_text_is_explained(
    planted_text: Path, tmp_path: Path, ids: bytes, offsets: bytes
) -> None:
    run = tmp_path / "run"
    (tmp_path / "held-out.txt").write_text("a1 a2 a3\n")
    interrupt(planted_text, run, validation=str(tmp_path / "held-out.txt"))
    (run / "held-out" / "ids.int32").write_bytes(ids and bytes(8))
    (run / "held-out" / "offsets.int64").write_bytes(offsets)
    with pytest.raises(FormatError) as raised:
        skipgram.resume(run)
    damaged = run / "held-out" / ("offsets.int64" if ids else "ids.int32")
    assert str(raised.value) == (
        f"cannot read {damaged}, part of a skipgram encoded corpus: it holds no sentence; "
        f"delete {run}, and train again"
    )


def test_changed_held_out_text_is_refused(planted_text: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    (tmp_path / "held-out.txt").write_text("a1 a2 a3\n")
    interrupt(planted_text, run, validation=str(tmp_path / "held-out.txt"))
    np.array([3, 2, 1], np.int32).tofile(run / "held-out" / "ids.int32")
    with pytest.raises(
        CorpusError,
        match=r"^the held-out text has changed since .*; delete .*run, and train again$",
    ):
        skipgram.resume(run)


def test_a_damaged_checkpoint_is_passed_over_and_deleted(
    planted_text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint, "MOST_SHARE", 1.0)
    run = tmp_path / "run"
    interrupt(planted_text, run)
    older, newer = checkpoints_in(run)
    with (newer / MATRICES).open("r+b") as file:
        file.seek(-5, 2)
        file.write(b"x")
    events: list[Event] = []

    def report(event: Event) -> None:
        events.append(event)
        stop_at(0)(event)

    with pytest.raises(StoppedError):
        skipgram.resume(run, callbacks=[report], checkpoint="1h")
    [passed_over] = [event for event in events if isinstance(event, CheckpointPassedOver)]
    assert passed_over.path == newer
    assert describe(passed_over) == (
        f"warning: damaged checkpoint: {newer / MATRICES}: input does not have the checksum in "
        "state.json; an earlier one is used"
    )
    assert checkpoints_in(run) == [older]
    assert '"checkpoint_passed_over"' in (run / "training.jsonl").read_text()
    assert_same_bits(skipgram.resume(run), skipgram.train(planted_text, **SMALL))


def test_a_signal_at_the_end_of_training_loses_nothing(planted_text: Path, tmp_path: Path) -> None:
    def report(event: Event) -> None:
        if isinstance(event, EpochFinished) and event.epoch == 3:
            signal.raise_signal(signal.SIGINT)

    run = tmp_path / "run"
    with pytest.raises(KeyboardInterrupt) as stopped:
        skipgram.train(planted_text, run_directory=run, callbacks=[report], **SMALL)
    assert stopped.value.__notes__ == [f"to continue: skipgram.resume({str(run)!r})"]
    assert_same_bits(skipgram.resume(run), skipgram.train(planted_text, **SMALL))


@pytest.mark.parametrize(
    ("changed", "difference"),
    [
        ({"vector_size": 48}, "vector_size is 48, not 16"),
        ({"seed": 3, "window": 9}, "seed is 3, not 1, window is 9, not 5"),
        ({"deterministic": True}, "deterministic is True, not False"),
        ({"alpha": 0.0250001}, "alpha is 0.0250001, not None"),
    ],
)
def test_options_changed_by_hand_are_refused(
    planted_text: Path, tmp_path: Path, changed: dict[str, Any], difference: str
) -> None:
    run = tmp_path / "run"
    interrupt(planted_text, run)
    content = (run / "run.json").read_text()
    record = json.loads(content)
    record["config"] |= changed
    (run / "run.json").write_text(json.dumps(record))
    with pytest.raises(FormatError) as raised:
        skipgram.resume(run)
    assert str(raised.value) == (
        f"{run / 'run.json'} has changed since the training began: {difference}; restore it, or "
        f"delete {run}, and train again"
    )
    (run / "run.json").write_text(content)
    assert_same_bits(skipgram.resume(run, threads=1), skipgram.train(planted_text, **SMALL))


def test_vectors_that_were_frozen_stay_frozen(
    planted_text: Path, planted_model: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    interrupt(planted_text, run, resume_from=planted_model, freeze=True)
    change_record(run, freeze=False)
    with pytest.raises(FormatError, match="began: freeze is False, not True; restore it"):
        skipgram.resume(run)


def test_a_recorded_time_that_cannot_be_is_refused(planted_text: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    interrupt(planted_text, run)
    change_record(run, scan_seconds=1e300)
    with pytest.raises(FormatError, match=r"scan_seconds is 1e\+300; it must be at most 1"):
        skipgram.resume(run)


@pytest.mark.parametrize(
    "damaged",
    [
        *(f"corpus/{name}" for name in ("ids.int32", "corpus.json", "vocabulary.tsv")),
        *("held-out/ids.int32", "held-out/offsets.int64"),
        *("start/model.safetensors", "start/vocabulary.tsv", "start/training.json"),
    ],
)
@pytest.mark.parametrize("is_gone", [True, False])
def test_a_damaged_part_of_a_run_is_not_made_again_by_hand(
    planted_text: Path, planted_model: Path, tmp_path: Path, damaged: str, is_gone: bool
) -> None:
    (tmp_path / "held-out.txt").write_text("a1 a2 a3\n")
    options: dict[str, Any] = {
        "validation": str(tmp_path / "held-out.txt"),
        "initial": planted_model,
    }
    run = tmp_path / "run"
    size = skipgram.load(planted_model).vector_size
    interrupt(planted_text, run, vector_size=size, **options)
    (run / damaged).unlink() if is_gone else (run / damaged).write_bytes(b"12345")
    with pytest.raises((FormatError, CorpusError)) as raised:
        skipgram.resume(run)
    assert str(raised.value).endswith(f"; delete {run}, and train again")
    assert "encode the text" not in str(raised.value)


def test_a_corpus_that_was_given_is_encoded_again(planted_text: Path, tmp_path: Path) -> None:
    skipgram.encode(planted_text, tmp_path / "encoded", min_count=1)
    interrupt(tmp_path / "encoded", tmp_path / "run", min_count=1)
    (tmp_path / "encoded" / "ids.int32").write_bytes(b"12345")
    with pytest.raises(FormatError, match=r"; encode the text again$"):
        skipgram.resume(tmp_path / "run")


def test_a_corpus_that_was_moved_is_moved_back(planted_text: Path, tmp_path: Path) -> None:
    encoded, run = tmp_path / "encoded", tmp_path / "run"
    skipgram.encode(planted_text, encoded, min_count=1)
    interrupt(encoded, run, min_count=1)
    encoded.rename(tmp_path / "elsewhere")
    with pytest.raises(CorpusError) as raised:
        skipgram.resume(run)
    assert str(raised.value) == (
        f"the encoded corpus {encoded} is gone, with which the training began; move it back and "
        f"resume again (the checkpoints in {run} are kept), or delete {run}, and train again"
    )
    (tmp_path / "elsewhere").rename(encoded)
    assert_same_bits(skipgram.resume(run), skipgram.train(planted_text, **SMALL, min_count=1))


@pytest.mark.parametrize(
    ("given", "encoded_with"),
    [
        ({"min_count": 1}, {"min_count": 370}),
        ({"min_count": 1, "max_vocab": 30}, {"min_count": 1, "max_vocab": 20}),
    ],
)
def test_a_corpus_that_was_encoded_with_other_options_has_changed(
    planted_text: Path, tmp_path: Path, given: dict[str, Any], encoded_with: dict[str, Any]
) -> None:
    encoded, run = tmp_path / "encoded", tmp_path / "run"
    skipgram.encode(planted_text, encoded, min_count=1)
    interrupt(encoded, run, **given)
    skipgram.encode(planted_text, encoded, **encoded_with)
    with pytest.raises(CorpusError) as raised:
        skipgram.resume(run)
    assert str(raised.value).startswith(
        f"the encoded corpus {encoded} has changed since the training began: it does not have the "
        f"words of min_count=1, max_vocab={given.get('max_vocab')}; restore it, or delete {run}, "
    )


def test_a_corpus_with_too_few_words_left_has_changed(planted_text: Path, tmp_path: Path) -> None:
    encoded, run = tmp_path / "encoded", tmp_path / "run"
    skipgram.encode(planted_text, encoded, min_count=1)
    interrupt(encoded, run, min_count=370)
    (tmp_path / "small.txt").write_text("one two three\n")
    skipgram.encode(tmp_path / "small.txt", encoded, min_count=1)
    with pytest.raises(CorpusError, match=r"has changed since the training .*; restore it,"):
        skipgram.resume(run)


@pytest.mark.parametrize(
    "name",
    [
        *("corpus/ids.int32", "corpus/offsets.int64", "corpus/vocabulary.tsv"),
        *("held-out/ids.int32", "held-out/offsets.int64"),
    ],
)
def test_the_missing_file_is_named(planted_text: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "held-out.txt").write_text("a1 a2 a3\n")
    run = tmp_path / "run"
    interrupt(planted_text, run, validation=str(tmp_path / "held-out.txt"))
    (run / name).unlink()
    with pytest.raises(FormatError) as raised:
        skipgram.resume(run)
    assert str(raised.value).startswith(f"cannot read {run / name}, part of a skipgram ")


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("m is on a read-only file system; choose another path", "; correct that, then resume"),
        ("no permission; grant it, or choose another path", "; grant it"),
        ("it holds 'a'; move that file, or choose a new or empty directory", "; move that file"),
        ("it is a file; choose a directory, or a name", "; correct that, then resume"),
        ("1 kB is free; free some space, or choose another --output", "; free some space"),
        ("raise the limit (ulimit -f), or lower --vector-size", "(ulimit -f)"),
        ("run.lock is gone; correct that", "; correct that"),
    ],
)
def test_no_other_output_is_proposed(text: str, changed: str) -> None:
    with pytest.raises(OutputError) as raised, remedies_of_resume():
        raise OutputError(text)
    assert str(raised.value).endswith(changed)
    assert text.startswith(str(raised.value).removesuffix(changed))


def test_a_lock_that_is_held_or_broken(planted_text: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    interrupt(planted_text, run)
    with (
        RunDirectory(run),
        pytest.raises(OutputError, match=r"does that already; wait until it has ended$"),
    ):
        skipgram.resume(run)
    (run / "run.lock").unlink()
    (run / "run.lock").mkdir()
    with pytest.raises(OutputError, match=r"run\.lock: Is a directory; correct that, then resume$"):
        skipgram.resume(run)


def test_recorded_options_out_of_range(planted_text: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    interrupt(planted_text, run)
    record = json.loads((run / "run.json").read_text())
    record["config"]["window"] = 0
    (run / "run.json").write_text(json.dumps(record))
    with pytest.raises(FormatError, match=r"json: window is 0; .*; delete .*run, and train again$"):
        skipgram.resume(run)
