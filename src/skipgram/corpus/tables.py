"""One column of a table in memory: pandas, polars, Arrow, Hugging Face datasets, and records.

All but records become Arrow arrays, as do the files that `table_files` reads. A column of strings
is text: a sentence per line, and at least one per row. A column of lists of strings or integers is
tokens: a sentence per row. Rows without a value are skipped.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from skipgram.config import CorpusConfig
from skipgram.corpus import tokens
from skipgram.corpus.tokens import Batch
from skipgram.errors import CorpusError
from skipgram.io.blocks import BLOCK_BYTES, checked
from skipgram.io.optional import import_optional

# pyarrow has no type annotations, and the other libraries may not be installed.
ArrowArray: TypeAlias = Any
ArrowMetadata: TypeAlias = Any
ArrowType: TypeAlias = Any
ForeignTable: TypeAlias = Any
"""A table or a column of any library."""

PARSED_BYTES = 1 << 24
"""How much CSV or JSON is parsed at a time. The parser rejects a longer row."""


def pyarrow() -> ModuleType:
    """Import pyarrow and the parts of it that read files."""
    submodules = ("compute", "csv", "json", "parquet")
    return import_optional("pyarrow", "reading tables", "skipgram[data]", submodules)


def needed_column(config: CorpusConfig, table: str, names: Sequence[str]) -> str:
    """Return the name of the column to read.

    Raises:
        CorpusError: the options name no column, or the table has no such column.
    """
    columns = ", ".join(map(str, names[:20])) + (", ..." if len(names) > 20 else "")
    if config.column is None:
        raise CorpusError(
            f"{table} is a table; name the column that holds the text with column=NAME "
            f"(--column NAME), one of: {columns}"
        )
    if names.count(config.column) != 1:
        found = "several columns" if config.column in names else "no column"
        raise CorpusError(f"{table} has {found} {config.column!r}; its columns are: {columns}")
    return config.column


@contextlib.contextmanager
def as_table_errors(name: str) -> Iterator[None]:
    """Turn Arrow's error about a damaged table into a `CorpusError`."""
    try:
        yield
    except (pyarrow().ArrowException, OSError) as error:
        reason = " ".join(str(error).split())[:300]
        if "straddling" in reason:
            reason = f"a row is longer than {PARSED_BYTES / 1e6:.0f} MB, or a quote is not closed"
        raise CorpusError(f"{name} cannot be read as a table: {reason}; fix the table") from error


def is_table(corpus: object) -> bool:
    """Whether an object is a table, or a column of one, that Arrow can read."""
    if getattr(corpus, "with_format", None):
        # A Hugging Face dataset; one without column names is an iterable of records.
        return getattr(corpus, "column_names", None) is not None
    exported = any(hasattr(corpus, name) for name in ("__arrow_c_stream__", "__arrow_c_array__"))
    return exported or type(corpus).__module__.partition(".")[0] == "pandas"


def read_records(
    records: Iterable[object], column: str, config: CorpusConfig
) -> Iterator[bytes | Batch]:
    """Yield one column of records, skipping missing values: text or tokens, as the first is."""
    present = filter(_is_value, (_value(record, column) for record in records))
    first = next(present, None)
    values = itertools.chain([] if first is None else [first], present)
    if isinstance(first, str):
        lines = blocks_of(values, f"column {column!r}", config)
        return tokens.split(lines, _per_line(config))
    _refuse_changes(column, config)
    return tokens.sentence_batches(values)


def _refuse_changes(name: str, config: CorpusConfig) -> None:
    """Reject options that change text, for a column of tokens."""
    if tokens.changes_text(config):
        raise CorpusError(
            f"{name} holds lists of tokens, which are used as is; "
            "leave out lowercase, clean, nfkc, tokenizer and token_pattern"
        )


def _per_line(config: CorpusConfig) -> CorpusConfig:
    """Return the options with a sentence per line: rows are already cut into sentences."""
    return config.model_copy(update={"sentence_per": "line"})


def _value(record: object, column: str) -> object:
    if not isinstance(record, Mapping):
        raise CorpusError(
            f"a record is of type {type(record).__name__}: {record!r:.60}; "
            "all records must be dictionaries"
        )
    return record.get(column)


def _is_value(value: object) -> bool:
    """Whether a value is present: neither None nor NaN, which pandas uses for missing values."""
    return value is not None and value == value  # NaN does not equal itself


