"""The Huffman tree of hierarchical softmax, as gensim and model files keep it.

gensim keeps it as two attributes of the words. "code" holds the turns on the path to a word from
the root, 0 to the left; "point" the nodes on it, which are rows of syn1. As in `HuffmanTree`, an
output vector attracts where the code is 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skipgram.errors import ConfigError, FormatError
from skipgram.gensim.vocabulary import WordVectors
from skipgram.gensim.weights import Weights
from skipgram.kernels.hierarchical import HuffmanTree, huffman_tree
from skipgram.keys import Key
from skipgram.vocabulary import Vocabulary

CODE, POINT = "code", "point"


class WordTree(NamedTuple):
    """A tree, and the words whose paths it has, in this order: rows of `wv` may change theirs."""

    tree: HuffmanTree
    words: list[Key]

    def of(self, words: list[Key]) -> HuffmanTree:
        """Return the tree with its paths in the order of the same words.

        Raises:
            ConfigError: these are others.
        """
        if words == self.words:
            return self.tree
        row_of = {word: row for row, word in enumerate(self.words)}
        rows = [row_of.get(word, -1) for word in words]
        if len(rows) != len(self.words) or min(rows, default=0) < 0:
            raise ConfigError(
                "the words are not those of the tree of hs=1; use build_vocab(update=True) to add "
                "words, or build_vocab to replace them"
            )
        return _reordered(self.tree, np.array(rows, np.int64))


def start_tree(words: Vocabulary) -> WordTree:
    """Return the tree of a model's words. New counts build another, so its nodes start at zero.

    gensim keeps the rows of syn1, which then belong to other nodes: the loss of the next epoch was
    0.6 % higher (6 MB of text, 2 MB more).
    """
    return WordTree(tree_of_counts(words.counts), list(words.words))


def tree_of_counts(counts: NDArray[np.int64]) -> HuffmanTree:
    """Return the Huffman tree of words with these counts, in any order."""
    order = np.argsort(-counts, kind="stable")
    places = np.argsort(order, kind="stable")
    return _reordered(huffman_tree(counts[order]), places)


def _reordered(tree: HuffmanTree, rows: NDArray[np.int64]) -> HuffmanTree:
    """Return a tree in which word n has the path of word rows[n]."""
    lengths = np.diff(tree.starts)[rows]
    starts = np.concatenate([[0], np.cumsum(lengths)])
    at = np.arange(starts[-1]) + np.repeat(tree.starts[rows] - starts[:-1], lengths)
    return HuffmanTree(starts, tree.nodes[at], tree.labels[at])


def tree_of(wv: WordVectors) -> HuffmanTree | None:
    """Return the tree of a gensim model's words; None if it has none yet.

    Raises:
        ConfigError: a word has no path, or the paths are not those of a tree.
    """
    if CODE not in wv.expandos or POINT not in wv.expandos or not len(wv):
        return None
    codes, points = list(wv.expandos[CODE]), list(wv.expandos[POINT])
    if not all(isinstance(path, np.ndarray) for path in (*codes, *points)):
        raise ConfigError(
            "some words have no path in the tree of hs=1; use build_vocab(update=True) to add words"
        )
    starts = np.concatenate([[0], np.cumsum([len(code) for code in codes])])
    nodes, turns = np.concatenate(points).astype(np.int64), np.concatenate(codes)
    try:
        _check_paths(starts, nodes, turns, len(wv))
    except FormatError as error:
        raise ConfigError(
            f"the tree of hs=1 is damaged: {error}; use build_vocab to build it again"
        ) from None
    return HuffmanTree(starts, nodes.astype(np.int32), 1 - turns.astype(np.float32))


def give(wv: WordVectors, tree: HuffmanTree, rows: Sequence[int]) -> None:
    """Give a tree to the words of a gensim model; its word n is word rows[n] of the tree."""
    spans = [slice(tree.starts[row], tree.starts[row + 1]) for row in rows]
    for name, values in ((CODE, (1 - tree.labels).astype(np.uint8)), (POINT, tree.nodes)):
        attribute = np.empty(len(rows), object)
        attribute[:] = [values[span].astype(values.dtype) for span in spans]
        wv.expandos[name] = attribute


def tensors_of(weights: Weights, counts: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    """Return what a model file keeps of hierarchical softmax, by name: see model_file.py."""
    if weights.nodes is None or weights.tree is None:
        return {}
    tensors: dict[str, NDArray[Any]] = {"nodes": weights.nodes}
    usual = tree_of_counts(counts)
    if not _are_equal(weights.tree, usual):
        tensors["path_starts"] = weights.tree.starts
        tensors["path_nodes"] = weights.tree.nodes.astype(np.int64)
        tensors["path_labels"] = weights.tree.labels.astype(np.uint8)
    return tensors


def _are_equal(a: HuffmanTree, b: HuffmanTree) -> bool:
    same = np.array_equal(a.starts, b.starts) and np.array_equal(a.nodes, b.nodes)
    return same and np.array_equal(a.labels, b.labels)


def tree_in(tensors: Mapping[str, NDArray[Any]], words: int) -> HuffmanTree | None:
    """Return the tree in a model file; None if it is that of the counts.

    Raises:
        FormatError: it is not a tree of so many words. Training would write outside its matrices.
    """
    if not {"path_starts", "path_nodes", "path_labels"} <= tensors.keys():
        return None
    starts, nodes, labels = (tensors[f"path_{name}"] for name in ("starts", "nodes", "labels"))
    _check_paths(starts, nodes, labels, words)
    return HuffmanTree(starts, nodes.astype(np.int32), labels.astype(np.float32))


def _check_paths(
    starts: NDArray[Any], nodes: NDArray[Any], labels: NDArray[Any], words: int
) -> None:
    """Raise a FormatError if these are not the paths of so many words; see `tree_in`."""
    lengths = np.diff(starts)
    if not words:
        raise FormatError("it has paths of words, but no words")
    if len(starts) != words + 1 or starts[0] != 0 or (lengths < 0).any():
        raise FormatError(f"path_starts are not the beginnings of {words} paths")
    if {nodes.shape, labels.shape} != {(starts[-1],)} or lengths.max() >= max(words, 2):
        raise FormatError(f"path_nodes and path_labels are not {words} paths")
    if (nodes < 0).any() or (nodes > words - 2).any() or ((labels != 0) & (labels != 1)).any():
        raise FormatError(f"path_nodes are not from 0 to {words - 2}, or path_labels not 0 and 1")
