"""From a corpus to embeddings: the two ways to say it in Python."""

from __future__ import annotations

import contextlib
import os
import platform
from collections.abc import Container, Iterator
from importlib.metadata import version
from typing import Any

from skipgram.config import CorpusConfig, TrainConfig, split_options
from skipgram.corpus.build import encode_corpus, write_corpus
from skipgram.corpus.encoded import EncodedCorpus
from skipgram.corpus.sources import Corpus, EncodedDirectory, as_reading, resolve
from skipgram.embeddings import Embeddings
from skipgram.errors import CorpusError
from skipgram.training.events import Report, ScanFinished, ScanProgressed, VectorsGiven, silent
from skipgram.training.trainer import Trained, Trainer
from skipgram.warm_start import Vectors, open_given

VERSIONS = {
    **{name: version(name) for name in ("skipgram", "numba", "numpy")},
    "python": platform.python_version(),
}
"""Looked up before any work: an installation without them must not cost a training."""


class SkipGram:
    """Skip-gram (or CBOW) with the objective and optimizer of its options, ready to be fitted.

    Args:
        config: the options; those of `TrainConfig` by default.
    """

    def __init__(self, config: TrainConfig | None = None) -> None:
        self.config = config or TrainConfig()

    def fit(
        self,
        corpus: Corpus,
        *,
        initial: Vectors | None = None,
        resume_from: Vectors | None = None,
        freeze: bool = False,
        report: Report = silent,
    ) -> Embeddings:
        """Train on a corpus and return its embeddings.

        Args:
            corpus: one of these, or a `Reading` of it, which says which column is read and how text becomes words:
                a path, a glob pattern, a directory, a URL, or "-" for standard input: text (a sentence a line, words between
                white space), plain or compressed, or a table; several paths or URLs; a directory that `encode` wrote;
                an iterable of sentences, each a list of strings or of integers, read once; a matrix of integers, a sentence
                a row; a column of pandas, polars, Arrow or Hugging Face datasets, with text or lists.
            initial: embeddings, or the path of a model or a word2vec file, whose vectors the words of the corpus begin at
                (output vectors too, where there are some); words without begin at fresh ones. vector_size is that of the
                vectors.
            resume_from: a model with output vectors and counts to go on with. It is as `initial`, but the words of the model
                stay whatever their count in the corpus, and the result also holds those that the corpus does not, as they
                were; counts are added. Negatives are drawn, and words subsampled, by their counts in this corpus alone.
            freeze: leave the input vectors of the words that were given bit for bit as they are.
            report: called with the events of `skipgram.training.events` as they happen.

        Raises:
            ConfigError: the given vectors have another vector_size, no word of the corpus, or lack what is needed.
            FormatError: they cannot be read.
            CorpusError: the corpus or the held-out text cannot be read, or holds nothing to train on or to measure.
            MemoryPlanError: the training does not fit in memory.
            TrainingError: the numbers are no longer finite, or full softmax is worse than guessing.
        """
        given = open_given(initial, resume_from, freeze, self.config)
        config, always = (given.config, given.always) if given else (self.config, None)
        with (
            scanned(corpus, config, report, always) as encoded,
            _held_out(config, encoded) as validation,
        ):
            vocabulary, start = encoded.vocabulary, None
            if given:
                given.check_reading(encoded)
                start = given.match(vocabulary)
                known = len(start.words)
                report(VectorsGiven(known, len(vocabulary) - known, start.besides))
            trained = Trainer(encoded, config, report, start, validation).train()
            training = describe_training(config, encoded, trained)
        embeddings = Embeddings(
            vocabulary.words, trained.input, trained.output, vocabulary.counts, training
        )
        return given.complete(embeddings, start) if given and start else embeddings


