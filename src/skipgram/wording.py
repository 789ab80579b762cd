"""Words of messages that depend on numbers."""

from __future__ import annotations


def count(number: int, noun: str) -> str:
    """Return a number with its noun, such as "1 trial" or "2,000 words"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
