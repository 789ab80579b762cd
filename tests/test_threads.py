from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from skipgram.threads import map_ahead


def test_results_come_in_the_order_of_the_items() -> None:
    def slow_square(n: int) -> int:
        time.sleep(0.002 * (5 - n % 5))
        return n * n

    assert list(map_ahead(slow_square, range(40), 4)) == [n * n for n in range(40)]


def test_items_are_taken_only_a_little_ahead() -> None:
    taken = []

    def items() -> Iterator[int]:
        for n in range(1000):
            taken.append(n)
            yield n

    results = map_ahead(lambda n: n, items(), 2)
    next(results)
    assert len(taken) <= 6
    assert sum(results) == sum(range(1000))


def test_an_error_stops_the_work_and_leaves_no_thread() -> None:
    before = threading.active_count()
    done = []

    def work(n: int) -> int:
        if n == 3:
            raise ValueError(n)
        done.append(n)
        return n

    with pytest.raises(ValueError, match="3"):
        list(map_ahead(work, range(1000), 2))
    assert len(done) < 12
    assert threading.active_count() == before
