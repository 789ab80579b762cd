"""How often a checkpoint is written: after a time, or after a number of words."""

from __future__ import annotations

import math
import re
from typing import NamedTuple

OFF = "off"

_SECONDS = {"s": 1, "m": 60, "h": 3600}
_REMEDY = "it must be a time, such as 90s, 10m or 2h, a number of words, such as 500000000, or off"


class Interval(NamedTuple):
    """Seconds and words of the text; the first of them that is reached counts."""

    seconds: float = math.inf
    words: float = math.inf


def as_interval(value: object) -> object:
    """Return an interval as it is written: "off", a time such as "10m", or a number of words.

    Raises:
        ValueError: it is none of these.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(_REMEDY)
    text = str(value).strip().lower()
    if text == OFF or _duration(text):
        return text
    try:
        words = float(text)
    except ValueError:
        raise ValueError(_REMEDY) from None
    if not 1 <= words < 2**63:
        raise ValueError(_REMEDY)
    return int(words)


def interval_of(value: str | int) -> Interval | None:
    """Return the interval that `as_interval` has checked; None if it is "off"."""
    if value == OFF:
        return None
    if isinstance(value, int):
        return Interval(words=value)
    return Interval(seconds=_duration(value))


def _duration(text: str) -> float:
    """Return the seconds of a time that is not zero; 0 if the text is none."""
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)\s*([smh])", text, re.ASCII)
    return float(found[1]) * _SECONDS[found[2]] if found else 0.0
