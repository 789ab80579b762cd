"""One column of a table in memory: pandas, polars, Arrow, Hugging Face datasets, and records.

All but records become Arrow arrays, as do the files that `table_files` reads. A column of strings
is text: a sentence per line, and at least one per row. A column of lists of strings or integers is
tokens: a sentence per row. Rows without a value are skipped.
"""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any, TypeAlias, TypeGuard

import numpy as np
from numpy.typing import NDArray

from skipgram.config import CorpusConfig
from skipgram.corpus import list_literals, tokens
from skipgram.corpus.tokens import Batch
from skipgram.encodings import UTF_8, likely
from skipgram.errors import CorpusError
from skipgram.io.blocks import BLOCK_BYTES, Dropped, checked
from skipgram.io.optional import import_optional
from skipgram.kernels.markup import ROW_END
from skipgram.labels import labels_of
from skipgram.wording import reason_of, some

# pyarrow has no type annotations, and the other libraries may not be installed.
ArrowArray: TypeAlias = Any
ArrowMetadata: TypeAlias = Any
ArrowSchema: TypeAlias = Any
ArrowTable: TypeAlias = Any
ArrowType: TypeAlias = Any
Label: TypeAlias = Any
"""The label of a column: a string in files, any object in data frames and records."""
ForeignTable: TypeAlias = Any
"""A table or a column of any library."""

_NOT_DECODED = re.compile("[\udc80-\udcff]")
"""What stands for bytes that do not decode."""

_RECORDS_AT_ONCE = 1 << 14

_DECIDING = 1000
"""How many of the first values decide whether text is lists of tokens that are written as text."""

_NAMES_SHOWN = 20
_CHARACTERS_SHOWN = 40

PARSED_BYTES = 1 << 24
"""How much CSV or JSON is parsed at a time. The parser rejects a longer row."""


def pyarrow() -> ModuleType:
    """Import pyarrow and the parts of it that read files."""
    submodules = ("compute", "csv", "json", "parquet")
    return import_optional("pyarrow", "reading tables", "skipgram[data]", submodules)


def needed_column(
    config: CorpusConfig, table: str, names: Sequence[Label], kind: str = "table"
) -> Label:
    """Return the column to read, as `needed_columns`."""
    return needed_columns(config, table, names, kind)[0]


def shown(name: object) -> str:
    """Return the name of a column for messages: in quotes, and shortened."""
    text = repr(_NOT_DECODED.sub("\ufffd", name) if isinstance(name, str) else name)
    return text if len(text) <= _CHARACTERS_SHOWN else f"{text[:_CHARACTERS_SHOWN]}..."


def needed_columns(
    config: CorpusConfig,
    table: str,
    names: Sequence[Label],
    kind: str = "table",
    beginning: str = "",
) -> list[Label]:
    """Return the columns to read: the items or the text, the group, and the order.

    Args:
        config: the names of the columns; a number names the column that has it as its label.
        table: what messages call the table.
        names: of its columns.
        kind: what messages say that it is.
        beginning: the text at its beginning, which shows its encoding.

    Raises:
        CorpusError: the options name no column, or the table has no such column.
    """
    columns = some([shown(name) for name in names], _NAMES_SHOWN)
    if config.column is None:
        raise CorpusError(
            f"{table} is a {kind}; name the column that holds the text with column=NAME, "
            f"one of: {columns}"
        )
    broken = [name for name in names if is_broken(name)]
    readable = [name for name in names if name not in broken] if broken else names
    needed: list[Label] = []
    for column in (config.column, config.group_by, config.order_by):
        found = [] if column is None else labels_of(column, readable)
        if column is not None and len(found) != 1:
            number = "several columns" if found else "no column"
            remedy = _remedy_for_names(names, beginning, config) if broken else ""
            raise CorpusError(
                f"{table} has {number} {shown(column)}; its columns are: {columns}{remedy}"
            )
        needed += found
    return needed


def is_broken(name: Label) -> bool:
    """Whether a part of a name did not decode."""
    return isinstance(name, str) and _NOT_DECODED.search(name) is not None


def _remedy_for_names(names: Sequence[Label], beginning: str, config: CorpusConfig) -> str:
    """Return what to do about names of columns some of which did not decode."""
    words = filter(is_broken, [*names, *beginning.split()])
    found = likely(_bytes_of(str(word)) for word in words) if config.encoding == UTF_8 else None
    value = f"={found}" if found else " to that of the table, such as latin-1"
    return f"; some of them did not decode, so set encoding{value}"


def _bytes_of(name: str) -> bytes:
    """Return the ASCII letters of a name, and its bytes that did not decode."""
    return bytes(ord(each) & 0xFF for each in name if each.isascii() or _NOT_DECODED.match(each))


