"""A .npy file of NumPy: one array of plain numbers.

    6 bytes    0x93 "NUMPY"
    2 bytes    the version of the format, 1.0 to 3.0
    2 bytes    the length of the header, uint16; from version 2 on 4 bytes, uint32
    header     text: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }
    data       the numbers

`numpy.load` allocates what the shape says, unpickles, and takes a .zip for a .npy. Here the header
is matched as text, and the shape is compared with the size of the file.
"""

from __future__ import annotations

import math
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

import numpy as np

from skipgram.errors import FormatError
from skipgram.regular_files import open_regular
from skipgram.wording import reason_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MAGIC = b"\x93NUMPY"
_LONGEST_HEADER = 10_000
MOST_DIMENSIONS = 2
"""Of an array of words or vectors."""
_TYPE = re.compile(rb"'descr'\s*:\s*'([<>|=]?)(b1|[iu][1248]|f[248])'")
_ANY_TYPE = re.compile(rb"'descr'\s*:\s*(.{1,40})")
_ORDER = re.compile(rb"'fortran_order'\s*:\s*(True|False)")
_SHAPE = re.compile(rb"'shape'\s*:\s*\(([\dL, ]{0,100})\)")


class _Header(NamedTuple):
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    is_fortran: bool


class _DamagedError(Exception):
    """What is wrong with the file, as a sentence about it."""


def array(path: str | os.PathLike[str]) -> NDArray[Any]:
    """Read a .npy file of numbers with one or two dimensions.

    Raises:
        FormatError: the file cannot be read, is damaged, or holds something else.
    """
    try:
        with open_regular(Path(path)) as file:
            return _read(file)
    except (_DamagedError, ValueError) as error:
        raise FormatError(
            f"{path} cannot be read as a NumPy array: {error}; get a new copy of the file"
        ) from error
    except OSError as error:
        raise FormatError(f"cannot read {path}: {reason_of(error)}; check the path") from error


def _read(file: BinaryIO) -> NDArray[Any]:
    header = _header(file)
    count, left = math.prod(header.shape), os.fstat(file.fileno()).st_size - file.tell()
    needed = count * header.dtype.itemsize
    if needed > left:
        raise _DamagedError(
            f"it is cut off: {header.dtype} {header.shape} needs {needed:,} bytes, but {left:,} "
            "follow the header"
        )
    numbers = np.fromfile(file, header.dtype, count)
    return numbers.reshape(header.shape, order="F" if header.is_fortran else "C")


def _header(file: BinaryIO) -> _Header:
    start = file.read(len(_MAGIC) + 2)
    if start.startswith(b"PK"):
        raise _DamagedError("it is an archive of arrays (.npz); save one of them with numpy.save")
    if not start.startswith(_MAGIC) or len(start) < len(_MAGIC) + 2 or not 1 <= start[6] <= 3:
        raise _DamagedError("it does not begin as a .npy file")
    size = int.from_bytes(file.read(2 if start[6] == 1 else 4), "little")
    if size > _LONGEST_HEADER:
        raise _DamagedError(f"its header has {size:,} bytes; at most {_LONGEST_HEADER:,} are read")
    text = file.read(size)
    dtype, order, shape = (pattern.search(text) for pattern in (_TYPE, _ORDER, _SHAPE))
    if dtype is None:
        found = _ANY_TYPE.search(text)
        shown = found[1].decode("latin-1") if found else "no type"
        raise _DamagedError(f"it holds {shown}, not plain numbers; objects need pickle")
    if order is None or shape is None:
        raise _DamagedError("its header has no shape")
    sizes = tuple(int(digits) for digits in re.findall(rb"\d+", shape[1]))
    if len(sizes) > MOST_DIMENSIONS or any(size >= 2**63 for size in sizes):
        raise _DamagedError(f"its shape is {sizes}; at most {MOST_DIMENSIONS} dimensions are read")
    return _Header(np.dtype((dtype[1] + dtype[2]).decode()), sizes, order[1] == b"True")
