"""Compiling is reported once for each purpose, and only if something is compiled."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from skipgram.threads import run_aside, send_notice
from skipgram.training.compiling import announcing_compiling
from skipgram.training.events import CompileStarted, Event

SCRIPT = """
import sys, skipgram
from skipgram.training.events import CompileStarted, MemoryPlanned, TrainingStarted
from skipgram.training.events import ScanFinished, ScanProgressed
ORDER = (CompileStarted, MemoryPlanned, TrainingStarted, ScanFinished)
seen = []
skipgram.train(
    sys.argv[1], vector_size=4, epochs=1, objective="softmax", min_count=1, report=seen.append
)
for event in seen:
    if isinstance(event, ORDER):
        print(getattr(event, "what", type(event).__name__))
"""


def announced(*modules: str) -> list[str]:
    events: list[Event] = []
    with announcing_compiling(events.append):
        for module in modules:
            run_aside(lambda name=module: send_notice(name))  # type: ignore[misc]
    return [event.what for event in events if isinstance(event, CompileStarted)]


def test_each_purpose_is_announced_once() -> None:
    assert announced("scan", "utf8", "chunk", "windows", "chunk", "scan") == [
        "the scan",
        "the training code",
    ]


def test_the_counting_of_pairs_is_announced() -> None:
    assert announced("windows", "cooccurrence", "random") == ["the counting of pairs"]


def test_nothing_is_announced_for_code_that_compiles_quickly() -> None:
    assert announced("random", "utf8") == []


def test_nothing_is_announced_after_the_context() -> None:
    events: list[Event] = []
    with announcing_compiling(events.append):
        pass
    send_notice("scan")
    assert events == []


def test_the_expected_seconds_are_a_range() -> None:
    events: list[Event] = []
    with announcing_compiling(events.append):
        send_notice("chunk")
    assert events == [CompileStarted("the training code", 5, 20)]


@pytest.mark.slow
def test_a_training_announces_what_it_compiles_but_not_what_the_cache_holds(
    planted_text: Path, tmp_path: Path
) -> None:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}

    def run() -> list[str]:
        command = [sys.executable, "-c", SCRIPT, str(planted_text)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        return done.stdout.splitlines()

    stages = ["ScanFinished", "MemoryPlanned", "TrainingStarted"]
    assert run() == ["the scan", *stages[:2], "the training code", stages[2]]
    assert run() == stages
