"""Sentences from a table with one item per row: the rows of each group, in their order.

The rows of a group need not be next to each other. Each row becomes three numbers, 20 bytes: its
group, its place in the order, and its item. Up to `RUN_ROWS` rows are sorted in memory. More are
written to the directory for temporary files in sorted runs, which are then merged (external merge
sort). The distinct groups and items stay in memory.
"""

from __future__ import annotations

import contextlib
import itertools
import tempfile
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import BinaryIO, NoReturn, TypeAlias

import numpy as np
from numpy.typing import NDArray

from skipgram.config import CorpusConfig
from skipgram.corpus.tables import (
    ArrowArray,
    ArrowType,
    as_table_errors,
    plain,
    pyarrow,
)
from skipgram.corpus.tokens import TOKENS_IN_A_BATCH, Batch
from skipgram.errors import CorpusError
from skipgram.io.blocks import Dropped
from skipgram.limits import explain_too_large

RUN_ROWS = 1 << 22
"""Rows sorted in memory at a time; sorting takes up to 65 bytes for each."""

_ROWS_AT_ONCE = 1 << 18
_SMALLEST_READ = 1 << 10
_ROW = np.dtype([("group", np.int64), ("place", np.int64), ("item", np.int32)])
Rows: TypeAlias = NDArray[np.void]
Frame: TypeAlias = tuple[str, list[ArrowArray]]
"""A part of a table: the name of the table, and some of its columns."""


def sentences(frames: Iterable[Frame], config: CorpusConfig, dropped: Dropped) -> Iterator[Batch]:
    """Yield one sentence per group, in the order in which the groups first appear.

    Rows of a group are ordered by `config.order_by`. Equal values, and all rows without `order_by`,
    keep the order of the table.

    Args:
        frames: parts of tables; the columns are the items, the groups and, with `order_by`, what
            gives the order.
        config: the names of the columns.
        dropped: counts rows that miss one of these values; they are left out.
    """
    with contextlib.closing(Runs()) as runs:
        numbers = _RowNumbers(config, dropped, runs.widen)
        for name, columns in frames:
            for first in range(0, len(columns[0]), _ROWS_AT_ONCE):
                part = [column.slice(first, _ROWS_AT_ONCE) for column in columns]
                runs.add(numbers.rows(name, part))
        yield from _batches(runs.merged(), numbers.items.values)


def _batches(blocks: Iterable[Rows], items: list[Hashable]) -> Iterator[Batch]:
    """Yield sorted rows as batches; a sentence may go on in the next batch."""
    last = -1
    for rows in blocks:
        for first in range(0, len(rows), TOKENS_IN_A_BATCH):
            part = rows[first : first + TOKENS_IN_A_BATCH]
            groups = part["group"]
            ends = np.flatnonzero(np.diff(groups, prepend=last))  # a group ends where one begins
            last = int(groups[-1])
            distinct, indices = np.unique(part["item"], return_inverse=True)
            yield Batch([items[number] for number in distinct], indices, ends.astype(np.int64))


class _Numbers:
    """Numbers values in the order in which they first appear."""

    def __init__(self) -> None:
        self._numbers: defaultdict[Hashable, int] = defaultdict(itertools.count().__next__)

    @property
    def values(self) -> list[Hashable]:
        """The values, in the order of their numbers."""
        return list(self._numbers)

    def of(self, column: ArrowArray) -> NDArray[np.int64]:
        """Return the number of each value of a column without missing values."""
        encoded = column.dictionary_encode()
        distinct = [
            value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value
            # Arrow's `to_pylist` takes several times as long.
            for value in encoded.dictionary.to_numpy(zero_copy_only=False).tolist()
        ]
        numbers = np.fromiter(map(self._numbers.__getitem__, distinct), np.int64, len(distinct))
        indices: NDArray[np.int32] = encoded.indices.to_numpy(zero_copy_only=False)
        return numbers[indices]


