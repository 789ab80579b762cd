"""A look-alike of gensim's `KeyedVectors`, for where gensim is not installed: the same questions, answered by `Embeddings`."""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from skipgram.embeddings import Embeddings, Neighbours
from skipgram.errors import ConfigError, NotOfferedError, NoWordsError, WrongTypeError
from skipgram.formats import glove, load, word2vec
from skipgram.formats.text import decoded
from skipgram.gensim import evaluation
from skipgram.gensim.arguments import existing, fraction, refuse, whole
from skipgram.gensim.lookup import KEYS, Key, Lookup, check_attributes, save_over, several
from skipgram.nearest import top_places

Query: TypeAlias = Key | NDArray[np.floating[Any]] | tuple[Any, float]
Floats: TypeAlias = NDArray[np.floating[Any]]

logger = logging.getLogger(__name__)

REFUSED_METHODS: Mapping[str, str] = {
    "add_lifecycle_event": "training.json in the saved model says how it came to be",
    "allocate_vecattrs": "set_vecattr makes an attribute of words",
    "index2entity": "gensim 4 calls it index_to_key",
    "index2word": "gensim 4 calls it index_to_key",
    "intersect_word2vec_format": "skipgram.train(corpus, initial=path) begins at the vectors of a file",
    "log_accuracy": "evaluate_word_analogies returns the figures",
    "log_evaluate_word_pairs": "evaluate_word_pairs returns the figures",
    "resize_vectors": "build_vocab(update=True) adds words to a model, add_vectors words with vectors",
    "similarity_unseen_docs": "gensim 4 has it no longer",
    "vectors_norm": "get_normed_vectors() gives them",
    "vocab": "gensim 4 calls it key_to_index",
    "wmdistance": "it needs gensim and POT: pip install gensim POT",
    "word_vec": "gensim 4 calls it get_vector",
    "words_closer_than": "gensim 4 calls it closer_than",
}
"""Methods of gensim's `KeyedVectors` that there are none of here, and what to do instead."""


