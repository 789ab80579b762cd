"""The option clean, from files, tables and strings to words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from cleaned import sentences
from corpora import sentences_of
from hypothesis import given
from hypothesis import strategies as st

from skipgram.config import CorpusConfig
from skipgram.corpus.build import encode_corpus
from skipgram.corpus.cleaning import cleaner
from skipgram.corpus.sources import Reading
from skipgram.errors import ConfigError, CorpusError

REVIEWS = [
    "<p>Great &amp; <b>GREAT</b> film.<br /><br />I don't regret it!</p>",
    "Caf\u00e9 Gr\u00f6\u00dfe, see https://example.org/a?b=1 &#8212; 9/10 a < b",
]
CLEAN = [
    ["great", "great", "film", "i", "don't", "regret", "it"],
    ["caf\u00e9", "gr\u00f6\u00dfe", "see", "9", "10", "a", "b"],
]


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
