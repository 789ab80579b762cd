from __future__ import annotations

import tracemalloc
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sample_vectors import ODD, model, same

from skipgram.embeddings import Embeddings
from skipgram.errors import FormatError, OutputError
from skipgram.formats import EXPORTS, load


@pytest.mark.parametrize(
    ("vectors", "counts", "said"),
    [
        (pa.array([[1.0, None], [1.0, 2.0]]), [1, 2], "missing numbers"),
        (pa.array([[1.0, 1e300], [1.0, 2.0]]), [1, 2], "the largest float32"),
        (pa.array([[1.0, 2.0], [1.0, 2.0]]), [1, 1.5], "must hold whole numbers"),
        (
            pa.array([[1.0, 2.0], [1.0, 2.0]]),
            [Decimal(3), Decimal("2.5")],
            "must hold whole numbers",
        ),
    ],
)
def test_values_that_would_be_changed_are_refused(
    vectors: pa.Array, counts: list[Any], said: str, tmp_path: Path
) -> None:
    pq.write_table(
        pa.table({"word": ["a", "b"], "vector": vectors, "count": counts}),
        tmp_path / "table.parquet",
    )
    with pytest.raises(FormatError, match=said):
        load(tmp_path / "table.parquet")


@pytest.mark.parametrize("name", ["parquet", "embedding-atlas"])
def test_pandas_polars_and_duckdb_read_parquet(name: str, tmp_path: Path) -> None:
    written, path = model(ODD), tmp_path / "words.parquet"
    EXPORTS[name](written, path)
    frame = pd.read_parquet(path)
    assert frame["word"].tolist() == ODD
    assert np.stack(frame["vector"].tolist()).tobytes() == written.input.tobytes()
    assert pl.read_parquet(path)["vector"].to_numpy().tobytes() == written.input.tobytes()
    answer = duckdb.sql(f"SELECT word, count, vector FROM '{path}'")
    assert answer is not None
    assert written.counts is not None
    rows = answer.fetchall()
    assert [(word, count) for word, count, _ in rows] == list(
        zip(ODD, written.counts.tolist(), strict=True)
    )
    assert (
        np.array([vector for *_, vector in rows], np.float32).tobytes() == written.input.tobytes()
    )


@pytest.mark.parametrize(
    ("columns", "named"),
    [
        ({"token": ["a"], "vector": [[1.0]]}, "no column 'word', only token, vector"),
        ({"word": ["a", "b"], "vector": [[1.0], [1.0, 2.0]]}, "vectors of"),
        ({"word": ["a", "b"], "vector": [[1.0], None]}, "vectors of"),
        ({"word": ["a"], "vector": [["x"]]}, "cannot be read"),
        ({"word": ["a"], "vector": ["x"]}, "cannot be read"),
        ({"word": ["a", None], "vector": [[1.0], [2.0]]}, "without a word"),
        ({"word": ["a", "b"], "count": [1, None], "vector": [[1.0], [2.0]]}, "without a count"),
    ],
)
def test_tables_without_words_and_vectors_are_refused(
    columns: dict[str, list[object]], named: str, tmp_path: Path
) -> None:
    pq.write_table(pa.table(columns), tmp_path / "table.parquet")
    with pytest.raises(FormatError, match=named):
        load(tmp_path / "table.parquet")


def test_tables_of_other_programs(tmp_path: Path) -> None:
    path = tmp_path / "corpus.parquet"
    pq.write_table(pa.table({"text": ["years of text"]}), path)
    with pytest.raises(
        OutputError, match=r"will not replace .*: it does not look like a table of words"
    ):
        EXPORTS["parquet"](model(["a"]), path)
    (tmp_path / "broken.parquet").write_bytes(b"PAR1broken")
    with pytest.raises(OutputError, match="will not replace"):
        EXPORTS["parquet"](model(["a"]), tmp_path / "broken.parquet")
    words = pa.array(["a", "b"]).dictionary_encode()
    pq.write_table(pa.table({"more": [1, 2], "vector": [[1.0], [2.0]], "word": words}), path)
    same(load(path), Embeddings(["a", "b"], [[1], [2]]), "parquet")


