"""Text in any encoding as UTF-8."""

from __future__ import annotations

import io
from encodings.aliases import aliases
from typing import Any

import numpy as np
import pytest

from skipgram.encodings import as_encoding
from skipgram.io import decoding
from skipgram.io.decoding import as_utf8, is_decoded

WORDS = [
    "plain words\n",
    "café été\n",
    "привет мир\n",
    "日本 語\n",
    "我的 山\n",
    "한국 말\n",
    "سلام\n",
]


def names() -> list[str]:
    """All encodings of text that Python has on this system."""
    found = set()
    for name in aliases.values():
        try:
            found.add(as_encoding(name))
        except ValueError:
            continue
    return sorted(found)


def read(content: bytes, encoding: str, block: int = 1 << 20) -> bytes:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decoding, "_BLOCK_BYTES", block)
        file: Any = io.BufferedReader(io.BytesIO(content))
        return as_utf8(file, encoding).read()


@pytest.mark.parametrize("name", names())
def test_every_encoding_is_read_in_blocks_of_any_size(name: str) -> None:
    found = []
    for words in WORDS:
        try:
            content = (words * 3).encode(name)
        except UnicodeEncodeError:
            continue
        found.append(words)
        for block in (1, 2, 3, 7, 1 << 20):
            text = read(content, name, block).decode()
            assert text.removeprefix("\ufeff") == words * 3
    assert found


def test_a_byte_order_mark_overrides_the_encoding() -> None:
    content = "\ufeffété\n"
    for name in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):
        assert read(content.encode(name), "latin-1") == content.encode()


@pytest.mark.parametrize("text", WORDS)
def test_utf_16_without_a_byte_order_mark(text: str) -> None:
    for encoding in ("utf-16", "utf-32"):
        for order in ("le", "be"):
            assert read(text.encode(f"{encoding}-{order}"), encoding) == text.encode()
    assert read("語".encode("utf-16-le"), "utf-16") == "語".encode()


def test_utf_8_is_read_as_it_is() -> None:
    file: Any = io.BufferedReader(io.BytesIO(b"caf\xe9"))
    assert as_utf8(file, "utf-8") is file
    assert not is_decoded(file)
    assert is_decoded(as_utf8(file, "latin-1"))


@pytest.mark.parametrize(
    ("encoding", "content"),
    [
        ("ascii", b"one \xc3\xa9 two"),  # kept as they are, the bytes would be valid UTF-8
        ("shift_jis", b"one \xff two"),
        ("gb18030", b"one \xff two"),
        ("utf-16-le", "one ".encode("utf-16-le") + b"\x00\xd8" + " two".encode("utf-16-le")),
        ("utf-7", b"one +2AA- two"),
    ],
)
def test_what_does_not_decode_is_not_valid_utf_8(encoding: str, content: bytes) -> None:
    for block in (1, 2, 1 << 20):
        first, wrong, last = read(content, encoding, block).split(b" ")
        assert (first, last) == (b"one", b"two")
        with pytest.raises(UnicodeDecodeError):
            wrong.decode()


def test_half_a_character_at_the_end_is_not_lost() -> None:
    assert read("one".encode("utf-16-le") + b"\xe9", "utf-16-le").startswith(b"one\xed")


@pytest.mark.parametrize("name", names())
def test_no_bytes_stop_a_decoder(name: str) -> None:
    random = np.random.default_rng(1)
    for size in (1, 2, 3, 5, 1000):
        for block in (1, 7, 1 << 20):
            read(random.bytes(size), name, block)
            read(bytes(random.integers(32, 127, size, np.uint8)), name, block)
