"""A model whose place is no longer writable when its training ends is saved elsewhere."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from one_line import assert_one_line

import skipgram
from skipgram.model import SkipGram

Run = Callable[..., Any]
Then = Callable[[Callable[[], object]], None]
SMALL = ["--vector-size", 16, "--epochs", 2, "--threads", 1]


@pytest.fixture
def then(monkeypatch: pytest.MonkeyPatch) -> Then:
    """Return a function that lets something happen at the end of each training."""
    fit = SkipGram.fit

    def set_up(happen: Callable[[], object]) -> None:
        def fit_then(self: SkipGram, *corpus: Any, **options: Any) -> skipgram.Embeddings:
            embeddings = fit(self, *corpus, **options)
            happen()
            return embeddings

        monkeypatch.setattr(SkipGram, "fit", fit_then)

    return set_up


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files; the home directory is beside it."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    (tmp_path / "home").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return folder


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 200 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(folder)]
    if (
        not shutil.which("mount")
        or subprocess.run(mount, capture_output=True, check=False).returncode
    ):
        pytest.skip("needs the permission to mount a file system")
    yield folder
    while folder.is_mount():
        subprocess.run(["umount", str(folder)], check=True)


def make_read_only(disk: Path) -> None:
    """Mount an empty disk over another: a disk with open files cannot be made read-only."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", str(disk)], check=True)


def test_a_foreign_file_in_the_output(
    run: Run, then: Then, planted_text: Path, tmp_path: Path
) -> None:
    output = tmp_path / "model"
    run("train", planted_text, "-o", output, *SMALL)
    then(lambda: (output / "notes.txt").write_text("mine"))
    for name in ("model-unsaved", "model-unsaved2"):
        (output / "notes.txt").unlink(missing_ok=True)
        answer = run("train", planted_text, "-o", output, *SMALL)
        saved = f"The model was saved to {tmp_path / name} instead"
        assert_one_line(answer, 1, "it holds 'notes.txt', which is not part", saved)
        assert answer.out == ""
        assert len(skipgram.load(tmp_path / name)) == 40
    assert (output / "notes.txt").read_text() == "mine"


def test_the_place_is_in_the_json_of_the_error(
    run: Run, then: Then, planted_text: Path, tmp_path: Path
) -> None:
    then(lambda: (tmp_path / "model.safetensors").write_text("mine"))
    answer = run(
        "train", planted_text, "-o", tmp_path / "model.safetensors", *SMALL, "--json", "-q"
    )
    assert answer.out == ""
    error = json.loads(answer.err)["error"]
    place = tmp_path / "model-unsaved.safetensors"
    assert error["message"].endswith(f"The model was saved to {place} instead")
    assert (error["type"], error["exit_code"]) == ("OutputError", 1)
    assert len(skipgram.load(place)) == 40


def test_a_full_disk(
    run: Run, then: Then, planted_text: Path, small_disk: Path, elsewhere: Path
) -> None:
    run("train", planted_text, "-o", small_disk / "model", *SMALL)
    before = skipgram.load(small_disk / "model").input.tobytes()

    def fill() -> None:
        file = (small_disk / "log").open("wb", buffering=0)
        with file, pytest.raises(OSError, match="No space left"):
            while True:
                file.write(bytes(1024))

    then(fill)
    answer = run("train", planted_text, "-o", small_disk / "model", *SMALL)
    saved = f"The model was saved to {elsewhere / 'model-unsaved'} instead"
    assert_one_line(answer, 1, "no space left to write", saved)
    assert len(skipgram.load(elsewhere / "model-unsaved")) == 40
    assert skipgram.load(small_disk / "model").input.tobytes() == before
    assert sorted(path.name for path in small_disk.iterdir()) == ["log", "model"]


