"""Words of messages that depend on numbers and on where they are read, and short forms."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

ELSEWHERE = {
    "workers": "threads",
    "thread": "threads",
    "max_final_vocab": "max_vocab",
    "max_vocab_size": "max_vocab",
    "size": "vector_size",
    "dim": "vector_size",
    "iter": "epochs",
    "epoch": "epochs",
    "lr": "alpha",
    "learning_rate": "alpha",
    "ws": "window",
    "neg": "negative",
    "minCount": "min_count",
    "sg": "architecture",
    "cbow": "architecture",
    "cbow_mean": "cbow_context",
    "hs": "objective",
    "loss": "objective",
    "skipgram": "architecture",
    "time": "minutes",
    "timeout": "minutes",
    "n_trials": "trials",
    "window_size": "window",
    "min_freq": "min_count",
    "n_jobs": "threads",
    "random_state": "seed",
    "sep": "delimiter",
}
"""Our names of options that gensim, its older versions, fastText, word2vec.c, optuna, scikit-learn
or pandas call something else."""

_CLOSE = 0.65
"""The least similarity of a name to the one suggested. `--time` is no slip for `--optimizer`."""

_CONTROLS = re.compile("[\x00-\x08\n-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""Characters that a terminal obeys, or that change the order in which it shows others."""

_ADVICE = re.compile(
    r"\b(set|lower|leave out) ([a-z_]+)(?:=([\w:-]+))?(?= to |, or |;| \(|$)", re.MULTILINE
)


def count(number: int, noun: str) -> str:
    """Return a number with its noun, such as "1 trial" or "2,000 words"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def visible(text: str, escape: str = "") -> str:
    r"""Return a text with its control characters escaped, as Python would, such as \x1b.

    Line ends are escaped too, but not tabs. `escape` is another form, for the code of a character.
    """

    def escaped(found: re.Match[str]) -> str:
        if escape:
            return escape.format(ord(found[0]))
        return found[0].encode("unicode_escape").decode()

    return _CONTROLS.sub(escaped, text)


def visible_lines(text: str, escape: str = "") -> str:
    """Return `visible` of every line of a text."""
    return "\n".join(visible(line, escape) for line in text.split("\n"))


def in_options(text: str) -> str:
    """Return advice for Python, such as "set clean=True", as "set --clean"."""

    def option(found: re.Match[str]) -> str:
        value = "" if found[3] in (None, "True") else f" {found[3]}"
        return f"{found[1]} --{found[2].replace('_', '-')}{value}"

    return _ADVICE.sub(option, text)


def reason_of(error: Exception) -> str:
    """Return why a file cannot be used: the text of a system error without its number and path."""
    return str(getattr(error, "strerror", None) or error)


def as_argument(path: str | os.PathLike[str]) -> str:
    """Return a path for a command line: one that begins with "-" would be read as an option."""
    text = os.fspath(path)
    return f"./{text}" if text.startswith("-") else text


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
    near = near or list(filter(None, [nearest(value, allowed)]))
    meant = f" (did you mean {' or '.join(near)}?)" if near else ""
    return f"{name} is {value!r}; it must be one of {', '.join(allowed)}{meant}"


def describe_unknown(
    unknown: Sequence[str],
    names: Iterable[str],
    elsewhere: Mapping[str, str],
    groups: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """Say that there are no such options, and which were probably meant; else list all names.

    Args:
        unknown: the names that were given.
        names: the names that there are.
        elsewhere: what options of other programs are called here.
        groups: the configuration that has an option, for options that have no place here.
    """
    known = sorted(names)
    hints = [_meant(name, known, elsewhere, groups) for name in unknown]
    texts = [f"unknown option {name!r}{hint}" for name, hint in zip(unknown, hints, strict=True)]
    listed = all(hints)
    return ". ".join(texts) + ("" if listed else f"; the options are {', '.join(known)}")


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the one of the known names for which a name is probably a slip, or ""."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=_CLOSE)
    return near[0] if near else ""


def _meant(
    name: str, known: Sequence[str], elsewhere: Mapping[str, str], groups: Mapping[str, str]
) -> str:
    if elsewhere.get(name) in known:
        return f" (the name here is {elsewhere[name]})"
    if name in groups:
        return f" (an option of {groups[name]})"
    near = nearest(name, known)
    return f" (did you mean {near}?)" if near else ""
