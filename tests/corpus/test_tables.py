"""A column of a table in memory gives the same vectors as plain text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import datasets
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from corpora import LINES, OPTIONS, SENTENCES, WALKS, Vectors, decoded, vectors

import skipgram
from skipgram.corpus.build import encode_corpus
from skipgram.corpus.sources import Reading
from skipgram.corpus.tables import needed_column
from skipgram.errors import CorpusError

TABLES: dict[str, Callable[[], Any]] = {
    "pandas": lambda: pd.DataFrame({"id": range(400), "text": LINES}),
    "pandas, lists": lambda: pd.DataFrame({"text": SENTENCES}),
    "polars": lambda: pl.DataFrame({"id": range(400), "text": LINES}),
    "polars, lists": lambda: pl.DataFrame({"text": SENTENCES}),
    "Arrow": lambda: pa.table({"id": range(400), "text": LINES}),
    "Arrow, categories": lambda: pa.table({"text": pa.array(LINES).dictionary_encode()}),
    "Arrow, batches": lambda: pa.table({"text": LINES}).to_reader(max_chunksize=50),
    "Hugging Face": lambda: datasets.Dataset.from_dict({"id": range(400), "text": LINES}),
    "Hugging Face, lists": lambda: datasets.Dataset.from_dict({"text": SENTENCES}),
    "Hugging Face, a stream": lambda: datasets.Dataset.from_dict(
        {"text": LINES}
    ).to_iterable_dataset(),
    "polars with a missing value": lambda: pl.DataFrame({"text": [None, *LINES]}),
    "polars, categories": lambda: pl.DataFrame(
        {"text": [None, *LINES]}, schema={"text": pl.Categorical}
    ),
    "polars, lists, one missing": lambda: pl.DataFrame({"text": [None, *SENTENCES]}),
    "polars, lists of categories": lambda: pl.DataFrame(
        {"text": SENTENCES}, schema={"text": pl.List(pl.Categorical)}
    ),
    "pandas, a value missing": lambda: pd.DataFrame({"text": [float("nan"), *LINES]}, dtype=object),
    "pandas, categories": lambda: pd.DataFrame({"text": pd.Categorical([*LINES, None])}),
    "Arrow, views": lambda: pa.table({"text": pa.array([None, *LINES], pa.string_view())}),
    "Arrow, bytes": lambda: pa.table(
        {"text": pa.array([line.encode() for line in LINES], pa.binary_view())}
    ),
    "Arrow, list views": lambda: pa.table(
        {"text": pa.array([None, *SENTENCES], pa.list_view(pa.string_view()))}
    ),
    "Hugging Face, mapped": lambda: (
        datasets.Dataset.from_dict({"line": LINES})
        .to_iterable_dataset()
        .map(lambda row: {"text": row["line"]})
    ),
    "Hugging Face, generated": lambda: datasets.IterableDataset.from_generator(
        lambda: ({"text": line} for line in LINES)
    ),
    "records with missing values": lambda: pd.DataFrame({"text": [None, *LINES]}).to_dict(
        "records"
    ),
    "records": lambda: ({"id": n, "text": line} for n, line in enumerate(LINES)),
    "records, lists": lambda: [{"text": None}, *({"text": sentence} for sentence in SENTENCES)],
}


@pytest.mark.parametrize("kind", TABLES)
def test_tables(kind: str, plain: Vectors) -> None:
    words, expected = plain
    found = vectors(TABLES[kind](), column="text")
    assert found[0] == words
    np.testing.assert_array_equal(found[1], expected)


COLUMNS: dict[str, Callable[[], Any]] = {
    "pandas Series": lambda: pd.Series(LINES),
    "pandas Series of lists": lambda: pd.Series(SENTENCES),
    "pandas Series of arrays": lambda: pd.Series(list(WALKS)),
    "polars Series": lambda: pl.Series(LINES),
    "polars Series of lists": lambda: pl.Series(WALKS.tolist()),
    "Arrow array": lambda: pa.array(LINES, pa.large_string()),
    "Arrow array of large lists": lambda: pa.array(WALKS.tolist(), pa.large_list(pa.int64())),
    "Arrow array of fixed lists": lambda: pa.array(WALKS.tolist(), pa.list_(pa.int32(), 9)),
    "a column of Hugging Face": lambda: datasets.Dataset.from_dict({"text": SENTENCES})["text"],
    "chunked array": lambda: pa.chunked_array([LINES[:9], LINES[9:]], pa.string_view()),
}


@pytest.mark.parametrize("kind", COLUMNS)
def test_columns(kind: str, plain: Vectors) -> None:
    words, expected = plain
    found = vectors(COLUMNS[kind]())
    assert found[0] == words
    np.testing.assert_array_equal(found[1], expected)


NUMBERED: dict[str, Callable[[], Any]] = {
    "pandas": lambda: pd.DataFrame({0: range(400), 1: LINES}),
    "pandas with int64 labels": lambda: pd.DataFrame(
        {0: range(400), 1: LINES}, columns=pd.Index([1, 0], dtype="int64")
    ),
    "pandas with other labels": lambda: pd.DataFrame({"0": range(400), 1: LINES, None: 0}),
    "records": lambda: pd.DataFrame({0: range(400), 1: LINES}).to_dict("records"),
}


@pytest.mark.parametrize("kind", NUMBERED)
@pytest.mark.parametrize("column", [1, "1", np.int64(1)])
def test_columns_with_numbers_as_labels(kind: str, column: Any, plain: Vectors) -> None:
    words, expected = plain
    found = vectors(NUMBERED[kind](), column=column)
    assert found[0] == words
    np.testing.assert_array_equal(found[1], expected)


@pytest.mark.parametrize("column", [0, "0"])
def test_groups_of_columns_with_numbers_as_labels(column: int | str) -> None:
    frame = pd.DataFrame({0: list("abcd"), 1: [7, 8, 7, 8], 2: [2, 1, 1, 2]})
    options = {"column": column, "group_by": 1, "order_by": "2"}
    for corpus in (frame, frame.to_dict("records")):
        assert decoded(corpus, **options) == [["c", "a"], ["b", "d"]]


@pytest.mark.parametrize("label", [("a", "x"), pd.Timestamp("2026-01-31")])
def test_other_labels_than_strings_name_columns(label: Any) -> None:
    frame = pd.DataFrame({label: ["one two"], "other": ["three"]})
    assert decoded(frame, column=label) == [["one", "two"]]
    assert decoded(frame, column=str(label)) == [["one", "two"]]


def test_a_missing_number_is_shown_with_the_labels() -> None:
    with pytest.raises(CorpusError, match="no column '2'; its columns are: 0, 'text'"):
        decoded(pd.DataFrame({0: ["a"], "text": ["b"]}), column=2)


BAD_TABLES: dict[str, tuple[Callable[[], Any], dict[str, Any], str]] = {
    "a wrong column of pandas": (
        TABLES["pandas"],
        {"column": "txt"},
        "no column 'txt'; its columns are: 'id', 'text'",
    ),
    "a wrong column of records": (
        TABLES["records"],
        {"column": "txt"},
        "no column 'txt'; its columns are: 'id', 'text'",
    ),
    "no column of polars": (TABLES["polars"], {}, "name the column.*'id', 'text'"),
    "a column of numbers": (TABLES["polars"], {"column": "id"}, "the column of .* holds int64"),
    "a column of a column": (
        lambda: pl.Series(LINES),
        {"column": "text"},
        "is a single column",
    ),
    "missing tokens": (lambda: pa.array([["a", None]]), {}, "missing tokens"),
    "NUL bytes in a table": (lambda: pa.array(["a\0\0\0b c"]), {}, "NUL"),
}


@pytest.mark.parametrize("kind", BAD_TABLES)
def test_tables_that_cannot_be_used(kind: str) -> None:
    make, options, message = BAD_TABLES[kind]
    with pytest.raises(CorpusError, match=message):
        skipgram.train(make(), **OPTIONS, **options)


BAD_RECORDS = [
    ([{"text": "a b"}, {"text": 5}], r"column 'text' holds both strings and int \(5\)"),
    ([{"text": "a b"}, {"text": ["x"]}], "column 'text' holds both strings and list"),
    ([{"text": "a b"}, "c d"], "a record is of type str: 'c d'"),
    ([{"text": 5}], "if each record is one item"),
]


@pytest.mark.parametrize(("records", "message"), BAD_RECORDS)
def test_records_of_mixed_types(records: list[Any], message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        encode_corpus(Reading(records, skipgram.CorpusConfig(column="text")))


def test_the_column_to_read() -> None:
    config = skipgram.CorpusConfig(column="text")
    assert needed_column(config, "a.csv", ["id", "text"]) == "text"
    with pytest.raises(
        CorpusError, match=r"a.csv has several columns 'text'; its columns are: 'te"
    ):
        needed_column(config, "a.csv", ["text", "text"])
    with pytest.raises(CorpusError, match=r"one of: 'c0', 'c1', .*, 'c19', \.\.\.$"):
        needed_column(skipgram.CorpusConfig(), "a.csv", [f"c{n}" for n in range(30)])
