"""Default learning rates. The first depends on the method, and for skip-gram on the corpus."""

from __future__ import annotations

from typing import Any

from skipgram.training.groups import share_negatives

ALPHA = {"sgd": 0.025, "adagrad": 0.1, "adam": 0.01}
CBOW_SGD_ALPHA = 0.1
ADAPTIVE_GROUP = 2.0
"""Default learning rates. 0.025 is word2vec.c's; the others scored best on 17 M words of English
Wikipedia. AdaGrad and Adam take a step of about the same length for a group of windows as for one
window, so groups get too few steps. Twice the rate makes up for it: MEN rises from 59.9 to 63.2
with AdaGrad and from 62.4 to 63.9 with Adam (window by window: 61.7 and 64.2)."""

MUCH_TEXT = 200e6
MOST_FOR_LITTLE_TEXT = 1.6
"""With fewer words to train than MUCH_TEXT, over all epochs, the default learning rate of skip-gram
by SGD rises with the cube root of their ratio, up to 1.6 times. On 1.7 M, 5 M and 17 M words in 5
epochs this adds 5.0, 1.9 and 1.0 points to the mean over seven sets, and takes at most 0.4 from any
(d=100, three seeds); higher rates take more from SimLex-999 and Rare Words."""

SMALL_VOCABULARY = 1000
"""Fewer words are updated so often that the rate does not rise: it gains nothing on random walks
over 2,000 nodes, and with 3 words and windows of 14 the steps overshoot."""


def default_alpha(options: dict[str, Any]) -> float:
    """Return the initial learning rate that suits the other options."""
    optimizer = options.get("optimizer", "sgd")
    if optimizer != "sgd":
        in_groups = share_negatives(options)[0] > 1
        return ALPHA[optimizer] * (ADAPTIVE_GROUP if in_groups else 1.0)
    # The words of a CBOW window share the gradient of their mean, so their steps are smaller.
    cbow = options.get("architecture") == "cbow" and options.get("cbow_context") == "mean"
    return CBOW_SGD_ALPHA if cbow else ALPHA["sgd"]


def alpha_for(words: int, vocabulary: int) -> float:
    """Return the initial rate of skip-gram by negative sampling and SGD.

    Args:
        words: the words that are trained over all epochs.
        vocabulary: the different ones.
    """
    factor = min(max((MUCH_TEXT / words) ** (1 / 3), 1.0), MOST_FOR_LITTLE_TEXT)
    return round(ALPHA["sgd"] * (factor if vocabulary >= SMALL_VOCABULARY else 1.0), 4)
