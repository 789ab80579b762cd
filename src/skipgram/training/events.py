"""What a run reports while it goes on. Whoever wants to see it passes a function that takes these events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from skipgram.corpus.encoded import ScanReport


@dataclass(frozen=True)
class ScanProgressed:
    """The scan has read `done` of `total` bytes; for token lists, `done` words, and the total is 0: unknown."""

    done: int
    total: int


@dataclass(frozen=True)
class ScanFinished:
    """The corpus is encoded: `vocabulary` words stayed, in `sentences` sentences."""

    report: ScanReport
    vocabulary: int
    sentences: int


@dataclass(frozen=True)
class VectorsGiven:
    """`known` words begin at given vectors, `fresh` ones at new ones; `besides` others stand untrained in the result."""

    known: int
    fresh: int
    besides: int


@dataclass(frozen=True)
class MemoryPlanned:
    """What training is about to take: (what for, bytes) each, the bytes that are free, and the bytes of the model on disk."""

    items: tuple[tuple[str, int], ...]
    available: int
    saved: int

    @property
    def total(self) -> int:
        """Sum of all items in bytes."""
        return sum(size for _, size in self.items)


@dataclass(frozen=True)
class TrainingStarted:
    """The kernel is compiled, or loaded from the cache, which took `compile_seconds`.

    An epoch is expected to take `expected_seconds`; None where progress will say it soon enough.
    """

    epochs: int
    raw_words: int
    compile_seconds: float
    expected_seconds: float | None


@dataclass(frozen=True)
class ChunkTrained:
    """One more chunk is done.

    Attributes:
        epoch: from 1 on.
        raw_words: raw words of the text done so far, over all epochs.
        seconds: since training began.
        rate: the learning rate now.
        loss: mean loss of a pair in this chunk.
    """

    epoch: int
    raw_words: float
    seconds: float
    rate: float
    loss: float


@dataclass(frozen=True)
class EpochFinished:
    """An epoch is done; its mean loss of a pair, and seconds since training began.

    `validation_loss` is the mean loss of a pair of the held-out text after it; None where nothing is held out.
    """

    epoch: int
    loss: float
    seconds: float
    validation_loss: float | None = None


@dataclass(frozen=True)
class BestEpochTaken:
    """Training with patience is over after `epochs`; the vectors are those after epoch `best`."""

    best: int
    epochs: int


@dataclass(frozen=True)
class StageProgressed:
    """A stage without epochs has done `done` of `total` parts; the total is 0 until it is known.

    The first of a stage has done 0, the last all; `seconds` is since the stage began.
    """

    stage: str
    done: int
    total: int
    seconds: float


@dataclass(frozen=True)
class TrialFinished:
    """One training of a search for options: its number from 1 on, what was tried, its score (None if it broke off), seconds."""

    number: int
    options: dict[str, Any]
    score: float | None
    seconds: float


Event = (
    ScanProgressed
    | ScanFinished
    | VectorsGiven
    | MemoryPlanned
    | TrainingStarted
    | ChunkTrained
    | EpochFinished
    | BestEpochTaken
    | StageProgressed
    | TrialFinished
)
Report = Callable[[Event], None]


def silent(event: Event) -> None:
    """Report nothing."""
