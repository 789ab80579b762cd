"""What every reader of vectors does with numbers that are not finite, and with repeated words.

A row with NaN or infinity is refused: its cosine to every word would be NaN or 0, which is above
that of many real neighbours. Of a word in several rows, the first is kept, with a warning.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from skipgram.embeddings import Embeddings
from skipgram.errors import ConfigError, FormatError, SkipgramWarning
from skipgram.matrices import as_float32, rows_not_finite

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray


def embeddings_of(
    words: Sequence[str],
    vectors: ArrayLike,
    path: str | os.PathLike[str],
    counts: ArrayLike | None = None,
) -> Embeddings:
    """Return the words, vectors and counts in the rows of a file as embeddings.

    Issues a `SkipgramWarning` if words are repeated; their first rows are kept.

    Raises:
        FormatError: a number is not finite (the message names the row, from 1), or the parts
            do not fit together.
    """
    try:
        matrix = as_float32(vectors)
        _check_finite(matrix, words, path)
        if len(set(words)) == len(words) or len(matrix) != len(words):
            return Embeddings(words, matrix, counts=counts)
        first = _first_rows(words)
        kept = Embeddings(
            [words[row] for row in first],
            matrix[first],
            counts=None if counts is None else np.asarray(counts)[first],
        )
    except (ConfigError, IndexError) as error:
        raise FormatError(f"{path} cannot be read: {error}") from error
    warnings.warn(_repetition(words, first, path), SkipgramWarning, stacklevel=4)
    return kept


def _first_rows(words: Sequence[str]) -> list[int]:
    """Return the first row of each distinct word, in order."""
    first: dict[str, int] = {}
    for row, word in enumerate(words):
        first.setdefault(word, row)
    return list(first.values())


def _repetition(words: Sequence[str], first: Sequence[int], path: str | os.PathLike[str]) -> str:
    """Return the text of the warning: how many rows were left out, and the first of them."""
    kept = set(first)
    row = next(row for row in range(len(words)) if row not in kept)
    return (
        f"{path}: left out {len(words) - len(first)} of {len(words)} rows, whose words are in "
        f"earlier rows too; row {row + 1} repeats the word {words[row]!r:.80} of row "
        f"{words.index(words[row]) + 1}"
    )


def _check_finite(
    matrix: NDArray[np.float32], words: Sequence[str], path: str | os.PathLike[str]
) -> None:
    bad = rows_not_finite(matrix).tolist() if matrix.ndim == 2 else []
    if bad:
        word = repr(words[bad[0]]) if bad[0] < len(words) else "none"
        raise FormatError(
            f"{path}: row {bad[0] + 1} has a number that is not finite (word {word:.80}; "
            f"{len(bad)} of {len(matrix)} rows have one); "
            "remove these rows, or get a new copy of the file"
        )
