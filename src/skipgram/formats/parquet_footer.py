"""How many values each column of a Parquet file declares, read from its footer.

    ...        the data
    footer     a `FileMetaData` in Thrift's compact protocol
    8 bytes    the length of the footer, uint32; "PAR1"

pyarrow tells the same, but ends the process when the statistics of a column are damaged. A struct
is a list of fields, each with a number; `_VALUES` has those that lead to the numbers of values.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from skipgram.regular_files import open_regular

if TYPE_CHECKING:
    from pathlib import Path

_END = 8
_ROW_GROUPS, _COLUMNS = 4, 1
_METADATA, _VALUES = 3, 5
"""FileMetaData.row_groups, RowGroup.columns, ColumnChunk.meta_data, ColumnMetaData.num_values."""

_MOST_LEVELS = 16
_TRUE, _FALSE = 1, 2
_SIZES = {_TRUE: 1, _FALSE: 1, 3: 1, 7: 8}
_BINARY, _STRUCT = 8, 12
_INTEGERS = {4, 5, 6}
_LISTS = {9, 10}
"""The types of values."""


def declared_values(path: Path) -> list[list[int]]:
    """Return the number of values of each column, for each group of rows.

    Raises:
        OSError: the file cannot be read.
        ValueError: the footer is damaged.
    """
    with open_regular(path) as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _END))
        length = int.from_bytes(file.read(4), "little")
        if length + _END > size:
            raise ValueError("its footer is cut off")
        file.seek(size - _END - length)
        footer = file.read(length)
    try:
        groups = _Reader(footer).struct(0).get(_ROW_GROUPS, [])
        return [[int(part[_METADATA][_VALUES]) for part in group[_COLUMNS]] for group in groups]
    except (LookupError, TypeError, AttributeError) as error:
        raise ValueError("its footer is damaged") from error


class _Reader:
    """Reads values of the compact protocol; IndexError at the end of the bytes."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._position = 0

    def struct(self, level: int) -> dict[int, Any]:
        """Return the fields of a struct by number; one that is repeated is an error."""
        fields: dict[int, Any] = {}
        number = 0
        while header := self._byte():
            kind, step = header & 15, header >> 4
            number = number + step if step else self._signed()
            if number in fields:
                raise ValueError("its footer repeats a field")
            is_flag = kind in (_TRUE, _FALSE)  # whose value is in its kind
            fields[number] = kind == _TRUE if is_flag else self._value(kind, level + 1)
        return fields

    def _value(self, kind: int, level: int) -> object:
        """Return an integer, a list or a struct; None for other values, which are skipped."""
        if level > _MOST_LEVELS:
            raise ValueError("its footer is nested too deeply")
        if kind in _INTEGERS:
            return self._signed()
        if kind in _LISTS:
            return self._list(level)
        if kind == _STRUCT:
            return self.struct(level)
        if kind == _BINARY:
            size = self._number()
            self._position += size
        elif kind in _SIZES:
            self._position += _SIZES[kind]
        else:  # a map, which footers do not have
            raise ValueError("its footer has a value of unknown type")
        return None

    def _list(self, level: int) -> list[object]:
        header = self._byte()
        size = self._number() if header >> 4 == 15 else header >> 4
        if size > len(self._content) - self._position:  # each takes a byte at least
            raise ValueError("its footer declares a list beyond its end")
        return [self._value(header & 15, level + 1) for _ in range(size)]

    def _byte(self) -> int:
        byte = self._content[self._position]
        self._position += 1
        return byte

    def _number(self) -> int:
        number = shift = 0
        while True:
            byte = self._byte()
            number |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return number
            if shift > 63:
                raise ValueError("its footer has a number of over 64 bits")

    def _signed(self) -> int:
        number = self._number()
        return (number >> 1) ^ -(number & 1)
