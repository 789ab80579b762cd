"""From the words of a chunk to windows: subsampling, the reach of each window, its words as rows.

Every objective reads its windows here. A window belongs to its target word, the word that is
predicted. A target word o and a word i around it are a pair (i, o): i is the input, o the output.
Symmetric windows have the same pairs as the (centre, context) of the textbook. In others the caller
swaps `before` and `after`, which makes them the same again (see `objectives.tile_reach`). Full
softmax takes the centre as its input, as the textbook does.

- The corpus holds no out-of-vocabulary words. Subsampled words are dropped here, before windows are
  formed.
- Neighbouring windows can be trained as a group. A word that occurs twice in a group is one row
  that counts twice.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy import uintp

from skipgram.kernels.parts import inlined
from skipgram.kernels.random import below, draw

_32 = np.uint64(32)
_SECOND_REACH = np.uint64(0)
"""The draw of a word's bits for the other side of its window; negatives are draws 1, 2, ..."""

_FIRST_MEASURED = np.uint64(1 << 63)
"""The draw of a word's bits for the first group whose loss is computed, in a chunk that begins with
the word."""


BLOCK = 32
"""Places of a window whose gradients are summed before the output rows take their step.

A wider window is trained in blocks, one after the other (groups are of narrow windows: see
`config.plan_group`). At the default rate the sum over a window of 256 overshoots: the loss of long
sentences went to 1e16."""


MEAN = 1
WORD2VEC = 2
SUM = 3
CONTEXTS = {"mean": MEAN, "word2vec": WORD2VEC, "sum": SUM}
"""What CBOW trains, where C words are around the target word.

mean: their mean; each word gets 1/C of its gradient.
word2vec: their mean; each word gets its whole gradient, as in word2vec.c.
sum: their sum; each word gets 1/C of its gradient, as gensim does without the mean."""


class Chunk(NamedTuple):
    """The words ids[first:last] of the corpus and how to train them.

    Attributes:
        first: where the chunk begins in the corpus.
        last: where it ends.
        sentence: the number of the sentence that holds `first`.
        key: of the stream of random numbers.
        rate: the learning rate at `first`. A sentence, or the chunk's part of it, is trained at the
            rate of its first word.
        rate_slope: how much the rate falls with each word.
        loss_every: the loss is computed for every n-th group of windows, and counts n times.
    """

    first: int
    last: int
    sentence: int
    key: np.uint64
    rate: float
    rate_slope: float
    loss_every: int = 1


class Reach(NamedTuple):
    """How many words before and after the target word are in its window.

    If `dynamic`, the reach of each window is drawn uniformly from 1 to that.
    """

    before: int
    after: int
    dynamic: bool

    @property
    def furthest(self) -> int:
        """The larger of the two."""
        return max(self.before, self.after)


class WindowScratch(NamedTuple):
    """One thread's scratch memory for the words of a sentence and the windows of a group.

    Attributes:
        kept: the words that subsampling keeps: the buffer that positions refer to.
        draws: the 64 random bits of each.
        previous: where each occurred before in the buffer (see `link_repetitions`).
        negatives: the negatives of all groups of the sentence, and a place after them.
        lefts: where the window of each target word of the group begins.
        rights: where it ends.
        slots: which input row each word of the group is; -1 if none.
        changes: how the patterns of words change from place to place (see `weights.py`).
        weights: where the weights of each input row begin (see `weights.py`).
        inputs: where each input row begins in its matrix (row * stride).
        totals: how often each input row occurs in the windows.
    """

    kept: Any
    draws: Any
    previous: Any
    negatives: Any
    lefts: Any
    rights: Any
    slots: Any
    changes: Any
    weights: Any
    inputs: Any
    totals: Any


def make_window_scratch(
    furthest: int, chunk_words: int, group: int = 1, negatives: int = 0
) -> WindowScratch:
    """Allocate for chunks of at most `chunk_words` words.

    Args:
        furthest: the reach of the windows.
        chunk_words: the words of a chunk.
        group: how many windows are trained together.
        negatives: how many are drawn for a sentence.
    """
    words, places = chunk_words + 2 * furthest + 1, 2 * furthest + group
    return WindowScratch(
        kept=np.empty(words, np.int32),
        draws=np.empty(words, np.uint64),
        previous=np.empty(words, np.int32),
        negatives=np.empty(negatives + 1, np.int32),
        lefts=np.empty(group, np.int64),
        rights=np.empty(group, np.int64),
        slots=np.empty(places, np.int32),
        changes=np.zeros(places + 1, np.int32),
        weights=np.zeros(places, np.int64),
        inputs=np.empty(places, np.int64),
        totals=np.empty(places, np.float32),
    )


def longest_sentence(offsets: Any, chunk: Any) -> int:
    """Return the number of words in the longest sentence that a chunk holds words of."""
    end = np.searchsorted(offsets, chunk.last)
    return int(np.diff(offsets[chunk.sentence : end + 1]).max(initial=1))


def most_context_words(longest: int, reach: Any) -> int:
    """Return an upper bound on the context words of a window, from the longest sentence.

    A window can be wider than the longest sentence.
    """
    return min(reach.before + reach.after, longest - 1)


class Sentence(NamedTuple):
    """The kept words of a sentence, or of a chunk's part of it, in the buffer.

    Attributes:
        low: where the words begin.
        first: where those of the chunk begin, the target words.
        stop: where the target words end.
        high: where the words end.
        end: where the part ends in the corpus.
        rate: the learning rate, float32.
    """

    low: Any
    first: Any
    stop: Any
    high: Any
    end: Any
    rate: Any


