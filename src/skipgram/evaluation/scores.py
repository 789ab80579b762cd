"""The quality of word vectors, measured on word-similarity and analogy sets.

A similarity set has lines of word1, word2 and a score given by people, separated by tabs, commas or
spaces; its first line may name these columns. The measure is Spearman's rank correlation between
scores and cosines, with the interval that holds 95 % of the correlations when the covered pairs are
drawn again with replacement (the percentile bootstrap: Efron 1979).

An analogy set has lines of four words "a b c d" (a is to b as c is to d) under section lines that
begin with ":". The measure is the share of questions whose first answer by 3CosAdd is d (Mikolov et
al. 2013, arXiv:1301.3781); the words of the question are not allowed as answers, as in the original
compute-accuracy program.

Lines that begin with "#" and empty lines are skipped. A word is looked up as written, then in lower
case, each time among the known words. (gensim turns all words into upper case by default: if a
vocabulary has both "Apple" and "apple", it compares the more frequent one.) As in gensim, the known
words are the first N. These are the most frequent ones in the order of skipgram and word2vec;
vectors in another order are used in that order, even if they have counts.
"""

from __future__ import annotations

import warnings
from dataclasses import asdict, dataclass
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from skipgram.embeddings import Embeddings
from skipgram.encodings import text_of
from skipgram.errors import FormatError
from skipgram.evaluation.sets import KNOWN_SETS, find_set, nearest_name
from skipgram.forks import delaying_forks
from skipgram.formats import load
from skipgram.matrices import at_least_one
from skipgram.nearest import queries_per_block
from skipgram.progress import ShowProgress, reporting_to
from skipgram.regular_files import read_whole
from skipgram.training.events import Report, silent
from skipgram.wording import count, reason_of

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from skipgram.embeddings import Which

ANALOGY_RESTRICT = 30_000
"""By default, analogies are answered with the first 30,000 words, the usual way to run
compute-accuracy."""

RESAMPLES = 1000
"""How many samples the bootstrap draws."""

CONFIDENCE = 0.95
"""The share of the bootstrap correlations in the interval."""

SEED = 1
"""The seed of the bootstrap: the interval is the same each time."""


class SimilaritySet(NamedTuple):
    """The path of a similarity set, and its pairs of words with their scores."""

    path: str
    pairs: list[tuple[str, str, float]]

    def __repr__(self) -> str:
        return f"<SimilaritySet: {count(len(self.pairs), 'pair')} of {self.path}>"


class AnalogySet(NamedTuple):
    """The path of an analogy set, and its sections: a name and questions of four words."""

    path: str
    sections: list[tuple[str, list[list[str]]]]

    def __repr__(self) -> str:
        questions = sum(len(questions) for _, questions in self.sections)
        return f"<AnalogySet: {count(questions, 'question')} of {self.path}>"


EvaluationSet: TypeAlias = SimilaritySet | AnalogySet


@dataclass(frozen=True)
class SimilarityResult:
    """How well cosines rank the pairs of one set."""

    path: str
    which: str
    restrict: int | None
    spearman: float | None
    """Spearman's correlation, -1 to 1.

    None if fewer than two pairs are covered, or all of them have the same score or cosine.
    """
    interval: tuple[float, float] | None
    """The 95 % interval; None if the pairs are so few that some draws have no correlation."""
    pairs: int
    covered: int
    missing: tuple[tuple[str, str], ...]
    """The pairs with a word outside the vocabulary; they do not affect the score."""
    unknown_words: int
    """How many different words of the set are outside the vocabulary."""

    @property
    def score(self) -> float | None:
        """Spearman's correlation."""
        return self.spearman

    @property
    def coverage(self) -> float:
        """The share of pairs whose words are both in the vocabulary."""
        return self.covered / self.pairs

    def __repr__(self) -> str:
        return f"<SimilarityResult: {self}>"

    def __str__(self) -> str:
        score = "no score" if self.spearman is None else f"Spearman {self.spearman:.3f}"
        if self.interval is not None:
            score += ", 95% {:.3f} to {:.3f}".format(*self.interval)
        elif self.spearman is not None:
            score += ", too few pairs for a 95% interval"
        covered = f"{self.covered:,} of {count(self.pairs, 'pair')} covered"
        return f"{score} ({covered}{_unknown(self.unknown_words)})"

    def brief(self) -> str:
        """Score, interval and coverage, compactly."""
        interval = "" if self.interval is None else " [{:.3f}, {:.3f}]".format(*self.interval)
        return f"{_compact(self.score)}{interval}  {self.covered}/{self.pairs}"

    def as_dict(self) -> dict[str, Any]:
        """All fields and the kind of set, as JSON values."""
        return {
            "kind": "similarity",
            **asdict(self),
            "missing": [list(pair) for pair in self.missing],
        }


