"""Speed, loss and time left of a training."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from skipgram.training.events import ChunkTrained, EpochFinished, TrainingStarted
from skipgram.training.meter import TrainingMeter


def meter_after(chunks: Iterable[tuple[float, float, float]], epoch_words: int) -> TrainingMeter:
    """Return a meter after chunks of (words so far, seconds, loss)."""
    meter = TrainingMeter(TrainingStarted(4, epoch_words, 0.0, None))
    for raw_words, seconds, loss in chunks:
        meter.add(ChunkTrained(1, raw_words, seconds, 0.02, loss))
    return meter


def test_the_speed_is_that_of_the_last_five_seconds() -> None:
    chunks = [(100.0 * second, float(second), 1.0) for second in range(1, 11)]
    chunks += [(1000 + 300.0 * second, 10.0 + second, 1.0) for second in range(1, 6)]
    assert meter_after(chunks, 5000).speed == pytest.approx(300)
    assert meter_after(chunks[:-2], 5000).speed == pytest.approx((3 * 300 + 2 * 100) / 5)


def test_the_speed_after_a_slow_chunk_includes_that_chunk() -> None:
    assert meter_after([(100, 1.0, 1.0), (200, 41.0, 1.0)], 5000).speed == pytest.approx(2.5)


def test_the_loss_at_the_end_of_an_epoch_is_the_mean_of_that_epoch() -> None:
    losses = [4.0, 3.0, 2.0, 1.0, 0.9, 0.8, 0.7, 0.6]
    chunks = [(250.0 * (n + 1), float(n + 1), loss) for n, loss in enumerate(losses)]
    assert meter_after(chunks[:2], 1000).loss == pytest.approx(3.5)
    assert meter_after(chunks[:4], 1000).loss == pytest.approx(2.5)
    assert meter_after(chunks[:5], 1000).loss == pytest.approx((3 + 2 + 1 + 0.9) / 4)
    assert meter_after(chunks, 1000).loss == pytest.approx(0.75)


def test_the_time_left_is_that_of_all_epochs() -> None:
    meter = meter_after([(500, 10.0, 1.0)], 1000)
    assert meter.total == 4000
    assert meter.seconds_left == pytest.approx(70)


def test_nothing_is_divided_by_zero_before_the_first_chunk() -> None:
    meter = meter_after([], 1000)
    assert (meter.speed, meter.loss) == (0, 0)
    assert meter.seconds_left >= 0
    assert meter.mean_speed(EpochFinished(2, 1.0, 10.0)) == 200


def test_a_rise_of_the_loss_is_known_only_after_the_last_epoch() -> None:
    meter = meter_after([(100, 1.0, 2.0), (200, 2.0, 2.0)], 100)
    meter.add(ChunkTrained(4, 400, 3.0, 0.001, 2.0))
    for epoch, loss in enumerate([3.0, 2.0, 2.02], 1):
        meter.add_epoch(EpochFinished(epoch, loss, 1.0))
        assert meter.lowest_before_a_rise() is None
    meter.add_epoch(EpochFinished(4, 2.01, 1.0))
    assert meter.lowest_before_a_rise() == 2.0
