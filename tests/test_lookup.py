from __future__ import annotations

from difflib import get_close_matches

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skipgram.config import CorpusConfig
from skipgram.corpus.tokens import splitter
from skipgram.embeddings import Embeddings
from skipgram.errors import ConfigError, UnknownWordError
from skipgram.lookup import WordLookup, is_item


def test_an_integer_is_the_item_of_that_number_and_not_a_row() -> None:
    lookup = WordLookup(["7", "42", "-3", "word"], {})
    assert lookup.row(42) == lookup.row(np.int64(42)) == lookup.row("42") == 1
    assert lookup.row(np.uint8(7)) == 0
    assert lookup.row(-3) == 2
    assert lookup.find(1) is None
    with pytest.raises(UnknownWordError, match="no vector for the word '1'") as caught:
        lookup.row(1)
    assert caught.value.word == "1"


@pytest.mark.parametrize("item", [True, np.True_, 4.0, None, b"word", ["word"], np.array(["word"])])
def test_other_values_are_no_words(item: object) -> None:
    lookup = WordLookup(["True", "1", "4", "word", "4.0"], {})
    assert not is_item(item)
    assert lookup.find(item) is None
    with pytest.raises(ConfigError, match="must be a string or an integer"):
        lookup.row(item)


@pytest.mark.parametrize(
    ("reading", "word", "row"),
    [
        ({"lowercase": True}, "License", 0),
        ({"lowercase": True}, "LICENSE", 2),  # the exact spelling wins
        ({"lowercase": True}, "\N{FULLWIDTH LATIN SMALL LETTER A}", None),
        ({"nfkc": True}, "\N{FULLWIDTH LATIN SMALL LETTER A}", 1),
        ({"nfkc": True}, "\N{FULLWIDTH LATIN CAPITAL LETTER A}", None),
        ({"nfkc": True, "lowercase": True}, "\N{FULLWIDTH LATIN CAPITAL LETTER A}", 1),
        ({"nfkc": False, "lowercase": False}, "License", None),
        ({}, "License", None),
    ],
)
def test_a_word_is_looked_up_as_the_corpus_would_have_spelled_it(
    reading: dict[str, bool], word: str, row: int | None
) -> None:
    assert WordLookup(["license", "a", "LICENSE"], reading).find(word) == row


@pytest.mark.parametrize("lowercase", [False, True])
def test_a_stop_word_is_named_as_one(lowercase: bool) -> None:
    lookup = WordLookup(["then"], {"stopwords": ["The"], "lowercase": lowercase})
    with pytest.raises(UnknownWordError, match="'The'; it is a stop word of this model"):
        lookup.row("The")
    with pytest.raises(UnknownWordError, match="stop word" if lowercase else "spellings: then"):
        lookup.row("the")


CLEAN_WORDS = ["don't", "0000", "license", "\u03bf\u03b4\u03bf\u03c3", "covid-00"]


@pytest.mark.parametrize(
    ("word", "row"),
    [
        ("don\u2019t", 0),
        ("1999", 1),
        ("License,", 2),
        ("<b>License</b>", 2),
        ("\u039f\u0394\u039f\u03a3", 3),
        ("COVID-19", 4),
        ("license 1999", None),  # two tokens
        ("...", None),
        ("", None),
    ],
)
def test_a_word_is_cleaned_as_the_corpus_was(word: str, row: int | None) -> None:
    lookup = WordLookup(CLEAN_WORDS, {"clean": True, "numbers": "zero"})
    assert lookup.find(word) == row


@given(st.text(st.sampled_from("aZ\u03a3\u03c2\u0130'\u2019-.,7 <b>&;"), max_size=6))
def test_a_word_has_the_row_that_a_document_of_it_has(word: str) -> None:
    reading = CorpusConfig(clean=True, numbers="zero", nfkc=True)
    tokens = splitter(reading).split(word)
    found = WordLookup(["other", *dict.fromkeys(tokens)], reading.describe()).find(word)
    assert found == (1 if len(tokens) == 1 else None)


def test_a_word_is_looked_up_by_the_pattern_of_the_tokens() -> None:
    lookup = WordLookup(["license", "new york"], {"token_pattern": "[^,.]+", "lowercase": True})
    assert [lookup.find(word) for word in ("License,", "New York", "a,b")] == [0, 1, None]


def test_a_tokenizer_is_not_imported() -> None:
    lookup = WordLookup(["new york"], {"tokenizer": "nowhere:split", "lowercase": True})
    assert lookup.find("New York") == 0
    assert WordLookup(["a"], {"tokenizer": "nowhere:split"}).find("A") is None


def test_few_words_of_a_large_vocabulary_are_compared_letter_by_letter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(0)
    words = {"".join(rng.choice(list("etaoinshrdlu"), 3 + row % 9)) for row in range(70_000)}
    embeddings = Embeddings([*words, "international"], np.zeros((len(words) + 1, 1)))
    compared: list[int] = []

    def count(word: str, words: list[str], n: int) -> list[str]:
        compared.append(len(words))
        return get_close_matches(word, words, n=n)

    monkeypatch.setattr("skipgram.lookup.get_close_matches", count)
    with pytest.raises(UnknownWordError, match="international"):
        embeddings["internatinal"]
    assert 0 < compared[0] < 5000  # difflib takes seconds for all 70,000
