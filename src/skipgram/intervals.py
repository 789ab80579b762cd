"""How often a checkpoint is written: after a time, or after a number of words."""

from __future__ import annotations

import contextlib
import math
import re
from typing import NamedTuple

from skipgram.errors import ConfigError

OFF = "off"

DEFAULT_INTERVAL = "10m"
"""How often checkpoints are written by default. Shorter trainings write none."""

_SECONDS = {"s": 1, "m": 60, "h": 3600}


class Interval(NamedTuple):
    """Seconds and words of the text; the first of them that is reached counts."""

    seconds: float = math.inf
    words: float = math.inf


def interval_of(checkpoint: str | float) -> Interval | None:
    """Return how often checkpoints are written; None if it is "off".

    Args:
        checkpoint: a time such as "10m", a number of words, or "off".

    Raises:
        ConfigError: it is none of these.
    """
    text = str(checkpoint).strip().lower()
    if text == OFF:
        return None
    if seconds := _duration(text):
        return Interval(seconds=seconds)
    with contextlib.suppress(ValueError):
        if 1 <= float(text) < math.inf:
            return Interval(words=float(text))
    raise ConfigError(
        f"checkpoint is {checkpoint!r}; it must be a time, such as 90s, 10m or 2h, a number of "
        "words, such as 500000000, or off"
    )


def _duration(text: str) -> float:
    """Return the seconds of a time that is not zero; 0 if the text is none."""
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)\s*([smh])", text, re.ASCII)
    return float(found[1]) * _SECONDS[found[2]] if found else 0.0