@dataclass(frozen=True)
class AnalogySection:
    """The questions of one section, or of all."""

    name: str
    questions: int
    covered: int
    """The questions whose four words are all known; only these are asked."""
    correct: int

    @property
    def accuracy(self) -> float | None:
        """The share of covered questions answered correctly, 0 to 1; None if none is covered."""
        return self.correct / self.covered if self.covered else None

    def as_dict(self) -> dict[str, Any]:
        """All fields and the accuracy, as JSON values."""
        return {**asdict(self), "accuracy": self.accuracy}


@dataclass(frozen=True)
class AnalogyResult:
    """How many questions of one set are answered correctly."""

    path: str
    which: str
    restrict: int
    total: AnalogySection
    sections: tuple[AnalogySection, ...]
    unknown_words: int
    """How many different words of the questions are not known."""

    @property
    def score(self) -> float | None:
        """The accuracy over all questions, 0 to 1."""
        return self.total.accuracy

    @property
    def coverage(self) -> float:
        """The share of questions whose words are all known."""
        return self.total.covered / self.total.questions

    def __repr__(self) -> str:
        return f"<AnalogyResult: {self}>"

    def __str__(self) -> str:
        total = self.total
        score = "no score" if total.accuracy is None else f"accuracy {total.accuracy:.1%}"
        covered = f"{total.covered:,} of {count(total.questions, 'question')} covered"
        return f"{score} ({total.correct:,} right, {covered}{_unknown(self.unknown_words)})"

    def brief(self) -> str:
        """Score and coverage, compactly."""
        return f"{_compact(self.score)}  {self.total.covered}/{self.total.questions}"

    def as_dict(self) -> dict[str, Any]:
        """All fields and the kind of set, as JSON values."""
        sections = [section.as_dict() for section in self.sections]
        return {
            "kind": "analogy",
            **asdict(self),
            "total": self.total.as_dict(),
            "sections": sections,
        }


def _compact(score: float | None) -> str:
    return "-" if score is None else f"{score:.3f}"


def _unknown(words: int) -> str:
    return f", {count(words, 'word')} unknown" if words else ""


def evaluate(
    embeddings: Embeddings | str | os.PathLike[str],
    given: str | os.PathLike[str] | EvaluationSet,
    *,
    restrict: int | None = None,
    which: Which = "input",
    report: Report = silent,
    progress: ShowProgress = "auto",
) -> SimilarityResult | AnalogyResult:
    """Measure embeddings on a similarity or analogy set.

    Args:
        embeddings: the vectors to measure, or the path of a model or of vectors in another format.
        given: the name of a public set, such as "wordsim353" (see `sets`), a file, or what
            `read_set` returned.
        restrict: the known words are the first N, usually the most frequent; by default all for
            similarity and 30,000 for analogies.
        which: the vectors to compare.
        report: a function that is called with the events of the download of a public set.
        progress: where to show these events, as for `skipgram.train`.

    Raises:
        ConfigError: restrict is under 1, or the output vectors are needed but were not kept.
        FormatError: the vectors or the set cannot be read.
        OutputError: as `read_set`.

    Example:
        >>> result = skipgram.evaluate(embeddings, "wordsim353")
        >>> print(result)  # score, interval and coverage in one line; result.score is the number
    """
    restrict = None if restrict is None else at_least_one("restrict", restrict)
    with reporting_to(report, progress) as send:
        read = given if isinstance(given, SimilaritySet | AnalogySet) else read_set(given, send)
    embeddings = embeddings if isinstance(embeddings, Embeddings) else load(embeddings)
    if isinstance(read, AnalogySet):
        return _analogies(embeddings, read, restrict or ANALOGY_RESTRICT, which)
    return _similarity(embeddings, read, restrict, which)


