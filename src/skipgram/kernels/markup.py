"""HTML tags, entities and URLs taken out of a block of text.

A tag is `<`, a letter, `/` and a letter, `!` or `?`, and what follows up to the next `>` outside
quotes, within `LONGEST_TAG` bytes and without another `<`. It goes over a line end only inside
quotes, or if the next line begins with an attribute (`name=`), `/`, `?` or `>`; after `<!`, also
with a quote. Prose seldom does. Any other `<` is text: "a < b" stays.

A comment ends with `-->`, within `LONGEST_COMMENT` bytes. What `<script>` and `<style>` enclose is
removed if they are closed within `LONGEST_CONTENT` bytes. Each of these becomes a space, and the
line ends in it, because a line end ends a sentence. None of them goes over a `ROW_END`, which is
between the rows of a table: what one row holds must not change another.

An entity is `&name;` or `&#number;`; what names nothing is text. A URL begins with http://,
https:// or www. and ends before white space, `<`, `>`, `"` or a byte that is not ASCII.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import uint64, uintp

from skipgram.kernels.cache import compiled
from skipgram.kernels.parts import inlined
from skipgram.kernels.utf8 import write_character

LONGEST_TAG = 2000
"""The most bytes of a tag. Most tags are far shorter, and a stray `<` costs no more than this."""

LONGEST_COMMENT = 1 << 16
LONGEST_CONTENT = 1 << 20
"""The most bytes between the ends of a comment, and of a script or a style."""

ROW_END = 0x1E
"""ASCII's record separator. It is no part of a word."""

LONGEST_NAME = 31
"""Letters of the longest name of an entity: CounterClockwiseContourIntegral."""

FNV_START, FNV_FACTOR = 0xCBF29CE484222325, 0x100000001B3
"""The 64-bit FNV-1a hash, by which the names of entities are found."""

_LESS, _GREATER = 0x3C, 0x3E
_AMPERSAND, _SEMICOLON = 0x26, 0x3B
_HASH = 0x23
_SLASH, _EQUALS = 0x2F, 0x3D
_QUESTION = 0x3F
_COMMENT, _COMMENT_END = tuple(b"<!--"), tuple(b"-->")
_QUOTES = (0x22, 0x27)
_SCRIPT, _STYLE = tuple(b"<script"), tuple(b"<style")
_SCRIPT_END, _STYLE_END = tuple(b"</script"), tuple(b"</style")
_HTTP, _HTTPS = tuple(b"http://"), tuple(b"https://")
_WWW = tuple(b"www.")


@inlined
def _is_letter(byte: Any) -> Any:
    return 97 <= (byte | 32) <= 122


@inlined
def _is_digit(byte: Any) -> Any:
    return 48 <= byte <= 57


@inlined
def _is_space(byte: Any) -> Any:
    return byte == 32 or 9 <= byte <= 13


@inlined
def _matches(text: Any, at: Any, letters: Any) -> Any:
    """Whether the text at a place is `letters`, which are lower case, in any case."""
    if at + len(letters) > len(text):
        return False
    for k in range(len(letters)):
        byte = text[uintp(at + k)]
        if (byte | 32 if 65 <= byte <= 90 else byte) != letters[k]:
            return False
    return True


@inlined
def _find(text: Any, at: Any, letters: Any, longest: Any, searched: Any, kind: Any) -> Any:
    """Return where `letters` begin in a row, within `longest` bytes of a place, or -1.

    `searched[kind]` is the place up to which these letters are known not to begin. Without it, many
    beginnings that have no end would take time quadratic in the text.
    """
    limit = min(at + longest, len(text))
    at = max(at, searched[kind])
    while at < limit and text[uintp(at)] != ROW_END and not _matches(text, at, letters):
        at += 1
    searched[kind] = at
    return at if at < limit and text[uintp(at)] != ROW_END else -1


