"""From a corpus to embeddings: `train` for one call, `SkipGram` for a model with its options."""

from __future__ import annotations

import contextlib
import os
import platform
from collections.abc import Container, Iterable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any, Unpack

from skipgram.callbacks import AnyCallback, Callbacks
from skipgram.config import CorpusConfig, TrainConfig, available_cores, split_options
from skipgram.corpus.build import WordChoice, encode_into, write_corpus
from skipgram.corpus.encoded import EncodedCorpus
from skipgram.corpus.sources import (
    Corpus,
    EncodedDirectory,
    ResolvedCorpus,
    as_reading,
    resolve_corpus,
)
from skipgram.corpus.stored import identify, min_count_of, open_ids
from skipgram.embeddings import Embeddings
from skipgram.errors import ConfigError, CorpusError, WrongTypeError
from skipgram.intervals import DEFAULT_INTERVAL, interval_of
from skipgram.options import CorpusOptions, ModelOptions, TrainOptions, lists_options
from skipgram.presets import PRESETS, options_of
from skipgram.progress import ShowProgress, reporting_to
from skipgram.run_directory import RunDirectory, opened_run
from skipgram.run_record import Plan
from skipgram.training.checkpoint import Checkpoints
from skipgram.training.events import (
    MoreThreadsThanCores,
    PresetTaken,
    Report,
    RunDiscarded,
    ScanFinished,
    ScanProgressed,
    VectorsGiven,
    silent,
)
from skipgram.training.history import Trained
from skipgram.training.matrices import subtract_mean
from skipgram.training.trainer import Trainer
from skipgram.warm_start import Vectors, WarmStart, open_warm_start

VERSIONS = {
    **{name: version(name) for name in ("skipgram", "numba", "numpy")},
    "python": platform.python_version(),
}
"""Looked up on import: an incomplete installation must fail before training, not after it."""


