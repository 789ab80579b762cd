"""Text without markup to words: letters in lower case, with inner apostrophes and hyphens.

A word begins with a letter or a digit and goes on with letters, digits and combining marks. A
joiner (apostrophe, hyphen, underscore) stays between two of these, a decimal point or comma between
two digits. All else separates words. What is what comes from a table of Unicode; see
`corpus/characters.py`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy import uintp

from skipgram.kernels.cache import compiled
from skipgram.kernels.parts import inlined
from skipgram.kernels.utf8 import read_character, write_character

# Kinds of characters; a word that does not go on is `SEPARATOR`.
SEPARATOR = 0
LETTER = 1
DIGIT = 2
MARK = 3
JOINER = 4
POINT = 5
IGNORED = 6
LINE_END = 7

KIND_SHIFT = 24
CODE_MASK = (1 << 21) - 1
"""An entry of the table: what to add to a code point to write it, modulo 2^21, and above it the
kind. With differences, most pages of the table are the same."""

KEEP = 0
DROP = 1
ZERO = 2
"""What becomes of numbers."""


class Word(NamedTuple):
    """The word that is being written.

    `begin` and `end` are its place in the output, `kept` its end without a joiner at the end,
    `last` the kind of its last character and `letters` whether it has any.
    """

    begin: Any
    end: Any
    kept: Any
    last: Any
    letters: Any


@inlined
def entry_of(code: Any, pages: Any, entries: Any) -> Any:
    """Return what the table says of a code point; -1, which is none, is a separator."""
    if code < 0:
        return 0
    page = np.int64(pages[uintp(code >> 8)])
    return np.int64(entries[uintp((page << 8) | (code & 255))])


@inlined
def kind_of(entry: Any) -> Any:
    """Return the kind of a character with this entry."""
    return (entry >> KIND_SHIFT) & 7


@inlined
def _end_word(out: Any, word: Any, numbers: Any) -> Any:
    """End a word, if there is one, with a space; a number may be dropped."""
    if word.last == SEPARATOR:
        return word
    end = word.kept if word.last == JOINER or word.last == POINT else word.end
    if numbers == DROP and not word.letters:
        end = word.begin
    else:
        out[uintp(end)] = np.uint8(32)
        end += 1
    return Word(end, end, end, SEPARATOR, False)


@inlined
def _goes_on(word: Any, kind: Any) -> Any:
    """Whether a character of this kind belongs to the word."""
    in_word = word.last == LETTER or word.last == DIGIT
    if kind in (JOINER, MARK):
        return in_word
    if kind == POINT:
        return word.last == DIGIT
    if kind == LETTER:
        return word.last != POINT and word.last != SEPARATOR
    return kind == DIGIT and word.last != SEPARATOR


@inlined
def _put(out: Any, word: Any, code: Any, entry: Any, numbers: Any) -> Any:
    """Add a character to the word, or end the word and begin another."""
    kind = kind_of(entry)
    if kind == IGNORED:
        return word
    if not _goes_on(word, kind):
        word = _end_word(out, word, numbers)
        if kind != LETTER and kind != DIGIT:
            return word
    code = (code + entry) & CODE_MASK
    if numbers == ZERO and kind == DIGIT:
        code = 48
    end = write_character(out, word.end, code)
    last = LETTER if kind == MARK else kind
    return Word(word.begin, end, word.end, last, word.letters or kind == LETTER)


@inlined
def _put_malformed(out: Any, word: Any, byte: Any, numbers: Any) -> Any:
    """Add a byte that is not UTF-8 to the word as a letter, so that the scan drops the word."""
    if word.last == POINT:
        word = _end_word(out, word, numbers)
    out[uintp(word.end)] = byte
    return Word(word.begin, word.end + 1, word.end + 1, LETTER, True)


@inlined
def _put_letters(text: Any, at: Any, out: Any, word: Any, numbers: Any) -> Any:
    """Add the ASCII letters from text[at] on, if any, and return where they end.

    This is much faster than one character at a time.
    """
    end = at
    while end < len(text) and 97 <= (text[uintp(end)] | 32) <= 122:
        end += 1
    if end == at:
        return word, at
    if word.last == POINT:
        word = _end_word(out, word, numbers)
    for k in range(end - at):
        out[uintp(word.end + k)] = text[uintp(at + k)] | np.uint8(32)
    written = word.end + end - at
    return Word(word.begin, written, written, LETTER, True), end


@inlined
def _end_line(out: Any, word: Any, numbers: Any) -> Any:
    word = _end_word(out, word, numbers)
    end = word.end
    if end > 0 and out[uintp(end - 1)] == 32:
        end -= 1
    out[uintp(end)] = np.uint8(10)
    return Word(end + 1, end + 1, end + 1, SEPARATOR, False)


@compiled()
def clean_words(text: Any, out: Any, pages: Any, entries: Any, numbers: Any) -> Any:
    """Write the words of a text, a space after each, and its line ends.

    Args:
        text: (n,) uint8, ends with white space.
        out: (3 n / 2 + 1,) uint8: a letter of two bytes may take three in lower case.
        pages: (0x1100,) uint16, the page of `entries` of each 256 code points; the first is 0.
        entries: (256 pages,) uint32, see `CODE_MASK`.
        numbers: `KEEP`, `DROP` or `ZERO`.

    Returns:
        The number of bytes written.
    """
    at, size = 0, len(text)
    word = Word(0, 0, 0, SEPARATOR, False)
    while at < size:
        word, at = _put_letters(text, at, out, word, numbers)
        character = read_character(text, at)
        if character.code < 0:
            word = _put_malformed(out, word, text[uintp(at)], numbers)
            at += 1
            continue
        at += character.size
        entry = entry_of(character.code, pages, entries)
        if kind_of(entry) == LINE_END:
            word = _end_line(out, word, numbers)
        else:
            word = _put(out, word, character.code, entry, numbers)
    return _end_word(out, word, numbers).end
