"""Fixtures for trainings that write checkpoints."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from skipgram.signals import ENDING
from skipgram.training import checkpoint


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let checkpoints take all of the time."""
    monkeypatch.setattr(checkpoint, "MOST_SHARE", 1.0)


@pytest.fixture
def handlers() -> Iterator[None]:
    """Restore the handlers of signals, as the caller of a training does."""
    before = {number: signal.getsignal(number) for number in ENDING}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