class SkipGram:
    """A skip-gram or CBOW model with its options, ready to be fitted.

    The options are either a `TrainConfig` or keyword arguments. Those of `CorpusConfig` go with the
    corpus, in a `Reading`.

    Example:
        >>> embeddings = skipgram.SkipGram(vector_size=50).fit("corpus.txt")
    """

    @lists_options(TrainConfig)
    def __init__(self, config: TrainConfig | None = None, **options: Unpack[ModelOptions]) -> None:
        """Keep and check the options of a training.

        Args:
            config: the options; the defaults of `TrainConfig` if left out.
            options: the options of `TrainConfig`, listed below, instead of a config.

        Raises:
            ConfigError: an option is unknown or out of its range, or both are given.
            WrongTypeError: config is something else.
        """
        if not isinstance(config, TrainConfig | None):
            raise WrongTypeError(
                f"config is {config!r:.80}; it must be a TrainConfig; give options by name, for "
                "example SkipGram(vector_size=50)"
            )
        if config is not None and options:
            raise ConfigError(
                f"a config and {', '.join(options)} are given; give the options either in the "
                "config or as keyword arguments"
            )
        self.config = TrainConfig(**options) if config is None else config

    def fit(
        self,
        corpus: Corpus,
        *,
        initial: Vectors | None = None,
        resume_from: Vectors | None = None,
        freeze: bool = False,
        callbacks: Iterable[AnyCallback] = (),
        progress: ShowProgress = "auto",
        run_directory: str | os.PathLike[str] | RunDirectory | None = None,
        checkpoint: str | int = DEFAULT_INTERVAL,
    ) -> Embeddings:
        """Train on a corpus and return its embeddings.

        Args:
            corpus: what to train on. To choose the column of a table, or how text becomes words,
                wrap the corpus in a `Reading`. A corpus is one of these:

                - a path, glob pattern, directory, URL, or "-" for standard input: text (one
                  sentence a line, words separated by white space), plain or compressed, or a table;
                - several paths or URLs;
                - a directory that `encode` wrote;
                - an iterable of sentences, each a list of strings or of integers; it is read once;
                - an iterable of strings, with one of the options clean, lowercase, nfkc,
                  token_pattern or tokenizer; they are read as the rows of a column are;
                - a matrix of integers, one sentence a row;
                - a column of pandas, polars, Arrow or Hugging Face datasets, with text or lists.
            initial: embeddings, or the path of a model or of vectors in another format. Words of
                the corpus start at these vectors (and output vectors, if there are any); other
                words start at fresh ones. vector_size is that of the given vectors.
            resume_from: a model with output vectors and counts to continue. As `initial`, but all
                words of the model stay in the vocabulary. Words that the corpus does not hold are
                carried over unchanged (but see postprocess), and counts are added. Negatives are
                drawn, and words are subsampled, by their counts in this corpus alone. The model's
                training options are kept unless others are given.
            freeze: keep the given input vectors as they are, bit for bit.
            callbacks: what else happens during the training: `skipgram.callbacks` has some. A
                function is called with each event of `skipgram.training.events`.
            progress: "auto" shows bars if standard error is a terminal, and one display in a
                Jupyter notebook; True also shows plain lines elsewhere; False shows nothing.
            run_directory: a directory for the encoded corpus, checkpoints and a log. If the process
                is interrupted, `resume` continues from there. In the end it holds only the model,
                as run_directory/model, until the next training there ends. While it trains, the
                first SIGINT (Ctrl-C), SIGTERM, SIGHUP or SIGXCPU only writes a checkpoint before it
                is handled as usual. No checkpoints are written by default.
            checkpoint: how often a checkpoint is written: after a time, such as "90s", "10m" or
                "2h", or after a number of words of the text; "off" writes none. Later if writing
                would take more than 4 % of the time.

        Raises:
            OutputError: another process uses the run_directory, or it holds an interrupted training
                that took more than a minute.
            ConfigError: the given vectors have another vector_size, share no word with the corpus,
                or lack what is needed; or progress is none of these values.
            FormatError: the given vectors cannot be read.
            CorpusError: the corpus or the held-out text cannot be read, or has nothing to train on
                or to measure.
            MemoryPlanError: the training does not fit in memory.
            TrainingError: values are no longer finite, or full softmax is worse than guessing.

        Warns:
            SkipgramWarning: part of the corpus was dropped, or a checkpoint or the model could not
                be written to run_directory, and no progress is shown.
        """
        interval = interval_of(checkpoint)
        if run_directory is None and checkpoint != DEFAULT_INTERVAL:
            raise ConfigError(
                f"checkpoint={checkpoint} has no effect without run_directory; set run_directory "
                "too, or leave checkpoint out"
            )
        calls = Callbacks(callbacks)
        warm_start = open_warm_start(initial, resume_from, freeze=freeze)
        source = resolve_corpus(corpus)
        config = resolve_options(self.config, source, warm_start)
        always = warm_start.always if warm_start else None
        with reporting_to(calls, progress) as show, opened_run(run_directory) as run:
            send = run.logging(show) if run else show
            if config.preset != "default":
                send(PresetTaken(config.preset, self._set_by_preset(config)))
            plan = _plan(config, source) if run else None
            if run and plan and (seconds := run.begin(plan)):
                send(RunDiscarded(run.path, seconds))
            kept = run if interval else None  # without checkpoints, nothing else is kept either
            if kept and warm_start:
                kept.save_start(warm_start)
            folder, text_folder = (kept.corpus, kept.held_out) if kept else (None, None)
            with (
                scanned(source, config, send, always, folder=folder) as encoded,
                held_out_text(config, encoded, text_folder) as validation,
            ):
                if kept and plan:
                    given = source.path if isinstance(source, EncodedDirectory) else None
                    kept.record(plan, encoded, warm_start, given, validation)
                checkpoints = kept.checkpoints(interval) if kept and interval else None
                embeddings = train_encoded(
                    encoded, config, send, warm_start, validation, checkpoints
                )
            if run and run is not run_directory:
                run.keep(embeddings, show)
        return calls.end(embeddings)

    def _set_by_preset(self, config: TrainConfig) -> dict[str, Any]:
        """Return the options that have their values from the preset."""
        return {
            name: value
            for name, value in PRESETS[config.preset].items()
            if name not in self.config.given and getattr(config, name) == value
        }


def _plan(config: TrainConfig, source: ResolvedCorpus) -> Plan:
    """Return what will be trained, as far as it is known before the corpus is read."""
    reading = {} if isinstance(source, EncodedDirectory) else source.config.describe()
    options = config.model_dump()
    if "alpha" not in config.model_fields_set:  # the number of words decides, also after resuming
        del options["alpha"]
    return Plan(options, reading, identify(source))


def train_encoded(
    corpus: EncodedCorpus,
    config: TrainConfig,
    report: Report,
    warm_start: WarmStart | None = None,
    validation: EncodedCorpus | None = None,
    checkpoints: Checkpoints | None = None,
) -> Embeddings:
    """Train on an encoded corpus and return its embeddings; arguments as for `Trainer`."""
    vocabulary, start = corpus.vocabulary, None
    if warm_start is None:
        config = config.for_corpus(len(corpus.ids), len(vocabulary))
    else:
        warm_start.check_reading(corpus)
        start = warm_start.match(vocabulary, config)
        known = len(start.words)
        report(VectorsGiven(known, len(vocabulary) - known, start.untrained))
    trained = Trainer(corpus, config, report, start, validation, checkpoints).train()
    training = describe_training(config, corpus, trained)
    embeddings = Embeddings(
        vocabulary.words, trained.input, trained.output, vocabulary.counts, training
    )
    if warm_start and start:
        embeddings = warm_start.complete(embeddings, start)
    if config.postprocess == "mean":
        subtract_mean(embeddings.input)
    return embeddings


