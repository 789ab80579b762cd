"""Quotes that are not closed are errors; in text with tabs, lone quotes are ordinary."""

from __future__ import annotations

import csv
import gzip
import io
import itertools
from pathlib import Path

import pandas as pd
import pytest
from corpora import decoded, write
from hypothesis import given
from hypothesis import strategies as st

from skipgram.corpus import quotes
from skipgram.corpus.quotes import Dialect, with_closed_quotes
from skipgram.errors import CorpusError


def passed(content: bytes, delimiter: str = ",") -> bytes:
    dialect = Dialect(delimiter)
    return with_closed_quotes(io.BufferedReader(io.BytesIO(content)), "a.csv", dialect).read()


def table(rows: list[str], delimiter: str = ",") -> bytes:
    return "".join(f"{n}{delimiter}{row}\n" for n, row in enumerate(["text", *rows])).encode()


@pytest.fixture(params=[1, 3, 8, 1 << 20])
def block_bytes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quotes, "BLOCK_BYTES", request.param)


CLOSED = [
    b"",
    b"\n",
    b'"',
    b'a,b\n"1","2"',
    b'a,b\r\n"1\r\n2","3 ""x"" "\r\n',
    b'a,b\n"""1""",""\n"",""""\n',
    b'a,"b ""\n"" c"\n1,2\n',
    b'a,5" disk\nb,6" disk\nc,"7"" disk"\n',
    b'a,"one" two\nb,c\n',
    b'a,b\r"1\r2",3\r4,5\r',
    b'a, "b"\nc, "d\n',
    b"no line end",
]


@pytest.mark.usefixtures("block_bytes")
@pytest.mark.parametrize("content", [each for each in CLOSED if each != b'"'])
def test_closed_quotes_pass_unchanged(content: bytes) -> None:
    assert passed(content) == content


def test_a_quote_after_a_byte_order_mark_opens_a_cell() -> None:
    content = b'"a, ""b","c"\n1,"2,""\n3"\n'
    assert passed(b"\xef\xbb\xbf" + content) == content


OPEN = {
    "never closed": (b'a,b\n1,"open\n2,x\n3,y\n', 2, "'\"open'"),
    "cut off in a cell": (b'a,b\n1,x\n2,"plum, fig', 3, "'\"plum, fig'"),
    "two of them": (b'a,b\n1,"one\n2,x\n3,"two\n4,y\n', 2, "'\"one'"),
    "a lone quote later": (b'a,b\n1,"one\n2,5" disk\n3,x\n', 2, "'\"one'"),
    "before quoted cells": (b'a,b\n1,"one\n2,"two"\n3,"three"\n', 2, "'\"one'"),
    "after lone quotes": (b'a,b\n1,5" disk\n2,6" disk\n3,"one\n4,x\n', 4, "'\"one'"),
    "in lines that end with CR LF": (b'a,b\r\n1,"one\r\n2,x\r\n', 2, "'\"one'"),
    "an escaped quote at the end": (b'a,b\n1,"one""\n2,x\n', 2, '\'"one""\''),
    "a single quote": (b'"', 1, "'\"'"),
}


def test_byte_order_marks_may_be_cut_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    mark = b"\xef\xbb\xbf"
    for line_end, header in itertools.product((b"\n", b"\r\n"), (b"a,b", b'"a",b')):
        lines = [header, b"1,2", b"3," + mark + b"4", b"a,b", b"5,6", b""]
        content = line_end.join([*lines[:3], mark + lines[3], *lines[4:]])
        for size in range(1, len(content) + 1):
            monkeypatch.setattr(quotes, "BLOCK_BYTES", size)
            assert passed(mark + content) == line_end.join(lines), size


@pytest.mark.usefixtures("block_bytes")
@pytest.mark.parametrize("kind", OPEN)
def test_a_quote_that_is_not_closed_is_named(kind: str) -> None:
    content, line, text = OPEN[kind]
    with pytest.raises(CorpusError, match=f"the quote in line {line}, at {text}, is not closed"):
        passed(content)


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize("delimiter", [",", ";", "|"])
def test_tables_with_open_quotes_are_not_read(tmp_path: Path, delimiter: str, suffix: str) -> None:
    rows = ["one two"] * 50 + ['"never closed'] + ["nut bolt"] * 50
    content = table(rows, delimiter)
    path = write(tmp_path / f"a.csv{suffix}", gzip.compress(content) if suffix else content)
    with pytest.raises(CorpusError, match=r"a\.csv.* the quote in line 52, at '\"never closed'"):
        decoded(path, column="text")


def test_a_long_cell_that_is_not_closed_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quotes, "BLOCK_BYTES", 10)
    monkeypatch.setattr(quotes, "LONGEST_CELL", 50)
    with pytest.raises(CorpusError, match="the quote in line 2, "):
        passed(b'a,b\n1,"' + b"x\n" * 1000 + b'"\n')
    content = b'a\tb\n1\t"' + b"x\n" * 1000 + b'"\n'
    assert passed(content, "\t") == content.replace(b'"x', b'"""x"').replace(b'\n"\n', b'\n""""\n')


LONE = [
    ('"so he said', '"so he said'),
    ('"so" he said', '"so" he said'),
    ('he "said"', 'he "said"'),
    ('"so he said"', "so he said"),
    ('"he ""said"" so"', 'he "said" so'),
    ('""', ""),
    ('"', '"'),
    ('"""', '"""'),
    ('"so ""', '"so ""'),
]


