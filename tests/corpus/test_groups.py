"""One item per row: the rows of a group become a sentence."""

from __future__ import annotations

import datetime
import json
import tempfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from corpora import decoded

import skipgram
from skipgram.corpus import groups, tables
from skipgram.corpus.build import encode_corpus
from skipgram.corpus.sources import Reading
from skipgram.errors import ConfigError, CorpusError

COLUMNS = {"column": "item", "group_by": "user", "order_by": "time"}
RNG = np.random.default_rng(3)
USERS = RNG.integers(0, 40, 900).tolist()
ITEMS = RNG.integers(0, 60, 900).tolist()
TIMES = RNG.integers(-50, 50, 900).tolist()  # many are equal
ROWS = [
    {"user": f"u{user}", "item": f"i {item}", "time": time}
    for user, item, time in zip(USERS, ITEMS, TIMES, strict=True)
]


def oracle(rows: list[dict[str, Any]], *, ordered: bool = True) -> list[list[str]]:
    """The slow way: a list of rows for each group, sorted by time."""
    of_group: dict[Any, list[Any]] = {}
    for row in rows:
        of_group.setdefault(row["user"], []).append((row["time"] if ordered else 0, row["item"]))
    return [
        [str(item) for _, item in sorted(pairs, key=lambda pair: pair[0])]
        for pairs in of_group.values()
    ]


def write_csv(folder: Path, delimiter: str = ",") -> Path:
    path = folder / ("rows.csv" if delimiter == "," else "rows.tsv")
    pd.DataFrame(ROWS).to_csv(path, sep=delimiter, index=False)
    return path


def write_json(folder: Path) -> Path:
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return path


def write_parquet(folder: Path) -> Path:
    pq.write_table(pa.Table.from_pylist(ROWS), folder / "rows.parquet", row_group_size=100)
    return folder / "rows.parquet"


def two_files(folder: Path) -> list[Path]:
    """A user's rows are in both files."""
    paths = [folder / "1.csv", folder / "2.csv"]
    pd.DataFrame(ROWS[:500]).to_csv(paths[0], index=False)
    pd.DataFrame(ROWS[500:]).to_csv(paths[1], index=False)
    return paths


TABLES: dict[str, Callable[[Path], Any]] = {
    "pandas": lambda _: pd.DataFrame(ROWS),
    "pandas, categories": lambda _: pd.DataFrame(ROWS).astype(
        {"user": "category", "item": "category"}
    ),
    "polars": lambda _: pl.DataFrame(ROWS),
    "polars in parts": lambda _: pl.concat(
        [pl.DataFrame(ROWS[:9]), pl.DataFrame(ROWS[9:])], rechunk=False
    ),
    "Arrow": lambda _: pa.Table.from_pylist(ROWS),
    "Arrow, batches": lambda _: pa.Table.from_pylist(ROWS).to_reader(max_chunksize=50),
    "Hugging Face": lambda _: datasets.Dataset.from_list(ROWS),
    "records": lambda _: ROWS,
    "a generator of records": lambda _: (dict(row) for row in ROWS),
    "CSV": write_csv,
    "TSV": lambda folder: write_csv(folder, "\t"),
    "JSON Lines": write_json,
    "Parquet": write_parquet,
    "two files": two_files,
}


@pytest.mark.parametrize("kind", TABLES)
@pytest.mark.parametrize("ordered", [True, False])
def test_the_rows_of_a_group_are_a_sentence(kind: str, ordered: bool, tmp_path: Path) -> None:
    options = {**COLUMNS, "order_by": "time" if ordered else None}
    expected = oracle(ROWS, ordered=ordered)
    assert decoded(TABLES[kind](tmp_path), **options) == expected


@pytest.mark.parametrize("run_rows", [7, 100, 899, 900, 901])
def test_more_rows_than_fit_in_memory(run_rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "RUN_ROWS", run_rows)
    monkeypatch.setattr(groups, "_ROWS_AT_ONCE", 5)
    monkeypatch.setattr(groups, "_SMALLEST_READ", 3)
    monkeypatch.setattr(groups, "TOKENS_IN_A_BATCH", 4)
    assert decoded(pd.DataFrame(ROWS), **COLUMNS) == oracle(ROWS)


