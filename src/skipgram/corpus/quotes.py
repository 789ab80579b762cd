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
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from skipgram.errors import CorpusError
from skipgram.io.blocks import BLOCK_BYTES, BYTE_ORDER_MARK, without_marks
from skipgram.io.decoding import file_of

LONGEST_CELL = 1 << 24
"""The most bytes of a quoted cell."""

Quoting: TypeAlias = Literal["auto", "doubled", "backslash", "none"]
"""A value of the option `quoting`."""


class Dialect(NamedTuple):
    """How the cells of a table are separated and quoted."""

    delimiter: str
    quoting: Quoting = "auto"


_QUOTE, _LINE_FEED, _CARRIAGE_RETURN = b'"\n\r'
_QUOTED = rb'(?:[^"]++|"")*+("?)'
"""From after the quote that opens a cell to the one that closes it."""
_ESCAPED = rb'(?:[^"\\]++|\\[\x00-\xff]|"")*+("?)'
"""The same with backslashes before quotes."""
_WHOLE_TAB_CELL = rb'(?:[^"\r\n]++|"")*+"(?=[\t\r\n])|(?:[^"\t]++|"")*+"(?=[\t\r\n])'
_OPEN_TAB_CELL = rb'(?P<open>(?:[^"\t]++|"")*+\Z)'
_PLAIN_TAB_CELL = rb"(?P<plain>[^\t\r\n]*+)"


def _cells(separators: bytes, *rests: bytes) -> re.Pattern[bytes]:
    """Return the pattern of cells that begin with a quote, each with one of these rests.

    It begins with the quote, for which `re` searches fast.
    """
    return re.compile(b'"(?<=[' + separators + b']")(?:' + b"|".join(rests) + b")")


_TAB_CELL = _cells(rb"\t\r\n", _WHOLE_TAB_CELL, _OPEN_TAB_CELL, _PLAIN_TAB_CELL)
_LAST_TAB_CELL = _cells(rb"\t\r\n", _WHOLE_TAB_CELL, _PLAIN_TAB_CELL)
"""A cell that begins with a quote: it is quoted as a whole, it may go on, or its quote is text.
A cell with a quote that is closed in another line, after a tab, is text too."""


def with_closed_quotes(file: io.BufferedReader, name: str, dialect: Dialect) -> io.BufferedReader:
    """Return the bytes of a table, in which each quoted cell is closed.

    Reading raises a `CorpusError` that names the line of a quote that is never closed.

    Args:
        file: open at its beginning.
        name: of the file, for messages.
        dialect: how cells are separated and quoted. If tabs separate them, and nothing is said
            of quotes, those that do not enclose a whole cell are escaped, so that they are ordinary
            characters.
    """
    checker: _Checker = _Separated(name, dialect)
    if dialect.quoting == "none":
        checker = _Unquoted()
    elif dialect == ("\t", "auto"):
        checker = _TabSeparated()
    return file_of(_checked(file, checker))


def _checked(file: io.BufferedReader, checker: _Checker) -> Iterator[bytes]:
    """Yield blocks that end outside quoted cells. Blocks without quotes are not copied."""
    rest = b""
    before = b"\n"
    while True:
        more = file.read(BLOCK_BYTES)
        rest = rest + more if rest else more
        end = len(rest)
        if more:
            end = _last_line_end(rest) if b'"' in rest else _end_without_quotes(rest)
        if end < len(rest) - LONGEST_CELL:  # the parser rejects such a line
            end = len(rest)
        if BYTE_ORDER_MARK in rest[:end]:
            lines = without_marks(rest[:end], BYTE_ORDER_MARK, before)
            rest, end = lines + rest[end:], len(lines)
        block, used = checker.check(before, rest[:end], is_last=not more)
        yield block
        if used:
            before, rest = rest[used - 1 : used], rest[used:]
        if not more:
            return


def _last_line_end(block: bytes) -> int:
    return (block.rfind(b"\n") if b"\n" in block else block.rfind(b"\r", 0, -1)) + 1


def _end_without_quotes(block: bytes) -> int:
    """Return the end of a block, or where a CR LF or a byte order mark begins that may be cut."""
    begun = next(filter(block.endswith, (b"\r", BYTE_ORDER_MARK[:2], BYTE_ORDER_MARK[:1])), b"")
    return len(block) - len(begun)


class _Quotes:
    """Finds the quotes of a text in which every quote opens or closes a cell, or is doubled."""

    def __init__(self, delimiter: str) -> None:
        self._ends = np.zeros(256, np.bool_)
        self._ends[list(f'{delimiter}\r\n"'.encode())] = True

    def regular(self, text: bytes) -> NDArray[np.intp] | None:
        """Return where the quotes are, or None if they are irregular.

        They are regular if the first, third and so on follow a delimiter, a line end or a quote,
        and the others are followed by one. This takes 1 ms for 1 MB.
        """
        codes = np.frombuffer(text, np.uint8)
        quotes: NDArray[np.intp] = np.flatnonzero(codes == _QUOTE)
        openings, closings = quotes[::2], quotes[1::2]
        if self._ends[codes[openings - 1]].all() and self._ends[codes[closings + 1]].all():
            return quotes
        return None

    def ends(self, code: int) -> bool:
        """Whether a byte ends a cell."""
        return bool(self._ends[code])


