from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from queue import SimpleQueue

import pytest

from skipgram.threads import (
    borrowed,
    is_running_aside,
    map_ahead,
    notices_to,
    run_aside,
    send_notice,
)


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


def test_work_aside_runs_on_another_thread_and_nested_work_on_the_same() -> None:
    def work() -> tuple[threading.Thread, threading.Thread]:
        return threading.current_thread(), run_aside(threading.current_thread)

    outer, inner = run_aside(work)
    assert outer is inner
    assert outer is not threading.current_thread()


def test_asking_for_work_aside_while_work_ends() -> None:
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            run_aside(int)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    try:
        until = time.perf_counter() + 0.5
        while time.perf_counter() < until:
            is_running_aside()
    finally:
        stop.set()
        for worker in workers:
            worker.join()
    assert not is_running_aside()


def test_an_error_of_work_aside_is_raised_where_it_is_wanted() -> None:
    with pytest.raises(ZeroDivisionError):
        run_aside(lambda: 1 // 0)


def test_notices_reach_the_thread_that_waits() -> None:
    seen: list[tuple[str, threading.Thread]] = []

    def work(n: int) -> int:
        run_aside(lambda: send_notice(f"item {n}"))
        return n

    with notices_to(lambda text: seen.append((text, threading.current_thread()))):
        assert list(map_ahead(work, range(6), 2)) == list(range(6))
        run_aside(lambda: send_notice("alone"))
    send_notice("after")
    assert {text for text, _ in seen} == {*(f"item {n}" for n in range(6)), "alone"}
    assert {thread for _, thread in seen} == {threading.current_thread()}


def test_work_aside_is_not_waited_for_after_an_error() -> None:
    begun, finish = threading.Event(), threading.Event()

    def work(n: int) -> None:
        if n == 0:
            begun.wait(10)
            raise KeyboardInterrupt
        begun.set()
        run_aside(lambda: finish.wait(10))

    started = time.perf_counter()
    with pytest.raises(KeyboardInterrupt):
        list(map_ahead(work, range(2), 2))
    assert time.perf_counter() - started < 5
    assert is_running_aside()
    finish.set()
    while is_running_aside():
        time.sleep(0.01)
