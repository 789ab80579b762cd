from __future__ import annotations

import ctypes
import errno
from pathlib import Path

import pytest

from skipgram.io.renames import exchange, sync_folder


def test_two_names_are_swapped(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("content")
    (tmp_path / "folder").mkdir()
    if not exchange(tmp_path / "file", tmp_path / "folder"):
        pytest.skip("this system cannot exchange two names")
    assert (tmp_path / "file").is_dir()
    assert (tmp_path / "folder").read_text() == "content"


class _Library:
    """A C library whose calls fail."""

    def __init__(self, code: int | None) -> None:
        if code is not None:
            self.renameat2 = lambda *_: -1


@pytest.mark.parametrize("code", [None, errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EPERM])
def test_a_system_without_the_exchange(code: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: _Library(code))
    monkeypatch.setattr(ctypes, "get_errno", lambda: code)
    assert not exchange(Path("a"), Path("b"))


def test_a_failed_exchange_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: _Library(errno.EIO))
    monkeypatch.setattr(ctypes, "get_errno", lambda: errno.EIO)
    with pytest.raises(OSError, match="Input/output error"):
        exchange(Path("a"), Path("b"))


def test_a_folder_is_flushed_where_it_can_be(tmp_path: Path) -> None:
    sync_folder(tmp_path)
    sync_folder(tmp_path / "missing")
