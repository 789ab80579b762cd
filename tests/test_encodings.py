"""The names of encodings, and what the first bytes of a text show."""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from skipgram import CorpusConfig
from skipgram.encodings import as_encoding, better, guess_wide, likely, marked, text_of
from skipgram.errors import ConfigError

WIDE = ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("utf-8", "utf-8"),
        ("UTF8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("Latin-1", "iso8859-1"),
        ("ISO-8859-1", "iso8859-1"),
        ("windows-1251", "cp1251"),
        ("Shift_JIS", "shift_jis"),
        ("utf-16", "utf-16"),
    ],
)
def test_an_encoding_has_one_name(given: str, name: str) -> None:
    assert as_encoding(given) == CorpusConfig(encoding=given).encoding == name


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("latn-1", r"encoding is 'latn-1'; it must be an encoding .* \(did you mean latin.1\?\)$"),
        ("utf16-le", r"\(did you mean utf.16.?le\?\)"),
        ("mbcs", "euc-kr$"),
        ("base63", "euc-kr$"),
        ("ANSI", r"\(did you mean cp1252\?\)"),
        ("auto", "such as utf-8, utf-16, latin-1, .* euc-kr$"),
        ("", "it must be an encoding of text that Python knows"),
        ("utf\0", "it must be an encoding of text that Python knows"),
        (
            "base64",
            "encoding is 'base64'; that is not an encoding of text; it must be one, such as",
        ),
        ("rot13", "that is not an encoding of text"),
        ("zip", "that is not an encoding of text"),
        ("idna", "that is not an encoding of text"),
        ("undefined", "that is not an encoding of text"),
        (5, "encoding is 5; it must be the name of an encoding, such as utf-8"),
    ],
)
def test_what_is_no_encoding_of_text(given: Any, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        CorpusConfig(encoding=given)


def test_the_encodings_of_the_guide_exist() -> None:
    guide = (Path(__file__).parents[1] / "docs" / "training.md").read_text(encoding="utf-8")
    table = guide.partition("### Encodings")[2].partition("| text | `--encoding` |")[2]
    names = re.findall(r"`([\w-]+)`", table.partition("\n- ")[0])
    assert len(names) > 20
    for name in names:
        assert as_encoding(name)


@pytest.mark.parametrize("encoding", ["utf-8", *WIDE])
def test_a_byte_order_mark_names_the_encoding(encoding: str) -> None:
    content = "\ufeffone été\r\ntwo\rthree".encode(encoding)
    assert marked(content) == encoding
    assert text_of(content) == "one été\ntwo\nthree"


def test_without_a_byte_order_mark_text_is_utf_8() -> None:
    assert marked(b"one two") is None
    assert text_of("été".encode()) == "été"
    with pytest.raises(UnicodeDecodeError):
        text_of("été".encode("latin-1"))


@pytest.mark.parametrize("encoding", WIDE)
@pytest.mark.parametrize("text", ["one two\n", "привет мир\n", "我喜欢\n吃苹果\n", "café au lait"])
def test_wide_text_without_a_byte_order_mark(encoding: str, text: str) -> None:
    assert guess_wide(text.encode(encoding)) == encoding
    cut = (text * 9).encode(encoding)
    assert guess_wide(cut[: len(cut) // 4 * 4 - 2]) == encoding


def test_other_bytes_are_not_wide_text() -> None:
    random = np.random.default_rng(1)
    assert not any(guess_wide(random.bytes(256)) for _ in range(1000))
    assert guess_wide(b"no NUL byte") is None
    latin = "one two\ncafé\0 three\n".encode("latin-1")
    assert guess_wide(latin) is guess_wide(b"x" + latin) is None
    assert guess_wide(np.arange(400, dtype=np.int32).tobytes()) is None


@pytest.mark.parametrize(
    ("text", "encoding", "found"),
    [
        ("café été noël", "latin-1", "latin-1"),
        ("größe übung", "latin-1", "latin-1"),
        ("don\u2019t \u201cstop\u201d", "cp1252", "cp1252"),
        ("привет мир", "cp1251", None),
        ("привет мир", "koi8-r", None),
        ("我喜欢 吃苹果", "gb18030", None),
        ("日本 文字", "shift_jis", None),
    ],
)
def test_the_likely_encoding_of_words(text: str, encoding: str, found: str | None) -> None:
    assert likely(text.encode(encoding).split()) == found
    assert found is None or codecs.lookup(found)


def test_the_encoding_of_text_that_is_read_in_another_one() -> None:
    assert better("café".encode(), "latin-1") == better(b"cafe", "cp037") == "utf-8"
    assert (
        better("café".encode(), "utf-8") is better(b"cafe", "latin-1") is better(b"", "x") is None
    )
    assert better("café".encode()[:-1], "cp1252") is None  # half a character
    assert better("日本".encode("iso2022_jp"), "iso2022_jp") is None
    assert better("日本 \n".encode("utf-16-le"), "utf-16") is None
    assert better("Où “est”".encode("cp1252"), "iso8859-1") == "cp1252"
    assert better("Où est".encode("latin-1"), "iso8859-1") is None
    assert better("Он “дома”".encode("cp1251"), "iso8859-1") is None
