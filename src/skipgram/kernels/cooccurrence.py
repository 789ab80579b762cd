"""The pairs of a chunk with the weights that the trainer gives them on average."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skipgram.kernels.cache import compiled
from skipgram.kernels.windows import load_words

Pairs = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]


def weighted_pairs(ids: Any, offsets: Any, chunk: Any, keep: Any, reach: Any, words: Any) -> Pairs:
    """Return (centres, contexts, weights), (n,) each, of the centres of a chunk.

    Subsampled words are dropped as training drops them; a word at the distance t counts 1, or, where windows of m words shrink,
    the probability that it is in the window: (m - t + 1) / m.
    """
    room = (chunk.last - chunk.first) * (reach.before + reach.after)
    pairs = np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.float64)
    count = _weigh(ids, offsets, chunk, keep, reach, words, *pairs)
    return pairs[0][:count], pairs[1][:count], pairs[2][:count]


@compiled()
def _weigh(
    ids: Any,
    offsets: Any,
    chunk: Any,
    keep: Any,
    reach: Any,
    words: Any,
    rows: Any,
    columns: Any,
    weights: Any,
) -> Any:
    window = max(reach.before, reach.after)
    count = 0
    sentence, position = chunk.sentence, chunk.first
    while position < chunk.last:
        low, stop, high, position = load_words(
            ids, offsets, sentence, position, chunk, keep, window, words
        )
        sentence += 1
        for centre in range(window + 1, stop):
            for at in range(max(low, centre - reach.before), min(high, centre + reach.after + 1)):
                if at == centre:
                    continue
                side = reach.before if at < centre else reach.after
                rows[count], columns[count] = words.kept[centre], words.kept[at]
                weights[count] = (side - abs(at - centre) + 1) / side if reach.dynamic else 1.0
                count += 1
    return count
