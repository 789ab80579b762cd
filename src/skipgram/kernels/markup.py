"""HTML tags, entities and URLs taken out of a block of text.

A tag is `<`, a letter, `/` and a letter, `!` or `?`, and what follows up to the next `>` outside
quotes, within `LONGEST_TAG` bytes and without another `<`. Any other `<` is text: "a < b" stays. A
comment ends with `-->`. What `<script>` and `<style>` enclose is removed, if they are closed. Each
of these becomes a space, and the line ends in it, because a line end ends a sentence.

An entity is `&name;` or `&#number;`; what names nothing is text. A URL begins with http://,
https:// or www. and ends before white space, `<`, `>`, `"` or a byte that is not ASCII.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import uint64, uintp

from skipgram.kernels.cache import compiled, inlined
from skipgram.kernels.utf8 import write_character

LONGEST_TAG = 2000
"""The most bytes of a tag. Most tags are far shorter, and a stray `<` costs no more than this."""

LONGEST_NAME = 31
"""Letters of the longest name of an entity: CounterClockwiseContourIntegral."""

FNV_START, FNV_FACTOR = 0xCBF29CE484222325, 0x100000001B3
"""The 64-bit FNV-1a hash, by which the names of entities are found."""

_LESS, _GREATER = 0x3C, 0x3E
_AMPERSAND, _SEMICOLON = 0x26, 0x3B
_HASH = 0x23
_COMMENT, _COMMENT_END = tuple(b"<!--"), tuple(b"-->")
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
def _find(text: Any, at: Any, letters: Any) -> Any:
    """Return where `letters` begin at or after a place, or the size of the text."""
    while at < len(text) and not _matches(text, at, letters):
        at += 1
    return at


@inlined
def _opens_tag(text: Any, at: Any) -> Any:
    """Whether the `<` at text[at] may open a tag."""
    first, second = text[uintp(at + 1)], text[uintp(min(at + 2, len(text) - 1))]
    if first == 0x2F:  # "/"
        return _is_letter(second)
    return _is_letter(first) or first == 0x21 or first == 0x3F


@inlined
def _tag_end(text: Any, at: Any) -> Any:
    """Return where the tag that opens at text[at] ends, or `at` if none does."""
    if not _opens_tag(text, at):
        return at
    quote = np.uint8(0)
    for end in range(at + 2, min(at + LONGEST_TAG, len(text))):
        byte = text[uintp(end)]
        if quote:
            quote = np.uint8(0) if byte == quote else quote
        elif byte == _GREATER:
            return end + 1
        elif byte == _LESS:
            return at
        elif (byte == 0x22 or byte == 0x27) and text[uintp(end - 1)] == 0x3D:  # ="..."
            quote = byte
    return at


@inlined
def _element_end(text: Any, at: Any, name: Any, closing: Any, end: Any) -> Any:
    """Return where the content of an element ends, or `end`, where its tag ends.

    The content of an element that has another name, or is not closed, stays.
    """
    if not _matches(text, at, name):
        return end
    after = text[uintp(at + len(name))]
    if not (_is_space(after) or after == 0x2F or after == _GREATER):
        return end
    found = _find(text, end, closing)
    return found if found < len(text) else end


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
            if _is_space(byte) or byte in (_LESS, _GREATER, 0x22) or byte >= 0x80:
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
def _markup_end(text: Any, at: Any, missing: Any) -> Any:
    """Return where the markup that begins with the `<` at text[at] ends, or `at`.

    `missing` says which ends were looked for and are not in the rest of the text: without it, many
    beginnings that have no end would take time quadratic in the text.
    """
    if _matches(text, at, _COMMENT):
        if missing[0]:
            return at
        found = _find(text, at + 4, _COMMENT_END)
        missing[0] = found == len(text)
        return at if missing[0] else found + 3
    end = _tag_end(text, at)
    if end == at:
        return at
    beyond = end
    if not missing[1] and _matches(text, at, _SCRIPT):
        beyond = _element_end(text, at, _SCRIPT, _SCRIPT_END, end)
        missing[1] = beyond == end and _find(text, end, _SCRIPT_END) == len(text)
    elif not missing[2] and _matches(text, at, _STYLE):
        beyond = _element_end(text, at, _STYLE, _STYLE_END, end)
        missing[2] = beyond == end and _find(text, end, _STYLE_END) == len(text)
    return beyond


@compiled()
def strip_markup(text: Any, out: Any, names: Any, codes: Any, missing: Any) -> Any:
    """Write a text without its markup, and return the number of bytes written.

    Args:
        text: (n,) uint8, ends with white space.
        out: (n,) uint8.
        names: (power of two,) uint64, the hashes of the names of entities; 0 where free.
        codes: (32 + power of two,) int32, the code points of &#128; to &#159; and of `names`.
        missing: (3,) bool, all False.
    """
    at, size = 0, len(text)
    written = 0
    while at < size:
        byte = text[uintp(at)]
        end = at
        if byte == _LESS:
            end = _markup_end(text, at, missing)
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
