"""The weights of a model: what it has learned, checked before it is trained, saved or converted."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from skipgram.errors import ConfigError, NotOfferedError, NotReadyError
from skipgram.gensim.vocabulary import Matrix, WordVectors
from skipgram.kernels.hierarchical import HuffmanTree


class Weights(NamedTuple):
    """What a model has learned.

    Attributes:
        input: (V, d) the word vectors.
        output: (V, d) the output vectors (syn1neg); None without negative sampling.
        nodes: (V, d) the vectors of the inner nodes of the tree (syn1); None without hierarchical
            softmax. The last row is unused.
        tree: the tree of these nodes; None without hierarchical softmax.
        frozen: rows of the word vectors that are not trained.
    """

    input: Matrix
    output: Matrix | None
    nodes: Matrix | None
    tree: HuffmanTree | None
    frozen: NDArray[np.int64]


class Settings(Protocol):
    """The part of a `Word2Vec`, gensim's or ours, that says which weights it has."""

    vector_size: int
    negative: int
    hs: int


def weights_of(model: Settings, wv: WordVectors) -> Weights:
    """Return the weights of a model, ours or gensim's, which a user may have changed; no tree.

    Raises:
        NotOfferedError: some word vectors are partly frozen.
        NotReadyError: output vectors are missing.
        ConfigError: the numbers of words, counts and vectors, or the vectors' sizes, do not match.
    """
    output = _matrix(model, "syn1neg", model.negative)
    nodes = _matrix(model, "syn1", model.hs)
    shape = (len(wv), model.vector_size)
    for name, matrix in (("wv.vectors", wv.vectors), ("syn1neg", output), ("syn1", nodes)):
        if matrix is not None and matrix.shape != shape:
            raise ConfigError(
                f"{name} has shape {matrix.shape} instead of {shape}; "
                "use build_vocab(update=True) to add words to all matrices"
            )
    if len(wv.expandos.get("count", ())) != len(wv):
        raise ConfigError(
            f"some of the {len(wv)} words have no count; use build_vocab(update=True) to add words"
        )
    return Weights(wv.vectors, output, nodes, None, _frozen(wv))


def restore(model: Settings, wv: WordVectors, weights: Weights) -> None:
    """Give a model copies of weights, except the tree."""
    wv.vectors = np.array(weights.input, np.float32)
    for name, matrix in (("syn1neg", weights.output), ("syn1", weights.nodes)):
        if matrix is not None:
            setattr(model, name, np.array(matrix, np.float32))
    if len(weights.frozen):
        wv.vectors_lockf = np.ones(len(wv), np.float32)
        wv.vectors_lockf[weights.frozen] = 0


def _matrix(model: Settings, name: str, needed: int) -> Matrix | None:
    if not needed:
        return None
    matrix: Matrix | None = vars(model).get(name)
    if matrix is None:
        raise NotReadyError(
            f"the model has no {name}, because its vocabulary was built or saved without it; load "
            "the file that Word2Vec.save wrote, or call build_vocab to start anew"
        )
    return matrix


def _frozen(wv: WordVectors) -> NDArray[np.int64]:
    """Return the rows whose factor in `vectors_lockf` is 0: one for each word, or one for all."""
    factors = np.atleast_1d(np.asarray(getattr(wv, "vectors_lockf", 1.0)))
    if not np.isin(factors, (0, 1)).all():
        raise NotOfferedError(
            "wv.vectors_lockf has values other than 0 and 1, which are not supported; "
            "give 0 for words whose vectors stay as they are, and 1 for others"
        )
    if factors.shape not in ((1,), (len(wv),)):
        raise ConfigError(
            f"wv.vectors_lockf has shape {factors.shape}; it must be (1,), or ({len(wv)},) with a "
            "value for each word"
        )
    return np.flatnonzero(np.broadcast_to(factors, len(wv)) == 0)
