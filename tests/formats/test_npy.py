from __future__ import annotations

import os
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from skipgram.errors import FormatError
from skipgram.formats.npy import array


@pytest.mark.parametrize(
    "matrix",
    [
        np.arange(6, dtype=np.float32).reshape(3, 2),
        np.asfortranarray(np.arange(6.0).reshape(3, 2)),
        np.arange(3, dtype=">i2"),
        np.zeros((0, 4), np.float16),
        np.array([True]),
        np.float64(3),
    ],
    ids=str,
)
def test_arrays_of_numbers_are_read_as_numpy_reads_them(matrix: Any, tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", matrix)
    read = array(tmp_path / "a.npy")
    assert read.dtype == matrix.dtype
    np.testing.assert_array_equal(read, np.load(tmp_path / "a.npy"))


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
def test_versions(version: tuple[int, int], tmp_path: Path) -> None:
    with (tmp_path / "a.npy").open("wb") as file:
        np.lib.format.write_array(file, np.eye(2), version=version)
    np.testing.assert_array_equal(array(tmp_path / "a.npy"), np.eye(2))


def with_header(text: str, data: bytes = b"") -> bytes:
    return b"\x93NUMPY\x01\0" + len(text).to_bytes(2, "little") + text.encode() + data


def header(descr: str = "'<f4'", shape: str = "(1,)") -> str:
    return f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (with_header(header(shape=f"({2**62}, 4)")), "is cut off"),
        (with_header(header(shape="(1000000000,)")), "needs 4,000,000,000 bytes, but 0 follow"),
        (with_header(header(shape=f"({2**64},)")), "its shape is"),
        (with_header(header(shape="(0, 99999999999999999999)")), "its shape is"),
        (with_header(header(shape="(-1, -1)")), "its header has no shape"),
        (with_header(header(shape="(1, 1, 1)"), bytes(4)), "at most 2 dimensions"),
        (with_header(header(shape="(" * 5000)), "its header has no shape"),
        # A pattern with nested repetitions took minutes for this.
        (with_header(header(shape="(" + "9" * 90 + "x)")), "its header has no shape"),
        (with_header(header("'|O'")), r"it holds '\|O'.*objects need pickle"),
        (with_header(header("[('a', '<f4')]")), "not plain numbers"),
        (with_header(header("'<U5'")), "not plain numbers"),
        (with_header("-" * 9000), "it holds no type"),
        (b"\x93NUMPY\x02\0\xff\xff\xff\xff", "its header has 4,294,967,295 bytes"),
        (b"\x93NUMPY\x09\0", "does not begin as a .npy file"),
        (b"\x93NUMPY", "does not begin as a .npy file"),
        (b"", "does not begin as a .npy file"),
        (b"PK\x03\x04", r"an archive of arrays \(.npz\)"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_other_files_are_refused_before_anything_is_allocated(
    content: bytes, message: str, tmp_path: Path
) -> None:
    (tmp_path / "a.npy").write_bytes(content)
    tracemalloc.start()
    try:
        with pytest.raises(FormatError, match=message):
            array(tmp_path / "a.npy")
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_an_archive_named_npy_is_named(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", a=np.zeros(3))
    (tmp_path / "a.npz").rename(tmp_path / "a.npy")
    with pytest.raises(FormatError, match=r"save one of them with numpy\.save"):
        array(tmp_path / "a.npy")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.npy")
    with pytest.raises(FormatError, match=r"it is a (pipe|device), not a file"):
        array(tmp_path / "a.npy")
