"""Counting, joining and writing out, each against a few lines of Python."""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from skipgram.kernels import collocations
from skipgram.kernels.collocations import NUMBER, PAIR, SPARE

SENTENCES = st.lists(
    st.lists(st.integers(0, 5) | st.sampled_from([2**31 - 2]), min_size=1, max_size=12), max_size=12
)


def as_block(sentences):
    ids = np.array([word for sentence in sentences for word in sentence], np.int32)
    return ids, np.cumsum([len(sentence) for sentence in sentences], dtype=np.int64)


def as_sentences(ids, ends):
    return [part.tolist() for part in np.split(ids, ends)][: len(ends)]


def as_entries(numbers):
    return np.array(
        [(first << 32 | second, n) for (first, second), n in numbers.items()], np.uint64
    ).reshape(-1, 2)


def as_numbers(table):
    taken = table.slots[table.slots[:, NUMBER] > 0]
    assert len(taken) == table.used[0]
    pairs = taken[:, PAIR].tolist()
    return dict(
        zip(
            [(pair >> 32, pair & 0xFFFFFFFF) for pair in pairs],
            taken[:, NUMBER].tolist(),
            strict=True,
        )
    )


def slowly_joined(sentences, numbers):
    result = []
    for sentence in sentences:
        left, line = list(sentence), []
        while left:
            word = left.pop(0)
            if left and (word, left[0]) in numbers:
                word = numbers[word, left.pop(0)] - 1
            line.append(word)
        result.append(line)
    return result


@settings(deadline=None)
@given(sentences=SENTENCES, parts=st.integers(1, 3))
def test_pairs_are_counted(sentences, parts):
    block, counted = as_block(sentences), []
    for part in range(parts):
        table = collocations.make_table(np.zeros((0, 2), np.uint64), 4)
        pairs, done = np.zeros(len(block[0]), np.uint64), 0
        pairs = pairs[: collocations.pick_pairs(*block, part, parts, pairs)]
        while (done := collocations.count_pairs(pairs, done, table)) < len(pairs):
            table = collocations.doubled(table)
        assert table.used[0] <= len(table.slots) * 2 // 3
        counted.append(as_numbers(table))
    expected = Counter(pair for sentence in sentences for pair in itertools.pairwise(sentence))
    assert sum(map(len, counted)) == len(expected)
    assert {pair: n for numbers in counted for pair, n in numbers.items()} == expected


@settings(deadline=None)
@given(
    sentences=SENTENCES,
    numbers=st.dictionaries(st.tuples(st.integers(0, 5), st.integers(0, 5)), st.integers(1, 99)),
)
def test_pairs_are_joined(sentences, numbers):
    ids, ends = as_block(sentences)
    table = collocations.make_table(as_entries(numbers), 64)
    assert as_numbers(table) == numbers
    left = collocations.join_pairs(ids, ends, table)
    assert as_sentences(ids[:left], ends) == slowly_joined(sentences, numbers)


@settings(deadline=None)
@given(
    sentences=st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=12), max_size=12),
    words=st.lists(st.binary(min_size=1, max_size=20), min_size=4, max_size=4),
)
def test_words_are_written(sentences, words):
    letters = np.frombuffer(b"".join(word + b" " for word in words) + bytes(SPARE), np.uint8)
    starts = np.cumsum([0, *(len(word) + 1 for word in words)], dtype=np.int64)
    expected = b"".join(
        b" ".join(words[number] for number in sentence) + b"\n" for sentence in sentences
    )
    text = np.full(len(expected) + SPARE + 4, 7, np.uint8)
    collocations.write_lines(*as_block(sentences), letters, starts, text[:-4])
    assert text[: len(expected)].tobytes() == expected
    assert text[-4:].tolist() == [7] * 4
