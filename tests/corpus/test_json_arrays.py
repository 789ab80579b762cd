"""A JSON array gives the same sentences as JSON Lines."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from corpora import LINES, SENTENCES, decoded, write

from skipgram.corpus import json_arrays
from skipgram.corpus.json_arrays import lines_of_array
from skipgram.errors import CorpusError
from skipgram.io import blocks

ROWS = [{"id": number, "text": line} for number, line in enumerate(LINES)]


def lines(content: bytes, longest: int = 1 << 24) -> list[Any]:
    blocks = lines_of_array(io.BufferedReader(io.BytesIO(content)), "a.json", longest)
    return [json.loads(line) for block in blocks for line in block.splitlines()]


@pytest.mark.parametrize("name", ["a.json", "a.json.gz", "a.txt", "a", "a.jsonl"])
@pytest.mark.parametrize("indent", [None, 1])
def test_an_array_is_read_by_its_name_or_its_content(
    tmp_path: Path, name: str, indent: int | None
) -> None:
    content = json.dumps(ROWS, indent=indent).encode()
    path = write(tmp_path / name, gzip.compress(content) if name.endswith(".gz") else content)
    assert decoded(path, column="text") == SENTENCES


def test_an_array_that_pandas_writes(tmp_path: Path) -> None:
    frame = pd.DataFrame({"text": [*LINES, None], "tokens": [*SENTENCES, None]})
    frame.to_json(tmp_path / "a.json", orient="records")
    assert decoded(tmp_path / "a.json", column="text") == SENTENCES
    assert decoded(tmp_path / "a.json", column="tokens") == SENTENCES


def test_json_lines_are_read_by_their_content_and_as_json(tmp_path: Path) -> None:
    content = "".join(json.dumps(row) + "\n" for row in ROWS).encode()
    assert decoded(write(tmp_path / "a.json", content), column="text") == SENTENCES
    with pytest.raises(CorpusError, match="is a table; name the column"):
        decoded(write(tmp_path / "a.txt", content))


@pytest.mark.parametrize("name", ["a.json", "a.txt", "a"])
def test_an_array_without_a_column_is_not_read_as_text(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, json.dumps(ROWS).encode())
    with pytest.raises(CorpusError, match=r"is a JSON array; name the column .* of: 'id', 'text'$"):
        decoded(path)


@pytest.mark.parametrize(
    "text", ["[Music] one two", "[ ] one two", '{"one" two', "[] one two", '["One", he said']
)
def test_text_that_begins_with_a_bracket_stays_text(tmp_path: Path, text: str) -> None:
    assert decoded(write(tmp_path / "a.txt", text.encode())) == [text.split()]


@pytest.mark.parametrize(
    "values",
    [["one two", "three"], SENTENCES[:3], [["one"], ["two"]], [[1, 2], [3]], [[-1.5e3, "a"]]],
)
@pytest.mark.parametrize("name", ["a.json", "a.txt"])
def test_an_array_of_strings_or_lists_is_not_read_as_text(
    tmp_path: Path, name: str, values: list[Any]
) -> None:
    path = write(tmp_path / name, json.dumps(values).encode())
    with pytest.raises(CorpusError, match=r"is a JSON array of (strings|lists); .* the list"):
        decoded(path)


def test_other_json_is_refused_with_its_remedy(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", json.dumps({"data": ROWS}, indent=1).encode())
    with pytest.raises(CorpusError, match="one JSON object per line, or an array of objects"):
        decoded(path, column="text")
    pd.DataFrame({"text": LINES}).to_json(path)
    with pytest.raises(
        CorpusError, match=r"'text' of .* holds objects, such as \{'0': .* with to_json"
    ):
        decoded(path, column="text")


def test_an_array_has_groups(tmp_path: Path) -> None:
    rows = [{"user": n % 2, "item": word} for n, word in enumerate("abcdef")]
    path = write(tmp_path / "a.json", json.dumps(rows).encode())
    assert decoded(path, column="item", group_by="user") == [["a", "c", "e"], ["b", "d", "f"]]


@pytest.mark.parametrize("size", [1, 2, 7, 100])
def test_objects_may_be_cut_anywhere(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_arrays, "BLOCK_BYTES", size)
    rows = [{"a": 'é "]} \\ ] ,\n'}, {"b": [{"c": "["}]}, {}]
    for content in (json.dumps(rows), json.dumps(rows, ensure_ascii=False, indent=2)):
        assert lines(b"\xef\xbb\xbf" + content.encode() + b"\n") == rows
    assert lines(b" [ ] ") == []


def test_nan_is_a_missing_value() -> None:
    assert lines(b'[{"a": NaN, "b": "x"}, {"a": "NaN"}]') == [{"a": None, "b": "x"}, {"a": "NaN"}]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'[{"a": 1}, {"a": "x', r"damaged or cut off after 1 object, at ', {\"a\": \"x'"),
        (b'[{"a": 1}', "after 1 object, at ''"),
        (b'[{"a": 1} {"a": 2}]', "after 1 object"),
        (b'[{"a": 1}] more', r"after 1 object, at '\] more'"),
        (b'["one two", "three"]', "is a JSON array of strings; it must be an array of objects"),
        (b'[["one", "two"]]', "is a JSON array of lists; .* train on the list"),
        (b"[1, 2]", "is a JSON array of values that are not objects"),
        (b'[{"a": 1}, null]', "is a JSON array of values that are not objects"),
        (b'[{"a": 1},, {"a": 2}]', "damaged or cut off after 1 object, at ',, {"),
        (b'[// a comment\n{"a": 1}]', "damaged or cut off after 0 objects"),
        (b'[{"a": 1},]', "damaged or cut off after 1 object, at ',]'"),
        (b'[{"a": ' + b"9" * 5000 + b"}]", "damaged or cut off after 0 objects, at"),
    ],
)
def test_arrays_that_cannot_be_read(content: bytes, message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        lines(content)


def test_an_object_without_an_end_is_not_kept_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_arrays, "BLOCK_BYTES", 50)
    with pytest.raises(
        CorpusError, match=r"more than 100 char.* at '\[\{\"a\": \"x{32}'; get.* set max_line to"
    ):
        lines(b'[{"a": "' + b"x" * 1000 + b'"}]', longest=100)


def test_names_in_messages_are_quoted_and_short(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", json.dumps([{" text": "a", "x" * 90: "b"}]).encode())
    with pytest.raises(
        CorpusError, match=r"no column 'text'; its columns are: ' text', 'x{39}\.\.\."
    ):
        decoded(path, column="text")


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_half_a_character_is_dropped_with_its_word(tmp_path: Path, name: str) -> None:
    """Texts that are cut by their length end in half of an emoji."""
    rows = [r'{"text": "one \ud83d\ude00 \\\ud83d two"}', r'{"text": "\ude00\ud83d three four"}']
    content = f"[{', '.join(rows)}]" if name == "a.json" else "\n".join(rows)
    path = write(tmp_path / name, content.encode())
    assert decoded(path, column="text") == [["one", "\U0001f600", "two"], ["three", "four"]]


def test_a_bad_row_is_counted_from_the_beginning_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 100)
    rows = [*({"text": f"one two {number}"} for number in range(50)), {"text": 5}]
    path = write(tmp_path / "a.jsonl", "\n".join(map(json.dumps, rows)).encode())
    with pytest.raises(CorpusError, match="changed from string to number in row 51; fix"):
        decoded(path, column="text")


def test_the_name_of_a_column_may_be_empty(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", json.dumps([{"": "a b"}]).encode())
    assert decoded(path, column="") == [["a", "b"]]
