"""From the words of a chunk to windows: subsampling, the reach of each window, and its words as rows with multiplicity.

Every objective reads its windows here. A centre o and the words i around it give the pairs (i, o): i is the input, o the output.
A window is symmetric unless asked otherwise, so these are the same pairs as (centre, context) of the textbook; where it is not,
`before` and `after` are swapped once, by the caller, and the pairs are the textbook's again.

- Out-of-vocabulary words are gone before the corpus comes here; subsampled words are dropped here, before windows are laid.
- A word that stands twice in the window is one row with multiplicity 2.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from skipgram.kernels.cache import inlined
from skipgram.kernels.random import below, draw

_32 = np.uint64(32)
_SECOND_REACH = np.uint64(0)
"""The draw of a word's bits for the other side of its window; negatives are draws 1, 2, ..."""


BLOCK = 32
"""Words of a window whose gradients are summed before the output rows take their step; a wider one is trained in blocks, one
after the other. At the default rate the sum over a window of 256 overshoots: the loss of long sentences went to 1e16."""


class Chunk(NamedTuple):
    """The words ids[first:last] of the corpus and how to train them.

    `sentence` is the one that holds `first`. A sentence, or what the chunk holds of it, is trained at the learning rate of its
    first word: `rate` at `first`, falling by `rate_slope` a word.
    """

    first: int
    last: int
    sentence: int
    key: np.uint64
    rate: float
    rate_slope: float


class Reach(NamedTuple):
    """How many words before and after the centre count; `dynamic` draws each window's reach uniformly from 1 to that."""

    before: int
    after: int
    dynamic: bool

    @property
    def furthest(self) -> int:
        """The larger of the two."""
        return max(self.before, self.after)


class Words(NamedTuple):
    """One thread's scratch memory for the words of a sentence and the inputs of a window."""

    kept: Any
    draws: Any
    previous: Any
    slots: Any
    inputs: Any
    weights: Any


def make_words(furthest: int, chunk_words: int) -> Words:
    """Allocate the scratch memory for chunks of at most `chunk_words` words."""
    words, places = chunk_words + 2 * furthest, 2 * furthest + 1
    return Words(
        kept=np.empty(words, np.int32),
        draws=np.empty(words, np.uint64),
        previous=np.empty(words, np.int32),
        slots=np.empty(places, np.int32),
        inputs=np.empty(places, np.int64),
        weights=np.empty(places, np.float32),
    )


@inlined
def keep_word(ids, position, key, keep, at, work):
    """Put the word at `position` into the buffer at `at` unless subsampling drops it; say whether it was kept."""
    word = ids[position]
    bits = draw(key, np.uint64(position))
    if np.uint32(bits >> _32) > keep[word]:
        return False
    work.kept[at] = word
    work.draws[at] = bits
    return True


@inlined
def load_words(ids, begin, end, first, last, key, keep, window, work):
    """Fill the buffer with the kept words of a part of the sentence ids[begin:end]; return (low, stop, high).

    Centres are the kept words of ids[first:last], at window..stop-1 of the buffer; up to `window` kept words of the same
    sentence stand on each side of them, at low.. and ..high-1, so that cutting a sentence into chunks cuts no window.
    """
    low, position = window, first
    while position > begin and low > 0:
        position -= 1
        if keep_word(ids, position, key, keep, low - 1, work):
            low -= 1
    stop = window
    for position in range(first, last):
        if keep_word(ids, position, key, keep, stop, work):
            stop += 1
    high, position = stop, last
    while position < end and high < stop + window:
        if keep_word(ids, position, key, keep, high, work):
            high += 1
        position += 1
    for at in range(low, high):
        earlier, word = at - 1, work.kept[at]
        furthest = max(low, at - 2 * window)
        while earlier >= furthest and work.kept[earlier] != word:
            earlier -= 1
        work.previous[at] = earlier if earlier >= furthest else -1
    return low, stop, high


@inlined
def window_borders(bits, centre, low, high, reach):
    """Return where the window of the word at `centre` with these random bits begins and ends in the buffer."""
    before, after = reach.before, reach.after
    if reach.dynamic:
        if before > 0:
            before = below(bits << _32, before) + 1
        if after == reach.before:
            after = before
        elif after > 0:
            after = below(draw(bits, _SECOND_REACH), after) + 1
    return max(low, centre - before), min(high, centre + after + 1)


@inlined
def neighbour(left, n, centre):
    """Return where word n of the window from `left` on stands, the centre not counted."""
    return left + n + (left + n >= centre)


@inlined
def collect_inputs(centre, left, right, stride, work):
    """List the words at left..right-1 but for the centre as input rows, each once with its multiplicity; return their number."""
    count = 0
    for at in range(left, right):
        if at == centre:
            continue
        earlier = work.previous[at]
        if earlier == centre:
            earlier = work.previous[centre]
        if earlier >= left:
            slot = work.slots[earlier - left]
            work.weights[slot] += np.float32(1.0)
        else:
            slot = count
            work.inputs[slot] = work.kept[at] * stride
            work.weights[slot] = np.float32(1.0)
            count += 1
        work.slots[at - left] = slot
    return count
