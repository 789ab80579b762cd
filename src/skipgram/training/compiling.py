"""Compiling as an event: what is compiled, and about how long that takes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from skipgram.threads import notices_to
from skipgram.training.events import CompileStarted, Report

_PURPOSES = {
    "scan.scan": CompileStarted("the scan", 1, 4),
    "sentences.split_sentences": CompileStarted("the splitting into sentences", 1, 4),
    "markup.open_markup": CompileStarted("the cleaning of text", 2, 10),
    "markup.strip_markup": CompileStarted("the cleaning of text", 2, 10),
    "clean.clean_words": CompileStarted("the cleaning of text", 2, 10),
    "chunk.train_chunk": CompileStarted("the training code", 2, 10),
    "softmax.collector": CompileStarted("the training code", 1, 3),
    "softmax.step_rows": CompileStarted("the training code", 1, 3),
}
"""What a kernel is for, and the seconds that all kernels for it take to compile on a fast and on a
slow machine. Other kernels, such as those for sentences in memory and for phrases, take less than a
second together."""


@contextlib.contextmanager
def announcing_compiling(report: Report) -> Iterator[None]:
    """Report once for each purpose that code is compiled, while the context lasts.

    Code that is loaded from the cache is not reported.
    """
    announced: set[str] = set()

    def announce(kernel: str) -> None:
        event = _PURPOSES.get(kernel)
        if event and event.what not in announced:
            announced.add(event.what)
            report(event)

    with notices_to(announce):
        yield


def describe_compiling(event: CompileStarted) -> str:
    """Describe what is compiled and about how long it takes.

    Each combination of options that changes the code is compiled on its first use.
    """
    seconds = f"about {event.least_seconds} to {event.most_seconds} s"
    return f"compiling {event.what} for these options, once on this machine ({seconds}) ..."
