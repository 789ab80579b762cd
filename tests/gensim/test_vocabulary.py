"""The words of a model are those that gensim keeps, with its counts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
from drop_in import PAIR, SMALL, TINY, purity
from gensim.models import Word2Vec as Theirs

from skipgram.errors import CorpusError, NotReadyError
from skipgram.gensim import Word2Vec
from skipgram.gensim.vocabulary import extend, least_count, step_per
from skipgram.vocabulary import Vocabulary


def test_words_are_chosen_as_gensim_chooses_them() -> None:
    text = [[f"w{n}"] * 2 * (1 + n // 3) for n in range(30)] + [["keep"], ["drop"] * 90]
    rule = {"keep": 2, "drop": 1}
    choices: list[dict[str, Any]] = [{"min_count": 5}, {"min_count": 2, "max_final_vocab": 10}]
    for options in choices:
        ours, theirs = Word2Vec(**options), Theirs(**options)
        for model in (ours, theirs):
            model.build_vocab(text, trim_rule=lambda word, count, least: rule.get(word, 0))
        assert set(ours.wv.index_to_key) == set(theirs.wv.index_to_key)
        assert ours.effective_min_count == theirs.effective_min_count
        assert {word: ours.wv.get_vecattr(word, "count") for word in ours.wv.index_to_key} == {
            word: theirs.wv.get_vecattr(word, "count") for word in theirs.wv.index_to_key
        }
        more = [["w0", "new"] * 9]
        for model in (ours, theirs):
            model.build_vocab(more, update=True)
        assert set(ours.wv.index_to_key) == set(theirs.wv.index_to_key)
        assert ours.wv.get_vecattr("new", "count") == theirs.wv.get_vecattr("new", "count")
        assert ours.wv.vectors.shape == theirs.wv.vectors.shape == ours.syn1neg.shape
        assert not ours.raw_vocab


def test_the_least_count_leaves_no_more_words_than_asked_for() -> None:
    counts = {"a": 9, "b": 5, "c": 5, "d": 1}
    assert [least_count(counts, 2, most) for most in (None, 9, 3, 2, 1)] == [2, 2, 2, 6, 6]


def test_a_vocabulary_is_extended_by_new_words_and_counts() -> None:
    before = Vocabulary(["a", "b"], np.array([7, 3]))
    chosen = Vocabulary(["c", "a"], np.array([5, 4]))
    extended = extend(before, chosen, {"a": 4, "b": 1, "c": 5})
    assert extended.words == ["a", "b", "c"]
    assert extended.counts.tolist() == [11, 4, 5]


def test_a_dry_run_reports_and_changes_nothing(planted_sentences: list[list[str]]) -> None:
    ours, theirs = Word2Vec(min_count=380), Theirs(min_count=380)
    for model in (ours, theirs):
        model.scan_vocab(planted_sentences)
    report, expected = (model.prepare_vocab(dry_run=True) for model in (ours, theirs))
    assert {name: report[name] for name in expected} == expected
    assert len(ours.wv) == 0
    assert ours.estimate_memory(1000)["total"] > 2 * 1000 * 100 * 4


def test_training_in_steps_and_with_new_words(
    planted_sentences: list[list[str]], model: Word2Vec
) -> None:
    half = [sentence for sentence in planted_sentences if sentence[0][0] in "ab"]
    steps = Word2Vec(sg=1, **SMALL)
    steps.build_vocab(half)
    assert (steps.corpus_count, steps.corpus_total_words) == (len(half), 8 * len(half))
    assert steps.train(half, total_examples=steps.corpus_count, epochs=12) == (
        96 * len(half),
        96 * len(half),
    )
    row = steps.wv["a1"].copy()
    steps.build_vocab(planted_sentences, update=True)
    np.testing.assert_array_equal(steps.wv["a1"], row)
    steps.train(planted_sentences, total_words=steps.corpus_total_words, epochs=12)
    assert steps.train_count == 2
    assert steps.total_train_time > 0
    assert purity(steps.wv) > 0.95
    steps.reset_from(model)
    assert (steps.wv.index_to_key, steps.syn1neg.any()) == (model.wv.index_to_key, False)


def test_a_vocabulary_is_replaced_extended_or_empty() -> None:
    model = Word2Vec(PAIR, **TINY)
    model.build_vocab([["x", "y"]] * 20)  # as gensim: other words, not more of them
    assert set(model.wv.index_to_key) == {"x", "y"}
    assert sum(model.train([["x", "y"]] * 20, total_examples=20, epochs=1)) > 40
    assert [
        len(model.predict_output_word(["x"], topn=topn) or []) for topn in (None, 1, 0, -1)
    ] == [2, 1, 0, 0]
    theirs, ours = (kind(PAIR, **TINY) for kind in (Theirs, Word2Vec))
    for each in (theirs, ours):
        each.build_vocab([["new", "new", "a"]], update=True, min_count=2)
    assert (ours.min_count, set(ours.wv.index_to_key)) == (
        theirs.min_count,
        set(theirs.wv.index_to_key),
    )
    empty = Word2Vec(**TINY)
    empty.make_cum_table()
    assert empty.estimate_memory()["total"] == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"min_count": 1, "max_final_vocab": 1, "trim_rule": lambda *_: 1},
            r"min_count=\d+, which max_final_vocab=1 requires, "
            r"leaves too few words \(0; .*\); raise max_final_vocab",
        ),
        (
            {"min_count": 10**6},
            r"min_count=1000000 leaves too few words \(0; .*\); lower min_count",
        ),
    ],
)
def test_too_few_words_to_train_on(
    planted_sentences: list[list[str]], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(CorpusError, match=message):
        Word2Vec(planted_sentences, **options)


def test_a_vocabulary_of_one_word_is_reported_as_in_gensim(
    caplog: pytest.LogCaptureFixture,
) -> None:
    text = [["a", "b"]] * 2 + [["a", "c"]] * 2
    ours, theirs = (kind(min_count=4, sample=0, vector_size=4) for kind in (Word2Vec, Theirs))
    for model in (ours, theirs):
        model.scan_vocab(text)
    expected = theirs.prepare_vocab()
    report = ours.prepare_vocab()
    assert {name: report[name] for name in expected} == expected
    assert ours.wv.index_to_key == theirs.wv.index_to_key == ["a"]
    message = "min_count=4 leaves too few words (1; training needs at least 2); lower min_count"
    assert message in caplog.messages
    trained = Word2Vec(text, min_count=4, sample=0, vector_size=4, epochs=1)
    assert trained.wv.index_to_key == ["a"]
    assert trained.wv["a"].any()
    assert any(line.startswith("epoch 1 trained nothing: ") for line in caplog.messages)


def test_calls_that_need_words(
    planted_sentences: list[list[str]],
) -> None:
    for call, message in (
        (
            lambda: Word2Vec().train(planted_sentences, total_examples=1, epochs=1),
            "you must first build vocabulary before training the model: .*call build_vocab",
        ),
        (
            lambda: Word2Vec().save("new"),
            "you must first build vocabulary before save: .*call build_vocab",
        ),
        (
            lambda: Word2Vec(**TINY).to_gensim(),
            "you must first build vocabulary before to_gensim: .*call build_vocab",
        ),
        (lambda: Word2Vec(**TINY).prepare_vocab(), "no words have been counted; call build_vocab"),
        (
            lambda: Word2Vec().build_vocab(planted_sentences, update=True),
            "call build_vocab without it first",
        ),
    ):
        with pytest.raises(NotReadyError, match=message):
            call()


@pytest.mark.parametrize(
    ("counts", "epochs", "expected"),
    [
        ([100] * 50, 5, "word"),
        (range(60, 10, -1), 5, "word"),  # as the degrees of a graph
        ([100_000 // n for n in range(1, 2000)], 5, "window"),  # as the words of a text
        ([1_000_000] * 50, 1, "window"),
    ],
)
def test_steps_follow_the_counts(counts: Iterable[int], epochs: int, expected: str) -> None:
    listed = list(counts)
    words = Vocabulary([f"w{n}" for n in range(len(listed))], np.array(listed, np.int64))
    assert step_per(words, epochs) == expected


def test_walks_over_a_graph_give_the_neighbours_of_gensim() -> None:
    """Nodes of ten blocks; an edge leads to the own block in four cases of five."""
    rng = np.random.default_rng(4)
    nodes = rng.integers(0, 100, 1000)
    walks = [nodes]
    for _ in range(30):
        inside = nodes // 10 * 10 + rng.integers(0, 10, len(nodes))
        nodes = np.where(rng.random(len(nodes)) < 0.8, inside, rng.integers(0, 100, len(nodes)))
        walks.append(nodes)
    sentences = np.stack(walks, axis=1).tolist()
    shares = []
    for kind in (Theirs, Word2Vec):
        model = kind(sentences, sg=1, hs=1, vector_size=16, sample=0, workers=1, epochs=5)
        answers = {node: model.wv.most_similar(node, topn=5) for node in range(100)}
        near = [other // 10 == node // 10 for node, found in answers.items() for other, _ in found]
        shares.append(np.mean(near))
    assert shares[1] > shares[0] - 0.02
