"""Held-out text: which words of a corpus it is."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from skipgram.corpus.encoded import EncodedCorpus
from skipgram.errors import ConfigError

Part = tuple[int, int]
"""The words ids[first:last] of a corpus."""


class HeldOut(NamedTuple):
    """The parts of a corpus whose loss is measured, and which are not trained."""

    corpus: EncodedCorpus
    parts: list[Part]


def cut(first: int, last: int, chunk_words: int) -> list[Part]:
    """Return the chunks of the words from first to last."""
    return [(begin, min(begin + chunk_words, last)) for begin in range(first, last, chunk_words)]


def hold_out(offsets: NDArray[np.int64], chunk_words: int, share: float) -> tuple[list[Part], list[Part]]:
    """Divide a corpus into chunks that are trained and chunks that are held out.

    Of every `chunk_words` words the last sentences are held out, about `share` of the words, so that held-out text comes from
    all over the corpus. Only whole sentences are, so no window reaches from one kind of chunk into the other.

    Raises:
        ConfigError: no sentence is held out, or none is left to train.
    """
    trained: list[Part] = []
    held_out: list[Part] = []
    held = done = 0
    for _, last in cut(0, int(offsets[-1]), chunk_words):
        borders = offsets[np.searchsorted(offsets, done) : np.searchsorted(offsets, last, side="right")]
        wanted = share * last - held  # with what was held out too little before, or less what was too much
        if len(borders) < 2 or wanted <= 0:
            continue
        end = int(borders[-1])
        begin = int(borders[np.argmin(np.abs(borders - (end - wanted)))])
        if begin < end:
            trained += cut(done, begin, chunk_words)
            held_out += cut(begin, end, chunk_words)
            held, done = held + end - begin, end
    trained += cut(done, int(offsets[-1]), chunk_words)
    if not held_out or not trained:
        what = "no sentence is held out" if trained else "no sentence is left to train"
        raise ConfigError(
            f"with validation={share} {what}: {len(offsets) - 1:,} sentences are too few; give another share, or a file"
        )
    return trained, held_out
