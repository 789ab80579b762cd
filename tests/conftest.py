from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import settings

import skipgram
from skipgram.cli.app import run as run_command_line

# `fixed` draws the same examples in every run, so that a change that passes here passes everywhere.
# `make test-random` draws new ones. No deadline: the first call of a kernel compiles it, which
# takes seconds.
settings.register_profile("fixed", derandomize=True, deadline=None)
settings.register_profile("random", derandomize=False, deadline=None, print_blob=True)
settings.load_profile("fixed")

# Shells start background jobs with SIGINT ignored, and nohup ignores SIGHUP. Programs that tests
# start would inherit this, and the tests that interrupt them would wait forever.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of corpora and evaluation sets, beside the repository."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"needs the evaluation data in {folder}")
    return folder


@pytest.fixture(scope="session")
def planted_sentences() -> list[list[str]]:
    """2,000 sentences of 8 words; the words of a sentence are all from one of four clusters of ten.

    The clusters are a0..a9, b0..b9, c0..c9 and d0..d9.
    """
    generator = np.random.default_rng(7)
    clusters = generator.integers(4, size=2000)
    members = generator.integers(10, size=(2000, 8))
    return [
        [f"{'abcd'[cluster]}{word}" for word in words]
        for cluster, words in zip(clusters, members, strict=True)
    ]


@pytest.fixture(scope="session")
def random_sentences() -> list[list[str]]:
    """2,000 sentences of 8 words, drawn at random from 200 words."""
    numbers = np.random.default_rng(7).integers(200, size=(2000, 8))
    return [[f"w{number}" for number in sentence] for sentence in numbers.tolist()]


@pytest.fixture(scope="session")
def planted_text(
    planted_sentences: list[list[str]], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    path = tmp_path_factory.mktemp("corpus") / "planted.txt"
    path.write_text("".join(" ".join(sentence) + "\n" for sentence in planted_sentences))
    return path


@pytest.fixture(scope="session")
def planted_model(planted_text: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model directory trained on the planted clusters."""
    path = tmp_path_factory.mktemp("models") / "planted"
    skipgram.train(planted_text, vector_size=16, epochs=10, sample=0, threads=1).save(path)
    return path


class Answer(NamedTuple):
    """The exit code of a command, and what it printed."""

    code: int
    out: str
    err: str


Run = Callable[..., Answer]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    """Run a command in this process."""

    def command(*arguments: object) -> Answer:
        capfd.readouterr()
        code = 0
        try:
            run_command_line(list(map(str, arguments)))
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0
        return Answer(code, *capfd.readouterr())

    return command
