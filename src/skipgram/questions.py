"""What a query may ask about: words, integers and vectors, one or several."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from skipgram.errors import ConfigError
from skipgram.lookup import Item, is_item

Vector: TypeAlias = NDArray[np.floating[Any]]
Question: TypeAlias = Item | Vector
Questions: TypeAlias = Question | Sequence[Question] | NDArray[Any]
"""One question, or several: a sequence of words, integers and (d,) vectors, an array of words or
integers, or an (n, d) matrix of floats."""


def listed(questions: Questions | Iterable[Question]) -> list[Any]:
    """Return one question, or several, as a list.

    A string is one word, although it is itself a sequence of strings (bytes are one too, which has
    no row), and an array of floats is one vector, or one a row.
    """
    if is_item(questions) or isinstance(questions, bytes):
        return [questions]
    if hasattr(questions, "__array__"):
        array = np.asarray(questions)
        if array.dtype.kind == "f" and array.ndim > 0:
            return [array] if array.ndim == 1 else list(array)
        return array.tolist() if array.ndim else [array.item()]
    return list(questions) if isinstance(questions, Iterable) else [questions]


def is_vector(question: object) -> bool:
    """Whether a question is a vector: an array or a list of floats."""
    if is_item(question) or not (
        isinstance(question, list | tuple) or hasattr(question, "__array__")
    ):
        return False
    array = np.asarray(question)
    return array.ndim > 0 and array.dtype.kind == "f"


def unit_vector(vector: Vector, dimensions: int) -> NDArray[np.float32]:
    """Return a vector scaled to length 1; zero stays zero.

    Raises:
        ConfigError: it has another number of dimensions, or numbers that are not finite.
    """
    wide = np.asarray(vector, np.float64)
    if wide.shape != (dimensions,):
        raise ConfigError(
            f"a vector has shape {wide.shape}; it must be ({dimensions},); "
            "give a vector of the same model"
        )
    if not np.isfinite(wide).all():
        place = int(np.flatnonzero(~np.isfinite(wide))[0])
        raise ConfigError(
            f"number {place} of a vector is {wide[place]}; all must be finite; "
            "leave such vectors out, or replace the number"
        )
    largest = float(np.abs(wide).max(initial=0))
    scaled = wide / largest if largest else wide  # squares must not overflow
    unit: NDArray[np.float32] = (scaled / (np.linalg.norm(scaled) or 1)).astype(np.float32)
    return unit
