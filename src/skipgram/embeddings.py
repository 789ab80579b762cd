"""Embeddings: words with their vectors, and the queries on them.

Every query compares directions: vectors are scaled to unit length, so a dot product is a cosine.
Search is exact, by matrix products in blocks, so memory stays bounded for any number of queries.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from operator import index as as_int
from typing import TYPE_CHECKING, Any, Literal, SupportsIndex, TypeAlias, get_args

import numpy as np

from skipgram import model_directory
from skipgram.errors import ConfigError, UnknownWordError
from skipgram.io.optional import import_optional
from skipgram.nearest import nearest, top_places
from skipgram.wording import count

if TYPE_CHECKING:
    import os

    import torch
    from numpy.typing import ArrayLike, NDArray

Which: TypeAlias = Literal["input", "output", "average"]
Neighbours: TypeAlias = list[tuple[str, float]]

_FEW = 16
"""Up to this many queries are answered without numba, which takes a third of a second to import."""

_SPELLING_WORDS = 100_000
"""Similar spellings are searched among this many of the first words."""

_NO_LENGTH = 1e-6
"""The rounding error per unit vector that is allowed in a sum that cancels out."""

_COSMUL_EPSILON = np.float32(0.001)
"""Keeps 3CosMul from dividing by zero (Levy and Goldberg 2014, section 6)."""


class Embeddings:
    """Words, most frequent first, and a vector for each.

    Skip-gram trains two matrices: `input` holds what is usually called the word vectors (v),
    `output` the context vectors (u). A query takes `which="input"` (the default), `"output"` or
    `"average"` (the mean of both). The first query caches unit vectors, so do not change a matrix
    in place afterwards.

    Args:
        words: V distinct words. `restrict=N` in a query means the first N, whatever their counts,
            so put frequent words first.
        input: (V, d) float32.
        output: (V, d) float32, or None if the output vectors were not kept.
        counts: (V,) int64, how often each word occurs in the corpus, or None if unknown.
        training: how the vectors were made (options, corpus, losses), as JSON values.

    Raises:
        ConfigError: the shapes do not match, a word is not a string or is given twice, a count is
            not a whole number of at least 0, or a number is too large for float32.
    """

    def __init__(
        self,
        words: Sequence[str],
        input: ArrayLike,  # noqa: A002 - the standard name of this matrix
        output: ArrayLike | None = None,
        counts: ArrayLike | None = None,
        training: Mapping[str, Any] | None = None,
    ) -> None:
        self.words: list[str] = list(words)
        for word in self.words:
            if not isinstance(word, str):
                raise ConfigError(
                    f"the word {word!r:.80} is not a string; convert it, as in str({word!r:.80})"
                )
        self.input: NDArray[np.float32] = _float32(input)
        self.output: NDArray[np.float32] | None = None if output is None else _float32(output)
        self.counts: NDArray[np.int64] | None = None if counts is None else _whole(counts)
        self.training: dict[str, Any] = dict(training or {})
        self._index = dict(zip(self.words, range(len(self.words)), strict=True))
        self._units: dict[Which, NDArray[np.float32]] = {}
        self._check()

    def _check(self) -> None:
        if self.input.ndim != 2 or len(self.input) != len(self.words):
            raise ConfigError(
                f"input has shape {self.input.shape} for {len(self.words)} words; "
                f"it must be ({len(self.words)}, dimensions), one row for each word"
            )
        if self.output is not None and self.output.shape != self.input.shape:
            raise ConfigError(
                f"output has shape {self.output.shape}; "
                f"it must have the shape of input, {self.input.shape}"
            )
        if self.counts is not None and self.counts.shape != (len(self.words),):
            raise ConfigError(
                f"counts has shape {self.counts.shape} for {len(self.words)} words; "
                "give one count for each word"
            )
        if self.counts is not None and len(self.counts) and self.counts.min() < 0:
            raise ConfigError(f"a count is {self.counts.min()}; it must be at least 0")
        if len(self._index) != len(self.words):
            twice = next(word for row, word in enumerate(self.words) if self._index[word] != row)
            raise ConfigError(f"the word {twice!r} is given more than once; give each word once")

    def __len__(self) -> int:
        return len(self.words)

    def __iter__(self) -> Iterator[str]:
        return iter(self.words)

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and word in self._index

    def __getitem__(self, word: str) -> NDArray[np.float32]:
        """Return the (d,) input vector of a word; UnknownWordError if it has none."""
        vector: NDArray[np.float32] = self.input[self.index(word)]
        return vector

    def __repr__(self) -> str:
        return f"<Embeddings: {len(self)} words, {self.vector_size} dimensions>"

    def index(self, word: str) -> int:
        """Return the row of a word; UnknownWordError, with similar spellings, if it has none."""
        if not isinstance(word, str):
            raise ConfigError(
                f"a word must be a string, not {type(word).__name__}: {word!r}; "
                "pass the word itself"
            )
        row = self._index.get(word)
        if row is None:
            raise UnknownWordError(word, self._similar_spellings(word))
        return row

    @property
    def vector_size(self) -> int:
        """The number of dimensions, d."""
        return int(self.input.shape[1])

    def average(self) -> NDArray[np.float32]:
        """Return the (V, d) mean of input and output vectors.

        Raises:
            ConfigError: the output vectors were not kept.
        """
        mean: NDArray[np.float32] = (self.input + self.vectors("output")) * np.float32(0.5)
        return mean

    def vectors(self, which: Which = "input") -> NDArray[np.float32]:
        """Return the (V, d) matrix.

        Raises:
            ConfigError: it needs output vectors and they were not kept, or `which` is unknown.
        """
        if which == "input":
            return self.input
        if which == "average":
            return self.average()
        if which != "output":
            raise ConfigError(
                f"which={which!r} is not allowed; it must be one of {', '.join(get_args(Which))}"
            )
        if self.output is None:
            raise ConfigError(
                "these embeddings have no output vectors (hierarchical softmax trains none for "
                'words, and word2vec files do not hold them); use which="input"'
            )
        return self.output

    def unit_vectors(self, which: Which = "input") -> NDArray[np.float32]:
        """Return the (V, d) matrix with rows scaled to length 1, cached.

        A row of zeros, or with numbers that are not finite, becomes zeros.
        """
        if which not in self._units:
            vectors = self.vectors(which)
            lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64))
            lengths[lengths == 0] = 1
            with np.errstate(over="ignore", invalid="ignore"):
                units = vectors / lengths.astype(np.float32)[:, None]
            huge = lengths > np.finfo(np.float32).max
            units[huge] = vectors[huge] / lengths[huge, None]
            units[~np.isfinite(lengths)] = 0
            self._units[which] = units
        return self._units[which]

    def similarity(self, a: str, b: str, which: Which = "input") -> float:
        """Return the cosine of the vectors of two words."""
        units = self.unit_vectors(which)
        return float(units[self.index(a)] @ units[self.index(b)])

    def most_similar(
        self,
        positive: str | Sequence[str] = (),
        negative: str | Sequence[str] = (),
        *,
        topn: int = 10,
        restrict: int | None = None,
        which: Which = "input",
    ) -> Neighbours:
        """Return the words nearest to the unit vectors of `positive` minus those of `negative`.

        Args:
            positive: one word or several; may be empty if `negative` is not.
            negative: one word or several; empty by default.
            topn: how many answers, at least 1.
            restrict: answer only with the first N words, usually the most frequent; None for all.
            which: the vectors to compare.

        Returns:
            (word, cosine) pairs, nearest first, without the words of the query.

        Raises:
            UnknownWordError: a word has no vector.
            ConfigError: no word is given, the vectors cancel out, or topn or restrict is under 1.
        """
        query, asked = self.query(positive, negative, which)
        scores = self.unit_vectors(which)[: self._candidates(restrict)] @ query
        return self._best(scores[None], [asked], topn)[0]

    def query(
        self, positive: str | Sequence[str], negative: str | Sequence[str], which: Which = "input"
    ) -> tuple[NDArray[np.float32], list[int]]:
        """Return the (d,) unit vector of a `most_similar` query, and the rows of the given words.

        Raises:
            ConfigError: no word is given, or the vectors cancel out: zero has no direction.
        """
        plus, minus = self._rows(positive), self._rows(negative)
        if not plus and not minus:
            raise ConfigError("no word was given; give at least one in positive or negative")
        units = self.unit_vectors(which)
        total = units[plus].sum(axis=0) - units[minus].sum(axis=0)
        length = float(np.linalg.norm(total))
        if length <= _NO_LENGTH * len(plus + minus):
            signed = [*(self.words[row] for row in plus), *(f"-{self.words[row]}" for row in minus)]
            raise ConfigError(
                f"the vectors of {', '.join(signed)} add up to zero, which has no neighbours; "
                "remove opposing words, and words whose vector is zero"
            )
        return total / np.float32(length), plus + minus

    def most_similar_batch(
        self,
        words: str | Sequence[str],
        *,
        topn: int = 10,
        restrict: int | None = None,
        which: Which = "input",
    ) -> list[Neighbours]:
        """Return `most_similar` for each word, in a fraction of the time and with bounded memory.

        A word whose vector is zero has a cosine of 0 with all words.
        """
        rows = self._rows(words)
        units = self.unit_vectors(which)
        candidates = self._candidates(restrict)
        if len(rows) <= _FEW:
            return self._best(units[rows] @ units[:candidates].T, [[row] for row in rows], topn)
        found = nearest(units, rows, candidates, at_least_one("topn", topn))
        return [self._named(places, scores) for scores, places in zip(*found, strict=True)]

    def analogy(
        self,
        a: str,
        b: str,
        c: str,
        *,
        topn: int = 10,
        method: Literal["add", "mul"] = "add",
        restrict: int | None = None,
        which: Which = "input",
    ) -> Neighbours:
        """Return answers to "a is to b as c is to ?".

        Args:
            a: the first word of the known pair.
            b: the second.
            c: the word whose counterpart is wanted.
            topn: how many answers, at least 1.
            method: "add" is 3CosAdd, cos(x, b - a + c) (Mikolov et al. 2013, arXiv:1301.3781);
                "mul" is 3CosMul, cos(x, b) cos(x, c) / (cos(x, a) + 0.001) with cosines moved to
                0..1 (Levy and Goldberg 2014, W14-1618).
            restrict: answer only with the first N words, usually the most frequent; None for all.
            which: the vectors to compare.

        Returns:
            (word, score) pairs, best first, without a, b and c.
        """
        if method == "add":
            return self.most_similar([b, c], a, topn=topn, restrict=restrict, which=which)
        if method != "mul":
            raise ConfigError(f"method is {method!r}; it must be one of add, mul")
        rows = self._rows([a, b, c])
        units = self.unit_vectors(which)
        to_a, to_b, to_c = (1 + units[rows] @ units[: self._candidates(restrict)].T) / 2
        return self._best((to_b * to_c / (to_a + _COSMUL_EPSILON))[None], [rows], topn)[0]

    def odd_one_out(self, words: Sequence[str], which: Which = "input") -> str:
        """Return the word that is farthest, by cosine, from the mean of the unit vectors."""
        rows = self._rows(words)
        if len(rows) < 3:
            raise ConfigError(f"{count(len(rows), 'word')} given; odd_one_out needs at least 3")
        units = self.unit_vectors(which)[rows]
        return self.words[rows[int(np.argmin(units @ units.mean(axis=0)))]]

    def first(self, words: int) -> Embeddings:
        """Return embeddings of only the first `words` words, usually the most frequent ones.

        They share memory with these. ConfigError if `words` is under 1.
        """
        kept = slice(min(at_least_one("words", words), len(self)))
        output = None if self.output is None else self.output[kept]
        counts = None if self.counts is None else self.counts[kept]
        return Embeddings(self.words[kept], self.input[kept], output, counts, self.training)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a model directory, which skipgram, model2vec and sentence-transformers load.

        Raises:
            OutputError: the directory cannot be written, or holds something else; it is unchanged.
        """
        model_directory.save(self, path)

    def to_torch(self, which: Which = "input", *, freeze: bool = True) -> torch.nn.Embedding:
        """Return a PyTorch layer with a copy of the vectors; row i is the vector of `words[i]`.

        Args:
            which: the vectors.
            freeze: whether training leaves the layer unchanged, as in PyTorch's own method.

        Raises:
            MissingExtraError: PyTorch is not installed.
            ConfigError: the output vectors are needed but were not kept.
        """
        pytorch = import_optional("torch", "to_torch", "torch")
        weights = pytorch.tensor(self.vectors(which))
        layer: torch.nn.Embedding = pytorch.nn.Embedding.from_pretrained(weights, freeze=freeze)
        return layer

    def _rows(self, words: str | Iterable[str]) -> list[int]:
        # A string is one word here, although it is itself a sequence of strings.
        return [self.index(word) for word in ([words] if isinstance(words, str) else words)]

    def _candidates(self, restrict: int | None) -> int:
        return len(self) if restrict is None else min(len(self), at_least_one("restrict", restrict))

    def _best(
        self, scores: NDArray[np.float32], excluded: Sequence[Sequence[int]], topn: int
    ) -> list[Neighbours]:
        """Return the topn best words of each row of scores, without those excluded.

        Args:
            scores: (queries, candidates); overwritten.
            excluded: the rows of the words that each query leaves out.
            topn: how many.
        """
        topn = at_least_one("topn", topn)
        answers: list[Neighbours] = []
        for row, leave_out in zip(scores, excluded, strict=True):
            row[[word for word in leave_out if word < len(row)]] = -np.inf
            best = top_places(row, topn)
            answers.append(self._named(best, row[best]))
        return answers

    def _named(self, rows: NDArray[np.integer[Any]], scores: NDArray[np.float32]) -> Neighbours:
        """Return words with their scores; a score of -inf marks a row that is not an answer."""
        return [
            (self.words[row], float(score))
            for row, score in zip(rows, scores, strict=True)
            if score != -np.inf
        ]

    def _similar_spellings(self, word: str) -> list[str]:
        if word.lower() in self._index:
            return [word.lower()]
        # difflib takes seconds over 100,000 words, so it sees only those of similar length and
        # letters.
        letters, slack = set(word), 2 + len(word) // 8
        similar = [
            other
            for other in self.words[:_SPELLING_WORDS]
            if abs(len(other) - len(word)) <= slack
            and len(letters.symmetric_difference(other)) <= slack
        ]
        return get_close_matches(word, similar, n=3)


def _float32(matrix: ArrayLike) -> NDArray[np.float32]:
    try:
        with np.errstate(over="raise"):
            return np.asarray(matrix, np.float32)
    except (FloatingPointError, OverflowError) as error:
        raise ConfigError(
            f"a vector holds a number above {np.finfo(np.float32).max}, the largest float32; "
            "scale the vectors down"
        ) from error


def _whole(counts: ArrayLike) -> NDArray[np.int64]:
    given = np.asarray(counts)
    try:
        if given.dtype.kind in "biufO":
            with np.errstate(invalid="ignore"):
                whole = given.astype(np.int64)
            if np.array_equal(whole, given):
                return whole
    except (TypeError, ValueError, OverflowError):
        pass
    raise ConfigError(
        f"counts is {given!r:.80}; it must hold whole numbers below 2^63, one for each word"
    )


def at_least_one(option: str, value: SupportsIndex) -> int:
    """Return the value as an int; ConfigError if it is not a whole number of at least 1."""
    try:
        number = as_int(value)
    except TypeError:
        number = 0
    if number < 1:
        raise ConfigError(f"{option} is {value!r}; it must be a whole number of at least 1")
    return number
