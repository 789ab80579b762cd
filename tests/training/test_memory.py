from __future__ import annotations

import os
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import psutil
import pytest

import skipgram
from skipgram import TrainConfig
from skipgram.corpus.build import encode_corpus
from skipgram.errors import MemoryPlanError
from skipgram.training import memory, trainer
from skipgram.training.events import Event, MemoryPlanned
from skipgram.training.memory import available_memory, describe_bytes, describe_plan, plan_memory
from skipgram.training.trainer import Trainer


def test_free_memory_is_at_most_that_of_the_machine() -> None:
    assert 0 < available_memory() <= psutil.virtual_memory().total


def test_a_plan_that_does_not_fit_is_rejected_with_figures_and_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "available_memory", lambda threads: 10_000_000)
    with pytest.raises(
        MemoryPlanError,
        match=r"needs 1\.6 GB of memory \(many words\), but only 10\.0 MB are free; lower",
    ):
        plan_memory([("vectors", 800_000_000)], 1_600_000_000, 9, "many words")
    assert plan_memory([("vectors", 1_000)], 1_000, 1, "few words").total == 1500
    assert plan_memory([("vectors", 1_000)], 1_000, 2, "few words").total == 1600


def test_a_training_that_does_not_fit_is_rejected_before_it_allocates_anything_large(
    planted_sentences: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "available_memory", lambda threads: 1000)
    corpus = encode_corpus(planted_sentences)
    tracemalloc.start()
    with corpus, pytest.raises(MemoryPlanError):
        Trainer(corpus, TrainConfig(vector_size=4096, threads=1), lambda event: None)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 500_000  # the matrices would take 1.3 MB


def last_plan(events: list[Event]) -> MemoryPlanned:
    """Return the plan of the last training: code has been compiled before, which also counts."""
    return [event for event in events if isinstance(event, MemoryPlanned)][-1]


def planned_and_taken(sentences: list[list[str]], config: TrainConfig) -> tuple[MemoryPlanned, int]:
    """Train; return the plan and the bytes that were allocated at most."""
    events: list[Event] = []
    with encode_corpus(sentences) as corpus:
        Trainer(corpus, config, events.append).train()
        tracemalloc.start()
        Trainer(corpus, config, events.append).train()
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return last_plan(events), peak


def test_the_plan_covers_what_training_takes(planted_sentences: list[list[str]]) -> None:
    plan, peak = planned_and_taken(
        planted_sentences, TrainConfig(vector_size=2000, threads=1, epochs=1)
    )
    sizes = dict(plan.items)
    assert sizes["input vectors"] + sizes["output vectors"] == (2 * 40 + 1) * 2000 * 4
    assert 0.5 * plan.total < peak < 1.1 * plan.total


def test_the_plan_covers_the_vectors_of_the_best_epoch(planted_sentences: list[list[str]]) -> None:
    config = TrainConfig(
        vector_size=2000, threads=1, epochs=2, sample=0, validation=0.1, patience=1
    )
    plan, peak = planned_and_taken(planted_sentences, config)
    assert dict(plan.items)["vectors of the best epoch"] == (2 * 40 + 1) * 2000 * 4
    assert 0.5 * plan.total < peak < 1.1 * plan.total


def test_the_plan_of_full_softmax_covers_the_windows_of_a_chunk(
    planted_sentences: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trainer, "CHUNKS_IN_AN_EPOCH", 8)
    config = TrainConfig(
        objective="softmax",
        vector_size=8,
        threads=1,
        epochs=1,
        window=256,
        batch=16,
        sample=0,
        alpha=1e-3,
    )
    plan, peak = planned_and_taken(
        [[word for sentence in planted_sentences for word in sentence]], config
    )
    assert dict(plan.items)["windows of a chunk"] == 2000 * (12 + 512 * 4)
    assert 0.5 * plan.total < peak < 1.1 * plan.total


def test_the_plan_covers_what_a_growing_model_takes(planted_sentences: list[list[str]]) -> None:
    words = [f"w{number}" for number in range(200)]
    old = skipgram.Embeddings(
        [*words, "a1"], np.ones((201, 2000)), np.ones((201, 2000)), np.ones(201)
    )
    events: list[Event] = []
    for _ in range(2):
        tracemalloc.start()
        skipgram.train(
            planted_sentences,
            resume_from=old,
            freeze=True,
            threads=1,
            epochs=1,
            callbacks=[events.append],
        )
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    plan = last_plan(events)
    assert plan.saved == 2 * 240 * 2000 * 4
    assert 0.5 * plan.total < peak < 1.1 * plan.total


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 kB"), (12_000, "12 kB"), (3_400_000, "3.4 MB"), (5_600_000_000, "5.6 GB")],
)
def test_sizes_have_readable_units(size: int, text: str) -> None:
    assert describe_bytes(size) == text


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits memory as Linux does")
def test_a_text_many_times_larger_than_the_memory_limit_trains(tmp_path: Path) -> None:
    """After a small training, which compiles, the process may allocate another 100 MB, 24 of
    them for the stacks of threads.

    The text has 400 MB, its ids 290 MB.
    """
    words = [f"w{n}" for n in np.random.default_rng(2).integers(0, 2000, 10_000)]
    line = b"".join(" ".join(words[n : n + 20]).encode() + b"\n" for n in range(0, len(words), 20))
    with (tmp_path / "text").open("wb") as file:
        for _ in range(400_000_000 // len(line)):
            file.write(line)
    (tmp_path / "few").write_bytes(line * 200)
    code = """
import resource, sys
import skipgram
options = {"vector_size": 4, "window": 1, "negative": 1, "epochs": 1, "threads": 2}
skipgram.train(sys.argv[1], **options)
status = open("/proc/self/status")
taken = next(int(line.split()[1]) for line in status if line.startswith("VmData")) << 10
resource.setrlimit(resource.RLIMIT_DATA, (taken + 100_000_000, taken + 100_000_000))
try:
    bytearray(110_000_000)
except MemoryError:
    print(skipgram.train(sys.argv[2], **options).training["raw_words"])
"""
    command = [sys.executable, "-c", code, str(tmp_path / "few"), str(tmp_path / "text")]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert (done.stdout, done.stderr) == (f"{400_000_000 // len(line) * len(words)}\n", "")


def test_a_plan_is_described_in_detail_only_if_it_takes_a_notable_share() -> None:
    items = (("vectors", 20_000), ("the result while it is saved", 5_400))
    assert describe_plan(MemoryPlanned(items, 260_000, 0)) == "memory: about 25 kB"
    assert describe_plan(MemoryPlanned(items, 250_000, 0)) == (
        "memory: 25 kB of 250 kB available (vectors 20 kB, the result while it is saved 5 kB)"
    )
