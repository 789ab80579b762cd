"""Text in blocks of bytes that end between words."""

from __future__ import annotations

import codecs
import io
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from skipgram.encodings import guess_wide
from skipgram.errors import NotTextError
from skipgram.io.binary import MOST_NULS
from skipgram.io.decoding import is_decoded

BLOCK_BYTES = 1 << 20
"""Bytes of a block: a few fit in the cache, and passing one to a thread costs far less than
scanning it."""

_WHITE_SPACE = (b"\n", b" ", b"\t", b"\r", b"\v", b"\f")
_LOOKED_AT = 1 << 16
"""How many bytes show how the lines of a file end."""

_NAMES_SHOWN = 3
_CHARACTERS_SHOWN = 60
_MOST_NULS_ELSE = 1e-5
"""The largest share of NUL bytes in text that is not UTF-8; one is always allowed. More of them are
a sign of a binary file."""
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_MARK_PAIR = int.from_bytes(BYTE_ORDER_MARK[:2], "little")


@dataclass
class Dropped:
    """What reading a corpus left out.

    Attributes:
        rows_without_value: rows of a table that miss an item, its group or its place.
        skipped_files: files found in directories that are not text.
        first_skipped: the names of the first of them.
        nul_bytes: NUL bytes in text.
        first_nul: where the first of them is.
        first_undecodable: where the first word that is not UTF-8 is; "" if it is not known.
        cr_files: files of which most lines end in a carriage return alone. They are read whole.
        first_cr_files: the names of the first of them.
        misread_files: files that are in another encoding than the one in which they were read.
        first_misread: the names of the first of them.
        better_encoding: that of the first of them; files in yet another one are not counted.
        grown_files: files that something was appended to while they were read.
        first_grown: the names of the first of them.
    """

    rows_without_value: int = 0
    skipped_files: int = 0
    first_skipped: str = ""
    nul_bytes: int = 0
    first_nul: str = ""
    first_undecodable: str = ""
    cr_files: int = 0
    first_cr_files: str = ""
    misread_files: int = 0
    first_misread: str = ""
    better_encoding: str = ""
    grown_files: int = 0
    first_grown: str = ""

    def skip(self, name: str) -> None:
        """Count a file that is not text."""
        self.skipped_files += 1
        self.first_skipped = _and(self.first_skipped, name, self.skipped_files)

    def count_cr(self, name: str) -> None:
        """Count a file whose lines end in carriage returns."""
        self.cr_files += 1
        self.first_cr_files = _and(self.first_cr_files, name, self.cr_files)

    def count_grown(self, name: str) -> None:
        """Count a file that something was appended to while it was read."""
        self.grown_files += 1
        self.first_grown = _and(self.first_grown, name, self.grown_files)

    def count_misread(self, name: str, better: str) -> None:
        """Count a file that is in another encoding than the one in which it is read."""
        if self.better_encoding in ("", better):
            self.better_encoding = better
            self.misread_files += 1
            self.first_misread = _and(self.first_misread, name, self.misread_files)


def _and(names: str, name: str, number: int) -> str:
    """Return a list of names with one more, the first few of `number`."""
    if number > _NAMES_SHOWN:
        return names if names.endswith("...") else f"{names}, ..."
    return f"{names}, {name}" if names else name


def read_blocks(
    file: io.BufferedReader, name: str, dropped: Dropped, *, whole_lines: bool = False
) -> Iterator[bytes]:
    """Yield the bytes of a file as blocks that end between words, or between lines.

    A file whose lines end in carriage returns gets line feeds instead. The last line ends with one
    too.
    """
    if ends_in_cr(file):
        dropped.count_cr(name)
    position = None if is_decoded(file) else 0
    parts = _read(file)
    pieces = [next(parts, b"")]
    has_ended = True  # whether the blocks so far end with a line
    for more in parts:
        end = more.rfind(b"\n") + 1 if whole_lines else _last_border(more)
        if end == 0:  # a word longer than a block
            pieces.append(more)
            continue
        block = b"".join([*pieces, more[:end]])
        yield checked(block, name, dropped, position)
        position = None if position is None else position + len(block)
        has_ended = block.endswith(b"\n")
        pieces = [more[end:]]
    last = b"".join(pieces)
    if last or not has_ended:
        yield checked(last if last.endswith(b"\n") else last + b"\n", name, dropped, position)


def ends_in_cr(file: io.BufferedReader) -> bool:
    """Whether more lines of a file, open at its beginning, end in a carriage return than in a feed.

    Some may end in line feeds: files are concatenated, and programs add a last line feed.
    """
    first = file.peek(_LOOKED_AT)[:_LOOKED_AT]
    alone = first[:-1].count(b"\r") - first.count(b"\r\n")  # the feed after the last may be cut off
    return alone > first.count(b"\n")


