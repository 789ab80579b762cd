"""What `clean` does to a text, written with regular expressions: slow, and the oracle."""

from __future__ import annotations

import html.entities
import re
import unicodedata

MARKUP = re.compile(
    rb"""
    (?P<comment> <!--.*?--> )
    | (?P<tag>
        <(?: /?[a-z] | (?P<declaration> !(?!--) ) | \? )
        (?:
          (?<==)"[^"]*" | (?<==)'[^']*' | (?!(?<==)["'])[^<>\r\n]
          # a line end, if the next line goes on as a tag does
          | [\r\n]\s* (?! \s ) (?= [>/?] | [^\s"'<>/=]+= | (?(declaration)["']|(?!)) )
        )*+ >
      )
    | (?P<url> (?<![0-9a-z\x80-\xff]) (?: https?:// | www\. ) [^\s<>"\x1e\x80-\xff]* )
    | &(?P<name> [0-9a-z]+ );
    | &\#(?P<number> [0-9]{1,7} | x[0-9a-f]{1,7} );
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
CONTENT = re.compile(rb"<(script|style)(?=[\s/>])", re.IGNORECASE)
JOINERS, POINTS = "'-_\u00b7\u200c\u200d", ".,\u066b\u066c"
WORD = re.compile(r"[LN]M*(?:(?:J|(?<=N)P(?=N))?[LN]M*)*")


def character(found: re.Match[bytes]) -> str:
    """Return the character of an entity; what is none, or a control character, is a space."""
    if found["number"]:
        digits = found["number"].lower()
        code = int(digits[1:], 16) if digits.startswith(b"x") else int(digits)
        if 0x80 <= code < 0xA0:
            return bytes([code]).decode("cp1252", "replace")
        valid = 32 <= code <= 0x10FFFF and not 0xD800 <= code < 0xE000
        return chr(code) if valid else " "
    text = html.entities.html5[found["name"].decode() + ";"]
    return text if len(text) == 1 and text > " " else " "


def without_markup(text: bytes) -> bytes:
    """Return rows, between record separators, without tags, entities and URLs."""
    return b"\x1e".join(map(row_without_markup, text.split(b"\x1e")))


def row_without_markup(text: bytes) -> bytes:
    """Return one row without tags, entities and URLs."""
    pieces: list[bytes] = []
    at = 0
    while found := MARKUP.search(text, at):
        pieces.append(text[at : found.start()])
        at = found.end()
        if found["name"] and found["name"].decode() + ";" not in html.entities.html5:
            pieces.append(found[0][:1])
            at = found.start() + 1
            continue
        if found["name"] or found["number"]:
            pieces.append(character(found).encode())
            continue
        if found["tag"] and (opened := CONTENT.match(found[0])):
            closing = re.compile(rb"</" + opened[1], re.IGNORECASE).search(text, at)
            at = closing.start() if closing else at
        pieces.append(b" " + b"\n" * text.count(b"\n", found.start(), at))
    return b"".join([*pieces, text[at:]])


def kind(character: str) -> str:
    """Return L, N, M, J, P for a character of a word, else a space."""
    if "\udc80" <= character <= "\udcff":  # a byte that is not UTF-8
        return "L"
    if character in JOINERS:
        return "J"
    if character in POINTS:
        return "P"
    category = unicodedata.category(character)[0]
    return category if category in "LNM" else " "


def words(line: str, numbers: str = "keep") -> list[str]:
    """Return the words of a line without markup."""
    line = line.replace("\u2019", "'").replace("\u2010", "-").replace("\u2011", "-")
    line = line.replace("\u200b", " ")
    line = "".join(c for c in line if unicodedata.category(c) != "Cf" or c in JOINERS)
    kinds = "".join(map(kind, line))
    found = [(line[m.start() : m.end()], m[0]) for m in WORD.finditer(kinds)]
    if numbers == "drop":
        found = [(word, kinds) for word, kinds in found if "L" in kinds]
    if numbers == "zero":
        found = [
            ("".join("0" if k == "N" else c for c, k in zip(word, kinds, strict=True)), kinds)
            for word, kinds in found
        ]
    return ["".join(c.lower()[0] for c in word) for word, _ in found]


def sentences(text: bytes, numbers: str = "keep") -> list[list[str]]:
    """Return the words of each line of a text."""
    lines = without_markup(text).decode("utf-8", "surrogateescape").split("\n")
    return [words(line, numbers) for line in lines]
