"""A damaged file of the cache counts as missing, and the next save repairs it."""

from __future__ import annotations

import hashlib
import os
import pickle
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from numba.core import caching

from skipgram.kernels.cache_files import CheckedCacheFile


def cut_off(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def zero(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def garble(path: Path) -> None:
    path.write_bytes(os.urandom(path.stat().st_size))


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[2 * len(content) // 3] ^= 4
    path.write_bytes(content)


def as_numba_writes(path: Path) -> None:
    path.write_bytes(path.read_bytes()[32:])


def delete(path: Path) -> None:
    path.unlink()


DAMAGES = [cut_off, empty, zero, garble, flip_a_bit, as_numba_writes, delete]


def cache_in(folder: Path, stamp: object = "stamp") -> CheckedCacheFile:
    return CheckedCacheFile.like(caching.IndexDataCacheFile(str(folder), "kernel", stamp))


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("suffix", ["nbi", "nbc"])
def test_a_damaged_file_counts_as_missing(
    tmp_path: Path, suffix: str, damage: Callable[[Path], None]
) -> None:
    cache = cache_in(tmp_path)
    for key in ("first", "second"):
        cache.save(key, {"code": key * 100})
    assert cache.load("second") == {"code": "second" * 100}
    for path in tmp_path.glob(f"*.{suffix}"):
        damage(path)
    assert cache.load("first") is None
    cache.save("first", {"code": "new"})
    assert cache_in(tmp_path).load("first") == {"code": "new"}


def test_other_versions_and_sources_count_as_missing(tmp_path: Path) -> None:
    cache_in(tmp_path).save("key", 1)
    assert cache_in(tmp_path, "other").load("key") is None
    content = pickle.dumps(("0.1", "stamp", {"key": "kernel.1.nbc"}))
    index = tmp_path / "kernel.nbi"
    index.write_bytes(hashlib.sha256(content).digest() + content)
    assert cache_in(tmp_path).load("key") is None


def test_a_folder_in_the_place_of_a_file(tmp_path: Path) -> None:
    cache = cache_in(tmp_path)
    cache.save("key", 1)
    (tmp_path / "kernel.1.nbc").unlink()
    (tmp_path / "kernel.1.nbc").mkdir()
    assert cache.load("key") is None
    with pytest.raises(OSError, match="directory"):  # `cache.compiled` ignores it
        cache.save("key", 2)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads all files")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    cache = cache_in(tmp_path)
    cache.save("key", 1)
    (tmp_path / "kernel.1.nbc").chmod(stat.S_IWUSR)
    assert cache.load("key") is None
