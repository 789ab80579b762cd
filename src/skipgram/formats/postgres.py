r"""PostgreSQL with pgvector: a file for `psql DATABASE -f FILE`, or a table in a running database.

    -- a comment that says what the file is
    \set ON_ERROR_STOP on
    begin; create extension, create table, as in `_schema`
    COPY word_vectors FROM stdin;
    row    id, word, count, embedding between tabs, "\n"; ids are 0 to V-1, most frequent word first
    \.
    index on the words; commit;

Rows are in PostgreSQL's text form of COPY: a backslash, tab, line feed and carriage return are
\\, \t, \n, \r, and an unknown count is \N. The embedding is pgvector's text, [1.5,-2.0]. A word may
contain any character but NUL.
"""

from __future__ import annotations

import itertools
import os
from typing import TYPE_CHECKING

from skipgram.errors import FormatError, OutputError
from skipgram.formats.files import check_replaceable, creating, finite_vectors, unfit
from skipgram.formats.text import NUMBER_SIZE, numbers
from skipgram.io.atomic import utf8
from skipgram.io.optional import import_optional

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from skipgram.embeddings import Embeddings, Which

TABLE = "word_vectors"
_COMMENT = b"-- Word vectors of skipgram for PostgreSQL with pgvector: psql DATABASE -f THIS-FILE\n"
# If COPY fails, psql would otherwise run its rows, made of the words of a corpus, as commands.
_STOP = b"\\set ON_ERROR_STOP on\n"
_URLS = ("postgresql://", "postgres://")
_MOST_DIMENSIONS = 16_000  # of pgvector's type vector
_COPY = f"COPY {TABLE} FROM stdin"
# A hash index accepts words of any length, a B-tree at most 2,704 bytes.
_INDEX = f"CREATE INDEX ON {TABLE} USING hash (word)"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_ROWS_AT_ONCE = 1000


def is_database(target: str | os.PathLike[str]) -> bool:
    """Whether a target is a connection string and not the name of a file."""
    return str(target).startswith(_URLS)


def write(embeddings: Embeddings, path: str | os.PathLike[str], which: Which = "input") -> None:
    """Write the file, or fill a new table `word_vectors` of a database, completely or not at all.

    An existing table is not replaced. `options=-csearch_path=SCHEMA` in the connection string
    chooses its schema.

    Args:
        embeddings: the model.
        path: a file, compressed if its name ends in .gz, or a connection string,
            postgresql://USER@HOST/DATABASE.
        which: the vectors.

    Raises:
        FormatError: a word contains NUL or has no UTF-8 form, its vector has numbers that are not
            finite, or there are too many dimensions for pgvector.
        OutputError: the file cannot be written, or the database reports an error; what was there
            before is unchanged.
        MissingExtraError: a connection string is given and psycopg is not installed.
        ConfigError: the output vectors are needed but were not kept.
    """
    vectors = finite_vectors(embeddings, which, "pgvector")
    words = [_escaped(word) for word in embeddings.words]
    if vectors.shape[1] > _MOST_DIMENSIONS:
        raise FormatError(
            f"the vectors have {vectors.shape[1]:,} numbers; pgvector holds at most "
            f"{_MOST_DIMENSIONS:,}; train with a smaller vector_size"
        )
    counts: Iterable[str] = itertools.repeat("\\N")
    if embeddings.counts is not None:
        counts = map(str, embeddings.counts.tolist())
    rows = (
        b"%d\t%b\t%b\t[%b]\n" % (row, word, count.encode(), numbers(vector, ","))
        for row, (word, count, vector) in enumerate(zip(words, counts, vectors, strict=False))
    )
    schema = _schema(vectors.shape[1])
    if is_database(path):
        _load(str(path), schema, rows)
        return
    size = NUMBER_SIZE * vectors.size + sum(len(word) + 20 for word in words)
    _write_file(path, schema, rows, size)


def _schema(dimensions: int) -> list[str]:
    return [
        "CREATE EXTENSION IF NOT EXISTS vector",
        f"CREATE TABLE {TABLE} (id integer PRIMARY KEY, word text NOT NULL, count bigint, "
        f"embedding vector({dimensions}) NOT NULL)",
    ]


def _escaped(word: str) -> bytes:
    if "\0" in word:
        raise unfit(word, "contains the character NUL, which PostgreSQL's text cannot hold")
    return utf8(word.translate(_ESCAPES))


def _write_file(
    path: str | os.PathLike[str], schema: list[str], rows: Iterator[bytes], size: int
) -> None:
    check_replaceable(
        path, lambda start: start.startswith(_COMMENT), "a PostgreSQL file made by skipgram"
    )
    statements = ["BEGIN", "SET LOCAL client_encoding TO 'UTF8'", *schema, _COPY]
    before = "".join(f"{statement};\n" for statement in statements).encode()
    with creating(path, size) as file:
        file.write(_COMMENT + _STOP + before)
        file.writelines(rows)
        file.write(f"\\.\n{_INDEX};\nCOMMIT;\n".encode())


def _load(url: str, schema: list[str], rows: Iterator[bytes]) -> None:
    psycopg = import_optional("psycopg", "loading into PostgreSQL", "skipgram[postgres]")
    try:
        # One transaction: it ends with the block, and an error in the block rolls it back.
        with (
            psycopg.connect(url, client_encoding="UTF8") as connection,
            connection.cursor() as cursor,
        ):
            for statement in schema:
                cursor.execute(statement)
            with cursor.copy(_COPY) as copy:
                while block := b"".join(itertools.islice(rows, _ROWS_AT_ONCE)):
                    copy.write(block)
            cursor.execute(_INDEX)
    except psycopg.Error as error:
        said = " ".join(str(error).split())
        raise OutputError(
            f"PostgreSQL reports an error: {said}; check that the server has pgvector "
            f"and no table {TABLE} yet"
        ) from error
