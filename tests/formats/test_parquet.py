from __future__ import annotations

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