@contextlib.contextmanager
def as_table_errors(name: str) -> Iterator[None]:
    """Turn Arrow's error about a damaged table into a `CorpusError`."""
    try:
        yield
    except (pyarrow().ArrowException, OSError, UnicodeDecodeError) as error:
        if getattr(error, "errno", None):
            raise CorpusError(f"{name} cannot be read: {reason_of(error)}; check it") from error
        reason = " ".join(str(error).split())[:300]
        if "straddling" in reason:
            reason = f"a row is longer than {PARSED_BYTES / 1e6:.0f} MB, or a quote is not closed"
        remedy = "fix the table"
        if reason.startswith("CSV parse error: Row"):
            remedy = "fix that row, or set delimiter and quoting as the table has them"
        raise CorpusError(f"{name} cannot be read as a table: {reason}; {remedy}") from error


def is_table(corpus: object) -> bool:
    """Whether an object is a table, or a column of one, that Arrow can read."""
    if getattr(corpus, "with_format", None):
        # A Hugging Face dataset; one without column names is an iterable of records.
        return getattr(corpus, "column_names", None) is not None
    exported = any(hasattr(corpus, name) for name in ("__arrow_c_stream__", "__arrow_c_array__"))
    return exported or type(corpus).__module__.partition(".")[0] == "pandas"


def read_records(
    records: Iterable[object], column: Label, config: CorpusConfig, dropped: Dropped
) -> Iterator[bytes | Batch]:
    """Yield one column of records, skipping missing values: text or tokens, as the first is."""
    present = filter(_is_value, (_value(record, column) for record in records))
    first = next(present, None)
    values = itertools.chain([] if first is None else [first], present)
    if isinstance(first, int | float):
        raise CorpusError(
            f"column {column!r} of the records holds numbers, such as {first}; it must hold "
            "strings, or lists of strings or integers; if each record is one item, name the column "
            "of its user or session with group_by=NAME"
        )
    if isinstance(first, str):
        name = f"column {column!r}"
        begun = list(itertools.islice(values, _DECIDING))
        values = itertools.chain(begun, values)
        if _are_lists(filter(_is_string, begun), name, config):
            return tokens.sentence_batches(list_literals.parsed(map(str, values), name))
        return text_of(values, name, config, dropped)
    _refuse_changes(column, config)
    return tokens.sentence_batches(values)


def _is_string(value: object) -> TypeGuard[str]:
    return isinstance(value, str)


def _are_lists(values: Iterable[str], name: str, config: CorpusConfig) -> bool:
    """Whether the first strings of a column are lists that are written as text.

    With options that split text anyway, they are text.
    """
    if config.clean or config.tokenizer or config.token_pattern:
        return False
    are_lists = list_literals.are_lists(values)
    if are_lists:
        _refuse_changes(name, config)
    return are_lists


def _refuse_changes(name: str, config: CorpusConfig) -> None:
    """Reject options that change text, for a column of tokens."""
    if tokens.changes_text(config) or config.sentence_per == "sentence":
        raise CorpusError(
            f"{name} holds lists of tokens, which are used as is; leave out "
            "sentence_per, whitespace, lowercase, clean, nfkc, tokenizer and token_pattern"
        )


def _per_line(config: CorpusConfig) -> CorpusConfig:
    """Return the options with a sentence per line, if rows are already made to be sentences."""
    per = "line" if config.sentence_per == "file" else config.sentence_per
    return config.model_copy(update={"sentence_per": per})


def _row_end(config: CorpusConfig) -> str:
    """Return what ends a row: a line end or, between sentences, a blank line.

    With `clean`, it ends markup too.
    """
    end = "\n\n" if config.sentence_per == "sentence" else "\n"
    return f"{chr(ROW_END)}{end}" if config.clean else end


def _value(record: object, column: Label) -> object:
    if not isinstance(record, Mapping):
        raise CorpusError(
            f"a record is of type {type(record).__name__}: {record!r:.60}; "
            "all records must be dictionaries"
        )
    return record.get(column)


def _is_value(value: object) -> bool:
    """Whether a value is present: neither None nor NaN, which pandas uses for missing values."""
    return value is not None and value == value  # NaN does not equal itself


def text_of(
    values: Iterable[object], name: str, config: CorpusConfig, dropped: Dropped
) -> Iterator[bytes | Batch]:
    """Yield strings, each of which ends a sentence, ready for the scan."""
    return tokens.split(_blocks_of(values, name, config, dropped), _per_line(config))


def _blocks_of(
    values: Iterable[object], name: str, config: CorpusConfig, dropped: Dropped
) -> Iterator[bytes]:
    """Yield strings as blocks of lines."""
    end = _row_end(config)
    lines: list[str] = []
    size = 0
    for value in values:
        if not isinstance(value, str):
            raise CorpusError(
                f"{name} holds both strings and {type(value).__name__} ({value!r:.60}); "
                "its values must be all strings or all lists"
            )
        space = tokens.within_sentence(config)
        line = value.replace("\n", space) if config.sentence_per == "file" else value
        lines.append(line + end)
        size += len(value)
        if size >= BLOCK_BYTES:
            yield _block(lines, name, dropped)
            lines, size = [], 0
    if lines:
        yield _block(lines, name, dropped)


