from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from skipgram.errors import FormatError
from skipgram.formats import load
from skipgram.formats.parquet_footer import declared_values


def written(path: Path, rows: int = 5, group: int = 2) -> bytes:
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(np.ones(rows * 3, np.float32)), 3)
    table = pa.table({"word": [str(n) for n in range(rows)], "vector": vectors})
    pq.write_table(table, path, row_group_size=group)
    return path.read_bytes()


@pytest.mark.parametrize("rows", [0, 1, 5, 100])
def test_the_numbers_are_those_of_the_library(rows: int, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    written(path, rows)
    metadata = pq.ParquetFile(path).metadata
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    expected = [
        [group.column(place).num_values for place in range(group.num_columns)] for group in groups
    ]
    assert declared_values(path) == expected


def test_many_columns(tmp_path: Path) -> None:
    pq.write_table(pa.table({f"c{n}": [1, 2] for n in range(40)}), tmp_path / "a.parquet")
    assert declared_values(tmp_path / "a.parquet") == [[2] * 40]


def footer(content: bytes) -> bytes:
    return content + len(content).to_bytes(4, "little") + b"PAR1"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "footer is cut off"),
        (b"PAR1" + b"\xff" * 4 + b"PAR1", "footer is cut off"),
        (footer(b"\x49\xfc\xff\xff\xff\xff\x7f"), "a list beyond its end"),
        (footer(b"\x1c" * 100), "nested too deeply"),
        (footer(b"\x19\x1c" * 100), "nested too deeply"),
        (footer(b"\x49" + b"\x19" * 5000), "nested too deeply"),
        (footer(b"\x15\x00\x05\x02\x00\x00"), "repeats a field"),
        (footer(b"\x15" + b"\xff" * 20), "over 64 bits"),
        (footer(b"\x1b\x00"), "unknown type"),
        (footer(b"\x49\x15\x02\x00"), "footer is damaged"),
        (footer(b"\x18\xff\xff\xff\xff\x0f"), "footer is damaged"),
    ],
    ids=repr,
)
def test_a_damaged_footer_is_an_error(content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(content)
    with pytest.raises(ValueError, match=message):
        declared_values(tmp_path / "a.parquet")


def test_damaged_statistics_do_not_end_the_process(tmp_path: Path) -> None:
    """pyarrow calls `terminate` when it is asked for the number of values."""
    path = tmp_path / "a.parquet"
    whole = written(path)
    for at in range(len(whole) - 8 - int.from_bytes(whole[-8:-4], "little"), len(whole)):
        for value in (0x19, whole[at] ^ 16):
            path.write_bytes(whole[:at] + bytes([value]) + whole[at + 1 :])
            try:
                load(path)
            except FormatError:
                continue
