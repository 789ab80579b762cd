"""The data of our `KeyedVectors`: words, vectors and attributes."""

from __future__ import annotations

import io
import os
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from typing import Any, BinaryIO, TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from skipgram import model_file
from skipgram.embeddings import Embeddings
from skipgram.errors import (
    ConfigError,
    NotOfferedError,
    OutputError,
    UnknownKeyError,
    WrongTypeError,
)
from skipgram.gensim.arguments import int_argument
from skipgram.gensim.tokens import Tokens
from skipgram.gensim.unsupported import reject_unsupported
from skipgram.keys import Key, words_of
from skipgram.wording import reason_of

KEYS = (str, int, np.integer)
"""The types of keys that a method recognises as one key. A tuple is several keys, as in gensim."""
Attribute: TypeAlias = Any
"""The value of an attribute of a word: a number, a string or anything else."""
Item = TypeVar("Item")
Target: TypeAlias = str | os.PathLike[str] | BinaryIO
"""What a model is saved to: a path, or a file that is open for writing bytes."""


class Lookup:
    """Words, their vectors and their attributes; see `KeyedVectors`."""

    def __init__(
        self,
        vector_size: int,
        count: int = 0,
        dtype: DTypeLike = np.float32,
        mapfile_path: None = None,
    ) -> None:
        reject_unsupported({"count": count, "dtype": dtype, "mapfile_path": mapfile_path})
        self.vector_size = int_argument("vector_size", vector_size, 0)
        self.index_to_key: list[Key] = []
        self.key_to_index: dict[Key, int] = {}
        self.vectors: NDArray[np.float32] = np.zeros((0, self.vector_size), np.float32)
        self.norms: NDArray[np.float32] | None = None
        self.expandos: dict[str, NDArray[Any]] = {}
        self.vectors_lockf = np.ones(1, np.float32)
        self._embeddings = Embeddings([], self.vectors)

    def __str__(self) -> str:
        return f"{type(self).__name__}<vector_size={self.vector_size}, {len(self)} keys>"

    def __len__(self) -> int:
        return len(self.index_to_key)

    def __contains__(self, key: object) -> bool:
        return self.has_index_for(key)

    def has_index_for(self, key: object) -> bool:
        """Return whether a key is a word, or the row of one."""
        return self.get_index(key, -1) >= 0

    def __getitem__(self, key_or_keys: Key | Sequence[Key]) -> NDArray[np.float32]:
        """Return the (d,) vector of a key, or the (n, d) vectors of several."""
        if isinstance(key_or_keys, KEYS):
            return self.get_vector(key_or_keys)
        keys = as_list("keys", key_or_keys)
        if not keys:
            raise ConfigError("no keys are given; give at least one word or row")
        return np.stack([self.get_vector(key) for key in keys])

    def __setitem__(self, keys: Key, weights: ArrayLike) -> None:
        """Call `add_vectors` with a list of keys, or with one key, and with replace=True."""
        self.add_vectors([keys] if isinstance(keys, Hashable) else keys, weights, replace=True)

    def get_index(self, key: object, default: int | None = None) -> int:
        """Return the row of a key; an integer that is not a key is a row, and is returned as is.

        Raises:
            UnknownWordError: the word is unknown and there is no default (also a KeyError).
            UnknownKeyError: the same for a key that is not a word (also a KeyError).
            WrongTypeError: the key cannot be hashed.
        """
        try:
            row = self.key_to_index.get(key)
        except TypeError as error:
            raise WrongTypeError(f"key is {key!r:.80}; it must be a word or a row") from error
        if row is not None:
            return int(row)
        number = -1 if isinstance(key, bool) or not isinstance(key, int | np.integer) else int(key)
        if 0 <= number < len(self):
            return number
        if default is not None:
            return default
        if isinstance(key, str):
            return self._current.index(key)  # its error suggests similar spellings
        raise UnknownKeyError(
            f"there is no word or row {key!r:.80}; give a word, or a row below {len(self)}"
        )

    def get_vector(self, key: Key, norm: bool = False) -> NDArray[np.float32]:
        """Return the (d,) vector of a key, read-only; scaled to length 1 with `norm`."""
        matrix = self._current.unit_vectors() if norm else self.vectors
        vector: NDArray[np.float32] = matrix[self.get_index(key)]
        vector.setflags(write=False)
        return vector

    def get_vecattr(self, key: Key, attr: str) -> Attribute:
        """Return an attribute of a word; "count" is how often the word occurs in the corpus."""
        if attr not in self.expandos:
            raise UnknownKeyError(
                f"there is no attribute {attr!r}; "
                f"attributes are: {', '.join(self.expandos) or 'none'}"
            )
        return self.expandos[attr][self.get_index(key)]

    def set_vecattr(self, key: Key, attr: str, val: Attribute) -> None:
        """Set an attribute of a word. A new attribute is 0 for all other words."""
        row = self.get_index(key)
        given = np.asarray(val)
        values = self.expandos.get(attr)
        if values is None:
            is_number = given.dtype.kind in "biuf" and given.ndim == 0
            values = np.zeros(len(self), given.dtype if is_number else object)
        if not np.can_cast(given.dtype, values.dtype, "same_kind"):
            raise WrongTypeError(
                f"val is {val!r:.80}, but the attribute {attr!r} holds {values.dtype}; "
                "give a value of that type, or use another attribute"
            )
        values[row] = val
        self.expandos[attr] = values

    def add_vector(self, key: Key, vector: ArrayLike) -> int:
        """Add a word and its vector, unless the word is known; return its row."""
        self.add_vectors([key], vector)
        return self.get_index(key)

    def add_vectors(
        self,
        keys: Key | Sequence[Key],
        weights: ArrayLike,
        extras: None = None,
        replace: bool = False,
    ) -> None:
        """Add words and their vectors; attributes of new words are 0.

        Known words keep their vectors unless `replace` is set. Of a word given twice, the first
        vector is added.
        """
        reject_unsupported({"extras": extras})
        words = [keys] if isinstance(keys, KEYS) else as_list("keys", keys)
        rows = np.array(weights, np.float32, ndmin=2)
        if rows.shape != (len(words), self.vector_size):
            raise ConfigError(
                f"the vectors have shape {rows.shape} for {len(words)} words; "
                f"it must be ({len(words)}, {self.vector_size})"
            )
        for word in words:
            if not isinstance(word, Hashable):
                raise WrongTypeError(
                    f"keys holds {word!r:.80}; it must be a string, a number or another hashable "
                    "object: make it a tuple"
                )
        backwards = reversed([*enumerate(words)])  # so that the first of repeated words is kept
        fresh = {word: number for number, word in backwards if word not in self.key_to_index}
        if replace:
            for word, row in zip(words, rows, strict=True):
                if word in self.key_to_index:
                    self.vectors[self.key_to_index[word]] = row
        added = sorted(fresh.values())
        attributes = {
            name: np.concatenate([old, np.zeros(len(added), old.dtype)])
            for name, old in self.expandos.items()
        }
        self.hold(
            [*self.index_to_key, *(words[number] for number in added)],
            np.concatenate([self.vectors, rows[added]]),
            attributes,
        )

    def hold(
        self,
        words: Sequence[Key],
        vectors: NDArray[np.float32],
        expandos: dict[str, NDArray[Any]],
    ) -> None:
        """Replace all words, vectors and attributes."""
        self.index_to_key = list(words)
        self.key_to_index = {word: row for row, word in enumerate(words)}
        self.vectors = vectors
        self.norms = None
        self.expandos = expandos

    def sort_by_descending_frequency(self) -> None:
        """Sort words by descending count; those with the same count in reverse, as gensim does."""
        counts = np.asarray(self.expandos.get("count", np.zeros(len(self))))
        order = np.lexsort((-np.arange(len(self)), -counts))
        self.hold(
            [self.index_to_key[row] for row in order.tolist()],
            self.vectors[order],
            {name: values[order] for name, values in self.expandos.items()},
        )

    @property
    def _current(self) -> Embeddings:
        """The words and vectors as Embeddings.

        Made again when `norms` is None or `vectors` is another matrix.
        """
        if self.norms is None or self._embeddings.input is not self.vectors:
            words = Tokens().spell(self.index_to_key)
            self._embeddings = Embeddings(words, self.vectors)
            self.norms = np.linalg.norm(self.vectors, axis=1)
        return self._embeddings

    def fill_norms(self, force: bool = False) -> None:
        """Compute `norms` and all that depends on them if they are missing; always with `force`."""
        if force:
            self.norms = None
        _ = self._current

    def init_sims(self, replace: bool = False) -> None:
        """Call `fill_norms`, and `unit_normalize_all` with `replace`."""
        self.fill_norms()
        if replace:
            self.unit_normalize_all()

    def get_normed_vectors(self) -> NDArray[np.float32]:
        """Return a copy of the (V, d) vectors, scaled to length 1."""
        return self._current.unit_vectors().copy()

    def unit_normalize_all(self) -> None:
        """Scale all vectors to length 1 in place."""
        self.vectors[:] = self._current.unit_vectors()
        self.fill_norms(force=True)


