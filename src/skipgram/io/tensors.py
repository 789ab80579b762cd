"""Writes safetensors to a file that is already open, as the library cannot, and reads them.

    8 bytes    the length of the header, little-endian
    header     JSON: the metadata, and the type, shape and place of each tensor; padded with spaces
    data       the tensors, those of the largest numbers first, so that each is aligned

The library checks all of this when it reads. It has no bfloat16 for NumPy, so such tensors are read
here.
"""

from __future__ import annotations

import json
import math
import os
import struct
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skipgram.regular_files import check_regular

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path
    from typing import BinaryIO

    from numpy.typing import NDArray

DTYPES: dict[str, np.dtype[Any]] = {
    "F32": np.dtype("<f4"),
    "I64": np.dtype("<i8"),
    "U8": np.dtype("u1"),
}
"""The types that are written, by the names that safetensors has for them."""

_FLOATS = {"F32", "F16", "BF16"}
_ALIGNMENT = 8
_BLOCK_BYTES = 1 << 22


class Kind(NamedTuple):
    """The type of a tensor, by the name that safetensors has for it, and its shape."""

    dtype: str
    shape: tuple[int, ...]

    def __str__(self) -> str:
        shown = DTYPES[self.dtype].name if self.dtype in DTYPES else self.dtype
        return f"{shown}, {len(self.shape)}-dimensional"

    @property
    def is_matrix(self) -> bool:
        """Whether it is a matrix that `read_tensors` returns as float32."""
        return self.dtype in _FLOATS and len(self.shape) == 2


def tensors_in(path: Path) -> dict[str, Kind]:
    """Return the kinds of the tensors in a file.

    Raises:
        OSError: it cannot be read.
        ValueError: it is damaged or something else.
    """
    with _opened(path) as opened:
        parts = {name: opened.get_slice(name) for name in opened.keys()}  # noqa: SIM118
        return {
            name: Kind(part.get_dtype(), tuple(part.get_shape())) for name, part in parts.items()
        }


def metadata_in(path: Path) -> dict[str, str]:
    """Return the metadata of a file; errors as for `tensors_in`."""
    with _opened(path) as opened:
        return dict(opened.metadata() or {})


def read_tensors(path: Path, names: Iterable[str]) -> dict[str, NDArray[Any]]:
    """Return tensors of a file by name, with float16 and bfloat16 as float32.

    Raises:
        OSError, ValueError: as for `tensors_in`; the types must be those of `DTYPES`, or these two.
    """
    kinds = tensors_in(path)
    with _opened(path) as opened:
        return {
            name: _bfloat16(path, name, kinds[name].shape)
            if kinds[name].dtype == "BF16"
            else _plain(opened.get_tensor(name))
            for name in names
        }


def row_blocks(path: Path) -> Iterator[tuple[str, int, NDArray[Any]]]:
    """Yield all tensors of a file in blocks of rows, which take little memory.

    Yields:
        The name of the tensor, the number of the first row, and the rows.

    Raises:
        OSError, ValueError: as for `tensors_in`; the types must be those of `DTYPES`.
    """
    kinds = tensors_in(path)
    with _opened(path) as opened:
        for name, (dtype, (rows, *rest)) in kinds.items():
            part = opened.get_slice(name)
            most = max(1, _BLOCK_BYTES // max(1, math.prod(rest) * DTYPES[dtype].itemsize))
            for first in range(0, rows, most):
                yield name, first, part[first : min(first + most, rows)]


def _plain(tensor: NDArray[Any]) -> NDArray[Any]:
    return tensor.astype(np.float32) if tensor.dtype == np.float16 else tensor


def _bfloat16(path: Path, name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return a tensor of bfloat16, the first half of float32, from a file that is checked."""
    with path.open("rb") as file:
        (size,) = struct.unpack("<Q", file.read(8))
        begin, end = json.loads(file.read(size))[name]["data_offsets"]
        file.seek(begin, os.SEEK_CUR)
        halves = np.fromfile(file, "<u2", (end - begin) // 2)
    return (halves.astype(np.uint32) << 16).view(np.float32).reshape(shape)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Open a file with the library, which checks its header; errors as for `tensors_in`."""
    from safetensors import SafetensorError, safe_open

    check_regular(path)
    try:
        with safe_open(path, "np") as opened:
            yield opened
    except SafetensorError as error:
        raise ValueError(str(error)) from error


def write_tensors(
    file: BinaryIO,
    tensors: Mapping[str, NDArray[Any]],
    metadata: Mapping[str, str],
    *,
    rows_of_zeros: int = 0,
) -> None:
    """Write tensors of `DTYPES`, and strings as metadata if there are any.

    With `rows_of_zeros`, each tensor gets so many more rows, which would otherwise take a copy.
    """
    names = {dtype: name for name, dtype in DTYPES.items()}
    ordered = sorted(tensors.items(), key=lambda item: -item[1].itemsize)
    header: dict[str, object] = {"__metadata__": dict(metadata)} if metadata else {}
    end = 0
    for name, tensor in ordered:
        zeros = rows_of_zeros * _bytes_of_row(tensor)
        begin, end = end, end + tensor.nbytes + zeros
        header[name] = {
            "dtype": names[tensor.dtype.newbyteorder("<")],
            "shape": (len(tensor) + rows_of_zeros, *tensor.shape[1:]),
            "data_offsets": [begin, end],
        }
    raw = json.dumps(header, separators=(",", ":")).encode()
    raw += b" " * (-len(raw) % _ALIGNMENT)
    file.write(struct.pack("<Q", len(raw)))
    file.write(raw)
    for _, tensor in ordered:
        plain = np.ascontiguousarray(tensor, tensor.dtype.newbyteorder("<"))
        file.write(plain.reshape(-1).view(np.uint8).data)
        file.write(bytes(rows_of_zeros * _bytes_of_row(tensor)))


def _bytes_of_row(tensor: NDArray[Any]) -> int:
    return math.prod(tensor.shape[1:]) * tensor.itemsize