def test_names_of_columns_in_any_case_and_order(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    pq.write_table(pa.table({"Vector": [[1.0], [2.0]], "COUNT": [5, 3], "Word": ["a", "b"]}), path)
    read = load(path)
    assert read.words == ["a", "b"]
    assert read.input.tolist() == [[1], [2]]
    assert read.counts is not None
    assert read.counts.tolist() == [5, 3]
    pq.write_table(pa.table({"Word": ["x"], "word": ["a"], "vector": [[1.0]]}), path)
    assert load(path).words == ["a"]


POOLS: list[pa.MemoryPool] = []
"""Those made by tests. Arrow's threads free memory after the file is closed, and crash if its pool
is gone."""


def peak_of_refusal(path: Path, message: str) -> int:
    """Return the most bytes that Arrow and Python held while a file was refused."""
    usual = pa.default_memory_pool()
    pool = pa.proxy_memory_pool(usual)
    POOLS.append(pool)
    pa.set_memory_pool(pool)
    tracemalloc.start()
    try:
        with pytest.raises(FormatError, match=message):
            load(path)
        return tracemalloc.get_traced_memory()[1] + int(pool.max_memory())
    finally:
        tracemalloc.stop()
        pa.set_memory_pool(usual)


def test_runs_of_equal_numbers_are_refused_before_they_are_read(tmp_path: Path) -> None:
    """3.9 MB held 1.2 GB."""
    zeros = pa.FixedSizeListArray.from_arrays(pa.array(np.zeros(15_000_000, np.float32)), 1000)
    table = pa.table({"word": pa.array(np.arange(15_000)), "vector": zeros})
    pq.write_table(table, tmp_path / "a.parquet")
    assert (tmp_path / "a.parquet").stat().st_size < 1 << 19
    message = r"declares values of 120,120,000 bytes; .* at most 67,108,864 are read"
    assert peak_of_refusal(tmp_path / "a.parquet", message) < 5 << 20


@pytest.mark.parametrize("stored", ["plain", "dictionary"])
def test_a_long_word_that_is_repeated_is_refused_before_it_is_read(
    stored: str, tmp_path: Path
) -> None:
    """48 kB held 2 GB."""
    words = pa.DictionaryArray.from_arrays(pa.array(np.zeros(100, np.int32)), ["x" * 1_000_000])
    zeros = pa.FixedSizeListArray.from_arrays(pa.array(np.zeros(100, np.float32)), 1)
    words = words if stored == "dictionary" else words.dictionary_decode()
    pq.write_table(pa.table({"word": words, "vector": zeros}), tmp_path / "a.parquet")
    message = r"its words have 100,000,000 bytes; .* at most 67,108,864 are read"
    assert peak_of_refusal(tmp_path / "a.parquet", message) < 20 << 20


@pytest.mark.parametrize("kind", ["string", "large_string", "binary", "string_view", "int8"])
@pytest.mark.parametrize("as_dictionary", [True, False])
def test_words_of_any_type(kind: str, as_dictionary: bool, tmp_path: Path) -> None:
    words = pa.array([1, 2] if kind == "int8" else ["1", "2"]).cast(getattr(pa, kind)())
    if as_dictionary and kind != "string_view":
        words = words.dictionary_encode()
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(np.eye(2, dtype=np.float32).ravel()), 2)
    pq.write_table(pa.table({"word": words, "vector": vectors}), tmp_path / "a.parquet")
    assert load(tmp_path / "a.parquet").words == ["1", "2"]


def test_numbers_as_text_are_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"word": ["a"], "vector": [["1", "2"]]}), tmp_path / "a.parquet")
    with pytest.raises(FormatError, match="the column 'vector' is of text; write numbers"):
        load(tmp_path / "a.parquet")
