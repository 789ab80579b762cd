"""One column of a table: Parquet, CSV and JSON Lines files; pandas, polars, Arrow and Hugging Face objects.

All of them become Arrow arrays of one column. A column of strings is text, a sentence a line and at least one a row; one of
lists of strings or integers is tokens, a sentence a row. Rows without a value are skipped.
"""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from skipgram.config import CorpusConfig
from skipgram.corpus import tokens
from skipgram.corpus.tokens import Batch
from skipgram.errors import CorpusError
from skipgram.io.blocks import BLOCK_BYTES, BYTE_ORDER_MARK, checked, read_blocks
from skipgram.io.optional import import_optional
from skipgram.io.streams import Location, Stream

_PARQUET_MAGIC = b"PAR1"
_DELIMITERS = {".csv": ",", ".tsv": "\t"}
_JSON_LINES = {".jsonl", ".ndjson"}
_COMPRESSED = {".gz", ".bz2", ".xz", ".zst"}
_PARQUET_BYTES = 1 << 22
"""So much is taken from Parquet at once."""

_PARSED_BYTES = 1 << 24
"""CSV and JSON are parsed so much at once; a longer row is refused by the parser."""


def _pyarrow() -> Any:
    submodules = ("compute", "csv", "json", "parquet")
    return import_optional("pyarrow", "reading tables", "skipgram[data]", submodules)


def needed_column(config: CorpusConfig, table: str, names: Sequence[str]) -> str:
    """Return the column that the options name.

    Raises:
        CorpusError: none is named, or the table has no such column.
    """
    there = ", ".join(map(str, names[:20])) + (", ..." if len(names) > 20 else "")
    if config.column is None:
        raise CorpusError(
            f"{table} is a table; name the column that holds the text by column=NAME (--column): {there}"
        )
    if names.count(config.column) != 1:
        found = "several columns" if config.column in names else "no column"
        raise CorpusError(f"{table} has {found} {config.column!r}; it has: {there}")
    return config.column


def _suffix(name: str) -> str:
    """Return the suffix that says what a file is, without that of a compression."""
    path = PurePath(name.partition("?")[0])
    return (PurePath(path.stem) if path.suffix.lower() in _COMPRESSED else path).suffix.lower()


def is_table_file(name: str, file: io.BufferedReader, config: CorpusConfig) -> bool:
    """Whether a file holds a table: by its first bytes, its name, or as a column is asked for."""
    known = _suffix(name) in {*_DELIMITERS, *_JSON_LINES}
    return known or config.column is not None or file.peek(4)[:4] == _PARQUET_MAGIC


def read_file(
    location: Location, file: io.BufferedReader, config: CorpusConfig
) -> Iterator[bytes | Batch]:
    """Yield the content of one column of a file; `file` is at its beginning."""
    first = file.peek(1 << 16)
    if first[:4] == _PARQUET_MAGIC:
        chunks = _parquet(location, file, config)
    elif (
        _suffix(location.name) in _JSON_LINES
        or first.removeprefix(BYTE_ORDER_MARK).lstrip()[:1] == b"{"
    ):
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
    except (_pyarrow().ArrowException, OSError) as error:
        said = " ".join(str(error).split())[:300]
        if "straddling" in said:
            said = f"a row is longer than {_PARSED_BYTES / 1e6:.0f} MB, or a quote is never closed"
        raise CorpusError(f"the table {name} cannot be read: {said}; mend the file") from error


def _parquet(location: Location, file: io.BufferedReader, config: CorpusConfig) -> Iterator[Any]:
    pa = _pyarrow()
    with contextlib.ExitStack() as stack:
        whole: BinaryIO | str = str(location.path)
        if location.path is None or not isinstance(
            file.raw, Stream
        ):  # Parquet is read from its end, which a stream has not yet
            whole = stack.enter_context(_kept(file))
        # Without these, row groups are read ahead as wholes: 1.4 GB of memory for a file of 0.4 GB.
        table = stack.enter_context(
            pa.parquet.ParquetFile(whole, pre_buffer=False, buffer_size=BLOCK_BYTES)
        )
        column = needed_column(config, location.name, table.schema_arrow.names)
        for batch in table.iter_batches(
            columns=[column], batch_size=_rows_at_once(table.metadata, column)
        ):
            yield batch.column(0)