@inlined
def _opens_tag(text: Any, at: Any) -> Any:
    """Whether the `<` at text[at] may open a tag."""
    first, second = text[uintp(at + 1)], text[uintp(min(at + 2, len(text) - 1))]
    if first == _SLASH:
        return _is_letter(second)
    return _is_letter(first) or first == 0x21 or first == _QUESTION  # "!" or "?"


@inlined
def _goes_on(text: Any, at: Any, in_declaration: Any) -> Any:
    """Whether a line that begins with text[at], after white space, may go on with a tag."""
    first = text[uintp(at)]
    if first in (_GREATER, _SLASH, _QUESTION):
        return True
    if first in _QUOTES:
        return in_declaration
    end = at
    while end < len(text):
        byte = text[uintp(end)]
        if byte == _EQUALS:
            return end > at
        if _is_space(byte) or byte in _QUOTES or byte in (_LESS, _GREATER, _SLASH):
            return False
        end += 1
    return False


@inlined
def _tag_end(text: Any, at: Any) -> Any:
    """Return where the tag that opens at text[at] ends, `at` if none does, or -1.

    -1 is for a tag that is open where the text ends.
    """
    if not _opens_tag(text, at):
        return at
    limit = min(at + LONGEST_TAG, len(text))
    quote = np.uint8(0)
    new_line = False
    for end in range(at + 2, limit):
        byte = text[uintp(end)]
        if byte == ROW_END:
            return at
        if quote:
            quote = np.uint8(0) if byte == quote else quote
        elif new_line and not _is_space(byte) and not _goes_on(text, end, text[at + 1] == 0x21):
            return at
        elif byte == _GREATER:
            return end + 1
        elif byte == _LESS:
            return at
        elif byte in _QUOTES and text[uintp(end - 1)] == _EQUALS:
            quote = byte
        new_line = _is_space(byte) and (new_line or byte == 10 or byte == 13)
    return at if limit == at + LONGEST_TAG else -1


@inlined
def _is_element(text: Any, at: Any, name: Any) -> Any:
    """Whether the tag at text[at] has this name, and not a longer one."""
    if not _matches(text, at, name):
        return False
    after = text[uintp(at + len(name))]
    return _is_space(after) or after in (_SLASH, _GREATER)


@inlined
def _entity(text: Any, at: Any, names: Any, codes: Any) -> Any:
    """Return (code point, end) of the entity at text[at]; the end is `at` if there is none."""
    if text[uintp(at + 1)] == _HASH:
        return _number(text, at, codes)
    hashed, end = uint64(FNV_START), at + 1
    while end < len(text) and (_is_letter(text[uintp(end)]) or _is_digit(text[uintp(end)])):
        hashed = (hashed ^ uint64(text[uintp(end)])) * uint64(FNV_FACTOR)
        end += 1
        if end - at > LONGEST_NAME + 1:
            return 0, at
    if end == len(text) or text[uintp(end)] != _SEMICOLON or end == at + 1:
        return 0, at
    slot = hashed & uint64(len(names) - 1)
    while names[slot]:
        if names[slot] == hashed:
            return np.int64(codes[slot + uint64(32)]), end + 1
        slot = (slot + uint64(1)) & uint64(len(names) - 1)
    return 0, at


@inlined
def _number(text: Any, at: Any, codes: Any) -> Any:
    """Return (code point, end) of &#number; or &#xnumber;, of at most seven digits."""
    end = at + 2
    base = 10
    if text[uintp(min(end, len(text) - 1))] | 32 == 0x78:  # "x"
        base, end = 16, end + 1
    first = end
    code = np.int64(0)
    while end < len(text) and end - first < 7:
        byte = np.int64(text[uintp(end)])
        if _is_digit(byte):
            digit = byte - 48
        elif base == 16 and 97 <= (byte | 32) <= 102:
            digit = (byte | 32) - 87
        else:
            break
        code, end = code * base + digit, end + 1
    if end == len(text) or end == first or text[uintp(end)] != _SEMICOLON:
        return 0, at
    if code < 32 or code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        code = np.int64(32)
    return np.int64(codes[code - 0x80]) if 0x80 <= code < 0xA0 else code, end + 1


