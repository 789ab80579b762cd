"""Training that starts from given vectors, and models that grow."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import skipgram
from skipgram import Embeddings, SkipGram, TrainConfig
from skipgram.errors import ConfigError, FormatError
from skipgram.formats import word2vec
from skipgram.training.events import Event, MemoryPlanned, VectorsGiven

SMALL: dict[str, Any] = {"vector_size": 16, "sample": 0, "threads": 1, "epochs": 12}
GIVEN: dict[str, Any] = {"sample": 0, "threads": 1, "epochs": 12}


def sentences(clusters: str, members: int, count: int, seed: int) -> list[list[str]]:
    """Sentences of 8 words, each from one of some clusters."""
    generator = np.random.default_rng(seed)
    chosen, numbers = (
        generator.integers(len(clusters), size=count),
        generator.integers(members, size=(count, 8)),
    )
    return [
        [f"{clusters[cluster]}{word}" for word in words]
        for cluster, words in zip(chosen, numbers, strict=True)
    ]


@pytest.fixture(scope="module")
def old() -> Embeddings:
    """Trained on the clusters a and b."""
    return skipgram.train(sentences("ab", 10, 1000, 1), **SMALL)


@pytest.fixture(scope="module")
def new_text() -> list[list[str]]:
    """Clusters c and d, and a with two new members; a3 only once, and nothing of b."""
    with_a = [
        [word for word in sentence if word != "a3"] for sentence in sentences("a", 12, 600, 2)
    ]
    return [*with_a, *sentences("cd", 10, 1200, 3), ["a3", "a4", "a5"]]


@pytest.fixture(scope="module")
def grown(old: Embeddings, new_text: list[list[str]]) -> Embeddings:
    return skipgram.train(new_text, resume_from=old, **GIVEN)


def test_a_grown_model_holds_all_words_in_the_order_of_a_vocabulary(
    old: Embeddings, new_text: list[list[str]], grown: Embeddings
) -> None:
    assert old.counts is not None
    assert grown.counts is not None
    expected = dict(zip(old.words, old.counts.tolist(), strict=True))
    for word in itertools.chain(*new_text):
        expected[word] = expected.get(word, 0) + 1
    assert dict(zip(grown.words, grown.counts.tolist(), strict=True)) == expected
    assert grown.words == sorted(grown.words, key=lambda word: (-expected[word], word.encode()))


def test_words_that_the_corpus_does_not_hold_keep_every_bit(
    old: Embeddings, grown: Embeddings
) -> None:
    for word in (f"b{n}" for n in range(10)):
        for which in ("input", "output"):
            was, now = old.vectors(which)[old.index(word)], grown.vectors(which)[grown.index(word)]
            assert now.tobytes() == was.tobytes()
        assert [near for near, _ in grown.most_similar(word, topn=9)] == [
            near for near, _ in old.most_similar(word, topn=9)
        ]


def test_known_words_continue_from_their_vectors(old: Embeddings, grown: Embeddings) -> None:
    for word in ("a0", "a3", "a9"):
        now, was = grown[word], old[word]
        assert now.tobytes() != was.tobytes()
        assert now @ was / np.linalg.norm(now) / np.linalg.norm(was) > 0.7


@pytest.mark.parametrize("word", ["a10", "a11", "c1", "d9"])
def test_new_words_find_their_cluster(grown: Embeddings, word: str) -> None:
    assert {near[0] for near, _ in grown.most_similar(word, topn=9)} == {word[0]}


def test_known_words_stay_at_any_count_but_rare_new_words_do_not(
    old: Embeddings, new_text: list[list[str]]
) -> None:
    events: list[Event] = []
    grown = skipgram.train(
        [*new_text, ["a0", "once"]],
        resume_from=old,
        freeze=True,
        epochs=1,
        max_vocab=32,
        callbacks=[events.append],
    )
    assert "once" not in grown
    assert "a3" in grown
    assert next(event for event in events if isinstance(event, VectorsGiven)) == VectorsGiven(
        10, 22, 10
    )
    plan = next(event for event in events if isinstance(event, MemoryPlanned))
    assert plan.saved == 2 * 42 * 16 * 4
    items = dict(plan.items)
    assert (items["which words are frozen"], items["words that the corpus does not hold"]) == (
        32,
        2 * 10 * 16 * 4,
    )


@pytest.mark.parametrize("how", ["initial", "resume_from"])
def test_the_first_epoch_is_better_than_from_fresh_vectors(how: str) -> None:
    text = sentences("abcdefgh", 10, 1000, 1)
    start = skipgram.train(text, **SMALL)
    continued = skipgram.train(text, **{**GIVEN, how: start})
    assert continued.training["loss"][0] < 0.9 * start.training["loss"][0]
    assert continued.words == start.words


def test_initial_vectors_are_those_of_the_words(old: Embeddings, new_text: list[list[str]]) -> None:
    almost_still: dict[str, Any] = {"alpha": 1e-30, "epochs": 1, "threads": 1, "min_count": 1}
    begun = skipgram.train(new_text, initial=old, **almost_still)
    fresh = skipgram.train(new_text, vector_size=16, **almost_still)
    assert begun.words == fresh.words  # not those of the given vectors
    for word in begun:
        known = word in old
        np.testing.assert_array_equal(begun[word], (old if known else fresh)[word])
        assert (np.abs(begun.vectors("output")[begun.index(word)]).max() > 1e-20) == known
    assert begun.counts is not None
    assert begun.counts.tolist() == fresh.counts.tolist()  # type: ignore[union-attr]


def test_vectors_may_come_from_files(
    old: Embeddings, new_text: list[list[str]], tmp_path: Path
) -> None:
    old.save(tmp_path / "model")
    word2vec.write(old, tmp_path / "vectors.bin", binary=True)
    by_hand = skipgram.train(new_text, initial=old, **GIVEN)
    from_model = SkipGram(TrainConfig(**GIVEN)).fit(new_text, initial=tmp_path / "model")
    np.testing.assert_array_equal(from_model.input, by_hand.input)
    from_file = skipgram.train(
        new_text, initial=str(tmp_path / "vectors.bin"), freeze=True, **GIVEN
    )
    assert from_file["a0"].tobytes() == old["a0"].tobytes()
    grown = skipgram.train(new_text, resume_from=tmp_path / "model", freeze=True, **GIVEN)
    assert grown["a0"].tobytes() == old["a0"].tobytes()
    assert (
        grown.vectors("output")[grown.index("a0")].tobytes()
        != old.vectors("output")[old.index("a0")].tobytes()
    )


def test_the_record_says_what_a_training_started_from(
    old: Embeddings, grown: Embeddings, tmp_path: Path
) -> None:
    grown.save(tmp_path / "model")
    record = json.loads((tmp_path / "model" / "training.json").read_text())["started_from"]
    fingerprint = record.pop("fingerprint")
    assert record == {
        "option": "resume_from",
        "words": 20,
        "known_words": 10,
        "fresh_words": 22,
        "untouched_words": 10,
        "frozen": False,
    }
    old.save(tmp_path / "old")
    again, other = (
        skipgram.train([["a1", "a2"]] * 9, initial=start, sample=0, threads=1, epochs=1).training[
            "started_from"
        ]["fingerprint"]
        for start in (tmp_path / "old", Embeddings(old.words, old.input))
    )
    assert len(fingerprint) == 64
    assert again == fingerprint
    assert other != fingerprint
    assert grown.training["config"]["vector_size"] == 16


def test_several_threads_leave_frozen_vectors_alone(old: Embeddings) -> None:
    embeddings = skipgram.train(
        sentences("abc", 10, 3000, 5), initial=old, freeze=True, threads=8, epochs=3
    )
    for word in old:
        assert embeddings[word].tobytes() == old[word].tobytes()


def test_output_vectors_can_be_trained_against_frozen_ones(old: Embeddings) -> None:
    text = sentences("ab", 10, 1000, 1)
    embeddings = skipgram.train(
        text, initial=Embeddings(old.words, old.input), freeze=True, **GIVEN
    )
    assert embeddings.training["loss"][-1] < 0.95 * embeddings.training["loss"][0]
    assert embeddings.vectors("output").any(axis=1).all()
    with pytest.raises(ConfigError, match=r"nothing is left to train: .* leave freeze out"):
        skipgram.train(text, initial=old, freeze=True, objective="hierarchical", **GIVEN)


def test_a_grown_model_cannot_be_compared_with_the_pmi_of_its_last_corpus(
    grown: Embeddings, new_text: list[list[str]]
) -> None:
    from skipgram.pmi import compare

    with pytest.raises(ConfigError, match="trained on another corpus"):
        compare(grown, new_text)


def test_a_grown_model_loses_the_mean_of_all_its_words(
    old: Embeddings, new_text: list[list[str]], grown: Embeddings
) -> None:
    centred = skipgram.train(new_text, resume_from=old, postprocess="mean", **GIVEN)
    assert centred.words == grown.words
    np.testing.assert_allclose(centred.input, grown.input - grown.input.mean(axis=0), atol=1e-6)
    again = skipgram.train(new_text, resume_from=centred, **GIVEN)  # a part of the model's method
    assert again.training["config"]["postprocess"] == "mean"
    np.testing.assert_allclose(again.input.mean(axis=0), 0, atol=1e-6)


def test_frozen_vectors_keep_their_mean(old: Embeddings, new_text: list[list[str]]) -> None:
    centred = skipgram.train(new_text, postprocess="mean", **SMALL)
    kept = skipgram.train(new_text, resume_from=centred, preset="best", freeze=True, **GIVEN)
    assert kept.training["config"]["postprocess"] == "none"
    np.testing.assert_array_equal(kept.input, centred.input)
    for start in ("initial", "resume_from"):
        options: dict[str, Any] = {start: old, "freeze": True, "postprocess": "mean"}
        with pytest.raises(ConfigError, match=r"freeze keeps .* postprocess=mean changes all vec"):
            skipgram.train(new_text, **options, **GIVEN)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            {"initial": "OLD", "vector_size": 50},
            "vector_size=50, but the given vectors have 16 dimensions; leave",
        ),
        ({"resume_from": "OLD", "vector_size": 50}, "vector_size=50"),
        ({"initial": "OLD", "resume_from": "OLD"}, "initial and resume_from are both given"),
        (
            {"freeze": True},
            "freeze has no effect without given vectors; give initial or .* leave freeze out",
        ),
        (
            {"initial": Embeddings(["C1", "D1"], np.ones((2, 8)))},
            r"none of the 31 words of the corpus \('[acd]\d+', .*, \.\.\.\) .* \('C1', 'D1'\)",
        ),
        (
            {"resume_from": "OLD", "objective": "hierarchical"},
            "a word2vec file has no output vectors, and .*use initial",
        ),
        (
            {"resume_from": Embeddings(["c1"], [[1.0]])},
            "and the nodes of hierarchical softmax cannot be continued here; use initial",
        ),
        (
            {"resume_from": Embeddings(["c1"], [[1.0]], [[1.0]])},
            "these embeddings have none; add counts",
        ),
        ({"initial": Embeddings(["c1"], np.ones((1, 5000)))}, "vector_size is 5000; it must be"),
    ],
)
def test_contradicting_options_are_rejected(
    old: Embeddings, new_text: list[list[str]], options: dict[str, Any], said: str
) -> None:
    options = {name: old if value == "OLD" else value for name, value in options.items()}
    with pytest.raises(ConfigError, match=said):
        skipgram.train(new_text, **options)


def test_missing_vectors_are_an_error() -> None:
    with pytest.raises(FormatError, match="no-such-model"):
        skipgram.train("no-such-corpus.txt", initial="no-such-model")


def test_a_grown_model_keeps_its_method_unless_other_options_are_given(
    old: Embeddings, new_text: list[list[str]]
) -> None:
    options: dict[str, Any] = {"epochs": 1, "sample": 0, "min_count": 1}
    first = skipgram.train(new_text, architecture="cbow", window=3, vector_size=8, **options)
    grown = skipgram.train(new_text, resume_from=first, **options)
    assert (grown.training["config"]["architecture"], grown.training["config"]["window"]) == (
        "cbow",
        3,
    )
    assert grown.training["config"]["alpha"] == first.training["config"]["alpha"]
    again = skipgram.train(new_text, resume_from=first, architecture="skipgram", **options)
    assert (again.training["config"]["architecture"], again.training["config"]["window"]) == (
        "skipgram",
        3,
    )
    fresh = skipgram.train(new_text, initial=first, **options)
    assert (fresh.training["config"]["architecture"], fresh.training["config"]["window"]) == (
        "skipgram",
        5,
    )


def test_given_options_replace_those_of_the_model_that_depend_on_them(
    new_text: list[list[str]],
) -> None:
    options: dict[str, Any] = {"vector_size": 8, "epochs": 1, "sample": 0, "min_count": 1}
    lopsided = skipgram.train(new_text, window_left=2, window_right=3, **options)
    config = skipgram.train(new_text, resume_from=lopsided, window=9, epochs=1).training["config"]
    assert (config["window"], config["window_left"], config["window_right"]) == (9, None, None)
    batches = skipgram.train(new_text, objective="softmax", batch=64, alpha=0.01, **options)
    assert (
        skipgram.train(new_text, resume_from=batches, objective="negative", epochs=1).training[
            "config"
        ]["batch"]
        == 128
    )
    pairs = skipgram.train(new_text, negative_sharing="pair", negative=7, **options)
    config = skipgram.train(new_text, resume_from=pairs, architecture="cbow", epochs=1).training[
        "config"
    ]
    assert (config["negative_sharing"], config["negative"]) == ("group", 5)


def test_files_must_be_read_as_those_of_the_model_were(
    new_text: list[list[str]], tmp_path: Path
) -> None:
    (tmp_path / "text").write_text(
        "".join(" ".join(sentence).upper() + "\n" for sentence in new_text)
    )
    options: dict[str, Any] = {"epochs": 1, "sample": 0, "min_count": 1}
    model = skipgram.train(tmp_path / "text", lowercase=True, vector_size=8, **options)
    with pytest.raises(
        ConfigError, match="was read with lowercase=True, but this text with lowercase=None"
    ):
        skipgram.train(tmp_path / "text", resume_from=model, **options)
    assert (
        skipgram.train(tmp_path / "text", resume_from=model, lowercase=True, **options).words
        == model.words
    )


@pytest.mark.parametrize("start", [[1], b"model", np.zeros((3, 3))])
def test_a_training_starts_only_from_embeddings_or_a_path(
    start: Any, new_text: list[list[str]]
) -> None:
    with pytest.raises(
        ConfigError,
        match="the vectors to start from must be Embeddings or the path of saved vectors",
    ):
        skipgram.train(new_text, initial=start)