def test_a_disk_that_became_read_only(
    run: Run, then: Then, planted_text: Path, small_disk: Path, elsewhere: Path
) -> None:
    then(lambda: make_read_only(small_disk))
    answer = run("train", planted_text, "-o", small_disk / "model", *SMALL)
    saved = f"The model was saved to {elsewhere / 'model-unsaved'} instead"
    assert_one_line(answer, 1, "is on a read-only file system", saved)


@pytest.mark.parametrize("command", ["quickstart", "pmi"])
def test_other_commands_that_train(
    command: str, run: Run, planted_text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "model"
    module, name = {"quickstart": ("model", "SkipGram.fit"), "pmi": ("pmi", "train_svd")}[command]

    def train(*_: object, **__: object) -> skipgram.Embeddings:
        output.mkdir()
        (output / "notes.txt").touch()
        return skipgram.Embeddings(["a", "b"], [[1.0], [2.0]])

    monkeypatch.setattr(f"skipgram.{module}.{name}", train)
    answer = run(command, *([planted_text] if command == "pmi" else []), "-o", output)
    assert_one_line(answer, 1, f"The model was saved to {tmp_path / 'model-unsaved'} instead")
    assert skipgram.load(tmp_path / "model-unsaved").words == ["a", "b"]


@pytest.mark.parametrize("has_home", [True, False])
def test_the_home_directory_is_the_last_place(
    has_home: bool, run: Run, then: Then, planted_text: Path, small_disk: Path, elsewhere: Path
) -> None:
    home = Path(os.environ["HOME"])
    if not has_home:
        home.rmdir()
        home.touch()
    with pytest.MonkeyPatch.context() as patch:

        def fail_everywhere() -> None:
            make_read_only(small_disk)
            patch.setattr("tempfile.tempdir", str(small_disk))

        then(fail_everywhere)
        answer = run("train", planted_text, "-o", small_disk / "model", *SMALL)
    saved = f"The model was saved to {home / 'model-unsaved'} instead"
    lost = f"The model could not be saved in another folder either ({small_disk}, {home})"
    assert_one_line(answer, 1, "is on a read-only file system", saved if has_home else lost)


def test_a_removed_parent_is_created_again(
    run: Run, then: Then, planted_text: Path, tmp_path: Path
) -> None:
    (tmp_path / "parent").mkdir()
    then(lambda: shutil.rmtree(tmp_path / "parent"))
    assert run("train", planted_text, "-o", tmp_path / "parent" / "model", *SMALL).code == 0
    assert len(skipgram.load(tmp_path / "parent" / "model")) == 40


@pytest.mark.parametrize("as_json", [False, True])
def test_the_error_says_how_to_continue(
    run: Run, then: Then, planted_text: Path, tmp_path: Path, as_json: bool
) -> None:
    output = tmp_path / "model"
    output.mkdir()
    then(lambda: (output / "notes.txt").touch())
    options = [*SMALL, "--checkpoint", 1000, *(["--json"] if as_json else [])]
    answer = run("train", planted_text, "-o", output, *options)
    assert answer.code == 1
    last = answer.err.splitlines()[-1]
    message = json.loads(last)["error"]["message"] if as_json else last
    saved = f"The model was saved to {tmp_path / 'model-unsaved'} instead; to continue: "
    assert saved in message
    assert message.endswith(f"skipgram resume {output}")
    (output / "notes.txt").unlink()
    assert run("resume", output).code == 0
    assert len(skipgram.load(output)) == 40


@pytest.mark.parametrize("error", [MemoryError, OSError])
def test_other_errors_say_how_to_continue(
    run: Run, then: Then, planted_text: Path, tmp_path: Path, error: type[Exception]
) -> None:
    def fail() -> None:
        raise error(5, "input/output error")

    then(fail)
    answer = run("train", planted_text, "-o", tmp_path / "model", *SMALL, "--checkpoint", 1000)
    assert_one_line(answer, 1, "; to continue: ", f"skipgram resume {tmp_path / 'model'}")
