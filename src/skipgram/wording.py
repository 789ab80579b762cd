"""Words of messages that depend on numbers and on where they are read, and short forms."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence

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


def some(names: Sequence[str], most: int = 3) -> str:
    """Return the first few names, such as "a, b, c, ..."."""
    more = ", ..." if len(names) > most else ""
    return ", ".join(names[:most]) + more


def describe_search(minutes: float, trials: int | None) -> str:
    """Say how long a search takes, how to change that, and how to end it."""
    limit = f"{minutes:g} minute{'' if minutes == 1 else 's'}"
    if trials is not None:
        limit += f" or {count(trials, 'trial')}"
    return (
        f"searching for {limit} (set minutes to change this); "
        "Ctrl-C ends the search with the best so far"
    )


def describe_options(options: Mapping[str, object]) -> str:
    """Return options with three digits of each number, such as "alpha=0.0123, epochs=5"."""
    return ", ".join(
        f"{name}={value:.3g}" if isinstance(value, float) else f"{name}={value!r:.40}"
        for name, value in options.items()
    )


def describe_choice(name: str, value: str, allowed: Sequence[str]) -> str:
    """Say that an option is none of the allowed values, and which were probably meant."""
    near = [each for each in allowed if value and each.startswith(value)]
    near = near or difflib.get_close_matches(value, allowed, n=1)
    meant = f" (did you mean {' or '.join(near)}?)" if near else ""
    return f"{name} is {value!r}; it must be one of {', '.join(allowed)}{meant}"


def describe_unknown(
    unknown: Sequence[str], names: Iterable[str], elsewhere: Mapping[str, str]
) -> str:
    """Say that there are no such options, and which were probably meant; else list all names.

    Args:
        unknown: the names that were given.
        names: the names that there are.
        elsewhere: what options of other programs are called here.
    """
    known = sorted(names)
    texts = [f"unknown option {name!r}{_meant(name, known, elsewhere)}" for name in unknown]
    listed = all(_meant(name, known, elsewhere) for name in unknown)
    return ". ".join(texts) + ("" if listed else f"; the options are {', '.join(known)}")


def _meant(name: str, known: Sequence[str], elsewhere: Mapping[str, str]) -> str:
    if elsewhere.get(name) in known:
        return f" (the name here is {elsewhere[name]})"
    near = difflib.get_close_matches(name, known, n=1)
    return f" (did you mean {near[0]}?)" if near else ""
