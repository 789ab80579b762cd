"""Exports into a temporary PostgreSQL server; without pgvector, vectors are stored as text."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest

from skipgram.embeddings import Embeddings
from skipgram.errors import FormatError, MissingExtraError, OutputError
from skipgram.formats import EXPORTS, postgres

WORDS = [
    "king",
    "a b",
    "tab\tx",
    "two\nlines",
    "cr\r",
    "",
    " ",
    '"',
    "\\N",
    "\\.",
    "\\",
    "\N{GRINNING FACE}",
    "東京",
    "x" * 20_000,
]
SCHEMA = postgres._schema


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The connection string of an empty server."""
    if not all(map(shutil.which, ("initdb", "pg_ctl", "psql"))):
        pytest.skip("needs PostgreSQL's programs initdb, pg_ctl and psql")
    user: dict[str, Any] = {}
    folder = Path(tempfile.mkdtemp(prefix="skipgram-", dir="/tmp"))  # a socket's path must be short
    try:
        if os.geteuid() == 0:  # PostgreSQL does not run as root
            user = {"user": "nobody"}
            shutil.chown(folder, "nobody")

        def run(*command: str) -> None:
            done = subprocess.run(command, capture_output=True, text=True, cwd=folder, **user)
            if done.returncode:
                pytest.skip(f"PostgreSQL does not start here: {done.stderr[-300:]}")

        data = str(folder / "data")
        run("initdb", "-D", data, "-U", "skipgram", "-A", "trust", "-E", "UTF8", "--no-sync")
        log, options = str(folder / "log"), f"-k {folder} -c listen_addresses='' -c fsync=off"
        run("pg_ctl", "-D", data, "-l", log, "-o", options, "-w", "start")
        try:
            yield f"postgresql://skipgram@/postgres?host={folder}"
        finally:
            run("pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def database(server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server without the table; without pgvector, vectors are kept as the text for pgvector."""
    with psycopg.connect(server) as connection:
        if not connection.execute(
            "SELECT 1 FROM pg_available_extensions WHERE name = 'vector'"
        ).fetchall():
            monkeypatch.setattr(
                postgres,
                "_schema",
                lambda size: [SCHEMA(size)[1].replace(f"vector({size})", "text")],
            )
    yield server
    with psycopg.connect(server) as connection:
        connection.execute("DROP TABLE IF EXISTS word_vectors")


def load_file(database: str, path: Path) -> None:
    subprocess.run(["psql", database, "-q", "-f", str(path)], check=True, capture_output=True)


def load_directly(database: str, embeddings: Embeddings) -> None:
    EXPORTS["postgres"](embeddings, database)


def embeddings(*, counts: bool = True) -> Embeddings:
    matrix = np.random.default_rng(1).normal(size=(len(WORDS), 7)).astype(np.float32)
    matrix[1] = [0, -0.0, 1e-45, 3.4028235e38, -1.1754944e-38, 1 / 3, 16777216]
    return Embeddings(WORDS, matrix, counts=range(len(WORDS)) if counts else None)


@pytest.mark.parametrize("counts", [True, False])
@pytest.mark.parametrize("through", ["file", "connection"])
def test_the_server_holds_the_words_and_vectors(
    through: str, counts: bool, database: str, tmp_path: Path
) -> None:
    written = embeddings(counts=counts)
    if through == "file":
        EXPORTS["postgres"](written, tmp_path / "words.sql")
        load_file(database, tmp_path / "words.sql")
    else:
        EXPORTS["postgres"](written, database)
    with psycopg.connect(database) as connection:
        rows = connection.execute(
            "SELECT id, word, count, embedding::text FROM word_vectors ORDER BY id"
        ).fetchall()
        found = connection.execute(
            "SELECT id FROM word_vectors WHERE word = %s", ["two\nlines"]
        ).fetchall()
    assert [(row, word) for row, word, *_ in rows] == list(enumerate(WORDS))
    assert [count for *_, count, _ in rows] == (
        list(range(len(WORDS))) if counts else [None] * len(WORDS)
    )
    matrix = np.array([text.strip("[]").split(",") for *_, text in rows], np.float32)
    assert matrix.tobytes() == written.input.tobytes()
    assert found == [(3,)]


def test_an_existing_table_is_not_replaced(database: str, tmp_path: Path) -> None:
    EXPORTS["postgres"](Embeddings(["old"], [[1.0]]), database)
    with pytest.raises(OutputError, match="already exists"):
        EXPORTS["postgres"](embeddings(), database)
    harmful = Embeddings(["; ROLLBACK; DROP TABLE word_vectors; --"], [[1.0]])
    EXPORTS["postgres"](harmful, tmp_path / "words.sql")
    with pytest.raises(
        subprocess.CalledProcessError
    ):  # and psql does not go on with the rows as commands
        load_file(database, tmp_path / "words.sql")
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT word FROM word_vectors").fetchall() == [("old",)]


def test_a_failed_load_leaves_nothing(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "_INDEX", "CREATE INDEX ON nothing (word)")
    with pytest.raises(OutputError, match="PostgreSQL reports an error"):
        EXPORTS["postgres"](embeddings(), database)
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT to_regclass('word_vectors')").fetchall() == [(None,)]


def test_many_words(database: str) -> None:
    matrix = np.random.default_rng(2).normal(size=(100_000, 3)).astype(np.float32)
    EXPORTS["postgres"](Embeddings([f"w{n}" for n in range(100_000)], matrix), database)
    with psycopg.connect(database) as connection:
        (last,) = connection.execute(
            "SELECT word, embedding::text FROM word_vectors WHERE id = 99999"
        ).fetchall()
    assert last[0] == "w99999"
    assert np.array(last[1].strip("[]").split(","), np.float32).tobytes() == matrix[-1].tobytes()


def test_the_command_line_shows_no_password(
    run: Callable[..., Any], planted_model: Path, database: str
) -> None:
    secret = database.replace("skipgram@", "skipgram:secret@")
    answer = run("export", planted_model, secret)
    assert (answer.code, answer.out) == (0, "40 words x 16 dimensions written to the database\n")
    again = run("export", planted_model, secret)
    assert (again.code, again.err.count("\n")) == (1, 1)
    assert "secret" not in again.err + answer.err


def test_reasons_why_vectors_cannot_be_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(OutputError, match="PostgreSQL reports an error"):
        EXPORTS["postgres"](embeddings(), f"postgresql://skipgram@/words?host={tmp_path}")
    with pytest.raises(FormatError, match="16,001 numbers; pgvector holds at most 16,000"):
        EXPORTS["postgres"](Embeddings(["a"], np.ones((1, 16_001))), tmp_path / "words.sql")
    monkeypatch.setitem(__import__("sys").modules, "psycopg", None)
    with pytest.raises(MissingExtraError, match=r"\[postgres\]"):
        EXPORTS["postgres"](embeddings(), "postgresql://skipgram@/words")
