"""Events that report the progress of a run.

Pass a function among the `callbacks` of a training, or as `report` of another function, and it is
called with each event as it happens:

    def show(event):
        if isinstance(event, EpochFinished):
            print(f"epoch {event.epoch}: loss {event.loss:.4f}")

    skipgram.train("corpus.txt", callbacks=[show])

`train` reports, in this order: PresetTaken (only with a preset), RunDiscarded and
MoreThreadsThanCores (only if there are), ScanProgressed (many), ScanFinished, VectorsGiven (only
with initial or resume_from), MemoryPlanned, TrainingStarted, CheckpointPassedOver (only for damaged
checkpoints), TrainingResumed (only from a checkpoint), CheckpointsLackSpace (only if the disk is
too small), then for every epoch ChunkTrained (many) and EpochFinished, and at the end
BestEpochTaken (only with patience) and HardlyTrained (only if more training is needed). The next
epoch may begin before the last chunks of one are done. CheckpointWritten and CheckpointFailed may
come after any chunk, and ModelNotKept after all others. CompileStarted comes before the work that
needs the compiled code, the first time that this code is used on a machine.

The function is called on the thread that started the run, so it should return quickly. An exception
that it raises stops the run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skipgram.corpus.encoded import ScanReport

if TYPE_CHECKING:
    from skipgram.corpus.scans import Unit
    from skipgram.training.control import Control


@dataclass(frozen=True)
class PresetTaken:
    """A preset sets options of this training.

    Attributes:
        name: the preset.
        options: the options that it sets, by name; those that were given are not among them.
    """

    name: str
    options: dict[str, Any]


@dataclass(frozen=True)
class MoreThreadsThanCores:
    """More threads were asked for than there are cores, which does not make a run faster.

    Attributes:
        threads: the number of threads.
        cores: the number of cores that this process may use.
    """

    threads: int
    cores: int


@dataclass(frozen=True)
class ScanProgressed:
    """Another part of the corpus was read.

    Attributes:
        done: bytes or words read so far.
        total: bytes in all files; 0 if unknown.
        unit: what `done` counts: bytes of text, as stored, or words, if the corpus is an iterable
            or a table of sentences that are split already, or is encoded.
    """

    done: int
    total: int
    unit: Unit = "bytes"


@dataclass(frozen=True)
class ScanFinished:
    """The corpus is read and encoded.

    Attributes:
        report: what was read and what was dropped.
        vocabulary: number of words in the vocabulary.
        sentences: number of sentences with at least one word of the vocabulary.
        advice: which option would make better words of this text, in one line; "" if none.
    """

    report: ScanReport
    vocabulary: int
    sentences: int
    advice: str = ""


@dataclass(frozen=True)
class CompileStarted:
    """Code is being compiled for this machine. Later runs load it from a cache.

    It is reported once in a run for each `what`, before the compiling, and only for code that takes
    longer than about a second.

    Attributes:
        what: what the code is for: "the scan", "the training code", ...
        least_seconds: how long compiling takes on a fast machine.
        most_seconds: how long compiling takes on a slow machine.
    """

    what: str
    least_seconds: int
    most_seconds: int


@dataclass(frozen=True)
class VectorsGiven:
    """The words of the corpus were matched with given vectors (`initial` or `resume_from`).

    Attributes:
        known: words that start at given vectors.
        fresh: words that start at fresh vectors.
        untrained: words that the corpus does not hold; they are carried over unchanged.
    """

    known: int
    fresh: int
    untrained: int


@dataclass(frozen=True)
class MemoryPlanned:
    """The memory that training will take; nothing large is allocated yet.

    Attributes:
        items: pairs of (purpose, bytes).
        available: bytes of free memory.
        saved: bytes of the saved model on disk.
    """

    items: tuple[tuple[str, int], ...]
    available: int
    saved: int

    @property
    def total(self) -> int:
        """Sum of all items in bytes."""
        return sum(size for _, size in self.items)


@dataclass(frozen=True)
class TrainingStarted:
    """Compiled code is ready and the first epoch begins.

    Attributes:
        epochs: number of epochs to train.
        raw_words: words of the text in one epoch, before rare words are dropped.
        compile_seconds: time to compile the code, or to load it from the cache.
        expected_seconds: expected time of one epoch; None if ChunkTrained will soon tell.
        control: what can be seen and done while it runs; callbacks use it.
    """

    epochs: int
    raw_words: int
    compile_seconds: float
    expected_seconds: float | None
    control: Control | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class RunDiscarded:
    """Another training begins where one was interrupted that had taken less than a minute.

    Attributes:
        path: the directory of the run.
        seconds: time spent on the interrupted training.
    """

    path: Path
    seconds: float


@dataclass(frozen=True)
class TrainingResumed:
    """An interrupted training continues from its last checkpoint.

    Attributes:
        raw_words: words of the text trained before, over all epochs.
        share: the share of all epochs that is trained.
        seconds: time spent training before.
    """

    raw_words: float
    share: float
    seconds: float


@dataclass(frozen=True)
class CheckpointWritten:
    """A checkpoint is on disk; `skipgram.resume` can continue from it.

    Attributes:
        path: its directory.
        raw_words: words of the text trained so far, over all epochs.
        seconds: time that writing took, during which nothing was trained.
    """

    path: Path
    raw_words: float
    seconds: float


@dataclass(frozen=True)
class CheckpointsLackSpace:
    """The disk may not hold the checkpoints and the model. The training begins nevertheless.

    Attributes:
        path: the directory of the run.
        needed: bytes of all checkpoints that are on the disk at the same time.
        free: bytes that are free, or taken by earlier checkpoints, which are replaced.
    """

    path: Path
    needed: int
    free: int


@dataclass(frozen=True)
class CheckpointFailed:
    """A checkpoint could not be written. The training continues; earlier checkpoints are kept.

    Attributes:
        reason: what is wrong and what to do.
    """

    reason: str


@dataclass(frozen=True)
class ModelNotKept:
    """The finished model could not be saved in the directory of the run; the last checkpoint stays.

    Attributes:
        path: where it would be.
        reason: what is wrong and what to do.
    """

    path: Path
    reason: str


@dataclass(frozen=True)
class CheckpointPassedOver:
    """A checkpoint is damaged, and was deleted. The training continues from an earlier one.

    Attributes:
        path: its directory.
        reason: which of its files is damaged, and how.
    """

    path: Path
    reason: str


@dataclass(frozen=True)
class ChunkTrained:
    """One more chunk, a small part of an epoch, is trained.

    Attributes:
        epoch: number of the epoch, from 1.
        raw_words: words of the text trained so far, over all epochs.
        seconds: time since training began.
        rate: learning rate after this chunk.
        loss: mean loss per pair in this chunk.
    """

    epoch: int
    raw_words: float
    seconds: float
    rate: float
    loss: float


@dataclass(frozen=True)
class EpochFinished:
    """All chunks of an epoch are trained.

    Attributes:
        epoch: number of the epoch, from 1.
        loss: mean loss per pair in this epoch. Each pair is measured just before its vectors
            change, so this loss gains from what was read shortly before. The gain shrinks with the
            learning rate. In the last epochs the loss may therefore rise slightly (by 0.2 % in the
            quick start), although the vectors still improve. `validation_loss` has no such gain.
        seconds: time since training began.
        validation_loss: mean loss per pair of the held-out text; None without `validation`.
    """

    epoch: int
    loss: float
    seconds: float
    validation_loss: float | None = None


@dataclass(frozen=True)
class NeighboursFound:
    """The nearest words of a word after an epoch (`callbacks.Probe`).

    Attributes:
        epoch: number of the epoch, from 1.
        word: the word.
        near: the words nearest to it, the nearest first.
    """

    epoch: int
    word: str
    near: tuple[str, ...]


@dataclass(frozen=True)
class BestEpochTaken:
    """Training with `patience` is over; the vectors are those of the best epoch.

    Attributes:
        best: number of the epoch with the lowest held-out loss, from 1.
        epochs: number of epochs trained.
    """

    best: int
    epochs: int


@dataclass(frozen=True)
class HardlyTrained:
    """Training is over, but the vectors of different words are still nearly the same.

    Neighbours of such vectors mean little. It is reported if the mean cosine is above 0.85, unless
    the vocabulary has fewer than 50 words or given vectors are frozen.

    Attributes:
        cosine: mean cosine of random pairs of the 10,000 most frequent words.
        epochs_to_try: number of epochs that may be enough on the same corpus.
    """

    cosine: float
    epochs_to_try: int


@dataclass(frozen=True)
class StageProgressed:
    """Progress of work that has no epochs: counting pairs, joining phrases, exporting, a download.

    Attributes:
        stage: what is done, for example "counting".
        done: parts (bytes of a download) done so far: 0 in the first event, `total` in the last.
        total: number of parts; 0 while unknown.
        seconds: time since the stage began.
    """

    stage: str
    done: int
    total: int
    seconds: float


@dataclass(frozen=True)
class SearchStarted:
    """`tune` has read the corpus and begins to search.

    Attributes:
        minutes: how long it searches.
        trials: the most trainings; None if there is no limit.
    """

    minutes: float
    trials: int | None


@dataclass(frozen=True)
class TrialFinished:
    """`tune` has finished one training.

    Attributes:
        number: number of the training, from 1.
        options: the options that were tried, by name.
        score: its held-out loss, or its mean score on evaluation sets; None if training failed.
        seconds: time that it took, without the time to compile code.
    """

    number: int
    options: dict[str, Any]
    score: float | None
    seconds: float


Event = (
    PresetTaken
    | MoreThreadsThanCores
    | ScanProgressed
    | ScanFinished
    | CompileStarted
    | VectorsGiven
    | MemoryPlanned
    | TrainingStarted
    | RunDiscarded
    | TrainingResumed
    | CheckpointWritten
    | CheckpointsLackSpace
    | CheckpointFailed
    | ModelNotKept
    | CheckpointPassedOver
    | ChunkTrained
    | EpochFinished
    | NeighboursFound
    | BestEpochTaken
    | HardlyTrained
    | StageProgressed
    | SearchStarted
    | TrialFinished
)
Report = Callable[[Event], None]


class _Silent:
    """Reports nothing; shown by its name in the signatures that `help` prints."""

    def __call__(self, event: Event) -> None:
        """Ignore an event."""

    def __repr__(self) -> str:
        return "silent"

    def __reduce__(self) -> str:
        return "silent"  # a copy is the same object, which `progress` compares with


silent: Report = _Silent()
"""The default of `report`: it ignores all events."""