class _Separated:
    """Checks the quotes of a table."""

    def __init__(self, name: str, dialect: Dialect) -> None:
        self._name = name
        self._line = 1
        self._quotes = _Quotes(dialect.delimiter)
        self._has_escapes = dialect.quoting == "backslash"
        quoted = _ESCAPED if self._has_escapes else _QUOTED
        self._cell = _cells(re.escape(f"{dialect.delimiter}\r\n".encode()), quoted)

    def check(self, before: bytes, text: bytes, *, is_last: bool) -> tuple[bytes, int]:
        """Return the text up to the last cell that is not closed, and where that begins.

        Args:
            before: the byte before the text.
            text: whole lines if it has quotes, unless it is the last one.
            is_last: whether the table ends here.

        Raises:
            CorpusError: a quoted cell is not closed.
        """
        end = len(text)
        if b'"' in text:
            padded = b"".join([before, text, b"\n"])
            place = self._open(padded)
            if place > 0:
                end = place - 1
                if is_last or len(text) - end > LONGEST_CELL:
                    self._refuse(padded, place)
        block = text[:end]
        self._line += _lines(block)
        return block, end

    def _open(self, text: bytes) -> int:
        """Return where a cell that is not closed begins, or 0."""
        quotes = None if self._has_escapes else self._quotes.regular(text)
        if quotes is None:
            return self._open_cell_by_cell(text)
        if len(quotes) % 2 == 0:
            return 0
        begins = (int(place) for place in quotes[::-2] if text[place - 1] != _QUOTE)
        return next(begins)  # the others are parts of cells

    def _open_cell_by_cell(self, text: bytes) -> int:
        for cell in self._cell.finditer(text):
            if not cell[1]:
                return cell.start()
            # `"a" b` is lenient CSV in one line; after a line end, another cell has been reached.
            if not self._quotes.ends(text[cell.end()]) and _lines(cell[0]):
                self._refuse(text, cell.start())
        return 0

    def _refuse(self, text: bytes, place: int) -> None:
        line = self._line + _lines(text[1:place])
        shown = text[place : place + 40].split(b"\n")[0].decode("utf-8", "replace").rstrip("\r")
        raise CorpusError(
            f"{self._name} cannot be read as a table: the quote in line {line:,}, at {shown!r}, is "
            "not closed; close it, or write quotes inside a quoted cell twice; if the file is cut "
            "off, get a complete copy; if quotes are ordinary characters in it, set quoting=none"
        )


class _TabSeparated:
    """Escapes the quotes of a table with tabs that do not enclose a whole cell."""

    def __init__(self) -> None:
        self._quotes = _Quotes("\t")

    def check(self, before: bytes, text: bytes, *, is_last: bool) -> tuple[bytes, int]:
        """Return the text up to a cell that may go on, and where that begins, as `_Separated`."""
        if b'"' not in text:
            return text, len(text)
        padded = b"".join([before, text, b"\n"])
        if self._are_whole_cells(padded):
            return text, len(text)
        parts: list[bytes] = []
        done, end = 1, len(padded) - 1
        is_long = len(text) > LONGEST_CELL + BLOCK_BYTES
        pattern = _LAST_TAB_CELL if is_last or is_long else _TAB_CELL
        for cell in pattern.finditer(padded, 0, len(padded) if is_last else end):
            parts.append(padded[done : cell.start()])
            done = min(cell.end(), end)
            if cell.lastgroup == "open":
                return b"".join(parts), cell.start() - 1
            found = cell[0]
            is_text = cell.lastgroup == "plain"
            parts.append(b'"' + found.replace(b'"', b'""') + b'"' if is_text else found)
        return b"".join([*parts, padded[done:end]]), len(text)

    def _are_whole_cells(self, text: bytes) -> bool:
        """Whether all quotes enclose whole cells, none of which has a line end. Fast."""
        quotes = self._quotes.regular(text)
        if quotes is None or len(quotes) % 2:
            return False
        codes = np.frombuffer(text, np.uint8)
        line_ends = np.flatnonzero((codes == _LINE_FEED) | (codes == _CARRIAGE_RETURN))
        return not (np.searchsorted(quotes, line_ends) % 2).any()


class _Unquoted:
    """Passes a table in which quotes are ordinary characters."""

    def check(
        self,
        before: bytes,  # noqa: ARG002
        text: bytes,
        *,
        is_last: bool,  # noqa: ARG002
    ) -> tuple[bytes, int]:
        """Return all of the text, as `_Separated`."""
        return text, len(text)


_Checker: TypeAlias = _Separated | _TabSeparated | _Unquoted


def _lines(text: bytes) -> int:
    """Return how many lines end in a text. NumPy counts bytes ten times as fast as `bytes`."""
    codes = np.frombuffer(text, np.uint8)
    return int(np.count_nonzero(codes == _LINE_FEED) or np.count_nonzero(codes == _CARRIAGE_RETURN))
