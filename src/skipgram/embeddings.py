"""Embeddings: words with their vectors, and the questions one asks of them.

Every question compares directions: vectors are scaled to unit length, so a dot product is a cosine. Search is exact, by matrix
products in blocks, so that memory stays bounded however many words are asked about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from operator import index as as_int
from typing import TYPE_CHECKING, Any, Literal, SupportsIndex, TypeAlias, get_args

import numpy as np

from skipgram.errors import ConfigError, MissingExtraError, UnknownWordError
from skipgram.nearest import largest, nearest

if TYPE_CHECKING:
    import os

    import torch
    from numpy.typing import ArrayLike, NDArray

Which: TypeAlias = Literal["input", "output", "average"]
Neighbours: TypeAlias = list[tuple[str, float]]

_FEW = 16  # questions that are answered without numba, which takes a third of a second to load
_SPELLING_WORDS = 100_000  # near spellings are sought among the first so many words
_NO_LENGTH = 1e-6  # of a sum of unit vectors, for each: what rounding leaves where they cancel
_COSMUL_EPSILON = np.float32(
    0.001
)  # Levy and Goldberg 2014, section 6: keeps 3CosMul from dividing by zero


class Embeddings:
    """Words, most frequent first, and a vector for each.

    Skip-gram trains two matrices: `input` holds what is usually called the word vectors (v), `output` the context vectors (u).
    A question takes `which="input"` (the default), `"output"` or `"average"` (the mean of both). Unit vectors are cached on
    the first question, so do not change a matrix in place after one.

    Args:
        words: V distinct words; `restrict=N` in a question means the first N, whatever their counts, so put frequent words
            first.
        input: (V, d) float32.
        output: (V, d) float32, or None where it was not kept.
        counts: (V,) int64, how often each word stood in the corpus, or None where unknown.
        training: how the vectors came to be (options, corpus, losses), all of it fit for JSON.

    Raises:
        ConfigError: the shapes do not fit together, a word is no string or comes twice, a count is not a whole number of at
            least 0, or a number larger than float32 holds.
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
                    f"the word {word!r:.80} is no string; words are strings, as str({word!r:.80}) makes one"
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
                f"{len(self.words)} words but an input matrix of shape {self.input.shape}; "
                f"give one row for each word: ({len(self.words)}, dimensions)"
            )
        if self.output is not None and self.output.shape != self.input.shape:
            raise ConfigError(
                f"an input matrix of shape {self.input.shape} but an output matrix of shape {self.output.shape}; "
                "give both the same shape"
            )
        if self.counts is not None and self.counts.shape != (len(self.words),):
            raise ConfigError(
                f"{len(self.words)} words but counts of shape {self.counts.shape}; give one count for each word"
            )
        if self.counts is not None and len(self.counts) and self.counts.min() < 0:
            raise ConfigError(f"a count is {self.counts.min()}; counts are at least 0")
        if len(self._index) != len(self.words):
            twice = next(word for row, word in enumerate(self.words) if self._index[word] != row)
            raise ConfigError(
                f"{len(self.words)} words of which {len(self._index)} are distinct: {twice!r} comes twice; give each word once"
            )

    def __len__(self) -> int:
        return len(self.words)

    def __iter__(self) -> Iterator[str]:
        return iter(self.words)

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and word in self._index

    def __getitem__(self, word: str) -> NDArray[np.float32]:
        """The (d,) input vector of a word; UnknownWordError if it has none."""
        vector: NDArray[np.float32] = self.input[self.index(word)]
        return vector

    def __repr__(self) -> str:
        return f"<Embeddings: {len(self)} words, {self.vector_size} dimensions>"

    def index(self, word: str) -> int:
        """The row of a word; UnknownWordError, with the nearest spellings, if it has none."""
        if not isinstance(word, str):
            raise ConfigError(
                f"a word is a string, not {type(word).__name__}: {word!r}; pass the word itself"
            )
        row = self._index.get(word)
        if row is None:
            raise UnknownWordError(word, self._near_spellings(word))
        return row

    @property
    def vector_size(self) -> int:
        """The number of dimensions, d."""
        return int(self.input.shape[1])

    def average(self) -> NDArray[np.float32]:
        """The (V, d) mean of input and output vectors; ConfigError if the output vectors were not kept."""
        mean: NDArray[np.float32] = (self.input + self.vectors("output")) * np.float32(0.5)
        return mean

    def vectors(self, which: Which = "input") -> NDArray[np.float32]:
        """The (V, d) matrix asked for; ConfigError if it needs output vectors and they were not kept."""
        if which == "input":
            return self.input
        if which == "average":
            return self.average()
        if which != "output":
            raise ConfigError(f"which={which!r}: allowed are {', '.join(get_args(Which))}")
        if self.output is None:
            raise ConfigError(
                "these embeddings hold no output vectors (words have none in hierarchical softmax, nor in word2vec files); "
                'use which="input", or on the command line --vectors input'
            )
        return self.output

    def unit_vectors(self, which: Which = "input") -> NDArray[np.float32]:
        """The (V, d) matrix with rows scaled to length 1, cached; zeros for a row of zeros or one that is not finite."""
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
        """The cosine of two words' vectors."""
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
        """The words nearest to the mean of the unit vectors of `positive` and of minus those of `negative`.

        Args:
            positive: one word or several; none by default, where `negative` names some.
            negative: one word or several, none by default.
            topn: how many answers, at least 1.
            restrict: answer only with the first N words, the most frequent where they are ordered so; None for all.
            which: the vectors to compare.

        Returns:
            (word, cosine) pairs, nearest first; the words of the question are left out.

        Raises:
            UnknownWordError: a word has no vector.
            ConfigError: no word is given, their vectors come to zero, or topn or restrict is under 1.
        """
        query, asked = self.query(positive, negative, which)
        scores = self.unit_vectors(which)[: self._candidates(restrict)] @ query
        return self._best(scores[None], [asked], topn)[0]

    def query(
        self, positive: str | Sequence[str], negative: str | Sequence[str], which: Which = "input"
    ) -> tuple[NDArray[np.float32], list[int]]:
        """The (d,) unit vector that `most_similar` compares with, and the rows of the words in the question.

        Raises:
            ConfigError: there is no word, or the vectors come to zero, which is in no direction.
        """
        plus, minus = self._rows(positive), self._rows(negative)
        if not plus and not minus:
            raise ConfigError("no word to compare with; give at least one in positive or negative")
        units = self.unit_vectors(which)
        total = units[plus].sum(axis=0) - units[minus].sum(axis=0)
        length = float(np.linalg.norm(total))
        if length <= _NO_LENGTH * len(plus + minus):
            signed = [*(self.words[row] for row in plus), *(f"-{self.words[row]}" for row in minus)]
            raise ConfigError(
                f"the vectors of {', '.join(signed)} come to zero, to which no word is near; leave out what cancels, or has no "
                "vector but zeros"
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
        """`most_similar` of each word by itself, in a fraction of the time and in bounded memory.

        To a word whose vector is zero all cosines are 0.
        """
        rows = self._rows(words)
        units = self.unit_vectors(which)
        candidates = self._candidates(restrict)
        if len(rows) <= _FEW:
            return self._best(units[rows] @ units[:candidates].T, [[row] for row in rows], topn)
        found = nearest(units, rows, candidates, at_least_one("topn", topn))
        return [
            [
                (self.words[place], float(score))
                for score, place in zip(scores, places, strict=True)
                if score != -np.inf
            ]
            for scores, places in zip(*found, strict=True)
        ]

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
        """Answers to "a is to b as c is to ?".

        Args:
            a: the first word of the known pair.
            b: the second.
            c: the word whose counterpart is sought.
            topn: how many answers, at least 1.
            method: "add" is 3CosAdd, cos(x, b - a + c) (Mikolov et al. 2013, arXiv:1301.3781); "mul" is 3CosMul,
                cos(x, b) cos(x, c) / (cos(x, a) + 0.001) with cosines moved to 0..1 (Levy and Goldberg 2014, W14-1618).
            restrict: answer only with the first N words, the most frequent where they are ordered so; None for all.
            which: the vectors to compare.

        Returns:
            (word, score) pairs, best first; a, b and c are left out.
        """
        if method == "add":
            return self.most_similar([b, c], a, topn=topn, restrict=restrict, which=which)
        if method != "mul":
            raise ConfigError(f"method={method!r}: allowed are add, mul")
        rows = self._rows([a, b, c])
        units = self.unit_vectors(which)
        to_a, to_b, to_c = (1 + units[rows] @ units[: self._candidates(restrict)].T) / 2
        return self._best((to_b * to_c / (to_a + _COSMUL_EPSILON))[None], [rows], topn)[0]

    def odd_one_out(self, words: Sequence[str], which: Which = "input") -> str:
        """The word whose vector is farthest, by cosine, from the mean of all the words' unit vectors."""
        rows = self._rows(words)
        if len(rows) < 3:
            raise ConfigError(
                f"{len(rows)} words given; the odd one out of fewer than 3 is not defined, give at least 3"
            )
        units = self.unit_vectors(which)[rows]
        return self.words[rows[int(np.argmin(units @ units.mean(axis=0)))]]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a model directory, which skipgram, model2vec and sentence-transformers load (formats/model_directory.py).

        Raises:
            OutputError: the directory cannot be written, or holds something else; it is then left as it was.
        """
        # Formats build on embeddings, so this one import goes the other way and waits until it is needed.
        from skipgram.formats import model_directory

        model_directory.save(self, path)

    def to_torch(self, which: Which = "input", *, freeze: bool = True) -> torch.nn.Embedding:
        """A copy of the vectors as a layer of PyTorch; row i is the vector of `words[i]`.

        Args:
            which: the vectors.
            freeze: whether training leaves the layer as it is, as PyTorch's own default has it.

        Raises:
            MissingExtraError: PyTorch is not installed.
            ConfigError: the vectors asked for were not kept.
        """
        try:
            import torch
        except ImportError as error:
            raise MissingExtraError(
                "a layer of PyTorch needs PyTorch; install it: pip install torch"
            ) from error
        return torch.nn.Embedding.from_pretrained(torch.tensor(self.vectors(which)), freeze=freeze)

    def _rows(self, words: str | Iterable[str]) -> list[int]:
        # A string is itself a sequence of strings, its letters: it is meant as one word.
        return [self.index(word) for word in ([words] if isinstance(words, str) else words)]

    def _candidates(self, restrict: int | None) -> int:
        return len(self) if restrict is None else min(len(self), at_least_one("restrict", restrict))

    def _best(
        self, scores: NDArray[np.float32], excluded: Sequence[Sequence[int]], topn: int
    ) -> list[Neighbours]:
        """The topn best words of each row of scores (questions, candidates), without those excluded; overwrites scores."""
        topn = at_least_one("topn", topn)
        answers: list[Neighbours] = []
        for row, leave_out in zip(scores, excluded, strict=True):
            row[[word for word in leave_out if word < len(row)]] = -np.inf
            best = largest(row, topn)
            answers.append(
                [(self.words[word], float(row[word])) for word in best if row[word] != -np.inf]
            )
        return answers

    def _near_spellings(self, word: str) -> list[str]:
        if word.lower() in self._index:
            return [word.lower()]
        # difflib takes seconds over 100,000 words: let it see only those of about the same length and letters.
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
            f"a number is larger than float32 holds, {np.finfo(np.float32).max}; scale the vectors down"
        ) from error


def _whole(counts: ArrayLike) -> NDArray[np.int64]:
    given = np.asarray(counts)
    try:
        if given.dtype.kind in "biufO":
            with np.errstate(invalid="ignore"):  # the comparison rejects a number beyond int64
                whole = given.astype(np.int64)
            if np.array_equal(whole, given):
                return whole
    except (TypeError, ValueError, OverflowError):
        pass
    raise ConfigError(
        f"counts={given!r:.80} are not all whole numbers below 2^63; give how often each word stood"
    )


def at_least_one(option: str, value: SupportsIndex) -> int:
    """The value as an int; ConfigError, naming the option, if it is not a whole number of at least 1."""
    try:
        number = as_int(value)
    except TypeError:
        number = 0
    if number < 1:
        raise ConfigError(f"{option}={value!r}: a whole number of at least 1 is needed")
    return number
