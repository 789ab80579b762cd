"""Compiled work on threads: the one pattern that the scan and the trainer share."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


@contextlib.contextmanager
def borrowed(queue: SimpleQueue[Item]) -> Iterator[Item]:
    """Take an item from a queue, waiting if it is empty, and put it back even after an error."""
    item = queue.get()
    try:
        yield item
    finally:
        queue.put(item)


def map_ahead(
    function: Callable[[Item], Result], items: Iterable[Item], threads: int
) -> Iterator[Result]:
    """Yield function(item) in the order of the items, computed on `threads` threads.

    At most 2 * threads + 1 items are taken in advance, so items may be large and the iterable may
    be endless. If the caller stops early or an error is raised (Ctrl-C too), work that has not
    begun is dropped and running work is waited for.
    """
    waiting: deque[Future[Result]] = deque()
    pool = ThreadPoolExecutor(threads)
    try:
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) > 2 * threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
