"""gensim's two measures of word vectors, with its choices about capitals and unknown words; ours: `skipgram.evaluate`."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from skipgram.errors import ConfigError, FormatError
from skipgram.gensim.arguments import existing

if TYPE_CHECKING:
    from skipgram.gensim.keyed_vectors import KeyedVectors

logger = logging.getLogger(__name__)


class Words:
    """The first `restrict` words, by the form in which sets name them; of words that share one, the most frequent.

    Attributes:
        wv: the vectors.
        restrict: how many words are known.
        rows: the words' rows.
    """

    def __init__(self, wv: KeyedVectors, restrict: int, case_insensitive: bool) -> None:
        self.wv, self.restrict, self._fold = wv, restrict, case_insensitive
        folded = self.fold(wv.index_to_key[:restrict])
        self.rows = {word: row for row, word in reversed([*enumerate(folded)])}

    def fold(self, words: Sequence[str]) -> list[str]:
        """Return words in that form."""
        return [word.strip().upper() if self._fold else word.strip() for word in words]


def lines(path: str | os.PathLike[str], encoding: str) -> list[str]:
    """Return the lines of a set that hold something; FormatError if it cannot be read, MissingFileError if it is not there."""
    place = existing(path)
    try:
        return [line for line in place.read_text(encoding=encoding).split("\n") if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise FormatError(
            f"cannot read {path}: {error}; check the path and its encoding"
        ) from error


def word_pairs(
    words: Words, lines: Sequence[str], delimiter: str, dummy4unknown: bool
) -> tuple[Any, Any, float]:
    """See `KeyedVectors.evaluate_word_pairs`."""
    from scipy.stats import pearsonr, spearmanr

    units, people, cosines, unknown = words.wv.get_normed_vectors(), [], [], 0
    for line in lines:
        fields = words.fold(line.split(delimiter))
        if line.startswith("#") or len(fields) != 3:
            continue
        rows = [words.rows[word] for word in fields[:2] if word in words.rows]
        unknown += len(rows) < 2
        if len(rows) == 2 or dummy4unknown:
            people.append(_number(fields[2], line))
            cosines.append(float(units[rows[0]] @ units[rows[1]]) if len(rows) == 2 else 0.0)
    if len(people) < 2:
        raise ConfigError(
            f"fewer than two pairs of words have vectors; is {delimiter!r} what separates the fields of the set?"
        )
    total = len(people) + (0 if dummy4unknown else unknown)
    return pearsonr(people, cosines), spearmanr(people, cosines), 100.0 * unknown / total


def _number(text: str, line: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise FormatError(
            f"{line[:80]!r} holds no score; mend that line or begin it with '#'"
        ) from error


def word_analogies(
    words: Words, lines: Sequence[str], similarity_function: str, dummy4unknown: bool
) -> tuple[float, list[dict[str, Any]]]:
    """See `KeyedVectors.evaluate_word_analogies`."""
    sections: list[dict[str, Any]] = []
    ask = getattr(words.wv, similarity_function)
    for line in lines:
        if line.startswith(":"):
            sections.append({"section": line.strip(": \n"), "correct": [], "incorrect": []})
            continue
        question = tuple(words.fold(line.split()))
        if not sections:
            raise FormatError(
                f"{line[:80]!r} stands before the first ': section' line; begin the set with one"
            )
        if len(question) != 4:
            logger.warning("left out is a line that is no question of four words: %r", line[:80])
            continue
        if all(word in words.rows for word in question):
            a, b, c, _ = (words.rows[word] for word in question)
            answers = words.fold(
                [word for word, _ in ask([b, c], [a], topn=5, restrict_vocab=words.restrict)]
            )
            right = (
                next((word for word in answers if word not in question[:3]), None) == question[3]
            )
            sections[-1]["correct" if right else "incorrect"].append(question)
        elif dummy4unknown:
            sections[-1]["incorrect"].append(question)
    total = {
        kind: [question for section in sections for question in section[kind]]
        for kind in ("correct", "incorrect")
    }
    share = len(total["correct"]) / max(1, sum(map(len, total.values())))
    return share, [*sections, {"section": "Total accuracy", **total}]
