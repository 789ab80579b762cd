"""Two models of the same words: one rotated onto the other, and which words differ most.

Two trainings give two coordinate systems, even on the same text: only angles within a model have a
meaning. A rotation that brings the shared words as close together as possible (orthogonal
Procrustes: Schönemann 1966) makes vectors of two models comparable. Hamilton et al. (2016, arXiv
1605.09096) find words whose meaning changed in this way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skipgram.embeddings import Embeddings
from skipgram.errors import ConfigError
from skipgram.matrices import at_least_one, unit_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skipgram.embeddings import Which


@dataclass(frozen=True)
class Difference:
    """How much a word differs between two models.

    Attributes:
        word: the word.
        overlap: the share of its nearest words that both models have in common, from 0 to 1.
        cosine: that of its two vectors after alignment.
    """

    word: str
    overlap: float
    cosine: float


def align(embeddings: Embeddings, to: Embeddings) -> Embeddings:
    """Return the embeddings rotated onto those of another model.

    The rotation is that of the input vectors. Output vectors turn with it, so all products and
    cosines within the model stay the same, unless the other model has fewer dimensions.

    Args:
        embeddings: the model to rotate.
        to: the model that stays as it is; its vectors may have another size.

    Raises:
        ConfigError: the models share fewer than two words.
    """
    first, second = _shared(embeddings, to)
    turn = _rotation(embeddings.unit_vectors()[first], to.unit_vectors()[second])
    output = None if embeddings.output is None else embeddings.output @ turn
    training = {**embeddings.training, "aligned": True}
    return Embeddings(
        embeddings.words, embeddings.input @ turn, output, embeddings.counts, training
    )


def differences(
    one: Embeddings,
    other: Embeddings,
    *,
    neighbours: int = 10,
    top: int = 10_000,
    which: Which = "input",
) -> list[Difference]:
    """Return the words that both models have, those that differ most first.

    They are sorted by overlap, then by cosine.

    Args:
        one: a model.
        other: another model.
        neighbours: how many nearest words are compared. They are searched among the shared words.
        top: compare only this many shared words, those with the lowest rows in either model, which
            are the most frequent ones.
        which: the vectors.

    Raises:
        ConfigError: the models share fewer than two words, or a number is below 1.
    """
    neighbours = at_least_one("neighbours", neighbours)
    first, second = _shared(one, other, at_least_one("top", top))
    units = one.unit_vectors(which)[first], other.unit_vectors(which)[second]
    words = [one.words[row] for row in first.tolist()]
    near = [_neighbours(words, each, neighbours) for each in units]
    cosines = np.einsum("ij,ij->i", unit_rows(units[0] @ _rotation(*units)), units[1])
    found = [
        Difference(word, len(a & b) / max(1, len(a)), float(cosine))
        for word, a, b, cosine in zip(words, *near, cosines, strict=True)
    ]
    return sorted(found, key=lambda each: (each.overlap, each.cosine))


def _shared(
    one: Embeddings, other: Embeddings, top: int | None = None
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the rows of shared words in both models, the most frequent words first."""
    rows = dict(zip(other.words, range(len(other)), strict=True))
    pairs = [(row, rows[word]) for row, word in enumerate(one.words) if word in rows]
    if len(pairs) < 2:
        raise ConfigError(
            f"the models share {len(pairs)} of {len(one):,} and {len(other):,} words; two models "
            "can be compared if they share at least 2"
        )
    first, second = np.array(sorted(pairs, key=max)[:top], np.intp).T
    return first, second


def _neighbours(words: list[str], units: NDArray[np.float32], n: int) -> list[set[str]]:
    found = Embeddings(words, units).most_similar_batch(words, topn=min(n, len(words) - 1))
    return [{word for word, _ in near} for near in found]


def _rotation(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the rotation R that makes the sum of squares of one @ R - other smallest."""
    left, _, right = np.linalg.svd((one.T @ other).astype(np.float64), full_matrices=False)
    turn: NDArray[np.float32] = (left @ right).astype(np.float32)
    return turn
