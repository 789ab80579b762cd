"""Lists of tokens that are written as text, such as "['apple', 'pear']".

CSV has no lists, so pandas writes lists the way Python does. Split at white space, they would give
words such as ['apple', with brackets, quotes and commas.
"""

from __future__ import annotations

import ast
import contextlib
import itertools
import json
import re
from collections.abc import Iterable, Iterator

from skipgram.errors import CorpusError

_LOOKED_AT = 100
"""How many values decide whether a column holds lists."""

_STRING = r"""(?:'(?:[^'\\]|\\.)*+'|"(?:[^"\\]|\\.)*+")"""
_ANY_LIST = re.compile(r"\[\s*(?:-?\d+\s*)?\]")
_IN_LIST = re.compile(r"""['"]|-?\d+(?:\.\d*)?(?:\s*,|\s+-?[\d.])""")
"""What follows the bracket of a list or an array: a string, or several numbers."""
_IN_TUPLE = re.compile(rf"[({{]\s*{_STRING}\s*,", re.DOTALL)
_LIST = re.compile(
    rf"\s*\[\s*(?:(?:{_STRING}|-?\d+)(?:\s*,\s*(?:{_STRING}|-?\d+))*+\s*)?\]\s*", re.DOTALL
)
"""A list with commas. Without them, as NumPy writes arrays, Python would join the strings."""
_UNKNOWN_ESCAPE = re.compile(r"""(?<!\\)(?:\\\\)*\\[^\\'"abfnrtvxuU]""")


def are_lists(values: Iterable[str]) -> bool:
    """Whether the first values all look like lists, tuples, sets or arrays that Python wrote."""
    present = itertools.islice(filter(None, map(str.strip, values)), _LOOKED_AT)
    # Empty lists and those of one integer are lists if the other values are.
    others = [value for value in present if not _ANY_LIST.fullmatch(value)]
    return len(others) > 0 and all(map(_is_like_list, others))


def _is_like_list(value: str) -> bool:
    if value.startswith("["):
        return value.endswith("]") and _IN_LIST.match(value.lstrip("[( \n")) is not None
    return value.endswith((")", "}")) and _IN_TUPLE.match(value) is not None


def parsed(values: Iterable[str], name: str) -> Iterator[list[str] | list[int]]:
    """Yield the lists; blank values are skipped.

    Args:
        values: of a column for which `are_lists` is true.
        name: of the table or the column, for messages.

    Raises:
        CorpusError: a value is not a list of strings or integers.
    """
    for value in filter(str.strip, values):
        items = _parsed(value)
        if items is None:
            raise CorpusError(
                f"{name} holds lists of tokens that are written as text, but {value!r:.60} is not "
                "a list of strings or integers; save the table as Parquet or JSON Lines, which "
                "keep lists"
            )
        yield items


def _parsed(value: str) -> list[str] | list[int] | None:
    """Return the items of a list; None if it is not one."""
    if not _LIST.fullmatch(value):
        return None
    items = None
    with contextlib.suppress(ValueError):
        items = json.loads(value)
    if items is None and not _UNKNOWN_ESCAPE.search(value):
        with contextlib.suppress(ValueError, SyntaxError):
            items = ast.literal_eval(value.strip())
    return items if items is not None and len(set(map(type, items))) <= 1 else None
