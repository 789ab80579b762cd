from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
from planted import neighbours_in_cluster

import skipgram
from skipgram import Embeddings
from skipgram.errors import TrainingError
from skipgram.kernels import chunk
from skipgram.training import objectives, pieces, trainer
from skipgram.training.events import ChunkTrained, Event, HardlyTrained

SMALL: dict[str, Any] = {"vector_size": 16, "sample": 0, "threads": 1, "epochs": 3}


def train(sentences: Iterable[list[str]], **options: Any) -> Embeddings:
    return skipgram.train(sentences, **{**SMALL, **options})


@pytest.mark.parametrize(
    "options", [{}, {"shrink_windows": False}, {"negative": 20}, {"threads": 4}, {"sample": 1e-2}]
)
def test_planted_clusters_are_found(
    planted_sentences: list[list[str]], options: dict[str, object]
) -> None:
    embeddings = train(planted_sentences, epochs=15, **options)
    assert neighbours_in_cluster(embeddings) > 0.99


def test_loss_falls(planted_sentences: list[list[str]]) -> None:
    loss = train(planted_sentences, epochs=8, alpha=0.001).training["loss"]
    assert loss[0] < 6 * math.log(2)
    assert loss == sorted(loss, reverse=True)
    assert loss[-1] < 0.8 * loss[0]


def test_the_loss_is_the_mean_over_all_pairs_whatever_the_size(
    planted_sentences: list[list[str]],
) -> None:
    # At a learning rate near 0 every pair keeps its first loss, and a sum in float32 would be off.
    once = train(planted_sentences, alpha=1e-30, epochs=1, negative=3)
    many = train(planted_sentences * 20, alpha=1e-30, epochs=1, negative=3)
    for embeddings in (once, many):
        # A draw equal to the centre is dropped: 1 of 40 words.
        assert embeddings.training["loss"][0] == pytest.approx(
            (1 + 3 * 39 / 40) * math.log(2), rel=1e-3
        )
    assert many.training["pairs"] == pytest.approx(20 * once.training["pairs"], rel=0.01)


def hardly_trained(sentences: Iterable[list[str]], **options: Any) -> list[HardlyTrained]:
    events: list[Event] = []
    train(sentences, callbacks=[events.append], **options)
    return [event for event in events if isinstance(event, HardlyTrained)]


def test_hardly_trained_vectors_are_reported_until_they_are_trained(
    random_sentences: list[list[str]],
) -> None:
    (event,) = hardly_trained(random_sentences, epochs=1)
    assert event.cosine > 0.99
    # 16,000 words for 200 words of the vocabulary are 80 for each, and 300 are wanted.
    assert event.epochs_to_try == 4
    assert not hardly_trained(random_sentences, epochs=40)


def test_frozen_vectors_are_not_judged(random_sentences: list[list[str]]) -> None:
    alike = train(random_sentences, epochs=1)
    assert hardly_trained(random_sentences, epochs=1, initial=alike)
    assert not hardly_trained(random_sentences, epochs=1, initial=alike, freeze=True)


