"""A JSON array of objects as JSON Lines, a part of the file at a time."""

from __future__ import annotations

import codecs
import io
import json
import re
from collections.abc import Iterator

from skipgram.errors import CorpusError
from skipgram.io.blocks import BLOCK_BYTES
from skipgram.wording import count

_BEGINNING = re.compile(r"\s*\[\s*")
_COMMA = re.compile(r"\s*,\s*")
_END = re.compile(r"(?:\s*\[)?\s*\]\s*")
_KINDS = {
    "[": "lists",
    '"': "strings",
    **dict.fromkeys("-0123456789tfnNI", "values that are not objects"),
}
"""What an item of an array is, by its first character."""
_SHOWN = 40


def lines_of_array(file: io.BufferedReader, name: str, longest: int) -> Iterator[bytes]:
    """Yield the objects of a JSON array as blocks of lines, an object per line.

    Raises:
        CorpusError: the file is not a whole JSON array, or it holds something else than objects, or
            one of more than `longest` characters.
    """
    decoder = codecs.getincrementaldecoder("utf-8-sig")("surrogateescape")
    array = _Array(name, longest)
    while more := file.read(BLOCK_BYTES):
        if objects := array.feed(decoder.decode(more)):
            yield ("\n".join(objects) + "\n").encode("utf-8", "surrogateescape")
    array.finish()


class _Array:
    """Splits the text of an array into the texts of its objects."""

    def __init__(self, name: str, longest: int) -> None:
        self._name = name
        self._longest = longest
        self._rest = ""
        self._separator = _BEGINNING
        self._objects = 0
        # `json.dump` writes NaN for missing values, although JSON does not allow it.
        self._parse = json.JSONDecoder(parse_constant=lambda _: None).raw_decode

    def feed(self, more: str) -> list[str]:
        """Return the objects that are complete by now, each on one line."""
        text, place = self._rest + more, 0
        objects: list[str] = []
        while separator := self._separator.match(text, place):
            start = separator.end()
            if text[start : start + 1] != "{":
                self._refuse_value(text[start : start + 1])
                break
            try:
                record, end = self._parse(text, start)
            except (ValueError, RecursionError):  # the rest may follow; or over 4,300 digits
                break
            # A string in JSON has no line ends, so these are between values.
            line = text[start:end].replace("\n", " ").replace("\r", " ")
            has_constant = "NaN" in line or "Infinity" in line
            objects.append(json.dumps(record) if has_constant else line)
            self._separator, place = _COMMA, end
        self._rest = text[place:]
        self._objects += len(objects)
        if self._is_long():
            self._fail()
        return objects

    def _refuse_value(self, first: str) -> None:
        """Reject an item of the array that begins as another value than an object."""
        if kind := _KINDS.get(first):
            raise CorpusError(
                f"{self._name} is a JSON array of {kind}; it must be an array of objects. Load it "
                "with json.load in Python and train on the list, or write one JSON object per line"
            )

    def finish(self) -> None:
        """Check that the array has ended."""
        if not _END.fullmatch(self._rest):
            self._fail()

    def _fail(self) -> None:
        shown = self._rest.strip()[:_SHOWN]
        longest = f"{self._longest:,} characters"
        long = f", or has an object of more than {longest}," if self._is_long() else ""
        raise CorpusError(
            f"{self._name} is a JSON array that is damaged or cut off{long} after "
            f"{count(self._objects, 'object')}, at {shown!r}; get a complete copy, or "
            + ("set max_line to read longer objects" if long else "write the file again")
        )

    def _is_long(self) -> bool:
        return len(self._rest) > self._longest
