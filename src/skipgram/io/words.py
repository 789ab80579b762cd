"""The words of a file as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skipgram.errors import FormatError, UnknownKeyError

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence


def decoded(
    words: Sequence[bytes],
    path: str | os.PathLike[str],
    encoding: str = "utf-8",
    errors: str = "strict",
) -> list[str]:
    """Return the words of a file as text; `encoding` and `errors` are those of bytes.decode.

    Raises:
        FormatError: a word is not in that encoding; the message names the row.
        UnknownKeyError: Python does not know the encoding, or this way to handle errors.
    """
    try:
        # One call decodes all words.
        names = b"\n".join(words).decode(encoding, errors).split("\n") if words else []
    except (UnicodeDecodeError, LookupError):
        names = []
    if len(names) == len(words):
        return names
    # An error, or a word of a binary file that contains a line end: decode them one by one.
    return [_decoded(row, word, path, encoding, errors) for row, word in enumerate(words)]


def _decoded(
    row: int, word: bytes, path: str | os.PathLike[str], encoding: str, errors: str
) -> str:
    try:
        return word.decode(encoding, errors)
    except UnicodeDecodeError as error:
        raise FormatError(
            f"{path}: row {row + 1} has a word that is not {encoding.upper()}, {word!r:.80}; "
            "convert the file to UTF-8, or set unicode_errors to replace or ignore such bytes"
        ) from error
    except LookupError as error:
        raise UnknownKeyError(
            f"{error}; give an encoding that Python knows, such as utf8, "
            "and strict, ignore or replace as unicode_errors"
        ) from error