def test_one_thread_and_one_seed_give_the_same_bits(planted_sentences: list[list[str]]) -> None:
    first, again, other = (train(planted_sentences, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.input, again.input)
    np.testing.assert_array_equal(first.output, again.output)
    assert first.training["loss"] == again.training["loss"]
    assert np.abs(first.input - other.input).max() > 0


def test_windows_do_not_cross_sentences() -> None:
    # Every sentence holds one word twice, so words never meet; in fixed windows they would.
    sentences = [[f"w{n % 20}"] * 2 for n in range(400)]
    embeddings = train(sentences, window=5, shrink_windows=False, epochs=1)
    assert embeddings.training["pairs"] == 2 * 400


def test_fixed_windows_train_every_pair(planted_sentences: list[list[str]]) -> None:
    embeddings = train(planted_sentences, window=3, shrink_windows=False, epochs=2)
    in_a_sentence = sum(min(8, at + 4) - max(0, at - 3) - 1 for at in range(8))
    assert embeddings.training["pairs"] == 2 * 2000 * in_a_sentence
    assert embeddings.training["effective_words"] == 2 * 2000 * 8


def test_cutting_into_chunks_changes_no_pair(
    planted_sentences: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = train(planted_sentences, epochs=1, sample=1e-2).training
    monkeypatch.setattr(objectives, "MIN_CHUNK_WORDS", 13)  # in the middle of sentences
    monkeypatch.setattr(trainer, "CHUNKS_IN_AN_EPOCH", 10**6)
    cut = train(planted_sentences, epochs=1, sample=1e-2).training
    assert (cut["pairs"], cut["effective_words"]) == (whole["pairs"], whole["effective_words"])
    assert cut["loss"] == pytest.approx(whole["loss"], rel=0.02)


def test_subsampling_drops_frequent_words(planted_sentences: list[list[str]]) -> None:
    embeddings = train(planted_sentences, sample=1e-3, epochs=1)
    share = 1 / 40
    expected = math.sqrt(1e-3 / share) + 1e-3 / share
    assert embeddings.training["effective_words"] == pytest.approx(16_000 * expected, rel=0.05)


def test_values_that_are_not_finite_stop_the_training(planted_sentences: list[list[str]]) -> None:
    with pytest.raises(
        TrainingError,
        match=r"chunk \d+ \(words [\d,]+ to [\d,]+\) in epoch 1 .*lower alpha \(10\.0 now\)",
    ):
        train(planted_sentences * 5, alpha=10.0, negative=64, epochs=5)


@pytest.mark.parametrize("architecture", ["skipgram", "cbow"])
def test_softmax_with_a_loss_far_above_guessing_is_stopped(
    planted_sentences: list[list[str]], architecture: str
) -> None:
    said = (
        r"the loss of epoch 1 is \S+ per pair, far above 3\.689, the loss of guessing among 40 "
        r"words: .*"
        r"lower alpha \(0\.1 now\) or batch \(1024 now\)"
    )
    with pytest.raises(TrainingError, match=said):
        train(
            planted_sentences, objective="softmax", architecture=architecture, batch=1024, alpha=0.1
        )


def test_softmax_that_is_not_finite_has_two_remedies(
    planted_sentences: list[list[str]],
) -> None:
    with pytest.raises(
        TrainingError, match=r"not finite; lower alpha \(10\.0 now\) or batch \(1024 now\)"
    ):
        train(planted_sentences, objective="softmax", batch=1024, alpha=10)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"architecture": "cbow"},
        {"optimizer": "adagrad", "alpha": 1, "batch": 1024},
        {"alpha": 1e-30},
    ],
)
def test_softmax_with_a_loss_near_guessing_is_not_stopped(
    planted_sentences: list[list[str]], options: dict[str, object]
) -> None:
    # AdaGrad at such a rate has a rough first epoch, and ends as well as any.
    assert max(
        train(planted_sentences, objective="softmax", **options).training["loss"]
    ) < 1.5 * math.log(40)


def test_sentences_of_one_word_each_are_rejected() -> None:
    with pytest.raises(TrainingError, match="no two words of the corpus are in the same sentence"):
        train([["a"], ["b"]] * 20)


def test_two_words_are_enough() -> None:
    embeddings = train([["salt", "pepper"]] * 10)
    assert sorted(embeddings.words) == ["pepper", "salt"]
    assert np.isfinite(embeddings.input).all()


def chunks_seen(
    monkeypatch: pytest.MonkeyPatch, sentences: list[list[str]], **options: object
) -> list[Any]:
    """Return the chunks that the kernel is called with, except the empty one that compiles it.

    Nothing is trained.
    """
    seen: list[Any] = []

    piece_of = pieces.piece_of

    def note_chunk(corpus: Any, part: Any, *rest: Any) -> Any:
        seen.append(part)
        return piece_of(corpus, part, *rest)

    def train_chunk(*_: Any) -> tuple[float, int, int]:
        return 1.0, 1, 1

    monkeypatch.setattr(chunk, "chunk_trainer", lambda form: train_chunk)
    monkeypatch.setattr(objectives, "piece_of", note_chunk)
    monkeypatch.setattr(objectives, "MIN_CHUNK_WORDS", 100)
    train(sentences, **options)
    return [part for part in seen if part.last > part.first]