def resolve_options(
    config: TrainConfig, corpus: ResolvedCorpus, warm_start: WarmStart | None = None
) -> TrainConfig:
    """Return the options of one training, all decided; code that runs after this reads no others.

    An option has the value that was given; else that of the preset; else what the vectors to start
    from or an encoded corpus say; else its default.

    Raises:
        ConfigError: the options do not go together with the vectors to start from.
        CorpusError: the held-out text does not exist.
        FormatError: the encoded corpus is damaged.
    """
    known = warm_start.options(config.given) if warm_start else {}
    if isinstance(corpus, EncodedDirectory):
        known["min_count"] = min_count_of(corpus.path)
    of_preset = options_of(config.preset, config.given, known)
    required = warm_start.required() if warm_start else {}
    resolved = TrainConfig(**{**known, **of_preset, **required, **config.given})
    if warm_start:
        warm_start.check(resolved)
    if isinstance(resolved.validation, str):  # before a long scan; it is read after that
        resolve_corpus(resolved.validation)
    return resolved


@lists_options(TrainConfig, CorpusConfig)
def train(
    corpus: Corpus,
    *,
    initial: Vectors | None = None,
    resume_from: Vectors | None = None,
    freeze: bool = False,
    callbacks: Iterable[AnyCallback] = (),
    progress: ShowProgress = "auto",
    run_directory: str | os.PathLike[str] | None = None,
    checkpoint: str | int = DEFAULT_INTERVAL,
    **options: Unpack[TrainOptions],
) -> Embeddings:
    """Train word vectors: `SkipGram(TrainConfig(**options)).fit(corpus)`.

    Args:
        corpus: a path, glob pattern, directory or URL of text (one sentence a line) or of a table,
            or several of them; a directory that `encode` wrote; an iterable of sentences, each a
            list of words; or a column of a table in memory. `SkipGram.fit` lists all kinds, and
            documents the next seven arguments.
        initial: vectors to start from.
        resume_from: a model to continue.
        freeze: keep the given input vectors as they are.
        callbacks: what else happens during the training.
        progress: whether to show progress: "auto", True or False.
        run_directory: where to write checkpoints, for `resume`.
        checkpoint: how often to write one.
        options: the options of `TrainConfig` and `CorpusConfig`, listed below.

    Example:
        >>> embeddings = skipgram.train("corpus.txt", vector_size=200)
        >>> embeddings = skipgram.train("reviews.parquet", column="text", lowercase=True)
        >>> embeddings = skipgram.train("more.txt", resume_from=embeddings)
    """
    config, reading = split_options(options)
    model = SkipGram(config)
    return model.fit(
        as_reading(corpus, reading),
        initial=initial,
        resume_from=resume_from,
        freeze=freeze,
        callbacks=callbacks,
        progress=progress,
        run_directory=run_directory,
        checkpoint=checkpoint,
    )


@lists_options(CorpusConfig)
def encode(
    corpus: Corpus,
    directory: str | os.PathLike[str],
    *,
    min_count: int = 5,
    max_vocab: int | None = None,
    threads: int | None = None,
    report: Report = silent,
    progress: ShowProgress = "auto",
    **options: Unpack[CorpusOptions],
) -> bool:
    """Encode a corpus into a directory, which then trains as the corpus does, but without a scan.

    A directory made from the same files with the same options is kept, if no file has changed.

    Args:
        corpus: as for `SkipGram.fit`.
        directory: where to write; an encoded corpus in this place is replaced.
        min_count: as in `TrainConfig`; training may use a larger value, not a smaller one.
        max_vocab: as in `TrainConfig`.
        threads: as in `TrainConfig`.
        report: as for `SkipGram.fit`.
        progress: as for `SkipGram.fit`.
        options: the options of `CorpusConfig`, listed below.

    Returns:
        Whether the corpus was read; False if the directory is kept.

    Raises:
        ConfigError: an option is unknown or out of its range.
        CorpusError: the corpus cannot be read, or has nothing to train on.
        OutputError: the directory cannot be written, or holds something else.
    """
    given: dict[str, Any] = {} if threads is None else {"threads": threads}
    config, reading = split_options(
        {"min_count": min_count, "max_vocab": max_vocab, **given, **options}
    )
    source = as_reading(corpus, reading)
    with reporting_to(report, progress) as send:
        _report_threads(config, send)
        encoded, was_read = write_corpus(
            source,
            directory,
            min_count=config.min_count,
            max_vocab=config.max_vocab,
            threads=config.threads,
            progress=lambda *progress: send(ScanProgressed(*progress)),
        )
        with encoded:
            if was_read:
                send(scan_finished(encoded))
    return was_read


