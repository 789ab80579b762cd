r"""PostgreSQL with pgvector: a file for `psql DATABASE -f FILE`, or, given a connection string, the load itself.

    -- a comment, which says what the file is
    \set ON_ERROR_STOP on
    begin; create extension, create table, as in `_schema`
    COPY word_vectors FROM stdin;
    row    id, word, count, embedding between tabs, "\n"; ids are 0 to V-1, most frequent word first
    \.
    index on the words; commit;

Rows are PostgreSQL's text form of COPY: a backslash, tab, line feed and carriage return are \\, \t, \n, \r, and a count that is
not known is \N. The embedding is pgvector's text, [1.5,-2.0]. A word may hold anything but the character NUL.
"""

from __future__ import annotations

import itertools
import os
from typing import TYPE_CHECKING

from skipgram.errors import FormatError, OutputError
from skipgram.formats.files import check_replaceable, creating, imported, numbered, unfit
from skipgram.formats.text import NUMBER_SIZE, numbers
from skipgram.io.atomic import utf8

if TYPE_CHECKING:
    from collections.abc import Iterator

    from skipgram.embeddings import Embeddings, Which

TABLE = "word_vectors"
_COMMENT = b"-- Word vectors of skipgram for PostgreSQL with pgvector: psql DATABASE -f THIS-FILE\n"
# Where a COPY cannot begin, psql would take its rows, made of the words of a corpus, for commands.
_STOP = b"\\set ON_ERROR_STOP on\n"
_URLS = ("postgresql://", "postgres://")
_MOST_DIMENSIONS = 16_000  # of pgvector's type vector
_COPY = f"COPY {TABLE} FROM stdin"
# A hash takes words of any length, where a B-tree takes 2,704 bytes.
_INDEX = f"CREATE INDEX ON {TABLE} USING hash (word)"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_ROWS_AT_ONCE = 1000


def is_database(target: str | os.PathLike[str]) -> bool:
    """Whether a target is a connection string and not the name of a file."""
    return str(target).startswith(_URLS)


def write(embeddings: Embeddings, path: str | os.PathLike[str], which: Which = "input") -> None:
    """Write the file, or fill a new table `word_vectors` of a database, whole or not at all.

    A table that is there is not replaced. `options=-csearch_path=SCHEMA` in the connection string chooses its schema.

    Args:
        embeddings: the words.
        path: a file, compressed if its name ends in .gz, or a connection string, postgresql://USER@HOST/DATABASE.
        which: the vectors.

    Raises:
        FormatError: a word holds NUL or has no UTF-8 form, its vector numbers that are not finite, or there are too many
            dimensions for pgvector.
        OutputError: the file cannot be written, or the database refuses; what was there is untouched.
        MissingExtraError: a connection string is given and psycopg is not installed.
        ConfigError: the vectors asked for were not kept.
    """
    vectors, words = (
        numbered(embeddings, which, "pgvector"),
        [_escaped(word) for word in embeddings.words],
    )
    if vectors.shape[1] > _MOST_DIMENSIONS:
        raise FormatError(
            f"vectors of {vectors.shape[1]:,} numbers: pgvector holds at most {_MOST_DIMENSIONS:,}; train fewer"
        )
    counts = (
        itertools.repeat("\\N")
        if embeddings.counts is None
        else map(str, embeddings.counts.tolist())
    )
    rows = (
        b"%d\t%b\t%b\t[%b]\n" % (row, word, count.encode(), numbers(vector, ","))
        for row, (word, count, vector) in enumerate(zip(words, counts, vectors, strict=False))
    )
    schema = _schema(vectors.shape[1])
    if is_database(path):
        _load(str(path), schema, rows)
        return
    check_replaceable(
        path, lambda start: start.startswith(_COMMENT), "file for PostgreSQL made by skipgram"
    )
    before = "".join(
        f"{line};\n" for line in ("BEGIN", "SET LOCAL client_encoding TO 'UTF8'", *schema, _COPY)
    ).encode()
    with creating(path, NUMBER_SIZE * vectors.size + sum(len(word) + 20 for word in words)) as file:
        file.write(_COMMENT + _STOP + before)
        file.writelines(rows)
        file.write(f"\\.\n{_INDEX};\nCOMMIT;\n".encode())


def _schema(dimensions: int) -> list[str]:
    return [
        "CREATE EXTENSION IF NOT EXISTS vector",
        f"CREATE TABLE {TABLE} (id integer PRIMARY KEY, word text NOT NULL, count bigint, "
        f"embedding vector({dimensions}) NOT NULL)",
    ]


def _escaped(word: str) -> bytes:
    if "\0" in word:
        raise unfit(word, "holds the character NUL, which no text of PostgreSQL can")
    return utf8(word.translate(_ESCAPES))


def _load(url: str, schema: list[str], rows: Iterator[bytes]) -> None:
    psycopg = imported("psycopg", "loading into PostgreSQL", "postgres")
    try:
        # One transaction: it ends with the block, and leaves nothing where an error ends that.
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
            f"PostgreSQL refuses: {said}; pgvector must be installed there, and a table {TABLE} must not be there yet"
        ) from error
