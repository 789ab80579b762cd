"""Parquet: a table with a row for each word, which pandas, polars, DuckDB and Hugging Face datasets read.

    word      string
    count     int64; only where counts are known
    vector    list of float32, of fixed size d for readers that know such lists

formats/atlas.py adds columns; `read` takes these three, with words and numbers of any type, and leaves others alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skipgram.embeddings import Embeddings
from skipgram.errors import ConfigError, FormatError
from skipgram.formats.files import check_replaceable, imported
from skipgram.io.atomic import replacing_file, utf8

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping

    from skipgram.embeddings import Which

_MAGIC = b"PAR1"
_ROWS = 1 << 16  # of a group, which readers take at once


def write(
    embeddings: Embeddings,
    path: str | os.PathLike[str],
    which: Which = "input",
    more_columns: Callable[[], Mapping[str, Any]] = dict,
) -> None:
    """Write the vectors asked for as Parquet, whole or not at all.

    Args:
        embeddings: the words.
        path: the file.
        which: the vectors.
        more_columns: gives Arrow arrays of V values, to stand after those above; called once all else is in order.

    Raises:
        FormatError: a word has no UTF-8 form, or the vectors no dimensions.
        OutputError: the file cannot be written; what stood there is untouched.
        MissingExtraError: pyarrow is not installed.
        ConfigError: the vectors asked for were not kept.
    """
    pa, pq = _pyarrow()
    check_replaceable(path, lambda start: recognised(start) and _is_ours(path), "table of words")
    vectors = np.ascontiguousarray(embeddings.vectors(which))
    if not vectors.shape[1]:
        raise FormatError(
            "vectors of 0 dimensions: Parquet's lists of fixed size hold at least 1; save a model directory"
        )
    size = vectors.nbytes + sum(len(utf8(word)) for word in embeddings.words)
    table = {"word": pa.array(embeddings.words, pa.string())}
    if embeddings.counts is not None:
        table["count"] = pa.array(embeddings.counts)
    table["vector"] = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), vectors.shape[1])
    whole = pa.table({**table, **more_columns()})
    with replacing_file(path, size) as file:
        pq.write_table(whole, file, row_group_size=_ROWS, use_dictionary=False)


def _is_ours(path: str | os.PathLike[str]) -> bool:
    pa, pq = _pyarrow()
    try:
        return {"word", "vector"} <= set(pq.read_schema(path).names)
    except (OSError, pa.ArrowException):
        return False


def recognised(start: bytes) -> bool:
    """Whether a file that begins so is Parquet."""
    return start.startswith(_MAGIC)


def read(path: str | os.PathLike[str]) -> Embeddings:
    """Read the columns word, vector and, where it is there, count of a Parquet file.

    Raises:
        FormatError: the file is damaged, lacks a column or a value, or its vectors are not all of one size.
        MissingExtraError: pyarrow is not installed.
    """
    pa, pq = _pyarrow()
    try:
        with pq.ParquetFile(path) as file:
            names = file.schema_arrow.names
            if missing := [name for name in ("word", "vector") if name not in names]:
                raise FormatError(
                    f"{path} has no column {missing[0]!r}; it has {', '.join(names)}; rename the column"
                )
            table = file.read(
                [name for name in ("word", "vector", "count") if name in names]
            ).combine_chunks()
        column = table.column("vector")
        for name in {"word", "count"} & set(names):
            if table.column(name).null_count:
                raise FormatError(f"{path} holds rows without a {name}; take them out")
        lengths = pa.compute.list_value_length(column).unique().to_pylist()
        if len(lengths) > 1 or None in lengths:
            raise FormatError(f"{path} holds vectors of {lengths} numbers; all must have as many")
        flat = pa.compute.list_flatten(column)
        if flat.null_count:
            raise FormatError(f"{path} holds vectors with a number missing; take them out")
        if not pa.types.is_floating(flat.type):
            flat = flat.cast(pa.float32(), safe=False)  # rounded, as doubles are
        counts = table.column("count").to_numpy() if "count" in table.column_names else None
        words = table.column("word").cast(pa.string()).to_pylist()
        size = lengths[0] if lengths else getattr(column.type, "list_size", 1)
        return Embeddings(words, flat.to_numpy().reshape(len(column), size), counts=counts)
    except (OSError, ValueError, pa.ArrowException, ConfigError) as error:
        raise FormatError(
            f"{path} cannot be read as Parquet: {' '.join(str(error).split())[:300]}; get it again"
        ) from error


def _pyarrow() -> tuple[Any, Any]:
    imported("pyarrow.compute", "Parquet", "data")
    return imported("pyarrow", "Parquet", "data"), imported("pyarrow.parquet", "Parquet", "data")
