"""The parameters of a request, checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skipgram.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from skipgram.embeddings import Which

MOST_CHARACTERS = 2_000
"""Upper bound on the length of a text that the page asks about."""

MOST_WORDS = 40
"""Words of a question: all pairs of them may be compared."""


class Asked:
    """The parameters of a request by name, as text.

    Args:
        given: the parameters of the query string.
    """

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = given

    def text(self, name: str) -> str:
        """Return a text that is not empty.

        Raises:
            ConfigError: it is missing, empty or too long.
        """
        text = self._given.get(name, "").strip()
        if not text:
            raise ConfigError(f"{name} is empty; type a word")
        if len(text) > MOST_CHARACTERS:
            raise ConfigError(
                f"{name} has {len(text):,} characters; it must have at most {MOST_CHARACTERS:,}"
            )
        return text

    def words(self, name: str) -> list[str]:
        """Return the words of a text, which may be empty.

        Raises:
            ConfigError: there are too many.
        """
        words = self.text(name).split() if self._given.get(name, "").strip() else []
        if len(words) > MOST_WORDS:
            raise ConfigError(f"{name} has {len(words)} words; it must have at most {MOST_WORDS}")
        return words

    def number(self, name: str, default: int, least: int, most: int) -> int:
        """Return a whole number.

        Raises:
            ConfigError: it is none, or out of its range.
        """
        text = self._given.get(name, str(default))
        if not (text.isascii() and text.isdecimal() and len(text) < 10):
            raise ConfigError(f"{name} is {text!r:.40}; it must be a whole number")
        number = int(text)
        if not least <= number <= most:
            raise ConfigError(f"{name} is {number}; it must be from {least} to {most}")
        return number

    def which(self) -> Which:
        """Return which vectors are asked for.

        Raises:
            ConfigError: there are no such vectors.
        """
        match self._given.get("vectors", "input"):
            case "input":
                return "input"
            case "output":
                return "output"
            case "average":
                return "average"
            case other:
                raise ConfigError(
                    f"vectors is {other!r:.40}; it must be one of input, output, average"
                )