class _RowNumbers:
    """Turns parts of tables into rows of numbers.

    Args:
        config: the names of the columns.
        dropped: counts rows that miss a value.
        widen: called when the places of all earlier rows are to become those of floats.

    Attributes:
        items: the numbers of the items.
    """

    def __init__(self, config: CorpusConfig, dropped: Dropped, widen: Callable[[], None]) -> None:
        self._config = config
        self._dropped = dropped
        self.items = _Numbers()
        self._groups = _Numbers()
        self._places = _Places(str(config.order_by), widen)
        self._group_is_text: bool | None = None

    def rows(self, name: str, columns: list[ArrowArray]) -> Rows:
        """Return the rows that have all values.

        Raises:
            CorpusError: a column holds values that cannot be used.
        """
        pa = pyarrow()
        with as_table_errors(name):
            columns = [_with_nulls(column) for column in columns]
            whole = np.ones(len(columns[0]), np.bool_)
            for column in columns:
                whole &= column.is_valid().to_numpy(zero_copy_only=False)
            self._dropped.rows_without_value += len(whole) - int(np.count_nonzero(whole))
            rows = np.zeros(int(np.count_nonzero(whole)), _ROW)
            if len(rows) == 0:
                return rows
            item, group, *order = (column.filter(pa.array(whole)) for column in columns)
            item, group = _as_whole(item), _as_whole(group)
            self._check_item(name, item.type)
            self._check_group(name, group.type)
            rows["item"] = self.items.of(item)
            rows["group"] = self._groups.of(group)
            for values in order:
                rows["place"] = self._places.of(name, values)
        return rows

    def _check_item(self, name: str, kind: ArrowType) -> None:
        types = pyarrow().types
        if not (types.is_large_binary(kind) or types.is_integer(kind)):
            raise CorpusError(
                f"the column {self._config.column!r} of {name} holds {kind!s:.60}; with group_by, "
                "it must hold one item per row: strings or integers"
            )

    def _check_group(self, name: str, kind: ArrowType) -> None:
        types = pyarrow().types
        if types.is_nested(kind):
            raise CorpusError(
                f"the column {self._config.group_by!r} of {name} holds {kind!s:.60}; group_by must "
                "name a column with one value per row, such as a user or a session"
            )
        is_text = bool(types.is_large_binary(kind))
        if self._group_is_text not in (None, is_text):
            raise CorpusError(
                f"the column {self._config.group_by!r} holds text in one table and {kind} in "
                f"{name}; convert it to one type"
            )
        self._group_is_text = is_text


def _with_nulls(column: ArrowArray) -> ArrowArray:
    """Return a column with null for empty strings and NaN."""
    pa = pyarrow()
    column = plain(pa, column)
    if pa.types.is_large_binary(column.type):
        missing = pa.compute.equal(column, pa.scalar(b"", column.type))
    elif pa.types.is_floating(column.type):
        missing = pa.compute.is_nan(column)
    else:
        return column
    return pa.compute.if_else(missing, pa.scalar(None, column.type), column)


def _as_whole(column: ArrowArray) -> ArrowArray:
    """Return a column of floats as integers if all are whole, and any other column unchanged.

    pandas turns a column of integers into floats if a value is missing.
    """
    pa = pyarrow()
    if pa.types.is_floating(column.type):
        with contextlib.suppress(pa.ArrowInvalid):
            return column.cast(pa.int64())
    return column