def _rows_at_once(metadata: Any, column: str) -> int:
    """Return how many rows to take from Parquet at once: they may be single words or whole documents."""
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    parts = [group.column(number) for group in groups for number in range(group.num_columns)]
    size = sum(
        part.total_uncompressed_size
        for part in parts
        if part.path_in_schema.partition(".")[0] == column
    )
    return int(min(max(16, _PARQUET_BYTES * metadata.num_rows // max(size, 1)), 1 << 14))


def _kept(file: io.BufferedReader) -> BinaryIO:
    """Return a copy of what a stream holds, in a temporary file."""
    try:
        copy = tempfile.TemporaryFile(prefix="skipgram-")  # noqa: SIM115 - the caller closes it
        shutil.copyfileobj(file, copy)
        copy.seek(0)
    except OSError as error:
        raise CorpusError(
            f"Parquet that is no plain file is copied to the directory for temporary files, which fails: {error.strerror}; "
            "name a place with more room in the environment variable TMPDIR"
        ) from error
    return copy


def _csv(name: str, file: io.BufferedReader, config: CorpusConfig) -> Iterator[Any]:
    pa = _pyarrow()
    first = file.peek(1 << 16).decode("utf-8-sig", "replace")
    line = first.partition("\n")[0]
    delimiter = _DELIMITERS.get(_suffix(name)) or (
        "\t" if "\t" in line and "," not in line else ","
    )
    try:
        names = next(csv.reader(io.StringIO(first, newline=None), delimiter=delimiter), [])
    except csv.Error as error:
        raise CorpusError(
            f"{name} has no header of a table: {error}; leave column={config.column} out if it is text"
        ) from error
    column = needed_column(config, name, names)
    reader = pa.csv.open_csv(
        file,
        read_options=pa.csv.ReadOptions(block_size=_PARSED_BYTES, use_threads=False),
        parse_options=pa.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
        convert_options=pa.csv.ConvertOptions(
            include_columns=[column], column_types={column: pa.binary()}
        ),
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
            parse_options=pa.json.ParseOptions(
                explicit_schema=schema, unexpected_field_behavior="ignore"
            ),
        )
        yield from table.column(0).chunks


def _json_field(pa: Any, name: str, block: bytes, config: CorpusConfig) -> Any:
    """Return the column and its type, by the first record that has a value."""
    names: dict[str, None] = {}
    for line in filter(bytes.strip, block.split(b"\n")):
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise CorpusError(
                f"corpus {name} is not JSON Lines, an object a line: {error}"
            ) from error
        if not isinstance(record, dict):
            raise CorpusError(
                f"corpus {name} is not JSON Lines: it begins with {line[:40]!r}, not with an object"
            )
        names.update(dict.fromkeys(record))
        value = record.get(config.column)
        if value is None or value == []:
            continue
        if isinstance(value, list):
            return pa.field(
                config.column, pa.list_(pa.string() if isinstance(value[0], str) else pa.int64())
            )
        return pa.field(
            config.column, pa.string() if isinstance(value, str) else pa.infer_type([value])
        )
    column = needed_column(config, name, list(names))
    raise CorpusError(
        f"column {column!r} of {name} holds no value in the first {len(block):,} bytes; name another one"
    )


def is_table(corpus: Any) -> bool:
    """Whether an object is a table or a column of one that Arrow understands."""
    if getattr(
        corpus, "with_format", None
    ):  # Hugging Face; without names it is an iterable of records
        return corpus.column_names is not None
    exported = any(hasattr(corpus, name) for name in ("__arrow_c_stream__", "__arrow_c_array__"))
    return exported or type(corpus).__module__.partition(".")[0] == "pandas"


def read_records(
    records: Iterable[Any], column: str, config: CorpusConfig
) -> Iterator[bytes | Batch]:
    """Yield one value of each record: text, or tokens, as the first one is; records without a value are left out."""
    values: Iterator[Any] = filter(_is_value, (_value(record, column) for record in records))
    first = next(values, None)
    values = itertools.chain([] if first is None else [first], values)
    if isinstance(first, str):
        return tokens.split(
            _lines(values, column, config), config.model_copy(update={"sentence_per": "line"})
        )
    if tokens.changes_text(config):
        raise CorpusError(
            f"{column} holds lists of tokens, which are taken as they are; leave the options for text out"
        )
    return tokens.sentence_batches(values)


def _value(record: Any, column: str) -> Any:
    if not isinstance(record, Mapping):
        raise CorpusError(
            f"among the records is one of type {type(record).__name__}: {record!r:.60}; records are dictionaries"
        )
    return record.get(column)


def _is_value(value: Any) -> bool:
    return (
        value is not None and value == value
    )  # NaN, a missing value in pandas, does not equal itself


def _lines(values: Iterable[Any], column: str, config: CorpusConfig) -> Iterator[bytes]:
    """Yield strings as blocks of lines."""
    lines: list[str] = []
    size = 0
    for value in values:
        if not isinstance(value, str):
            raise CorpusError(
                f"{column} holds strings and {type(value).__name__}: {value!r:.60}; a corpus is all text, or all lists"
            )
        lines.append(value.replace("\n", " ") if config.sentence_per == "file" else value)
        size += len(value)
        if size >= BLOCK_BYTES:
            yield _block(lines, column)
            lines, size = [], 0
    if lines:
        yield _block(lines, column)


def _block(lines: list[str], column: str) -> bytes:
    return checked("".join(f"{line}\n" for line in lines).encode("utf-8", "surrogatepass"), column)


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
    kind = type(corpus)  # whose attributes are not mistaken for columns
    names = None
    if hasattr(kind, "column_names"):  # Arrow, Hugging Face
        names = corpus.column_names
    elif (
        hasattr(kind, "columns") and not hasattr(kind, "to_frame")
    ) or kind.__name__ == "DataFrame":  # pandas, polars; a Series has to_frame
        names = corpus.columns
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
        corpus = (
            pa.chunked_array(corpus)
            if hasattr(corpus, "__arrow_c_stream__")
            else pa.Array.from_pandas(corpus)
        )
    yield from corpus.chunks if isinstance(corpus, pa.ChunkedArray) else [corpus]


def _contents(chunks: Iterable[Any], name: str, config: CorpusConfig) -> Iterator[bytes | Batch]:
    """Yield the text or the tokens of Arrow arrays."""
    pa = _pyarrow()
    for chunk in chunks:
        if len(chunk) == chunk.null_count:
            continue
        rows = _plain(pa, chunk)
        items = _plain(pa, rows.flatten()) if _is_list(pa, rows.type) else None
        if pa.types.is_large_binary(rows.type):
            yield from _split_rows(pa, rows.drop_null(), name, config)
        elif items is not None and (
            pa.types.is_large_binary(items.type) or pa.types.is_integer(items.type)
        ):
            if tokens.changes_text(config):
                raise CorpusError(
                    f"{name} holds lists of tokens, which are taken as they are; leave the options for text out"
                )
            yield from _token_batches(
                pa, items, pa.compute.list_value_length(rows).drop_null().to_numpy(), name
            )
        else:
            raise CorpusError(
                f"{name} holds {chunk.type} in that column; a corpus is text, or lists of strings or integers"
            )


def _is_list(pa: Any, kind: Any) -> bool:
    types = pa.types
    lists = (
        types.is_list,
        types.is_large_list,
        types.is_fixed_size_list,
        types.is_list_view,
        types.is_large_list_view,
    )
    return any(is_kind(kind) for is_kind in lists)


def _plain(pa: Any, values: Any) -> Any:
    """Return the same values, strings of whatever type and categories as large_binary."""
    types, kind = pa.types, values.type
    if types.is_dictionary(kind):
        return _plain(pa, values.dictionary).take(values.indices)
    if types.is_string(kind) or types.is_string_view(kind):
        values = values.cast(pa.large_string())
    texts = (
        types.is_large_string,
        types.is_binary,
        types.is_binary_view,
        types.is_fixed_size_binary,
    )
    return (
        values.cast(pa.large_binary()) if any(is_kind(values.type) for is_kind in texts) else values
    )


def _split_rows(pa: Any, rows: Any, name: str, config: CorpusConfig) -> Iterator[bytes | Batch]:
    if config.sentence_per == "file":
        rows = pa.compute.replace_substring(rows, b"\n", b" ")
    return tokens.split(
        _joined_rows(pa, rows, name), config.model_copy(update={"sentence_per": "line"})
    )


def _joined_rows(pa: Any, rows: Any, name: str) -> Iterator[bytes]:
    """Yield rows of text as blocks, each row with a line end."""
    at_once = max(1, BLOCK_BYTES * len(rows) // max(rows.nbytes, 1))
    for first in range(0, len(rows), at_once):
        part = rows.slice(first, at_once)
        lists = pa.ListArray.from_arrays(pa.array([0, len(part)], pa.int32()), part)
        yield checked(
            pa.compute.binary_join(lists, pa.scalar(b"\n", pa.large_binary()))[0]
            .as_buffer()
            .to_pybytes()
            + b"\n",
            name,
        )


def _token_batches(
    pa: Any, items: Any, lengths: NDArray[np.integer[Any]], name: str
) -> Iterator[Batch]:
    """Yield sentences of so many tokens each."""
    if items.null_count:
        raise CorpusError(f"{name} holds lists with missing tokens; take them out first")
    ends = np.cumsum(lengths, dtype=np.int64)
    row = done = 0
    while row < len(ends):
        last = max(row + 1, int(np.searchsorted(ends, done + tokens.TOKENS_IN_A_BATCH)))
        end = int(ends[last - 1])
        part = items.slice(done, end - done)
        if pa.types.is_integer(part.type):
            yield tokens.integer_batch(part.to_numpy(zero_copy_only=False), ends[row:last] - done)
        else:
            encoded = part.dictionary_encode()
            spelled = [
                token.decode("utf-8", "surrogateescape") for token in encoded.dictionary.to_pylist()
            ]
            yield Batch(
                spelled, encoded.indices.to_numpy(zero_copy_only=False), ends[row:last] - done
            )
        row, done = last, end
