"""A look-alike of gensim's `KeyedVectors`, for where gensim is not installed: the same questions, answered by `Embeddings`."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from skipgram.embeddings import Embeddings, Neighbours
from skipgram.errors import ConfigError, NotOfferedError
from skipgram.formats import load, word2vec
from skipgram.gensim import evaluation
from skipgram.gensim.arguments import refuse
from skipgram.nearest import largest

Key: TypeAlias = str | int | np.integer[Any]
Query: TypeAlias = Key | NDArray[np.floating[Any]] | tuple[Any, float]
Floats: TypeAlias = NDArray[np.floating[Any]]

_GROWING = "build_vocab(update=True) adds words to a model, skipgram.Embeddings holds any words and vectors"
REFUSED_METHODS: Mapping[str, str] = {
    "add_lifecycle_event": "training.json in the saved model says how it came to be",
    "add_vector": _GROWING,
    "add_vectors": _GROWING,
    "allocate_vecattrs": "count is the one attribute of words",
    "index2entity": "gensim 4 calls it index_to_key",
    "index2word": "gensim 4 calls it index_to_key",
    "init_sims": "unit vectors are made when they are asked for; get_normed_vectors() gives them",
    "intersect_word2vec_format": "skipgram.train(corpus, initial=path) begins at the vectors of a file",
    "log_accuracy": "evaluate_word_analogies returns the figures",
    "log_evaluate_word_pairs": "evaluate_word_pairs returns the figures",
    "resize_vectors": _GROWING,
    "set_vecattr": "count is the one attribute of words, and comes from the corpus",
    "similarity_unseen_docs": "gensim 4 has it no longer",
    "sort_by_descending_frequency": "words stand by falling count already",
    "vectors_for_all": "index the vectors: wv[keys]",
    "vectors_norm": "get_normed_vectors() gives them",
    "vocab": "gensim 4 calls it key_to_index",
    "wmdistance": "it needs gensim and POT: pip install gensim POT",
    "word_vec": "gensim 4 calls it get_vector",
    "words_closer_than": "gensim 4 calls it closer_than",
}
"""Methods of gensim's `KeyedVectors` that there are none of here, and what to do instead."""


