"""A corpus that every machine has: the documentation of the running Python.

It is the text of the language topics, docstrings and comments of the standard library: English
about programming, some 650,000 words.
"""

from __future__ import annotations

import re
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path
from pydoc_data import topics
from typing import Any

OPTIONS: dict[str, Any] = {
    "vector_size": 100,
    "window": 5,
    "negative": 10,
    "min_count": 5,
    "epochs": 15,
}
"""Options for so small a corpus: more negatives and more epochs than the defaults."""

WORDS = ["month", "red", "file", "thread", "function", "integer"]
"""Words whose neighbours the quick start shows."""

ANALOGY = ("list", "lists", "string")
"""The quick start asks: a is to b as c is to what?"""

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
_SENTENCE_END = re.compile(r"[.!?:;]\s|\n\s*\n")
_DOCUMENTATION = re.compile(
    r'"""(.*?)"""|' + r"'''(.*?)'''" + r"|^[ \t]*((?:#[^\n]*\n[ \t]*)+)", re.DOTALL | re.MULTILINE
)
_SKIPPED = {"test", "tests", "site-packages", "dist-packages", "pydoc_data", "encodings"}


def sentences() -> Iterator[list[str]]:
    """Yield the sentences of the documentation as lists of lower-case words."""
    for text in topics.topics.values():
        yield from _split(text)
    library = Path(sysconfig.get_path("stdlib"))
    paths = sorted(library.rglob("*.py"))
    yield from sentences_in(
        path for path in paths if not _SKIPPED.intersection(path.relative_to(library).parts)
    )


def sentences_in(paths: Iterable[Path]) -> Iterator[list[str]]:
    """Yield the sentences of the docstrings and comments of Python files."""
    for path in paths:
        yield from _split(_prose(path.read_text(encoding="utf-8", errors="ignore")))


def _split(text: str) -> Iterator[list[str]]:
    for sentence in _SENTENCE_END.split(text.lower()):
        words = _WORD.findall(sentence)
        if len(words) > 1:
            yield words


def _prose(code: str) -> str:
    """Return the triple-quoted strings and comment lines of a module.

    To separate docstrings from other strings would take seconds more.
    """
    return "\n\n".join(
        match[1] or match[2] or match[3]
        for match in _DOCUMENTATION.finditer(code)
        if any(match.groups())
    )
