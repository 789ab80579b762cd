"""Parts of a file are private copies, and a changed file is an error."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from skipgram.corpus.array_file import ArrayFile
from skipgram.errors import CorpusError

NUMBERS = np.arange(10, dtype=np.int32)


def below_100(part: NDArray[np.int32]) -> bool:
    return bool(np.all(part < 100))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    NUMBERS.tofile(tmp_path / "ids")
    os.utime(tmp_path / "ids", (1, 1))
    return tmp_path / "ids"


def test_it_is_indexed_like_an_array(path: Path) -> None:
    file = ArrayFile(path, np.int32, below_100)
    assert len(file) == 10
    assert file[3] == 3
    assert isinstance(file[3], np.int32)
    for place in (slice(None), slice(2, 5), slice(8, 50), slice(5, 2), slice(10, None)):
        assert file[place].tolist() == NUMBERS[place].tolist()
    part = file[:]
    part[0] = 7
    file.close()
    assert (part[0], len(file)) == (7, 0)


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "ids").touch()
    file = ArrayFile(tmp_path / "ids", np.int32, below_100)
    assert (len(file), file[:].tolist()) == (0, [])


def cut_off(path: Path) -> None:
    os.truncate(path, 20)


def append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(bytes(4))


def rewrite(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(bytes(4))


def rewrite_with_the_old_date(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"\xff\xff\xff\x7f")
    os.utime(path, (1, 1))


@pytest.mark.parametrize("change", [cut_off, append, rewrite, rewrite_with_the_old_date])
def test_a_change_is_an_error(path: Path, change: Callable[[Path], Any]) -> None:
    file = ArrayFile(path, np.int32, below_100)
    change(path)
    with pytest.raises(CorpusError, match=r"ids of the encoded corpus changed while it was in use"):
        file[:3]


@pytest.mark.parametrize("replaced", [True, False])
def test_a_file_that_is_replaced_or_deleted_is_read_as_it_was(path: Path, replaced: bool) -> None:
    file = ArrayFile(path, np.int32, below_100)
    path.unlink()
    if replaced:
        path.write_bytes(bytes(4))
    assert file[:].tolist() == NUMBERS.tolist()


def test_a_file_that_cannot_be_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> int:
        raise OSError(5, "Input/output error")

    file = ArrayFile(path, np.int32, below_100)
    monkeypatch.setattr(ArrayFile, "_read_at", fail)
    with pytest.raises(CorpusError, match=r"cannot be read: [iI]nput/output error; check the disk"):
        file[:3]


def test_systems_without_preadv_and_short_reads(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "preadv")
    file = ArrayFile(path, np.int32, below_100)
    assert file[4:7].tolist() == [4, 5, 6]
    whole = ArrayFile._read_at
    monkeypatch.setattr(ArrayFile, "_read_at", lambda self, to, at: whole(self, to[:3], at))
    assert file[:].tolist() == NUMBERS.tolist()
