"""Line ends of a text moved to the ends of its sentences.

A run of sentence ends (`.`, `!`, `?` and those of other scripts) and of closing quotes and brackets
ends a sentence if white space follows, or if it has a full-width mark, which needs none. A blank
line ends one too. A single full stop does not after an initial or an abbreviation.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy import uint64, uintp

from skipgram.kernels.bits import eight_bytes, put_eight_bytes
from skipgram.kernels.cache import compiled
from skipgram.kernels.clean import CODE_MASK, DIGIT, LETTER, MARK, entry_of, kind_of
from skipgram.kernels.parts import inlined
from skipgram.kernels.scan import other_space
from skipgram.kernels.utf8 import read_character

# Kinds of bytes, see `split_sentences`.
ORDINARY = 0
MAY_END = 1
SPACE = 2
LINE_END = 3

# The same byte eight times.
_LOW, _HIGH = uint64(0x7F7F7F7F7F7F7F7F), uint64(0x8080808080808080)
_SPACES = uint64(0x2020202020202020)

FULL_STOP = 0x2E
STOPS = (FULL_STOP, 0x21, 0x3F, 0x061F, 0x06D4, 0x0964, 0x0965)
"""Sentence ends that need white space after them: . ! ? and those of Arabic, Urdu and Hindi."""

WIDE_STOPS = (0x3002, 0xFF01, 0xFF1F, 0xFF61)
"""Those that need none: the ideographic full stop, its half-width form, and the full-width ! ?"""

CLOSERS = tuple(
    map(ord, "\"')]}\u00bb\u201c\u201d\u2019\u203a\u300d\u300f\u3009\u300b\u3011\uff09")
)
"""Quotes and brackets that may follow; the left double quote closes a quotation in German."""


class Tables(NamedTuple):
    """What the rules look up.

    Attributes:
        kinds: (256,) uint8, the kind of each byte; `MAY_END` is the first byte of a sentence end.
        pages, entries: see `clean_words`.
        abbreviations: (a,) uint64, each of at most eight ASCII letters, the first one lowest.
    """

    kinds: Any
    pages: Any
    entries: Any
    abbreviations: Any


@inlined
def _character_before(text: Any, at: Any) -> Any:
    """Return the code point before text[at]; -1 if it is malformed or there is none."""
    begin = at - 1
    while begin > 0 and at - begin < 4 and 0x80 <= text[uintp(begin)] < 0xC0:
        begin -= 1
    if begin < 0:
        return np.int64(-1)
    found = read_character(text, begin)
    return found.code if begin + found.size == at else np.int64(-1)


@inlined
def _bytes_of(code: Any) -> Any:
    if code < 0x80:
        return 1
    if code < 0x800:
        return 2
    return 3 if code < 0x10000 else 4


@inlined
def _in_word(code: Any, tables: Any) -> Any:
    return kind_of(entry_of(code, tables.pages, tables.entries)) in (LETTER, DIGIT, MARK)


@inlined
def _is_initial(text: Any, at: Any, tables: Any) -> Any:
    """Whether one letter is before text[at], and is a capital or follows a full stop."""
    letter = _character_before(text, at)
    entry = entry_of(letter, tables.pages, tables.entries)
    if kind_of(entry) != LETTER:
        return False
    before = _character_before(text, at - _bytes_of(letter))
    is_capital = entry & CODE_MASK != 0  # it differs from the small letter
    return (is_capital or before == FULL_STOP) and not _in_word(before, tables)


@inlined
def _is_abbreviated(text: Any, at: Any, tables: Any) -> Any:
    """Whether the letters before text[at] are an abbreviation."""
    letters, begin = uint64(0), at
    while begin > 0 and at - begin < 8 and 97 <= (text[uintp(begin - 1)] | 32) <= 122:
        begin -= 1
        letters = (letters << uint64(8)) | uint64(text[uintp(begin)])
    for each in tables.abbreviations:
        if letters == each:
            return not _in_word(_character_before(text, begin), tables)
    return False


@inlined
def _end_of_run(text: Any, at: Any) -> Any:
    """Return where the run of sentence ends and closers at text[at] ends, and if it has a wide one.

    It ends at `at` if text[at] is no sentence end.
    """
    end, is_wide = at, False
    while True:
        character = read_character(text, end)
        if character.code in WIDE_STOPS:
            is_wide = True
        elif character.code not in STOPS and (end == at or character.code not in CLOSERS):
            return end, is_wide
        end += character.size


@inlined
def _ends_sentence(text: Any, at: Any, end: Any, needs_space: Any, tables: Any) -> Any:
    """Whether the run text[at:end] ends a sentence.

    `needs_space` says whether it does so only before a tab, a space or a line end.
    """
    if end == at:
        return False
    if needs_space and tables.kinds[text[uintp(end)]] < SPACE:
        return False
    if end > at + 1 or text[uintp(at)] != FULL_STOP:
        return True
    return not (_is_initial(text, at, tables) or _is_abbreviated(text, at, tables))


@inlined
def _are_plain(eight: Any) -> Any:
    """Whether eight bytes are all ASCII letters and spaces, or others from 0x40 to 0x7F."""
    others = eight ^ _SPACES  # 0 for a space; a byte from 0x40 on keeps its bit 0x40
    is_space = ~((others & _LOW) + _LOW) & _HIGH
    from_64 = (others << uint64(1)) & _HIGH
    return ((is_space | from_64) & ~eight) & _HIGH == _HIGH


@inlined
def _copy_plain(text: Any, at: Any, out: Any, written: Any, is_blank: Any) -> Any:
    """Copy letters and spaces, eight at a time, as far as there are eight."""
    while at + 8 <= len(text):
        eight = eight_bytes(text, at)
        if not _are_plain(eight):
            break
        put_eight_bytes(out, written, eight)
        at, written = at + 8, written + 8
        is_blank = is_blank and eight == _SPACES
    return at, written, is_blank


@compiled()
def split_sentences(text: Any, out: Any, tables: Any, by_unicode: Any) -> Any:
    """Write a text with a line end after each sentence, and spaces for its other line ends.

    Args:
        text: (n,) uint8, ends with white space; it begins where a line begins.
        out: (4 n / 3 + 1,) uint8: a line end may be added after a mark of three bytes.
        tables: see `Tables`.
        by_unicode: as for `scan`.

    Returns:
        The number of bytes written.
    """
    at, written = 0, 0
    is_blank = True
    while at < len(text):
        byte = text[uintp(at)]
        kind = tables.kinds[byte]
        if by_unicode and is_blank and kind == ORDINARY:
            space = other_space(text, at)
            for k in range(space):
                out[uintp(written + k)] = text[uintp(at + k)]
            at, written = at + space, written + space
            if space > 0:
                continue
        if kind == LINE_END:
            byte = np.uint8(10) if is_blank else np.uint8(32)
        out[uintp(written)] = byte
        at, written = at + 1, written + 1
        is_blank = kind == LINE_END or (is_blank and kind == SPACE)
        if kind == SPACE:  # a word may begin; trying at each byte would slow down other alphabets
            at, written, is_blank = _copy_plain(text, at, out, written, is_blank)
        if kind != MAY_END:
            continue
        end, is_wide = _end_of_run(text, at - 1)
        space = other_space(text, end) if by_unicode else 0
        ends = _ends_sentence(text, at - 1, end, not is_wide and space == 0, tables)
        while at < end:
            out[uintp(written)] = text[uintp(at)]
            at, written = at + 1, written + 1
        if ends:
            out[uintp(written)] = np.uint8(10)
            written += 1
            kind = tables.kinds[text[uintp(at)]]
            is_blank = kind == LINE_END
            at += space + (kind >= SPACE)  # the line end replaces the white space
    return written
