"""Writes safetensors to a file that is already open; the library itself opens and renames its own.

    8 bytes    the length of the header, little-endian
    header     JSON: the metadata, and the type, shape and place of each tensor; padded with spaces
    data       the tensors, those of the largest numbers first, so that each is aligned

Reading is left to the library, which checks all of this.
"""

from __future__ import annotations

import json
import math
import struct
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO

    from numpy.typing import NDArray

DTYPES: dict[str, np.dtype[Any]] = {
    "F32": np.dtype("<f4"),
    "I64": np.dtype("<i8"),
    "U8": np.dtype("u1"),
}
"""The types that are written, by the names that safetensors has for them."""

_ALIGNMENT = 8


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