def _report_threads(config: TrainConfig, report: Report) -> None:
    """Report that more threads were asked for than this process has cores."""
    if "threads" in config.given and config.threads > (cores := available_cores()):
        report(MoreThreadsThanCores(config.threads, cores))


def scan_finished(corpus: EncodedCorpus) -> ScanFinished:
    """Return the event that a corpus is read."""
    return ScanFinished(corpus.report, len(corpus.vocabulary), corpus.sentences, corpus.advice)


@contextlib.contextmanager
def scanned(
    corpus: ResolvedCorpus,
    config: TrainConfig,
    report: Report,
    always: Container[str] | None = None,
    *,
    blank_lines: bool = False,
    folder: Path | None = None,
) -> Iterator[EncodedCorpus]:
    """Encode a corpus, yield it, and report the scan.

    Args:
        corpus: a resolved corpus.
        config: resolved options (see `resolve_options`); min_count, max_vocab and threads are used.
        report: as for `SkipGram.fit`.
        always: words that are kept at any count.
        blank_lines: as for `encode_corpus`.
        folder: where the encoded corpus stays; by default, it is temporary.

    Raises:
        CorpusError: the corpus cannot be read, or has nothing to train on.
    """
    _report_threads(config, report)
    choice = WordChoice(config.min_count, config.max_vocab, always, blank_lines=blank_lines)
    encoded = encode_into(
        folder,
        corpus,
        choice,
        threads=config.threads,
        progress=lambda *progress: report(ScanProgressed(*progress)),
    )
    with encoded:
        report(scan_finished(encoded))
        yield encoded


@contextlib.contextmanager
def held_out_text(
    config: TrainConfig, corpus: EncodedCorpus, folder: Path | None = None
) -> Iterator[EncodedCorpus | None]:
    """Yield the held-out text, read as the corpus was; None if validation does not name a file.

    Args:
        config: the options.
        corpus: the corpus, whose words are used.
        folder: where the encoded text stays, or is already; by default, it is temporary.
    """
    if not isinstance(config.validation, str):
        yield None
        return
    if folder and folder.is_dir():
        with open_ids(folder, corpus.vocabulary, corpus.report) as encoded:
            yield encoded
        return
    reading = corpus.reading.model_copy(update={"include": (), "exclude": ()})
    source = resolve_corpus(config.validation, reading)
    choice = WordChoice(vocabulary=corpus.vocabulary)
    with encode_into(folder, source, choice, threads=config.threads) as encoded:
        if not len(encoded.ids):
            raise CorpusError(
                f"none of the {encoded.report.distinct_words:,} distinct words of the held-out "
                f"text is among the {len(corpus.vocabulary):,} words of the vocabulary; give text "
                "whose words are spelled and capitalised like those of the corpus"
            )
        yield encoded


def describe_corpus(config: TrainConfig, corpus: EncodedCorpus) -> dict[str, Any]:
    """Return what `training.json` records of every run: options, versions, and the corpus."""
    return {
        # An encoded corpus without rarer words keeps its own min_count, even if more was asked for.
        "config": {**config.model_dump(), "min_count": corpus.min_count},
        "versions": VERSIONS,
        "reading": corpus.reading.describe(),
        "corpus_fingerprint": corpus.fingerprint,
        "vocabulary_size": len(corpus.vocabulary),
        "raw_words": corpus.report.raw_words,
        **corpus.report.dropped(),
        "retained_words": len(corpus.ids),
        "raw_sentences": corpus.report.raw_sentences,
        "sentences": corpus.sentences,
        "scan_seconds": corpus.report.seconds,
    }


def describe_training(
    config: TrainConfig, corpus: EncodedCorpus, trained: Trained
) -> dict[str, Any]:
    """Return what `training.json` records of a training."""
    return {
        **describe_corpus(config, corpus),
        "effective_words": trained.effective_words,
        "pairs": trained.pairs,
        "compile_seconds": trained.compile_seconds,
        "training_seconds": trained.training_seconds,
        "raw_words_per_second": trained.raw_words / trained.training_seconds,
        "loss": trained.loss,
        "validation_loss": trained.validation_loss,
        "best_epoch": trained.best_epoch,
    }
