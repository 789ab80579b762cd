"""How often checkpoints are written, as people write it."""

from __future__ import annotations

import math
from typing import Any

import pytest

from skipgram.errors import ConfigError
from skipgram.intervals import Interval, interval_of


@pytest.mark.parametrize(
    ("given", "interval"),
    [
        ("90s", Interval(seconds=90)),
        ("10m", Interval(seconds=600)),
        ("1.5 H", Interval(seconds=5400)),
        ("500000000", Interval(words=500_000_000)),
        (5e8, Interval(words=500_000_000)),
        ("1_000", Interval(words=1000)),
        ("off", None),
    ],
)
def test_times_and_numbers_of_words(given: Any, interval: Interval | None) -> None:
    assert interval_of(given) == interval


@pytest.mark.parametrize("given", ["", "0s", "-1m", "10 minutes", "0", "nan", "inf", True, None])
def test_what_is_neither_is_refused(given: Any) -> None:
    with pytest.raises(
        ConfigError, match=r"^checkpoint is .*; it must be a time, such as 90s, 10m or 2h"
    ):
        interval_of(given)


def test_seconds_or_words_are_infinite_unless_given() -> None:
    assert interval_of("2h") == Interval(7200.0, math.inf)
