from __future__ import annotations

import io
import re
import time
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skipgram.errors import ReadError
from skipgram.io import blocks
from skipgram.io.blocks import Dropped, checked, lines_of, read_blocks, with_short_lines
from skipgram.io.decoding import file_of


def cut(
    content: bytes,
    size: int,
    dropped: Dropped | None = None,
    longest: int = 1 << 20,
    *,
    whole_lines: bool = False,
) -> list[bytes]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK_BYTES", size)
        patch.setattr(blocks, "_USUAL_WORD", 3)
        file: Any = io.BufferedReader(io.BytesIO(content))
        found = read_blocks(file, "name", dropped or Dropped(), longest, whole_lines=whole_lines)
        return list(found)


@given(text=st.text("ab é\n\t", max_size=60), size=st.integers(1, 20))
def test_blocks_hold_all_words_and_end_between_them(text: str, size: int) -> None:
    found = cut(text.encode(), size)
    assert [word for block in found for word in block.split()] == text.encode().split()
    assert b"".join(found) in {text.encode(), text.encode() + b"\n"}
    assert all(block[-1:].isspace() for block in found)


@given(text=st.text("ab \n", max_size=60), size=st.integers(1, 20))
def test_blocks_of_whole_lines_cut_no_line(text: str, size: int) -> None:
    found = cut(text.encode(), size, whole_lines=True)
    assert all(block.endswith(b"\n") for block in found)
    assert b"".join(found).split() == text.encode().split()


def test_a_word_longer_than_a_block_is_not_cut() -> None:
    first, *others = cut(b"a " + b"x" * 50 + b" b c d e f g\n", 8)
    assert first.startswith(b"a " + b"x" * 50 + b" ")
    assert b"".join(others).split()[-1] == b"g"


@given(
    pieces=st.lists(st.sampled_from([b"x", b"yy", b"z" * 7, b"w" * 15, b" ", b"\n"]), max_size=60),
    size=st.integers(1, 10),
)
def test_words_that_are_too_long_are_left_out_and_counted(pieces: list[bytes], size: int) -> None:
    content, dropped = b"".join(pieces), Dropped()
    longest = 10
    text = b"".join(cut(content, size, dropped, longest))
    long = [word for word in content.split() if len(word) > longest]
    assert text.split() == [word for word in content.split() if len(word) <= longest]
    assert text.count(b"\n") - content.count(b"\n") in (0, 1)
    assert dropped.long_words == len(long)
    if long:
        begin = re.search(rb"(?<!\S)\S{11}", content).start()  # type: ignore[union-attr]
        assert dropped.first_long == f"name, byte {begin + 1}"


def test_an_endless_word_is_not_kept_in_memory() -> None:
    def parts() -> Iterator[bytes]:
        for _ in range(1 << 8):
            yield b"x" * (1 << 18)

    dropped = Dropped()
    tracemalloc.start()
    text = list(read_blocks(file_of(parts()), "name", dropped))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert text == [b"\n"] or text == []
    assert (dropped.long_words, dropped.first_long) == (1, "name")
    assert most < 1 << 23


def test_a_nul_byte_after_a_word_that_was_left_out_has_no_wrong_place() -> None:
    dropped = Dropped()
    cut(b"a " + b"x" * 20 + b" b c d e f g h i\0 j", 8, dropped, 10)
    assert dropped.first_nul in ("name, byte 39", "name, in the row ' b c d e f g h i\\x00 j'")


def test_a_line_of_many_blocks_takes_time_in_proportion() -> None:
    """Looking for its beginning in all of it at each block took the square."""
    started = time.process_time()
    line = b"x" * 800_000 + b"\n"
    assert cut(line, 8, longest=len(line), whole_lines=True) == [line]
    assert time.process_time() - started < 4


def test_a_line_that_is_too_long_is_refused() -> None:
    for size in (4, 8):
        assert cut(b"123456789\n1\n", size, longest=9, whole_lines=True)
        with pytest.raises(ReadError, match=r"^name has a line of more than 9 bytes; set max_line"):
            cut(b"1\n1234567890\n1\n", size, longest=9, whole_lines=True)
    assert list(with_short_lines([b"12\n34", b"56\n"], "name", 4)) == [b"12\n34", b"56\n"]
    with pytest.raises(ReadError, match="has a line of more than 4 bytes"):
        list(with_short_lines([b"12\n34", b"5", b"67\n"], "name", 4))


@pytest.mark.parametrize("size", [1, 8, 99])
def test_byte_order_marks_of_concatenated_files_are_removed(size: int) -> None:
    def lines(text: str) -> str:
        return b"".join(cut(text.encode(), size)).decode()

    assert lines("\ufeffa b") == "a b\n"
    assert lines("\ufeffa b\n\ufeffc d\n") == "a b\nc d\n"
    assert lines("a b\r\n\ufeffc d\r\n") == "a b\r\nc d\r\n"
    assert lines("a b\ufeffc d\n").split() == ["a", "b", "c", "d"]
    assert lines("a b \ufeffc d\n").split() == ["a", "b", "c", "d"]
    assert lines("\ufeff\n\ufeff").strip() == ""


