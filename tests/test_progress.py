"""Progress in a terminal, in a notebook, and as plain lines."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

import skipgram
from skipgram.config import available_cores
from skipgram.errors import ConfigError
from skipgram.event_texts import describe
from skipgram.progress import (
    Bars,
    Lines,
    MovingDisplay,
    Notebook,
    reporting_to,
)
from skipgram.training.events import (
    BestEpochTaken,
    ChunkTrained,
    EpochFinished,
    Event,
    MoreThreadsThanCores,
    ScanProgressed,
    StageProgressed,
    TrainingStarted,
    silent,
)

Run = Callable[..., Any]
SMALL = ["--vector-size", 16, "--sample", 0, "--threads", 1, "--epochs", 3]


def test_softmax_shows_its_expected_time(run: Run, planted_text: Path, tmp_path: Path) -> None:
    flags = [*SMALL, "--objective", "softmax", "--batch", 32]
    answer = run("train", planted_text, "-o", tmp_path / "model", *flags)
    assert answer.code == 0
    expected = r"^expected time: 0:00:0\d an epoch, 0:00:0\d for 3 epochs$"
    assert re.search(expected, answer.err, re.MULTILINE)
    assert re.search(r"^memory: about [\d.]+ [kM]B$", answer.err, re.MULTILINE)


@pytest.mark.parametrize(
    ("flags", "item"),
    [
        (["--objective", "softmax", "--batch", 32], "scores and gradients of 32 centre words"),
        (["--optimizer", "adam"], "state of adam"),
    ],
)
def test_a_plan_that_takes_a_notable_share_of_memory_is_shown_in_detail(
    run: Run,
    planted_text: Path,
    tmp_path: Path,
    flags: list[Any],
    item: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("skipgram.training.memory._NOTABLE_SHARE", 0.0)
    answer = run("train", planted_text, "-o", tmp_path / "model", *SMALL, *flags)
    assert re.search(rf"^memory: [\d.]+ [kM]B of .* available \(.*{item}", answer.err, re.MULTILINE)


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a pseudo-terminal")
@pytest.mark.parametrize(
    ("verb", "flags", "said"),
    [
        ("train", SMALL, ("scan", "training", "epoch 3/3", "100%", "words/s", "loss")),
        ("pmi", ["--vector-size", 8], ("scan", "counting", "factorising", "100%", "memory: ")),
    ],
)
def test_bars_in_a_terminal(
    planted_text: Path, tmp_path: Path, verb: str, flags: list[Any], said: tuple[str, ...]
) -> None:
    leader, follower = os.openpty()
    arguments = [verb, planted_text, "-o", tmp_path / "model", *flags]
    command = [sys.executable, "-m", "skipgram", *map(str, arguments)]
    environment = {**os.environ, "COLUMNS": "140"}
    with subprocess.Popen(
        command, stderr=follower, stdout=subprocess.PIPE, env=environment
    ) as process:
        os.close(follower)
        shown = b""
        try:
            while part := os.read(leader, 65536):
                shown += part
        except OSError:  # Linux reports the end of a terminal as an error
            pass
    assert process.returncode == 0
    text = shown.decode()
    for expected in said:
        assert expected in text


def test_a_training_says_whether_its_vectors_are_hardly_trained(
    run: Run, random_sentences: list[list[str]], tmp_path: Path
) -> None:
    text = tmp_path / "random.txt"
    text.write_text("".join(" ".join(sentence) + "\n" for sentence in random_sentences))
    command = ("train", text, "-o", tmp_path / "model", *SMALL[:-2])
    assert "the vectors are hardly trained" in run(*command, "--epochs", 1).err
    assert "hardly trained" not in run(*command, "--epochs", 40).err


def test_lines_show_one_chunk_in_ten_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    show = Lines()
    show(TrainingStarted(epochs=2, raw_words=1000, compile_seconds=0.0, expected_seconds=None))
    for raw_words, seconds in ((100, 9.0), (200, 10.0), (300, 15.0), (500, 25.0)):
        show(ChunkTrained(epoch=1, raw_words=raw_words, seconds=seconds, rate=0.02, loss=1.5))
    show(EpochFinished(epoch=1, loss=1.25, seconds=50.0, validation_loss=1.3))
    assert capsys.readouterr().err.splitlines() == [
        "epoch 1/2: 10%, 20 raw words/s, rate 0.0200, loss 1.5000, 90 s left",
        "epoch 1/2: 25%, 20 raw words/s, rate 0.0200, loss 1.5000, 75 s left",
        "epoch 1/2: loss 1.2500, held-out loss 1.3000, 20 raw words/s",
    ]


def test_lines_show_the_beginning_and_the_end_of_a_stage(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show = Lines()
    for done, seconds in ((0, 0.0), (1, 5.0), (2, 12.0), (4, 14.0)):
        show(StageProgressed("counting", done, 4, seconds))
    lines = ["counting ...", "counting: 50%", "counting: done in 14.0 s"]
    assert capsys.readouterr().err.splitlines() == lines


@pytest.mark.parametrize(
    ("losses", "last_rate", "explained"),
    [
        ([2.7, 2.64, 2.645], 1e-5, True),
        ([2.7, 2.65, 2.645], 1e-5, False),  # it falls to the end
        ([2.7, 2.64, 2.6401], 1e-5, False),  # hardly at all
        ([2.7, 2.64, 2.8], 1e-5, False),  # more than slightly
        ([2.7, 2.64, 2.645], 0.025, False),  # the learning rate is constant
    ],
)
def test_a_slight_rise_of_the_loss_is_explained_after_the_last_epoch(
    losses: list[float], last_rate: float, explained: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    lines, bars = Lines(), RecordedBars()
    for show in (lines, bars):
        show(TrainingStarted(3, 100, 0.0, None))
        for epoch, loss in enumerate(losses, 1):
            rate = last_rate if epoch == 3 else 0.025
            show(ChunkTrained(epoch, 100.0 * epoch, float(epoch), rate, loss))
            show(EpochFinished(epoch, loss, float(epoch)))
    note = (
        "note: the training loss rose from 2.6400 to 2.6450 at the end. This is normal: as the "
        "learning rate falls, the vectors adapt less to the text just read"
    )
    printed = capsys.readouterr().err.splitlines()
    assert (printed[-1] == note, note in bars.notes) == (explained, explained)
    assert len(printed) == (4 if explained else 3)


def test_more_threads_than_cores_are_noted_once(
    run: Run, planted_text: Path, tmp_path: Path
) -> None:
    cores = available_cores()
    options = ["--vector-size", 16, "--epochs", 1]
    train = ("train", planted_text, "-o", tmp_path / "model", *options)
    note = f"and more threads than cores do not help; lower --threads to {cores}\n"
    for command in (train, ("encode", planted_text, "-o", tmp_path / "encoded")):
        assert run(*command, "--threads", cores + 1).err.count(note) == 1
    assert "cores do not help" not in run(*train, "--threads", cores).err
    assert "cores do not help" not in run(*train).err
    assert describe(MoreThreadsThanCores(64, 1)) == (
        "note: 64 threads share 1 core on this machine, and more threads than cores do not help; "
        "lower threads to 1"
    )


def test_the_unit_of_the_scan_is_shown() -> None:
    bars = RecordedBars()
    bars(ScanProgressed(12_000_000, 0, "bytes"))
    bars(ScanProgressed(12_000_000, 24_000_000, "bytes"))
    bars(ScanProgressed(12_000_000, 0, "words"))
    assert bars.notes == ["12 MB", "12 MB", "12,000,000 words"]


@pytest.mark.parametrize("kind", ["auto", False])
def test_nothing_is_shown_in_a_pipe(
    planted_text: Path, capsys: pytest.CaptureFixture[str], kind: Any
) -> None:
    skipgram.train(planted_text, vector_size=8, epochs=1, progress=kind)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(("kind", "is_shown"), [("auto", True), (True, True), (False, False)])
def test_bars_are_shown_if_standard_error_is_a_terminal(
    kind: Any, is_shown: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with reporting_to(silent, kind) as send:
        send(StageProgressed("counting", 4, 4, 1.0))
    assert ("counting" in capsys.readouterr().err) == is_shown


def test_lines_are_shown_in_a_pipe_if_asked_for(
    planted_text: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    skipgram.train(planted_text, vector_size=8, epochs=1, progress=True)
    assert "epoch 1/1: loss " in capsys.readouterr().err
    skipgram.encode(planted_text, tmp_path / "encoded", progress=True)
    assert "corpus: 16,000 words" in capsys.readouterr().err
    skipgram.join_phrases(planted_text, tmp_path / "joined.txt", progress=True)
    assert "pass 1" in capsys.readouterr().err
    skipgram.pmi.train_svd(planted_text, skipgram.TrainConfig(vector_size=8), progress=True)
    assert "factorising: done" in capsys.readouterr().err


def test_unknown_kind_of_progress(planted_text: Path) -> None:
    with pytest.raises(ConfigError, match="progress is 'bar'; it must be \"auto\", True or False"):
        skipgram.train(planted_text, progress="bar")  # type: ignore[arg-type]


def test_events_are_shown_and_reported(capsys: pytest.CaptureFixture[str]) -> None:
    seen: list[Event] = []
    event = BestEpochTaken(best=3, epochs=5)
    with reporting_to(seen.append, True) as send:
        send(event)
    assert seen == [event]
    assert "epoch 3 of 5" in capsys.readouterr().err


def test_a_bar_takes_the_total_that_becomes_known_later() -> None:
    bars = Bars()
    for done, total in ((0, 0), (30, 60)):
        bars(StageProgressed("searching", done, total, 1.0))
    (bar,) = bars._progress.tasks
    assert (bar.total, bar.percentage) == (60, 50)


class RecordedBars(MovingDisplay):
    """Keeps the names of the bars that were begun, and every note."""

    def __init__(self) -> None:
        super().__init__()
        self.begun: list[str] = []
        self.notes: list[str] = []
        self.shares: list[float] = []
        self._is_open = False

    def _say(self, text: str) -> None:
        self.notes.append(text)

    def _move(self, name: str, done: float, total: float | None, note: str) -> None:
        self.begun += [] if self._is_open else [name]
        self._is_open = True
        self.notes.append(note)
        self.shares.append(done / (total or 1))

    def _finish(self, note: str) -> None:
        self._is_open = False
        self.notes.append(note)


def test_one_bar_shows_the_whole_training(planted_text: Path) -> None:
    show = RecordedBars()
    skipgram.train(planted_text, vector_size=8, epochs=5, threads=1, callbacks=[show])
    assert show.begun == ["scan", "training"]
    shares = show.shares[show.shares.index(min(show.shares)) :]
    assert shares[-1] == pytest.approx(1)
    assert any("epoch 2/5" in note for note in show.notes)


def test_the_loss_that_is_shown_does_not_jump_at_the_end_of_an_epoch(planted_text: Path) -> None:
    show = RecordedBars()
    skipgram.train(planted_text, vector_size=8, epochs=5, threads=1, callbacks=[show])
    found = [re.search(r"epoch (\d)/5  loss ([\d.]+)", note) for note in show.notes]
    losses = [(int(each[1]), float(each[2])) for each in found if each]
    later = [loss for epoch, loss in losses if epoch > 1]
    steps = [abs(after - before) for before, after in itertools.pairwise(later)]
    assert max(steps) < 0.05 * max(later)


def test_the_last_held_out_loss_stays_in_the_note() -> None:
    show = RecordedBars()
    show(TrainingStarted(epochs=2, raw_words=100, compile_seconds=0.0, expected_seconds=None))
    show(ChunkTrained(epoch=1, raw_words=100, seconds=1.0, rate=0.02, loss=1.5))
    show(EpochFinished(epoch=1, loss=1.5, seconds=1.0, validation_loss=1.75))
    show(ChunkTrained(epoch=2, raw_words=150, seconds=1.5, rate=0.02, loss=1.3))
    expected = "epoch 2/2  loss 1.4333, held-out loss 1.7500  100 words/s"
    assert show.notes[-1] == expected


class CountingClient(NotebookClient):
    """Runs a notebook and counts the messages of its kernel by type."""

    def __init__(self, notebook: Any, **options: Any) -> None:
        super().__init__(notebook, **options)
        self.messages: Counter[str] = Counter()

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> Any:
        self.messages[msg["msg_type"]] += 1
        return super().process_message(msg, cell, cell_index)


def test_a_notebook_shows_one_display_that_is_updated() -> None:
    """Runs a real kernel, as a notebook does."""
    source = """
