"""What to do with bad content of a file of vectors: the options of `skipgram.load`."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal, TypeAlias, get_args

from skipgram.errors import ConfigError
from skipgram.wording import describe_choice

Duplicates: TypeAlias = Literal["first", "error"]
UnicodeErrors: TypeAlias = Literal["strict", "replace", "ignore"]

_CHOICES = {"duplicates": get_args(Duplicates), "unicode_errors": get_args(UnicodeErrors)}


@dataclass(frozen=True)
class Loading:
    """How a file of vectors is read.

    Attributes:
        duplicates: What to do if a file of vectors repeats a word: keep its first row, with a
            warning (first), or reject the file (error).
        unicode_errors: What to do with words that are not UTF-8 in a file of vectors: reject the
            file (strict), replace the bytes with U+FFFD (replace), or leave them out (ignore).
    """

    duplicates: Duplicates = "first"
    unicode_errors: UnicodeErrors = "strict"

    @property
    def given(self) -> list[str]:
        """The names of the options that are not at their defaults."""
        return [each.name for each in fields(self) if getattr(self, each.name) != each.default]

    def __post_init__(self) -> None:
        """Raise ConfigError if a value is not one of those allowed."""
        for field in fields(self):
            value = getattr(self, field.name)
            if value not in _CHOICES[field.name]:
                raise ConfigError(describe_choice(field.name, str(value), _CHOICES[field.name]))


USUAL = Loading()
"""The defaults."""
