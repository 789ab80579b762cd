"""Held-out text: what is held out, its loss against the oracle, and training that stops by it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import skipgram
from skipgram import CorpusConfig, Embeddings, Reading, TrainConfig
from skipgram.corpus.build import encode_corpus
from skipgram.errors import ConfigError, CorpusError, TrainingError
from skipgram.kernels import random, reference
from skipgram.kernels.form import Form
from skipgram.kernels.windows import Chunk
from skipgram.training import objectives, validation
from skipgram.training.events import BestEpochTaken, EpochFinished, Event, MemoryPlanned
from skipgram.training.matrices import Matrices
from skipgram.training.trainer import Trainer
from skipgram.vocabulary import Vocabulary

SMALL = {"vector_size": 16, "sample": 0, "threads": 1, "epochs": 3}
METHODS: list[dict[str, Any]] = [
    {},
    {"negative_sharing": "window"},
    {"negative_sharing": "pair", "optimizer": "adam"},
    {"architecture": "cbow", "optimizer": "adagrad"},
    {"optimizer": "adam"},
    {"objective": "hierarchical", "optimizer": "adagrad"},
    {"objective": "softmax", "batch": 16},
    {"objective": "softmax", "batch": 16, "optimizer": "adam", "architecture": "cbow"},
]


def train(sentences: Any, **options: Any) -> Embeddings:
    return skipgram.train(sentences, **{**SMALL, **options})


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5])
@pytest.mark.parametrize("stretches", [1, 64, 6000, 10**6])
def test_whole_sentences_all_over_the_corpus_are_held_out(
    share: float, stretches: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(validation, "STRETCHES", stretches)
    lengths = np.random.default_rng(1).integers(1, 30, 2000)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    words = int(offsets[-1])
    trained, held_out = validation.hold_out(offsets, share)
    parts = sorted([*trained, *held_out])
    assert parts[0][0] == 0
    assert [last for _, last in parts] == [*(first for first, _ in parts[1:]), words]
    assert {border for part in parts for border in part} <= set(offsets.tolist())
    assert sum(last - first for first, last in held_out) == pytest.approx(
        share * words, rel=0.02, abs=15
    )


def test_too_few_sentences_to_hold_any_out() -> None:
    sentences = [["a", "b"] * 500]
    one = r"validation=0\.01 no sentence is held out: the corpus is a single sentence.*own line"
    with pytest.raises(ConfigError, match=f"with {one}"):
        train(sentences, validation=0.01)
    with pytest.raises(
        ConfigError,
        match="2 sentences are too few; give another share, or set validation to a file",
    ):
        train([*sentences, *sentences], validation=0.001)
    # A sentence may be longer than a chunk.
    assert train([*sentences, *[["a", "b"]] * 20], validation=0.01).training["validation_loss"]


@pytest.mark.parametrize(
    "options", METHODS, ids=lambda options: "-".join(map(str, options.values())) or "default"
)
def test_measuring_changes_no_bit(
    planted_sentences: list[list[str]], options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """That includes the states of the optimizers."""
    method_of = (
        objectives.SoftmaxObjective
        if options.get("objective") == "softmax"
        else objectives.TileObjective
    )
    measure, seen = method_of.measure, []

    def watched(self: Any, *arguments: Any) -> Any:
        m = self._matrices
        before = [
            matrix.tobytes() for matrix in (m.input, m.output, m.input_states, m.output_states)
        ]
        result = measure(self, *arguments)
        seen.append(result[1])
        assert [
            matrix.tobytes() for matrix in (m.input, m.output, m.input_states, m.output_states)
        ] == before
        return result

    monkeypatch.setattr(method_of, "measure", watched)
    training = train(planted_sentences[:300], validation=0.1, epochs=2, **options).training
    assert sum(seen) > 200
    assert len(training["validation_loss"]) == len(training["loss"]) == 2


def test_without_validation_nothing_changes(
    planted_sentences: list[list[str]], tmp_path: Path
) -> None:
    (tmp_path / "held-out.txt").write_text("a1 a2 a3\n")
    plain, measured = (
        train(planted_sentences, validation=validation)
        for validation in (None, tmp_path / "held-out.txt")
    )
    assert plain.input.tobytes() == measured.input.tobytes()
    assert plain.training["loss"] == measured.training["loss"]
    assert plain.training["validation_loss"] == []
    assert plain.training["best_epoch"] == 3


@pytest.mark.parametrize(
    "options",
    [{}, {"negative_sharing": "window", "optimizer": "adagrad"}, {"architecture": "cbow"}],
)
def test_the_loss_equals_that_of_the_oracle(
    planted_sentences: list[list[str]], options: dict[str, Any]
) -> None:
    config = TrainConfig(**{**SMALL, "epochs": 1, "validation": 0.1, "sample": 1e-2, **options})
    with encode_corpus(planted_sentences[:300], min_count=1) as corpus:
        running = Trainer(corpus, config, lambda event: None)
        trained = running.train()
        assert running._held_out is not None
        assert trained.output is not None
        method = objectives.TileObjective(corpus, config)
        method.allocate()
        loss, pairs = 0.0, 0
        for first, last in running._held_out.chunks:
            chunk = Chunk(
                first, last, 0, random.stream_key(config.seed, random.HELD_OUT_DRAWS), 0.0, 0.0
            )
            sides = (
                reference.Parameters(matrix.astype(np.float64), 0)
                for matrix in (trained.input, trained.output)
            )
            form = Form(group=method._group, cbow=int(config.architecture == "cbow"))
            part = reference.train_chunk(
                form,
                corpus.ids[:],
                corpus.offsets[:],
                chunk,
                method._tables,
                method._reach,
                *sides,
            )
            loss, pairs = loss + part[0], pairs + part[1]
        assert pairs > 100
        assert trained.validation_loss == [pytest.approx(loss / pairs, rel=1e-5)]


def test_the_loss_of_full_softmax_equals_that_of_the_oracle(
    planted_sentences: list[list[str]], tmp_path: Path
) -> None:
    (tmp_path / "held-out.txt").write_text("a1 a2\nb1 b2\n")
    embeddings = train(
        planted_sentences,
        objective="softmax",
        batch=16,
        epochs=1,
        window=1,
        validation=tmp_path / "held-out.txt",
    )
    pairs = [(first, second) for first, second in (["a1", "a2"], ["b1", "b2"])]
    rows = [
        tuple(map(embeddings.index, pair))
        for first, second in pairs
        for pair in ((first, second), (second, first))
    ]
    output = embeddings.vectors("output").astype(np.float64)
    losses = [
        reference.softmax_loss(embeddings.input[i], output, np.eye(len(output))[o]) for i, o in rows
    ]
    assert embeddings.training["validation_loss"] == [pytest.approx(np.mean(losses), rel=1e-5)]


@pytest.mark.parametrize("threads", [1, 3])
def test_training_lowers_the_held_out_loss(
    planted_sentences: list[list[str]], threads: int
) -> None:
    fresh = train(planted_sentences, validation=0.05, epochs=1, alpha=1e-30).training[
        "validation_loss"
    ][0]
    loss = train(planted_sentences, validation=0.05, epochs=8, threads=threads).training[
        "validation_loss"
    ]
    assert fresh == pytest.approx((1 + 5 * 39 / 40) * np.log(2), rel=0.02)
    assert loss[-1] < 0.85 * fresh
    assert loss[-1] < loss[0]


def overfit(report: Callable[[Event], None], **options: Any) -> Embeddings:
    """Train on random words: the trained sentences tell nothing about the held-out ones."""
    words = np.random.default_rng(4).integers(0, 60, (60, 10))
    sentences = [[f"w{word}" for word in sentence] for sentence in words.tolist()]
    some = {
        "min_count": 1,
        "epochs": 200,
        "alpha": 0.2,
        "vector_size": 50,
        "validation": 0.3,
        "callbacks": [report],
        **options,
    }
    return train(sentences, **some)


def test_training_that_overfits_stops_early_and_returns_the_best_epoch() -> None:
    events: list[Event] = []
    embeddings = overfit(events.append, patience=3)
    losses = [event.validation_loss for event in events if isinstance(event, EpochFinished)]
    training = embeddings.training
    assert training["validation_loss"] == losses
    best = training["best_epoch"]
    assert best == int(np.argmin(losses)) + 1  # type: ignore[arg-type]
    assert len(losses) == best + 3 < 200
    assert events[-1] == BestEpochTaken(best, best + 3)
    plan = next(event for event in events if isinstance(event, MemoryPlanned))
    sizes = dict(plan.items)
    assert sizes["vectors of the best epoch"] == sizes["input vectors"] + sizes["output vectors"]


def test_the_vectors_are_those_of_the_best_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    matrices: list[bytes] = []
    keep = Matrices.keep

    def watched(self: Any) -> None:
        matrices.append(self.input[:, :50].tobytes())
        keep(self)

    monkeypatch.setattr(Matrices, "keep", watched)
    embeddings = overfit(lambda event: None, patience=2)
    assert embeddings.input.tobytes() == matrices[-1]
    assert len(matrices) < len(embeddings.training["loss"])


def test_a_held_out_file_is_encoded_with_the_vocabulary_of_the_corpus(
    planted_sentences: list[list[str]], tmp_path: Path
) -> None:
    (tmp_path / "text.txt").write_text("A1 UNHEARD B1\n\nOF\nC1 C2\n")
    vocabulary = Vocabulary(["c1", "b1", "a1", "c2", "d1"], np.array([5, 4, 3, 2, 1]))
    given = Reading(tmp_path / "text.txt", CorpusConfig(lowercase=True))
    with encode_corpus(given, threads=2, vocabulary=vocabulary) as corpus:
        assert (corpus.ids[:].tolist(), corpus.offsets[:].tolist()) == ([2, 1, 0, 3], [0, 2, 4])
        assert (corpus.report.raw_words, corpus.report.rare_words) == (6, 2)
    skipgram.encode([["d1", "c1"], ["c9", "d1"]] * 2, tmp_path / "encoded", min_count=1)
    with encode_corpus(tmp_path / "encoded", vocabulary=vocabulary) as corpus:
        assert corpus.ids[:].tolist() == [4, 0, 4] * 2
    (tmp_path / "text.txt").write_text("nothing known\n")
    with pytest.raises(
        CorpusError, match="none of the 2 distinct words of the held-out text is among the 40"
    ):
        train(planted_sentences, validation=tmp_path / "text.txt")
    (tmp_path / "text.txt").write_text("c1\nc1\n")
    with pytest.raises(
        TrainingError, match="the held-out text has no loss, because no two words in it"
    ):
        train(planted_sentences, validation=tmp_path / "text.txt")
    with pytest.raises(CorpusError, match=r"none\.txt does not exist"):
        train(planted_sentences, validation="none.txt")


def test_a_growing_model_does_not_inherit_validation_and_patience(
    planted_sentences: list[list[str]],
) -> None:
    first = train(planted_sentences, validation=0.1, patience=1)
    grown = skipgram.train(planted_sentences, resume_from=first, epochs=2, threads=1)
    assert grown.training["validation_loss"] == []
    grown = skipgram.train(
        planted_sentences, resume_from=first, epochs=2, threads=1, validation=0.1
    )
    assert len(grown.training["validation_loss"]) == 2


def test_chunks_of_the_next_epoch_do_not_run_ahead(
    planted_sentences: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    measure_part, train_chunk = Trainer._measure_chunk, Trainer._train_chunk
    under_way, overlaps = [0], [0]

    def trained(self: Any, task: Any) -> Any:
        under_way[0] += task.last > task.first
        result = train_chunk(self, task)
        under_way[0] -= task.last > task.first
        return result

    def measured(self: Any, *arguments: Any) -> Any:
        overlaps[0] += under_way[0]
        return measure_part(self, *arguments)

    monkeypatch.setattr(Trainer, "_train_chunk", trained)
    monkeypatch.setattr(Trainer, "_measure_chunk", measured)
    train(planted_sentences, validation=0.1, threads=4)
    assert overlaps == [0]


def test_held_out_text_is_measured_on_the_command_line(
    run: Any, planted_text: Path, tmp_path: Path
) -> None:
    command = [
        "train",
        planted_text,
        "-o",
        tmp_path / "model",
        "--epochs",
        3,
        "--threads",
        1,
        "--sample",
        0,
    ]
    answer = run(*command, "--validation", "0.05", "--patience", 2)
    assert answer.code == 0
    assert ", held-out loss " in answer.err
    assert "the vectors are those of epoch 3 of 3, which has the lowest held-out loss" in answer.err
    assert (
        len(
            json.loads(run("info", tmp_path / "model", "--json").out)["training"]["validation_loss"]
        )
        == 3
    )
    assert run(*command, "--validation", planted_text).code == 0
    assert run(*command, "--patience", 2).code == 2
    assert run(*command, "--validation", 2).code == 2


def test_patterns_for_the_corpus_do_not_apply_to_the_held_out_file(tmp_path: Path) -> None:
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "a.txt").write_text("a b c d e\n" * 40)
    (tmp_path / "text" / "b.md").write_text("x y z\n")
    (tmp_path / "held.out").write_text("a b c d e\n" * 4)
    held_out = str(tmp_path / "held.out")
    trained = skipgram.train(
        tmp_path / "text",
        include=("*.txt",),
        validation=held_out,
        vector_size=8,
        sample=0,
        epochs=1,
    )
    assert len(trained.training["validation_loss"]) == 1