class Group(NamedTuple):
    """Neighbouring windows: those of the `size` target words from `first` on in the buffer.

    Their loss is computed if they are `measured`.
    """

    first: Any
    size: Any
    measured: Any = False


class Measuring(NamedTuple):
    """The loss is computed for every n-th group, n = `every`, after `turn` others."""

    every: Any
    turn: Any


class Block(NamedTuple):
    """The positions begin..end-1 of the buffer."""

    begin: Any
    end: Any


# An index of the type uintp spares numba's test for negative ones, which is a third of the
# instructions of such loops.


@inlined
def keep_word(ids, position, key, keep, at, scratch):
    """Put the word at `position` into the buffer at `at`; return 1 to keep it, 0 to drop it.

    It is stored first, as a branch here would be mispredicted for every fourth word.
    """
    word = ids[uintp(position)]
    bits = draw(key, np.uint64(position))
    scratch.kept[uintp(at)] = word
    scratch.draws[uintp(at)] = bits
    return np.int64(np.uint32(bits >> _32) <= keep[uintp(word)])


@inlined
def load_sentence(ids, offsets, number, position, chunk, keep, reach, scratch):
    """Fill the buffer with the kept words of sentence `number` from `position` on.

    Target words are the kept words that the chunk holds of the sentence. On each side of them are
    as many kept words of the same sentence as a window can reach, so that no window is cut where a
    chunk ends.
    """
    window = max(reach.before, reach.after)
    begin, end = offsets[number], offsets[number + 1]
    first, last = window + 1, min(end, chunk.last)
    low, earlier = first, position
    while earlier > begin and low > 1:
        earlier -= 1
        low -= keep_word(ids, earlier, chunk.key, keep, low - 1, scratch)
    stop = first
    for at in range(position, last):
        stop += keep_word(ids, at, chunk.key, keep, stop, scratch)
    high, later = stop, last
    while later < end and high < stop + window:
        high += keep_word(ids, later, chunk.key, keep, high, scratch)
        later += 1
    rate = np.float32(chunk.rate - chunk.rate_slope * (position - chunk.first))
    return Sentence(low, first, stop, high, last, rate)


@inlined
def begin_measuring(chunk):
    """Choose the first group of a chunk whose loss is computed.

    It is drawn, so that the expectation of the loss is that of all groups.
    """
    bits = draw(draw(chunk.key, np.uint64(chunk.first)), _FIRST_MEASURED)
    return Measuring(np.int64(chunk.loss_every), below(bits, chunk.loss_every))


@inlined
def link_repetitions(sentence, span, scratch):
    """Note where each word of the buffer occurred at most `span` words before; -1 if nowhere."""
    for at in range(sentence.low, sentence.high):
        earlier, word = at - 1, scratch.kept[uintp(at)]
        furthest = max(sentence.low, at - span)
        while earlier >= furthest and scratch.kept[uintp(earlier)] != word:
            earlier -= 1
        scratch.previous[uintp(at)] = earlier if earlier >= furthest else -1


@inlined
def window_borders(bits, target, sentence, reach):
    """Return the window of the target word at `target`, whose random bits are `bits`."""
    before, after = reach.before, reach.after
    if reach.dynamic:
        if before > 0:
            before = below(bits << _32, before) + 1
        if after == reach.before:
            after = before
        elif after > 0:
            after = below(draw(bits, _SECOND_REACH), after) + 1
    return Block(max(sentence.low, target - before), min(sentence.high, target + after + 1))


@inlined
def open_windows(group, sentence, reach, scratch):
    """Note the windows of a group; return the block that holds all of them, and their pairs."""
    left, right = sentence.high, sentence.low
    pairs = 0
    for n in range(group.size):
        target = group.first + n
        window = window_borders(scratch.draws[target], target, sentence, reach)
        scratch.lefts[n], scratch.rights[n] = window.begin, window.end
        left, right = min(left, window.begin), max(right, window.end)
        pairs += window.end - window.begin - 1
    return Block(left, right), pairs


@inlined
def collect_inputs(group, block, stride, reach, scratch):
    """List the words of a block that are in a window of the group as input rows; return how many.

    Each is listed once. Where the group is one window, `totals` is how often each occurs in it.
    """
    # A target word is in the windows of its neighbours, unless it has no neighbour that reaches it.
    first_alone = group.first if group.size == 1 or reach.before == 0 else -1
    last_alone = group.first + group.size - 1 if reach.after == 0 else -1
    count = 0
    for at in range(block.begin, block.end):
        place = uintp(at - block.begin)
        if at in (first_alone, last_alone):
            scratch.slots[place] = -1
            continue
        earlier = int(scratch.previous[uintp(at)])
        while earlier >= block.begin and scratch.slots[uintp(earlier - block.begin)] < 0:
            earlier = int(scratch.previous[uintp(earlier)])
        if earlier >= block.begin:
            slot = int(scratch.slots[uintp(earlier - block.begin)])
            scratch.totals[uintp(slot)] += np.float32(1.0)
        else:
            slot = count
            scratch.inputs[uintp(slot)] = scratch.kept[uintp(at)] * stride
            scratch.totals[uintp(slot)] = np.float32(1.0)
            count += 1
        scratch.slots[place] = slot
    return count