def read_set(given: str | os.PathLike[str], report: Report = silent) -> EvaluationSet:
    """Read a similarity or analogy set; its first line tells which of the two it is.

    Args:
        given: the file, UTF-8, or the name of a public set (see `sets`). The docstring of this
            module describes the formats.
        report: a function that is called with the events of the download of a public set.

    Raises:
        FormatError: the file cannot be read, is empty, or has a bad line; the message names it.
        OutputError: a public set was downloaded and cannot be saved.
    """
    path = find_set(given, report)
    lines = _read_lines(path)
    if lines[0][1].startswith(":"):
        return AnalogySet(str(path), _parse_analogies(lines, path))
    return SimilaritySet(str(path), _parse_pairs(lines, path))


def _read_lines(path: str | os.PathLike[str]) -> list[tuple[int, str]]:
    """Return the lines that are neither empty nor comments, with their numbers."""
    try:
        text = text_of(read_whole(path))
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise FormatError(f"{path}, line {line}: not UTF-8; convert the file to UTF-8") from error
    except (OSError, ValueError) as error:  # ValueError: a name with a NUL byte
        near = nearest_name(Path(path))
        meant = f" (did you mean {near}?)" if near else ""
        raise FormatError(
            f"cannot read {path}: {reason_of(error)}; "
            f"check the path, or name one of {', '.join(KNOWN_SETS)}{meant}"
        ) from error
    numbered = (
        (number, line.lstrip("\ufeff").strip()) for number, line in enumerate(text.split("\n"), 1)
    )
    lines = [(number, line) for number, line in numbered if line and not line.startswith("#")]
    if not lines:
        raise FormatError(f"{path} has no lines to evaluate; give a similarity or an analogy set")
    return lines


def _parse_pairs(
    lines: Sequence[tuple[int, str]], path: str | os.PathLike[str]
) -> list[tuple[str, str, float]]:
    pairs = []
    for number, line in lines:
        separator = next((mark for mark in "\t," if mark in line), None)
        fields = [field.strip() for field in line.split(separator)]
        try:
            first, second, written = fields
            score = float(written)
        except ValueError as error:
            if number == lines[0][0] and len(lines) > 1 and _names_columns(fields):
                continue
            raise _bad_line(
                path, number, line, "'word1 word2 score' (analogies begin with a ': section' line)"
            ) from error
        if not isfinite(score):
            raise _bad_line(path, number, line, "a finite score")
        pairs.append((first, second, score))
    return pairs


def _names_columns(fields: Sequence[str]) -> bool:
    return len(fields) == 3 and not fields[2].lstrip("+-.")[:1].isdigit()


def _parse_analogies(
    lines: Iterable[tuple[int, str]], path: str | os.PathLike[str]
) -> list[tuple[str, list[list[str]]]]:
    sections: list[tuple[str, list[list[str]]]] = []
    for number, line in lines:
        if line.startswith(":"):
            sections.append((line[1:].strip(), []))
            continue
        question = line.split()
        if len(question) != 4:
            raise _bad_line(path, number, line, "four words")
        sections[-1][1].append(question)
    if not any(questions for _, questions in sections):
        raise FormatError(f"{path} has sections but no questions; add lines of four words to them")
    return sections


def _bad_line(path: str | os.PathLike[str], number: int, line: str, wanted: str) -> FormatError:
    return FormatError(
        f"{path}, line {number}: expected {wanted}, found {line[:80]!r}; "
        "fix the line, or comment it out with '#'"
    )


class _Lookup:
    """Looks up words among the first `known` rows, as written or else in lower case.

    Attributes:
        unknown: the words that were not found.
    """

    def __init__(self, embeddings: Embeddings, known: int) -> None:
        self._embeddings = embeddings
        self._known = known
        self.unknown: set[str] = set()

    def rows(self, words: Iterable[str]) -> list[int] | None:
        """Return the rows of the words; None if any is unknown."""
        rows = [self._row(word) for word in words]
        found = [row for row in rows if row is not None]
        return found if len(found) == len(rows) else None

    def _row(self, word: str) -> int | None:
        for form in (word, word.lower()):
            if form in self._embeddings and (row := self._embeddings.index(form)) < self._known:
                return row
        self.unknown.add(word.lower())  # counted once, in any capitalisation
        return None