def _read(file: io.BufferedReader) -> Iterator[bytes]:
    """Yield the bytes of a file, with line feeds for its line ends if those are others."""
    in_cr = ends_in_cr(file)
    while more := file.read(BLOCK_BYTES):
        yield more.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if in_cr else more


def checked(block: bytes, name: str, dropped: Dropped, position: int | None = None) -> bytes:
    """Return the block without NUL bytes, which are counted, and without byte order marks.

    Args:
        block: whole words.
        name: of the file or the table.
        dropped: counts the NUL bytes.
        position: of the block in its file, in bytes; None for a part of a table, and for text that
            was decoded.

    Raises:
        NotTextError: the block has too many NUL bytes. Text that is not UTF-8 may have hardly any.
    """
    if b"\0" in block:
        block = _without_nuls(block, name, dropped, position)
    return without_marks(block, b" ") if _may_hold_mark(block) else block


def _may_hold_mark(block: bytes) -> bool:
    """Whether a block may hold a byte order mark.

    Searching for its three bytes takes a tenth of the time of the scan. This takes a few hundredths
    of it in text with full-width punctuation, and nothing in most other text.
    """
    if len(block) < len(BYTE_ORDER_MARK) or BYTE_ORDER_MARK[:1] not in block:
        return False
    pairs = (np.frombuffer(block, "<u2", (len(block) - at) // 2, at) for at in (0, 1))
    return any(bool(np.any(pair == _MARK_PAIR)) for pair in pairs)


def without_marks(block: bytes, inside: bytes, before: bytes = b"\n") -> bytes:
    """Return a block without the byte order marks of files that were concatenated.

    Args:
        block: the text.
        inside: what replaces a mark inside a line, where a file before it had no last line end.
        before: the byte before the block.
    """
    block = (before + block).replace(b"\n" + BYTE_ORDER_MARK, b"\n")[1:]
    return block.replace(BYTE_ORDER_MARK, inside)


def _without_nuls(block: bytes, name: str, dropped: Dropped, position: int | None) -> bytes:
    nuls = block.count(b"\0")
    by_accident = max(1, _MOST_NULS_ELSE * len(block))
    if nuls > MOST_NULS * len(block) or (nuls > by_accident and not _is_utf8(block)):
        raise NotTextError(name, f"holds NUL bytes: {binary_or_wide(block)}")
    if dropped.nul_bytes == 0:
        dropped.first_nul = f"{name}, {_place(block, position)}"
    dropped.nul_bytes += nuls
    return block.replace(b"\0", b"")


def wide_encoding(first: bytes) -> str | None:
    """Return which UTF-16 or UTF-32 without a byte order mark some bytes are in; None if none."""
    is_utf8 = begins_as_utf8(first) and first.count(b"\0") <= MOST_NULS * len(first)
    return None if is_utf8 else guess_wide(first)


def binary_or_wide(first: bytes) -> str:
    """Describe a file that is not UTF-8 text, from a sample, and the remedy."""
    if encoding := wide_encoding(first):
        name = encoding.upper()
        return f"it is text in {name} without a byte order mark; set encoding={encoding}"
    return (
        "it is binary, or text in another encoding; leave it out, or set encoding to that of the "
        "text, such as latin-1"
    )


def _place(block: bytes, position: int | None) -> str:
    """Describe where the first NUL byte is: its byte, or in a table its row, by its text."""
    first = block.index(b"\0")
    if position is not None:
        return f"byte {position + first + 1:,}"
    row = block[block.rfind(b"\n", 0, first) + 1 :].partition(b"\n")[0].decode(errors="replace")
    return f"in the row {row[:_CHARACTERS_SHOWN]!r}"


def _is_utf8(block: bytes) -> bool:
    try:
        block.decode()
    except UnicodeDecodeError:
        return False
    return True


def undecodable_line(file: io.BufferedReader) -> int | None:
    """Return the number, from 1, of the first line that is not UTF-8."""
    for number, line in enumerate(lines_of(itertools.chain(_read(file), [b"\n"])), 1):
        if not _is_utf8(line.encode("utf-8", "surrogateescape")):
            return number
    return None


def begins_as_utf8(first: bytes) -> bool:
    """Whether the first bytes of a file are UTF-8; its last character may be cut off."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(first)
    except UnicodeDecodeError:
        return False
    return True


def _last_border(block: bytes) -> int:
    """Return where to cut: after the last line end, else after the last white space, else 0."""
    line_end = block.rfind(b"\n") + 1
    return line_end or max(block.rfind(space) for space in _WHITE_SPACE) + 1


def lines_of(blocks: Iterable[bytes]) -> Iterator[str]:
    """Yield the lines of blocks, without line ends; bytes that are not UTF-8 become surrogates."""
    begun: list[bytes] = []
    for block in blocks:
        *whole, rest = block.split(b"\n")
        for line in whole:
            yield b"".join([*begun, line]).decode("utf-8", "surrogateescape").removesuffix("\r")
            begun = []
        begun.append(rest)