def test_each_epoch_draws_anew_and_visits_the_chunks_in_another_order(
    planted_sentences: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = chunks_seen(monkeypatch, planted_sentences, epochs=2)
    half = len(seen) // 2
    orders = [[chunk.first for chunk in part] for part in (seen[:half], seen[half:])]
    assert sorted(orders[0]) == sorted(orders[1]) == sorted(set(orders[0]))
    assert orders[0] != orders[1]
    assert (
        len({chunk.key for chunk in seen[:half]}) == len({chunk.key for chunk in seen[half:]}) == 1
    )
    assert seen[0].key != seen[-1].key


def test_the_rate_falls_word_by_word_and_across_chunks(
    planted_sentences: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = chunks_seen(monkeypatch, planted_sentences, epochs=2)
    assert seen[0].rate == 0.025
    for part, following in itertools.pairwise(seen):
        assert part.rate - part.rate_slope * (part.last - part.first) == pytest.approx(
            following.rate, rel=1e-6
        )
    assert seen[-1].rate - seen[-1].rate_slope * (seen[-1].last - seen[-1].first) == pytest.approx(
        0.025e-4
    )


def test_chunks_are_small_if_words_take_much_work(
    planted_sentences: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = chunks_seen(
        monkeypatch, planted_sentences * 20, vector_size=4096, window=256, negative=64
    )
    assert max(chunk.last - chunk.first for chunk in seen) == 100


@pytest.mark.parametrize("option", ["window_left", "window_right"])
def test_options_may_have_their_lowest_values(
    planted_sentences: list[list[str]], option: str
) -> None:
    lopsided = {"window_left": 1, "window_right": 1, option: 0}
    assert len(train(planted_sentences, vector_size=1, negative=1, epochs=1, **lopsided)) == 40


def test_the_noise_follows_the_exponent(planted_sentences: list[list[str]]) -> None:
    uneven = planted_sentences + [["a1", "a2"]] * 2000
    drawn = [train(uneven, ns_exponent=exponent, seed=2).output for exponent in (0.75, 0.75, -1)]
    assert np.array_equal(drawn[0], drawn[1])  # type: ignore[arg-type]
    assert not np.array_equal(drawn[0], drawn[2])  # type: ignore[arg-type]


def test_vectors_that_are_not_finite_at_the_end_are_an_error(
    planted_sentences: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoil(
        ids: Any, offsets: Any, part: Any, tables: Any, reach: Any, m: Any, *rest: Any
    ) -> tuple[float, int, int]:
        m.output[3, 2] = np.inf
        return 1.0, 1, 1

    monkeypatch.setattr(chunk, "chunk_trainer", lambda form: spoil)
    with pytest.raises(
        TrainingError, match=r"not finite at the end of training; lower alpha \(0.025 now\)"
    ):
        train(planted_sentences)


@pytest.mark.parametrize("shrink", [True, False])
def test_wide_windows_in_long_sentences_do_not_overshoot(
    planted_sentences: list[list[str]], shrink: bool
) -> None:
    by_cluster = sorted(planted_sentences)
    long = [
        [word for sentence in by_cluster[at : at + 100] for word in sentence]
        for at in range(0, 2000, 100)
    ]
    embeddings = train(long, window=256, shrink_windows=shrink, epochs=2)
    assert max(embeddings.training["loss"]) < 6 * math.log(2)
    assert neighbours_in_cluster(embeddings) > 0.9


def test_subsampling_that_leaves_no_pair_is_an_error() -> None:
    with pytest.raises(TrainingError, match=r"with sample=0.001, hardly any words .* set sample=0"):
        train([["the", "cat"], ["the", "dog"]] * 3, sample=1e-3, min_count=1)


@pytest.mark.parametrize(
    ("options", "end"), [({}, 2.5e-6), ({"min_alpha": 0.01}, 0.01), ({"min_alpha": 0.025}, 0.025)]
)
def test_the_rate_falls_to_its_end(
    planted_sentences: list[list[str]], options: dict[str, Any], end: float
) -> None:
    events: list[object] = []
    skipgram.train(
        planted_sentences,
        vector_size=16,
        sample=0,
        threads=1,
        epochs=2,
        callbacks=[events.append],
        **options,
    )
    rates = [event.rate for event in events if isinstance(event, ChunkTrained)]
    assert rates[0] == pytest.approx(0.025, rel=0.02)
    assert rates[-1] == pytest.approx(end)
