"""The table of Unicode that the kernels of cleaning and of sentences read."""

from __future__ import annotations

import functools
import unicodedata
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from skipgram.kernels import clean

_ASSIGNED = [*range(0x40000), *range(0xE0000, 0xE0200)]
"""The code points that have properties; the others are unassigned or private."""

_KINDS = {"L": clean.LETTER, "N": clean.DIGIT, "M": clean.MARK}

_SPECIAL = {
    "'": (clean.JOINER, "'"),
    "\u2019": (clean.JOINER, "'"),  # as word processors write an apostrophe
    "-": (clean.JOINER, "-"),
    "\u2010": (clean.JOINER, "-"),  # hyphen
    "\u2011": (clean.JOINER, "-"),  # hyphen at which no line is broken
    "_": (clean.JOINER, "_"),
    "\u00b7": (clean.JOINER, "\u00b7"),  # in Catalan words
    "\u200c": (clean.JOINER, "\u200c"),  # in Persian words
    "\u200d": (clean.JOINER, "\u200d"),  # in words of India
    ".": (clean.POINT, "."),
    ",": (clean.POINT, ","),
    "\u066b": (clean.POINT, "\u066b"),  # between Arabic digits
    "\u066c": (clean.POINT, "\u066c"),
    "\u200b": (clean.SEPARATOR, " "),  # between the words of Thai or Khmer
    "\n": (clean.LINE_END, "\n"),
}
"""Kinds that the category does not tell, and the characters that are written."""


class Characters(NamedTuple):
    """Table of Unicode, see `clean_words`."""

    pages: NDArray[np.uint16]
    entries: NDArray[np.uint32]


@functools.cache
def characters() -> Characters:
    """Return the table of Unicode; it takes 0.2 s to make."""
    table = np.zeros(0x110000, np.uint32)
    table[_ASSIGNED] = list(map(_entry, map(chr, _ASSIGNED)))
    for character, (kind, written) in _SPECIAL.items():
        table[ord(character)] = kind << clean.KIND_SHIFT | _difference(character, written)
    rows = table.reshape(-1, 256)
    ids: dict[bytes, int] = {}
    pages = np.array([ids.setdefault(row.tobytes(), len(ids)) for row in rows], np.uint16)
    return Characters(pages, np.frombuffer(b"".join(ids), np.uint32))


def _entry(character: str) -> int:
    category = unicodedata.category(character)
    kind = clean.IGNORED if category == "Cf" else _KINDS.get(category[0], clean.SEPARATOR)
    # Only the capital I with a dot becomes two code points, i and a dot. The dot is left out.
    return kind << clean.KIND_SHIFT | _difference(character, character.lower()[0])


def _difference(character: str, written: str) -> int:
    return (ord(written) - ord(character)) & clean.CODE_MASK
