"""Continues a training that was interrupted."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from skipgram.callbacks import AnyCallback, Callbacks
from skipgram.config import TrainConfig
from skipgram.corpus.build import WordChoice, encode_into
from skipgram.corpus.encoded import EncodedCorpus
from skipgram.corpus.sources import EncodedDirectory
from skipgram.corpus.stored import check_unchanged, open_encoded
from skipgram.embeddings import Embeddings
from skipgram.errors import ConfigError, CorpusError, FormatError, OutputError
from skipgram.formats import read_model
from skipgram.intervals import DEFAULT_INTERVAL, Interval, interval_of
from skipgram.io.leftovers import RUN_RECORD
from skipgram.model import held_out_text, scan_finished, train_encoded
from skipgram.progress import ShowProgress, reporting_to
from skipgram.run_directory import START, RunDirectory
from skipgram.run_record import RunRecord, different
from skipgram.training.checkpoint import latest_of
from skipgram.training.events import Report, TrainingResumed
from skipgram.warm_start import WarmStart

_ANOTHER = re.compile(r"(, or|;) (choose an?(other)? .*|lower (--vector-size|vector_size))$")
"""The end of an error that asks for another output, or for another option."""


def resume(
    directory: str | os.PathLike[str],
    *,
    threads: int | None = None,
    callbacks: Iterable[AnyCallback] = (),
    progress: ShowProgress = "auto",
    checkpoint: str | int = DEFAULT_INTERVAL,
) -> Embeddings:
    """Continue an interrupted training from its last checkpoint, and return its embeddings.

    If the training has finished, return the model that it left.

    The corpus is not read again. On one thread, or with `deterministic`, the vectors have the same
    bits as if the training had not been interrupted.

    Args:
        directory: the run_directory of the training; see `SkipGram.fit`. For a model of
            `skipgram train`, that is the directory beside it that ends in .run; `skipgram resume`
            also saves the model.
        threads: number of threads; by default, as many as before.
        callbacks: as for `SkipGram.fit`.
        progress: as for `SkipGram.fit`.
        checkpoint: as for `SkipGram.fit`.

    Raises:
        FormatError: there is no interrupted training, or its files are damaged.
        CorpusError: the encoded corpus has changed.
        OutputError: another process continues this training.
        MemoryPlanError: the training does not fit in memory.
        TrainingError: values are no longer finite, or full softmax is worse than guessing.

    Warns:
        SkipgramWarning: as for `SkipGram.fit`.

    Example:
        >>> embeddings = skipgram.train("corpus.txt", run_directory="run", checkpoint="5m")
        >>> embeddings = skipgram.resume("run")  # after an interruption
    """
    interval, calls = interval_of(checkpoint), Callbacks(callbacks)
    run = RunDirectory(directory)
    if model := run.finished_model:
        return calls.end(read_model(model))
    if not run.is_resumable:
        raise FormatError(
            f"there is no interrupted training in {directory}; give the run_directory of a training"
        )
    with remedies_of_resume(), reporting_to(calls, progress) as send, run:
        embeddings = resume_in(run, interval, threads, send)
        run.keep(embeddings, send)
    return calls.end(embeddings)


@contextlib.contextmanager
def remedies_of_resume() -> Iterator[None]:
    """Change the remedy of an OutputError: a training continues with the output that it has."""
    try:
        yield
    except OutputError as error:
        text = str(error)
        if found := _ANOTHER.search(text):
            rest = text[: found.start()]
            error.args = (rest if found[1] == ", or" else f"{rest}; correct that, then resume",)
        raise


def resume_in(
    run: RunDirectory, interval: Interval | None, threads: int | None, report: Report
) -> Embeddings:
    """Continue the training of an open directory, which stays; errors as for `resume`.

    Args:
        run: the open directory.
        interval: how often checkpoints are written; None for never.
        threads: as for `resume`.
        report: called with the events of the training.
    """
    send, record = run.logging(report), run.read_record()
    given = {} if threads is None else {"threads": threads}
    config = TrainConfig(**{**_options_of(run, record), **given})
    _check_options(run, record)
    warm_start = _warm_start_of(run, record)
    if isinstance(config.validation, str) and not run.held_out.is_dir():
        raise FormatError(f"{run.held_out} is missing; delete {run.path}, and train again")
    with _open_corpus(run, record, config, warm_start) as corpus:
        restore = "restore it, or " if record.corpus else ""
        remedy = f"delete {run.path}, and train again"
        check_unchanged(corpus, record.fingerprint, restore + remedy)
        send(scan_finished(corpus))
        with held_out_text(config, corpus, run.held_out) as validation:
            if validation:
                expected = record.held_out or "none"
                check_unchanged(validation, expected, remedy, "held-out text")
            checkpoints = run.checkpoints(interval)
            if checkpoints.latest is None:
                send(TrainingResumed(0.0, 0.0, 0.0))
            return train_encoded(corpus, config, send, warm_start, validation, checkpoints)


def latest_vectors(directory: str | os.PathLike[str]) -> Embeddings | None:
    """Return the vectors of the newest checkpoint, while a training runs or after an interruption.

    Args:
        directory: the directory of the run.

    Returns:
        Vectors as they were at the checkpoint, of the words of the corpus; None before the first
        checkpoint.

    Raises:
        FormatError: there is no such training, or a file of it is damaged.
        CorpusError: the encoded corpus is gone.
    """
    run = RunDirectory(directory)
    record, checkpoint = run.read_record(), latest_of(run.path)
    if checkpoint is None:
        return None
    config, state = TrainConfig(**_options_of(run, record)), checkpoint.matrices()
    with _open_corpus(run, record, config, _warm_start_of(run, record)) as corpus:
        words, counts = list(corpus.vocabulary.words), corpus.vocabulary.counts.copy()
    size = config.vector_size
    output = state["output"][: len(words), :size] if "output" in state else None
    history = checkpoint.history
    training = {
        "config": record.config,
        "loss": history.loss,
        "validation_loss": history.validation_loss,
        "training_seconds": history.seconds,
    }
    return Embeddings(words, state["input"][:, :size], output, counts, training)


def _warm_start_of(run: RunDirectory, record: RunRecord) -> WarmStart | None:
    """Return what the training started from, as its directory keeps it."""
    if record.started_from is None:
        return None
    return WarmStart(
        read_model(run.path / START),
        growing=record.started_from == "resume_from",
        freeze=record.freeze,
    )


def _options_of(run: RunDirectory, record: RunRecord) -> dict[str, Any]:
    """Return the recorded options of training, checked: no option of a command can correct them."""
    try:
        return TrainConfig(**record.config).given
    except ConfigError as error:
        raise FormatError(
            f"cannot read {run.path / RUN_RECORD}: {error}; delete {run.path}, and train again"
        ) from error


def _check_options(run: RunDirectory, record: RunRecord) -> None:
    """Check that the recorded options are those of the checkpoint, or the vectors are a mixture."""
    checkpoint = latest_of(run.path)
    now = record.options
    before = checkpoint.options if checkpoint else now
    changed = [
        f"{name} is {now.get(name)!r:.80}, not {before.get(name)!r:.80}"
        for name in different(before, now)
    ]
    if changed:
        raise FormatError(
            f"{run.path / RUN_RECORD} has changed since the training began: {', '.join(changed)}; "
            f"restore it, or delete {run.path}, and train again"
        )


def _open_corpus(
    run: RunDirectory, record: RunRecord, config: TrainConfig, warm_start: WarmStart | None
) -> EncodedCorpus:
    """Return the corpus as it was chosen when the training began.

    Raises:
        CorpusError: the encoded corpus that was given is gone, or lacks words that it had.
        FormatError: it is damaged.
    """
    if record.corpus is None:
        return open_encoded(run.corpus)
    always = warm_start.always if warm_start else None
    choice = WordChoice(config.min_count, config.max_vocab, always)
    path, anew = Path(record.corpus), f"delete {run.path}, and train again"
    if not path.exists():
        raise CorpusError(
            f"the encoded corpus {path} is gone, with which the training began; move it back and "
            f"resume again (the checkpoints in {run.path} are kept), or {anew}"
        )
    try:
        return encode_into(None, EncodedDirectory(path), choice, threads=config.threads)
    except (ConfigError, CorpusError) as error:
        if isinstance(error.__cause__, OSError):  # the directory for temporary files is full
            raise
        raise CorpusError(
            f"the encoded corpus {path} has changed since the training began: it does not have "
            f"the words of min_count={config.min_count}, max_vocab={config.max_vocab}; restore "
            f"it, or {anew}"
        ) from error