def _block(lines: list[str], name: str, dropped: Dropped) -> bytes:
    return checked("".join(lines).encode("utf-8", "surrogatepass"), name, dropped)


def read_object(corpus: object, config: CorpusConfig, dropped: Dropped) -> Iterator[bytes | Batch]:
    """Yield the content of one column of a table in memory, or of a Hugging Face dataset."""
    name = name_of(corpus)
    with as_table_errors(name):
        chunks = (columns[0] for columns in frames(corpus, config))
        yield from contents(chunks, name, config, dropped)


def name_of(corpus: object) -> str:
    """Return what messages call a table in memory."""
    return f"the {type(corpus).__name__}"


def frames(corpus: ForeignTable, config: CorpusConfig) -> Iterator[list[ArrowArray]]:
    """Yield the needed columns of a table in memory as Arrow arrays, part by part."""
    pa = pyarrow()
    name = name_of(corpus)
    names = corpus.schema.names if isinstance(corpus, pa.RecordBatchReader) else None
    names = _column_names(corpus) if names is None else names
    if names is None:
        if config.column is not None:
            remedy = "give the table" if config.group_by else f"leave out column={config.column}"
            raise CorpusError(f"{name} is a single column; {remedy}")
        yield from ([chunk] for chunk in _arrow_arrays(pa, corpus))
        return
    columns = needed_columns(config, name, names)
    if isinstance(corpus, pa.RecordBatchReader):
        yield from ([batch.column(column) for column in columns] for batch in corpus)
        return
    parts = [corpus]
    if hasattr(corpus, "with_format"):  # Hugging Face
        parts = corpus.with_format("arrow").iter(batch_size=1000)
    for part in parts:
        yield from aligned([_arrow_arrays(pa, part[column]) for column in columns])


def aligned(columns: list[list[ArrowArray]]) -> Iterator[list[ArrowArray]]:
    """Yield columns, each in chunks of its own, as parts of the same length."""
    chunks = [[chunk for chunk in column if len(chunk)] for column in columns]
    while all(chunks):
        length = min(len(column[0]) for column in chunks)
        yield [column[0].slice(0, length) for column in chunks]
        for column in chunks:
            rest = column[0].slice(length)
            column[:1] = [rest] if len(rest) else []


def record_frames(
    records: Iterable[object], names: Sequence[Label]
) -> Iterator[tuple[str, list[ArrowArray]]]:
    """Yield these columns of records as Arrow arrays, part by part."""
    pa = pyarrow()
    table = "the iterable of records"
    records = iter(records)
    while part := list(itertools.islice(records, _RECORDS_AT_ONCE)):
        with as_table_errors(table):
            columns = [[_value(record, name) for record in part] for name in names]
            yield table, [pa.array(column, from_pandas=True) for column in columns]


def _column_names(corpus: ForeignTable) -> list[Label] | None:
    """Return the columns of a table; None for a single column."""
    kind = type(corpus)  # an instance may have a column called "columns"
    if hasattr(kind, "column_names"):  # Arrow, Hugging Face
        return list(corpus.column_names)
    is_series = hasattr(kind, "to_frame")  # in pandas and polars
    if (hasattr(kind, "columns") and not is_series) or kind.__name__ == "DataFrame":
        return list(corpus.columns)
    return None


def _arrow_arrays(pa: ModuleType, column: ForeignTable) -> list[ArrowArray]:
    """Return a column of any library as Arrow arrays."""
    if not isinstance(column, pa.Array | pa.ChunkedArray):
        streams = hasattr(column, "__arrow_c_stream__")
        column = pa.chunked_array(column) if streams else pa.Array.from_pandas(column)
    return column.chunks if isinstance(column, pa.ChunkedArray) else [column]


def contents(
    chunks: Iterable[ArrowArray], name: str, config: CorpusConfig, dropped: Dropped
) -> Iterator[bytes | Batch]:
    """Yield the text or the tokens of Arrow arrays."""
    pa = pyarrow()
    are_lists = None
    for chunk in chunks:
        if len(chunk) == chunk.null_count:
            continue
        rows = plain(pa, chunk)
        if pa.types.is_large_binary(rows.type) and are_lists is None:
            first = rows.drop_null().slice(0, _DECIDING)
            are_lists = _are_lists(_strings(first), name, config)
        items = plain(pa, rows.flatten()) if _is_list(pa, rows.type) else None
        if pa.types.is_large_binary(rows.type) and are_lists:
            lists = list_literals.parsed(_strings(rows.drop_null()), name)
            yield from tokens.sentence_batches(lists)
        elif pa.types.is_large_binary(rows.type):
            yield from _split_rows(pa, rows.drop_null(), name, config, dropped)
        elif items is not None and _is_tokens(pa, items.type):
            _refuse_changes(name, config)
            lengths = pa.compute.list_value_length(rows).drop_null().to_numpy()
            yield from _token_batches(pa, items, lengths, name)
        else:
            raise CorpusError(
                f"the column of {name} holds {chunk.type!s:.60}; it must hold strings, or lists "
                f"of strings or integers{_one_item_per_row(pa, chunk.type)}"
            )


