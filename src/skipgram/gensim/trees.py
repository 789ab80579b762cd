"""The Huffman tree of hierarchical softmax as gensim keeps it: two attributes of the words.

"code" holds the turns on the path to a word from the root, 0 to the left; "point" the nodes on it,
which are rows of syn1. As in `HuffmanTree`, an output vector attracts where the code is 0.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from skipgram.gensim.vocabulary import WordVectors
from skipgram.kernels.hierarchical import HuffmanTree

CODE, POINT = "code", "point"
ATTRIBUTES = (CODE, POINT)


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
