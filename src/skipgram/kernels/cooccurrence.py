"""The pairs of a chunk with the weights that training gives them on average."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skipgram.kernels.cache import compiled
from skipgram.kernels.windows import load_sentence, longest_sentence, most_context_words


class Pairs(NamedTuple):
    """Pairs of a centre and a context word, (n,) each, and how much each counts."""

    centres: NDArray[np.int32]
    contexts: NDArray[np.int32]
    weights: NDArray[np.float64]


def weighted_pairs(
    ids: Any, offsets: Any, chunk: Any, keep: Any, reach: Any, scratch: Any
) -> Pairs:
    """Return the pairs of the centres of a chunk.

    Subsampled words are dropped as in training. A word at the distance t counts 1 or, if windows of
    m words shrink, the probability that it is in the window: (m - t + 1) / m.
    """
    room = (chunk.last - chunk.first) * most_context_words(longest_sentence(offsets, chunk), reach)
    pairs = Pairs(np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.float64))
    count = _weigh(ids, offsets, chunk, keep, reach, scratch, pairs)
    return Pairs(pairs.centres[:count], pairs.contexts[:count], pairs.weights[:count])


@compiled()
def _weigh(
    ids: Any, offsets: Any, chunk: Any, keep: Any, reach: Any, scratch: Any, pairs: Any
) -> Any:
    count = 0
    number, position = chunk.sentence, chunk.first
    while position < chunk.last:
        sentence = load_sentence(ids, offsets, number, position, chunk, keep, reach, scratch)
        number += 1
        position = sentence.end
        for centre in range(sentence.first, sentence.stop):
            begin = max(sentence.low, centre - reach.before)
            for at in range(begin, min(sentence.high, centre + reach.after + 1)):
                if at == centre:
                    continue
                side = reach.before if at < centre else reach.after
                pairs.centres[count], pairs.contexts[count] = scratch.kept[centre], scratch.kept[at]
                weight = (side - abs(at - centre) + 1) / side if reach.dynamic else 1.0
                pairs.weights[count] = weight
                count += 1
    return count
