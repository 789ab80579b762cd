from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import load, save_file

import skipgram
from skipgram.errors import FormatError
from skipgram.io.tensors import metadata_in, read_tensors, tensors_in, write_tensors


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


def with_halves(dtype: str, matrix: NDArray[np.float32]) -> bytes:
    """Return a file with a matrix of bfloat16, or of bytes that are called `dtype`."""
    bits = matrix.view(np.uint32) >> 16
    data = bits.astype("<u2" if dtype == "BF16" else "u1").tobytes()
    header: dict[str, Any] = {"before": {"dtype": "U8", "shape": [3], "data_offsets": [0, 3]}}
    header["m"] = {"dtype": dtype, "shape": [*matrix.shape], "data_offsets": [3, 3 + len(data)]}
    raw = json.dumps(header).encode()
    return len(raw).to_bytes(8, "little") + raw + b"abc" + data


def test_halves_become_float32(tmp_path: Path) -> None:
    matrix = np.array([[1, -2.5], [3e38, 1e-38], [0, 0.15625]], np.float32)
    matrix = ((matrix.view(np.uint32) >> 16) << 16).view(np.float32)
    (tmp_path / "bf16").write_bytes(with_halves("BF16", matrix))
    save_file({"m": matrix[:1].astype(np.float16)}, tmp_path / "f16")
    for name, expected in (("bf16", matrix), ("f16", matrix[:1])):
        assert tensors_in(tmp_path / name)["m"].is_matrix
        read = read_tensors(tmp_path / name, ["m"])["m"]
        assert read.dtype == np.float32
        np.testing.assert_array_equal(read, expected)


@pytest.mark.parametrize("dtype", ["F8_E4M3", "F8_E5M2"])
def test_other_floats_are_named(dtype: str, tmp_path: Path) -> None:
    (tmp_path / "f8").write_bytes(with_halves(dtype, np.eye(2, dtype=np.float32)))
    kind = tensors_in(tmp_path / "f8")["m"]
    assert not kind.is_matrix
    assert str(kind) == f"{dtype}, 2-dimensional"


def test_a_model_in_half_precision_is_read_and_one_in_float8_is_named(tmp_path: Path) -> None:
    skipgram.Embeddings(["a"], [[1.0, 2.0]]).save(tmp_path / "model")
    path = tmp_path / "model" / "model.safetensors"
    matrix = np.array([[1, 2], [0, 0]], np.float32)
    path.write_bytes(renamed(with_halves("BF16", matrix)))
    assert skipgram.load(tmp_path / "model")["a"].tolist() == [1, 2]
    path.write_bytes(renamed(with_halves("F8_E4M3", matrix)))
    with pytest.raises(FormatError, match=r"no float32 matrix .*'embeddings' \(F8_E4M3, 2-dim"):
        skipgram.load(tmp_path / "model")


def renamed(raw: bytes) -> bytes:
    """Return a file whose tensor "m" is called "embeddings"."""
    size = int.from_bytes(raw[:8], "little")
    header = raw[8 : 8 + size].replace(b'"m"', b'"embeddings"')
    return len(header).to_bytes(8, "little") + header + raw[8 + size :]


SHAPES: list[list[Any]] = [[2**63, 2], [2**62, 4], [-1, -1], [2**64 - 1, 0], ["a"], [1.5]]


@pytest.mark.parametrize("shape", SHAPES, ids=repr)
def test_shapes_that_do_not_fit_the_file_are_refused(shape: list[Any], tmp_path: Path) -> None:
    header = json.dumps({"m": {"dtype": "F32", "shape": shape, "data_offsets": [0, 0]}}).encode()
    (tmp_path / "file").write_bytes(len(header).to_bytes(8, "little") + header)
    with pytest.raises(ValueError, match=r"."):
        read_tensors(tmp_path / "file", ["m"])


@pytest.mark.parametrize(
    "content", [b"", b"\xff" * 8, b"\x08" + bytes(7) + b"[[[[[[[[", (2**40).to_bytes(8, "little")]
)
def test_other_content_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(content)
    for read in (tensors_in, metadata_in):
        with pytest.raises(ValueError, match=r"."):
            read(tmp_path / "file")
    deep = b'{"__metadata__":' + b"[" * 100_000
    (tmp_path / "file").write_bytes(len(deep).to_bytes(8, "little") + deep)
    with pytest.raises(ValueError, match=r"."):
        tensors_in(tmp_path / "file")