class _Places:
    """Turns the values of the `order_by` column into integers with the same order.

    The first values decide of which kind all must be: numbers, dates, or times. Whole numbers are
    compared exactly, unless a later part of the column has a fraction: then all are compared as
    floats.

    Args:
        column: the name of the column.
        widen: called when the places of all earlier rows are to become those of floats.
    """

    def __init__(self, column: str, widen: Callable[[], None]) -> None:
        self._column = column
        self._widen = widen
        self._kind: ArrowType | None = None

    def of(self, name: str, values: ArrowArray) -> NDArray[np.int64]:
        """Return the place of each value; there are none missing.

        Raises:
            CorpusError: values are not numbers, dates or times, or not all of the same kind.
        """
        pa = pyarrow()
        if pa.types.is_large_binary(values.type):
            with contextlib.suppress(pa.ArrowInvalid):
                values = pa.compute.utf8_trim_whitespace(values.cast(pa.large_string()))
        for kind in self._kinds(values.type):
            with contextlib.suppress(pa.ArrowInvalid, pa.ArrowNotImplementedError):
                # Integers beyond 2^53 are rounded if they are compared with fractions.
                converted = values.cast(kind, safe=kind != pa.float64())
                if self._kind == pa.int64() != kind:
                    self._widen()
                self._kind = kind
                return _as_integers(converted)
        return self._refuse(name, values)

    def _kinds(self, kind: ArrowType) -> list[ArrowType]:
        """Return the types that values of a type may be converted to, the first choice first."""
        pa = pyarrow()
        if self._kind is None:
            return _kinds(kind)
        numbers = [pa.int64(), pa.float64()]
        if self._kind not in numbers:
            return [self._kind]
        return [wider for wider in numbers[numbers.index(self._kind) :] if wider in _kinds(kind)]

    def _refuse(self, name: str, values: ArrowArray) -> NoReturn:
        message = f"the column {self._column!r} of {name} holds {values[0]} ({values.type})"
        if self._kind is not None:
            raise CorpusError(
                f"{message} or values after it that are not {self._kind} as the first rows are; "
                "order_by needs values of one kind"
            )
        raise CorpusError(
            f"{message}, by which rows cannot be ordered; order_by must name a column of numbers, "
            "or of dates and times; write them as in 2024-12-31 or 2024-12-31T23:59:59"
        )


def _kinds(kind: ArrowType) -> list[ArrowType]:
    """Return the types that values of a type may be converted to, the first choice first."""
    pa = pyarrow()
    types = pa.types
    if types.is_large_string(kind):
        zones = itertools.product(("us", "ns"), (None, "UTC"))
        return [pa.int64(), pa.float64(), *(pa.timestamp(unit, zone) for unit, zone in zones)]
    if types.is_integer(kind):
        return [pa.int64(), pa.float64()]
    if types.is_floating(kind) or types.is_decimal(kind):
        return [pa.float64()]
    if types.is_date(kind):
        return [pa.date64()]
    if types.is_time(kind):
        return [pa.time64("ns")]
    return [kind] if types.is_timestamp(kind) or types.is_duration(kind) else []


def _as_integers(values: ArrowArray) -> NDArray[np.int64]:
    """Return integers in the order of the values."""
    pa = pyarrow()
    if not pa.types.is_floating(values.type):
        return np.asarray(values.cast(pa.int64()).to_numpy(zero_copy_only=False), np.int64)
    return _places_of_floats(values.to_numpy(zero_copy_only=False))


def _places_of_floats(floats: NDArray[np.float64]) -> NDArray[np.int64]:
    # The bits of floats are in the order of their values; those of negative ones in reverse.
    floats = floats + 0.0  # -0.0 becomes 0.0
    bits = floats.view(np.int64)
    return np.where(bits < 0, bits ^ np.iinfo(np.int64).max, bits)