def test_equal_rows_of_many_runs_keep_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "RUN_ROWS", 10)
    monkeypatch.setattr(groups, "_ROWS_AT_ONCE", 10)
    monkeypatch.setattr(groups, "_SMALLEST_READ", 2)
    frame = pd.DataFrame({"user": 1, "item": range(200), "time": [0] * 100 + [-1] * 100})
    expected = [[str(item) for item in [*range(100, 200), *range(100)]]]
    assert decoded(frame, **COLUMNS) == expected


def test_no_room_for_the_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(groups, "RUN_ROWS", 10)
    monkeypatch.setattr(groups, "_ROWS_AT_ONCE", 10)
    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    with pytest.raises(CorpusError, match=r"cannot sort the rows .* No space left .*TMPDIR"):
        decoded(pd.DataFrame(ROWS), **COLUMNS)


DAY = datetime.date(2024, 1, 31)
ORDERS: dict[str, list[Any]] = {
    "whole numbers": [2, 10, -3],
    "fractions": [2.5, 10.0, -3.25],
    "negative fractions": [-1.5, -0.25, -1e300],
    "numbers as text": ["2", " 10", "-3"],
    "fractions as text": ["2.5", "1e1", "-3"],
    "decimals": [Decimal("2.5"), Decimal("10.1"), Decimal("-3.0")],
    "dates": [DAY, DAY + datetime.timedelta(1), DAY - datetime.timedelta(40)],
    "times of day": [datetime.time(9), datetime.time(10), datetime.time(8, 59)],
    "dates as text": ["2024-01-31", "2024-02-01", "2023-12-31"],
    "dates and times as text": ["2024-01-31 09:00:00", "2024-01-31 10:00", "2024-01-31T08:00:00.5"],
    "times with a zone as text": [
        "2024-01-31T09:00:00+00:00",
        "2024-01-31T09:00:00-02:00",
        "2024-01-31T09:00:00+02:00",
    ],
    "nanoseconds as text": ["2024-01-31 09:00:00.000000002", "2024-02-01", "2024-01-01"],
    "times": list(pd.to_datetime(["2024-01-31 09:00", "2024-02-01 00:00", "2024-01-31 08:59"])),
    "durations": list(pd.to_timedelta([2, 10, -3], unit="s")),
}


@pytest.mark.parametrize("kind", ORDERS)
def test_what_gives_the_order(kind: str) -> None:
    frame = pd.DataFrame({"user": 1, "item": ["b", "c", "a"], "time": ORDERS[kind]})
    assert decoded(frame, **COLUMNS) == [["a", "b", "c"]]


def rows_of(times: list[Any]) -> list[dict[str, Any]]:
    return [{"user": "u", "item": f"i{row}", "time": time} for row, time in enumerate(times)]


LATE = [*range(40, 0, -1), 2.5, -0.5, 7]
"""Whole numbers, and then fractions between them."""