class KeyedVectors:
    """Words with vectors; see gensim's documentation of the class of that name.

    Attributes:
        vector_size: numbers in a vector, d.
        index_to_key: the V words.
        key_to_index: their rows.
        vectors: (V, d) float32.
        norms: (V,) lengths of the vectors; set it to None after changing vectors in place.
        expandos: attributes of the words: "count".
    """

    def __init__(self, vector_size: int) -> None:
        self.vector_size = vector_size
        self.index_to_key: list[str] = []
        self.key_to_index: dict[str, int] = {}
        self.vectors: NDArray[np.float32] = np.zeros((0, vector_size), np.float32)
        self.norms: NDArray[np.float32] | None = None
        self.expandos: dict[str, Any] = {}
        self.vectors_lockf = np.ones(1, np.float32)
        self._embeddings = Embeddings([], self.vectors)

    def __getattr__(self, name: str) -> Any:
        if name in REFUSED_METHODS:
            raise NotOfferedError(f"KeyedVectors.{name} is gensim's own: {REFUSED_METHODS[name]}; or install gensim")
        raise AttributeError(f"KeyedVectors has no attribute {name!r}")

    def __len__(self) -> int:
        return len(self.index_to_key)

    def __contains__(self, key: object) -> bool:
        if isinstance(key, int | np.integer) and not isinstance(key, bool):
            return bool(0 <= key < len(self.index_to_key))
        return key in self.key_to_index

    has_index_for = __contains__

    def __getitem__(self, key_or_keys: Key | Sequence[Key]) -> NDArray[np.float32]:
        """The (d,) vector of a key, or the (n, d) vectors of several."""
        if isinstance(key_or_keys, str | int | np.integer):
            return self.get_vector(key_or_keys)
        return np.stack([self.get_vector(key) for key in key_or_keys])

    def get_index(self, key: Key, default: int | None = None) -> int:
        """The row of a word, or of a row's number itself; `default`, or UnknownWordError (a KeyError), if there is none."""
        if isinstance(key, str):
            return self.key_to_index.get(key, default) if default is not None else self._known.index(key)
        if 0 <= key < len(self):
            return int(key)
        if default is None:
            raise ConfigError(f"row {key} of {len(self)} is not there; give a word, or a row from 0 to {len(self) - 1}")
        return default

    def get_vector(self, key: Key, norm: bool = False) -> NDArray[np.float32]:
        """The (d,) vector of a key; of length 1 with `norm`."""
        vector: NDArray[np.float32] = (self.get_normed_vectors() if norm else self.vectors)[self.get_index(key)]
        vector.setflags(write=False)
        return vector

    def get_vecattr(self, key: Key, attr: str) -> Any:
        """An attribute of a word; "count" is how often it stood in the corpus."""
        if attr not in self.expandos:
            raise ConfigError(f"attr={attr!r} is not known; there are {', '.join(self.expandos) or 'none'}")
        return self.expandos[attr][self.get_index(key)]

    @property
    def _known(self) -> Embeddings:
        """What answers the questions: made anew where `norms` says that the vectors changed."""
        if self.norms is None or self._embeddings.input is not self.vectors:
            self._embeddings = Embeddings(self.index_to_key, self.vectors, counts=self.expandos.get("count"))
            self.norms = np.linalg.norm(self.vectors, axis=1)
        return self._embeddings

    def fill_norms(self, force: bool = False) -> None:
        """Make `norms`, and all that depends on them, where they are not there or `force` asks for it."""
        if force:
            self.norms = None
        _ = self._known

    def get_normed_vectors(self) -> NDArray[np.float32]:
        """The (V, d) vectors scaled to length 1."""
        return self._known.unit_vectors()

    def unit_normalize_all(self) -> None:
        """Scale all vectors to length 1, for good."""
        self.vectors, self.norms = self.get_normed_vectors().copy(), None

    def get_mean_vector(
        self,
        keys: Sequence[Query],
        weights: Sequence[float] | Floats | None = None,
        pre_normalize: bool = True,
        post_normalize: bool = False,
        ignore_missing: bool = True,
    ) -> Floats:
        """The (d,) mean of keys' vectors (scaled to length 1 before, and after, if asked) and of vectors, weighted."""
        shares = np.ones(len(keys)) if weights is None else np.asarray(weights, np.float64)
        if len(keys) == 0 or len(shares) != len(keys):
            raise ConfigError(f"{len(keys)} keys and {len(shares)} weights: give at least one key, and a weight for each")
        mean, total = np.zeros(self.vector_size), 0.0
        for key, share in zip(keys, shares.tolist(), strict=True):
            if isinstance(key, str) and ignore_missing and key not in self:
                continue
            mean += share * (key if isinstance(key, np.ndarray) else self.get_vector(key, norm=pre_normalize))  # type: ignore[arg-type]
            total += abs(share)
        mean = mean / (total or 1.0)
        return (_unit(mean) if post_normalize else mean).astype(np.float32)

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
            raise NotOfferedError("indexer is gensim's own: the search is exact; leave it out, or install gensim")
        if topn is not None and topn < 1:
            return []
        signed = [*((query, 1.0) for query in _listed(positive)), *((query, -1.0) for query in _listed(negative))]
        if not signed:
            raise ConfigError("no word to compare with; give at least one in positive or negative")
        keys, weights = zip(*(query if isinstance(query, tuple) else (query, sign) for query, sign in signed), strict=True)
        mean = self.get_mean_vector(keys, weights, post_normalize=True, ignore_missing=False)
        first, last = (0, restrict_vocab) if restrict_vocab else (clip_start, clip_end or len(self))
        return self._best(self.get_normed_vectors()[first:last] @ mean, keys, topn, first)

    def _best(self, scores: Floats, asked: Sequence[Any], topn: int | None, first: int = 0) -> Neighbours | Floats:
        """The best words by their scores, of which the first is that of row `first`, without those asked about."""
        if topn is None:
            return scores
        known = {self.get_index(key) for key in asked if not isinstance(key, np.ndarray)}
        rows = [row for row in largest(scores, topn + len(known)).tolist() if row + first not in known]
        return [(self.index_to_key[row + first], float(scores[row])) for row in rows[:topn]]

    def most_similar_cosmul(
        self,
        positive: Query | Sequence[Query] | None = None,
        negative: Query | Sequence[Query] | None = None,
        topn: int | None = 10,
        restrict_vocab: int | None = None,
    ) -> Neighbours | Floats:
        """As `most_similar`, by 3CosMul: products of cosines moved to 0..1 (Levy and Goldberg 2014, W14-1618)."""
        plus, minus = _listed(positive), _listed(negative)
        if not plus:
            raise ConfigError("no word to compare with; give at least one in positive")
        if topn is not None and topn < 1:
            return []
        units = self.get_normed_vectors()[:restrict_vocab]

        def product(keys: Sequence[Any]) -> Floats:
            rows = [_unit(key) if isinstance(key, np.ndarray) else self.get_vector(key, norm=True) for key in keys]
            moved = (1 + np.reshape(rows, (len(rows), self.vector_size)) @ units.T) / 2
            return np.asarray(moved.prod(axis=0))

        return self._best(product(plus) / (product(minus) + 1e-6), [*plus, *minus], topn)

    def similar_by_word(self, word: Key, topn: int | None = 10, restrict_vocab: int | None = None) -> Neighbours | Floats:
        """`most_similar` of one word."""
        return self.most_similar([word], topn=topn, restrict_vocab=restrict_vocab)

    def similar_by_key(self, key: Key, topn: int | None = 10, restrict_vocab: int | None = None) -> Neighbours | Floats:
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

    def distances(self, word_or_vector: Key | Floats, other_words: Sequence[Key] = ()) -> Floats:
        """1 - the cosines of a word or vector with some words, or with all, (V,)."""
        vector = word_or_vector if isinstance(word_or_vector, np.ndarray) else self.get_vector(word_or_vector)
        rows = [self.get_index(word) for word in other_words] if len(other_words) else slice(None)
        distances: Floats = 1.0 - self.cosine_similarities(vector, self.vectors[rows])
        return distances

    @staticmethod
    def cosine_similarities(vector_1: Floats, vectors_all: Floats) -> Floats:
        """The (n,) cosines of a vector (d,) with vectors (n, d)."""
        lengths = np.linalg.norm(vectors_all, axis=1) * np.linalg.norm(vector_1)
        cosines: Floats = np.divide(vectors_all @ vector_1, lengths, out=np.zeros_like(lengths), where=lengths > 0)
        return cosines

    def n_similarity(self, ws1: Sequence[Key], ws2: Sequence[Key]) -> float:
        """The cosine of the means of two lists of words."""
        one, two = (_unit(self.get_mean_vector(words, pre_normalize=False)) for words in (ws1, ws2))
        return float(one @ two)

    def most_similar_to_given(self, key1: Key, keys_list: Sequence[Key]) -> Key:
        """The word of a list that is nearest to a word."""
        return keys_list[int(np.argmax([self.similarity(key1, key) for key in keys_list]))]

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
        return self.similarity(wa, wb) / sum(cosine for _, cosine in self.similar_by_word(wa, topn))

    def rank_by_centrality(self, words: Sequence[str], use_norm: bool = True) -> list[tuple[float, str]]:
        """(cosine with the mean of the words, word) pairs, nearest first; words without vectors are left out."""
        known = [word for word in words if word in self]
        if not known:
            raise ConfigError(f"none of the words {list(words)} has a vector; give at least one that has")
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
        return evaluation.word_pairs(words, evaluation.lines(pairs, encoding), delimiter, dummy4unknown)

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
        return evaluation.word_analogies(words, evaluation.lines(analogies, "utf8"), similarity_function, dummy4unknown)

    def save(self, fname: str | os.PathLike[str]) -> None:
        """Write a model directory; `load` and `skipgram.load` read it."""
        self._known.save(fname)

    @classmethod
    def load(cls, fname: str | os.PathLike[str], mmap: None = None) -> KeyedVectors:
        """Read what `save` wrote, or a word2vec file."""
        refuse({"mmap": mmap})
        return cls._of(load(fname))

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
        """Write a word2vec file."""
        refuse({"fvocab": fvocab, "total_vec": total_vec, "write_header": write_header, "prefix": prefix, "append": append})
        refuse({"sort_attr": sort_attr})
        word2vec.write(self._known, fname, binary=binary)

    @classmethod
    def load_word2vec_format(
        cls,
        fname: str | os.PathLike[str],
        fvocab: None = None,
        binary: bool = False,  # noqa: ARG003 - the file itself says
        encoding: str = "utf8",
        unicode_errors: str = "strict",
        limit: int | None = None,
        datatype: Any = np.float32,
        no_header: bool = False,
    ) -> KeyedVectors:
        """Read a word2vec file, of `limit` words; whether it is text or binary is recognised from its content."""
        refuse({"fvocab": fvocab, "encoding": encoding, "unicode_errors": unicode_errors, "datatype": datatype})
        refuse({"no_header": no_header})
        read = word2vec.read(fname)
        return cls._of(Embeddings(read.words[:limit], read.input[:limit]))

    @classmethod
    def _of(cls, embeddings: Embeddings) -> KeyedVectors:
        vectors = cls(embeddings.vector_size)
        vectors.index_to_key, vectors.vectors = embeddings.words, embeddings.input
        vectors.key_to_index = {word: row for row, word in enumerate(embeddings.words)}
        if embeddings.counts is not None:
            vectors.expandos["count"] = embeddings.counts
        return vectors


def _listed(queries: Any) -> list[Any]:
    """A query as a list of itself; several as a list."""
    if queries is None:
        return []
    one = isinstance(queries, str | int | np.integer | tuple) or (isinstance(queries, np.ndarray) and queries.ndim == 1)
    return [queries] if one else list(queries)


def _unit(vector: Floats) -> Floats:
    length = float(np.linalg.norm(vector))
    return vector / (length or 1.0)
