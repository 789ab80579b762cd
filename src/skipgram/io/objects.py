"""JSON objects in files, which a stranger may have written."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

_MOST_LEVELS = 64
"""skipgram writes four levels. Python fails to read, compare or write a thousand."""


def parse_object(text: str) -> dict[str, Any]:
    """Return the JSON object in a text.

    Raises:
        ValueError: it is not JSON, another value than an object, nested over 64 levels deep, or
            holds a number that is not finite: NaN and Infinity, which Python reads, are not JSON.
    """
    try:
        content = json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except RecursionError:
        raise ValueError(_too_deep()) from None
    if not isinstance(content, dict):
        raise ValueError("it is not a JSON object")
    check_levels(content)
    return content


def check_levels(content: object) -> None:
    """Raise a ValueError if lists and dicts are nested over 64 levels deep."""
    level: list[object] = [content]
    for _ in range(_MOST_LEVELS + 1):
        level = [inner for each in level for inner in _inside(each)]
    if level:
        raise ValueError(_too_deep())


def _finite(text: str) -> float:
    """Return a number with a point or an exponent; 1e999 is too large for a float."""
    number = float(text)
    return number if math.isfinite(number) else _refuse(text)


def _refuse(number: str) -> NoReturn:
    raise ValueError(f"it holds the number {number:.80}; numbers must be finite")


def _inside(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if isinstance(value, list | tuple) else []


def _too_deep() -> str:
    return f"it is nested over {_MOST_LEVELS} levels deep"
