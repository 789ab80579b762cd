"""Checked conversions of the matrices and numbers that embeddings are made of."""

from __future__ import annotations

from operator import index as as_int
from typing import TYPE_CHECKING, SupportsIndex

import numpy as np

from skipgram.errors import ConfigError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def as_float32(matrix: ArrayLike) -> NDArray[np.float32]:
    """Return a matrix as float32; ConfigError if a number is too large."""
    try:
        with np.errstate(over="raise"):
            return np.asarray(matrix, np.float32)
    except (FloatingPointError, OverflowError) as error:
        raise ConfigError(
            f"a vector holds a number above {np.finfo(np.float32).max}, the largest float32; "
            "scale the vectors down"
        ) from error


def as_counts(counts: ArrayLike) -> NDArray[np.int64]:
    """Return counts as int64; ConfigError if one is not a whole number."""
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


def rows_not_finite(matrix: NDArray[np.float32]) -> NDArray[np.intp]:
    """Return the numbers of the rows of a matrix that hold NaN or infinity."""
    with np.errstate(over="ignore", invalid="ignore"):
        # Fast, but finite numbers may have an infinite sum.
        if np.isfinite(matrix.sum()):
            return np.zeros(0, np.intp)
    return np.flatnonzero(~np.isfinite(matrix).all(axis=1))


def unit_rows(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a matrix with rows scaled to length 1.

    A row of zeros, or with numbers that are not finite, becomes zeros.
    """
    lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64))
    lengths[lengths == 0] = 1
    with np.errstate(over="ignore", invalid="ignore"):
        units: NDArray[np.float32] = vectors / lengths.astype(np.float32)[:, None]
    huge = lengths > np.finfo(np.float32).max
    units[huge] = vectors[huge] / lengths[huge, None]
    units[~np.isfinite(lengths)] = 0
    return units


def at_least_one(option: str, value: SupportsIndex) -> int:
    """Return the value as an int; ConfigError if it is not a whole number of at least 1."""
    try:
        number = as_int(value)
    except TypeError:
        number = 0
    if number < 1:
        raise ConfigError(f"{option} is {value!r}; it must be a whole number of at least 1")
    return number
