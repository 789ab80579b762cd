"""Compiled work on threads: the pattern that the scan and the trainer share, and compiling.

numba compiles on a thread of its own (`run_aside`), because Python cannot handle a signal while it
is in LLVM, and an exception in a callback from LLVM is lost.
"""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from queue import Empty, SimpleQueue
from typing import TypeVar

from skipgram.errors import MemoryPlanError
from skipgram.forks import delaying_forks

Item = TypeVar("Item")
Result = TypeVar("Result")
Notify = Callable[[str], None]

_SECONDS_BETWEEN_LOOKS = 0.05
_aside: set[threading.Thread] = set()


class _AbandonedError(BaseException):
    """The caller of `map_ahead` no longer waits for this work."""


class _ThreadState(threading.local):
    """What belongs to one thread.

    Attributes:
        notify: called with the notices of work that this thread waits for.
        stop: set when nobody waits for the work of this thread any more.
        is_aside: whether this thread was started by `run_aside`.
    """

    notify: Notify | None = None
    stop: threading.Event | None = None
    is_aside = False


_state = _ThreadState()


@contextlib.contextmanager
def notices_to(notify: Notify) -> Iterator[None]:
    """Call `notify` with the notices of `run_aside`, on this thread, while the context lasts."""
    before, _state.notify = _state.notify, notify
    try:
        yield
    finally:
        _state.notify = before


def send_notice(text: str) -> None:
    """Send a notice to the thread that waits for the work of this one."""
    if _state.notify:
        _state.notify(text)


def is_running_aside() -> bool:
    """Return whether work of `run_aside` is still running, waited for or not."""
    return any(thread.is_alive() for thread in tuple(_aside))


def run_aside(work: Callable[[], Result]) -> Result:
    """Return work(), which runs on a thread of its own, so that Ctrl-C need not wait for it.

    After Ctrl-C the work goes on, but nobody waits for it. Work started by such work runs on the
    same thread.
    """
    if _state.is_aside:
        return work()
    future: Future[Result] = Future()
    notices: SimpleQueue[str] = SimpleQueue()

    def run() -> None:
        _state.is_aside, _state.notify = True, notices.put
        try:
            with delaying_forks():
                future.set_result(work())
        except BaseException as error:  # noqa: BLE001 - raised where the result is wanted
            future.set_exception(error)
        finally:
            _aside.discard(threading.current_thread())

    thread = threading.Thread(target=run, name="skipgram-compile")
    _aside.add(thread)
    try:
        with _starting_threads():
            thread.start()
    except BaseException:
        _aside.discard(thread)
        raise
    _wait(future, notices)
    return future.result()


@contextlib.contextmanager
def _starting_threads() -> Iterator[None]:
    """Explain that the system does not start a thread; Python raises a RuntimeError."""
    try:
        yield
    except RuntimeError as error:
        if "start new thread" not in str(error):
            raise
        raise MemoryPlanError(
            "the system starts no more threads for this process; lower threads, or raise the "
            "limits on processes (ulimit -u) and on memory"
        ) from error


def _wait(future: Future[Result], notices: SimpleQueue[str]) -> None:
    """Wait until the work is done, and pass on what it says."""
    while True:
        done = wait([future], _SECONDS_BETWEEN_LOOKS).done
        with contextlib.suppress(Empty):
            while True:
                send_notice(notices.get_nowait())
        if done:
            return
        if _state.stop and _state.stop.is_set():
            raise _AbandonedError


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
    begun is dropped and running work is waited for, but not compiling.
    """
    waiting: deque[Future[Result]] = deque()
    stop, notices = threading.Event(), SimpleQueue[str]()

    def begin() -> None:
        _state.stop, _state.notify = stop, notices.put

    def first_result() -> Result:
        _wait(waiting[0], notices)
        return waiting.popleft().result()

    pool = ThreadPoolExecutor(threads, initializer=begin)
    try:
        for item in items:
            with _starting_threads():
                waiting.append(pool.submit(function, item))
            if len(waiting) > 2 * threads:
                yield first_result()
        while waiting:
            yield first_result()
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)
