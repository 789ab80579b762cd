"""Tags, entities and URLs are found as regular expressions find them."""

from __future__ import annotations

import html.entities
import time

import numpy as np
import pytest
from cleaned import without_markup
from hypothesis import example, given
from hypothesis import strategies as st

from skipgram.corpus.cleaning import strip

PIECES = [
    "<", ">", "</", "<b>", "<br />", '<a href="', "='", '"', "'", "=", "<!--", "-->", "<!", "<?x",
    "<script>", "<SCRIPT a=1>", "</script>", "<style\n>", "</style>", "<scripts>", "&", ";",
    "&amp;", "&eacute;", "&fjlig;", "&#65;", "&#x42;", "&#146;", "&#0;", "&#xD800;", "&#1114112;",
    "&#12345678;", "http://", "HTTPS://a.b", "www.x", " ", "\n", "a", "Z", "7", "é", "東", "😀",
    "-", "/", "#", "x",
]  # fmt: skip


def stripped(text: bytes) -> bytes:
    return strip(np.frombuffer(text, np.uint8)).tobytes()


@given(st.lists(st.sampled_from(PIECES), max_size=25))
@example(["<b", " title", '="', "a > b", '"', ">"])
@example(["<!--", "a", "\n", "b"])
def test_markup_is_what_the_regular_expressions_find(pieces: list[str]) -> None:
    text = "".join([*pieces, "\n"]).encode()
    assert stripped(text) == without_markup(text)


@given(st.binary(max_size=40))
def test_bytes_that_are_not_utf8_stay(text: bytes) -> None:
    assert stripped(text + b"\n") == without_markup(text + b"\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"a < b and b > c", b"a < b and b > c"),
        (b"I <3 you", b"I <3 you"),
        (b"one<br/>two", b"one two"),
        (b"<p\nclass=x>text", b" \ntext"),
        (b"AT&T; R&amp;D", b"AT&T; R&D"),
        (b"&lt;b&gt;", b"<b>"),
        (b"see https://a.b/c?d=e, or", b"see   or"),
        (b"awww.no", b"awww.no"),
        (b"<script>if (a < b) x()</script>after", b"  after"),
        (b"<script>never closed", b" never closed"),
        (b"<" + b"b" * 1998 + b">", b" "),
        (b"<" + b"b" * 1999 + b">", b"<" + b"b" * 1999 + b">"),
    ],
)
def test_what_is_markup(text: bytes, expected: bytes) -> None:
    assert stripped(text + b"\n") == expected + b"\n"


def test_every_entity_of_html() -> None:
    for name, text in html.entities.html5.items():
        if name.endswith(";") and text > " ":
            expected = text.encode() if len(text) == 1 else b" "
            assert stripped(b"&" + name.encode() + b"\n") == expected + b"\n", name


@pytest.mark.parametrize("opening", [b"<!--", b"<script>", b"<style>", b'<a b="', b"<a ", b"&a"])
def test_time_does_not_grow_with_the_square_of_what_is_not_closed(opening: bytes) -> None:
    stripped(b"<b>\n")
    text = opening * (1_000_000 // len(opening)) + b"\n"
    started = time.perf_counter()
    stripped(text)
    assert time.perf_counter() - started < 10  # with the square: minutes
