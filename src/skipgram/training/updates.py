"""How often training updates each row of a matrix, expected from the words of a text."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skipgram.config import TrainConfig
from skipgram.kernels.hierarchical import HuffmanTree
from skipgram.training.groups import window_sides
from skipgram.vocabulary import Vocabulary


class ExpectedUpdates:
    """Counts updates under the options of a training.

    An update is one pair of skip-gram, or one window of CBOW, whose words share its gradient.

    Args:
        config: the options.
        vocabulary: the words.
        tree: the paths of hierarchical softmax; without words for the other objectives.
    """

    def __init__(self, config: TrainConfig, vocabulary: Vocabulary, tree: HuffmanTree) -> None:
        self._tree = tree
        self._keep = vocabulary.keep_probability(config.sample).astype(np.float32)
        noise = vocabulary.noise_weights(config.ns_exponent)
        self._negatives = (config.negative * noise / noise.sum()).astype(np.float32)
        self._has_nodes = config.objective != "negative"
        self._has_words = config.objective != "hierarchical"
        sides = window_sides(vars(config))
        pairs = sum((side + 1) / 2 if config.shrink_windows and side else side for side in sides)
        self._pairs = np.float32(1 if config.architecture == "cbow" else pairs)

    def of(self, counts: NDArray[np.int64]) -> dict[str, NDArray[np.float32]]:
        """Return for each matrix, by its name in `Objective.state`, the updates of its rows.

        Args:
            counts: (V,) how often each word occurs in the text.
        """
        pairs = counts.astype(np.float32) * self._keep * self._pairs
        updates = {"input": pairs * np.float32(self._has_nodes + self._has_words)}
        if self._has_words:
            negatives = self._negatives * pairs.sum()
            updates["output"] = np.append(pairs + negatives, np.float32(0))  # the padding row
        if self._has_nodes:
            updates["nodes"] = self._of_nodes(pairs)
        return updates

    def _of_nodes(self, pairs: NDArray[Any]) -> NDArray[np.float32]:
        passing = np.repeat(pairs, np.diff(self._tree.starts))
        return np.bincount(self._tree.nodes, passing, minlength=len(pairs)).astype(np.float32)
