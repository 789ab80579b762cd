"""Parquet: a table with a row for each word, for pandas, polars, DuckDB and Hugging Face datasets.

    word      string
    count     int64; only if counts are known
    vector    list of float32, of fixed size d for readers that support such lists

formats/atlas.py adds columns. `read` uses these three, with names in any case and words and numbers
of any type but text, and ignores others.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from skipgram.errors import FormatError
from skipgram.formats.checks import embeddings_of
from skipgram.formats.files import (
    check_replaceable,
    finite_vectors,
    most_decompressed,
)
from skipgram.formats.parquet_footer import declared_values
from skipgram.io.atomic import replacing_file, utf8
from skipgram.io.optional import import_optional
from skipgram.io.words import decoded
from skipgram.loading import USUAL, Loading

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping
    from types import ModuleType

    import pyarrow as pa

    from skipgram.embeddings import Embeddings, Which

_MAGIC = b"PAR1"
_ROWS = 1 << 16
"""Rows of a group, which readers load at once."""
_VALUE = 8
"""Bytes of the largest number."""


def write(
    embeddings: Embeddings,
    path: str | os.PathLike[str],
    which: Which = "input",
    more_columns: Callable[[], Mapping[str, pa.Array]] = dict,
) -> None:
    """Write the vectors as Parquet, complete or not at all.

    Args:
        embeddings: the model.
        path: the file.
        which: the vectors.
        more_columns: returns Arrow arrays of V values, added after the columns above; called once
            everything else has been checked.

    Raises:
        FormatError: a word has no UTF-8 form, a number is not finite, or there are no dimensions.
        OutputError: the file cannot be written; the old content is unchanged.
        MissingExtraError: pyarrow is not installed.
        ConfigError: the output vectors are needed but were not kept.
    """
    pa = arrow()
    check_replaceable(path, lambda start: recognised(start) and _is_ours(path), "a table of words")
    vectors = finite_vectors(embeddings, which, "Parquet", dimensions=0)
    vectors = np.ascontiguousarray(vectors)
    if not vectors.shape[1]:
        raise FormatError(
            "the vectors have 0 dimensions, but Parquet needs at least 1; save a model directory"
        )
    size = vectors.nbytes + sum(len(utf8(word)) for word in embeddings.words)
    table = {"word": pa.array(embeddings.words, pa.string())}
    if embeddings.counts is not None:
        table["count"] = pa.array(embeddings.counts)
    table["vector"] = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), vectors.shape[1])
    whole = pa.table({**table, **more_columns()})
    with replacing_file(path, size) as file:
        pa.parquet.write_table(whole, file, row_group_size=_ROWS, use_dictionary=False)


def _is_ours(path: str | os.PathLike[str]) -> bool:
    pa = arrow()
    try:
        return {"word", "vector"} <= set(pa.parquet.read_schema(path).names)
    except (OSError, pa.ArrowException):
        return False


def recognised(start: bytes) -> bool:
    """Whether a file that begins with these bytes is Parquet."""
    return start.startswith(_MAGIC)


def read(path: str | os.PathLike[str], loading: Loading = USUAL) -> Embeddings:
    """Read the columns word, vector and, if present, count of a Parquet file.

    Raises:
        FormatError: the file is damaged, lacks a column or a value, or its vectors differ in size.
        MissingExtraError: pyarrow is not installed.
    """
    pa = arrow()
    try:
        table = _read_table(path)
        counts = table.column("count").to_numpy() if "count" in table.column_names else None
        words = _bytes(table.column("word"))
        matrix = _matrix(table.column("vector"), path)
    except (OSError, ValueError, pa.ArrowException) as error:
        said = " ".join(str(error).split())[:300]
        raise FormatError(
            f"{path} cannot be read as Parquet: {said}; get a new copy of the file"
        ) from error
    names = decoded(words, path, errors=loading.unicode_errors)
    return embeddings_of(names, matrix, path, loading, counts)


def _read_table(path: str | os.PathLike[str]) -> pa.Table:
    """Return the columns that a file of words has, with no missing value in word or count."""
    values = declared_values(Path(path))
    with arrow().parquet.ParquetFile(path) as file:
        given = {name.lower(): name for name in file.schema_arrow.names}
        given |= {name: name for name in file.schema_arrow.names}
        names = list(given)
        if missing := [name for name in ("word", "vector") if name not in names]:
            raise FormatError(
                f"{path} has no column {missing[0]!r}, "
                f"only {', '.join(file.schema_arrow.names):.300}; "
                f"rename the column to {missing[0]!r}"
            )
        used = [name for name in ("word", "vector", "count") if name in names]
        columns = [given[name] for name in used]
        limit = most_decompressed(path)
        _check_declared(file.schema, values, columns, limit)
        once = [given["word"]] if _is_text(file.schema_arrow.field(given["word"]).type) else None
    # A word that is repeated is kept once until the total is known.
    with arrow().parquet.ParquetFile(path, read_dictionary=once) as file:
        table = file.read(columns).combine_chunks()
    table = _with_words(table, given["word"], limit)
    table = table.select([given[name] for name in used]).rename_columns(used)
    for name in {"word", "count"} & set(used):
        if table.column(name).null_count:
            raise FormatError(f"{path} holds rows without a {name}; remove them")
    return table


def _check_declared(
    schema: pa.parquet.ParquetSchema, values: list[list[int]], columns: list[str], limit: int
) -> None:
    """Check that a file's values are not out of proportion to its size; see `most_decompressed`.

    Runs of equal values take no space: 3.9 MB held vectors of 1.2 GB.

    Raises:
        ValueError: they are.
    """
    if any(len(group) != len(schema) or min(group) < 0 for group in values):
        raise ValueError("its footer has other columns than its schema")
    words, *numbers = columns
    needed = 0
    for place in range(len(schema)):
        kind = schema.column(place)
        name = kind.path.split(".")[0]
        if name in numbers and kind.physical_type == "BYTE_ARRAY":
            raise ValueError(f"the column {name!r:.80} is of text; write numbers")
        if name in {words, *numbers}:
            needed += sum(group[place] for group in values) * max(_VALUE, kind.length or 0)
    if needed > limit:
        raise ValueError(
            f"it declares values of {needed:,} bytes; from a file of its size, at most {limit:,} "
            "are read"
        )


def _with_words(table: pa.Table, name: str, limit: int) -> pa.Table:
    """Return a table with its words in full instead of as a dictionary; ValueError as above."""
    pa = arrow()
    column = table.column(name)
    if not pa.types.is_dictionary(column.type):
        return table
    total = 0
    for chunk in column.chunks if _is_text(column.type.value_type) else ():
        lengths = pa.compute.binary_length(chunk.dictionary).take(chunk.indices)
        total += pa.compute.sum(lengths).as_py() or 0
    if total > limit:
        raise ValueError(
            f"its words have {total:,} bytes; from a file of its size, at most {limit:,} are read"
        )
    place = table.column_names.index(name)
    words = pa.chunked_array(
        [chunk.dictionary_decode() for chunk in column.chunks], column.type.value_type
    )
    return table.set_column(place, name, words)


def _is_text(kind: pa.DataType) -> bool:
    types = arrow().types
    tests = (types.is_string, types.is_large_string, types.is_binary, types.is_large_binary)
    return any(test(kind) for test in (*tests, types.is_string_view, types.is_binary_view))


def _bytes(column: pa.ChunkedArray) -> list[bytes]:
    """Return words of any type in UTF-8; Arrow does not check that text is."""
    pa = arrow()
    if not (pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type)):
        column = column.cast(pa.string()).cast(pa.binary())
    words: list[bytes] = column.to_pylist()
    return words


def _matrix(column: pa.ChunkedArray, path: str | os.PathLike[str]) -> np.ndarray:
    """Return the (V, d) numbers in a column of lists."""
    pa = arrow()
    lengths = pa.compute.list_value_length(column).unique().to_pylist()
    if len(lengths) > 1 or None in lengths:
        raise FormatError(
            f"{path} holds vectors of different sizes, {lengths}; all must have the same size"
        )
    flat = pa.compute.list_flatten(column)
    if flat.null_count:
        raise FormatError(f"{path} has vectors with missing numbers; remove those rows")
    if not pa.types.is_floating(flat.type):
        flat = flat.cast(pa.float32(), safe=False)  # rounded, as doubles are
    size = lengths[0] if lengths else getattr(column.type, "list_size", 1)
    matrix: np.ndarray = flat.to_numpy().reshape(len(column), size)
    return matrix


def arrow() -> ModuleType:
    """Return pyarrow with its submodules for Parquet; MissingExtraError if it is not installed."""
    return import_optional("pyarrow", "Parquet", "skipgram[data]", ("compute", "parquet"))
