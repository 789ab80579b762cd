"""Held-out text: which words of a corpus it is."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from skipgram.corpus.encoded import EncodedCorpus, cut
from skipgram.errors import ConfigError

Part = tuple[int, int]
"""The words ids[first:last] of a corpus."""


class HeldOut(NamedTuple):
    """The parts of a corpus whose loss is measured, and which are not trained."""

    corpus: EncodedCorpus
    parts: list[Part]


STRETCHES, MOST_STRETCH_WORDS = 64, 1 << 17
"""Text is held out in so many places of the corpus, and in more where they would be farther apart than that."""


def hold_out(offsets: NDArray[np.int64], share: float) -> tuple[list[Part], list[Part]]:
    """Divide a corpus into parts that are trained and parts that are held out; they depend on nothing but the corpus.

    Of every stretch the last sentences are held out, about `share` of its words, so that held-out text comes from all over the
    corpus. Only whole sentences are, so no window reaches from one kind of part into the other.

    Raises:
        ConfigError: no sentence is held out, or none is left to train.
    """
    trained: list[Part] = []
    held_out: list[Part] = []
    held = done = 0
    words = int(offsets[-1])
    for _, last in cut(0, words, max(1, min(words // STRETCHES, MOST_STRETCH_WORDS))):
        borders = offsets[
            np.searchsorted(offsets, done) : np.searchsorted(offsets, last, side="right")
        ]
        wanted = (
            share * last - held
        )  # with what was held out too little before, or less what was too much
        if len(borders) < 2 or wanted <= 0:
            continue
        end = int(borders[-1])
        begin = int(borders[np.argmin(np.abs(borders - (end - wanted)))])
        if begin < end:
            held_out.append((begin, end))
            trained += [(done, begin)] if begin > done else []
            held, done = held + end - begin, end
    trained += [(done, words)] if words > done else []
    if not held_out or not trained:
        what = "no sentence is held out" if trained else "no sentence is left to train"
        few = "the corpus is one sentence, and none is divided; put sentences on lines of their own"
        if len(offsets) > 2:
            few = f"{len(offsets) - 1:,} sentences are too few; give another share"
        raise ConfigError(
            f"with validation={share} {what}: {few}, or give train a file, tune an evaluation set"
        )
    return trained, held_out
