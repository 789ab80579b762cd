"""A look at a corpus after its scan: should it be read with other options?"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from skipgram.config import CorpusConfig
from skipgram.corpus.array_file import ArrayFile
from skipgram.corpus.unspaced import remedy_for_unspaced
from skipgram.vocabulary import Vocabulary

_MOST_FREQUENT = 20_000
"""How many words are looked at. They are 94 % of 17 M words of Wikipedia; looking takes 0.04 s."""

_EXAMPLES = 5

_AT_ONCE = 1 << 16
"""How many sentences are counted at a time."""

_HTML = re.compile(r"</?[a-z]|/>|&(?:[a-z]+|#\w+);", re.IGNORECASE)
_URL = re.compile(r"https?://|www\.", re.IGNORECASE)
_PUNCTUATION = '.,;:!?"()[]{}\u2026\u201c\u201d\u00ab\u00bb\u3002\u3001\uff0c\uff01\uff1f'


class Finding(NamedTuple):
    """What words may carry.

    Attributes:
        says: what is wrong with the words.
        least: the share of the words of a text from which on it is said.
        most: the share above which it is not said: it is meant to be so.
        carries: whether a word carries it.
    """

    says: str
    least: float
    most: float
    carries: Callable[[str], bool]


def _has_punctuation(word: str) -> bool:
    bare = word.strip(_PUNCTUATION)
    return bare != word and any(map(str.isalnum, bare))


FINDINGS = [
    Finding("hold HTML", 0.005, 1.0, lambda word: _HTML.search(word) is not None),
    Finding("are URLs", 0.002, 1.0, lambda word: _URL.match(word) is not None),
    Finding("have punctuation attached", 0.02, 1.0, _has_punctuation),
    Finding("have capitals", 0.02, 0.6, lambda word: word != word.lower()),
]
"""In the licences that come with Debian, 48,000 words, 12 % of the words have punctuation attached
and 17 % have capitals. In 17 M words of Wikipedia, in lower case and without punctuation, it is
below 0.01 %. Where most words have capitals, they are names of another kind, such as Q42."""


def advise(vocabulary: Vocabulary, reading: CorpusConfig) -> str:
    """Return one line on what the words of a text carry, and the option that removes it.

    Args:
        vocabulary: the words of a text, most frequent first.
        reading: how the text was split; with `clean` or a tokenizer, there is nothing to say.

    Returns:
        The line; "" if there is nothing to say.
    """
    if reading.clean or reading.tokenizer or reading.token_pattern:
        return ""
    words = vocabulary.words[:_MOST_FREQUENT]
    counts = vocabulary.counts[:_MOST_FREQUENT].tolist()
    total = sum(counts)
    said: list[str] = []
    examples: list[list[str]] = []
    for finding in FINDINGS:
        carried = {word: n for word, n in zip(words, counts, strict=True) if finding.carries(word)}
        share = sum(carried.values()) / max(total, 1)
        if finding.least <= share <= finding.most:
            amount = f"{share:.0%}" if share >= 0.01 else "some"
            said.append(f"{amount} {'' if said else 'of the words '}{finding.says}")
            examples.append(list(carried))
    if not said:
        return ""
    found = " and ".join(filter(None, [", ".join(said[:-1]), said[-1]]))
    shown = ", ".join(map(repr, itertools.islice(_in_turn(examples), _EXAMPLES)))
    only_capitals = len(said) == 1 and said[0].endswith("capitals")
    option = "lowercase=True" if only_capitals else "clean=True"
    return f"note: {found}, such as {shown}; set {option} to remove this"


def advise_sentences(
    offsets: ArrayFile[np.int64] | NDArray[np.int64], vocabulary: Vocabulary, reading: CorpusConfig
) -> str:
    """Return one line on sentences of one word, and the option that makes longer ones.

    Args:
        offsets: (S + 1,) where sentences begin, and the number of words.
        vocabulary: the words.
        reading: how the corpus was read.

    Returns:
        The line; "" if fewer than half of the sentences have only one word.
    """
    sentences = len(offsets) - 1
    short = 0
    for first in range(0, sentences, _AT_ONCE):
        short += int(np.count_nonzero(np.diff(offsets[first : first + _AT_ONCE + 1]) == 1))
    if sentences == 0 or short < sentences / 2:
        return ""
    return (
        f"note: {short / sentences:.0%} of the sentences have only one word, which has no "
        f"neighbours to learn from; {remedy_for_short_sentences(vocabulary, reading)}"
    )


def remedy_for_short_sentences(vocabulary: Vocabulary, reading: CorpusConfig) -> str:
    """Return what to do about sentences of one word."""
    if remedy := remedy_for_unspaced(vocabulary, reading):
        return remedy
    if reading.column is not None and reading.group_by is None:
        return "if each row is one item, set group_by=NAME to the column of its user or session"
    return "put each sentence on one line, or lower min_count"


def _in_turn(lists: list[list[str]]) -> Iterator[str]:
    """Yield the first items of all lists, then the second ones, and so on, each once."""
    items = itertools.chain.from_iterable(itertools.zip_longest(*lists))
    return (item for item in dict.fromkeys(items) if item is not None)
