"""Words of messages that depend on numbers, and on where they are read."""

from __future__ import annotations

import re

_ADVICE = re.compile(r"\b(set|lower) ([a-z_]+)(?:=(\w+))?(?= to |, or |$)", re.MULTILINE)


def count(number: int, noun: str) -> str:
    """Return a number with its noun, such as "1 trial" or "2,000 words"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def in_options(text: str) -> str:
    """Return advice for Python, such as "set clean=True", as "set --clean"."""

    def option(found: re.Match[str]) -> str:
        value = "" if found[3] in (None, "True") else f" {found[3]}"
        return f"{found[1]} --{found[2].replace('_', '-')}{value}"

    return _ADVICE.sub(option, text)