def train(
    corpus: Corpus,
    *,
    initial: Vectors | None = None,
    resume_from: Vectors | None = None,
    freeze: bool = False,
    report: Report = silent,
    **options: Any,
) -> Embeddings:
    """Train word vectors: `SkipGram(TrainConfig(**options)).fit(corpus)`.

    Args:
        corpus: as for `SkipGram.fit`, as are initial, resume_from, freeze and report.
        initial: vectors to begin at.
        resume_from: a model to go on with.
        freeze: leave the given input vectors as they are.
        report: called with events.
        options: those of `TrainConfig` and of `CorpusConfig`.

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
        report=report,
    )


def encode(
    corpus: Corpus,
    directory: str | os.PathLike[str],
    *,
    min_count: int = 5,
    max_vocab: int | None = None,
    threads: int | None = None,
    report: Report = silent,
    **options: Any,
) -> bool:
    """Encode a corpus into a directory that trains as the corpus itself does, without a scan.

    What is there already is left, if it was made from the same files, unchanged since, with the same options.

    Returns:
        Whether the corpus was read; False if what was there is left.

    Args:
        corpus: as for `SkipGram.fit`.
        directory: where to; it is replaced if it holds an encoded corpus.
        min_count: as in `TrainConfig`; training can ask for more, not for less.
        max_vocab: as in `TrainConfig`.
        threads: as in `TrainConfig`.
        report: as for `SkipGram.fit`.
        options: those of `CorpusConfig`.

    Raises:
        ConfigError: an option is unknown or out of its range.
        CorpusError: the corpus cannot be read, or holds nothing to train on.
        OutputError: the directory cannot be written, or holds something else.
    """
    several: dict[str, Any] = {} if threads is None else {"threads": threads}
    config = TrainConfig(min_count=min_count, max_vocab=max_vocab, **several)
    encoded, anew = write_corpus(
        as_reading(corpus, CorpusConfig(**options)),
        directory,
        min_count=config.min_count,
        max_vocab=config.max_vocab,
        threads=config.threads,
        progress=lambda done, total: report(ScanProgressed(done, total)),
    )
    with encoded:
        if anew:
            report(ScanFinished(encoded.report, len(encoded.vocabulary), encoded.sentences))
    return anew


@contextlib.contextmanager
def scanned(
    corpus: Corpus, config: TrainConfig, report: Report, always: Container[str] | None = None
) -> Iterator[EncodedCorpus]:
    """Yield the encoded corpus, and report the scan.

    Args:
        corpus: as for `SkipGram.fit`.
        config: its min_count, max_vocab and threads count.
        report: as for `SkipGram.fit`.
        always: words that are kept however rare they are.

    Raises:
        CorpusError: the corpus cannot be read, or holds nothing to train on.
    """
    source = resolve(corpus)
    stored = isinstance(source, EncodedDirectory)
    encoded = encode_corpus(
        source,
        min_count=config.given.get("min_count") if stored else config.min_count,
        max_vocab=config.max_vocab,
        threads=config.threads,
        progress=lambda done, total: report(ScanProgressed(done, total)),
        always=always,
    )
    with encoded:
        report(ScanFinished(encoded.report, len(encoded.vocabulary), encoded.sentences))
        yield encoded


@contextlib.contextmanager
def _held_out(config: TrainConfig, corpus: EncodedCorpus) -> Iterator[EncodedCorpus | None]:
    """Yield the text of the file whose loss is measured, read as the corpus was; None where no file is given."""
    if not isinstance(config.validation, str):
        yield None
        return
    given = resolve(config.validation, corpus.reading)
    with encode_corpus(given, threads=config.threads, vocabulary=corpus.vocabulary) as encoded:
        if not len(encoded.ids):
            raise CorpusError(
                f"none of the {encoded.report.distinct_words:,} different words of the held-out text is among the "
                f"{len(corpus.vocabulary):,} of the vocabulary; give text whose words are spelled and capitalised like those "
                "of the corpus"
            )
        yield encoded


def describe_corpus(config: TrainConfig, corpus: EncodedCorpus) -> dict[str, Any]:
    """Return what `training.json` keeps of every run: options, versions, and what corpus it was."""
    return {
        "config": {**config.model_dump(), "min_count": corpus.min_count},
        "versions": VERSIONS,
        "reading": corpus.reading.describe(),
        "corpus_fingerprint": corpus.fingerprint,
        "vocabulary_size": len(corpus.vocabulary),
        "raw_words": corpus.report.raw_words,
        "rare_words": corpus.report.rare_words,
        "undecodable_words": corpus.report.undecodable_words,
        "retained_words": len(corpus.ids),
        "sentences": corpus.sentences,
        "scan_seconds": corpus.report.seconds,
    }


def describe_training(
    config: TrainConfig, corpus: EncodedCorpus, trained: Trained
) -> dict[str, Any]:
    """Return what `training.json` keeps of a training."""
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
