"""Compiling is reported once for each purpose, and only if something is compiled."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from skipgram import kernels
from skipgram.threads import run_aside, send_notice
from skipgram.training.compiling import _PURPOSES, announcing_compiling, describe_compiling
from skipgram.training.events import CompileStarted, Event

SCRIPT = """
import sys, skipgram
from skipgram.training.events import CompileStarted, MemoryPlanned, TrainingStarted
from skipgram.training.events import ScanFinished, ScanProgressed
ORDER = (CompileStarted, MemoryPlanned, TrainingStarted, ScanFinished)
seen = []
corpus = sys.argv[1]
if sys.argv[2] == "sentences":
    corpus = [line.split() for line in open(corpus)]
skipgram.train(
    corpus, vector_size=4, epochs=1, objective="softmax", min_count=1, callbacks=[seen.append]
)
for event in seen:
    if isinstance(event, ORDER):
        print(getattr(event, "what", type(event).__name__))
"""


def announced(*notices: str) -> list[str]:
    events: list[Event] = []
    with announcing_compiling(events.append):
        for notice in notices:
            run_aside(lambda name=notice: send_notice(name))  # type: ignore[misc]
    return [event.what for event in events if isinstance(event, CompileStarted)]


def test_each_purpose_is_announced_once() -> None:
    assert announced("scan.scan", "scan._find", *["chunk.train_chunk"] * 2, "scan.scan") == [
        "the scan",
        "the training code",
    ]


def test_every_kernel_that_is_announced_exists() -> None:
    for kernel in _PURPOSES:
        module, _, name = kernel.partition(".")
        source = Path(kernels.__file__).with_name(f"{module}.py").read_text()
        assert re.search(rf"^ *def {name}\(", source, re.MULTILINE), kernel


def test_nothing_is_announced_for_code_that_compiles_quickly() -> None:
    assert announced("random.draw", "scan.renumber", "cooccurrence._weigh") == []


def test_nothing_is_announced_after_the_context() -> None:
    events: list[Event] = []
    with announcing_compiling(events.append):
        pass
    send_notice("scan.scan")
    assert events == []


def test_the_expected_seconds_are_a_range() -> None:
    events: list[Event] = []
    with announcing_compiling(events.append):
        send_notice("chunk.train_chunk")
    assert events == [CompileStarted("the training code", 2, 10)]


@pytest.mark.slow
def test_a_training_announces_what_it_compiles_but_not_what_the_cache_holds(
    planted_text: Path, tmp_path: Path
) -> None:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}

    def run(kind: str) -> list[str]:
        command = [sys.executable, "-c", SCRIPT, str(planted_text), kind]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        return done.stdout.splitlines()

    stages = ["ScanFinished", "MemoryPlanned", "TrainingStarted"]
    assert run("sentences") == [*stages[:2], "the training code", stages[2]]
    assert run("text") == ["the scan", *stages]
    assert run("text") == run("sentences") == stages


def test_compiling_in_words() -> None:
    assert describe_compiling(CompileStarted("the training code", 2, 10)) == (
        "compiling the training code for these options, once on this machine (about 2 to 10 s) ..."
    )
