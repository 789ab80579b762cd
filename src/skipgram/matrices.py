"""Checked conversions of the matrices and numbers that embeddings are made of."""

from __future__ import annotations

from operator import index as as_int
from typing import TYPE_CHECKING, SupportsIndex

import numpy as np

from skipgram.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    """Return the numbers of the rows of a matrix that hold NaN or infinity.

    It takes 12 ms for 200,000 x 300 numbers.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        # Fast, but finite numbers may have an infinite sum.
        if np.isfinite(matrix.sum()):
            return np.zeros(0, np.intp)
    return np.flatnonzero(~np.isfinite(matrix).all(axis=1))


def check_finite(name: str, matrix: NDArray[np.float32], words: Sequence[str]) -> None:
    """Raise a ConfigError if a number of a (V, d) matrix, the vectors of V words, is not finite."""
    bad = rows_not_finite(matrix).tolist()
    if bad:
        have = "has" if len(bad) == 1 else "have"
        raise ConfigError(
            f"row {bad[0] + 1} of {name} has a number that is not finite (word "
            f"{words[bad[0]]!r:.80}; {len(bad)} of {len(matrix)} rows {have} one), so it has no "
            "cosine; leave these words out, or replace the numbers"
        )


def check_parts(
    words: Sequence[str],
    input: NDArray[np.float32],  # noqa: A002 - the standard name of this matrix
    output: NDArray[np.float32] | None,
    counts: NDArray[np.int64] | None,
) -> None:
    """Raise a ConfigError if words, matrices and counts do not fit, or a number is not allowed."""
    if input.ndim != 2 or len(input) != len(words):
        raise ConfigError(
            f"input has shape {input.shape} for {len(words)} words; "
            f"it must be ({len(words)}, dimensions), one row for each word"
        )
    check_finite("the input vectors", input, words)
    if output is not None and output.shape != input.shape:
        raise ConfigError(
            f"output has shape {output.shape}; it must have the shape of input, {input.shape}"
        )
    if output is not None:
        check_finite("the output vectors", output, words)
    if counts is not None and counts.shape != (len(words),):
        raise ConfigError(
            f"counts has shape {counts.shape} for {len(words)} words; give one count for each word"
        )
    if counts is not None and len(counts) and counts.min() < 0:
        raise ConfigError(f"a count is {counts.min()}; it must be at least 0")


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