def as_list(name: str, keys: Iterable[Item]) -> list[Item]:
    """Return keys as a list.

    Raises:
        WrongTypeError: they are not iterable.
    """
    if not isinstance(keys, Iterable):
        raise WrongTypeError(f"{name} is {keys!r:.80}; it must be a list of words")
    return list(keys)


def saved_embeddings(wv: Lookup) -> Embeddings:
    """Return words and vectors as they are saved; errors as for `check_attributes`, `words_of`."""
    check_attributes(wv.expandos)
    words, noted = words_of(wv.index_to_key)
    return Embeddings(words, wv.vectors, counts=wv.expandos.get("count"), training=noted)


def save_to(
    embeddings: Embeddings, target: Target, tree: Mapping[str, NDArray[Any]] | None = None
) -> None:
    """Write a model file, which as in gensim replaces any file, or write it to an open file.

    Args:
        embeddings: the model.
        target: a path, or a file that is open for writing bytes.
        tree: the tensors of the tree of hierarchical softmax, if there is one.

    Raises:
        WrongTypeError: the target is neither.
        OutputError: a directory that is not a model is in the way, or see `model_file.save`.
    """
    if isinstance(target, str | os.PathLike):
        model_file.save(embeddings, target, tree=tree, over_file=True)
        return
    if not hasattr(target, "write") or hasattr(target, "encoding"):  # which files of text have
        raise WrongTypeError(
            f"fname_or_handle is {target!r:.80}; it must be a path, or a file that is open for "
            "writing bytes: open(path, 'wb')"
        )
    try:
        if isinstance(target, io.RawIOBase):  # which may write less than it is given
            buffered = io.BufferedWriter(target)
            model_file.write(embeddings, buffered, tree)
            buffered.detach()
        else:
            model_file.write(embeddings, target, tree)
    except (OSError, ValueError) as error:  # ValueError: it is closed
        raise OutputError(f"cannot write to {target!r:.80}: {reason_of(error)}") from error


def check_attributes(attributes: Collection[str]) -> None:
    """Check that words have no attribute except "count": a model file holds no others.

    Raises:
        NotOfferedError: they have one.
    """
    if others := sorted({*attributes} - {"count"}):
        raise NotOfferedError(
            f"saving the word attribute {others[0]!r} is not supported; "
            f"remove it first: del wv.expandos[{others[0]!r}]"
        )