@pytest.mark.usefixtures("block_bytes")
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", ["end", '"end', 'end"', '"en"d', '"end"'])
def test_lone_quotes_are_ordinary_between_tabs(last: str, end: str) -> None:
    written = [cell for cell, _ in LONE] + [last]
    content = "".join(f"{n}\t{cell}\tx{end}" for n, cell in enumerate(written))
    for ending in (content, content.rstrip(), content + f'1\t2\t"three{end}'):
        rows = list(csv.reader(io.StringIO(passed(ending.encode(), "\t").decode()), delimiter="\t"))
        right = [value for _, value in LONE] + ["end" if last == '"end"' else last]
        assert [row[1] for row in rows][: len(right)] == right
        assert all(len(row) == 3 for row in rows)


def test_a_quotation_over_rows_stays_in_its_rows(tmp_path: Path) -> None:
    rows = ["one two", '"so he said', "three four", 'he did"', "five six"]
    path = write(tmp_path / "a.tsv", b"id" + table(rows, "\t")[1:])
    assert decoded(path, column="text") == [row.split() for row in rows]


def test_tables_that_pandas_writes_are_read_whole(tmp_path: Path) -> None:
    rows = ["one\ntwo", 'say "three"', "a, b; c", '"', '"four', "five\n\nsix", "seven\teight"] * 9
    for name, delimiter in (("a.csv", ","), ("b.csv", ";"), ("c.tsv", "\t")):
        pd.DataFrame({"text": rows}).to_csv(tmp_path / name, sep=delimiter)
        found = decoded(tmp_path / name, column="text", sentence_per="file")
        assert found == [row.split() for row in rows]


@given(st.text('a",\n', max_size=20), st.sampled_from([1, 2, 1 << 20]))
def test_what_passes_is_what_a_plain_parser_reads(text: str, size: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quotes, "BLOCK_BYTES", size)
        is_closed = _is_closed(text)
        if is_closed:
            assert passed(text.encode()) == text.encode()
        else:
            with pytest.raises(CorpusError, match="is not closed"):
                passed(text.encode())


def _is_closed(text: str) -> bool:
    """The slow way: character by character."""
    state, opened = "cell", 0
    for place, character in enumerate(text + "\n"):
        if state == "closing":
            if character == '"':
                state = "quoted"
                continue
            if character not in ",\n" and "\n" in text[opened:place]:
                return False
            state = "text"
        if state == "quoted":
            state = "closing" if character == '"' else "quoted"
        elif character in ",\n":
            state = "cell"
        elif state == "cell":
            state, opened = ("quoted", place) if character == '"' else ("text", 0)
    return state != "quoted"


@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_a_long_line_that_ends_in_a_quote(delimiter: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quotes, "LONGEST_CELL", 10)
    content = f'a{delimiter}bcdefghijklmnop{delimiter}"x"'.encode()
    assert passed(content, delimiter) == content


@pytest.mark.usefixtures("block_bytes")
@pytest.mark.parametrize(
    ("quoting", "cell", "words"),
    [
        ("doubled", '"he ""so, or"" so"', 'he "so, or" so'),
        ("backslash", r'"he \"so, or\" so"', 'he "so, or" so'),
        ("backslash", r'"he so\\"', "he so\\"),
        ("backslash", '"he \\"so\nor\\" so"', 'he "so or" so'),
        ("none", '"so he said', '"so he said'),
        ("none", '5" "so"', '5" "so"'),
    ],
)
@pytest.mark.parametrize("delimiter", [",", "\t", ":"])
def test_quotes_are_read_as_the_option_says(
    tmp_path: Path, quoting: str, cell: str, words: str, delimiter: str
) -> None:
    cell = cell.replace(",", delimiter)
    content = f"id{delimiter}text\n1{delimiter}{cell}\n2{delimiter}the end\n"
    path = write(tmp_path / "a.csv", content.encode())
    found = decoded(path, column="text", quoting=quoting, delimiter=delimiter)
    assert list(itertools.chain(*found)) == [*words.replace(",", delimiter).split(), "the", "end"]


def test_a_quote_that_a_backslash_leaves_open_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", b'id,text\n1,"one\\"\n2,two\n')
    assert decoded(path, column="text") == [["one\\"], ["two"]]
    with pytest.raises(CorpusError, match=r"the quote in line 2, .*set quoting=none"):
        decoded(path, column="text", quoting="backslash")


@pytest.mark.parametrize("header", ['id,"text', '"id,text'])
def test_a_quote_of_the_header_that_is_not_closed_is_named(tmp_path: Path, header: str) -> None:
    rows = "".join(f"{number},one two\n" for number in range(100))
    path = write(tmp_path / "a.csv", f"{header}\n{rows}".encode())
    with pytest.raises(CorpusError, match="the quote in line 1, at"):
        decoded(path, column="text")


def test_lone_quotes_of_a_header_are_ordinary_between_tabs(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tsv", b'id\t"text\n1\tone two\n2\t"three\n')
    assert decoded(path, column='"text') == [["one", "two"], ['"three']]


def test_a_name_of_a_column_may_have_lines(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", b'id,"the\ntext"\n1,one two\n')
    assert decoded(path, column="the\ntext") == [["one", "two"]]
