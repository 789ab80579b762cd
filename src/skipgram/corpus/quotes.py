"""Quotes in CSV that are never closed.

A quote at the beginning of a cell opens it, and all rows up to the next quote are part of that
cell. Where a closing quote is missing, the parser would take the following rows for text. In text
that tabs separate, a quote is an ordinary character unless it encloses a whole cell, because
programs that write such text mostly do not use quotes.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from skipgram.errors import CorpusError
from skipgram.io.blocks import BLOCK_BYTES, BYTE_ORDER_MARK, without_marks

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

LONGEST_CELL = 1 << 24
"""The most bytes of a quoted cell."""

_QUOTE = ord('"')
_QUOTED = rb'"(?:[^"]++|"")*+("?)'
"""From the quote that opens a cell to the one that closes it."""
_WHOLE_TAB_CELL = rb'"(?:[^"\r\n]++|"")*+"(?=[\t\r\n])|"(?:[^"\t]++|"")*+"(?=[\t\r\n])'
_OPEN_TAB_CELL = rb'(?P<open>"(?:[^"\t]++|"")*+\Z)'
_PLAIN_TAB_CELL = rb'(?P<plain>"[^\t\r\n]*+)'
_TAB_CELL = re.compile(
    rb"(?<=[\t\r\n])(?:" + b"|".join([_WHOLE_TAB_CELL, _OPEN_TAB_CELL, _PLAIN_TAB_CELL]) + rb")"
)
_LAST_TAB_CELL = re.compile(
    rb"(?<=[\t\r\n])(?:" + b"|".join([_WHOLE_TAB_CELL, _PLAIN_TAB_CELL]) + rb")"
)
"""A cell that begins with a quote: it is quoted as a whole, it may go on, or its quote is text.
A cell with a quote that is closed in another line, after a tab, is text too."""


def with_closed_quotes(file: io.BufferedReader, name: str, delimiter: str) -> io.BufferedReader:
    """Return the bytes of a table, in which each quoted cell is closed.

    Reading raises a `CorpusError` that names the line of a quote that is never closed.

    Args:
        file: open at its beginning.
        name: of the file, for messages.
        delimiter: what separates the cells. If it is a tab, quotes that do not enclose a whole cell
            are escaped, so that they are ordinary characters.
    """
    checker = _TabSeparated() if delimiter == "\t" else _Separated(name, delimiter)
    return io.BufferedReader(_Blocks(_checked(file, checker)), BLOCK_BYTES)


class _Blocks(io.RawIOBase):
    """Blocks of bytes as a file."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        super().__init__()
        self._blocks = blocks
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer)
        while not self._rest:
            block = next(self._blocks, None)
            if block is None:
                return 0
            self._rest = memoryview(block)
        count = min(len(view), len(self._rest))
        view[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


def _checked(file: io.BufferedReader, checker: _Separated | _TabSeparated) -> Iterator[bytes]:
    """Yield blocks that end outside quoted cells."""
    rest = b""
    before = b"\n"
    while True:
        more = file.read(BLOCK_BYTES)
        rest += more
        end = len(rest) if not more else _last_line_end(rest)
        if end < len(rest) - LONGEST_CELL:  # the parser rejects such a line
            end = len(rest)
        if BYTE_ORDER_MARK in rest[:end]:
            lines = without_marks(rest[:end], BYTE_ORDER_MARK)
            rest, end = lines + rest[end:], len(lines)
        block, used = checker.check(before + rest[:end], is_last=not more)
        yield block
        before, rest = (before + rest)[used - 1 : used], rest[used - 1 :]
        if not more:
            return


def _last_line_end(block: bytes) -> int:
    return (block.rfind(b"\n") if b"\n" in block else block.rfind(b"\r", 0, -1)) + 1


class _Separated:
    """Checks the quotes of a table with any delimiter but a tab."""

    def __init__(self, name: str, delimiter: str) -> None:
        self._name = name
        self._line = 1
        self._ends = np.zeros(256, np.bool_)
        self._ends[list(f'{delimiter}\r\n"'.encode())] = True
        separators = re.escape(f"{delimiter}\r\n".encode())
        self._cell = re.compile(rb"(?<=[" + separators + rb"])" + _QUOTED)

    def check(self, text: bytes, *, is_last: bool) -> tuple[bytes, int]:
        """Return the text up to the last cell that is not closed, and where that begins.

        Args:
            text: begins with the byte before it, which is left out of the result. Unless it is the
                last one, it ends with a line end.
            is_last: whether the table ends here.

        Raises:
            CorpusError: a quoted cell is not closed.
        """
        end = len(text)
        if b'"' in text:
            padded = text + b"\n"
            place = self._open_if_regular(padded)
            place = self._open(padded) if place is None else place
            if place >= 0 and (is_last or end - place > LONGEST_CELL):
                self._refuse(text, place)
            end = place if place >= 0 else end
        self._line += _lines(text[1:end])
        return text[1:end], end

    def _open_if_regular(self, text: bytes) -> int | None:
        """Return where a cell that is not closed begins, or -1; None if quotes are irregular.

        Quotes are regular if the first, third and so on follow a delimiter, a line end or a quote,
        and the others are followed by one. This takes 1 ms for 1 MB.
        """
        codes = np.frombuffer(text, np.uint8)
        quotes: NDArray[np.intp] = np.flatnonzero(codes == _QUOTE)
        openings, closings = quotes[::2], quotes[1::2]
        if not (self._ends[codes[openings - 1]].all() and self._ends[codes[closings + 1]].all()):
            return None
        if len(quotes) % 2 == 0:
            return -1
        begins = openings[codes[openings - 1] != _QUOTE]  # the other ones are parts of cells
        return int(begins[-1])

    def _open(self, text: bytes) -> int:
        """Return where a cell that is not closed begins, or -1, cell by cell."""
        for cell in self._cell.finditer(text):
            if not cell[1]:
                return cell.start()
            # `"a" b` is lenient CSV in one line; after a line end, another cell has been reached.
            if not self._ends[text[cell.end()]] and _lines(cell[0]):
                self._refuse(text, cell.start())
        return -1

    def _refuse(self, text: bytes, place: int) -> None:
        line = self._line + _lines(text[1:place])
        shown = text[place : place + 40].split(b"\n")[0].decode("utf-8", "replace").rstrip("\r")
        raise CorpusError(
            f"{self._name} cannot be read as a table: the quote in line {line:,}, at {shown!r}, is "
            "not closed; close it, or write quotes inside a quoted cell twice; if the file is cut "
            "off, get a complete copy"
        )


class _TabSeparated:
    """Escapes the quotes of a table with tabs that do not enclose a whole cell."""

    def check(self, text: bytes, *, is_last: bool) -> tuple[bytes, int]:
        """Return the text up to a cell that may go on, and where that begins, as `_Separated`."""
        if b'"' not in text:
            return text[1:], len(text)
        parts: list[bytes] = []
        done = 1
        is_long = len(text) > LONGEST_CELL + BLOCK_BYTES
        padded = text + b"\n"
        pattern = _LAST_TAB_CELL if is_last or is_long else _TAB_CELL
        for cell in pattern.finditer(padded if is_last else text):
            parts.append(text[done : cell.start()])
            done = min(cell.end(), len(text))
            if cell.lastgroup == "open":
                return b"".join(parts), cell.start()
            found = cell[0]
            is_text = cell.lastgroup == "plain"
            parts.append(b'"' + found.replace(b'"', b'""') + b'"' if is_text else found)
        return b"".join([*parts, text[done:]]), len(text)


def _lines(text: bytes) -> int:
    """Return how many lines end in a text."""
    return text.count(b"\n") or text.count(b"\r")
