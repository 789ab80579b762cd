"""Hierarchical softmax (Morin and Bengio 2005; Mikolov et al. 2013b).

Words are leaves of a Huffman tree:

    p(o | i) = product over the inner nodes n on the path from the root to o of sigmoid(+-u_n . v_i)

with + where the path turns to the node's first child. A path is a tile too: its nodes are the
output rows, all labels are known, and nothing is drawn. A frequent word has a short path: the mean
length is about the entropy of the words.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skipgram.kernels.cache import compiled
from skipgram.kernels.negative import clear_outputs, column_of
from skipgram.kernels.parts import inlined


class HuffmanTree(NamedTuple):
    """The paths of V words: that of word w is nodes[starts[w]:starts[w + 1]], from the root down.

    Attributes:
        starts: (V + 1,) where the path of each word begins.
        nodes: numbers of inner nodes, 0 to V - 2.
        labels: 1 where the path turns to the node's first child, else 0.
    """

    starts: NDArray[np.int64]
    nodes: NDArray[np.int32]
    labels: NDArray[np.float32]

    @property
    def longest(self) -> int:
        """The length of the longest path."""
        return int(np.diff(self.starts).max(initial=1))


def no_tree() -> HuffmanTree:
    """Return a tree without words, for kernels that use none."""
    return HuffmanTree(np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32))


def huffman_tree(counts: NDArray[np.int64]) -> HuffmanTree:
    """Return the Huffman tree of words with these counts, in descending order (Huffman 1952).

    Of equal weights the older node is joined first.
    """
    words = len(counts)
    parents, second = np.zeros(2 * words - 1, np.int64), np.zeros(2 * words - 1, np.bool_)
    rising = np.ascontiguousarray(counts[::-1], dtype=np.int64)
    _join(rising, np.empty(words - 1, np.int64), parents, second)
    lengths = np.empty(words, np.int64)
    _measure(parents, lengths)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    tree = HuffmanTree(starts, np.empty(starts[-1], np.int32), np.empty(starts[-1], np.float32))
    _fill(parents, second, tree)
    return tree


# Nodes of the tree under construction: leaf n of the rising counts is n, inner node n is words + n;
# the root is the last.


@compiled()
def _join(rising: Any, sums: Any, parents: Any, second: Any) -> None:
    """Join the two lightest nodes until one is left.

    Both queues, of leaves and of joined nodes, are already sorted.
    """
    words = len(rising)
    leaf = inner = 0
    for new in range(words - 1):
        total = 0
        for child in range(2):
            if leaf < words and (inner >= new or rising[leaf] <= sums[inner]):
                node, weight = leaf, rising[leaf]
                leaf += 1
            else:
                node, weight = words + inner, sums[inner]
                inner += 1
            parents[node] = words + new
            second[node] = child == 1
            total += weight
        sums[new] = total


@compiled()
def _measure(parents: Any, lengths: Any) -> None:
    words, root = len(lengths), len(parents) - 1
    for word in range(words):
        node, length = words - 1 - word, 0
        while node != root:
            node = parents[node]
            length += 1
        lengths[word] = length


@compiled()
def _fill(parents: Any, second: Any, tree: Any) -> None:
    words, root = len(tree.starts) - 1, len(parents) - 1
    for word in range(words):
        node = words - 1 - word
        for at in range(tree.starts[word + 1] - 1, tree.starts[word] - 1, -1):
            tree.labels[at] = np.float32(0.0) if second[node] else np.float32(1.0)
            node = parents[node]
            tree.nodes[at] = root - node


@inlined
def list_path(shape, word, first, output, tree, scratch):
    """List the nodes on the path to a word as output rows, with their labels; return how many."""
    clear_outputs(first, output, scratch)
    for at in range(first, first + len(scratch.outputs) // 2):
        scratch.labels[at] = np.float32(0.0)
    begin = tree.starts[word]
    count = tree.starts[word + 1] - begin
    for n in range(count):
        at = first + column_of(shape, n)
        scratch.outputs[first + n] = tree.nodes[begin + n] * output.shape[1]
        scratch.drawn[at] = np.float32(1.0)  # the second child was not taken, each time
        scratch.labels[at] = tree.labels[begin + n]
    return count
