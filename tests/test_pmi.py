"""The theorem of Levy and Goldberg: training reaches PMI - log k with enough dimensions."""

from __future__ import annotations

import itertools
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from planted import neighbours_in_cluster
from scipy.sparse import csr_array

import skipgram
from skipgram import CorpusConfig, Reading, TrainConfig, pmi
from skipgram.corpus.build import encode_corpus
from skipgram.errors import ConfigError, MemoryPlanError
from skipgram.training import memory
from skipgram.training.events import (
    Event,
    MemoryPlanned,
    ScanFinished,
    ScanProgressed,
    StageProgressed,
)


def test_cooccurrences_by_hand() -> None:
    with encode_corpus([["the", "cat", "sat", "on", "the", "mat"]]) as corpus:
        words = corpus.vocabulary.words
        counts = pmi.cooccurrences(corpus, TrainConfig(window=2, sample=0, threads=1)).toarray()
    the, cat, sat, on = (words.index(word) for word in ("the", "cat", "sat", "on"))
    assert counts[sat, cat] == counts[sat, on] == 1
    assert counts[sat, the] == 0.5 + 0.5
    assert counts[the, on] == 1
    assert counts[cat, on] == 0.5
    assert np.array_equal(counts, counts.T)


def test_cutting_the_corpus_changes_no_count(
    planted_sentences: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = TrainConfig(window=3, sample=1e-2, threads=2)
    with encode_corpus(planted_sentences) as corpus:
        whole = pmi.cooccurrences(corpus, config)
        monkeypatch.setattr(pmi, "CHUNK_PAIRS", 4201)
        cut = pmi.cooccurrences(corpus, config)
    assert abs(whole - cut).max() < 1e-9


def test_pmi_is_the_logarithm_of_the_ratio() -> None:
    counts = csr_array(np.array([[0.0, 6.0], [6.0, 4.0]]))
    p = counts.toarray() / 16
    expected = np.log(p / np.outer(p.sum(axis=1), p.sum(axis=0)), where=p > 0, out=np.zeros((2, 2)))
    assert pmi.pmi(counts).toarray() == pytest.approx(expected)
    smoothed = p.sum(axis=0) ** 0.75 / (p.sum(axis=0) ** 0.75).sum()
    assert pmi.pmi(counts, 0.75)[0, 1] == pytest.approx(np.log(p[0, 1] / p[0].sum() / smoothed[1]))


def test_only_the_positive_part_stays() -> None:
    counts = csr_array(np.array([[0.0, 6.0], [6.0, 4.0]]))
    plain, shifted = (
        pmi.shifted_positive_pmi(counts).toarray(),
        pmi.shifted_positive_pmi(counts, negative=2).toarray(),
    )
    assert plain.min() == 0
    assert np.array_equal(shifted, np.maximum(np.where(plain > 0, plain - np.log(2), 0), 0))


def test_the_factors_multiply_to_the_matrix() -> None:
    with_rank_3 = np.random.default_rng(1).normal(size=(20, 3)) @ np.random.default_rng(2).normal(
        size=(3, 20)
    )
    for weight in (0.0, 0.5, 1.0):
        left, right = pmi.factorise(csr_array(with_rank_3), 3, weight, seed=1)
        assert left @ right.T == pytest.approx(with_rank_3, abs=1e-4)


def test_training_reaches_shifted_pmi() -> None:
    # Forty words with all kinds of PMI: sentences of topics that share words.
    rng = np.random.default_rng(3)
    topics = rng.dirichlet(np.full(40, 0.3), size=12)
    sentences = [
        [f"w{word}" for word in rng.choice(40, 12, p=topics[rng.integers(12)])]
        for _ in range(20_000)
    ]
    options: dict[str, Any] = {
        "vector_size": 64,
        "window": 3,
        "sample": 0,
        "min_count": 1,
        "threads": 2,
        "negative": 3,
    }
    embeddings = skipgram.train(sentences, epochs=15, alpha=0.05, **options)
    fit = pmi.compare(embeddings, sentences, least_count=300)
    assert fit.pairs > 300
    assert fit.correlation > 0.95
    assert 0.9 < fit.slope < 1.1
    assert abs(fit.intercept) < 0.3


@pytest.mark.parametrize(
    "options",
    [
        {"sample": 1e-2},
        {"window_left": 1, "window_right": 3, "sample": 0},
        {"ns_exponent": 0.3, "sample": 0},
    ],
)
def test_training_reaches_shifted_pmi_with_subsampling_and_lopsided_windows(
    options: dict[str, Any],
) -> None:
    rng = np.random.default_rng(4)
    topics = rng.dirichlet(np.full(30, 0.3), size=8)
    sentences = [
        [f"w{word}" for word in rng.choice(30, 12, p=topics[rng.integers(8)])]
        for _ in range(15_000)
    ]
    settings: dict[str, Any] = {
        "vector_size": 40,
        "min_count": 1,
        "threads": 2,
        "negative": 3,
        "epochs": 15,
        "alpha": 0.05,
    }
    if "window_left" not in options:
        settings["window"] = 3
    fit = pmi.compare(skipgram.train(sentences, **settings, **options), sentences, least_count=200)
    assert fit.correlation > 0.95
    assert 0.9 < fit.slope < 1.1


def test_the_baseline_finds_planted_clusters(planted_text: Path) -> None:
    embeddings = pmi.train_svd(
        planted_text, TrainConfig(vector_size=8, sample=0, negative=1, threads=1)
    )
    assert neighbours_in_cluster(embeddings) > 0.99
    assert embeddings.training["positive_pairs"] > 0


def test_the_baseline_is_described_like_a_training(planted_text: Path, planted_model: Path) -> None:
    baseline, trained = (
        pmi.train_svd(planted_text, TrainConfig(vector_size=8)).training,
        skipgram.load(planted_model).training,
    )
    shared = {
        "config",
        "versions",
        "reading",
        "corpus_fingerprint",
        "vocabulary_size",
        "raw_words",
        *("rare_words", "stop_words", "undecodable_words", "first_undecodable"),
        *("rows_without_value", "skipped_files", "first_skipped", "nul_bytes", "first_nul"),
        *("long_words", "first_long"),
    }
    shared |= {
        "retained_words",
        "raw_sentences",
        "sentences",
        "scan_seconds",
        "training_seconds",
    }
    assert set(baseline) - {"method", "eigenvalue_weight", "pairs_seen", "positive_pairs"} == shared
    assert shared < set(trained)
    same = shared - {"config", "scan_seconds", "training_seconds"}
    assert {name: baseline[name] for name in same} == {name: trained[name] for name in same}
    assert baseline["training_seconds"] > 0


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("objective", "softmax"),
        ("architecture", "cbow"),
        ("optimizer", "adam"),
        ("negative_sharing", "pair"),
        ("step_per", "word"),
        ("epochs", 9),
        ("alpha", 0.05),
    ],
)
def test_options_that_the_baseline_does_not_read_are_refused(option: str, value: Any) -> None:
    with pytest.raises(
        ConfigError,
        match=f"{option}={value} has no effect on the SVD of shifted positive PMI; leave it out",
    ):
        pmi.train_svd("no-such-file.txt", TrainConfig(**{option: value}))