@pytest.mark.parametrize("run_rows", [4, 17, 1 << 20])
@pytest.mark.parametrize("kind", ["floats", "records", "text", "CSV", "JSON Lines", "Parquet"])
def test_fractions_after_whole_numbers(
    kind: str, run_rows: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(groups, "RUN_ROWS", run_rows)
    monkeypatch.setattr(groups, "_ROWS_AT_ONCE", 5)
    monkeypatch.setattr(groups, "_SMALLEST_READ", 3)
    monkeypatch.setattr(tables, "_RECORDS_AT_ONCE", 10)
    rows = rows_of(LATE)
    frame = pd.DataFrame(rows)
    corpus: Any = {"floats": frame, "records": rows, "text": rows_of([*map(str, LATE)])}.get(kind)
    if corpus is None:  # whole numbers in one file, fractions in the next
        corpus = tmp_path
        for number, part in enumerate((rows[:40], rows[40:])):
            write_rows(kind, tmp_path / f"{number}", part)
    assert decoded(corpus, **COLUMNS) == oracle(rows)


def write_rows(kind: str, path: Path, rows: list[dict[str, Any]]) -> None:
    if kind == "CSV":
        pd.DataFrame(rows).to_csv(path.with_suffix(".csv"), index=False)
    elif kind == "JSON Lines":
        path.with_suffix(".jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    else:
        pq.write_table(pa.Table.from_pylist(rows), path.with_suffix(".parquet"))


def test_fractions_after_a_whole_part_of_a_data_frame() -> None:
    times = np.arange(groups._ROWS_AT_ONCE + 1, 0.0, -1.0)
    times[-1] = 2.5
    frame = pd.DataFrame({"user": 1, "item": np.arange(len(times)) % 7, "time": times})
    expected = [str(item) for item in frame.sort_values("time", kind="stable")["item"]]
    assert decoded(frame, **COLUMNS) == [expected]


@pytest.mark.parametrize("kind", ["records", "CSV", "JSON Lines", "Parquet"])
def test_large_whole_numbers_are_compared_exactly(kind: str, tmp_path: Path) -> None:
    rows = rows_of([2**60 + 1, 2**60, 2**60 + 3, 2**60 + 2])  # as floats all are equal
    corpus: Any = rows if kind == "records" else tmp_path
    if corpus is tmp_path:
        write_rows(kind, tmp_path / "rows", rows)
    assert decoded(corpus, **COLUMNS) == [["i1", "i0", "i3", "i2"]]


def test_large_whole_numbers_are_rounded_only_beside_fractions(tmp_path: Path) -> None:
    rows = rows_of([2**60 + 1, 2**60, 0.5])
    write_rows("JSON Lines", tmp_path / "1", rows[:2])
    write_rows("JSON Lines", tmp_path / "2", rows[2:])
    assert decoded(tmp_path, **COLUMNS)[0][0] == "i2"


def test_numbers_and_times_are_not_compared(tmp_path: Path) -> None:
    write_rows("Parquet", tmp_path / "1", rows_of([1, 2]))
    write_rows("Parquet", tmp_path / "2", rows_of(ORDERS["times"]))
    with pytest.raises(CorpusError, match=r"'time' of .*2\.parquet holds 2024.* not int64"):
        decoded(tmp_path, **COLUMNS)


GROUPS: dict[str, list[Any]] = {
    "numbers": [7, 8, 7],
    "with a missing number": [7.0, 8.0, 7.0],
    "fractions": [7.5, 8.0, 7.5],
    "dates": [DAY, DAY + datetime.timedelta(1), DAY],
    "times": list(
        pd.to_datetime(["2024-01-31 09:00:00.000000001", "2024-02-01 00:00:00.0"])[[0, 1, 0]]
    ),
    "text": ["x y", "z", "x y"],
}


@pytest.mark.parametrize("kind", GROUPS)
def test_what_a_group_may_be(kind: str) -> None:
    frame = pd.DataFrame({"user": GROUPS[kind], "item": ["a", "b", "c"], "time": [1, 2, 3]})
    assert decoded(frame, **COLUMNS) == [["a", "c"], ["b"]]


def test_rows_that_miss_a_value_are_dropped_and_counted(tmp_path: Path) -> None:
    rows = [
        {"user": "u", "item": 5, "time": 1.0},
        {"user": None, "item": 6, "time": 2.0},
        {"user": "u", "item": None, "time": 3.0},
        {"user": "u", "item": 8, "time": None},
        {"user": "u", "item": 9, "time": 0.0},
    ]
    frame = pd.DataFrame(rows)
    frame.to_csv(tmp_path / "rows.csv", index=False)
    frame["text"] = ["x", "y", "", "z", "w"]
    for corpus, column, expected in (
        (rows, "item", ["9", "5"]),
        (frame, "item", ["9", "5"]),
        (frame, "text", ["w", "x"]),
        (tmp_path / "rows.csv", "item", ["9.0", "5.0"]),  # as pandas writes them
    ):
        config = skipgram.CorpusConfig(column=column, group_by="user", order_by="time")
        with encode_corpus(Reading(corpus, config)) as encoded:
            assert encoded.report.rows_without_value == 3
            assert sorted(encoded.vocabulary.words) == sorted(expected)


def test_integers_are_words_of_digits() -> None:
    frame = pd.DataFrame({"user": [1, 1, 2, 2], "item": [10, 11, 10, 11]})
    assert decoded(frame, column="item", group_by="user") == [["10", "11"], ["10", "11"]]


BAD: dict[str, tuple[Any, dict[str, Any], str]] = {
    "an unknown group": (
        pd.DataFrame(ROWS),
        {"group_by": "customer"},
        "no column 'customer'; its columns are: 'user', 'item', 'time'",
    ),
    "an unknown order": (
        ROWS,
        {"order_by": "date"},
        "no column 'date'; its columns are: 'user', 'item', 'time'",
    ),
    "sentences": ([["a", "b"]], {}, "group_by=user needs a table, .* iterable of list"),
    "lines": (["a b"], {}, "group_by=user needs a table, .* iterable of str"),
    "a matrix": (np.ones((2, 2), int), {}, "group_by=user needs a table"),
    "a single column": (pd.Series(["a"]), {}, "is a single column; give the table"),
    "lists of items": (
        pd.DataFrame({"user": [1], "item": [["a"]], "time": [1]}),
        {},
        "'item' of the DataFrame holds list.*one item per row: strings or integers",
    ),
    "fractions as items": (
        pd.DataFrame({"user": [1], "item": [1.5], "time": [1]}),
        {},
        "'item' of the DataFrame holds double",
    ),
    "lists as groups": (
        pd.DataFrame({"user": [["a"]], "item": ["a"], "time": [1]}),
        {},
        "'user' of the DataFrame holds list.*one value per row",
    ),
    "dates that cannot be ordered": (
        pd.DataFrame({"user": [1, 1], "item": ["a", "b"], "time": ["31/12/2024", "01/02/2024"]}),
        {},
        "'time' of the DataFrame holds 31/12/2024 .*cannot be ordered.* write them as in 2024-12",
    ),
    "truth values as an order": (
        pd.DataFrame({"user": [1, 1], "item": ["a", "b"], "time": [True, False]}),
        {},
        "'time' .* cannot be ordered",
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_tables_that_cannot_be_grouped(kind: str) -> None:
    corpus, options, message = BAD[kind]
    with pytest.raises(CorpusError, match=message):
        decoded(corpus, **{**COLUMNS, **options})


def test_values_of_two_kinds_in_two_files(tmp_path: Path) -> None:
    (tmp_path / "1.csv").write_text("user,item,time\n1,a,5\n")
    (tmp_path / "2.csv").write_text("user,item,time\n1,b,2024-01-31\n")
    with pytest.raises(CorpusError, match=r"'time' of .*2\.csv holds 2024-01-31 .* not int64"):
        decoded(tmp_path, **COLUMNS)
    pq.write_table(pa.table({"user": [1], "item": ["b"], "time": [4]}), tmp_path / "2.csv")
    with pytest.raises(CorpusError, match="'user' holds text in one table and int64 in"):
        decoded(tmp_path, **COLUMNS)


def test_a_file_of_text_has_no_groups(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("some text here\n")
    with pytest.raises(CorpusError, match="no column 'item'; its columns are: 'some text here"):
        decoded(tmp_path / "a.txt", **COLUMNS)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"column": "item", "order_by": "time"}, "order_by=time .*set group_by"),
        ({"group_by": "user"}, "group_by=user .*set column"),
        ({"column": "user", "group_by": "user"}, "must name different columns"),
        ({**COLUMNS, "lowercase": True}, "lowercase=True has no effect with group_by"),
    ],
)
def test_options_that_do_not_go_together(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        skipgram.CorpusConfig(**options)


@pytest.mark.parametrize(
    "corpus",
    [
        pd.DataFrame({"user": [1], "item": [3]}),
        [{"user": 1, "item": 3}],
    ],
)
def test_a_column_of_integers_names_the_remedy(corpus: Any) -> None:
    with pytest.raises(CorpusError, match=r"if each .* is one item, .* group_by=NAME"):
        decoded(corpus, column="item")
