"""What the look-alike of gensim's `KeyedVectors` holds, looks up and is given; its questions: keyed_vectors.py."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from skipgram import model_directory
from skipgram.embeddings import Embeddings
from skipgram.errors import ConfigError, NotOfferedError, UnknownKeyError, WrongTypeError
from skipgram.formats import keyed_vectors
from skipgram.formats.files import check_replaceable
from skipgram.gensim.arguments import refuse, whole

Key: TypeAlias = str | int | np.integer[Any]
KEYS = (str, int, np.integer)


class Lookup:
    """Words, their vectors and their attributes; see `KeyedVectors`."""

    def __init__(
        self, vector_size: int, count: int = 0, dtype: Any = np.float32, mapfile_path: None = None
    ) -> None:
        refuse({"count": count, "dtype": dtype, "mapfile_path": mapfile_path})
        self.vector_size = whole("vector_size", vector_size, 0)
        self.index_to_key: list[str] = []
        self.key_to_index: dict[str, int] = {}
        self.vectors: NDArray[np.float32] = np.zeros((0, self.vector_size), np.float32)
        self.norms: NDArray[np.float32] | None = None
        self.expandos: dict[str, Any] = {}
        self.vectors_lockf = np.ones(1, np.float32)
        self._embeddings = Embeddings([], self.vectors)

    def __str__(self) -> str:
        return f"{type(self).__name__}<vector_size={self.vector_size}, {len(self)} keys>"

    def __len__(self) -> int:
        return len(self.index_to_key)

    def __contains__(self, key: object) -> bool:
        return self.has_index_for(key)

    def has_index_for(self, key: object) -> bool:
        """Whether a key is a word, or the row of one."""
        return self.get_index(key, -1) >= 0

    def __getitem__(self, key_or_keys: Key | Sequence[Key]) -> NDArray[np.float32]:
        """The (d,) vector of a key, or the (n, d) vectors of several."""
        if isinstance(key_or_keys, KEYS):
            return self.get_vector(key_or_keys)
        keys = several("keys", key_or_keys)
        if not keys:
            raise ConfigError("no keys are given; give at least one word or row")
        return np.stack([self.get_vector(key) for key in keys])

    def __setitem__(self, keys: str | Sequence[str], weights: Any) -> None:
        """`add_vectors` with replace=True."""
        self.add_vectors(keys, weights, replace=True)

    def get_index(self, key: object, default: int | None = None) -> int:
        """The row of a word, or of a row's number itself; `default`, or an error that is a KeyError, if there is none."""
        row: int | None
        try:
            row = self.key_to_index.get(key)  # type: ignore[call-overload]
        except TypeError as error:
            raise WrongTypeError(
                f"key={key!r:.80} is not allowed: it takes a word or a row"
            ) from error
        if (
            row is None
            and isinstance(key, int | np.integer)
            and not isinstance(key, bool)
            and 0 <= key < len(self)
        ):
            row = int(key)
        if row is None:
            row = default
        if row is None and isinstance(key, str):
            row = self._known.index(key)  # which says what is near
        if row is None:
            raise UnknownKeyError(
                f"there is no word and no row {key!r:.80}; give a word, or a row under {len(self)}"
            )
        return row

    def get_vector(self, key: Key, norm: bool = False) -> NDArray[np.float32]:
        """The (d,) vector of a key; of length 1 with `norm`."""
        vector: NDArray[np.float32] = (self._known.unit_vectors() if norm else self.vectors)[
            self.get_index(key)
        ]
        vector.setflags(write=False)
        return vector

    def get_vecattr(self, key: Key, attr: str) -> Any:
        """An attribute of a word; "count" is how often it stood in the corpus."""
        if attr not in self.expandos:
            raise UnknownKeyError(
                f"attr={attr!r} is not known; there are {', '.join(self.expandos) or 'none'}"
            )
        return self.expandos[attr][self.get_index(key)]

    def set_vecattr(self, key: Key, attr: str, val: Any) -> None:
        """Set an attribute of a word; a new one is 0 for all others."""
        row, given = self.get_index(key), np.asarray(val)
        values = self.expandos.get(attr)
        if values is None:
            values = np.zeros(
                len(self), given.dtype if given.dtype.kind in "biuf" and given.ndim == 0 else object
            )
        if not np.can_cast(given.dtype, values.dtype, "same_kind"):
            raise WrongTypeError(
                f"val={val!r:.80} is not allowed: attr={attr!r} takes {values.dtype}; give it another name"
            )
        values[row] = val
        self.expandos[attr] = values

    def add_vector(self, key: str, vector: Any) -> int:
        """Add a word, unless it is there, and its vector; return its row."""
        self.add_vectors(key, vector)
        return self.get_index(key)

    def add_vectors(
        self, keys: str | Sequence[str], weights: Any, extras: None = None, replace: bool = False
    ) -> None:
        """Add words and their vectors, whose attributes are 0; words that are there keep their vectors unless `replace`."""
        refuse({"extras": extras})
        words = [keys] if isinstance(keys, KEYS) else several("keys", keys)
        rows = np.array(weights, np.float32, ndmin=2)
        if rows.shape != (len(words), self.vector_size):
            raise ConfigError(
                f"vectors of shape {rows.shape} for {len(words)} words; give {self.vector_size} numbers for each word"
            )
        for word in words:
            if not isinstance(word, str):
                raise WrongTypeError(
                    f"keys={word!r:.80} is not allowed: a word is a string; give str(key)"
                )
        fresh = {
            word: number
            for number, word in reversed([*enumerate(words)])
            if word not in self.key_to_index
        }
        if replace:
            for word, row in zip(words, rows, strict=True):
                if word in self.key_to_index:
                    self.vectors[self.key_to_index[word]] = row
        added = sorted(fresh.values())
        self.hold(
            [*self.index_to_key, *(words[number] for number in added)],
            np.concatenate([self.vectors, rows[added]]),
            {
                name: np.concatenate([old, np.zeros(len(added), old.dtype)])
                for name, old in self.expandos.items()
            },
        )

    def hold(
        self, words: Sequence[str], vectors: NDArray[np.float32], expandos: dict[str, Any]
    ) -> None:
        """Hold these words, vectors and attributes instead of those that are there."""
        self.index_to_key, self.key_to_index = (
            list(words),
            {word: row for row, word in enumerate(words)},
        )
        self.vectors, self.norms, self.expandos = vectors, None, expandos

    def sort_by_descending_frequency(self) -> None:
        """Put the most frequent words first; of words of one count the last, as gensim does."""
        counts = np.asarray(self.expandos.get("count", np.zeros(len(self))))
        order = np.lexsort((-np.arange(len(self)), -counts))
        words = [self.index_to_key[row] for row in order.tolist()]
        self.hold(
            words,
            self.vectors[order],
            {name: values[order] for name, values in self.expandos.items()},
        )

    @property
    def _known(self) -> Embeddings:
        """What answers the questions: made anew where `norms` says that the vectors changed."""
        if self.norms is None or self._embeddings.input is not self.vectors:
            self._embeddings = Embeddings(
                self.index_to_key, self.vectors, counts=self.expandos.get("count")
            )
            self.norms = np.linalg.norm(self.vectors, axis=1)
        return self._embeddings

    def fill_norms(self, force: bool = False) -> None:
        """Make `norms`, and all that depends on them, where they are not there or `force` asks for it."""
        if force:
            self.norms = None
        _ = self._known

    def init_sims(self, replace: bool = False) -> None:
        """`fill_norms`, or `unit_normalize_all` with `replace`."""
        self.fill_norms()
        if replace:
            self.unit_normalize_all()

    def get_normed_vectors(self) -> NDArray[np.float32]:
        """The (V, d) vectors scaled to length 1, copied."""
        return self._known.unit_vectors().copy()

    def unit_normalize_all(self) -> None:
        """Scale all vectors to length 1, for good."""
        self.vectors[:] = self._known.unit_vectors()
        self.fill_norms(force=True)


def several(name: str, keys: Any) -> list[Any]:
    """Return keys as a list.

    Raises:
        WrongTypeError: they are none.
    """
    if not isinstance(keys, Iterable):
        raise WrongTypeError(f"{name}={keys!r:.80} is not allowed: it takes a list of words")
    return list(keys)


def save_over(embeddings: Embeddings, path: str | os.PathLike[str]) -> None:
    """Write a model directory, in the place of a file if gensim saved it or it is empty; OutputError where another lies."""
    check_replaceable(path, keyed_vectors.of_vectors, "model or vectors that gensim saved")
    model_directory.save(embeddings, path, over_file=True)


def check_attributes(wv: Any) -> None:
    """Refuse KeyedVectors whose words have attributes besides count, which no model directory holds; NotOfferedError."""
    if others := sorted(wv.expandos.keys() - {"count"}):
        raise NotOfferedError(
            f"the attribute {others[0]!r} of the words is not saved here; del wv.expandos[{others[0]!r}] first"
        )
