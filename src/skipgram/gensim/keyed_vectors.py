"""Our `KeyedVectors`: gensim's class of that name, for use without gensim.

It answers the same queries and reads and writes the same word2vec files; lookup.py holds its data.
"""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

from skipgram.embeddings import Embeddings
from skipgram.errors import (
    ConfigError,
    FormatError,
    NotOfferedError,
    NoWordsError,
    WrongTypeError,
)
from skipgram.formats import glove, load, word2vec
from skipgram.gensim import evaluation
from skipgram.gensim.arguments import existing_path, float_argument, int_argument
from skipgram.gensim.lookup import KEYS, Lookup, Target, as_list, save_to, saved_embeddings
from skipgram.gensim.unsupported import VECTORS_METHODS, missing_attribute, reject_unsupported
from skipgram.io.optional import import_if_installed
from skipgram.io.words import decoded
from skipgram.keys import Key, keys_of
from skipgram.nearest import top_places

Floats: TypeAlias = NDArray[np.floating[Any]]
KeyOrVector: TypeAlias = Key | Floats
Query: TypeAlias = KeyOrVector | tuple[KeyOrVector, float]
Neighbours: TypeAlias = list[tuple[Key, float]]
GensimVectors: TypeAlias = Any
"""gensim's KeyedVectors, for which gensim gives no types, or ours."""

logger = logging.getLogger(__name__)


def make_vectors(vector_size: int) -> GensimVectors:
    """Return gensim's KeyedVectors without words, or ours if gensim is not installed."""
    models = import_if_installed("gensim.models")
    kind = KeyedVectors if models is None else models.KeyedVectors
    vectors = kind(vector_size)
    vectors.vectors_lockf = np.ones(1, np.float32)
    return vectors