@given(text=st.text("ab \n", max_size=60), size=st.integers(1, 20))
def test_carriage_returns_end_lines_where_nothing_else_does(text: str, size: int) -> None:
    dropped = Dropped()
    found = b"".join(cut(text.replace("\n", "\r").encode(), size, dropped))
    by_line_feeds = b"".join(cut(text.encode(), size))
    assert found.rstrip(b"\r\n") == by_line_feeds.rstrip(b"\r\n")
    assert dropped.cr_files == ("\n" in text[:-1])


def test_other_carriage_returns_do_not_end_lines() -> None:
    for text in (b"a\rb\nc\n", b"a\r\nb\r\n", b"a b\r"):
        dropped = Dropped()
        assert b"".join(cut(text, 4, dropped)).rstrip(b"\n") == text.rstrip(b"\n")
        assert dropped == Dropped()


def test_a_line_that_is_not_utf8_is_counted_by_the_line_ends_of_its_file() -> None:
    for text in (b"a\nb\ncaf\xe9\n", b"a\rb\rcaf\xe9", b"a\r\nb\r\ncaf\xe9 b\r\n"):
        assert blocks.undecodable_line(io.BufferedReader(io.BytesIO(text))) == 3
    assert blocks.undecodable_line(io.BufferedReader(io.BytesIO(b"a\nb"))) is None


def test_no_line_is_added_to_a_file() -> None:
    for size in (2, 4, 99):
        assert b"".join(cut(b"a b\nc d\n", size)) == b"a b\nc d\n"
        assert cut(b"", size) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("in UTF-16".encode("utf-16-le"), "it is text in UTF-16-LE without a byte order mark; set"),
        ("in UTF-32".encode("utf-32-be"), "it is text in UTF-32-BE without a byte order mark; set"),
        (bytes([0, 1, 2]) * 9, "it is binary, or text in another encoding; leave it out, or set"),
        (b"caf\xe9 and\0 NUL bytes\0 in Latin-1\n", "such as latin-1$"),
    ],
)
def test_bytes_that_are_not_text_name_the_file(content: bytes, said: str) -> None:
    with pytest.raises(ReadError, match=rf"^name holds NUL bytes: .*{said}"):
        cut(content, 99)


def test_one_nul_byte_in_text_that_is_not_utf_8_is_dropped() -> None:
    dropped = Dropped()
    assert cut(b"caf\xe9 and a NUL byte\0 in Latin-1\n", 99, dropped) == [
        b"caf\xe9 and a NUL byte in Latin-1\n"
    ]
    assert (dropped.nul_bytes, dropped.first_nul) == (1, "name, byte 20")


def test_nul_bytes_in_text_are_dropped_and_counted() -> None:
    dropped = Dropped()
    assert checked(b"a b\n", "name", dropped) == b"a b\n"
    assert dropped == Dropped()
    content = "\ufeffcafé b".encode() + b" word" * 9 + b"\nc\0d e\0 f" + b" word" * 9 + b"\n\0g\n"
    for size in (20, 40, 200):
        dropped = Dropped()
        text = b"".join(cut(content, size, dropped))
        expected = content.replace(b"\0", b"").removeprefix(b"\xef\xbb\xbf")
        assert text.rstrip(b"\n") == expected.rstrip(b"\n")
        assert dropped.nul_bytes == 3
        assert dropped.first_nul == f"name, byte {1 + content.index(0)}"


def test_a_nul_byte_in_a_table_is_found_by_its_row() -> None:
    dropped = Dropped()
    assert checked(b"one row\nanother\0 row\n", "a table", dropped) == b"one row\nanother row\n"
    assert dropped.first_nul == "a table, in the row 'another\\x00 row'"


def test_the_first_skipped_files_are_named() -> None:
    dropped = Dropped()
    for name in "abcde":
        dropped.skip(name)
    assert (dropped.skipped_files, dropped.first_skipped) == (5, "a, b, c, ...")


def test_lines_join_across_blocks_and_lose_their_ends() -> None:
    found = list(lines_of([b"a b\r\nc", b"d\n\n", b"caf\xe9\n"]))
    assert found == ["a b", "cd", "", "caf\udce9"]


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"a b\r" * 50 + b"\n", 50),
        (b"Title\n" + b"a b\r" * 50, 51),
        (b"a b\r\n" * 20 + b"c d\r" * 50, 70),
        (b"a b\r\n" * 50 + b"c d\r" * 20, 51),  # most lines end in line feeds
    ],
)
def test_most_line_ends_decide(content: bytes, lines: int) -> None:
    file: Any = io.BufferedReader(io.BytesIO(content))
    text = b"".join(blocks.read_blocks(file, "file", Dropped()))
    assert len([line for line in text.split(b"\n") if line.strip()]) == lines
