"""A column of a table in a file gives the same vectors as plain text."""

from __future__ import annotations

import gzip
import lzma
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from corpora import (
    LINES,
    OPTIONS,
    SENTENCES,
    WALKS,
    Vectors,
    csv_text,
    decoded,
    json_lines,
    parquet,
    vectors,
    write,
)

import skipgram
from skipgram.config import CorpusConfig
from skipgram.errors import ConfigError, CorpusError

TABLES: dict[str, Callable[[Path], Any]] = {
    "Parquet, text": lambda folder: parquet(folder, [*LINES[:7], None, *LINES[7:]]),
    "Parquet, lists of strings": lambda folder: parquet(
        folder, [*SENTENCES[:7], None, [], *SENTENCES[7:]]
    ),
    "Parquet, lists of integers": lambda folder: parquet(folder, WALKS.tolist()),
    "Parquet without its name": lambda folder: parquet(folder, LINES).rename(folder / "corpus"),
    "CSV": lambda folder: write(folder / "corpus.csv", csv_text()),
    "CSV with a byte-order mark": lambda folder: write(
        folder / "corpus.csv", b"\xef\xbb\xbf" + csv_text()
    ),
    "CSV, gzip": lambda folder: write(folder / "corpus.csv.gz", gzip.compress(csv_text())),
    "TSV": lambda folder: write(folder / "corpus.tsv", csv_text("\t")),
    "CSV with semicolons": lambda folder: write(folder / "corpus.csv", csv_text(";")),
    "CSV with vertical bars": lambda folder: write(folder / "corpus.txt", csv_text("|")),
    "CSV with tabs": lambda folder: write(folder / "corpus.csv", csv_text("\t")),
    "JSON Lines": lambda folder: json_lines(folder, LINES),
    "JSON Lines, lists of strings": lambda folder: json_lines(folder, SENTENCES),
    "JSON Lines, lists of integers": lambda folder: json_lines(folder, WALKS.tolist()),
    "JSON Lines, xz": lambda folder: write(
        folder / "c.xz", lzma.compress(json_lines(folder, LINES).read_bytes())
    ),
}


@pytest.mark.parametrize("kind", TABLES)
def test_table_files(kind: str, tmp_path: Path, plain: Vectors) -> None:
    words, expected = plain
    found = vectors(TABLES[kind](tmp_path), column="text")
    assert found[0] == words
    np.testing.assert_array_equal(found[1], expected)


BAD_TABLES: dict[str, tuple[Callable[[Path], Any], dict[str, Any], str]] = {
    "a wrong column of Parquet": (
        lambda folder: parquet(folder, LINES),
        {"column": "txt"},
        "no column 'txt'; its columns are: 'id', 'text'",
    ),
    "a wrong column of CSV": (
        TABLES["CSV"],
        {"column": "txt"},
        "no column 'txt'; its columns are: 'id', 'text'",
    ),
    "a wrong column of JSON": (
        TABLES["JSON Lines"],
        {"column": "txt"},
        "no column 'txt'; its columns are: 'id', 'text'",
    ),
    "no column of Parquet": (
        lambda folder: parquet(folder, LINES),
        {},
        "name the column.*'id', 'text'",
    ),
    "no column of CSV": (TABLES["CSV"], {}, "name the column.*'id', 'text'"),
    "no column of JSON": (TABLES["JSON Lines"], {}, "name the column.*'id', 'text'"),
    "numbers in JSON": (TABLES["JSON Lines"], {"column": "id"}, "the column of .* holds int64"),
    "broken Parquet": (
        lambda folder: write(folder / "a.parquet", b"PAR1" + b"x" * 99),
        {"column": "a"},
        "cannot be read",
    ),
    "broken JSON": (
        lambda folder: write(folder / "a.jsonl", b'{"a": "b"'),
        {"column": "a"},
        "is not valid JSON Lines",
    ),
    "JSON that breaks later": (
        lambda folder: write(folder / "a.jsonl", b'{"a": "b c"}\n{"a": 3}\n'),
        {"column": "a"},
        "a.jsonl cannot be read as a table: ",
    ),
    "an array in JSON": (
        lambda folder: write(folder / "a.jsonl", b'["a"]'),
        {"column": "a"},
        "is not an object",
    ),
    "text and a column": (
        lambda folder: write(folder / "a.txt", b"some text\n"),
        {"column": "a"},
        "no column 'a'; its columns are",
    ),
    "lists with options for text": (
        lambda folder: parquet(folder, SENTENCES),
        {"column": "text", "lowercase": True},
        "used as is",
    ),
}


@pytest.mark.parametrize("kind", BAD_TABLES)
def test_table_files_that_cannot_be_used(kind: str, tmp_path: Path) -> None:
    make, options, message = BAD_TABLES[kind]
    with pytest.raises(CorpusError, match=message):
        skipgram.train(make(tmp_path), **OPTIONS, **options)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="measures memory as Linux does")
@pytest.mark.parametrize(
    ("header", "delimiter"),
    [
        ("id,text", ","),
        ("id;text", ";"),
        ("text", ","),
        ('"id; number",text', ","),
        ('"id, number";"text"', ";"),
        ("id, from; to|text", "|"),
        ("a,b,c,d;text", ";"),
    ],
)
def test_the_delimiter_is_the_one_that_makes_the_named_column(
    tmp_path: Path, header: str, delimiter: str
) -> None:
    row = f'"1"{delimiter}"one, two; three"' if delimiter in header else '"one, two; three"'
    path = write(tmp_path / "a.csv", f"{header}\n{row}\n".encode())
    assert decoded(path, column="text") == [["one,", "two;", "three"]]