class KeyedVectors(Lookup):
    """Words with vectors; see gensim's documentation of the class of that name.

    Attributes:
        vector_size: numbers in a vector, d.
        index_to_key: the V words.
        key_to_index: their rows.
        vectors: (V, d) float32.
        norms: (V,) lengths of the vectors; set it to None after changing vectors in place.
        expandos: attributes of the words, (V,) each: "count", and those of `set_vecattr`.
    """

    def __getattr__(self, name: str) -> Any:
        if name in REFUSED_METHODS:
            raise NotOfferedError(
                f"KeyedVectors.{name} is gensim's own: {REFUSED_METHODS[name]}; or install gensim"
            )
        raise AttributeError(f"KeyedVectors has no attribute {name!r}")

    def get_mean_vector(
        self,
        keys: Sequence[Query],
        weights: Sequence[float] | Floats | None = None,
        pre_normalize: bool = True,
        post_normalize: bool = False,
        ignore_missing: bool = True,
    ) -> Floats:
        """The (d,) mean of keys' vectors (scaled to length 1 before, and after, if asked) and of vectors, weighted."""
        keys = several("keys", keys)
        shares = np.ones(len(keys)) if weights is None else np.asarray(weights, np.float64)
        if len(keys) == 0 or len(shares) != len(keys):
            raise ConfigError(
                f"{len(keys)} keys and {len(shares)} weights: give at least one key, and a weight for each"
            )
        mean, total = np.zeros(self.vector_size), 0.0
        for key, share in zip(keys, shares.tolist(), strict=True):
            if not isinstance(key, np.ndarray) and ignore_missing and key not in self:
                continue
            mean += share * (
                self._sized(key)
                if isinstance(key, np.ndarray)
                else self.get_vector(key, norm=pre_normalize)
            )
            total += abs(share)
        mean = mean / (total or 1.0)
        return (_unit(mean) if post_normalize else mean).astype(np.float32)

    def _sized(self, vector: Floats) -> Floats:
        if vector.shape != (self.vector_size,):
            raise ConfigError(
                f"a vector of shape {vector.shape} is given; these have {self.vector_size} numbers"
            )
        return vector

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
        """The words nearest to the mean of `positive` and of minus `negative`: words, rows, vectors or (one of these, weight).

        Returns:
            (word, cosine) pairs, nearest first, without the words of the question; with topn=None all cosines, (V,).
        """
        if indexer is not None:
            raise NotOfferedError(
                "indexer is gensim's own: the search is exact; leave it out, or install gensim"
            )
        topn = None if topn is None else max(0, whole("topn", topn))
        if topn == 0:
            return []
        signed = [
            _weighted(query, sign)
            for queries, sign in ((positive, 1.0), (negative, -1.0))
            for query in _listed(queries)
        ]
        if not signed:
            raise ConfigError("no word to compare with; give at least one in positive or negative")
        keys, weights = zip(*signed, strict=True)
        mean = self.get_mean_vector(keys, weights, post_normalize=True, ignore_missing=False)
        most = _most(restrict_vocab)
        first, last = (clip_start, clip_end or len(self)) if most is None else (0, most)
        return self._best(self._known.unit_vectors()[first:last] @ mean, keys, topn, first)

    def _best(
        self, scores: Floats, asked: Sequence[Any], topn: int | None, first: int = 0
    ) -> Neighbours | Floats:
        """The best words by their scores, of which the first is that of row `first`, without those asked about."""
        if topn is None:
            return scores
        known = {self.get_index(key) for key in asked if not isinstance(key, np.ndarray)}
        best = top_places(scores, topn + len(known)).tolist()
        rows = [row for row in best if row + first not in known]
        return [(self.index_to_key[row + first], float(scores[row])) for row in rows[:topn]]

    def most_similar_cosmul(
        self,
        positive: Query | Sequence[Query] | None = None,
        negative: Query | Sequence[Query] | None = None,
        topn: int | None = 10,
        restrict_vocab: int | None = None,
    ) -> Neighbours | Floats:
        """As `most_similar`, by 3CosMul: products of cosines moved to 0..1 (Levy and Goldberg 2014, W14-1618)."""
        topn = None if topn is None else max(0, whole("topn", topn))
        if topn == 0:
            return []
        plus, minus = _listed(positive), _listed(negative)
        if not plus:
            raise ConfigError("no word to compare with; give at least one in positive")
        units = self._known.unit_vectors()[: _most(restrict_vocab)]

        def product(keys: Sequence[Any]) -> Floats:  # vectors are taken as they are, as in gensim
            rows = [
                self._sized(key) if isinstance(key, np.ndarray) else self.get_vector(key, norm=True)
                for key in keys
            ]
            moved = (1 + np.reshape(rows, (len(rows), self.vector_size)) @ units.T) / 2
            return np.asarray(moved.prod(axis=0))

        return self._best(product(plus) / (product(minus) + 1e-6), [*plus, *minus], topn)

    def similar_by_word(
        self, word: Key, topn: int | None = 10, restrict_vocab: int | None = None
    ) -> Neighbours | Floats:
        """`most_similar` of one word."""
        return self.most_similar([word], topn=topn, restrict_vocab=restrict_vocab)

    def similar_by_key(
        self, key: Key, topn: int | None = 10, restrict_vocab: int | None = None
    ) -> Neighbours | Floats:
        """`most_similar` of one word."""
        return self.most_similar([key], topn=topn, restrict_vocab=restrict_vocab)

    def similar_by_vector(
        self, vector: Floats, topn: int | None = 10, restrict_vocab: int | None = None
    ) -> Neighbours | Floats:
        """`most_similar` of one vector."""
        return self.most_similar([vector], topn=topn, restrict_vocab=restrict_vocab)

    def similarity(self, w1: Key, w2: Key) -> float:
        """The cosine of two words' vectors."""
        return float(self.get_vector(w1, norm=True) @ self.get_vector(w2, norm=True))

    def distance(self, w1: Key, w2: Key) -> float:
        """1 - `similarity`."""
        return 1.0 - self.similarity(w1, w2)

    def distances(
        self, word_or_vector: Key | Floats, other_words: Sequence[Key] | None = ()
    ) -> Floats:
        """1 - the cosines of a word or vector with some words, or with all, (V,)."""
        vector = (
            self._sized(word_or_vector)
            if isinstance(word_or_vector, np.ndarray)
            else self.get_vector(word_or_vector)
        )
        rows = [
            self.get_index(word)
            for word in several("other_words", () if other_words is None else other_words)
        ]
        distances: Floats = 1.0 - self.cosine_similarities(
            vector, self.vectors[rows or slice(None)]
        )
        return distances

    @staticmethod
    def cosine_similarities(vector_1: Floats, vectors_all: Floats) -> Floats:
        """The (n,) cosines of a vector (d,) with vectors (n, d)."""
        lengths = np.linalg.norm(vectors_all, axis=1) * np.linalg.norm(vector_1)
        cosines: Floats = np.divide(
            vectors_all @ vector_1, lengths, out=np.zeros_like(lengths), where=lengths > 0
        )
        return cosines

    def n_similarity(self, ws1: Sequence[Key], ws2: Sequence[Key]) -> float:
        """The cosine of the means of two lists of words."""
        if not (several("ws1", ws1) and several("ws2", ws2)):
            raise NoWordsError(
                "the mean of no words is not defined; give at least one word in ws1 and in ws2"
            )
        one, two = (_unit(self.get_mean_vector(words, pre_normalize=False)) for words in (ws1, ws2))
        return float(one @ two)

    def most_similar_to_given(self, key1: Key, keys_list: Sequence[Key]) -> Key:
        """The word of a list that is nearest to a word."""
        keys: list[Key] = several("keys_list", keys_list)
        if not keys:
            raise ConfigError("keys_list is empty; give at least one word")
        return keys[int(np.argmax([self.similarity(key1, key) for key in keys]))]

    def closer_than(self, key1: Key, key2: Key) -> list[str]:
        """The words that are nearer to key1 than key2 is."""
        distances = self.distances(key1)
        nearer = np.flatnonzero(distances < distances[self.get_index(key2)])
        return [self.index_to_key[row] for row in nearer.tolist() if row != self.get_index(key1)]

    def rank(self, key1: Key, key2: Key) -> int:
        """How many words are nearer to key1 than key2 is, and 1."""
        return len(self.closer_than(key1, key2)) + 1

    def relative_cosine_similarity(self, wa: Key, wb: Key, topn: int = 10) -> float:
        """The cosine of two words, divided by the sum of those of wa's nearest words."""
        near = self.similar_by_word(wa, topn)
        if not len(near):
            raise ConfigError(
                f"topn={topn}: there are no words near {wa!r} to compare with; give topn at least 1, and more words"
            )
        return self.similarity(wa, wb) / sum(cosine for _, cosine in near)

    def rank_by_centrality(
        self, words: Sequence[str], use_norm: bool = True
    ) -> list[tuple[float, str]]:
        """(cosine with the mean of the words, word) pairs, nearest first; words without vectors are left out."""
        words = several("words", words)
        known = [word for word in words if word in self]
        if not known:
            raise ConfigError(
                f"none of the words {words!r:.80} has a vector; give at least one that has"
            )
        if len(known) < len(words):
            logger.warning(
                "left out are the words without vectors: %s", sorted(set(words) - set(known))
            )
        rows = np.stack([self.get_vector(word, norm=use_norm) for word in known])
        cosines = rows @ _unit(rows.mean(axis=0))
        return sorted(zip(cosines.tolist(), known, strict=True), reverse=True)

    def doesnt_match(self, words: Sequence[str]) -> str:
        """The word that is farthest from the mean of the words."""
        return self.rank_by_centrality(words)[-1][1]

    def evaluate_word_pairs(
        self,
        pairs: str | os.PathLike[str],
        delimiter: str = "\t",
        encoding: str = "utf8",
        restrict_vocab: int = 300_000,
        case_insensitive: bool = True,
        dummy4unknown: bool = False,
    ) -> tuple[tuple[float, float], tuple[float, float], float]:
        """Pearson's and Spearman's correlation, each with its p, and the per cent of pairs without vectors.

        A pair without vectors is left out, or counts as similarity 0 with `dummy4unknown`.
        """
        words = evaluation.Words(self, restrict_vocab, case_insensitive)
        return evaluation.word_pairs(
            words, evaluation.lines(pairs, encoding), delimiter, dummy4unknown
        )

    def evaluate_word_analogies(
        self,
        analogies: str | os.PathLike[str],
        restrict_vocab: int = 300_000,
        case_insensitive: bool = True,
        dummy4unknown: bool = False,
        similarity_function: str = "most_similar",
    ) -> tuple[float, list[dict[str, Any]]]:
        """The share of right answers; and by section, the last of which is the total, the questions right and wrong.

        A question with a word without vector is left out, or counts as wrong with `dummy4unknown`.
        """
        words = evaluation.Words(self, restrict_vocab, case_insensitive)
        return evaluation.word_analogies(
            words, evaluation.lines(analogies, "utf8"), similarity_function, dummy4unknown
        )

    def vectors_for_all(
        self,
        keys: Iterable[Key],
        allow_inference: bool = True,  # noqa: ARG002
        copy_vecattrs: bool = False,
    ) -> KeyedVectors:
        """New KeyedVectors of those keys that have vectors, in their order; with attributes, or counts that fall by 1 each."""
        rows = list(
            dict.fromkeys(self.get_index(key) for key in several("keys", keys) if key in self)
        )
        found = KeyedVectors(self.vector_size)
        attributes = (
            {name: values[rows] for name, values in self.expandos.items()}
            if copy_vecattrs
            else _ranked(len(rows))
        )
        found.hold([self.index_to_key[row] for row in rows], self.vectors[rows], attributes)
        return found

    def save(self, fname: str | os.PathLike[str], **kwargs: Any) -> None:
        """Write a model directory, which `load` and `skipgram.load` read, in the place of a file if gensim saved it.

        It holds no attribute of words but count.
        """
        refuse(kwargs)
        check_attributes(self)
        save_over(self._known, fname)

    @classmethod
    def load(cls, fname: str | os.PathLike[str], mmap: None = None) -> KeyedVectors:
        """Read what `save` wrote, or a word2vec file."""
        refuse({"mmap": mmap})
        return cls._of(load(existing(fname)))

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
        """Write a word2vec file, the words with the most of an attribute first; without header as GloVe does."""
        refuse({"fvocab": fvocab, "total_vec": total_vec, "append": append})
        values = self.expandos.get(sort_attr)
        rows = (
            np.arange(len(self))
            if values is None
            else np.argsort(-np.asarray(values), kind="stable")
        )
        sorted_words = Embeddings(
            [f"{prefix}{self.index_to_key[row]}" for row in rows.tolist()], self.vectors[rows]
        )
        if write_header:
            word2vec.write(sorted_words, fname, binary=binary)
        elif binary:
            raise NotOfferedError(
                "write_header=False is not offered with binary=True: no program could read that; leave it out"
            )
        else:
            glove.write(sorted_words, fname)

    @classmethod
    def load_word2vec_format(
        cls,
        fname: str | os.PathLike[str],
        fvocab: None = None,
        binary: bool = False,
        encoding: str = "utf8",
        unicode_errors: str = "strict",
        limit: int | None = None,
        datatype: Any = np.float32,
        no_header: bool = False,
    ) -> KeyedVectors:
        """Read a word2vec file, of `limit` words; whether it is text or binary is recognised from its content.

        A word that comes again is left out. Counts are not in such a file: as in gensim they fall by 1 with each word.
        """
        refuse({"fvocab": fvocab, "datatype": datatype})
        most = _most(limit, "limit")
        if no_header and binary:
            raise NotOfferedError(
                "no_header=True is not offered with binary=True: only text has no header; leave binary out"
            )
        words, matrix = (glove if no_header else word2vec).rows(existing(fname))
        names = decoded(words[:most], fname, encoding, unicode_errors)
        first = {word: row for row, word in reversed([*enumerate(names)])}
        if len(first) < len(names):
            logger.warning(
                "%s holds %d words again, which are left out", fname, len(names) - len(first)
            )
        rows = sorted(first.values())
        vectors = cls(matrix.shape[1])
        vectors.hold([names[row] for row in rows], matrix[rows], _ranked(len(rows)))
        return vectors

    @classmethod
    def _of(cls, embeddings: Embeddings) -> KeyedVectors:
        vectors = cls(embeddings.vector_size)
        vectors.hold(
            embeddings.words,
            embeddings.input,
            {} if embeddings.counts is None else {"count": embeddings.counts},
        )
        return vectors


def _ranked(words: int) -> dict[str, Any]:
    """Attributes of words whose counts are not known: gensim counts down to 1."""
    return {"count": np.arange(words, 0, -1)}


def _most(words: int | None, name: str = "restrict_vocab") -> int | None:
    """How many words of the first are asked for; None and 0 are all."""
    return whole(name, words or 0, 0) or None


def _listed(queries: Any) -> list[Any]:
    """A query as a list of itself; several as a list."""
    if queries is None:
        return []
    one = isinstance(queries, KEYS) or (isinstance(queries, np.ndarray) and queries.ndim == 1)
    return [queries] if one else several("positive and negative", queries)


def _weighted(query: Any, sign: float) -> tuple[Any, float]:
    """A query and its weight, which is that of its sign unless it is given beside the query."""
    if isinstance(query, (*KEYS, np.ndarray)):
        return query, sign
    if not isinstance(query, Sequence) or len(query) < 2:
        raise WrongTypeError(
            f"{query!r:.80} is not allowed in a question: it takes words, rows, vectors, or (one of these, weight)"
        )
    return query[0], fraction("weight", query[1], -math.inf, math.inf)


def _unit(vector: Floats) -> Floats:
    length = float(np.linalg.norm(vector))
    return vector / (length or 1.0)
