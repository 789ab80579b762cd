"""One column of a table in a file: Parquet, CSV, JSON Lines, or a JSON array."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath
from types import ModuleType
from typing import Any, BinaryIO, NamedTuple

from skipgram.config import CorpusConfig
from skipgram.corpus.json_arrays import lines_of_array
from skipgram.corpus.quotes import Dialect, with_closed_quotes
from skipgram.corpus.tables import (
    PARSED_BYTES,
    ArrowArray,
    ArrowMetadata,
    ArrowSchema,
    ArrowTable,
    ArrowType,
    aligned,
    as_table_errors,
    contents,
    is_broken,
    needed_columns,
    pyarrow,
    shown,
)
from skipgram.corpus.tokens import Batch
from skipgram.errors import CorpusError
from skipgram.io.blocks import BLOCK_BYTES, BYTE_ORDER_MARK, Dropped, read_blocks
from skipgram.io.streams import Location, Stream

_PARQUET_MAGIC = b"PAR1"
_DELIMITERS = {".csv": ",", ".tsv": "\t"}
_DELIMITERS_OF_TEXT = ",;\t|"
_JSON = {".json", ".jsonl", ".ndjson"}
_OBJECTS = re.compile(rb'\s*(?:\[\s*)?\{\s*"(?:[^"\\]|\\.)*"\s*:')
"""How JSON Lines and a JSON array of objects begin, and hardly any text."""
_STRINGS = re.compile(rb'\s*\[\s*(?:\[\s*)?"(?:[^"\\]|\\.)*"\s*(?:\]\s*)?,\s*(?:\[\s*)?"')
"""How a JSON array of strings or of their lists begins."""
_NUMBERS = re.compile(rb"\s*\[\s*\[\s*-?\d[\d.eE+-]*\s*,")
"""How a JSON array of lists of numbers begins."""
_ARRAY = re.compile(rb'\s*\[\s*(?:[\[{"\]]|$)')
_SURROGATES = re.compile(rb"(?<!\\)((?:\\\\)*)((?:\\u[dD][89a-fA-F][0-9a-fA-F]{2})+)")
"""Escapes in JSON for characters beyond U+FFFF, which take two each."""
_EXCEL_LINE = re.compile(rb'(?:\xef\xbb\xbf)?"?(?i:sep)=([\x01-\x7f])"?(?=\r?\n)')
"""The line before the header that tells Excel what separates the columns. Its line end stays, so
that lines are counted as they are in the file."""
_ROW = re.compile(r"in row (\d+)")
_COMPRESSED = {".gz", ".bz2", ".xz", ".zst"}
_PARQUET_BYTES = 1 << 22
"""How much is read from Parquet at a time."""
_BUFFERED_PARQUET_BYTES = 1 << 25
"""A larger file of Parquet is read through a buffer."""


def _suffix(name: str) -> str:
    """Return the suffix that names the kind of a file, without the suffix of a compression."""
    path = PurePath(name.partition("?")[0])
    return (PurePath(path.stem) if path.suffix.lower() in _COMPRESSED else path).suffix.lower()


def is_named_as_table(name: str) -> bool:
    """Whether the name of a file says that it is a table."""
    return _suffix(name) in {*_DELIMITERS, *_JSON, ".parquet"}


def pattern_of(name: str) -> str:
    """Return the pattern of the files that are named as tables of the same kind, such as *.csv."""
    path = PurePath(name.partition("?")[0])
    is_compressed = path.suffix.lower() in _COMPRESSED
    return "*" + (PurePath(path.stem).suffix if is_compressed else "") + path.suffix


def is_parquet(file: io.BufferedReader) -> bool:
    """Whether a file that is open at its beginning is Parquet."""
    return file.peek(4)[:4] == _PARQUET_MAGIC


def is_table_file(name: str, file: io.BufferedReader, config: CorpusConfig) -> bool:
    """Whether a file is a table: by its name, its first bytes, or because a column is named."""
    if config.column is not None or _suffix(name) in {*_DELIMITERS, *_JSON} or is_parquet(file):
        return True
    first = _beginning(file)
    return any(begins.match(first) for begins in (_OBJECTS, _STRINGS, _NUMBERS))


def _beginning(file: io.BufferedReader) -> bytes:
    """Return the first bytes of a file that is open at its beginning."""
    return file.peek(1 << 16).removeprefix(BYTE_ORDER_MARK)


def _is_array(suffix: str, beginning: bytes) -> bool:
    """Whether a table is a JSON array. A line of JSON Lines may be a list, which is an error."""
    if beginning.lstrip()[:1] != b"[":
        return False
    begins = _OBJECTS if suffix in {".jsonl", ".ndjson"} else _ARRAY
    return suffix == ".json" or begins.match(beginning) is not None


def read_file(
    location: Location, file: io.BufferedReader, config: CorpusConfig, dropped: Dropped
) -> Iterator[bytes | Batch]:
    """Yield the content of one column of a file that is open at its beginning."""
    with as_table_errors(location.name):
        chunks = (columns[0] for columns in frames(location, file, config, dropped))
        yield from contents(chunks, location.name, config, dropped)


def frames(
    location: Location, file: io.BufferedReader, config: CorpusConfig, dropped: Dropped
) -> Iterator[list[ArrowArray]]:
    """Yield the needed columns of a file that is open at its beginning, part by part."""
    name = location.name
    first = _beginning(file)
    with as_table_errors(name):
        if first[:4] == _PARQUET_MAGIC:
            config.refuse(("encoding",), f"on {name}: the text of Parquet is always UTF-8")
            yield from _parquet(location, file, config)
        elif _is_array(_suffix(name), first):
            yield from _json(
                _JsonTable(name, "JSON array"), lines_of_array(file, name, config.max_line), config
            )
        elif _suffix(name) in _JSON or first.lstrip()[:1] == b"{":
            lines = read_blocks(file, name, dropped, config.max_line, whole_lines=True)
            yield from _json(_JsonTable(name, "table"), lines, config)
        else:
            yield from _csv(name, file, config)


def _parquet(
    location: Location, file: io.BufferedReader, config: CorpusConfig
) -> Iterator[list[ArrowArray]]:
    pa = pyarrow()
    with contextlib.ExitStack() as stack:
        readable: BinaryIO | str = str(location.path)
        # Parquet is read from its end, so a file that is compressed or not local is copied first.
        if location.path is None or not isinstance(file.raw, Stream):
            readable = stack.enter_context(_copied(location.name, file))
        if isinstance(readable, str):
            size = Path(readable).stat().st_size
        else:
            size = readable.seek(0, os.SEEK_END)
        # By default Arrow reads row groups ahead: 1.4 GB of memory for a file of 0.4 GB. Through a
        # buffer, it allocates what the header of a page declares: up to 2 GB for 600 bytes.
        buffer = BLOCK_BYTES if size > _BUFFERED_PARQUET_BYTES else 0
        table = stack.enter_context(
            pa.parquet.ParquetFile(readable, pre_buffer=False, buffer_size=buffer)
        )
        columns = needed_columns(config, location.name, table.schema_arrow.names)
        rows = _rows_in_a_batch(table.metadata)
        for batch in table.iter_batches(columns=columns, batch_size=rows):
            yield [batch.column(column) for column in columns]


def _rows_in_a_batch(metadata: ArrowMetadata) -> int:
    """Return how many rows of Parquet to read at a time: a row may be a word or a document.

    All columns count. Asking Arrow for the size of one ends the process if its statistics are
    damaged.
    """
    size = sum(metadata.row_group(n).total_byte_size for n in range(metadata.num_row_groups))
    return int(min(max(16, _PARQUET_BYTES * metadata.num_rows // max(size, 1)), 1 << 14))


def _copied(name: str, file: io.BufferedReader) -> BinaryIO:
    """Return a copy of a stream in a temporary file."""
    try:
        copy = tempfile.TemporaryFile(prefix="skipgram-")  # noqa: SIM115 - the caller closes it
        shutil.copyfileobj(file, copy)
        copy.seek(0)
    except OSError as error:
        raise CorpusError(
            f"cannot copy {name} to the temporary directory, as compressed or remote Parquet "
            f"requires: {error.strerror}; set the environment variable TMPDIR to a writable "
            "directory with enough space"
        ) from error
    return copy


def _csv(name: str, file: io.BufferedReader, config: CorpusConfig) -> Iterator[list[ArrowArray]]:
    pa = pyarrow()
    line = _EXCEL_LINE.match(file.peek(1 << 16))
    if line:
        file.read(line.end())
    first = file.peek(1 << 16).decode("utf-8-sig", "surrogateescape")
    try:
        delimiter = config.delimiter or (line and line[1].decode("ascii"))
        dialect = Dialect(delimiter or _delimiter(first, _suffix(name), config), config.quoting)
        names = _header(first, dialect)
        table = with_closed_quotes(file, name, dialect)
        if any("\n" in each for each in names):
            names = _header(_checked_beginning(table), dialect)
    except csv.Error as error:
        raise CorpusError(
            f"{name} does not begin with the header of a table: {error}; "
            f"if it is text, leave out column={config.column}"
        ) from error
    columns = _needed_in_csv(name, names, first, config)
    reader = pa.csv.open_csv(
        table,
        read_options=pa.csv.ReadOptions(block_size=PARSED_BYTES, use_threads=False),
        parse_options=pa.csv.ParseOptions(
            delimiter=dialect.delimiter,
            quote_char=False if dialect.quoting == "none" else '"',
            escape_char="\\" if dialect.quoting == "backslash" else False,
            newlines_in_values=dialect.quoting != "none",
        ),
        convert_options=pa.csv.ConvertOptions(
            include_columns=columns, column_types=dict.fromkeys(columns, pa.binary())
        ),
    )
    for batch in reader:
        yield batch.columns


def _needed_in_csv(name: str, names: list[str], first: str, config: CorpusConfig) -> list[str]:
    """Return the columns to read; an error says whether another delimiter makes them."""
    try:
        return needed_columns(config, name, names, beginning=first)
    except CorpusError as error:
        found = _delimiter(first, _suffix(name), config)
        wanted = {config.column, config.group_by, config.order_by} - {None}
        if config.delimiter in (None, found) or not wanted <= set(
            _header(first, Dialect(found, config.quoting))
        ):
            raise
        raise CorpusError(f"{error}; {found!r} separates them, so leave out delimiter") from error


def _checked_beginning(table: io.BufferedReader) -> str:
    """Return the first lines of a table whose quotes are checked.

    Raises:
        CorpusError: a quote in the header is not closed.
    """
    first = table.peek(1 << 16)
    if len(first.splitlines()) < 2:  # the next block begins with the open cell
        table.read()
    return first.decode("utf-8", "surrogateescape")


def _header(first: str, dialect: Dialect) -> list[str]:
    """Return the names of the columns, from the first part of a table; blank lines are skipped."""
    rows = csv.reader(
        io.StringIO(first, newline=None),
        delimiter=dialect.delimiter,
        quoting=csv.QUOTE_NONE if dialect.quoting == "none" else csv.QUOTE_MINIMAL,
        escapechar="\\" if dialect.quoting == "backslash" else None,
    )
    return next(filter(None, rows), [])


def _delimiter(first: str, suffix: str, config: CorpusConfig) -> str:
    """Return what separates the columns: a comma, a semicolon, a tab or a vertical bar.

    It is the first of them that makes the needed columns of the header. If none does, it is the one
    that makes most columns, so that the error can list them.
    """
    usual = _DELIMITERS.get(suffix, ",")
    candidates = [usual, *(each for each in _DELIMITERS_OF_TEXT if each != usual)]
    headers: dict[str, list[str]] = {each: [] for each in candidates}
    for each in candidates:
        with contextlib.suppress(csv.Error):  # a quote may end elsewhere, or a field be too long
            headers[each] = _header(first, Dialect(each, config.quoting))
    needed = {config.column, config.group_by, config.order_by} - {None}
    fitting = [each for each in candidates if needed <= set(headers[each])]
    if needed and fitting:
        return fitting[0]
    return max(candidates, key=lambda each: len(headers[each]))


class _JsonTable(NamedTuple):
    """The name of a file of JSON, and what it is, for messages."""

    name: str
    kind: str


def _json(
    source: _JsonTable, blocks: Iterable[bytes], config: CorpusConfig
) -> Iterator[list[ArrowArray]]:
    """Yield the needed columns of blocks of JSON Lines."""
    pa = pyarrow()
    schema = None
    rows = 0
    for block in blocks:
        if not block.strip():
            continue
        if schema is None:
            schema = pa.schema(_json_types(pa, source, block, config))
        try:
            table = _any_json(pa, block, schema, config)
        except pa.ArrowInvalid as error:
            raise pa.ArrowInvalid(_counted_from(rows, str(error))) from error
        rows += table.num_rows
        yield from aligned([column.chunks for column in table.columns])


def _counted_from(rows: int, reason: str) -> str:
    """Return what the parser says about a row, which it counts from 0 and in its block."""
    return _ROW.sub(lambda row: f"in row {rows + int(row[1]) + 1:,}", reason)


def _any_json(
    pa: ModuleType, block: bytes, schema: ArrowSchema, config: CorpusConfig
) -> ArrowTable:
    """Return a block as a table, also with half a surrogate pair, or fractions after integers."""
    try:
        return _parsed_json(pa, block, schema)
    except pa.ArrowInvalid as error:
        whole = _SURROGATES.sub(_with_characters, block) if "surrogate" in str(error) else block
        wider = _with_fractions(pa, schema, config.order_by)
        if wider == schema and whole == block:
            raise
        return _parsed_json(pa, whole, wider)


def _with_characters(escapes: re.Match[bytes]) -> bytes:
    """Return the characters of escapes; half a pair, as of a text that was cut, is not UTF-8."""
    characters: str = json.loads(b'"' + escapes[2] + b'"')
    return escapes[1] + characters.encode("utf-8", "surrogatepass")


def _parsed_json(pa: ModuleType, block: bytes, schema: ArrowSchema) -> ArrowTable:
    return pa.json.read_json(
        pa.BufferReader(block),
        read_options=pa.json.ReadOptions(use_threads=False, block_size=len(block) + 1),
        parse_options=pa.json.ParseOptions(
            explicit_schema=schema, unexpected_field_behavior="ignore"
        ),
    )


def _with_fractions(pa: ModuleType, schema: ArrowSchema, column: str | None) -> ArrowSchema:
    """Return a schema with floats in a column of integers.

    Integers are tried first: floats would round those beyond 2^53, such as times in nanoseconds.
    """
    place = -1 if column is None else schema.get_field_index(column)
    if place < 0 or not pa.types.is_integer(schema.field(place).type):
        return schema
    return schema.set(place, pa.field(column, pa.float64()))


def _json_types(
    pa: ModuleType, source: _JsonTable, block: bytes, config: CorpusConfig
) -> list[tuple[str, ArrowType]]:
    """Return the columns to read and their types, each from the first record that has a value."""
    named = (config.column, config.group_by, config.order_by)
    wanted = [column for column in named if column is not None]
    names: dict[Any, None] = {}
    kinds: dict[str, ArrowType] = {}
    for record in _json_records(source.name, block):
        names.update(dict.fromkeys(record))
        for column in wanted:
            value = None if is_broken(column) else record.get(column)
            if column not in kinds and value is not None and value != []:
                _refuse_object(source, column, value)
                kinds[column] = _json_type(pa, value)
        if config.column is not None and len(kinds) == len(wanted):
            return [(column, kinds[column]) for column in wanted]
    beginning = block.decode("utf-8", "surrogateescape")
    needed = needed_columns(config, source.name, list(names), source.kind, beginning)
    missing = next(column for column in needed if column not in kinds)
    raise CorpusError(
        f"column {missing!r} of {source.name} has no value in the first {len(block):,} bytes; "
        "name another column"
    )


def _refuse_object(source: _JsonTable, column: str, value: object) -> None:
    """Reject objects before Arrow does: pandas may write a whole column as one object."""
    if isinstance(value, dict):
        raise CorpusError(
            f"column {shown(column)} of {source.name} holds objects, such as {shown(value)}; it "
            "must hold strings, or lists of strings or integers (pandas writes them with "
            'to_json(orient="records"))'
        )


def _json_type(pa: ModuleType, value: object) -> ArrowType:
    """Return the type of a column from one of its values."""
    if isinstance(value, list):
        return pa.list_(pa.string() if isinstance(value[0], str) else pa.int64())
    return pa.string() if isinstance(value, str) else pa.infer_type([value])


def _json_records(name: str, block: bytes) -> Iterator[dict[str | None, Any]]:
    """Yield the objects of JSON Lines."""
    for line in filter(bytes.strip, block.split(b"\n")):
        try:
            record = json.loads(line.decode("utf-8", "surrogateescape"))
        except (ValueError, RecursionError) as error:
            raise CorpusError(
                f"{name} is not valid JSON Lines: {error}; write one JSON object per line, or "
                "an array of objects"
            ) from error
        if not isinstance(record, dict):
            raise CorpusError(
                f"{name} is not valid JSON Lines: the line {line[:40]!r} is not an object; "
                "write one JSON object per line"
            )
        yield record
