"""Groups of neighbouring windows that share their negative samples: how large they are.

Pure arithmetic on options. `config` imports this module, because the default learning rate depends
on whether windows train in groups; so this module imports nothing of skipgram.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

WITHOUT_NEGATIVES = ("softmax", "hierarchical")
"""The objectives that draw no negative samples."""

MAX_WINDOWS = 4
"""The most windows in a group. On 17 M words of Wikipedia (d=100, window 5, k=5, 5 epochs), groups
of four windows with 8 negatives score as well as single windows in 0.7 of the time (mean of two
seeds: MEN 61.8 against 61.4, WordSim-353 67.9 against 66.8, analogies 39.9 % against 40.3 %). With
6 negatives the analogies fall to 38.2 %; 10 are slower. On little text, analogies learn a little
more slowly: 6.1 % against 6.8 % after 2 epochs of 3 M words, 12.1 % against 12.7 % after 5."""

MAX_GRADIENTS = 40
"""Upper bound on the gradients accumulated per row before a step: an output row gets one from each
word of its windows, an input row at most twice as many as there are negatives (words and negatives
may repeat). Single windows train well with 14 words on a side or 20 negatives. Groups of four such
windows overshoot: on small vocabularies to values that are not finite, on large ones to worse
vectors."""


def plan_group(window_words: int, negative: int) -> tuple[int, int]:
    """Return how many windows share their negatives, and how many negatives they share.

    Args:
        window_words: the most context words in a window.
        negative: negatives for each pair (k).
    """
    by_words = MAX_GRADIENTS // max(window_words, 1)
    by_negatives = MAX_GRADIENTS // (2 * negative)
    windows = max(1, min(MAX_WINDOWS, by_words, by_negatives))
    return windows, math.ceil(negative * (4 + windows) / 5)


def window_sides(options: Mapping[str, Any]) -> tuple[int, int]:
    """Return the number of context words before and after the centre word.

    Args:
        options: options of `TrainConfig` by name.
    """
    left, right = options["window_left"], options["window_right"]
    both = options["window"]
    return both if left is None else left, both if right is None else right


def share_negatives(options: Mapping[str, Any]) -> tuple[int, int]:
    """Return how many windows share their negatives, and how many negatives they share.

    Without negative sampling the number of negatives is 0.

    Args:
        options: options of `TrainConfig` by name.
    """
    if options["objective"] in WITHOUT_NEGATIVES:
        return 1, 0
    if options["negative_sharing"] == "group" and options["architecture"] == "skipgram":
        return plan_group(sum(window_sides(options)), options["negative"])
    return 1, options["negative"]