import numpy as np
import skipgram
numbers = np.random.default_rng(7).integers(40, size=(2000, 8))
embeddings = skipgram.train(numbers, vector_size=8, epochs=3)
"""
    v4: Any = nbformat.v4
    notebook = v4.new_notebook(cells=[v4.new_code_cell(source)])
    client = CountingClient(notebook, timeout=300, kernel_name="python3")
    client.execute()
    assert client.messages["display_data"] == 1
    assert client.messages["update_display_data"] > 1
    assert client.messages["stream"] == 0
    (output,) = notebook.cells[0].outputs
    assert output.output_type == "display_data"
    assert output.data["text/html"].count("<progress") == 2  # the scan, and the training
    assert re.search(r"^training: 100%  epoch 3/3  loss \d", output.data["text/plain"], re.M)


def test_a_notebook_updates_its_display_and_escapes_text(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[dict[str, str]] = []
    updated: list[dict[str, str]] = []

    class Handle:
        def update(self, content: dict[str, str], raw: bool) -> None:
            updated.append(content)

    def display(content: dict[str, str], raw: bool, display_id: bool) -> Handle:
        shown.append(content)
        return Handle()

    monkeypatch.setattr("IPython.display.display", display)
    with Notebook() as show:
        show(StageProgressed("counting <b>", 0, 4, 0.0))
        show(BestEpochTaken(best=1, epochs=2))
        show(StageProgressed("counting <b>", 4, 4, 1.0))
    assert len(shown) == 1
    assert "counting &lt;b&gt;" in updated[-1]["text/html"]
    assert "<b>" not in updated[-1]["text/html"]
    assert updated[-1]["text/plain"].splitlines()[0] == "counting <b>: 100%  0:00:00"


def test_a_notebook_without_events_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("IPython.display.display", None)
    with Notebook():
        pass
