"""White space, line ends and byte order marks, from wherever a text is read."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from corpora import LINES, OPTIONS, SENTENCES, TEXT, decoded, write

import skipgram
from skipgram.config import CorpusConfig
from skipgram.errors import ConfigError, CorpusError

CR_FILES = {
    "text": TEXT,
    "text.gz": gzip.compress(TEXT.replace(b"\n", b"\r")),
    "text.csv": b"".join([b"text\n", TEXT]),
    "text.tsv": b"".join([b"id\ttext\n", *(b"1\t%s\n" % line.encode() for line in LINES)]),
    "text.jsonl": b"".join(b'{"text": "%s"}\n' % line.encode() for line in LINES),
    "text.json": b"[%s]" % b",\n".join(b'{"text": "%s"}' % line.encode() for line in LINES),
}


@pytest.mark.parametrize("name", CR_FILES)
def test_lines_may_end_in_carriage_returns_alone(name: str, tmp_path: Path) -> None:
    content = CR_FILES[name]
    if not name.endswith(".gz"):
        content = content.replace(b"\n", b"\r")
    path = write(tmp_path / name, content)
    assert decoded(path, column="text" if name.count(".") and "gz" not in name else None) == (
        SENTENCES
    )


def test_carriage_returns_as_line_ends_are_reported(tmp_path: Path) -> None:
    one = write(tmp_path / "one", TEXT.replace(b"\n", b"\r"))
    with pytest.warns(skipgram.SkipgramWarning) as caught:
        skipgram.train([one, write(tmp_path / "two", TEXT), one], **OPTIONS)
    assert [str(each.message) for each in caught] == [
        "2 files were read with carriage returns as line ends, in which most of their lines end: "
        f"{one}, {one}"
    ]


MARK = b"\xef\xbb\xbf"


def test_byte_order_marks_of_concatenated_files_are_no_part_of_a_word(tmp_path: Path) -> None:
    half = len(LINES) // 2
    first, second = ("\n".join(part).encode() + b"\n" for part in (LINES[:half], LINES[half:]))
    text = write(tmp_path / "text", MARK + first + MARK + second)
    assert decoded(text) == SENTENCES
    assert decoded(text, tokenizer=str.split) == SENTENCES
    assert decoded([MARK.decode() + line for line in LINES], token_pattern=r"\S+") == SENTENCES
    table = write(tmp_path / "text.csv", MARK + b"text\n" + first + MARK + second)
    assert decoded(table, column="text") == SENTENCES
    quoted = b"".join(b'"%s"\n' % line.encode() for line in LINES[half:])
    table = write(tmp_path / "text.csv", MARK + b'"text"\n' + first + MARK + quoted)
    assert decoded(table, column="text") == SENTENCES
    json_of = [b'{"text": "%s"}\n' % line.encode() for line in LINES]
    rows = write(
        tmp_path / "text.jsonl", MARK + b"".join(json_of[:half]) + MARK + b"".join(json_of[half:])
    )
    assert decoded(rows, column="text") == SENTENCES


UNICODE_TEXT = "10\u00a0km\u3000far\u2028away\x1cx\x85y\n\u2009z\n"


def test_words_end_at_the_white_space_that_the_option_says(tmp_path: Path) -> None:
    path = write(tmp_path / "text", UNICODE_TEXT.encode())
    split = [["10", "km", "far", "away", "x", "y"], ["z"]]
    by_ascii = [["10\u00a0km\u3000far\u2028away\x1cx\x85y"], ["\u2009z"]]
    assert decoded(path) == decoded(path, tokenizer=str.split) == split
    assert decoded(path, clean=True) == decoded(path, lowercase=True) == split
    assert decoded(path, whitespace="ascii") == by_ascii
    assert decoded(pd.Series([UNICODE_TEXT])) == split
    assert decoded(pd.Series([UNICODE_TEXT]), whitespace="ascii") == by_ascii
    assert decoded([UNICODE_TEXT], whitespace="ascii") == by_ascii


def test_a_model_splits_documents_as_its_corpus(tmp_path: Path) -> None:
    text = UNICODE_TEXT.replace("\n", " end\n")
    path = write(tmp_path / "text", text.encode() * 9)
    by_unicode = skipgram.train(path, sample=0, **OPTIONS)
    by_ascii = skipgram.train(path, whitespace="ascii", lowercase=True, sample=0, **OPTIONS)
    for texts in ([text], [text * 10_000]):
        assert by_unicode.encode_documents(texts).unknown.tolist() == [0]
        assert by_ascii.encode_documents(texts).unknown.tolist() == [0]
    assert by_ascii.encode_documents([text]).known.tolist() == [4]
    assert by_unicode.encode_documents(["\ufeff10 km", "10\ufeffkm"]).known.tolist() == [2, 2]
    assert "10\u00a0KM\u3000far\u2028away\x1cx\x85y" in by_ascii


@pytest.mark.parametrize("options", [{"clean": True}, {"token_pattern": "a"}, {"tokenizer": "a:b"}])
def test_white_space_is_not_for_what_splits_otherwise(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="whitespace=ascii has no effect with "):
        CorpusConfig(whitespace="ascii", **options)
    with pytest.raises(CorpusError, match="whitespace has no effect on sentences that are lists"):
        decoded(SENTENCES, whitespace="ascii")
