from __future__ import annotations

import heapq

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skipgram.kernels.hierarchical import huffman_tree


def least_cost(counts: list[int]) -> int:
    """The sum of count x depth of the best tree: that of all joins."""
    heap = list(counts)
    heapq.heapify(heap)
    total = 0
    while len(heap) > 1:
        joined = heapq.heappop(heap) + heapq.heappop(heap)
        total += joined
        heapq.heappush(heap, joined)
    return total


@given(st.lists(st.integers(1, 10**6), min_size=2, max_size=200))
def test_paths_are_the_shortest_there_are_and_tell_words_apart(counts: list[int]) -> None:
    counts = sorted(counts, reverse=True)
    tree = huffman_tree(np.array(counts))
    lengths = np.diff(tree.starts)
    assert lengths @ np.array(counts) == least_cost(counts)
    paths = [
        tuple(zip(tree.nodes[a:b], tree.labels[a:b], strict=True))
        for a, b in zip(tree.starts, tree.starts[1:], strict=False)
    ]
    assert len(set(paths)) == len(counts)
    assert all(path[0][0] == 0 for path in paths)
    assert set(tree.nodes.tolist()) == set(range(len(counts) - 1))
    assert tree.longest == max(lengths)


def test_probabilities_of_all_words_sum_to_one() -> None:
    tree = huffman_tree(np.array([50, 20, 20, 7, 2, 1]))
    scores = np.random.default_rng(1).normal(size=5)
    total = 0.0
    for word in range(6):
        path = slice(*tree.starts[word : word + 2])
        signs = 2 * tree.labels[path] - 1
        total += float(np.prod(1 / (1 + np.exp(-signs * scores[tree.nodes[path]]))))
    assert total == pytest.approx(1.0)