class KeyedVectors(Lookup):
    """Words with vectors; see gensim's documentation of the class of that name.

    Attributes:
        vector_size: the size of a vector, d.
        index_to_key: the V words: strings, or any hashable objects.
        key_to_index: the row of each word.
        vectors: (V, d) float32.
        norms: (V,) lengths of the vectors; set it to None after changing vectors in place.
        expandos: attributes of the words, (V,) each: "count", and those of `set_vecattr`.
    """

    if not TYPE_CHECKING:  # type checkers refuse names that do not exist

        def __getattr__(self, name: str) -> NoReturn:
            raise missing_attribute("KeyedVectors", name, VECTORS_METHODS)

    def get_mean_vector(
        self,
        keys: Sequence[KeyOrVector],
        weights: Sequence[float] | Floats | None = None,
        pre_normalize: bool = True,
        post_normalize: bool = False,
        ignore_missing: bool = True,
    ) -> Floats:
        """Return the weighted mean, (d,), of the vectors of keys and of vectors given as such.

        `pre_normalize` scales the vectors of keys to length 1, `post_normalize` the mean.
        """
        keys = as_list("keys", keys)
        shares = np.ones(len(keys)) if weights is None else np.asarray(weights, np.float64)
        if len(keys) == 0 or len(shares) != len(keys):
            raise ConfigError(
                f"there are {len(keys)} keys and {len(shares)} weights; "
                "give at least one key, and one weight for each"
            )
        total = np.zeros(self.vector_size)
        total_share = 0.0
        for key, share in zip(keys, shares.tolist(), strict=True):
            if not isinstance(key, np.ndarray) and ignore_missing and key not in self:
                continue
            total += share * self._vector(key, norm=pre_normalize)
            total_share += abs(share)
        mean = total / (total_share or 1.0)
        return (_unit(mean) if post_normalize else mean).astype(np.float32)

    def _vector(self, key: KeyOrVector, norm: bool) -> Floats:
        """Return a vector as is, or that of a key, scaled to length 1 with `norm`."""
        if not isinstance(key, np.ndarray):
            return self.get_vector(key, norm=norm)
        if key.shape != (self.vector_size,):
            raise ConfigError(f"a vector has shape {key.shape}; it must be ({self.vector_size},)")
        return key

    def most_similar(
        self,
        positive: Query | Sequence[Query] | None = None,
        negative: Query | Sequence[Query] | None = None,
        topn: int | None = 10,
        clip_start: int = 0,
        clip_end: int | None = None,
        restrict_vocab: int | None = None,
        indexer: None = None,
    ) -> Neighbours | Floats:
        """Return the words nearest to the mean of `positive` and of negated `negative` vectors.

        A query is a word, a row, a vector, or one of these with a weight: ("king", 0.5).

        Returns:
            (word, cosine) pairs, nearest first, without the words of the query; with topn=None all
            cosines, (V,).
        """
        if indexer is not None:
            raise NotOfferedError(
                "indexer is not supported: the search is exact; "
                "leave it out, or use gensim's KeyedVectors"
            )
        topn = _checked_topn(topn)
        if topn == 0:
            return []
        signed = [
            *(_weighted(query, 1.0) for query in _listed(positive)),
            *(_weighted(query, -1.0) for query in _listed(negative)),
        ]
        if not signed:
            raise ConfigError("no word was given; give at least one in positive or negative")
        keys, weights = zip(*signed, strict=True)
        mean = self.get_mean_vector(keys, weights, post_normalize=True, ignore_missing=False)
        most = _first_words("restrict_vocab", restrict_vocab)
        first, last = (clip_start, clip_end or len(self)) if most is None else (0, most)
        return self._best(self._current.unit_vectors()[first:last] @ mean, keys, topn, first)

    def _best(
        self, scores: Floats, asked: Sequence[KeyOrVector], topn: int | None, first: int = 0
    ) -> Neighbours | Floats:
        """Return the words with the best scores, without those asked about.

        The scores are those of the rows from `first` on. With topn=None, return them.
        """
        if topn is None:
            return scores
        known = {self.get_index(key) for key in asked if not isinstance(key, np.ndarray)}
        best = (first + top_places(scores, topn + len(known))).tolist()
        rows = [row for row in best if row not in known][:topn]
        return [(self.index_to_key[row], float(scores[row - first])) for row in rows]

    def most_similar_cosmul(
        self,
        positive: Query | Sequence[Query] | None = None,
        negative: Query | Sequence[Query] | None = None,
        topn: int | None = 10,
        restrict_vocab: int | None = None,
    ) -> Neighbours | Floats:
        """Search as `most_similar`, by 3CosMul (Levy and Goldberg 2014, W14-1618).

        A score is a ratio of products of cosines that are shifted to 0..1.
        """
        topn = _checked_topn(topn)
        if topn == 0:
            return []
        plus = _listed(positive)
        minus = _listed(negative)
        if not plus:
            raise ConfigError("no word was given; give at least one in positive")
        units = self._current.unit_vectors()[: _first_words("restrict_vocab", restrict_vocab)]

        def product(keys: Sequence[KeyOrVector]) -> Floats:
            rows = [self._vector(key, norm=True) for key in keys]
            cosines = np.reshape(rows, (len(rows), self.vector_size)) @ units.T
            return np.asarray(((1 + cosines) / 2).prod(axis=0))

        return self._best(product(plus) / (product(minus) + 1e-6), [*plus, *minus], topn)

    def similar_by_word(
        self, word: Key, topn: int | None = 10, restrict_vocab: int | None = None
    ) -> Neighbours | Floats:
        """Call `most_similar` with one word."""
        return self.most_similar([word], topn=topn, restrict_vocab=restrict_vocab)

    def similar_by_key(
        self, key: Key, topn: int | None = 10, restrict_vocab: int | None = None
    ) -> Neighbours | Floats:
        """Call `most_similar` with one word."""
        return self.most_similar([key], topn=topn, restrict_vocab=restrict_vocab)

    def similar_by_vector(
        self, vector: Floats, topn: int | None = 10, restrict_vocab: int | None = None
    ) -> Neighbours | Floats:
        """Call `most_similar` with one vector."""
        return self.most_similar([vector], topn=topn, restrict_vocab=restrict_vocab)

    def similarity(self, w1: Key, w2: Key) -> float:
        """Return the cosine of two words."""
        return float(self.get_vector(w1, norm=True) @ self.get_vector(w2, norm=True))

    def distance(self, w1: Key, w2: Key) -> float:
        """Return 1 - `similarity`."""
        return 1.0 - self.similarity(w1, w2)

    def distances(
        self, word_or_vector: KeyOrVector, other_words: Sequence[Key] | None = ()
    ) -> Floats:
        """Return 1 - cosine with each of some words; by default with all, (V,)."""
        vector = self._vector(word_or_vector, norm=False)
        others = as_list("other_words", () if other_words is None else other_words)
        rows = [self.get_index(word) for word in others]
        cosines = self.cosine_similarities(vector, self.vectors[rows or slice(None)])
        distances: Floats = 1.0 - cosines
        return distances

    @staticmethod
    def cosine_similarities(vector_1: Floats, vectors_all: Floats) -> Floats:
        """Return the cosines, (n,), of a vector (d,) with vectors (n, d)."""
        lengths = np.linalg.norm(vectors_all, axis=1) * np.linalg.norm(vector_1)
        cosines: Floats = np.divide(
            vectors_all @ vector_1, lengths, out=np.zeros_like(lengths), where=lengths > 0
        )
        return cosines

    def n_similarity(self, ws1: Sequence[Key], ws2: Sequence[Key]) -> float:
        """Return the cosine of the means of two lists of words."""
        if not (as_list("ws1", ws1) and as_list("ws2", ws2)):
            raise NoWordsError(
                "the mean of no words is undefined; give at least one word in ws1 and in ws2"
            )
        one, two = (_unit(self.get_mean_vector(words, pre_normalize=False)) for words in (ws1, ws2))
        return float(one @ two)

    def most_similar_to_given(self, key1: Key, keys_list: Sequence[Key]) -> Key:
        """Return the word of a list that is nearest to a word."""
        keys = as_list("keys_list", keys_list)
        if not keys:
            raise ConfigError("keys_list is empty; give at least one word")
        return keys[int(np.argmax([self.similarity(key1, key) for key in keys]))]

    def closer_than(self, key1: Key, key2: Key) -> list[Key]:
        """Return the words that are nearer to key1 than key2 is."""
        distances = self.distances(key1)
        nearer = np.flatnonzero(distances < distances[self.get_index(key2)])
        return [self.index_to_key[row] for row in nearer.tolist() if row != self.get_index(key1)]

    def rank(self, key1: Key, key2: Key) -> int:
        """Return the place of key2 among the words nearest to key1, from 1."""
        return len(self.closer_than(key1, key2)) + 1

    def relative_cosine_similarity(self, wa: Key, wb: Key, topn: int = 10) -> float:
        """Return the cosine of two words, divided by the sum of those of wa's nearest words."""
        near = self.similar_by_word(wa, topn)
        if not len(near):
            raise ConfigError(
                f"topn={topn} finds no words near {wa!r}; topn must be at least 1, "
                "and there must be other words"
            )
        return self.similarity(wa, wb) / sum(cosine for _, cosine in near)

    def rank_by_centrality(
        self, words: Sequence[Key], use_norm: bool = True
    ) -> list[tuple[float, Key]]:
        """Rank words by their cosine with the mean of all; skip those without vectors.

        Returns:
            (cosine, word) pairs, nearest first.
        """
        words = as_list("words", words)
        known = [word for word in words if word in self]
        if not known:
            raise ConfigError(
                f"none of the words {words!r:.80} has a vector; give at least one word that has one"
            )
        if len(known) < len(words):
            skipped = sorted({*words} - {*known}, key=str)
            logger.warning("skipped words without vectors: %s", skipped)
        rows = np.stack([self.get_vector(word, norm=use_norm) for word in known])
        cosines = rows @ _unit(rows.mean(axis=0))
        ranked = zip(cosines.tolist(), known, strict=True)
        return sorted(ranked, key=lambda pair: (pair[0], str(pair[1])), reverse=True)

    def doesnt_match(self, words: Sequence[Key]) -> Key:
        """Return the word that is farthest from the mean of the words."""
        return self.rank_by_centrality(words)[-1][1]

    def evaluate_word_pairs(
        self,
        pairs: str | os.PathLike[str],
        delimiter: str = "\t",
        encoding: str = "utf8",
        restrict_vocab: int = 300_000,
        case_insensitive: bool = True,
        dummy4unknown: bool = False,
    ) -> tuple[evaluation.Correlation, evaluation.Correlation, float]:
        """Correlate the cosines of pairs of words with people's scores.

        A pair without vectors is skipped, or counts as similarity 0 with `dummy4unknown`.

        Returns:
            Pearson's and Spearman's coefficients, each with its p-value, and the percentage of
            pairs without vectors.
        """
        words = evaluation.EvaluatedWords(self.index_to_key[:restrict_vocab], case_insensitive)
        lines = evaluation.read_lines(pairs, encoding)
        units = self._current.unit_vectors()
        return evaluation.word_pairs(words, units, lines, delimiter, dummy4unknown)

    def evaluate_word_analogies(
        self,
        analogies: str | os.PathLike[str],
        restrict_vocab: int = 300_000,
        case_insensitive: bool = True,
        dummy4unknown: bool = False,
        similarity_function: str = "most_similar",
    ) -> tuple[float, list[dict[str, Any]]]:
        """Answer analogies.

        A question with an unknown word is skipped, or counts as wrong with `dummy4unknown`.

        Returns:
            The share of correct answers, and the correct and incorrect questions of each section;
            the last section is the total.
        """
        method = getattr(self, similarity_function)

        def search(positive: list[int], negative: list[int]) -> list[str]:
            near = method(positive, negative, topn=5, restrict_vocab=restrict_vocab)
            return [word for word, _ in near]

        words = evaluation.EvaluatedWords(self.index_to_key[:restrict_vocab], case_insensitive)
        lines = evaluation.read_lines(analogies, "utf8")
        return evaluation.word_analogies(words, search, lines, dummy4unknown)

    def vectors_for_all(
        self,
        keys: Iterable[Key],
        allow_inference: bool = True,  # noqa: ARG002
        copy_vecattrs: bool = False,
    ) -> KeyedVectors:
        """Return new KeyedVectors of those keys that have vectors, in their order.

        With `copy_vecattrs`, attributes are copied; otherwise counts descend to 1.
        """
        known = [self.get_index(key) for key in as_list("keys", keys) if key in self]
        rows = [*dict.fromkeys(known)]
        attributes = _placeholder_counts(len(rows))
        if copy_vecattrs:
            attributes = {name: values[rows] for name, values in self.expandos.items()}
        found = KeyedVectors(self.vector_size)
        found.hold([self.index_to_key[row] for row in rows], self.vectors[rows], attributes)
        return found

    def save(self, fname_or_handle: Target, **kwargs: object) -> None:
        """Write one file, which `load` and `skipgram.load` read; it replaces any file.

        Words must not have attributes except "count".
        """
        reject_unsupported(kwargs)
        save_to(saved_embeddings(self), fname_or_handle)

    @classmethod
    def load(cls, fname: str | os.PathLike[str], mmap: str | None = None) -> KeyedVectors:
        """Read vectors that `save` or gensim wrote, or a word2vec file."""
        reject_unsupported({"mmap": mmap})
        embeddings = load(existing_path(fname))
        counts = embeddings.counts
        attributes = {} if counts is None else {"count": counts}
        vectors = cls(embeddings.vector_size)
        try:
            keys = keys_of(embeddings.words, embeddings.training)
        except FormatError as error:
            raise FormatError(f"{fname} cannot be read: {error}") from None
        vectors.hold(keys, embeddings.input, attributes)
        return vectors

    def save_word2vec_format(
        self,
        fname: str | os.PathLike[str],
        fvocab: None = None,
        binary: bool = False,
        total_vec: None = None,
        write_header: bool = True,
        prefix: str = "",
        append: bool = False,
        sort_attr: str = "count",
    ) -> None:
        """Write a word2vec file, by descending `sort_attr`; without a header, a GloVe file."""
        reject_unsupported({"fvocab": fvocab, "total_vec": total_vec, "append": append})
        if binary and not write_header:
            raise NotOfferedError(
                "write_header=False is not supported with binary=True: no program could read "
                "the file; leave out write_header"
            )
        order = np.arange(len(self))
        if sort_attr in self.expandos:
            order = np.argsort(-np.asarray(self.expandos[sort_attr]), kind="stable")
        words = [f"{prefix}{self.index_to_key[row]}" for row in order.tolist()]
        embeddings = Embeddings(words, self.vectors[order])
        if write_header:
            word2vec.write(embeddings, fname, binary=binary)
        else:
            glove.write(embeddings, fname)

    @classmethod
    def load_word2vec_format(
        cls,
        fname: str | os.PathLike[str],
        fvocab: None = None,
        binary: bool = False,
        encoding: str = "utf8",
        unicode_errors: str = "strict",
        limit: int | None = None,
        datatype: DTypeLike = np.float32,
        no_header: bool = False,
    ) -> KeyedVectors:
        """Read the first `limit` words of a word2vec file.

        The content decides whether it is read as text or binary. A repeated word is skipped. Such a
        file has no counts: as in gensim, they descend to 1.
        """
        reject_unsupported({"fvocab": fvocab, "datatype": datatype})
        most = _first_words("limit", limit)
        if no_header and binary:
            raise NotOfferedError(
                "no_header=True is not supported with binary=True: "
                "only text can have no header; leave binary out"
            )
        words, matrix = (glove if no_header else word2vec).rows(existing_path(fname))
        names = decoded(words[:most], fname, encoding, unicode_errors)
        first = {word: row for row, word in reversed([*enumerate(names)])}
        if len(first) < len(names):
            logger.warning("%s: skipped %d repeated words", fname, len(names) - len(first))
        rows = sorted(first.values())
        vectors = cls(matrix.shape[1])
        vectors.hold([names[row] for row in rows], matrix[rows], _placeholder_counts(len(rows)))
        return vectors


