"""Outputs whose save was killed come back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from killed import BETWEEN_RENAMES, run_killed
from one_line import assert_one_line

import skipgram
from skipgram.errors import CorpusError, FormatError
from skipgram.gensim import KeyedVectors, Word2Vec
from skipgram.io.leftovers import UNKNOWN_BOOT, boot, lock, release, remove

Run = Callable[..., Any]

pytestmark = pytest.mark.skipif(boot() == UNKNOWN_BOOT, reason="needs the locks of Linux")

SAVE = 'import skipgram; skipgram.Embeddings(["new"], [[1.0]]).save(sys.argv[1])'


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """The path of a model; the save that replaces it was killed between its two renames."""
    path = tmp_path / "my model"
    skipgram.Embeddings(["old"], [[1.0]]).save(path)
    run_killed(BETWEEN_RENAMES + SAVE, path)
    return path


def test_every_reader_says_how_a_missing_output_comes_back(run: Run, killed: Path) -> None:
    said = f"a save of it was killed; to get it back, run: skipgram recover '{killed}'"
    for reader in (skipgram.load, KeyedVectors.load, Word2Vec.load):
        with pytest.raises(FormatError) as caught:
            reader(killed)
        assert said in str(caught.value)
    with pytest.raises(CorpusError, match="skipgram recover"):
        skipgram.train(killed)
    assert_one_line(run("info", killed), 1, said)
    assert_one_line(run("neighbors", killed, "a"), 1, said)


def test_the_finished_new_version_takes_its_place(run: Run, killed: Path) -> None:
    answer = run("recover", killed)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out == f"{killed}: completed the save, which had written everything\n"
    assert skipgram.load(killed).words == ["new"]
    assert [path.name for path in killed.parent.iterdir()] == [killed.name]
    answer = run("recover", killed)
    assert answer.out == f"{killed} is complete, and no save of it was interrupted\n"


def test_the_old_version_returns(run: Run, killed: Path) -> None:
    remove(next(killed.parent.glob(".skipgram-new-*")))
    answer = run("recover", killed)
    assert answer.out == f"{killed}: restored the version that was there before the save\n"
    assert skipgram.load(killed).words == ["old"]


def test_an_unfinished_version_is_removed(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "model"
    skipgram.Embeddings(["old"], [[1.0]]).save(path)
    run_killed("with replacing_directory(sys.argv[1], 1) as new: die()", path)
    answer = run("recover", path)
    assert answer.out == f"{path}: removed 1 old or unfinished version\n"
    assert skipgram.load(path).words == ["old"]
    assert [each.name for each in tmp_path.iterdir()] == ["model"]


def test_a_save_that_runs_is_left_alone(run: Run, killed: Path) -> None:
    held = lock(next(killed.parent.glob(".skipgram-old-*")))
    answer = run("recover", killed)
    release(held)
    assert_one_line(answer, 1, f"a process is saving {killed} at this moment")
    assert not killed.exists()


def test_nothing_to_recover(run: Run, tmp_path: Path) -> None:
    answer = run("recover", tmp_path / "model")
    assert_one_line(answer, 1, "there is nothing to recover", "check the path")
