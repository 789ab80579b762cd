"""Text in blocks of bytes that end between words."""

from __future__ import annotations

import codecs
import io
import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from skipgram.encodings import guess_wide
from skipgram.errors import NotTextError, ReadError
from skipgram.io.binary import MOST_NULS
from skipgram.io.decoding import is_decoded

BLOCK_BYTES = 1 << 20
"""Bytes of a block: a few fit in the cache, and passing one to a thread costs far less than
scanning it."""

LONGEST_WORD = BLOCK_BYTES
"""The most bytes of a word, unless more are allowed. 1.5 MB of gzip may hold one of 1.5 GB."""

_WHITE_SPACE = (b"\n", b" ", b"\t", b"\r", b"\v", b"\f")
_ANY_SPACE = re.compile(rb"[ \t-\r]")
_USUAL_WORD = 1 << 12
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
        long_words: words of more bytes than allowed.
        first_long: where the first of them is.
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
        redirected_urls: URLs for which a server named another one.
        first_redirected: the first of them, and where they led.
    """

    rows_without_value: int = 0
    skipped_files: int = 0
    first_skipped: str = ""
    long_words: int = 0
    first_long: str = ""
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
    redirected_urls: int = 0
    first_redirected: str = ""

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

    def count_redirect(self, url: str, other: str) -> None:
        """Count a URL for which the server named another one."""
        self.redirected_urls += 1
        self.first_redirected = _and(
            self.first_redirected, f"{url} to {other}", self.redirected_urls
        )

    def count_long(self, place: str) -> None:
        """Count a word that is too long."""
        self.long_words += 1
        self.first_long = self.first_long or place


def _and(names: str, name: str, number: int) -> str:
    """Return a list of names with one more, the first few of `number`."""
    if number > _NAMES_SHOWN:
        return names if names.endswith("...") else f"{names}, ..."
    return f"{names}, {name}" if names else name


def read_blocks(
    file: io.BufferedReader,
    name: str,
    dropped: Dropped,
    longest: int = LONGEST_WORD,
    *,
    whole_lines: bool = False,
) -> Iterator[bytes]:
    """Yield the bytes of a file as blocks that end between words, or between lines.

    A file whose lines end in carriage returns gets line feeds instead. The last line ends with one
    too. Words of more than `longest` bytes, up to ASCII white space, are left out and counted.

    Raises:
        ReadError: with `whole_lines`, a line has more than `longest` bytes.
    """
    if ends_in_cr(file):
        dropped.count_cr(name)
    parts = _read(file)
    rest = _Rest(name, dropped, longest, in_bytes=not is_decoded(file))
    rest.add(next(parts, b""))
    has_ended = True  # whether the blocks so far end with a line
    for part in parts:
        more = rest.as_line(part) if whole_lines else rest.without_long_word(part)
        end = more.rfind(b"\n") + 1 if whole_lines else _last_border(more)
        if end == 0:  # a word longer than a block
            rest.add(more)
            continue
        block, position = rest.take(more[:end])
        yield checked(block, name, dropped, position)
        has_ended = block.endswith(b"\n")
        rest.add(more[end:])
    last, position = rest.take()
    if last or not has_ended:
        yield checked(last if last.endswith(b"\n") else last + b"\n", name, dropped, position)


class _Rest:
    """What has been read of a file after its last block: the beginning of a word or a line.

    Args:
        name: of the file.
        dropped: counts words that are too long.
        longest: the most bytes of a word, or of a line.
        in_bytes: whether places in the file are known: not if its text was decoded.
    """

    def __init__(self, name: str, dropped: Dropped, longest: int, *, in_bytes: bool) -> None:
        self._name = name
        self._dropped = dropped
        self._longest = longest
        self._in_bytes = in_bytes
        self._pieces: list[bytes] = []
        self._size = 0
        self._in_line = 0
        self._position = 0
        self._lost = 0
        self._is_inside = False

    def add(self, more: bytes) -> None:
        """Add what was read."""
        self._pieces.append(more)
        self._size += len(more)
        line_end = more.rfind(b"\n")
        self._in_line = len(more) - line_end - 1 + (self._in_line if line_end < 0 else 0)

    def take(self, more: bytes = b"") -> tuple[bytes, int | None]:
        """Return all there is, with more after it, and its position; then there is nothing left.

        The position is None if it is not known, or if a word inside was left out.
        """
        block = b"".join([*self._pieces, more])
        position = self._position if self._in_bytes and not self._lost else None
        self._position += len(block) + self._lost
        self._pieces, self._size = [], 0
        self._in_line = self._lost = 0
        return block, position

    def as_line(self, more: bytes) -> bytes:
        """Return what was read, if the current line is within the limit.

        Raises:
            ReadError: it is too long.
        """
        end = more.find(b"\n")
        if self._in_line + (end if end >= 0 else len(more)) > self._longest:
            raise too_long_line(self._name, self._longest)
        return more

    def without_long_word(self, more: bytes) -> bytes:
        """Return what was read without the end of a word that is too long; forget its beginning."""
        end = _first_space(more)
        if not self._is_inside:
            if self._size + end <= self._longest:
                return more
            begun = self._begun()
            if begun + end <= self._longest:
                return more
            self._forget(begun)
        self._is_inside = end == len(more)
        self._lost += end
        return more[end:]

    def _begun(self) -> int:
        """Return how many bytes there are after the last white space."""
        self._pieces = [b"".join(self._pieces)]
        return self._size - max(map(self._pieces[0].rfind, _WHITE_SPACE)) - 1

    def _forget(self, begun: int) -> None:
        """Forget the last bytes, which begin a word that is too long."""
        left = self._size - begun
        byte = f", byte {self._position + left + 1:,}" if self._in_bytes else ""
        self._dropped.count_long(f"{self._name}{byte}")
        self._pieces, self._size = [self._pieces[0][:left]], left
        self._lost += begun


def too_long_line(name: str, longest: int) -> ReadError:
    """Return the error for a line that has to be read as a whole."""
    return ReadError(
        name, f"has a line of more than {longest:,} bytes; set max_line to read longer lines"
    )


def with_short_lines(blocks: Iterable[bytes], name: str, longest: int) -> Iterator[bytes]:
    """Yield blocks whose lines will be joined.

    Raises:
        ReadError: a line that several blocks make has more than `longest` bytes.
    """
    size = 0
    for block in blocks:
        end = block.find(b"\n")
        if size + (end if end >= 0 else len(block)) > longest:
            raise too_long_line(name, longest)
        size = len(block) - block.rfind(b"\n") - 1 + (size if end < 0 else 0)
        yield block


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
    decoder, lines = codecs.getincrementaldecoder("utf-8")(), 1
    for part in itertools.chain(_read(file), [b""]):
        try:
            decoder.decode(part, final=not part)
        except UnicodeDecodeError as error:
            # What is decoded begins with the first bytes of a character, which have no line end.
            return lines + error.object.count(b"\n", 0, error.start)
        lines += part.count(b"\n")
    return None


def begins_as_utf8(first: bytes) -> bool:
    """Whether the first bytes of a file are UTF-8; its last character may be cut off."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(first)
    except UnicodeDecodeError:
        return False
    return True


def _first_space(block: bytes) -> int:
    """Return where the first white space is; the length of the block if there is none.

    Patterns are 20 times as slow as `find`, but they stop at the end of a word.
    """
    if found := _ANY_SPACE.search(block, 0, _USUAL_WORD):
        return found.start()
    places = map(block.find, _WHITE_SPACE)
    return min((place for place in places if place >= 0), default=len(block))


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
