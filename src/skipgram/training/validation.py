"""Held-out text: the part of a corpus whose loss is measured and which is not trained."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from skipgram.corpus.array_file import ArrayFile
from skipgram.corpus.encoded import EncodedCorpus, cut
from skipgram.errors import ConfigError

STRETCHES = 64
MAX_STRETCH_WORDS = 1 << 17
"""Text is held out at this many places of a corpus, and at more if they would be further apart than
MAX_STRETCH_WORDS."""


class Span(NamedTuple):
    """The words ids[first:last] of a corpus."""

    first: int
    last: int


class HeldOut(NamedTuple):
    """The chunks of a corpus whose loss is measured."""

    corpus: EncodedCorpus
    chunks: list[Span]


def hold_out(
    offsets: ArrayFile[np.int64] | NDArray[np.int64], share: float
) -> tuple[list[Span], list[Span]]:
    """Divide a corpus into spans that are trained and spans that are held out.

    The corpus is cut into stretches. The last sentences of each, about `share` of its words, are
    held out, so held-out text comes from all over the corpus. Only whole sentences are held out, so
    no window has words of both kinds. The result depends only on the arguments.

    Args:
        offsets: where sentences begin, as in `EncodedCorpus`.
        share: the share of words to hold out.

    Raises:
        ConfigError: no sentence is held out, or none is left to train.
    """
    offsets = offsets[:]
    trained: list[Span] = []
    held_out: list[Span] = []
    held = done = 0
    words = int(offsets[-1])
    for _, last in cut(0, words, max(1, min(words // STRETCHES, MAX_STRETCH_WORDS))):
        first_border = np.searchsorted(offsets, done)
        borders = offsets[first_border : np.searchsorted(offsets, last, side="right")]
        wanted = share * last - held  # makes up for earlier stretches that held out too little
        if len(borders) < 2 or wanted <= 0:
            continue
        end = int(borders[-1])
        begin = int(borders[np.argmin(np.abs(borders - (end - wanted)))])
        if begin < end:
            held_out.append(Span(begin, end))
            trained += [Span(done, begin)] if begin > done else []
            held, done = held + end - begin, end
    trained += [Span(done, words)] if words > done else []
    if not held_out or not trained:
        what = "no sentence is held out" if trained else "no sentence is left to train"
        raise ConfigError(f"with validation={share} {what}: {_remedy(len(offsets) - 1)}")
    return trained, held_out


def _remedy(sentences: int) -> str:
    """Say why too few sentences cannot be divided, and what to do."""
    if sentences == 1:
        return (
            "the corpus is a single sentence, which is not divided; put each sentence on its own "
            "line, or set validation to a file (with tune, use an evaluation set)"
        )
    return (
        f"{sentences:,} sentences are too few; give another share, or set validation to a file "
        "(with tune, use an evaluation set)"
    )