def _placeholder_counts(words: int) -> dict[str, NDArray[Any]]:
    """Return attributes for words without known counts: as in gensim, counts that descend to 1."""
    return {"count": np.arange(words, 0, -1)}


def _checked_topn(topn: int | None) -> int | None:
    return None if topn is None else max(0, int_argument("topn", topn))


def _first_words(name: str, words: int | None) -> int | None:
    """Return an argument that limits a search to the first words; None or 0 is no limit."""
    return int_argument(name, words or 0, 0) or None


def _listed(queries: Query | Sequence[Query] | None) -> list[Any]:
    """Return one query or several as a list."""
    if queries is None:
        return []
    if isinstance(queries, KEYS) or (isinstance(queries, np.ndarray) and queries.ndim == 1):
        return [queries]
    return as_list("positive and negative", queries)


def _weighted(query: Query, sign: float) -> tuple[KeyOrVector, float]:
    """Return the key or vector of a query, and its weight: the one given with it, or the sign."""
    if isinstance(query, (*KEYS, np.ndarray)):
        return query, sign
    if not isinstance(query, Sequence) or len(query) < 2:
        raise WrongTypeError(
            f"a query is {query!r:.80}; it must be a word, a row, a vector, "
            "or a tuple of one of these and its weight"
        )
    return query[0], float_argument("weight", query[1], -math.inf, math.inf)


def _unit(vector: Floats) -> Floats:
    length = float(np.linalg.norm(vector))
    return vector / (length or 1.0)