def test_the_options_of_a_baseline_make_another(planted_text: Path) -> None:
    config = TrainConfig(
        vector_size=4,
        window=3,
        negative=2,
        ns_exponent=0.5,
        shrink_windows=False,
        threads=1,
        seed=3,
    )
    first = pmi.train_svd(planted_text, config)
    again = pmi.train_svd(planted_text, TrainConfig(**first.training["config"]))
    assert np.array_equal(first.input, again.input)


def test_a_window_wider_than_all_sentences_has_all_their_words(planted_text: Path) -> None:
    with encode_corpus(planted_text) as corpus:
        lengths = np.diff(corpus.offsets[:])
        exact, wider = (
            pmi.cooccurrences(corpus, TrainConfig(window=window, shrink_windows=False, sample=0))
            for window in (int(lengths.max()) - 1, 1_000_000)
        )
    assert np.array_equal(exact.toarray(), wider.toarray())
    assert exact.sum() == sum(n * (n - 1) for n in lengths)


def test_events_name_the_stages(planted_text: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pmi, "CHUNK_PAIRS", 28_000)  # 4,000 of the 16,000 words at a time
    events: list[Event] = []
    pmi.train_svd(planted_text, TrainConfig(vector_size=4, threads=1), report=events.append)
    seen = [event for event in events if not isinstance(event, ScanProgressed)]
    assert [type(event) for event in seen] == [
        ScanFinished,
        *[StageProgressed] * 5,
        MemoryPlanned,
        *[StageProgressed] * 2,
    ]
    stages = [event for event in seen if isinstance(event, StageProgressed)]
    assert [(event.stage, event.done) for event in stages] == [
        *(("counting", done) for done in (0, 4000, 8000, 12_000, 16_000)),
        ("factorising", 0),
        ("factorising", 1),
    ]
    assert all(event.total == 16_000 for event in stages[:5])


