"""The directory of a run: what it holds, who may use it, and when it is deleted."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from interrupted import SMALL, StoppedError, interrupt, stop_at

import skipgram
from skipgram import run_directory
from skipgram.errors import (
    ConfigError,
    CorpusError,
    FormatError,
    OutputError,
)
from skipgram.io.leftovers import remove
from skipgram.run_directory import RunDirectory
from skipgram.training.events import (
    Event,
    RunDiscarded,
    ScanFinished,
    ScanProgressed,
)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_it_holds_after_an_interruption(planted_text: Path, tmp_path: Path) -> None:
    interrupt(planted_text, tmp_path / "run")
    names = sorted(path.name for path in (tmp_path / "run").iterdir())
    assert [name for name in names if not name.startswith("checkpoint-")] == [
        "corpus", "run.json", "run.lock", "training.jsonl",
    ]  # fmt: skip
    assert 1 <= len(names) - 4 <= 2
    record = json.loads((tmp_path / "run" / "run.json").read_text())
    assert record["config"]["vector_size"] == 16


@pytest.mark.parametrize(
    ("options", "error"),
    [({"min_count": 10**6}, CorpusError), ({"validation": "missing.txt"}, CorpusError)],
)
def test_it_is_deleted_if_the_training_would_fail_again(
    planted_text: Path, tmp_path: Path, options: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        skipgram.train(planted_text, run_directory=tmp_path / "run", **SMALL, **options)
    assert list(tmp_path.iterdir()) == []


def test_it_is_deleted_if_the_training_has_hardly_begun(
    planted_text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt(planted_text, tmp_path / "run", 0)
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(run_directory, "MOST_DISCARDED_SECONDS", 0.0)  # reading the text took long
    interrupt(planted_text, tmp_path / "run", 0)
    assert len(skipgram.resume(tmp_path / "run")) == 40


def test_without_checkpoints_nothing_is_kept(planted_text: Path, tmp_path: Path) -> None:
    with pytest.raises(StoppedError):
        skipgram.train(
            planted_text,
            run_directory=tmp_path / "run",
            checkpoint="off",
            callbacks=[stop_at(20_000)],
            **SMALL,
        )
    assert list(tmp_path.iterdir()) == []


def test_two_trainings_in_one_directory_are_refused(planted_text: Path, tmp_path: Path) -> None:
    def report(event: Event) -> None:
        if isinstance(event, ScanFinished):
            with pytest.raises(OutputError, match=r"cannot train in .*run: process \d+ does that"):
                skipgram.train(planted_text, run_directory=tmp_path / "run", **SMALL)

    skipgram.train(planted_text, run_directory=tmp_path / "run", callbacks=[report], **SMALL)


def test_a_short_interrupted_training_gives_way(planted_text: Path, tmp_path: Path) -> None:
    interrupt(planted_text, tmp_path / "run")
    (tmp_path / "run" / ".skipgram-half-written").mkdir()
    events: list[Event] = []
    skipgram.train(planted_text, run_directory=tmp_path / "run", callbacks=[events.append], **SMALL)
    assert isinstance(events[0], RunDiscarded)
    assert 0 < events[0].seconds < 60
    assert names_in(tmp_path / "run") == ["model", "run.lock"]


def test_a_long_interrupted_training_is_not_deleted(planted_text: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    interrupt(planted_text, run)
    record = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps({**record, "scan_seconds": 3600.0}))
    with pytest.raises(
        OutputError,
        match=r"holds an interrupted training that took 3,600 s, with vector_size=16 instead of "
        r"32; continue it with skipgram\.resume\(.*\), or delete .*run to start again$",
    ):
        skipgram.train(planted_text, run_directory=run, **{**SMALL, "vector_size": 32})
    with pytest.raises(OutputError, match="with the same options; continue it"):
        skipgram.train(planted_text, run_directory=run, **SMALL)
    with pytest.raises(OutputError, match="with another corpus, lowercase=None instead of True;"):
        skipgram.train([planted_text] * 2, run_directory=run, lowercase=True, **SMALL)
    assert skipgram.resume(run).vector_size == 16


def test_a_directory_with_other_files_is_refused(planted_text: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(OutputError, match=r"holds 'notes\.txt', which is not part of a run"):
        skipgram.train(planted_text, run_directory=tmp_path, **SMALL)
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_an_interval_without_a_directory_has_no_effect(planted_text: Path) -> None:
    with pytest.raises(ConfigError, match="checkpoint=1h has no effect without run_directory"):
        skipgram.train(planted_text, checkpoint="1h")


def test_checkpoints_without_a_record_are_not_deleted(
    planted_text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = tmp_path / "run"
    interrupt(planted_text, run)
    (run / "run.json").unlink()
    with monkeypatch.context() as patch:
        patch.setattr(run_directory, "MOST_DISCARDED_SECONDS", 0.0)
        with pytest.raises(
            OutputError,
            match=r"that took 0 s, and cannot be continued without run\.json, which is missing; "
            r"delete .*run to start again$",
        ):
            skipgram.train(planted_text, run_directory=run, **SMALL)
    assert list(run.glob("checkpoint-*"))
    skipgram.train(planted_text, run_directory=run, **SMALL)
    assert names_in(run) == ["model", "run.lock"]


@pytest.mark.parametrize("damage", ['{"version": 2}', "not JSON"])
def test_an_interrupted_training_that_cannot_be_read_is_not_deleted(
    planted_text: Path, tmp_path: Path, damage: str
) -> None:
    run = tmp_path / "run"
    interrupt(planted_text, run)
    (run / "run.json").write_text(damage)
    with pytest.raises(OutputError, match=r"holds an interrupted training that cannot be read"):
        skipgram.train(planted_text, run_directory=run, **SMALL)
    assert list(run.glob("checkpoint-*"))


def test_a_command_that_fails_leaves_an_interrupted_training_alone(
    planted_text: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    interrupt(planted_text, run)
    for path in run.glob("checkpoint-*"):
        shutil.rmtree(path)
    with pytest.raises(CorpusError), RunDirectory(run) as directory:
        skipgram.SkipGram(**SMALL).fit(tmp_path / "typo.txt", run_directory=directory)
    assert (run / "run.json").exists()
    (run / "corpus" / "ids.int32").write_bytes(b"")
    with pytest.raises(FormatError):
        skipgram.resume(run)
    assert (run / "run.json").exists()


def test_files_of_others_stay(planted_text: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"

    def report(event: Event) -> None:
        if isinstance(event, ScanFinished):
            (run / "notes.txt").write_text("mine")
            (run / "checkpoint-backup").mkdir()

    skipgram.train(planted_text, run_directory=run, callbacks=[report], **SMALL)
    assert names_in(run) == ["checkpoint-backup", "model", "notes.txt", "run.lock"]


def test_other_files_do_not_keep_a_training_from_being_continued(
    planted_text: Path, tmp_path: Path
) -> None:
    interrupt(planted_text, tmp_path / "run")
    (tmp_path / "run" / ".DS_Store").write_text("of the system")
    assert len(skipgram.resume(tmp_path / "run")) == 40


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_leaves_the_directory_alone(planted_text: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"

    def report(event: Event) -> None:
        if isinstance(event, ScanFinished) and not (child := os.fork()):
            try:
                raise StoppedError
            finally:
                with contextlib.suppress(BaseException):
                    directory.__exit__(StoppedError, StoppedError(), None)
                os._exit(0)
        elif isinstance(event, ScanFinished):
            os.waitpid(child, 0)
            assert (run / "run.lock").exists()

    with RunDirectory(run) as directory:
        skipgram.SkipGram(**SMALL).fit(planted_text, run_directory=directory, callbacks=[report])
        directory.finish(tmp_path / "model")
    assert not run.exists()


@pytest.mark.parametrize("name", ["run.lock", "training.jsonl", "checkpoint-000000999", "corpus/x"])
def test_links_are_never_followed(planted_text: Path, tmp_path: Path, name: str) -> None:
    run, victim = tmp_path / "run", tmp_path / "victim"
    interrupt(planted_text, run)
    victim.mkdir()
    (victim / "file").write_text("mine")
    (run / name).unlink(missing_ok=True)
    (run / name).symlink_to(victim if name.startswith("checkpoint") else victim / "file")
    for again in (skipgram.resume, lambda path: skipgram.train(planted_text, run_directory=path)):
        with pytest.raises(OutputError, match="which is neither a file nor a directory; delete it"):
            again(run)
    assert [path.name for path in victim.iterdir()] == ["file"]
    assert (victim / "file").read_text() == "mine"


@pytest.mark.parametrize("ending", ["", "/"])
def test_a_link_is_refused(planted_text: Path, tmp_path: Path, ending: str) -> None:
    interrupt(planted_text, tmp_path / "interrupted")
    (tmp_path / "empty").mkdir()
    for name in ("interrupted", "empty", "missing"):
        (tmp_path / "run").unlink(missing_ok=True)
        (tmp_path / "run").symlink_to(tmp_path / name)
        for again in (
            skipgram.resume,
            lambda path: skipgram.train(planted_text, run_directory=path),
        ):
            with pytest.raises(OutputError, match=r"cannot train in .*run/?: it is a link; remov"):
                again(f"{tmp_path}/run{ending}")
    assert names_in(tmp_path) == ["empty", "interrupted", "run"]
    (tmp_path / "folder").symlink_to(tmp_path)
    assert len(skipgram.resume(tmp_path / "folder" / "interrupted")) == 40


def test_a_pipe_is_not_waited_for(planted_text: Path, tmp_path: Path) -> None:
    interrupt(planted_text, tmp_path / "run")
    state = next((tmp_path / "run").glob("checkpoint-*")) / "state.json"
    state.unlink()
    os.mkfifo(state)
    with pytest.raises(OutputError, match=r"'state\.json', which is neither"):
        skipgram.resume(tmp_path / "run")


def test_a_path_that_is_not_utf8(planted_text: Path, tmp_path: Path) -> None:
    encoded = tmp_path / os.fsdecode(b"enc\xff")
    skipgram.encode(planted_text, encoded, min_count=1)
    interrupt(encoded, tmp_path / "run", min_count=1)
    assert len(skipgram.resume(tmp_path / "run")) == 40


@pytest.mark.parametrize("name", ["corpus", "start", "checkpoint-500", "model", "run.json"])
def test_a_directory_of_the_user_is_refused(planted_text: Path, tmp_path: Path, name: str) -> None:
    project = tmp_path / "project"
    (project / "corpus").mkdir(parents=True)
    shutil.copy(planted_text, project / "corpus" / "text.txt")
    if name == "run.json":
        (project / name).write_text("{}")
    else:
        (project / name).mkdir(exist_ok=True)
        (project / name / "mine.txt").write_text("mine")
    before = sorted(project.rglob("*"))
    for source in (project / "corpus", planted_text):
        with pytest.raises(OutputError, match=r"it holds 'c[\w-]+', which is not part of a "):
            skipgram.train(source, run_directory=project, **SMALL)
    assert sorted(project.rglob("*")) == before


def test_a_run_that_was_killed_while_it_read_the_corpus_gives_way(
    planted_text: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    (run / "corpus").mkdir(parents=True)
    (run / "run.lock").touch()
    skipgram.train(planted_text, run_directory=run, **SMALL)
    assert names_in(run) == ["model", "run.lock"]


def test_a_run_without_its_lock_file_is_continued_or_replaced(
    planted_text: Path, tmp_path: Path
) -> None:
    for again in (skipgram.resume, lambda path: skipgram.train(planted_text, run_directory=path)):
        interrupt(planted_text, tmp_path / "run")
        (tmp_path / "run" / "run.lock").unlink()
        assert len(again(tmp_path / "run")) == 40


@pytest.mark.parametrize("is_resumable", [True, False])
def test_a_corpus_in_the_directory_is_not_deleted(
    planted_text: Path, tmp_path: Path, is_resumable: bool
) -> None:
    run = tmp_path / "run"
    interrupt(planted_text, run)
    if not is_resumable:
        (run / "run.json").unlink()
    shutil.copy(planted_text, run / "corpus" / "text.txt")
    for corpus in (run / "corpus", run / "corpus" / "text.txt"):
        with pytest.raises(OutputError, match=r"run: it holds the corpus .*run/corpus.*, which wo"):
            skipgram.train(corpus, run_directory=run, **SMALL)
    assert (run / "corpus" / "ids.int32").stat().st_size > 0
    assert (run / "run.lock").exists()


def test_held_out_text_in_the_directory_is_not_deleted(planted_text: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    skipgram.train(planted_text, run_directory=run, **SMALL)
    for folder in ("corpus", "model"):
        held_out = run / folder / "held-out.txt"
        held_out.parent.mkdir(exist_ok=True)
        shutil.copy(planted_text, held_out)
        with pytest.raises(OutputError, match=rf"it holds the held-out text {held_out}, which wou"):
            skipgram.train(planted_text, run_directory=run, validation=str(held_out), **SMALL)
        assert held_out.exists()


def test_parts_that_cannot_be_deleted_are_those_of_a_run(
    planted_text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = tmp_path / "run"

    def remove_others(path: Path) -> None:
        if path.name != "corpus":  # a system may keep files that are open
            remove(path)

    with monkeypatch.context() as patch:
        patch.setattr(run_directory, "remove", remove_others)
        with RunDirectory(run) as directory:
            skipgram.SkipGram(**SMALL).fit(planted_text, run_directory=directory)
            directory.finish(tmp_path / "model")
    assert names_in(run) == ["corpus", "run.lock"]
    skipgram.train(planted_text, run_directory=run, **SMALL)
    assert names_in(run) == ["model", "run.lock"]


def test_the_scan_of_a_corpus_that_was_given_is_not_lost(
    planted_text: Path, tmp_path: Path
) -> None:
    encoded, run = tmp_path / "encoded", tmp_path / "run"
    skipgram.encode(planted_text, encoded, min_count=1)
    description = json.loads((encoded / "corpus.json").read_text())
    description["report"]["seconds"] = 3600.0
    (encoded / "corpus.json").write_text(json.dumps(description))
    interrupt(encoded, run)
    assert json.loads((run / "run.json").read_text())["scan_seconds"] == 3600.0
    skipgram.train(encoded, run_directory=run, **SMALL)
    assert names_in(run) == ["model", "run.lock"]


def test_vectors_to_start_from_that_cannot_be_saved_are_refused_before_the_scan(
    planted_text: Path, tmp_path: Path
) -> None:
    given = skipgram.Embeddings(["a1", "a\ud800"], [[1.0] * 16] * 2)
    events: list[Event] = []
    with pytest.raises(FormatError, match=r"the word 'a\\ud800' cannot be encoded as UTF-8"):
        skipgram.train(
            planted_text, initial=given, run_directory=tmp_path / "run", callbacks=[events.append]
        )
    assert not any(isinstance(event, ScanProgressed) for event in events)
    assert list(tmp_path.iterdir()) == []


def test_without_checkpoints_the_vectors_to_start_from_are_not_saved(
    planted_text: Path, tmp_path: Path
) -> None:
    given = skipgram.Embeddings(["a1", "a\ud800"], [[1.0] * 16] * 2)
    options: dict[str, Any] = {**SMALL, "initial": given, "checkpoint": "off"}
    assert len(skipgram.train(planted_text, run_directory=tmp_path / "run", **options)) == 40


def test_vectors_to_start_from_of_a_run_that_was_killed_are_deleted(
    planted_text: Path, planted_model: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    shutil.copytree(planted_model, run / "start")
    (run / "run.lock").touch()
    interrupt(planted_text, run)
    assert not (run / "start").exists()