class Runs:
    """Rows in sorted runs, in memory or in a temporary file; close it to delete the file."""

    def __init__(self) -> None:
        self._rows: list[Rows] = []
        self._file: BinaryIO | None = None
        self._ends = [0]  # of the runs in the file, in rows
        self._narrow = 0  # rows at the beginning of the file whose places are still whole numbers

    def add(self, rows: Rows) -> None:
        """Add rows, in the order of the tables."""
        self._rows.append(rows)
        if sum(map(len, self._rows)) >= RUN_ROWS:
            self._write()

    def widen(self) -> None:
        """Turn the places of all rows so far from whole numbers into those of floats."""
        self._rows = [_widened(rows) for rows in self._rows]
        self._narrow = self._ends[-1]

    def _write(self) -> None:
        rows = self._taken()
        with _writing():
            if self._file is None:
                self._file = tempfile.TemporaryFile(prefix="skipgram-")  # noqa: SIM115 - see close
            self._file.write(rows.tobytes())
            self._file.flush()
        self._ends.append(self._ends[-1] + len(rows))

    def _taken(self) -> Rows:
        rows = np.concatenate([np.zeros(0, _ROW), *self._rows])
        self._rows = []
        return _sorted(rows)

    def merged(self) -> Iterator[Rows]:
        """Yield blocks of rows, sorted by group and place; equal rows keep their order."""
        if self._file is None:
            yield self._taken()
            return
        self._write()
        runs = len(self._ends) - 1
        size = max(RUN_ROWS // runs, _SMALLEST_READ)
        starts = self._ends[:-1]
        loaded = [np.zeros(0, _ROW)] * runs
        while True:
            for run in range(runs):
                if len(loaded[run]) == 0:
                    end = min(starts[run] + size, self._ends[run + 1])
                    loaded[run] = self._read(self._file, starts[run], end)
                    starts[run] += len(loaded[run])
            ready = _take_ready(loaded)
            if len(ready) == 0:
                return
            yield _sorted(ready)

    def _read(self, file: BinaryIO, first: int, end: int) -> Rows:
        file.seek(first * _ROW.itemsize)
        rows = np.frombuffer(file.read((end - first) * _ROW.itemsize), _ROW)
        return _widened(rows) if first < self._narrow else rows

    def close(self) -> None:
        """Delete the temporary file."""
        self._rows = []
        if self._file is not None:
            self._file.close()


def _widened(rows: Rows) -> Rows:
    """Return rows with places of floats in the place of whole numbers; their order is the same."""
    rows = rows.copy()
    rows["place"] = _places_of_floats(rows["place"].astype(np.float64))
    return rows


def _take_ready(loaded: list[Rows]) -> Rows:
    """Remove and return the rows that no row still to be read can precede.

    These are the rows up to the least of the last rows loaded. Of rows equal to it, those of later
    runs wait, because more of them may follow in its own run.
    """
    full = [run for run, rows in enumerate(loaded) if len(rows)]
    if not full:
        return np.zeros(0, _ROW)
    lasts = {run: _place_of_last(loaded[run]) for run in full}
    owner = min(full, key=lambda run: (lasts[run], run))
    ready = []
    for run in full:
        count = _rows_before(loaded[run], lasts[owner], equal=run <= owner)
        ready.append(loaded[run][:count])
        loaded[run] = loaded[run][count:]
    return np.concatenate(ready)


def _place_of_last(rows: Rows) -> tuple[int, int]:
    return int(rows["group"][-1]), int(rows["place"][-1])


def _rows_before(rows: Rows, bound: tuple[int, int], *, equal: bool) -> int:
    """Return how many sorted rows are less than a bound (group, place), or equal to it."""
    group, place = bound
    begin = int(np.searchsorted(rows["group"], group, "left"))
    end = int(np.searchsorted(rows["group"], group, "right"))
    return begin + int(
        np.searchsorted(rows["place"][begin:end], place, "right" if equal else "left")
    )


def _sorted(rows: Rows) -> Rows:
    place, group = (np.ascontiguousarray(rows[name]) for name in ("place", "group"))
    return rows[np.lexsort((place, group))]


@contextlib.contextmanager
def _writing() -> Iterator[None]:
    """Explain a failure to write the temporary file."""
    try:
        yield
    except OSError as error:
        if too_large := explain_too_large(error):
            raise CorpusError(f"cannot sort the rows: {too_large}") from error
        raise CorpusError(
            f"cannot sort the rows in the temporary directory: {error.strerror}; set the "
            "environment variable TMPDIR to a writable directory with enough space (20 bytes per "
            "row)"
        ) from error