def _strings(rows: ArrowArray) -> Iterator[str]:
    """Yield rows of text as strings."""
    for row in rows:
        yield row.as_py().decode("utf-8", "surrogateescape")


def _one_item_per_row(pa: ModuleType, kind: ArrowType) -> str:
    """Return the remedy for a column of numbers, which may be items."""
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        return ""
    return "; if each row is one item, name the column of its user or session with group_by=NAME"


def _is_list(pa: ModuleType, kind: ArrowType) -> bool:
    types = pa.types
    lists = (
        types.is_list,
        types.is_large_list,
        types.is_fixed_size_list,
        types.is_list_view,
        types.is_large_list_view,
    )
    return any(is_kind(kind) for is_kind in lists)


def _is_tokens(pa: ModuleType, kind: ArrowType) -> bool:
    return bool(pa.types.is_large_binary(kind) or pa.types.is_integer(kind))


def plain(pa: ModuleType, values: ArrowArray) -> ArrowArray:
    """Return the same values, with strings of any type, also categories, as large_binary."""
    types, kind = pa.types, values.type
    if types.is_dictionary(kind):
        return plain(pa, values.dictionary).take(values.indices)
    if types.is_string(kind) or types.is_string_view(kind):
        values = values.cast(pa.large_string())
    texts = (
        types.is_large_string,
        types.is_binary,
        types.is_binary_view,
        types.is_fixed_size_binary,
    )
    if any(is_kind(values.type) for is_kind in texts):
        return values.cast(pa.large_binary())
    return values


def _split_rows(
    pa: ModuleType, rows: ArrowArray, name: str, config: CorpusConfig, dropped: Dropped
) -> Iterator[bytes | Batch]:
    """Yield rows of text, ready for the scan."""
    if config.sentence_per == "file":
        space = tokens.within_sentence(config).encode()
        rows = pa.compute.replace_substring(rows, b"\n", space)
    end = _row_end(config).encode()
    return tokens.split(_joined_rows(pa, rows, end, name, dropped), _per_line(config))


def _joined_rows(
    pa: ModuleType, rows: ArrowArray, end: bytes, name: str, dropped: Dropped
) -> Iterator[bytes]:
    """Yield rows of text as blocks, with `end` after each row."""
    rows_in_a_block = max(1, BLOCK_BYTES * len(rows) // max(rows.nbytes, 1))
    row_end = pa.scalar(end, pa.large_binary())
    for first in range(0, len(rows), rows_in_a_block):
        part = rows.slice(first, rows_in_a_block)
        one_list = pa.ListArray.from_arrays(pa.array([0, len(part)], pa.int32()), part)
        joined = pa.compute.binary_join(one_list, row_end)[0]
        yield checked(joined.as_buffer().to_pybytes() + end, name, dropped)


def _token_batches(
    pa: ModuleType, items: ArrowArray, lengths: NDArray[np.integer[Any]], name: str
) -> Iterator[Batch]:
    """Yield tokens as batches of sentences.

    Args:
        pa: pyarrow.
        items: the tokens of all sentences.
        lengths: (S,) the number of tokens of each sentence.
        name: the table, for errors.
    """
    if items.null_count:
        raise CorpusError(f"{name} holds lists with missing tokens; remove them first")
    ends = np.cumsum(lengths, dtype=np.int64)
    first = begin = 0  # the first sentence of the batch, and its first token
    while first < len(ends):
        full = int(np.searchsorted(ends, begin + tokens.TOKENS_IN_A_BATCH))
        last = max(first + 1, full)
        end = int(ends[last - 1])
        yield _token_batch(pa, items.slice(begin, end - begin), ends[first:last] - begin)
        first, begin = last, end


def _token_batch(pa: ModuleType, items: ArrowArray, ends: NDArray[np.int64]) -> Batch:
    if pa.types.is_integer(items.type):
        return tokens.integer_batch(items.to_numpy(zero_copy_only=False), ends)
    encoded = items.dictionary_encode()
    words = [token.decode("utf-8", "surrogateescape") for token in encoded.dictionary.to_pylist()]
    return Batch(words, encoded.indices.to_numpy(zero_copy_only=False), ends)
