"""Embeddings: words with their vectors, and the queries on them.

Every query compares directions: vectors are scaled to unit length, so a dot product is a cosine.
Search is exact, by matrix products in blocks, so memory stays bounded for any number of queries.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NoReturn, TypeAlias, get_args

import numpy as np

from skipgram import saving
from skipgram.document_vectors import (
    Document,
    DocumentEncoder,
    Documents,
    Weighting,
    text_splitter,
)
from skipgram.errors import ConfigError
from skipgram.gensim_names import hinting, missing_attribute
from skipgram.lookup import Item, WordLookup, is_item
from skipgram.matrices import as_counts, as_float32, at_least_one, check_parts, unit_rows
from skipgram.nearest import QUERIES, nearest, top_places
from skipgram.questions import Question, Questions, is_vector, listed, unit_vector
from skipgram.tokenizers import Tokenizer
from skipgram.views import as_frame, as_html, as_layer
from skipgram.wording import count

if TYPE_CHECKING:
    import os

    import pandas as pd
    import torch
    from numpy.typing import ArrayLike, NDArray

    from skipgram.plots import Picture

Which: TypeAlias = Literal["input", "output", "average"]
Neighbours: TypeAlias = list[tuple[str, float]]

_FEW = 16
"""Up to this many queries are answered without numba, which takes a third of a second to import."""

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
            not a whole number of at least 0, or a number of a vector is not finite or too large
            for float32: such a vector has no cosine.
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
        self.input: NDArray[np.float32] = as_float32(input)
        self.output: NDArray[np.float32] | None = None if output is None else as_float32(output)
        self.counts: NDArray[np.int64] | None = None if counts is None else as_counts(counts)
        self.training: dict[str, Any] = dict(training or {})
        self._lookup = WordLookup(self.words, self.training.get("reading", {}))
        self._units: dict[Which, NDArray[np.float32]] = {}
        check_parts(self.words, self.input, self.output, self.counts)
        rows = self._lookup.rows
        if len(rows) != len(self.words):
            twice = next(word for row, word in enumerate(self.words) if rows[word] != row)
            raise ConfigError(f"the word {twice!r} is given more than once; give each word once")

    def __len__(self) -> int:
        return len(self.words)

    def __iter__(self) -> Iterator[str]:
        return iter(self.words)

    def __contains__(self, word: object) -> bool:
        return self._lookup.find(word) is not None

    def __getitem__(self, words: Item | Iterable[Item]) -> NDArray[np.float32]:
        """Return the (d,) input vector of a word, or the (n, d) vectors of several.

        Raises:
            UnknownWordError: a word has no vector.
        """
        vectors: NDArray[np.float32] = self.input[
            self.index(words) if is_item(words) else self._rows(words)
        ]
        return vectors

    def get(
        self, word: Item, default: NDArray[np.float32] | None = None
    ) -> NDArray[np.float32] | None:
        """Return the (d,) input vector of a word, or the default if it has none."""
        row = self._lookup.find(word)
        return default if row is None else self.input[row]

    def __repr__(self) -> str:
        return f"<Embeddings: {len(self)} words, {self.vector_size} dimensions>"

    def _repr_html_(self) -> str:
        return as_html(self.words, self.counts, self.vector_size)

    if not TYPE_CHECKING:  # type checkers find unknown names themselves

        def __getattr__(self, name: str) -> NoReturn:
            raise missing_attribute(name)

    def index(self, word: Item) -> int:
        """Return the row of a word.

        An integer is looked up as the word that it is in a corpus of integers: 42 is "42", not row
        42. A word that is not in the vocabulary is looked up as the corpus would have spelled it:
        in lower case or in Unicode NFKC, if the corpus was read so. All queries find words this
        way.

        Raises:
            UnknownWordError: it has no vector; the error names similar spellings.
        """
        return self._lookup.row(word)

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
            self._units[which] = unit_rows(self.vectors(which))
        return self._units[which]

    @hinting
    def similarity(self, a: Question, b: Question, which: Which = "input") -> float:
        """Return the cosine of two words, or of a word and a (d,) vector, or of two vectors."""
        (one, other), _ = self.directions([a, b], which)
        return float(one @ other)

    @hinting
    def most_similar(
        self,
        positive: Questions = (),
        negative: Questions = (),
        *,
        topn: int = 10,
        restrict: int | None = None,
        which: Which = "input",
    ) -> Neighbours:
        """Return the words nearest to the unit vectors of `positive` minus those of `negative`.

        Args:
            positive: a word, an integer or a (d,) vector, or a list of these; a vector is scaled
                to length 1. May be empty if `negative` is not.
            negative: the same; empty by default.
            topn: how many answers, at least 1.
            restrict: answer only with the first N words, usually the most frequent; None for all.
            which: the vectors to compare.

        Returns:
            (word, cosine) pairs, nearest first, without the words of the query.

        Raises:
            UnknownWordError: a word has no vector.
            ConfigError: no word is given, a given vector is of another size or not finite, the
                vectors cancel out, or topn or restrict is under 1.
        """
        query, asked = self.query(positive, negative, which)
        scores = self.unit_vectors(which)[: self._candidates(restrict)] @ query
        return self._best(scores[None], [asked], topn)[0]

    def query(
        self, positive: Questions, negative: Questions, which: Which = "input"
    ) -> tuple[NDArray[np.float32], list[int]]:
        """Return the (d,) unit vector of a `most_similar` query, and the rows of the given words.

        Raises:
            ConfigError: no word is given, or the vectors cancel out: zero has no direction.
        """
        plus, plus_rows = self.directions(positive, which)
        minus, minus_rows = self.directions(negative, which)
        asked = plus_rows + minus_rows
        if not asked:
            raise ConfigError("no word was given; give at least one in positive or negative")
        total = plus.sum(axis=0) - minus.sum(axis=0)
        length = float(np.linalg.norm(total))
        if length <= _NO_LENGTH * len(asked):
            names = ["a given vector" if row < 0 else self.words[row] for row in asked]
            signed = [*names[: len(plus)], *(f"-{name}" for name in names[len(plus) :])]
            raise ConfigError(
                f"the vectors of {', '.join(signed)} add up to zero, which has no neighbours; "
                "remove opposing words, and words whose vector is zero"
            )
        return total / np.float32(length), [row for row in asked if row >= 0]

    def directions(
        self, questions: Questions, which: Which = "input"
    ) -> tuple[NDArray[np.float32], list[int]]:
        """Return the (n, d) unit vectors of n words or vectors, and rows: -1 for a vector.

        Raises:
            UnknownWordError: a word has no vector.
            ConfigError: a question is neither a word nor a vector of d finite numbers.
        """
        asked = listed(questions)
        rows = [-1 if is_vector(question) else self.index(question) for question in asked]
        units = np.empty((len(asked), self.vector_size), np.float32)
        is_word = np.array(rows, np.int64) >= 0
        units[is_word] = self.unit_vectors(which)[[row for row in rows if row >= 0]]
        for place in np.flatnonzero(~is_word).tolist():
            units[place] = unit_vector(asked[place], self.vector_size)
        return units, rows

    @hinting
    def most_similar_batch(
        self,
        words: Questions,
        *,
        topn: int = 10,
        restrict: int | None = None,
        which: Which = "input",
    ) -> list[Neighbours]:
        """Return `most_similar` for each word or vector, many times faster, with bounded memory.

        Args:
            words: words, integers and (d,) vectors, or an (n, d) matrix of floats.
            topn: as for `most_similar`.
            restrict: as for `most_similar`.
            which: as for `most_similar`.

        Returns:
            One answer for each. A word whose vector is zero has a cosine of 0 with all words.
        """
        asked, topn = listed(words), at_least_one("topn", topn)
        units, candidates = self.unit_vectors(which), self._candidates(restrict)
        answers: list[Neighbours] = []
        for start in range(0, len(asked), QUERIES):
            queries, rows = self.directions(asked[start : start + QUERIES], which)
            if len(rows) <= _FEW:
                excluded = [[row] if row >= 0 else [] for row in rows]
                answers += self._best(queries @ units[:candidates].T, excluded, topn)
            else:
                found = nearest(units, queries, rows, candidates, topn)
                answers += [
                    self._named(where, scores) for scores, where in zip(*found, strict=True)
                ]
        return answers

    @hinting
    def analogy(
        self,
        a: Question,
        b: Question,
        c: Question,
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
            return self.most_similar([b, c], [a], topn=topn, restrict=restrict, which=which)
        if method != "mul":
            raise ConfigError(f"method is {method!r}; it must be one of add, mul")
        asked, rows = self.directions([a, b, c], which)
        candidates = self.unit_vectors(which)[: self._candidates(restrict)]
        to_a, to_b, to_c = (1 + asked @ candidates.T) / 2
        excluded = [row for row in rows if row >= 0]
        return self._best((to_b * to_c / (to_a + _COSMUL_EPSILON))[None], [excluded], topn)[0]

    @hinting
    def odd_one_out(self, words: Sequence[Item], which: Which = "input") -> str:
        """Return the word that is farthest, by cosine, from the mean of the unit vectors."""
        rows = self._rows(words)
        if len(rows) < 3:
            raise ConfigError(f"{count(len(rows), 'word')} given; odd_one_out needs at least 3")
        units = self.unit_vectors(which)[rows]
        return self.words[rows[int(np.argmin(units @ units.mean(axis=0)))]]

    def encode(
        self,
        texts: Iterable[Document],
        weighting: Weighting = "mean",
        *,
        tokenizer: Tokenizer | None = None,
        component: ArrayLike | None = None,
        which: Which = "input",
    ) -> NDArray[np.float32]:
        """Return the (n, d) vectors of n documents: those of `encode_documents`."""
        return self.encode_documents(
            texts, weighting, tokenizer=tokenizer, component=component, which=which
        ).vectors

    def encode_documents(
        self,
        texts: Iterable[Document],
        weighting: Weighting = "mean",
        *,
        tokenizer: Tokenizer | None = None,
        component: ArrayLike | None = None,
        which: Which = "input",
    ) -> Documents:
        """Return the mean vectors of documents, and how many of their words are known.

        Args:
            texts: n documents, each a string or a list of tokens. A string is split and normalised
                as the corpus was (`training["reading"]`). Words without a vector are skipped and
                counted; a document without known words is a row of zeros.
            weighting: "mean" is the mean of the word vectors. "sif" gives frequent words less
                weight and removes the direction that all documents share (Arora et al. 2017).
            tokenizer: the function that split the corpus, if it was trained with one. It takes a
                string and returns tokens.
            component: the direction to remove with "sif", from the result for other documents.
                Give it to encode new documents like earlier ones; by default it is computed from
                `texts`.
            which: the word vectors to use.

        Raises:
            ConfigError: a document is neither a string nor a list of tokens, a tokenizer is needed,
                or SIF lacks counts or documents.
        """
        encoder = DocumentEncoder(
            self._lookup,
            self.vectors(which),
            self.counts,
            weighting,
            component,
            lambda: text_splitter(self.training.get("reading", {}), tokenizer),
        )
        return encoder.encode(texts)

    def first(self, n: int) -> Embeddings:
        """Return embeddings of only the first n words, usually the most frequent ones.

        They share memory with these. ConfigError if n is under 1.
        """
        kept = slice(min(at_least_one("n", n), len(self)))
        output = None if self.output is None else self.output[kept]
        counts = None if self.counts is None else self.counts[kept]
        return Embeddings(self.words[kept], self.input[kept], output, counts, self.training)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a model directory, which model2vec and sentence-transformers load too.

        If the path ends in .safetensors, write one file. OutputError if another thing is there.
        """
        saving.save(self, path)

    def to_torch(self, which: Which = "input", *, freeze: bool = True) -> torch.nn.Embedding:
        """Return a PyTorch layer with a copy of the vectors; row i is the vector of `words[i]`.

        Args:
            which: the vectors.
            freeze: whether training leaves the layer unchanged, as in PyTorch's own method.

        Raises:
            MissingExtraError: PyTorch is not installed.
            ConfigError: the output vectors are needed but were not kept.
        """
        return as_layer(self.vectors(which), freeze=freeze)

    def to_pandas(self, which: Which = "input") -> pd.DataFrame:
        """Return a data frame with a copy of the vectors, one row for each word.

        Its index holds the words, its columns are the dimensions 0 to d - 1.

        Raises:
            MissingExtraError: pandas is not installed.
            ConfigError: the output vectors are needed but were not kept.
        """
        return as_frame(self.words, self.vectors(which))

    def plot(
        self,
        words: Iterable[Item] | None = None,
        *,
        top: int = 500,
        which: Which = "input",
        method: Literal["umap", "pca"] = "umap",
    ) -> Picture:
        """Return a picture of a map of words, which a notebook shows (extra `explore`).

        `.save("map.svg")` saves it. Arguments and errors are those of `word_map.make_map`.
        """
        from skipgram.plots import draw_map
        from skipgram.word_map import make_map

        return draw_map(make_map(self, words, top=top, which=which, method=method))

    def _rows(self, words: Questions | Iterable[Item]) -> list[int]:
        return [self.index(word) for word in listed(words)]

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
