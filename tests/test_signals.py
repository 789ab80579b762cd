"""Signals that are deferred until a run can be continued later."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator

import pytest

from skipgram.signals import ENDING, DeferredSignals, not_ignored


@pytest.fixture
def got() -> Iterator[list[int]]:
    """Return the signals that reach the handlers of the program."""
    seen: list[int] = []
    before = {number: signal.getsignal(number) for number in ENDING}
    for number in before:
        signal.signal(number, lambda number, _frame: seen.append(number))
    yield seen
    for number, handler in before.items():
        signal.signal(number, handler)


def test_the_first_signal_is_noted_and_handled_later(got: list[int]) -> None:
    signals = DeferredSignals()
    signals.defer()
    signal.raise_signal(signal.SIGTERM)
    assert (signals.pending, got) == (signal.SIGTERM, [])
    signals.release()
    assert (signals.pending, got) == (None, [signal.SIGTERM])
    signal.raise_signal(signal.SIGINT)
    assert got == [signal.SIGTERM, signal.SIGINT]


def test_a_second_signal_is_handled_at_once(got: list[int]) -> None:
    signals = DeferredSignals()
    signals.defer()
    signal.raise_signal(signal.SIGINT)
    signal.raise_signal(signal.SIGINT)
    assert got == [signal.SIGINT]


@pytest.mark.skipif(not hasattr(signal, "SIGXCPU"), reason="this system has no SIGXCPU")
def test_the_repeated_signal_of_the_limit_on_cpu_time_is_no_second_one(got: list[int]) -> None:
    signals = DeferredSignals()
    signals.defer()
    for _ in range(3):
        signal.raise_signal(signal.SIGXCPU)
    assert (signals.pending, got) == (signal.SIGXCPU, [])
    signal.raise_signal(signal.SIGTERM)
    assert got == [signal.SIGXCPU]
    signals.restore()


def test_ctrl_c_raises_keyboard_interrupt_where_it_is_released() -> None:
    signals = DeferredSignals()
    signals.defer()
    signal.raise_signal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        signals.release()


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="this system has no SIGHUP")
def test_an_ignored_signal_stays_ignored(got: list[int]) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        signals = DeferredSignals()
        signals.defer()
        assert signal.SIGHUP not in not_ignored()
        signal.raise_signal(signal.SIGHUP)
        assert signals.pending is None
        signals.release()
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
    assert got == []


def test_another_thread_defers_nothing(got: list[int]) -> None:
    signals = DeferredSignals()
    thread = threading.Thread(target=signals.defer)
    thread.start()
    thread.join()
    signal.raise_signal(signal.SIGTERM)
    assert (signals.pending, got) == (None, [signal.SIGTERM])
    signals.release()


def test_a_handler_of_other_code_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signal, "getsignal", lambda _: None)  # a library of C installed it
    assert not_ignored() == []