def _similarity(
    embeddings: Embeddings, given: SimilaritySet, restrict: int | None, which: Which
) -> SimilarityResult:
    lookup = _Lookup(embeddings, restrict or len(embeddings))
    units = embeddings.unit_vectors(which)
    rows, scores = [], []
    missing = []
    for first, second, score in given.pairs:
        pair = lookup.rows((first, second))
        if pair is None:
            missing.append((first, second))
        else:
            rows.append(pair)
            scores.append(score)
    index = np.array(rows, np.intp).reshape(-1, 2)
    cosines = np.einsum("ij,ij->i", units[index[:, 0]], units[index[:, 1]])
    spearman, interval = _spearman(np.array(scores), cosines)
    return SimilarityResult(
        given.path,
        which,
        restrict,
        spearman,
        interval,
        pairs=len(given.pairs),
        covered=len(rows),
        missing=tuple(missing),
        unknown_words=len(lookup.unknown),
    )


def _spearman(
    scores: NDArray[np.float64], cosines: NDArray[np.float32]
) -> tuple[float | None, tuple[float, float] | None]:
    """Return Spearman's correlation and its bootstrap interval."""
    # A rank correlation needs two different values on each side.
    if len(set(scores.tolist())) < 2 or len(set(cosines.tolist())) < 2:
        return None, None
    with delaying_forks():
        from scipy import stats

    # A draw that repeats one pair has no correlation.
    with warnings.catch_warnings(action="ignore", category=RuntimeWarning):
        draws = stats.bootstrap(
            (scores, cosines),
            _correlations,
            paired=True,
            n_resamples=RESAMPLES,
            batch=100,
            confidence_level=CONFIDENCE,
            method="percentile",
            random_state=SEED,
        )
    low, high = (float(border) for border in draws.confidence_interval)
    interval = (low, high) if isfinite(low + high) else None
    return float(_correlations(scores, cosines, axis=-1)), interval


def _correlations(*samples: NDArray[Any], axis: int) -> NDArray[np.float64]:
    """Return Spearman's correlations of two samples, Pearson's of the ranks, for many draws."""
    with delaying_forks():
        from scipy import stats

    x, y = (stats.rankdata(sample, axis=axis) - (sample.shape[axis] + 1) / 2 for sample in samples)
    norms = np.sqrt((x * x).sum(axis) * (y * y).sum(axis))
    found: NDArray[np.float64] = (x * y).sum(axis) / norms
    return found


def _analogies(
    embeddings: Embeddings, given: AnalogySet, restrict: int, which: Which
) -> AnalogyResult:
    units = embeddings.unit_vectors(which)[:restrict]
    lookup = _Lookup(embeddings, restrict)
    results = []
    for name, questions in given.sections:
        asked = [rows for question in questions if (rows := lookup.rows(question))]
        correct = _correct(units, np.array(asked, np.intp).reshape(-1, 4))
        results.append(AnalogySection(name, len(questions), len(asked), correct))
    total = AnalogySection(
        "total",
        questions=sum(result.questions for result in results),
        covered=sum(result.covered for result in results),
        correct=sum(result.correct for result in results),
    )
    return AnalogyResult(given.path, which, restrict, total, tuple(results), len(lookup.unknown))


def _correct(units: NDArray[np.float32], questions: NDArray[np.intp]) -> int:
    """Return how many questions, (n, 4) rows a b c d, have d as the first answer by 3CosAdd."""
    block = queries_per_block(len(units))
    correct = 0
    for start in range(0, len(questions), block):
        a, b, c, d = questions[start : start + block].T
        # The sums are not scaled to length 1: the order of the answers is the same.
        scores = (units[b] - units[a] + units[c]) @ units.T
        each = np.arange(len(d))
        for word in (a, b, c):
            scores[each, word] = -np.inf
        correct += int(np.count_nonzero(scores.argmax(axis=1) == d))
    return correct