def blocks_of(values: Iterable[object], name: str, config: CorpusConfig) -> Iterator[bytes]:
    """Yield strings as blocks of lines."""
    lines: list[str] = []
    size = 0
    for value in values:
        if not isinstance(value, str):
            raise CorpusError(
                f"{name} holds both strings and {type(value).__name__} ({value!r:.60}); "
                "its values must be all strings or all lists"
            )
        lines.append(value.replace("\n", " ") if config.sentence_per == "file" else value)
        size += len(value)
        if size >= BLOCK_BYTES:
            yield _block(lines, name)
            lines, size = [], 0
    if lines:
        yield _block(lines, name)


def _block(lines: list[str], name: str) -> bytes:
    return checked("".join(f"{line}\n" for line in lines).encode("utf-8", "surrogatepass"), name)


def read_object(corpus: object, config: CorpusConfig) -> Iterator[bytes | Batch]:
    """Yield the content of one column of a table in memory, or of a Hugging Face dataset."""
    name = f"the {type(corpus).__name__}"
    with as_table_errors(name):
        yield from contents(_chunks(corpus, name, config), name, config)


def _chunks(corpus: ForeignTable, name: str, config: CorpusConfig) -> Iterator[ArrowArray]:
    """Yield one column as Arrow arrays."""
    pa = pyarrow()
    if isinstance(corpus, pa.RecordBatchReader):
        column = needed_column(config, name, corpus.schema.names)
        yield from (batch.column(column) for batch in corpus)
        return
    names = _column_names(corpus)
    if names is not None:
        column = needed_column(config, name, names)
        if hasattr(corpus, "with_format"):  # Hugging Face
            for table in corpus.with_format("arrow").iter(batch_size=1000):
                yield from table.column(column).chunks
            return
        corpus = corpus[column]
    elif config.column is not None:
        raise CorpusError(f"{name} is a single column; leave out column={config.column}")
    yield from _arrow_arrays(pa, corpus)


def _column_names(corpus: ForeignTable) -> list[str] | None:
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
    chunks: Iterable[ArrowArray], name: str, config: CorpusConfig
) -> Iterator[bytes | Batch]:
    """Yield the text or the tokens of Arrow arrays."""
    pa = pyarrow()
    for chunk in chunks:
        if len(chunk) == chunk.null_count:
            continue
        rows = _plain(pa, chunk)
        items = _plain(pa, rows.flatten()) if _is_list(pa, rows.type) else None
        if pa.types.is_large_binary(rows.type):
            yield from _split_rows(pa, rows.drop_null(), name, config)
        elif items is not None and _is_tokens(pa, items.type):
            _refuse_changes(name, config)
            lengths = pa.compute.list_value_length(rows).drop_null().to_numpy()
            yield from _token_batches(pa, items, lengths, name)
        else:
            raise CorpusError(
                f"the column of {name} holds {chunk.type}; "
                "it must hold strings, or lists of strings or integers"
            )


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


def _plain(pa: ModuleType, values: ArrowArray) -> ArrowArray:
    """Return the same values, with strings of any type, also categories, as large_binary."""
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
    if any(is_kind(values.type) for is_kind in texts):
        return values.cast(pa.large_binary())
    return values


def _split_rows(
    pa: ModuleType, rows: ArrowArray, name: str, config: CorpusConfig
) -> Iterator[bytes | Batch]:
    """Yield rows of text, ready for the scan."""
    if config.sentence_per == "file":
        rows = pa.compute.replace_substring(rows, b"\n", b" ")
    return tokens.split(_joined_rows(pa, rows, name), _per_line(config))


def _joined_rows(pa: ModuleType, rows: ArrowArray, name: str) -> Iterator[bytes]:
    """Yield rows of text as blocks, with a line end after each row."""
    rows_in_a_block = max(1, BLOCK_BYTES * len(rows) // max(rows.nbytes, 1))
    line_end = pa.scalar(b"\n", pa.large_binary())
    for first in range(0, len(rows), rows_in_a_block):
        part = rows.slice(first, rows_in_a_block)
        one_list = pa.ListArray.from_arrays(pa.array([0, len(part)], pa.int32()), part)
        joined = pa.compute.binary_join(one_list, line_end)[0]
        yield checked(joined.as_buffer().to_pybytes() + b"\n", name)


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
