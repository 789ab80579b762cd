"""gensim's two evaluations of word vectors, with its rules for capitals and unknown words.

`skipgram.evaluate` has rules of its own.
"""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from skipgram.errors import ConfigError, FormatError
from skipgram.gensim.arguments import existing_path
from skipgram.keys import Key
from skipgram.regular_files import read_whole
from skipgram.wording import reason_of

Correlation: TypeAlias = tuple[float, float]
"""A coefficient and its p-value."""
Question: TypeAlias = tuple[str, ...]
Search: TypeAlias = Callable[[list[int], list[int]], list[str]]
"""Returns the words nearest to the sum of positive rows minus negative ones, nearest first."""

logger = logging.getLogger(__name__)


class Section(NamedTuple):
    """A section of a set of analogies: its name, and the questions by how they were answered."""

    section: str
    correct: list[Question]
    incorrect: list[Question]


class EvaluatedWords:
    """The words that an evaluation uses, by the form in which it compares them.

    Attributes:
        rows: the row of each form; of words that share a form, that of the most frequent.
    """

    def __init__(self, words: Sequence[Key], case_insensitive: bool) -> None:
        self._case_insensitive = case_insensitive
        forms = self.normalise(words)
        self.rows = {form: row for row, form in reversed([*enumerate(forms)])}

    def normalise(self, words: Sequence[Key]) -> list[str]:
        """Return words in the form in which they are compared: strings, as in a set."""
        stripped = [str(word).strip() for word in words]
        return [word.upper() for word in stripped] if self._case_insensitive else stripped


def read_lines(path: str | os.PathLike[str], encoding: str) -> list[str]:
    """Return the lines of an evaluation set that are not blank.

    Raises:
        MissingFileError: the file does not exist.
        FormatError: it cannot be read.
    """
    place = existing_path(path)
    try:
        text = read_whole(place).decode(encoding).removeprefix("\ufeff")
    except (OSError, UnicodeDecodeError) as error:
        raise FormatError(
            f"cannot read {path}: {reason_of(error)}; check the path and the encoding of the file"
        ) from error
    return [line for line in text.split("\n") if line.strip()]


def word_pairs(
    words: EvaluatedWords,
    units: NDArray[np.float32],
    lines: Sequence[str],
    delimiter: str,
    dummy4unknown: bool,
) -> tuple[Correlation, Correlation, float]:
    """Correlate cosines with people's scores; see `KeyedVectors.evaluate_word_pairs`.

    Args:
        words: the words that take part.
        units: (V, d) their vectors, of length 1.
        lines: "word, word, score", separated by the delimiter. Comments (#) are skipped, and so are
            other lines: a header, or a score that is missing or not a number, such as NA.
        delimiter: separates the fields.
        dummy4unknown: count a pair without vectors as similarity 0, instead of skipping it.
    """
    from scipy.stats import pearsonr, spearmanr

    scores: list[float] = []
    cosines: list[float] = []
    unknown = 0
    for line in lines:
        if line.startswith("#"):
            continue
        *pair, last = words.normalise(line.split(delimiter))
        score = _score(last)
        if len(pair) != 2 or score is None:
            logger.info("skipped a line without two words and a score: %r", line[:80])
            continue
        rows = [words.rows[word] for word in pair if word in words.rows]
        known = len(rows) == 2
        unknown += not known
        if known or dummy4unknown:
            scores.append(score)
            cosines.append(float(units[rows[0]] @ units[rows[1]]) if known else 0.0)
    if len(scores) < 2:
        raise ConfigError(
            "fewer than two pairs of words have vectors; "
            f"check that {delimiter!r} separates the fields of the file"
        )
    total = len(scores) + (0 if dummy4unknown else unknown)
    return pearsonr(scores, cosines), spearmanr(scores, cosines), 100.0 * unknown / total


def _score(text: str) -> float | None:
    """Return a score; None if it is not a finite number."""
    try:
        score = float(text)
    except ValueError:
        return None
    return score if math.isfinite(score) else None


def word_analogies(
    words: EvaluatedWords, search: Search, lines: Sequence[str], dummy4unknown: bool
) -> tuple[float, list[dict[str, Any]]]:
    """Answer analogies; see `KeyedVectors.evaluate_word_analogies`.

    Args:
        words: the words that take part.
        search: finds the nearest words.
        lines: ": section", and below it questions of four words each.
        dummy4unknown: count a question with an unknown word as wrong, instead of skipping it.
    """
    sections: list[Section] = []
    for line in lines:
        if line.startswith(":"):
            sections.append(Section(line.strip(": \n"), [], []))
            continue
        question = tuple(words.normalise(line.split()))
        if not sections:
            raise FormatError(
                f"the line {line[:80]!r} comes before the first ': section' line; "
                "start the file with one"
            )
        if len(question) != 4:
            logger.warning("skipped a line that does not have four words: %r", line[:80])
            continue
        known = all(word in words.rows for word in question)
        if known and _answer(words, search, question) == question[3]:
            sections[-1].correct.append(question)
        elif known or dummy4unknown:
            sections[-1].incorrect.append(question)
    total = Section(
        "Total accuracy",
        [question for section in sections for question in section.correct],
        [question for section in sections for question in section.incorrect],
    )
    share = len(total.correct) / max(1, len(total.correct) + len(total.incorrect))
    return share, [section._asdict() for section in (*sections, total)]


def _answer(words: EvaluatedWords, search: Search, question: Question) -> str | None:
    """Return the word nearest to b - a + c; the question is (a, b, c, expected)."""
    negative, *positive = (words.rows[word] for word in question[:3])
    found = words.normalise(search(positive, [negative]))
    return next((word for word in found if word not in question[:3]), None)
