"""Tokens that are not strings: spelled as words for the scan, which knows only strings.

gensim takes any hashable objects as tokens. Two of them are the same word if they are the same key
of a dict: 1, 1.0 and True are, 1 and "1" are not.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from skipgram.keys import Key
from skipgram.vocabulary import Vocabulary

_MARK = "\n"
"""Begins the spelling of a token that is no string. No word of a text holds a line end."""


class Tokens:
    """The spellings of the tokens of a corpus, and the tokens of these spellings.

    A string is spelled as it is; any other token by its number among those that have been spelled,
    so that tokens that occur equally often are sorted by their first occurrence.
    """

    def __init__(self) -> None:
        self._spellings: dict[Hashable, str] = {}
        self._tokens: dict[str, Hashable] = {}

    def spell(self, tokens: Sequence[Hashable]) -> list[str]:
        """Return the words that stand for tokens."""
        return [
            token if type(token) is str and token[:1] != _MARK else self._spelling(token)
            for token in tokens
        ]

    def spelled(self, words: Vocabulary) -> Vocabulary:
        """Return a vocabulary of tokens with their spellings as its words."""
        return Vocabulary(self.spell(words.words), words.counts)

    def read(self, words: Sequence[str]) -> list[Key]:
        """Return the tokens that words stand for: of equal tokens, the one that was first."""
        return [self._tokens.get(word, word) for word in words] if self._tokens else list(words)

    def _spelling(self, token: Hashable) -> str:
        """Return the spelling of a token that is not plainly a string; number it if it is new."""
        found = self._spellings.get(token)
        if found is None:
            text = str.__str__(token) if isinstance(token, str) else ""
            is_text = text == token and hash(text) == hash(token) and text[:1] != _MARK
            # Fifteen digits: the order of the vocabulary compares the first 16 bytes fastest.
            found = text if is_text else f"{_MARK}{len(self._spellings):015d}"
            self._spellings[token] = found
            self._tokens[found] = token
        return found
