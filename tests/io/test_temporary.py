from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from skipgram.io.leftovers import UNKNOWN_BOOT, boot
from skipgram.io.temporary import TemporaryFolder

needs_locks = pytest.mark.skipif(boot() == UNKNOWN_BOOT, reason="needs the locks of Linux")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def run(code: str, place: Path) -> subprocess.CompletedProcess[str]:
    begin = "import os, sys\nfrom pathlib import Path\n"
    begin += "from skipgram.io.temporary import TemporaryFolder\nfolder = TemporaryFolder()\n"
    command = [sys.executable, "-c", begin + code]
    environment = {**os.environ, "TMPDIR": str(place)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_a_folder_is_removed_when_it_is_no_longer_needed(place: Path) -> None:
    folder = TemporaryFolder()
    Path(folder.name, "file").touch()
    assert Path(folder.name).parent == place
    folder.cleanup()
    folder.cleanup()
    assert list(place.iterdir()) == []
    TemporaryFolder()
    assert list(place.iterdir()) == []


def test_a_folder_is_removed_when_python_exits(place: Path) -> None:
    assert run("Path(folder.name, 'file').touch()", place).returncode == 0
    assert list(place.iterdir()) == []


@needs_locks
def test_the_next_process_removes_what_a_killed_one_has_left(place: Path) -> None:
    assert run("Path(folder.name, 'file').touch(); os.kill(os.getpid(), 9)", place).returncode < 0
    (place / "skipgram-of-an-earlier-version").mkdir()
    assert len(list(place.iterdir())) == 2
    folder = TemporaryFolder()
    left = {entry.name for entry in place.iterdir()}
    assert left == {Path(folder.name).name, "skipgram-of-an-earlier-version"}


def test_folders_in_use_stay(place: Path) -> None:
    first, second = TemporaryFolder(), TemporaryFolder()
    assert Path(first.name).is_dir()
    assert Path(second.name).is_dir()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_child_made_by_fork_does_not_remove_the_folder_of_its_parent(place: Path) -> None:
    code = "os.fork() == 0 and sys.exit()\nos.wait(); print(Path(folder.name).is_dir())"
    assert run(code, place).stdout == "True\n"
    assert list(place.iterdir()) == []
