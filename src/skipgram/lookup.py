"""Looking up the word that a question means: exact spelling, integers, the corpus's spelling."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard

import numpy as np

from skipgram.config import CorpusConfig
from skipgram.errors import ConfigError, UnknownWordError

if TYPE_CHECKING:
    from skipgram.corpus.tokens import Splitter

Item: TypeAlias = str | int | np.integer[Any]
"""A word, or an integer: the item 42 of a corpus of integers is the word "42"."""

_SPELLING_WORDS = 100_000
"""Similar spellings are searched among this many of the first words."""


_SPELLING = ("lowercase", "clean", "numbers", "nfkc", "whitespace", "token_pattern")
"""The options of a corpus that change how a word is spelled."""


class WordLookup:
    """The rows of words, found by what a user writes.

    Args:
        words: V distinct words.
        reading: how the corpus was read: the options of `CorpusConfig` that differ from their
            defaults.
    """

    def __init__(self, words: Sequence[str], reading: Mapping[str, Any]) -> None:
        self._words = words
        self._reading = reading
        self.rows = dict(zip(words, range(len(words)), strict=True))

    def find(self, item: object) -> int | None:
        """Return the row of a word, or None.

        A word is looked up as it is spelled, then as the corpus would have spelled it: in lower
        case, in Unicode NFKC, cleaned, or what matches the token pattern, if the corpus was read
        that way and makes one token of it.
        """
        if not is_item(item):
            return None
        word = item if isinstance(item, str) else str(item)
        row = self.rows.get(word)
        return self.rows.get(self._as_in_the_corpus(word)) if row is None else row

    def row(self, item: object) -> int:
        """Return the row of a word.

        Raises:
            UnknownWordError: it has none; the error holds similar spellings.
            ConfigError: it is neither a string nor an integer.
        """
        row = self.find(item)
        if row is not None:
            return row
        if not is_item(item):
            remedy = 'word.decode("utf-8")' if isinstance(item, bytes) else "the word itself"
            raise ConfigError(
                f"a word must be a string or an integer, not {type(item).__name__}: {item!r:.80}; "
                f"pass {remedy}"
            )
        if self._is_stop_word(str(item)):
            raise UnknownWordError(str(item), [], is_stop_word=True)
        raise UnknownWordError(str(item), self._similar_spellings(str(item)))

    def _is_stop_word(self, word: str) -> bool:
        spelled = self._as_in_the_corpus
        return spelled(word) in map(spelled, self._reading.get("stopwords", ()))

    def _as_in_the_corpus(self, word: str) -> str:
        """Return the one token that the corpus would have made of a word, or else the word."""
        if not any(map(self._reading.get, _SPELLING)):
            return word
        lower = word.lower()
        if self._reading.get("clean") and lower in self.rows:
            return lower  # without the tables of cleaning, which take 0.2 s to make
        found = self._splitter.split(word)
        return found[0] if len(found) == 1 else word

    @functools.cached_property
    def _splitter(self) -> Splitter:
        from skipgram.corpus.tokens import Splitter, splitter

        options = {name: self._reading[name] for name in _SPELLING if name in self._reading}
        made = splitter(CorpusConfig(**options))
        if not self._reading.get("tokenizer"):
            return made
        # The user's function is not imported here: a word is one token to it.
        normalize = made.normalize or str
        return Splitter(lambda word: [normalize(word)], made.normalize, None)

    def _similar_spellings(self, word: str) -> list[str]:
        if word.lower() in self.rows:
            return [word.lower()]
        # difflib takes seconds over 100,000 words, so it sees only those of similar length and
        # letters.
        letters, slack = set(word), 2 + len(word) // 8
        similar = [
            other
            for other in self._words[:_SPELLING_WORDS]
            if abs(len(other) - len(word)) <= slack
            and len(letters.symmetric_difference(other)) <= slack
        ]
        return get_close_matches(word, similar, n=3)


def is_item(value: object) -> TypeGuard[Item]:
    """Whether a value names a word: a string or an integer, but not a bool."""
    return isinstance(value, str | int | np.integer) and not isinstance(value, bool)
