"""Vectors of documents: the weighted mean of the vectors of their words.

With `weighting="sif"` (smooth inverse frequency: Arora, Liang and Ma 2017, "A simple but
tough-to-beat baseline for sentence embeddings", ICLR, algorithm 1) the vector of a document with n
known words w is

    v = 1/n  sum over w of  a / (a + p(w)) x(w),    a = 0.001,

where p(w) is the share of w in the words of the corpus. Then the direction u that the documents
share, the first singular vector of the matrix of all v, is removed: v - u (u . v).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import islice, repeat
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias, get_args

import numpy as np

from skipgram.config import CorpusConfig
from skipgram.errors import ConfigError
from skipgram.forks import delaying_forks
from skipgram.lookup import Item, WordLookup, is_item
from skipgram.tokenizers import Tokenizer

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from skipgram.corpus.line_ids import LineIds
    from skipgram.corpus.tokens import Splitter

Weighting: TypeAlias = Literal["mean", "sif"]
Document: TypeAlias = str | Sequence[Item]

_SIF_A = 1e-3
"""The parameter a of SIF, as recommended by its authors."""

_BATCH = 4096
"""Documents whose tokens are held at a time."""

_MANY_LETTERS = 1 << 17
"""Texts of this many letters are worth the third of a second that importing numba takes."""


class Documents(NamedTuple):
    """The vectors of n documents, and how many of their tokens have a vector.

    Attributes:
        vectors: (n, d) float32; zero for a document without a known word.
        known: (n,) int64, tokens of each document that have a vector.
        unknown: (n,) int64, tokens that have none and were skipped.
        component: (d,) float32, the direction that was removed (SIF), or None (mean).
    """

    vectors: NDArray[np.float32]
    known: NDArray[np.int64]
    unknown: NDArray[np.int64]
    component: NDArray[np.float32] | None


def word_weights(weighting: Weighting, counts: NDArray[np.int64] | None) -> NDArray[np.float32]:
    """Return the (V,) SIF weight of each word, or for the mean an array of one 1.

    Raises:
        ConfigError: the weighting is unknown, or it is "sif" and the counts are not known.
    """
    if weighting == "mean":
        return np.ones(1, np.float32)
    if weighting != "sif":
        names = ", ".join(get_args(Weighting))
        raise ConfigError(f"weighting is {weighting!r}; it must be one of {names}")
    if counts is None:
        raise ConfigError(
            "these embeddings have no counts, which SIF weights are computed from; "
            'use weighting="mean", or load a saved model'
        )
    share = counts / max(1, int(counts.sum()))
    return (_SIF_A / (_SIF_A + share)).astype(np.float32)


def text_splitter(reading: Mapping[str, Any], tokenizer: Tokenizer | None) -> Splitter:
    """Return how a text becomes tokens as the corpus did.

    Args:
        reading: how the corpus was read: the options of `CorpusConfig` that differ from their
            defaults. A tokenizer function is only named there, and never imported.
        tokenizer: the function, if the corpus was split by one.

    Raises:
        ConfigError: the corpus was split by a function, which is not given, or it was not text but
            a table with one item per row.
    """
    with delaying_forks():
        from skipgram.corpus.tokens import splitter

    if reading.get("group_by"):
        raise ConfigError(
            f"the model was trained on items, one per row (group_by={reading['group_by']}), so a "
            "document cannot be a string, which has no items; give each document as a list of items"
        )
    options = {**reading, "tokenizer": tokenizer}
    if tokenizer is not None:
        options["token_pattern"] = None
    elif reading.get("tokenizer"):
        raise ConfigError(
            f"the corpus was split by the tokenizer {reading['tokenizer']}, which is not imported "
            "from a model; pass it as tokenizer, or give each document as a list of tokens"
        )
    return splitter(CorpusConfig(**options))


class DocumentEncoder:
    """Adds up the vectors of the words of documents.

    Args:
        lookup: the V words.
        vectors: (V, d) float32.
        counts: (V,), or None if they are not known.
        weighting, component: as for `Embeddings.encode_documents`.
        split: how to split a text; called once, and only if there is a text.
    """

    def __init__(
        self,
        lookup: WordLookup,
        vectors: NDArray[np.float32],
        counts: NDArray[np.int64] | None,
        weighting: Weighting,
        component: ArrayLike | None,
        split: Callable[[], Splitter],
    ) -> None:
        if component is not None and weighting != "sif":
            raise ConfigError(
                f"component has no effect with weighting={weighting!r}; leave it out, "
                'or use weighting="sif"'
            )
        self._lookup = lookup
        self._vectors = vectors
        self._weights = word_weights(weighting, counts)
        self._removes_component = weighting == "sif"
        self._component = component
        self._get: Callable[[Any, int], int] = lookup.rows.get
        self._make_split = split
        self._line_ids: LineIds | None = None
        self._seen = 0

    def encode(self, documents: Iterable[Document]) -> Documents:
        """Return the weighted means, with "sif" without the direction that they share.

        Raises:
            ConfigError: a document is neither a string nor a list of strings and integers, or SIF
                lacks documents.
        """
        means = self._all_means(documents)
        return remove_component(means, self._component) if self._removes_component else means

    def _all_means(self, documents: Iterable[Document]) -> Documents:
        if isinstance(documents, str | bytes) or not isinstance(documents, Iterable):
            raise ConfigError(
                f"texts is {documents!r:.60}; it must be a list of documents; "
                "for one document give a list of one"
            )
        parts = [self._means(batch) for batch in _batches(documents)]
        if not parts:
            nothing = np.zeros(0, np.int64)
            return Documents(self._vectors[:0].copy(), nothing, nothing.copy(), None)
        vectors, known, lengths = (np.concatenate(part) for part in zip(*parts, strict=True))
        return Documents(vectors, known, lengths - known, None)

    def _means(self, documents: list[Document]) -> tuple[NDArray[Any], ...]:
        """Return the (n, d) means of documents, and their numbers of known words and of tokens."""
        with delaying_forks():
            from scipy.sparse import csr_array

        rows, lengths = self._rows(documents)
        starts = np.concatenate([[0], np.cumsum(lengths)])
        is_known = rows >= 0
        ends = np.concatenate([[0], np.cumsum(is_known)])[starts]
        known = np.diff(ends)
        rows = rows[is_known]
        weights = self._weights[rows if len(self._weights) > 1 else np.zeros_like(rows)]
        shape = len(documents), len(self._vectors)
        sums = csr_array((weights, rows, ends.astype(np.int32)), shape=shape) @ self._vectors
        sums /= np.maximum(known, 1).astype(np.float32)[:, None]
        return sums, known, lengths

    @functools.cached_property
    def _splitter(self) -> Splitter:
        return self._make_split()

    def _rows(self, documents: list[Document]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Return the row of each token, or -1, and the number of tokens of each document."""
        texts = [document for document in documents if isinstance(document, str)]
        many = self._line_ids is not None or sum(map(len, texts)) >= _MANY_LETTERS
        if many and len(texts) == len(documents) and (space := self._splitter.whitespace):
            from skipgram.corpus.line_ids import LineIds

            if self._line_ids is None:
                normalize, stops = self._splitter.normalize, self._splitter.stops
                self._line_ids = LineIds(self._lookup.rows, normalize, space, stops)
            self._seen += len(documents)
            return self._line_ids.look_up(texts)
        return self._rows_of_tokens(documents)

    def _rows_of_tokens(
        self, documents: list[Document]
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Return the same, one token after the other."""
        tokens: list[Hashable] = []
        lengths = np.zeros(len(documents), np.int64)
        is_text = True
        for place, document in enumerate(documents):
            if isinstance(document, str):
                found: Sequence[Hashable] = self._splitter.split(document)
            else:
                found = _items(document, self._seen + place)
                is_text = False
            tokens += found
            lengths[place] = len(found)
        try:
            known = map(self._get, tokens, repeat(-1))
            rows = np.fromiter(known, np.int32, len(tokens))
        except TypeError as error:  # not hashable
            raise ConfigError(
                f"a document holds a token that is no word: {error}; "
                "give each document as a string, or as a list of strings and integers"
            ) from error
        if not is_text:  # a text is already spelled as the corpus was
            self._look_again(tokens, rows)
        self._seen += len(documents)
        return rows, lengths

    def _look_again(self, tokens: list[Hashable], rows: NDArray[np.int32]) -> None:
        """Find integers, and words in the spelling of the corpus, among tokens without a row."""
        found: dict[Hashable, int] = {}
        for place in np.flatnonzero(rows < 0).tolist():
            token = tokens[place]
            if token not in found:
                if not is_item(token):
                    raise ConfigError(
                        f"a document holds the token {token!r:.60}; "
                        "tokens must be strings or integers"
                    )
                row = self._lookup.find(token)
                found[token] = -1 if row is None else row
            rows[place] = found[token]


def remove_component(documents: Documents, component: ArrayLike | None) -> Documents:
    """Return documents without the direction that they share.

    Args:
        documents: their vectors.
        component: the direction, (d,), or None to compute it from these documents.

    Raises:
        ConfigError: the component has another shape or is not finite, or is to be computed from
            fewer than two documents with known words.
    """
    vectors = documents.vectors
    if component is None:
        filled = int(np.count_nonzero(documents.known))
        if filled < 2:
            raise ConfigError(
                f"documents with known words: {filled}; SIF removes what documents have in common, "
                "so encode at least 2, or give component, that of earlier documents"
            )
        direction = _first_singular_vector(vectors)
    else:
        direction = np.asarray(component, np.float32)
        if direction.shape != (vectors.shape[1],) or not np.isfinite(direction).all():
            raise ConfigError(
                f"component has shape {direction.shape}; it must be ({vectors.shape[1]},), with "
                "finite numbers: the component of documents that the same model has encoded"
            )
    vectors -= np.outer(vectors @ direction, direction)
    return documents._replace(component=direction)


def _first_singular_vector(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the (d,) unit vector u with the largest sum of squares of vectors @ u."""
    with delaying_forks():
        from scipy.linalg import eigh

    wide = vectors.astype(np.float64)
    last = wide.shape[1] - 1
    _, found = eigh(wide.T @ wide, subset_by_index=[last, last])
    direction: NDArray[np.float64] = found[:, 0]
    sign = np.sign(direction[np.argmax(np.abs(direction))])  # either sign is right: choose one
    unit: NDArray[np.float32] = (direction * sign).astype(np.float32)
    return unit


def _batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    """Yield documents in lists of at most _BATCH."""
    remaining = iter(documents)
    while batch := list(islice(remaining, _BATCH)):
        yield batch


def _items(document: object, number: int) -> list[Hashable]:
    """Return a document that is not a text as a list of tokens."""
    if isinstance(document, np.ndarray) and document.ndim == 1:
        return list(document.tolist())
    if isinstance(document, bytes) or not isinstance(document, Iterable):
        raise ConfigError(
            f"document {number} is {document!r:.60}; it must be a string or a list of tokens; "
            'replace missing texts by "", as in series.fillna("")'
        )
    return list(document)
