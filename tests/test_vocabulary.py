from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from skipgram.vocabulary import Spelled, Vocabulary, choose_words, order_words


def choose(
    counts: dict[str, int],
    min_count: int = 1,
    max_vocab: int | None = None,
    always: set[str] | None = None,
) -> list[str]:
    words = list(counts)
    numbers = np.array(list(counts.values()), np.int64)
    chosen = choose_words(numbers, Spelled(words), min_count, max_vocab, always=always)
    return [words[i] for i in chosen]


def test_order_is_by_count_then_by_bytes() -> None:
    assert choose({"zebra": 3, "b": 5, "é": 3, "apple": 3, "B": 3}) == [
        "b",
        "B",
        "apple",
        "zebra",
        "é",
    ]


@given(st.permutations([("the", 9), ("cat", 4), ("dog", 4), ("ox", 4), ("sat", 2), ("mat", 1)]))
def test_order_does_not_depend_on_which_word_comes_first(items: list[tuple[str, int]]) -> None:
    assert choose(dict(items)) == ["the", "cat", "dog", "ox", "sat", "mat"]


def test_min_count_and_max_vocab() -> None:
    counts = {"the": 9, "cat": 4, "dog": 4, "sat": 1}
    assert choose(counts, min_count=4) == ["the", "cat", "dog"]
    assert choose(counts, max_vocab=2) == ["the", "cat"]


def test_some_words_are_kept_however_rare_they_are() -> None:
    counts = {"the": 9, "cat": 4, "dog": 4, "sat": 1, "mat": 1, "\xff": 0}
    assert choose(counts, 4, always={"mat", "cat", "hat", "\xff"}) == ["the", "cat", "dog", "mat"]
    assert choose(counts, 4, 3, always={"mat", "cat"}) == ["the", "cat", "mat"]
    assert choose(counts, 4, 2, always={"mat", "sat", "cat"}) == ["cat", "mat", "sat"]
    assert choose(counts, 4, always=set()) == choose(counts, 4)


def test_words_with_count_0_are_not_kept() -> None:
    assert choose({"the": 9, "\xff": 0, "cat": 4}) == ["the", "cat"]


def test_keep_probability_is_that_of_word2vec() -> None:
    vocabulary = Vocabulary(["the", "cat", "rare"], np.array([900_000, 99_990, 10]))
    frequency = vocabulary.counts / 1_000_000
    expected = np.minimum(1, np.sqrt(1e-3 / frequency) + 1e-3 / frequency)
    np.testing.assert_allclose(vocabulary.keep_probability(1e-3), expected, rtol=1e-12)
    assert vocabulary.keep_probability(1e-3)[2] == 1
    assert vocabulary.keep_probability(0).tolist() == [1, 1, 1]


def test_noise_weights() -> None:
    vocabulary = Vocabulary(["the", "cat"], np.array([16, 1]))
    assert vocabulary.noise_weights(0.75).tolist() == [8, 1]
    assert vocabulary.noise_weights(0).tolist() == [1, 1]
    assert vocabulary.noise_weights(1).tolist() == [16, 1]


@given(
    st.lists(
        st.tuples(
            st.text(st.sampled_from("aéz0日😀 "), max_size=24).map(
                lambda text: "common beginnin" * (len(text) % 2) + text
            ),
            st.integers(1, 3),
        ),
        unique_by=lambda pair: pair[0],
    )
)
def test_words_are_ordered_by_count_and_then_by_all_their_bytes(
    pairs: list[tuple[str, int]],
) -> None:
    words, counts = [word for word, _ in pairs], np.array([count for _, count in pairs], np.int64)
    order = order_words(np.arange(len(words)), counts, Spelled(words))
    expected = sorted(range(len(words)), key=lambda n: (-counts[n], words[n].encode()))
    assert order.tolist() == expected