@inlined
def _url_end(text: Any, at: Any) -> Any:
    """Return where the URL at text[at] ends, or `at` if there is none."""
    before = text[uintp(at - 1)] if at else np.uint8(32)
    if _is_letter(before) or _is_digit(before) or before >= 0x80:
        return at
    if _matches(text, at, _HTTP) or _matches(text, at, _HTTPS) or _matches(text, at, _WWW):
        while at < len(text):
            byte = text[uintp(at)]
            if _is_space(byte) or byte in (_LESS, _GREATER, 0x22, ROW_END) or byte >= 0x80:
                break
            at += 1
    return at


@inlined
def _blank(text: Any, at: Any, end: Any, out: Any, written: Any) -> Any:
    """Write a space and the line ends of text[at:end]; return where the next byte belongs."""
    out[uintp(written)] = np.uint8(32)
    written += 1
    for k in range(at, end):
        if text[uintp(k)] == 10:
            out[uintp(written)] = np.uint8(10)
            written += 1
    return written


@inlined
def _comment_end(text: Any, at: Any, searched: Any) -> Any:
    """Return (end, whether it is open where the text ends), see `_markup_end`."""
    found = _find(text, at + 4, _COMMENT_END, LONGEST_COMMENT, searched, 0)
    if found >= 0:
        return found + 3, False
    return at, searched[0] == len(text)


@inlined
def _content_end(text: Any, end: Any, closing: Any, searched: Any, kind: Any) -> Any:
    """Return (end, whether it is open where the text ends) of what follows a tag."""
    found = _find(text, end, closing, LONGEST_CONTENT, searched, kind)
    if found >= 0:
        return found, False
    return end, searched[kind] == len(text)


@inlined
def _markup_end(text: Any, at: Any, searched: Any) -> Any:
    """Return where the markup that begins with the `<` at text[at] ends, and whether it is open.

    The end is `at` if it is no markup. It is open if more text could change this.
    """
    if _matches(text, at, _COMMENT):
        return _comment_end(text, at, searched)
    end = _tag_end(text, at)
    if end <= at:
        return at, end < 0
    if _is_element(text, at, _SCRIPT):
        return _content_end(text, end, _SCRIPT_END, searched, 1)
    if _is_element(text, at, _STYLE):
        return _content_end(text, end, _STYLE_END, searched, 2)
    return end, False


@compiled()
def open_markup(text: Any, searched: Any) -> Any:
    """Return where the first markup begins that more text could change, or the size of the text.

    The arguments are those of `strip_markup`.
    """
    at, size = 0, len(text)
    while at < size:
        if text[uintp(at)] != _LESS:
            at += 1
            continue
        end, is_open = _markup_end(text, at, searched)
        if is_open:
            return at
        at = max(end, at + 1)
    return size


@compiled()
def strip_markup(text: Any, out: Any, names: Any, codes: Any, searched: Any) -> Any:
    """Write a text without its markup, and return the number of bytes written.

    Args:
        text: (n,) uint8, ends with white space.
        out: (n,) uint8.
        names: (power of two,) uint64, the hashes of the names of entities; 0 where free.
        codes: (32 + power of two,) int32, the code points of &#128; to &#159; and of `names`.
        searched: (3,) int64, all 0, see `_find`.
    """
    at, size = 0, len(text)
    written = 0
    while at < size:
        byte = text[uintp(at)]
        end = at
        if byte == _LESS:
            end, _ = _markup_end(text, at, searched)
        elif byte == _AMPERSAND:
            code, end = _entity(text, at, names, codes)
            if end > at:
                written = write_character(out, written, code)
                at = end
                continue
        elif byte | 32 == 0x68 or byte | 32 == 0x77:  # "h" or "w"
            end = _url_end(text, at)
        if end > at:
            written = _blank(text, at, end, out, written)
            at = end
            continue
        out[uintp(written)] = byte
        written, at = written + 1, at + 1
    return written
