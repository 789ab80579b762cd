from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import load

from skipgram.io.tensors import write_tensors


def written(tensors: dict[str, NDArray[Any]], metadata: dict[str, str]) -> bytes:
    file = io.BytesIO()
    write_tensors(file, tensors, metadata)
    return file.getvalue()


@pytest.mark.parametrize("columns", [0, 3])
def test_the_library_reads_what_is_written(columns: int, tmp_path: Path) -> None:
    tensors: dict[str, NDArray[Any]] = {
        "bytes": np.frombuffer("a é".encode(), np.uint8),
        "matrix": np.arange(2 * columns, dtype=np.float32).reshape(2, columns),
        "slice": np.arange(20, dtype=np.float32).reshape(4, 5)[1:, :2],
        "big-endian": np.arange(3, dtype=">f4"),
        "numbers": np.array([2**62, -1]),
        "nothing": np.zeros(0, np.uint8),
    }
    raw = written(tensors, {"a": 'é "x"\n'})
    back = load(raw)
    assert back.keys() == tensors.keys()
    for name, tensor in tensors.items():
        np.testing.assert_array_equal(back[name], tensor)
    (tmp_path / "file").write_bytes(raw)
    with safe_open(tmp_path / "file", "np") as file:
        assert file.metadata() == {"a": 'é "x"\n'}


def test_every_tensor_is_aligned() -> None:
    kinds = {"a": np.uint8, "b": np.float32, "c": np.int64}
    raw = written({name: np.ones(3, kind) for name, kind in kinds.items()}, {})
    assert b"__metadata__" not in raw
    assert len(raw) % 8 == 7  # 24, 12 and 3 bytes, after a header of whole blocks of 8 bytes
    assert raw[-39:-31] == (1).to_bytes(8, "little")
    assert raw[-3:] == b"\1\1\1"
