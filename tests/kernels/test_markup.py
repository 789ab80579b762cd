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
from skipgram.kernels.markup import LONGEST_COMMENT, LONGEST_CONTENT

PIECES = [
    "<", ">", "</", "<b>", "<br />", '<a href="', "='", '"', "'", "=", "<!--", "-->", "<!", "<?x",
    "<script>", "<SCRIPT a=1>", "</script>", "<style\n>", "</style>", "<scripts>", "&", ";",
    "&amp;", "&eacute;", "&fjlig;", "&#65;", "&#x42;", "&#146;", "&#0;", "&#xD800;", "&#1114112;",
    "&#12345678;", "http://", "HTTPS://a.b", "www.x", " ", "\n", "a", "Z", "7", "é", "東", "😀",
    "-", "/", "#", "x", "\x1e", "\r", "\n b=", "\n>", "<!d", "\n@a.b='",
]  # fmt: skip


def stripped(text: bytes) -> bytes:
    return strip(np.frombuffer(text, np.uint8)).tobytes()


@given(st.lists(st.sampled_from(PIECES), max_size=25))
@example(["<b", " title", '="', "a > b", '"', ">"])
@example(["<!--", "a", "\n", "b"])
@example(["<b", "\n", "x", ">"])
@example(["<b", "\n", " ", "\n", "x", "=", ">"])
@example(["<!d", "\n", '"', "x", ">"])
@example(["<b", "\n", '"', "x", ">"])
@example(["<!--", "\x1e", "-->"])
@example(["<script>", "x", "\x1e", "</script>"])
@example(["<b", "\x1e", ">"])
@example(["<b", '="', "\x1e", '"', ">"])
@example(["www.x", "\x1e", "a"])
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
        (b"x <b\nthe film\nend > now", b"x <b\nthe film\nend > now"),
        (b"x <b\n\n  /><i\r\n v-on:click='a\nb' d>", b"x  \n\n \n\n"),
        (b'<!DOCTYPE html\n "-//W3C//DTD">a', b" \na"),
        (b'<a\n "b">', b'<a\n "b">'),
        (b"<b\x1e>", b"<b\x1e>"),
        (b"<!-- a\x1e-->", b"<!-- a\x1e-->"),
        (b"<style>a\x1e</style>", b" a\x1e "),
        (b"<!--" + b"b" * (LONGEST_COMMENT - 1) + b"-->", b" "),
        (b"<!--" + b"b" * LONGEST_COMMENT + b"-->", b"<!--" + b"b" * LONGEST_COMMENT + b"-->"),
        (b"<style>" + b"b" * (LONGEST_CONTENT - 1) + b"</style>", b"  "),
        (b"<style>" + b"b" * LONGEST_CONTENT + b"</style>", b" " + b"b" * LONGEST_CONTENT + b" "),
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


@pytest.mark.parametrize(
    ("opening", "end"),
    [
        (b"<!--", b""),
        (b"<!-- ", b"-->"),
        (b"<script>", b""),
        (b"<script> ", b"</script>"),
        (b"<scripts> ", b"</scripts>"),
        (b"<scripts> ", b"</script>"),
        (b"<style>", b""),
        (b"<styles> ", b"</style>"),
        (b"<textarea> ", b"</textarea>"),
        (b"<script><style><!-- ", b""),
        (b"<script\x1e", b"</script>"),
        (b"<", b""),
        (b"<", b">"),
        (b'<a b="', b""),
        (b"<a b=\"'", b""),
        (b"<a ", b""),
        (b"<a\nb", b""),
        (b"<a" + b"\n" * 1000, b""),
        (b"&a", b""),
        (b"&", b";"),
        (b"&#", b";"),
        (b"www.", b""),
    ],
)
def test_time_does_not_grow_with_the_square_of_the_text(opening: bytes, end: bytes) -> None:
    stripped(b"<b>\n")
    text = opening * (1_000_000 // len(opening)) + end + b"\n"
    started = time.perf_counter()
    stripped(text)
    assert time.perf_counter() - started < 5  # with the square: at least 10
