from __future__ import annotations

from difflib import get_close_matches

import numpy as np
import pytest

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
