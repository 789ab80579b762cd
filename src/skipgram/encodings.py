"""Encodings of text: their names, byte order marks, and what bytes that are not UTF-8 may be."""

from __future__ import annotations

import codecs
import contextlib
from collections.abc import Iterable
from encodings.aliases import aliases

from skipgram.wording import nearest

UTF_8 = "utf-8"

_MARKS = (
    (codecs.BOM_UTF8, UTF_8),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # it begins with the mark of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_NAMES_ELSEWHERE = {"ansi": "cp1252", "unicode": "utf-16"}
"""What Windows calls encodings."""

_LONGEST_LINE = 1000
"""Text has white space at least this often. Other bytes, read as UTF-16, have hardly any."""

_EXAMPLES = "utf-8, utf-16, latin-1, cp1252, cp1251, koi8-r, gb18030, big5, shift_jis, euc-kr"


def as_encoding(value: object) -> str:
    """Return Python's name of an encoding of text; names of the same one become equal.

    Raises:
        ValueError: there is no such encoding, or it is not one of text.
    """
    if not isinstance(value, str):
        raise ValueError(f"it must be the name of an encoding, such as {_EXAMPLES}")
    try:
        name = codecs.lookup(value).name
    except (LookupError, ValueError):  # ValueError: the name holds a NUL byte
        raise ValueError(
            f"it must be an encoding of text that Python knows, such as {_EXAMPLES}{_meant(value)}"
        ) from None
    if not _is_of_text(name):
        raise ValueError(f"that is not an encoding of text; it must be one, such as {_EXAMPLES}")
    return UTF_8 if name == "utf-8-sig" else name


def _is_of_text(name: str) -> bool:
    """Whether a codec decodes text of any length; base64, rot13, zip, idna and others do not."""
    if name in ("idna", "punycode"):
        return False
    try:
        b" ".decode(name)
    except UnicodeDecodeError:  # half a character of UTF-16
        return True
    except (LookupError, UnicodeError):
        return False
    return True


def _meant(value: str) -> str:
    name = value.strip().lower()
    known = {alias.replace("_", "-"): alias for alias in (*aliases, *aliases.values())}
    meant = _NAMES_ELSEWHERE.get(name) or nearest(name.replace("_", "-"), known)
    return f" (did you mean {meant}?)" if meant and _is_of_text(meant) else ""


def marked(first: bytes) -> str | None:
    """Return the encoding that a byte order mark names; None without one."""
    return next((name for mark, name in _MARKS if first.startswith(mark)), None)


def better(first: bytes, encoding: str) -> str | None:
    """Return the encoding of a text that is read in another one; None if nothing speaks for one.

    It is UTF-8 if the text is valid in it, which other text is hardly ever. It is cp1252 if the
    text has the quotes of Windows, which Latin-1 reads as control characters.

    Args:
        first: the first bytes of the text.
        encoding: in which it is read.
    """
    if encoding == UTF_8 or b"\0" in first or marked(first):
        return None
    with contextlib.suppress(UnicodeDecodeError):
        # An incremental decoder keeps half a character at the end.
        text = codecs.getincrementaldecoder(UTF_8)().decode(first)
        is_changed = not text.isascii() or (text and "a".encode(encoding) != b"a")
        return UTF_8 if is_changed else None
    if encoding != "iso8859-1":
        return None
    name = likely(word for word in first.split() if not word.isascii())
    return None if name == "latin-1" else name


def text_of(content: bytes, errors: str = "strict") -> str:
    """Return the text of a file in UTF-8, or in the encoding that its byte order mark names.

    Its lines end with a line feed. `errors` is that of `bytes.decode`.

    Raises:
        UnicodeDecodeError: it is in another encoding.
    """
    text = content.decode(marked(content) or UTF_8, errors).removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def guess_wide(first: bytes) -> str | None:
    """Return the UTF-16 or UTF-32 variant of a file that has no byte order mark.

    None if its first bytes are not text in any of them. Text in Latin letters has NUL bytes, and so
    has any text with line ends or spaces.
    """
    if b"\0" not in first:
        return None
    for name in ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be"):
        # An incremental decoder keeps half a character at the end.
        text = codecs.getincrementaldecoder(name)("replace").decode(first)
        if _is_text(text, first):
            return name
    return None


def _is_text(text: str, content: bytes) -> bool:
    """Whether content was decoded to text: printable, with white space between words.

    Text in another encoding has spaces that are not white space here, but parts of characters.
    """
    separators = sum(map(text.count, " \n\t"))
    spaces = sum(map(content.count, (b" ", b"\n", b"\t")))
    is_separated = separators > len(text) / _LONGEST_LINE and spaces <= 2 * separators
    return is_separated and "\ufffd" not in text and all(map(_is_usual, text))


def _is_usual(character: str) -> bool:
    return character.isprintable() or character.isspace()


def likely(words: Iterable[bytes]) -> str | None:
    """Return an encoding of words that are not UTF-8 if many of their letters are ASCII.

    That is so in the languages of Western Europe. In Cyrillic all letters are beyond ASCII, and in
    Shift JIS and Big5 about three bytes of four. None for such words.
    """
    letters = b"".join(words)
    beyond = letters.translate(None, bytes(range(0x80)))
    if len(beyond) > len(letters) * 2 / 3:
        return None
    # Windows has quotes, dashes and the sign of the Euro where Latin-1 has control characters.
    return "latin-1" if min(beyond, default=0) >= 0xA0 else "cp1252"
