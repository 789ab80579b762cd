"""Words of messages that depend on numbers, and short forms of long results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def count(number: int, noun: str) -> str:
    """Return a number with its noun, such as "1 trial" or "2,000 words"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def some(names: Sequence[str], most: int = 3) -> str:
    """Return the first few names, such as "a, b, c, ..."."""
    more = ", ..." if len(names) > most else ""
    return ", ".join(names[:most]) + more


def describe_options(options: Mapping[str, object]) -> str:
    """Return options with three digits of each number, such as "alpha=0.0123, epochs=5"."""
    return ", ".join(
        f"{name}={value:.3g}" if isinstance(value, float) else f"{name}={value!r:.40}"
        for name, value in options.items()
    )
