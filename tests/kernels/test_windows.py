"""The words of a sentence in the buffer, their windows, and their input rows."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skipgram.kernels import reference
from skipgram.kernels.random import draws, stream_key
from skipgram.kernels.windows import (
    Block,
    Chunk,
    Group,
    Reach,
    Sentence,
    collect_inputs,
    link_repetitions,
    load_sentence,
    longest_sentence,
    make_window_scratch,
    most_context_words,
    open_windows,
    window_borders,
)

STRIDE = 16


def chunk(first, last):
    return Chunk(first, last, 0, stream_key(4, 3), 0.1, 0.001)


def load(ids, part, position, keep, reach):
    scratch = make_window_scratch(reach.furthest, len(ids))
    offsets = np.array([0, len(ids)])
    return load_sentence(ids, offsets, 0, position, part, keep, reach, scratch), scratch


def test_the_buffer_holds_the_words_of_the_chunk_and_those_its_windows_reach():
    ids, keep = np.arange(20, dtype=np.int32), np.full(20, 2**32 - 1, np.uint32)
    sentence, scratch = load(ids, chunk(8, 12), 8, keep, Reach(2, 3, False))
    assert scratch.kept[sentence.first : sentence.stop].tolist() == [8, 9, 10, 11]
    assert scratch.kept[sentence.low : sentence.high].tolist() == list(range(5, 15))
    assert (sentence.first, sentence.end) == (4, 12)


def test_a_sentence_has_the_rate_of_its_first_word_in_the_chunk():
    ids, keep = np.arange(20, dtype=np.int32), np.full(20, 2**32 - 1, np.uint32)
    sentence, _ = load(ids, chunk(8, 12), 10, keep, Reach(2, 2, False))
    assert sentence.rate == np.float32(0.1 - 2 * 0.001)


def test_subsampled_words_are_dropped_and_those_further_off_take_their_places():
    ids, keep = np.arange(200, dtype=np.int32), np.full(200, 2**31, np.uint32)
    sentence, scratch = load(ids, chunk(50, 150), 50, keep, Reach(5, 5, False))
    kept = reference.kept_words(ids, 0, 200, stream_key(4, 3), keep)
    inside = [word.number for at, word in kept.items() if 50 <= at < 150]
    before = [word.number for at, word in kept.items() if at < 50]
    after = [word.number for at, word in kept.items() if at >= 150]
    expected = before[-5:] + inside + after[:5]
    assert scratch.kept[sentence.low : sentence.high].tolist() == expected
    assert sentence.stop - sentence.first == len(inside)


@pytest.mark.parametrize("reach", [Reach(3, 3, True), Reach(2, 5, True), Reach(0, 4, False)])
def test_windows_are_those_of_the_oracle(reach):
    bits = draws(np.uint64(7), np.arange(30, dtype=np.uint64))
    words = [reference.Word(n, bits[n]) for n in range(30)]
    sentence = Sentence(0, 0, 30, 30, 0, np.float32(0))
    for target in range(30):
        window = window_borders(bits[target], target, sentence, reach)
        before, after = reference.contexts(words, target, reach)
        assert [*range(window.begin, target)] == before
        assert [*range(target + 1, window.end)] == after


@settings(deadline=None)
@given(
    words=st.lists(st.integers(0, 4), min_size=6, max_size=16),
    before=st.integers(0, 3),
    after=st.integers(1, 3),
    size=st.integers(1, 4),
)
def test_each_word_around_the_targets_is_one_row(words, before, after, size):
    reach, count = Reach(before, after, False), len(words)
    scratch = make_window_scratch(3, count, size)
    scratch.kept[:count] = words
    scratch.draws[:] = 0
    sentence = Sentence(0, 0, count, count, 0, np.float32(0))
    link_repetitions(sentence, 2 * 3 + size, scratch)
    group = Group(1, size)
    whole, pairs = open_windows(group, sentence, reach, scratch)
    targets = range(1, 1 + size)
    windows = [
        [at for at in range(max(0, t - before), min(count, t + after + 1)) if at != t]
        for t in targets
    ]
    assert pairs == sum(map(len, windows))
    assert whole.begin == max(0, 1 - before)
    assert whole.end == min(count, size + after + 1)
    rows = collect_inputs(group, whole, STRIDE, reach, scratch)
    expected = list(
        dict.fromkeys(words[at] for at in sorted({at for window in windows for at in window}))
    )
    assert (scratch.inputs[:rows] // STRIDE).tolist() == expected
    if size == 1:
        counted = Counter(words[at] for at in windows[0])
        assert scratch.totals[:rows].tolist() == [counted[word] for word in expected]


def test_a_block_lists_its_own_words_only():
    scratch = make_window_scratch(3, 10)
    scratch.kept[:6] = [5, 7, 5, 9, 7, 8]
    sentence = Sentence(0, 0, 6, 6, 0, np.float32(0))
    link_repetitions(sentence, 6, scratch)
    rows = collect_inputs(Group(3, 1), Block(2, 6), STRIDE, Reach(3, 3, False), scratch)
    assert (scratch.inputs[:rows] // STRIDE).tolist() == [5, 7, 8]
    assert scratch.slots[:4].tolist() == [0, -1, 1, 2]


def test_windows_hold_no_more_words_than_the_longest_sentence_of_a_chunk():
    offsets = np.array([0, 4, 4, 14, 15])

    def most(first, last, sentence, before, after):
        part = chunk(first, last)._replace(sentence=sentence)
        longest = longest_sentence(offsets, part)
        return most_context_words(longest, Reach(before, after, True))

    assert most(0, 15, 0, 10**6, 10**6) == 9
    assert most(0, 15, 0, 3, 2) == 5
    assert most(0, 4, 0, 50, 50) == 3
    assert most(6, 9, 2, 50, 0) == 9  # a part of a sentence: its windows reach further
    assert most(14, 15, 3, 50, 50) == 0