def test_a_decomposition_that_does_not_fit_is_refused(
    planted_text: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "available_memory", lambda *_: 1000)
    with pytest.raises(
        MemoryPlanError,
        match=r"\(400 pairs, and 40 words x 8 numbers, twice\), .*; lower vector_size",
    ):
        pmi.train_svd(planted_text, TrainConfig(vector_size=8))


@pytest.mark.parametrize(("words", "vector_size"), [(3000, 4), (3000, 100)])
def test_the_plan_covers_what_the_decomposition_takes(words: int, vector_size: int) -> None:
    rng = np.random.default_rng(1)
    rows, columns = rng.integers(words, size=(2, 200_000), dtype=np.int32)
    counts = csr_array(
        (rng.integers(1, 50, 200_000).astype(float), (rows, columns)), shape=(words, words)
    )
    counts.sum_duplicates()
    pmi.factorise(counts, 2, 0.5, seed=1)  # what this imports is not part of the plan
    plan = pmi._plan(counts.nnz, words, vector_size)
    tracemalloc.start()
    pmi.factorise(pmi.shifted_positive_pmi(counts), vector_size, 0.5, seed=1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 0.5 * plan.total < peak < 1.1 * plan.total


def test_a_text_is_read_as_in_the_training(planted_text: Path, tmp_path: Path) -> None:
    text = tmp_path / "capitals.txt"
    text.write_text(planted_text.read_text().upper())
    trained = skipgram.train(text, lowercase=True, vector_size=8, epochs=1, sample=0)
    for corpus in (text, Reading([text])):
        assert pmi.compare(trained, corpus, least_count=10).pairs > 100
    with pytest.raises(ConfigError, match="were trained on another corpus"):
        pmi.compare(trained, Reading(text, CorpusConfig(lowercase=False)), least_count=10)


@pytest.mark.parametrize("least_count", [0, -1.0, float("nan"), float("inf")])
def test_least_count_is_a_finite_number_above_0(planted_model: Path, least_count: float) -> None:
    said = f"least_count is {least_count}; it must be a finite number above 0"
    with pytest.raises(ConfigError, match=said):
        pmi.compare(skipgram.load(planted_model), "no-such-file.txt", least_count)


def test_errors_name_what_is_wrong(planted_text: Path, planted_model: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="at most 39"):
        pmi.train_svd(planted_text, TrainConfig(vector_size=40))
    with pytest.raises(
        ConfigError,
        match="eigenvalue_weight is 2; it must be from 0 to 1",
    ):
        pmi.train_svd(planted_text, eigenvalue_weight=2)
    with pytest.raises(ConfigError, match="were trained on another corpus"):
        pmi.compare(skipgram.load(planted_model), [["a", "b"]] * 9)
    with pytest.raises(ConfigError, match="lower it"):
        pmi.compare(skipgram.load(planted_model), planted_text, least_count=1e9)
    small: dict[str, Any] = {"vector_size": 4, "epochs": 1, "sample": 0}
    for other in (
        skipgram.train(planted_text, objective="softmax", **small),
        skipgram.train(planted_text, architecture="cbow", **small),
        pmi.train_svd(planted_text, TrainConfig(vector_size=4)),
    ):
        with pytest.raises(
            ConfigError,
            match="not trained by skipgram with objective=negative and architecture=skipgram",
        ):
            pmi.compare(other, planted_text)
    with pytest.raises(ConfigError, match=r"trained with postprocess=mean, .* train with postproc"):
        pmi.compare(skipgram.train(planted_text, postprocess="mean", **small), planted_text)
    with pytest.raises(ConfigError, match="2 pairs are that frequent, but at least 10 are needed"):
        pmi.compare(skipgram.train([["a", "b"]] * 99, **small), [["a", "b"]] * 99, least_count=1)
    every_pair = [list(pair) for pair in itertools.permutations("abcde", 2)] * 9
    with pytest.raises(ConfigError, match="all 20 pairs have the same PMI"):
        pmi.compare(skipgram.train(every_pair, **small), every_pair, least_count=1)
