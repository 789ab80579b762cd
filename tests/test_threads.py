from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from queue import SimpleQueue

import pytest

from skipgram.threads import borrowed, map_ahead


def test_results_are_in_the_order_of_the_items() -> None:
    def slow_square(n: int) -> int:
        time.sleep(0.002 * (5 - n % 5))
        return n * n

    assert list(map_ahead(slow_square, range(40), 4)) == [n * n for n in range(40)]


def test_few_items_are_taken_in_advance() -> None:
    taken = []

    def items() -> Iterator[int]:
        for n in range(1000):
            taken.append(n)
            yield n

    results = map_ahead(lambda n: n, items(), 2)
    next(results)
    assert len(taken) <= 5
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


def test_a_borrowed_item_is_put_back_after_an_error() -> None:
    shelf: SimpleQueue[int] = SimpleQueue()
    shelf.put(7)
    for _ in range(2):
        with pytest.raises(MemoryError), borrowed(shelf) as item:
            assert item == 7
            raise MemoryError
    assert shelf.get_nowait() == 7
