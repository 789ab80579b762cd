"""The option `stopwords`: words to leave out, from a file or from any iterable of words."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from skipgram.encodings import text_of
from skipgram.regular_files import read_whole
from skipgram.wording import some


class StopWords(tuple[str, ...]):
    """Distinct words, sorted.

    Attributes:
        source: the path of the file that they are from; "" if they are from an iterable.
    """

    source: str = ""

    def __repr__(self) -> str:
        return f"StopWords({some(self)})"


def as_stop_words(value: object) -> StopWords | None:
    """Return the words of a file or of an iterable; None for None.

    Raises:
        ValueError: says what is wrong with the file or the words, and what to do.
    """
    if value is None or isinstance(value, StopWords):
        return value
    if isinstance(value, str | os.PathLike):
        return _read(os.fspath(value))
    if isinstance(value, bytes) or not isinstance(value, Iterable):
        raise ValueError("it must be a file with one word per line, or a list of words")
    return _of(list(value))


def _read(path: str) -> StopWords:
    """Return the words of a file: one per line, blank lines skipped."""
    try:
        text = text_of(read_whole(Path(path).expanduser()))
    except UnicodeDecodeError:
        raise ValueError("the file is not UTF-8; convert it to UTF-8") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ValueError(
            f"the file cannot be read: {reason}; name a text file with one word per line"
        ) from None
    lines = (line.lstrip("\ufeff").strip() for line in text.splitlines())
    words = _of(list(filter(None, lines)))
    if not words:
        raise ValueError("the file is empty; name a text file with one word per line")
    words.source = path
    return words


def _of(words: list[object]) -> StopWords:
    for word in words:
        if not isinstance(word, str):
            raise ValueError(f"it holds {word!r:.60}; every stop word must be a string")
        if len(word.split()) != 1 or word.strip() != word:
            raise ValueError(
                f"it holds {word!r:.60}; every stop word must be one word, without white space"
            )
    return StopWords(sorted(set(map(str, words))))
