"""The option clean, from files, tables and strings to words."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from cleaned import sentences
from corpora import sentences_of
from hypothesis import example, given
from hypothesis import strategies as st

from skipgram.config import CorpusConfig
from skipgram.corpus import tables
from skipgram.corpus.build import encode_corpus
from skipgram.corpus.cleaning import cleaner, whole_markup
from skipgram.corpus.sources import Reading
from skipgram.corpus.tokens import Batch, splitter
from skipgram.errors import ConfigError, CorpusError
from skipgram.io import blocks
from skipgram.io.blocks import Dropped
from skipgram.kernels.markup import LONGEST_CONTENT

REVIEWS = [
    "<p>Great &amp; <b>GREAT</b> film.<br /><br />I don't regret it!</p>",
    "Caf\u00e9 Gr\u00f6\u00dfe, see https://example.org/a?b=1 &#8212; 9/10 a < b",
]
CLEAN = [
    ["great", "great", "film", "i", "don't", "regret", "it"],
    ["caf\u00e9", "gr\u00f6\u00dfe", "see", "9", "10", "a", "b"],
]

PIECES = [
    "<b>", "<b", ">", "<!--", "-->", "<script>", "</script>", "<style a='", "'>", "<styles>", '="',
    "\n", " ", " href=", "www.a", "&amp;", ".", "'", "a", "\u00e9", "7", "\r", "/", "\x1e",
]  # fmt: skip


def read(corpus: Any, **options: Any) -> list[list[str]]:
    options = {"clean": True, **options}
    with encode_corpus(Reading(corpus, CorpusConfig(**options)), threads=2) as encoded:
        return sentences_of(encoded)


def test_files_tables_and_strings_are_cleaned_alike(tmp_path: Path) -> None:
    frame = pd.DataFrame({"text": REVIEWS})
    (tmp_path / "a.txt").write_text("\n".join(REVIEWS), encoding="utf-8")
    frame.to_csv(tmp_path / "a.csv")
    records = frame.to_dict("records")
    for corpus, options in [
        (tmp_path / "a.txt", {}),
        (tmp_path / "a.csv", {"column": "text"}),
        (frame, {"column": "text"}),
        (frame["text"], {}),
        (records, {"column": "text"}),
        (REVIEWS, {}),
        (iter(REVIEWS), {}),
    ]:
        assert read(corpus, **options) == CLEAN


def joined(lists: Iterable[Sequence[str]]) -> list[str]:
    return list(itertools.chain.from_iterable(lists))


def cleaned(parts: Iterable[bytes | Batch]) -> list[list[str]]:
    """Return the sentences of blocks, each cleaned by itself, as the threads of a scan do."""
    clean = cleaner(CorpusConfig(clean=True))
    assert clean is not None
    text = b"".join(clean(part) for part in parts if isinstance(part, bytes))
    return [line.split() for line in text.decode().split("\n")[:-1]]


@given(st.lists(st.lists(st.sampled_from(PIECES)).map("".join), min_size=1))
@example(["x <b", "the film was nice", "end > now"])
@example(["a <!-- b", "c", "d --> e"])
@example(["<script>", "c", "</script>"])
def test_rows_do_not_depend_on_each_other(rows: list[str]) -> None:
    """And so neither on their order."""
    config = CorpusConfig(clean=True)
    expected = [sentence for row in rows for sentence in sentences(row.encode() + b"\n")[:-1]]
    assert cleaned(tables.text_of(rows, "rows", config, Dropped())) == expected
    assert cleaned(tables.read_object(pa.array(rows), config, Dropped())) == expected
    one_per_row = CorpusConfig(clean=True, sentence_per="file")
    expected = [joined(sentences(row.encode())) for row in rows]
    assert cleaned(tables.text_of(rows, "rows", one_per_row, Dropped())) == expected
    assert cleaned(tables.read_object(pa.array(rows), one_per_row, Dropped())) == expected


def test_documents_are_read_as_rows_are() -> None:
    rows = ["x <b", *["the film was nice"] * 50, "end > now", "<b\nx> y"]
    split = splitter(CorpusConfig(clean=True)).split
    for corpus in (rows, [{"text": row} for row in rows], pd.Series(rows)):
        options = {"column": "text"} if corpus is not rows and isinstance(corpus, list) else {}
        found = joined(read(corpus, **options))
        assert found == joined(map(split, rows))
        assert found.count("film") == 50


def test_lines_of_a_file_without_a_tag_stay(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("x <b\n" + "the film was nice\n" * 50 + "end > now\n")
    expected = [["x", "b"], *[["the", "film", "was", "nice"]] * 50, ["end", "now"]]
    assert read(path) == expected
    assert read(path, sentence_per="file") == [joined(expected)]


@given(st.lists(st.lists(st.sampled_from(PIECES)).map("".join), min_size=1))
@example(["a <script>", "b", "</script> c"])
@example(["a <!--", "b", "--> c"])
@example(["a <b", "c='", "' d>"])
@example(["<style>", "<!-- ", "</style> a -->"])
def test_markup_goes_from_block_to_block(pieces: list[str]) -> None:
    lines = [f"{piece}\n".encode() for piece in pieces]
    parts = list(whole_markup(lines))
    assert cleaned(parts) == sentences(b"".join(lines))[:-1]
    assert all(part[-1:].isspace() for part in parts)


def test_a_script_over_many_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 64)
    path = tmp_path / "a.html"
    path.write_text("a b\n" * 40 + "<script>\n" + "var x;\n" * 40 + "</script>\n" + "c d\n" * 40)
    expected = [*[["a", "b"]] * 40, *[["c", "d"]] * 40]
    assert [sentence for sentence in read(path) if sentence] == expected


def test_what_is_held_for_the_next_block_has_a_limit() -> None:
    lines = [b"<script>\n", *[b"x" * 9999 + b"\n"] * 300]
    sizes = [len(block) for block in whole_markup(lines)]
    assert max(sizes) < LONGEST_CONTENT + 20_000
    assert len(sizes) > 150


def test_numbers_and_other_options_of_text() -> None:
    assert read(["a 1 b2\n3 c"], numbers="drop") == [["a", "b2"], ["c"]]
    assert read(["a 12 b2"], numbers="zero", lowercase=True) == [["a", "00", "b0"]]
    assert read(["\uff21\uff22 c"], nfkc=True) == [["ab", "c"]]


def test_one_sentence_per_file(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A.\nB.\n")
    assert read(tmp_path / "a.txt", sentence_per="file") == [["a", "b"]]


@pytest.mark.parametrize("tokens", [[["A", "b"]], pd.DataFrame({"text": [["A", "b"]]})])
def test_lists_of_tokens_are_not_text(tokens: Any) -> None:
    with pytest.raises(CorpusError, match="clean"):
        read(tokens, **({"column": "text"} if isinstance(tokens, pd.DataFrame) else {}))


def test_options_that_do_not_go_together() -> None:
    with pytest.raises(ConfigError, match="clean and token_pattern both split"):
        CorpusConfig(clean=True, token_pattern=r"\w+")
    with pytest.raises(ConfigError, match="clean and tokenizer both split"):
        CorpusConfig(clean=True, tokenizer=str.split)
    with pytest.raises(ConfigError, match="numbers=drop has no effect without clean"):
        CorpusConfig(numbers="drop")


def test_strings_that_are_not_all_strings() -> None:
    with pytest.raises(CorpusError, match="holds both strings and int"):
        read(["a b", 5])


def test_options_are_recorded_with_the_corpus() -> None:
    assert CorpusConfig(clean=True, numbers="zero").describe() == {"clean": True, "numbers": "zero"}
    assert cleaner(CorpusConfig(lowercase=True)) is None


@given(st.lists(st.sampled_from(["<b>", "&eacute;", "Aé'", " 3.", "\n", "<!-- ", "-->", "&#x41;"])))
def test_markup_and_words_together(pieces: list[str]) -> None:
    clean = cleaner(CorpusConfig(clean=True))
    assert clean is not None
    text = "".join([*pieces, "\n"]).encode()
    lines = clean(text).decode().split("\n")
    assert [line.split() for line in lines] == sentences(text)
