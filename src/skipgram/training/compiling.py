"""Compiling as an event: what is compiled, and about how long that takes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from skipgram.threads import notices_to
from skipgram.training.events import CompileStarted, Report

_PURPOSES = {
    "scan": CompileStarted("the scan", 2, 6),
    "markup": CompileStarted("the cleaning of text", 5, 20),
    "clean": CompileStarted("the cleaning of text", 5, 20),
    "chunk": CompileStarted("the training code", 5, 20),
    "softmax": CompileStarted("the training code", 1, 4),
    "cooccurrence": CompileStarted("the counting of pairs", 1, 5),
    "collocations": CompileStarted("the search for phrases", 1, 4),
}
"""What the kernels of a module are for, and the seconds that they take to compile on a fast and on
a slow machine. Kernels of other modules compile in less than a second."""


@contextlib.contextmanager
def announcing_compiling(report: Report) -> Iterator[None]:
    """Report once for each purpose that code is compiled, while the context lasts.

    Code that is loaded from the cache is not reported.
    """
    announced: set[str] = set()

    def announce(module: str) -> None:
        event = _PURPOSES.get(module)
        if event and event.what not in announced:
            announced.add(event.what)
            report(event)

    with notices_to(announce):
        yield
