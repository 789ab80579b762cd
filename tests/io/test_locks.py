"""Locks on files, held by this process and by others."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from skipgram.errors import OutputError
from skipgram.io import leftovers
from skipgram.io.locks import Lock

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows locks nothing")

HOLD = """\
import sys, time
from pathlib import Path
from skipgram.io.locks import Lock
Lock(Path(sys.argv[1])).acquire("wait")
print("held", flush=True)
time.sleep(600)
"""


def test_a_second_lock_is_refused_until_the_first_is_released(tmp_path: Path) -> None:
    first, second = Lock(tmp_path / "new" / "lock"), Lock(tmp_path / "new" / "lock")
    first.acquire("train here")
    with pytest.raises(
        OutputError,
        match=rf"^cannot train here: process {os.getpid()} does that already; wait until it has",
    ):
        second.acquire("train here")
    first.release()
    first.release()
    second.acquire("train here")
    second.release()


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with subprocess.Popen([sys.executable, "-c", HOLD, path], stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(OutputError, match=f"process {holder.pid} does that already"):
            Lock(path).acquire("train here")
        holder.kill()
    lock = Lock(path)
    lock.acquire("train here")
    lock.release()


def test_a_deleted_file_is_made_again(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    first, second = Lock(path), Lock(path)
    first.acquire("train here")
    path.unlink()
    second.acquire("train here")  # nobody else can find the deleted file
    assert path.read_text() == f"{os.getpid()}\n"
    first.release()
    second.release()


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("text")
    with pytest.raises(OutputError, match="is a file, not a directory"):
        Lock(tmp_path / "file" / "lock").acquire("train here")


def test_a_file_system_without_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def flock(*_: object) -> None:
        raise OSError(errno.ENOLCK, "no locks available")

    monkeypatch.setattr(leftovers, "fcntl", SimpleNamespace(flock=flock, LOCK_EX=2, LOCK_NB=4))
    lock = Lock(tmp_path / "lock")
    lock.acquire("train here")
    lock.remove()
    assert list(tmp_path.iterdir()) == []


def test_without_flock_nothing_is_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leftovers, "sys", SimpleNamespace(platform="win32"))
    monkeypatch.delattr(os, "pwrite")
    monkeypatch.delattr(os, "pread")
    first, second = Lock(tmp_path / "lock"), Lock(tmp_path / "lock")
    first.acquire("train here")
    second.acquire("train here")
    first.release()
    second.remove()
    assert list(tmp_path.iterdir()) == []


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine")
    (tmp_path / "lock").symlink_to(tmp_path / "precious")
    with pytest.raises(OutputError):
        Lock(tmp_path / "lock").acquire("train here")
    assert (tmp_path / "precious").read_text() == "mine"


@pytest.mark.parametrize("at", ["before it is opened", "before it is read"])
def test_a_holder_that_ends_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    path = tmp_path / "run" / "lock"
    holder, lock = Lock(path), Lock(path)
    holder.acquire("train here")

    def end() -> None:
        monkeypatch.undo()
        holder.remove()
        path.parent.rmdir()

    if at == "before it is opened":
        mkdir = Path.mkdir

        def mkdir_and_end(self: Path, *arguments: Any, **options: Any) -> None:
            mkdir(self, *arguments, **options)
            end()

        monkeypatch.setattr(Path, "mkdir", mkdir_and_end)
    else:
        read_bytes = Path.read_bytes

        def end_and_read(self: Path) -> bytes:
            end()
            return read_bytes(self)

        monkeypatch.setattr(Path, "read_bytes", end_and_read)
    lock.acquire("train here")
    assert path.read_text() == f"{os.getpid()}\n"
    lock.release()


def test_a_directory_that_holds_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise FileNotFoundError(errno.ENOENT, "No such file or directory")

    monkeypatch.setattr(os, "open", fail)
    with pytest.raises(OutputError, match="cannot write "):
        Lock(tmp_path / "lock").acquire("train here")
