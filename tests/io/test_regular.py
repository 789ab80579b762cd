from __future__ import annotations

import os
from pathlib import Path

import pytest

from skipgram.io.regular import is_regular, open_regular, read_regular


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    os.mkfifo(tmp_path / "pipe")
    assert read_regular(tmp_path / "file") == read_regular(tmp_path / "link") == b"content"
    assert is_regular(tmp_path)
    for other in (tmp_path / "pipe", Path("/dev/zero")):
        assert not is_regular(other)
        with pytest.raises(OSError, match="it is a pipe, a socket or a device"):
            open_regular(other)
    with pytest.raises(FileNotFoundError):
        read_regular(tmp_path / "missing")
    with pytest.raises(IsADirectoryError):
        read_regular(tmp_path)
