"""The Huffman tree of hierarchical softmax, as gensim and model files keep it.

gensim keeps it as two attributes of the words. "code" holds the turns on the path to a word from
the root, 0 to the left; "point" the nodes on it, which are rows of syn1. As in `HuffmanTree`, an
output vector attracts where the code is 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skipgram.errors import FormatError
from skipgram.gensim.vocabulary import WordVectors
from skipgram.gensim.weights import Weights
from skipgram.kernels.hierarchical import HuffmanTree

CODE, POINT = "code", "point"


def tree_of(wv: WordVectors) -> HuffmanTree | None:
    """Return the tree of a gensim model's words; None if it has none yet."""
    if CODE not in wv.expandos or POINT not in wv.expandos or not len(wv):
        return None
    codes, points = wv.expandos[CODE], wv.expandos[POINT]
    starts = np.concatenate([[0], np.cumsum([len(code) for code in codes])])
    labels = 1 - np.concatenate(list(codes)).astype(np.float32)
    return HuffmanTree(starts, np.concatenate(list(points)).astype(np.int32), labels)


def give(wv: WordVectors, tree: HuffmanTree, rows: Sequence[int]) -> None:
    """Give a tree to the words of a gensim model; its word n is word rows[n] of the tree."""
    spans = [slice(tree.starts[row], tree.starts[row + 1]) for row in rows]
    for name, values in ((CODE, (1 - tree.labels).astype(np.uint8)), (POINT, tree.nodes)):
        attribute = np.empty(len(rows), object)
        attribute[:] = [values[span].astype(values.dtype) for span in spans]
        wv.expandos[name] = attribute


def tensors_of(weights: Weights) -> dict[str, NDArray[Any]]:
    """Return what a model file keeps of hierarchical softmax, by name: see model_file.py."""
    tensors: dict[str, NDArray[Any]] = {}
    if weights.nodes is not None:
        tensors["nodes"] = weights.nodes
    if weights.tree is not None:
        tensors["path_starts"] = weights.tree.starts
        tensors["path_nodes"] = weights.tree.nodes.astype(np.int64)
        tensors["path_labels"] = weights.tree.labels.astype(np.uint8)
    return tensors


def tree_in(tensors: Mapping[str, NDArray[Any]], words: int) -> HuffmanTree | None:
    """Return the tree in a model file; None if it is that of the counts.

    Raises:
        FormatError: it is not a tree of so many words. Training would write outside its matrices.
    """
    if not {"path_starts", "path_nodes", "path_labels"} <= tensors.keys():
        return None
    starts, nodes, labels = (tensors[f"path_{name}"] for name in ("starts", "nodes", "labels"))
    lengths = np.diff(starts)
    if len(starts) != words + 1 or starts[0] != 0 or (lengths < 0).any():
        raise FormatError(f"path_starts are not the beginnings of {words} paths")
    if len(nodes) != starts[-1] or len(labels) != starts[-1] or lengths.max() >= max(words, 2):
        raise FormatError(f"path_nodes and path_labels are not {words} paths")
    if (nodes < 0).any() or (nodes > words - 2).any() or (labels > 1).any():
        raise FormatError(f"path_nodes are not from 0 to {words - 2}, or path_labels not 0 and 1")
    return HuffmanTree(starts, nodes.astype(np.int32), labels.astype(np.float32))
