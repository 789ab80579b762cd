"""Forks wait until no other thread imports or compiles.

A child has only the thread that forked. What another thread held at that moment, such as the lock
of a module that it was importing, stays locked in the child for ever. So `os.fork` (also that of
multiprocessing) waits for such work of other threads to end.
"""

from __future__ import annotations

import concurrent.futures.thread  # noqa: F401 - see the end of this file
import contextlib
import logging  # noqa: F401
import os
import threading
from collections.abc import Iterator

LONGEST_WAIT = 60.0
"""Seconds after which a fork goes ahead: the work may itself wait for the thread that forks."""

_condition = threading.Condition()
_busy: list[int] = []
"""The threads that do such work; a thread may be in it more than once."""


@contextlib.contextmanager
def delaying_forks() -> Iterator[None]:
    """Let forks on other threads wait while the context lasts."""
    thread = threading.get_ident()
    with _condition:
        _busy.append(thread)
    try:
        yield
    finally:
        with _condition:
            _busy.remove(thread)
            _condition.notify_all()


def _before() -> None:
    """Wait for the work of other threads, and let none begin until the fork is done."""
    _condition.acquire()
    own = threading.get_ident()
    _condition.wait_for(lambda: all(thread == own for thread in _busy), LONGEST_WAIT)


def _in_child() -> None:
    _busy[:] = [thread for thread in _busy if thread == threading.get_ident()]
    _condition.release()


# concurrent.futures and logging take locks of their own before a fork. What is registered later
# comes first, so they are imported before: the work that `_before` waits for may need their locks.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before, after_in_parent=_condition.release, after_in_child=_in_child
    )
