"""The part of a corpus that a kernel reads for a chunk, as a checked copy."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from skipgram.corpus.encoded import EncodedCorpus
from skipgram.kernels import random
from skipgram.kernels.windows import Chunk

LEAST_MARGIN = 1024
"""How many words on each side of a chunk are copied at first, of the sentences that it cuts. A
sentence may be as long as the corpus."""


class Piece(NamedTuple):
    """Words of a corpus, and a chunk of them.

    Attributes:
        ids: (n,) int32.
        offsets: where the sentences begin among them, and n.
        chunk: the chunk, counted from the first of these words. Its draws are those of the corpus.
    """

    ids: NDArray[np.int32]
    offsets: NDArray[np.int64]
    chunk: Chunk


def piece_of(corpus: EncodedCorpus, chunk: Chunk, keep: NDArray[np.uint32], furthest: int) -> Piece:
    """Return what the windows of a chunk hold.

    Args:
        corpus: the corpus.
        chunk: a chunk of it.
        keep: of each word, the largest draw with which it is kept.
        furthest: how many kept words before and after a target word can be in its window.

    Raises:
        CorpusError: the files of the corpus changed or cannot be read.
    """
    first, last = chunk.first, chunk.last
    if first == last:
        nothing = chunk._replace(first=0, last=0, sentence=0)
        return Piece(np.zeros(0, np.int32), np.zeros(1, np.int64), nothing)
    offsets = corpus.offsets[chunk.sentence : corpus.sentence_at(last - 1) + 2]
    is_right = len(offsets) > 1 and offsets[0] <= first < offsets[1] and offsets[-1] >= last
    if not is_right or last <= offsets[-2]:
        raise corpus.offsets.changed()

    def margin(most: int, before: bool) -> int:
        """Return how many words to copy on one side: enough for a window, if there are so many."""
        size = max(LEAST_MARGIN, 2 * furthest)
        while size < most:
            begin = first - size if before else last
            bits = random.draws(chunk.key, np.arange(begin, begin + size, dtype=np.uint64))
            draws = (bits >> np.uint64(32)).astype(np.uint32)
            if np.count_nonzero(draws <= keep[corpus.ids[begin : begin + size]]) >= furthest:
                return size
            size *= 2
        return most

    begin = first - margin(first - int(offsets[0]), before=True)
    end = last + margin(int(offsets[-1]) - last, before=False)
    within = chunk._replace(
        first=first - begin,
        last=last - begin,
        sentence=0,
        key=random.advanced(chunk.key, begin),
    )
    return Piece(corpus.ids[begin:end], np.clip(offsets, begin, end) - begin, within)
