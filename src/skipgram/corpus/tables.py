"""One column of a table: Parquet, CSV and JSON Lines files; pandas, polars, Arrow and Hugging Face objects.

All of them become Arrow arrays of one column. A column of strings is text, a sentence a line and at least one a row; one of
lists of strings or integers is tokens, a sentence a row. Rows without a value are skipped.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePath
from typing import Any, BinaryIO

import numpy as np

from skipgram.config import CorpusConfig
from skipgram.corpus import words
from skipgram.corpus.blocks import BLOCK_BYTES, checked, read_blocks
from skipgram.corpus.streams import Location
from skipgram.corpus.words import Batch
from skipgram.errors import CorpusError, missing_extra

_PARQUET_MAGIC = b"PAR1"
_DELIMITERS = {".csv": ",", ".tsv": "\t"}
_JSON_LINES = {".jsonl", ".ndjson"}
_COMPRESSED = {".gz", ".bz2", ".xz", ".zst"}
_PARSED_BYTES = 1 << 24
"""CSV and JSON are parsed so much at once; a longer row is refused by the parser."""


def _pyarrow() -> Any:
    try:
        import pyarrow as pa
        import pyarrow.compute
        import pyarrow.csv
        import pyarrow.json
        import pyarrow.parquet
    except ImportError as error:
        raise missing_extra("reading tables", "data") from error
    return pa


def needed_column(config: CorpusConfig, table: str, names: Sequence[str]) -> str:
    """Return the column that the options name.

    Raises:
        CorpusError: none is named, or the table has no such column.
    """
    there = ", ".join(map(str, names[:20])) + (", ..." if len(names) > 20 else "")
    if config.column is None:
        raise CorpusError(f"{table} is a table; name the column that holds the text by column=NAME (--column): {there}")
    if config.column not in names:
        raise CorpusError(f"{table} has no column {config.column!r}; it has: {there}")
    return config.column


def _suffix(name: str) -> str:
    """Return the suffix that says what a file is, without that of a compression."""
    path = PurePath(name.partition("?")[0])
    return (PurePath(path.stem) if path.suffix.lower() in _COMPRESSED else path).suffix.lower()


def is_table_file(name: str, file: io.BufferedReader, config: CorpusConfig) -> bool:
    """Whether a file holds a table: by its first bytes, its name, or as a column is asked for."""
    known = _suffix(name) in {*_DELIMITERS, *_JSON_LINES}
    return known or config.column is not None or file.peek(4)[:4] == _PARQUET_MAGIC


def read_file(location: Location, file: io.BufferedReader, config: CorpusConfig) -> Iterator[bytes | Batch]:
    """Yield the content of one column of a file; `file` is at its beginning."""
    first = file.peek(1 << 16)
    if first[:4] == _PARQUET_MAGIC:
        chunks = _parquet(location, file, config)
    elif _suffix(location.name) in _JSON_LINES or first.lstrip()[:1] == b"{":
        chunks = _json_lines(location.name, file, config)
    else:
        chunks = _csv(location.name, file, config)
    with _explained(location.name):
        yield from _contents(chunks, location.name, config)


@contextlib.contextmanager
def _explained(name: str) -> Iterator[None]:
    """Turn what Arrow says of a damaged table into an error of ours."""
    try:
        yield
    except _pyarrow().ArrowException as error:
        raise CorpusError(f"the table {name} cannot be read: {' '.join(str(error).split())[:300]}; mend the file") from error


def _parquet(location: Location, file: io.BufferedReader, config: CorpusConfig) -> Iterator[Any]:
    pa = _pyarrow()
    with contextlib.ExitStack() as stack:
        whole: BinaryIO | str = str(location.path)
        if location.path is None:  # Parquet is read from its end, which a stream has not yet
            whole = stack.enter_context(tempfile.TemporaryFile(prefix="skipgram-"))
            shutil.copyfileobj(file, whole)
            whole.seek(0)
        table = stack.enter_context(pa.parquet.ParquetFile(whole))
        column = needed_column(config, location.name, table.schema_arrow.names)
        for batch in table.iter_batches(columns=[column], batch_size=1 << 14):
            yield batch.column(0)
        file.read()


def _csv(name: str, file: io.BufferedReader, config: CorpusConfig) -> Iterator[Any]:
    pa = _pyarrow()
    first = file.peek(1 << 16).decode("utf-8-sig", "replace")
    line = first.partition("\n")[0]
    delimiter = _DELIMITERS.get(_suffix(name)) or ("\t" if "\t" in line and "," not in line else ",")
    names = next(csv.reader(io.StringIO(first), delimiter=delimiter), [])
    column = needed_column(config, name, names)
    reader = pa.csv.open_csv(
        file,
        read_options=pa.csv.ReadOptions(block_size=_PARSED_BYTES),
        parse_options=pa.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
        convert_options=pa.csv.ConvertOptions(include_columns=[column], column_types={column: pa.binary()}),
    )
    for batch in reader:
        yield batch.column(0)


def _json_lines(name: str, file: io.BufferedReader, config: CorpusConfig) -> Iterator[Any]:
    pa = _pyarrow()
    schema = None
    for block in read_blocks(file, name, whole_lines=True):
        if not block.strip():
            continue
        if schema is None:
            schema = pa.schema([_json_field(pa, name, block, config)])
        table = pa.json.read_json(
            pa.BufferReader(block),
            read_options=pa.json.ReadOptions(use_threads=False, block_size=len(block) + 1),
            parse_options=pa.json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore"),
        )
        yield from table.column(0).chunks


def _json_field(pa: Any, name: str, block: bytes, config: CorpusConfig) -> Any:
    """Return the column and its type, by the first record that has a value."""
    names: dict[str, None] = {}
    for line in filter(bytes.strip, block.splitlines()):
        try:
            record = json.loads(line)
        except ValueError as error:
            raise CorpusError(f"corpus {name} is not JSON Lines, an object a line: {error}") from error
        if not isinstance(record, dict):
            raise CorpusError(f"corpus {name} is not JSON Lines: it begins with {line[:40]!r}, not with an object")
        names.update(dict.fromkeys(record))
        value = record.get(config.column)
        if value is None or value == []:
            continue
        if isinstance(value, list):
            return pa.field(config.column, pa.list_(pa.string() if isinstance(value[0], str) else pa.int64()))
        return pa.field(config.column, pa.string() if isinstance(value, str) else pa.infer_type([value]))
    column = needed_column(config, name, list(names))
    raise CorpusError(f"column {column!r} of {name} holds no value in the first {len(block):,} bytes; name another one")


def is_table(corpus: Any) -> bool:
    """Whether an object is a table or a column of one."""
    exported = any(hasattr(corpus, name) for name in ("__arrow_c_stream__", "__arrow_c_array__"))
    return exported or hasattr(corpus, "with_format") or type(corpus).__module__.partition(".")[0] == "pandas"


def read_object(corpus: Any, config: CorpusConfig) -> Iterator[bytes | Batch]:
    """Yield the content of one column of a table in memory, or of a Hugging Face dataset."""
    name = f"the {type(corpus).__name__}"
    with _explained(name):
        yield from _contents(_chunks(corpus, name, config), name, config)


def _chunks(corpus: Any, name: str, config: CorpusConfig) -> Iterator[Any]:
    """Yield one column as Arrow arrays."""
    pa = _pyarrow()
    if isinstance(corpus, pa.RecordBatchReader):
        column = needed_column(config, name, corpus.schema.names)
        yield from (batch.column(column) for batch in corpus)
        return
    names = getattr(corpus, "column_names", None)  # Arrow, Hugging Face
    if names is None and not hasattr(corpus, "to_frame"):  # a Series has that
        names = getattr(corpus, "columns", None)  # pandas, polars
    if names is None and isinstance(getattr(corpus, "schema", None), pa.Schema):
        names = corpus.schema.names
    if names is not None:
        column = needed_column(config, name, list(names))
        if hasattr(corpus, "with_format"):
            for table in corpus.with_format("arrow").iter(batch_size=1000):
                yield from table.column(column).chunks
            return
        corpus = corpus[column]
    elif config.column is not None:
        raise CorpusError(f"{name} is one column itself; leave column={config.column} out")
    if not isinstance(corpus, pa.Array | pa.ChunkedArray):
        corpus = pa.chunked_array(corpus) if hasattr(corpus, "__arrow_c_stream__") else pa.Array.from_pandas(corpus)
    yield from corpus.chunks if isinstance(corpus, pa.ChunkedArray) else [corpus]


def _contents(chunks: Iterable[Any], name: str, config: CorpusConfig) -> Iterator[bytes | Batch]:
    """Yield the text or the tokens of Arrow arrays."""
    pa = _pyarrow()
    chunks = (chunk.dictionary_decode() if pa.types.is_dictionary(chunk.type) else chunk for chunk in chunks)
    for chunk in chunks:
        kind = chunk.type
        if pa.types.is_null(kind) or len(chunk) == chunk.null_count:
            continue
        if _is_text(pa, kind):
            yield from _split_rows(pa, chunk.drop_null(), name, config)
        elif _is_list(pa, kind) and (_is_text(pa, kind.value_type) or pa.types.is_integer(kind.value_type)):
            if words.changes_text(config):
                raise CorpusError(f"{name} holds lists of tokens, which are taken as they are; leave the options for text out")
            yield from _token_batches(pa, chunk.drop_null(), name)
        else:
            raise CorpusError(f"{name} holds {kind} in that column; a corpus is text, or lists of strings or integers")


def _is_text(pa: Any, kind: Any) -> bool:
    types = pa.types
    return any(
        is_kind(kind)
        for is_kind in (types.is_string, types.is_large_string, types.is_string_view, types.is_binary, types.is_large_binary)
    )


def _is_list(pa: Any, kind: Any) -> bool:
    return any(is_kind(kind) for is_kind in (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list))


def _split_rows(pa: Any, rows: Any, name: str, config: CorpusConfig) -> Iterator[bytes | Batch]:
    if config.sentence_per == "file":
        rows = pa.compute.replace_substring(rows.cast(pa.large_string()), "\n", " ")
    return words.split(_joined_rows(pa, rows.cast(pa.large_binary()), name), config.model_copy(update={"sentence_per": "line"}))


def _joined_rows(pa: Any, rows: Any, name: str) -> Iterator[bytes]:
    """Yield rows of text as blocks, each row with a line end."""
    at_once = max(1, BLOCK_BYTES * len(rows) // max(rows.nbytes, 1))
    for first in range(0, len(rows), at_once):
        part = rows.slice(first, at_once)
        lists = pa.ListArray.from_arrays(pa.array([0, len(part)], pa.int32()), part)
        yield checked(
            pa.compute.binary_join(lists, pa.scalar(b"\n", pa.large_binary()))[0].as_buffer().to_pybytes() + b"\n", name
        )


def _token_batches(pa: Any, rows: Any, name: str) -> Iterator[Batch]:
    """Yield rows that are lists of tokens."""
    at_once = max(1, words.TOKENS_IN_A_BATCH * len(rows) // max(len(rows.flatten()), 1))
    for first in range(0, len(rows), at_once):
        part = rows.slice(first, at_once)
        values = part.flatten()
        if values.null_count:
            raise CorpusError(f"{name} holds lists with missing tokens; take them out first")
        ends = np.cumsum(pa.compute.list_value_length(part).to_numpy(zero_copy_only=False), dtype=np.int64)
        if pa.types.is_integer(values.type):
            yield words.integer_batch(values.to_numpy(zero_copy_only=False), ends)
        else:
            encoded = values.dictionary_encode()
            yield Batch(encoded.dictionary.to_pylist(), encoded.indices.to_numpy(zero_copy_only=False), ends)
