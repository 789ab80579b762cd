"""From the words of a chunk to windows: subsampling, the reach of each window, and its words as rows with multiplicity.

Every objective reads its windows here. A centre o and the words i around it give the pairs (i, o): i is the input, o the output.
A window is symmetric unless asked otherwise, so these are the same pairs as (centre, context) of the textbook; where it is not,
`before` and `after` are swapped once, by the caller, and the pairs are the textbook's again.

- Out-of-vocabulary words are gone before the corpus comes here; subsampled words are dropped here, before windows are laid.
- A group of neighbouring windows can be trained at once; a word that stands twice in it is one row that counts twice.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy import uintp

from skipgram.kernels.cache import inlined
from skipgram.kernels.random import below, draw

_32 = np.uint64(32)
_SECOND_REACH = np.uint64(0)
"""The draw of a word's bits for the other side of its window; negatives are draws 1, 2, ..."""


BLOCK = 32
"""Places of a window whose gradients are summed before the output rows take their step; a wider one is trained in blocks, one
after the other (groups are of narrow windows: see `config.plan_group`). At the default rate the sum over a window of 256
overshoots: the loss of long sentences went to 1e16."""


MEAN, WORD2VEC, SUM = 1, 2, 3
CONTEXTS = {"mean": MEAN, "word2vec": WORD2VEC, "sum": SUM}
"""What CBOW trains: the mean of the words around, of whose gradient each of C words gets 1/C; the same mean, whose gradient each
word gets whole, as in word2vec.c; or the sum, of whose gradient each gets 1/C, as gensim does without the mean."""


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
    """One thread's scratch memory for the words of a sentence, and for the windows of a group and their inputs."""

    kept: Any
    draws: Any
    negatives: Any
    previous: Any
    lefts: Any
    rights: Any
    slots: Any
    inputs: Any
    totals: Any


def make_words(furthest: int, chunk_words: int, group: int = 1, negatives: int = 0) -> Words:
    """Allocate the scratch memory for chunks of at most `chunk_words` words, groups of so many windows, and negatives."""
    words, places = chunk_words + 2 * furthest + 1, 2 * furthest + group
    return Words(
        kept=np.empty(words, np.int32),
        draws=np.empty(words, np.uint64),
        negatives=np.empty(negatives, np.int32),
        previous=np.empty(words, np.int32),
        lefts=np.empty(group, np.int64),
        rights=np.empty(group, np.int64),
        slots=np.empty(places, np.int32),
        inputs=np.empty(places, np.int64),
        totals=np.empty(places, np.float32),
    )


# An index of the type uintp spares numba's test for negative ones, which is a third of the instructions of such loops.


@inlined
def keep_word(ids, position, key, keep, at, work):
    """Put the word at `position` into the buffer at `at`; return 1 if it stays there, 0 if subsampling drops it.

    Stored before it is known: a branch here is wrong for every fourth word.
    """
    word = ids[uintp(position)]
    bits = draw(key, np.uint64(position))
    work.kept[uintp(at)] = word
    work.draws[uintp(at)] = bits
    return np.int64(np.uint32(bits >> _32) <= keep[uintp(word)])


@inlined
def load_words(ids, offsets, sentence, first, chunk, keep, window, work):
    """Fill the buffer with the kept words of a sentence, from `first` on; return (low, stop, high, where the part ends).

    Centres are the kept words that the chunk holds of the sentence, at window+1..stop-1 of the buffer; up to `window` kept words
    of the same sentence stand on each side of them, from low and up to high-1, so that cutting a sentence into chunks cuts no
    window.
    """
    begin, end = offsets[sentence], offsets[sentence + 1]
    last = min(end, chunk.last)
    low, position = window + 1, first
    while position > begin and low > 1:
        position -= 1
        low -= keep_word(ids, position, chunk.key, keep, low - 1, work)
    stop = window + 1
    for position in range(first, last):
        stop += keep_word(ids, position, chunk.key, keep, stop, work)
    high, position = stop, last
    while position < end and high < stop + window:
        high += keep_word(ids, position, chunk.key, keep, high, work)
        position += 1
    return low, stop, high, last


@inlined
def link_repetitions(low, high, span, work):
    """Note for each word of the buffer where it stood before, at most `span` words back; -1 if it did not."""
    for at in range(low, high):
        earlier, word = at - 1, work.kept[uintp(at)]
        furthest = max(low, at - span)
        while earlier >= furthest and work.kept[uintp(earlier)] != word:
            earlier -= 1
        work.previous[uintp(at)] = earlier if earlier >= furthest else -1


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
def open_windows(centre, size, low, high, reach, work):
    """Lay the windows of `size` centres from the one at `centre` on; return where they begin and end, and their pairs."""
    left, right, pairs = high, low, 0
    for n in range(size):
        begin, end = window_borders(work.draws[centre + n], centre + n, low, high, reach)
        work.lefts[n], work.rights[n] = begin, end
        left, right = min(left, begin), max(right, end)
        pairs += end - begin - 1
    return left, right, pairs


@inlined
def collect_inputs(centre, size, begin, end, stride, reach, work):
    """List the words at begin..end-1 that stand in a window of the group as input rows, each once; return their number.

    Where the group is one window, `totals` says how often each stands in it.
    """
    # Centres stand in the windows of their neighbours, but for one without neighbours on the side from which it could be seen.
    first_alone = centre if size == 1 or reach.before == 0 else -1
    last_alone = centre + size - 1 if reach.after == 0 else -1
    count = 0
    for at in range(begin, end):
        place = uintp(at - begin)
        if at in (first_alone, last_alone):
            work.slots[place] = -1
            continue
        earlier = int(work.previous[uintp(at)])
        while earlier >= begin and work.slots[uintp(earlier - begin)] < 0:
            earlier = int(work.previous[uintp(earlier)])
        if earlier >= begin:
            slot = int(work.slots[uintp(earlier - begin)])
            work.totals[uintp(slot)] += np.float32(1.0)
        else:
            slot = count
            work.inputs[uintp(slot)] = work.kept[uintp(at)] * stride
            work.totals[uintp(slot)] = np.float32(1.0)
            count += 1
        work.slots[place] = slot
    return count
