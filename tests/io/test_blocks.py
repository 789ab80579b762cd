from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skipgram.errors import ReadError
from skipgram.io import blocks
from skipgram.io.blocks import checked, lines_of, read_blocks


def cut(content: bytes, size: int, *, whole_lines: bool = False) -> list[bytes]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK_BYTES", size)
        file: Any = io.BufferedReader(io.BytesIO(content))
        return list(read_blocks(file, "name", whole_lines=whole_lines))


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


def test_a_byte_order_mark_is_removed_from_the_beginning_only() -> None:
    assert cut(b"\xef\xbb\xbfa b", 8) == [b"a b\n"]
    assert cut(b"a \xef\xbb\xbfb", 8) == [b"a \xef\xbb\xbfb\n"]


def test_bytes_that_are_not_text_name_the_file() -> None:
    assert checked(b"a b\n", "name") == b"a b\n"
    with pytest.raises(ReadError, match=r"^name holds NUL bytes: .*; convert it to UTF-8$"):
        cut(b"a\0b", 8)


def test_lines_join_across_blocks_and_lose_their_ends() -> None:
    found = list(lines_of([b"a b\r\nc", b"d\n\n", b"caf\xe9\n"]))
    assert found == ["a b", "cd", "", "caf\udce9"]