def test_blank_lines_before_the_header_are_skipped(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", b"\n\r\nid,text\n1,one two\n")
    assert decoded(path, column="text") == [["one", "two"]]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"delimiter": "||"}, r"delimiter is '\|\|'; it must be one ASCII character"),
        ({"delimiter": '"'}, "it must be one ASCII character, but no quote"),
        ({"delimiter": "\u3000"}, "it must be one ASCII character"),
        ({"delimiter": 5}, "delimiter is 5"),
        ({"quoting": "all"}, "quoting is 'all'; it must be one of auto, doubled, backslash, none"),
        ({"delimiter": "\\", "quoting": "backslash"}, "the backslash two meanings; set quoting to"),
        ({"quoting": "none", "column": None}, "quoting=none is for tables; set column to"),
    ],
)
def test_delimiters_and_quoting_that_no_table_has(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        CorpusConfig(**{"column": "text", **options})


def test_a_delimiter_may_be_written_as_in_a_shell(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", b"id,no\ttext\n1,2\tone, two\n")
    assert decoded(path, column="text", delimiter=r"\t") == [["one,", "two"]]
    assert decoded(path, column="text", delimiter="tab") == [["one,", "two"]]
    with pytest.raises(CorpusError, match=r"Expected 2 columns, got 3.* set delimiter and quoting"):
        decoded(write(tmp_path / "b.csv", b"id,text\n1,one, two\n"), column="text")


def test_a_missing_column_is_shown_beside_those_that_most_delimiters_make(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", b"id;review;rating, 1 to 5\n1;one two;5\n")
    with pytest.raises(
        CorpusError, match="no column 'text'; its columns are: 'id', 'review', 'rating"
    ):
        decoded(path, column="text")
    with pytest.raises(CorpusError, match=r"is a table; .*: 'id', 'review', 'rating"):
        decoded(path)


def test_a_wrong_delimiter_is_to_be_left_out(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", b"id;text\n1;one two\n")
    with pytest.raises(CorpusError, match=r"'id;text'; ';' separates them, so leave out delim"):
        decoded(path, column="text", delimiter=",")
    with pytest.raises(CorpusError, match=r"its columns are: 'id;text'$"):
        decoded(path, column="review", delimiter=",")


@pytest.mark.parametrize("line", ["sep=;\n", "SEP=;\r\n", '"sep=;"\n', "\ufeffsep=;\n"])
def test_the_line_that_tells_excel_the_delimiter_is_skipped(tmp_path: Path, line: str) -> None:
    path = write(tmp_path / "a.csv", f"{line}id;text, 1\n1;one two\n".encode())
    assert decoded(path, column="text, 1") == [["one", "two"]]
    with pytest.raises(CorpusError, match=r"no column 'text'; .* 'id', 'text, 1'$"):
        decoded(path, column="text")
    path = write(tmp_path / "c.csv", f'{line}id;text\n1;"one two\n'.encode())
    with pytest.raises(CorpusError, match="the quote in line 3, at"):
        decoded(path, column="text")
    path = write(tmp_path / "b.csv", f"{line}id:text\n1:one two\n".encode())
    assert decoded(path, column="text", delimiter=":") == [["one", "two"]]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"\x25\x02\x18\x04text", b"\x25\x00\x18\x04text"),  # Arrow ended the process for this
        (b"\x18\x04text", b"\x18\x04t\xffxt"),
    ],
    ids=["a column that is not optional", "a name that is not UTF-8"],
)
def test_a_damaged_footer_of_parquet_is_an_error(old: bytes, new: bytes, tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": ["a b", "c a"]}), tmp_path / "a.parquet")
    content = (tmp_path / "a.parquet").read_bytes()
    assert old in content
    (tmp_path / "a.parquet").write_bytes(content.replace(old, new))
    with pytest.raises(CorpusError, match="cannot be read as a table"):
        decoded(tmp_path / "a.parquet", column="text")


def memory_of_reading(path: Path) -> tuple[int, int]:
    """Return the bytes of text in a Parquet file, 0 if it is damaged, and the kB that it takes."""
    code = (
        "import resource, sys\nfrom skipgram import CorpusConfig, Reading, SkipgramError\n"
        "from skipgram.corpus.sources import resolve_corpus\n"
        "import pyarrow.parquet\nbefore = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "source = resolve_corpus(Reading(sys.argv[1], CorpusConfig(column='text')))\n"
        "try:\n    size = sum(map(len, source.read()))\n"
        "except SkipgramError as error:\n    size = 0\n    assert 'as a table' in str(error)\n"
        "print(size, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    size, kilobytes = map(int, done.stdout.split())
    return size, kilobytes


def test_parquet_takes_little_memory(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    rows = [
        rng.integers(0, 256, 60_000, np.uint8).tobytes().hex() for _ in range(1000)
    ]  # 120 MB that do not compress to nothing
    pq.write_table(pa.table({"text": rows}), tmp_path / "long.parquet", row_group_size=1000)
    size, kilobytes = memory_of_reading(tmp_path / "long.parquet")
    assert size == 1000 * 120_001
    assert kilobytes < 250_000


def test_parquet_does_not_take_what_a_page_declares(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": ["a b", "c a"] * 9}), tmp_path / "a.parquet")
    content = (tmp_path / "a.parquet").read_bytes()
    # "PAR1", and of the header of the first page: its type, and two sizes in Thrift's coding.
    assert content[:6] == b"PAR1\x15\x04"
    assert content[6] == content[8] == 0x15
    many = b"\x15" + b"\x80\x80\x80\x80\x08"  # 2^30
    (tmp_path / "a.parquet").write_bytes(content[:8] + many + content[10:])
    size, kilobytes = memory_of_reading(tmp_path / "a.parquet")
    assert (size, kilobytes < 100_000) == (0, True)
