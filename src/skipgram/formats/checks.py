"""What every reader of vectors does with words and numbers that it cannot take as they are.

A row with NaN or infinity is refused: its cosine to every word would be NaN or 0, which is above
that of many real neighbours. `Loading` decides about words in several rows, and about words that
are not UTF-8: programs that cut long words may cut a character.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from skipgram.embeddings import Embeddings
from skipgram.errors import ConfigError, FormatError, SkipgramWarning
from skipgram.loading import USUAL, Loading
from skipgram.matrices import as_float32, check_finite

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from numpy.typing import ArrayLike


LONGEST_WORD = 1 << 20
"""The most characters of a word that are read."""


def embeddings_of(
    words: Sequence[str],
    vectors: ArrayLike,
    path: str | os.PathLike[str],
    loading: Loading = USUAL,
    counts: ArrayLike | None = None,
) -> Embeddings:
    """Return the words, vectors and counts in the rows of a file as embeddings.

    Issues a `SkipgramWarning` if words are repeated and their first rows are kept.

    Raises:
        FormatError: a number is not finite, a word is too long, or repeated and may not be (the
            message names the row, from 1), or the parts do not fit together.
    """
    if words and len(longest := max(words, key=len)) > LONGEST_WORD:
        raise FormatError(
            f"{path}: row {words.index(longest) + 1} has a word of {len(longest):,} characters, "
            f"but at most {LONGEST_WORD:,} are read; remove that row"
        )
    if loading.unicode_errors == "ignore" and "" in words:
        raise FormatError(
            f"{path}: row {words.index('') + 1} has a word of which nothing is left without the "
            "bytes that are not UTF-8; set unicode_errors to replace, or remove that row"
        )
    try:
        matrix = as_float32(vectors)
        if len(set(words)) == len(words) or len(matrix) != len(words):
            return Embeddings(words, matrix, counts=counts)
        if matrix.ndim == 2:
            check_finite("the vectors", matrix, words)  # with the rows of the file
        first = _first_rows(words)
        if loading.duplicates == "error":
            raise FormatError(_refusal(words, first, path))
        kept = Embeddings(
            [words[row] for row in first],
            matrix[first],
            counts=None if counts is None else np.asarray(counts)[first],
        )
    except (ConfigError, IndexError) as error:
        raise FormatError(f"{path} cannot be read: {error}") from error
    warnings.warn(
        f"{path}: left out {len(words) - len(first)} of {len(words)} rows, because an earlier "
        f"row has the same word; {_repetition(words, first)}",
        SkipgramWarning,
        stacklevel=4,
    )
    return kept


def _first_rows(words: Sequence[str]) -> list[int]:
    """Return the first row of each distinct word, in order."""
    first: dict[str, int] = {}
    for row, word in enumerate(words):
        first.setdefault(word, row)
    return list(first.values())


def _refusal(words: Sequence[str], first: Sequence[int], path: str | os.PathLike[str]) -> str:
    repeated = len(words) - len(first)
    return (
        f"{path} cannot be read: {_repetition(words, first)} ({repeated} of {len(words)} rows "
        "repeat a word); remove these rows, or set duplicates to first to keep the first row of "
        "each word"
    )


def _repetition(words: Sequence[str], first: Sequence[int]) -> str:
    """Say which row is the first to repeat a word."""
    kept = set(first)
    row = next(row for row in range(len(words)) if row not in kept)
    earlier = words.index(words[row])
    return f"row {row + 1} repeats the word {words[row]!r:.80} of row {earlier + 1}"
