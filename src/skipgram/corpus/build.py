"""From whatever the user hands over to an `EncodedCorpus`: its files, and the choice of the vocabulary."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import time
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from skipgram.config import CorpusConfig
from skipgram.corpus import stored
from skipgram.corpus.encoded import EncodedCorpus, ScanReport
from skipgram.corpus.scans import EncodedScan, Part, Progress, Scan, Words, scan_source
from skipgram.corpus.sources import Corpus, Reading, as_reading, open_source
from skipgram.errors import ConfigError, CorpusError, FormatError, OutputError
from skipgram.io.atomic import replacing_directory
from skipgram.io.directories import CORPUS, IDS, OFFSETS, check_directory, is_encoded
from skipgram.kernels.scan import renumber
from skipgram.vocabulary import Vocabulary, choose_words


def _no_progress(done: int, total: int) -> None:
    """Tell nobody."""


class PartFile:
    """The parts of a scan, written one behind the other into a directory and read back in the same order."""

    def __init__(self, directory: Path) -> None:
        self.ids_path = directory / IDS
        self.ends_path = directory / "ends.int64"
        self._sizes: list[tuple[int, int, int]] = []

    def write(self, parts: Iterable[Part], *, kept: bool) -> int:
        """Write all parts, into a directory that is kept or temporary; return the number of ids."""
        with self.ids_path.open("wb") as ids, self.ends_path.open("wb") as ends:
            for part in parts:
                with _explained(self.ids_path.parent, kept=kept):
                    ids.write(part.ids.data)
                    ends.write(part.ends.data)
                self._sizes.append((part.table, len(part.ids), len(part.ends)))
        return sum(n for _, n, _ in self._sizes)

    def read(self) -> Iterator[Part]:
        """Yield the parts again."""
        with self.ids_path.open("rb") as ids, self.ends_path.open("rb") as ends:
            for table, n, m in self._sizes:
                yield Part(table, np.fromfile(ids, np.int32, n), np.fromfile(ends, np.int64, m))


def encode_corpus(
    corpus: Corpus,
    *,
    min_count: int | None = None,
    max_vocab: int | None = None,
    threads: int = 1,
    progress: Progress = _no_progress,
    always: Container[str] | None = None,
    vocabulary: Vocabulary | None = None,
) -> EncodedCorpus:
    """Read a corpus once and encode it into a temporary directory; one that is encoded already is taken as it is.

    Args:
        corpus: what `SkipGram.fit` takes; a generator may be used up, it is read once.
        min_count: words that occur less often are dropped; none by default.
        max_vocab: keep only so many of the most frequent words; all by default.
        threads: how many threads scan the text.
        progress: told how far the scan is.
        always: words that are kept however rare they are (see `vocabulary.choose_words`).
        vocabulary: exactly these words, with these counts; the corpus may hold none of them. min_count, max_vocab and always
            are then not read.

    Raises:
        CorpusError: nothing there, not readable, not text, no two words left to train on, or no room for the ids in the
            directory for temporary files.
        ConfigError: an encoded corpus is asked for words that it does not hold, or to be read otherwise.
    """
    reading = as_reading(corpus, CorpusConfig())
    path = encoded_directory(corpus)
    if path is not None:
        choice = _Choice(min_count, max_vocab, always, vocabulary)
        return _choose_again(stored.open_encoded(path), choice, reading.config, progress)
    scan = scan_source(open_source(reading), threads, progress)
    directory = _temporary_directory()
    try:
        choice = _Choice(min_count, max_vocab, always, vocabulary)
        return _build(scan, reading.config, choice, Path(directory.name), directory)
    except BaseException:
        directory.cleanup()
        raise


def select(corpus: EncodedCorpus, parts: Sequence[tuple[int, int]]) -> EncodedCorpus:
    """Copy parts of an encoded corpus, ids[first:last] that end with a sentence, into a temporary directory.

    The vocabulary, and with it all counts, is that of the whole corpus. Errors as for `encode_corpus`.
    """
    directory = _temporary_directory()
    try:
        scan, choice = (
            EncodedScan(corpus, _no_progress, parts),
            _Choice(None, None, vocabulary=corpus.vocabulary),
        )
        return _build(scan, corpus.reading, choice, Path(directory.name), directory)
    except BaseException:
        directory.cleanup()
        raise


def encoded_directory(corpus: Corpus) -> str | os.PathLike[str] | None:
    """Return the directory of an encoded corpus, if that is what is given."""
    given = corpus.corpus if isinstance(corpus, Reading) else corpus
    if isinstance(given, list | tuple) and len(given) == 1:
        given = given[0]
    return given if isinstance(given, str | os.PathLike) and is_encoded(given) else None


def write_corpus(
    corpus: Corpus,
    directory: str | os.PathLike[str],
    *,
    min_count: int = 1,
    max_vocab: int | None = None,
    threads: int = 1,
    progress: Progress = _no_progress,
) -> tuple[EncodedCorpus, bool]:
    """Read a corpus once and encode it into a directory, whole or not at all; return it, and whether the corpus was read.

    Where the same files, unchanged since, are encoded there already with the same options, nothing is read. Arguments and
    errors as for `encode_corpus`, and:

    Raises:
        OutputError: the directory cannot be written, or holds something else.
    """
    check_directory(directory, CORPUS)
    reading = as_reading(corpus, CorpusConfig())
    if encoded_directory(reading) is not None:
        raise CorpusError(
            "this corpus is encoded already; train it, where min_count and max_vocab can leave fewer of its words"
        )
    made_from = stored.describe(reading, min_count, max_vocab)
    if stored.is_made_from(directory, made_from):
        with contextlib.suppress(FormatError):  # what is damaged is made anew
            return stored.open_encoded(directory), False
    with replacing_directory(directory, 0) as folder:
        scan = scan_source(open_source(reading), threads, progress)
        with _build(scan, reading.config, _Choice(min_count, max_vocab), folder) as encoded:
            stored.save(encoded, folder, made_from)
    return stored.open_encoded(directory), True


def choose_given(corpus: EncodedCorpus, vocabulary: Vocabulary) -> EncodedCorpus:
    """Return an encoded corpus, which is closed, with exactly these words and counts; it may hold none of them."""
    return _choose_again(
        corpus, _Choice(None, None, None, vocabulary), CorpusConfig(), _no_progress
    )


class _Choice(NamedTuple):
    """Which words stay; see `encode_corpus`."""

    min_count: int | None
    max_vocab: int | None
    always: Container[str] | None = None
    vocabulary: Vocabulary | None = None


def _choose_again(
    corpus: EncodedCorpus, choice: _Choice, config: CorpusConfig, progress: Progress
) -> EncodedCorpus:
    """Return an encoded corpus with what the options leave of its words: itself, if they leave all."""
    if config.model_fields_set:
        name = min(config.model_fields_set)
        raise ConfigError(
            f"{name} has no effect on a corpus that is encoded already; leave it out, or encode the text again"
        )
    min_count, max_vocab, _, given = choice
    if min_count is not None and min_count < corpus.min_count:
        raise ConfigError(
            f"min_count={min_count} is not possible: the corpus was encoded with min_count={corpus.min_count}, rarer words are "
            f"not in it; encode the text again with min_count={min_count}"
        )
    if max_vocab is not None and corpus.max_vocab is not None and max_vocab > corpus.max_vocab:
        raise ConfigError(
            f"max_vocab={max_vocab} is not possible: the corpus was encoded with max_vocab={corpus.max_vocab}; encode the text "
            "again"
        )
    counts = corpus.vocabulary.counts
    if (
        given is None
        and (min_count is None or counts[-1] >= min_count)
        and (max_vocab is None or max_vocab >= len(counts))
    ):
        return corpus
    directory = _temporary_directory()
    try:
        with corpus:
            scan, choice = (
                EncodedScan(corpus, progress),
                choice._replace(min_count=min_count or corpus.min_count),
            )
            chosen = _build(scan, corpus.reading, choice, Path(directory.name), directory)
    except BaseException:
        directory.cleanup()
        raise
    before, now = corpus.report, chosen.report
    chosen.report = replace(
        before, rare_words=before.rare_words + now.rare_words, seconds=now.seconds
    )
    return chosen


def _build(
    scan: Scan,
    config: CorpusConfig,
    choice: _Choice,
    folder: Path,
    owned: tempfile.TemporaryDirectory[str] | None = None,
) -> EncodedCorpus:
    """Encode what a scan reads in a folder; if that is temporary, the corpus owns it."""
    started = time.perf_counter()
    parts, min_count = PartFile(folder), choice.min_count or 1
    raw_words = parts.write(scan.parts(), kept=owned is None)
    words = scan.words()
    final = np.full(len(words.counts), -1, np.int32)
    if choice.vocabulary is None:
        chosen = choose_words(
            words.counts,
            words.spellings,
            min_count,
            choice.max_vocab,
            words.undecodable,
            choice.always,
        )
        final[chosen] = np.arange(len(chosen), dtype=np.int32)
        vocabulary = Vocabulary(words.spellings.texts(chosen), words.counts[chosen])
    else:
        vocabulary = choice.vocabulary
        ids = {word: number for number, word in enumerate(vocabulary.words)}
        there = np.flatnonzero(words.counts)
        final[there] = [ids.get(word, -1) for word in words.spellings.texts(there)]
    with _explained(folder, kept=owned is None):
        offsets_path, fingerprint = _renumber(parts, words, final, vocabulary)
    report = ScanReport(
        raw_words=raw_words,
        rare_words=raw_words - words.undecodable - int(words.counts[final >= 0].sum()),
        undecodable_words=words.undecodable,
        distinct_words=int(np.count_nonzero(words.counts)),
        bytes_read=scan.bytes_read,
        seconds=time.perf_counter() - started,
    )
    return EncodedCorpus(
        parts.ids_path,
        offsets_path,
        vocabulary,
        report,
        fingerprint,
        min_count,
        choice.max_vocab,
        config,
        owned,
    )


@contextlib.contextmanager
def _explained(place: Path | str, *, kept: bool) -> Iterator[None]:
    """Say what to do where the encoded corpus cannot be written; only around its own writes, not around the user's reads."""
    try:
        yield
    except OSError as error:
        if kept:
            raise OutputError(
                f"the encoded corpus cannot be written: {error.strerror or error}; make room or give another place"
            ) from error
        raise CorpusError(
            f"the encoded corpus cannot be written to {place}: {error.strerror or error}; "
            "name a place with more room in the environment variable TMPDIR"
        ) from error


def _temporary_directory() -> tempfile.TemporaryDirectory[str]:
    with _explained("the directory for temporary files", kept=False):
        # Where files that are still mapped cannot be removed (Windows), what is left is no reason to lose a training.
        return tempfile.TemporaryDirectory(prefix="skipgram-", ignore_cleanup_errors=True)


def _renumber(
    parts: PartFile, words: Words, final: NDArray[np.int32], vocabulary: Vocabulary
) -> tuple[Path, str]:
    """Replace the provisional ids in the file by final ones, -1 for words that go, and write the sentence offsets.

    Returns:
        The path of the offsets, and the corpus's fingerprint: a digest of words, ids and offsets, the same however it was cut.
    """
    final_of_table = [final[new_ids] for new_ids in words.new_ids]
    offsets_path = parts.ends_path.with_name(OFFSETS)
    id_digest, offset_digest = (
        hashlib.sha256(),
        hashlib.sha256("\n".join(vocabulary.words).encode()),
    )
    total = last = 0
    # The ids that stay are never more than those read so far, so they overtake nothing in the same file.
    with parts.ids_path.open("r+b") as ids_out, offsets_path.open("wb") as offsets_out:

        def write_offsets(offsets: NDArray[np.int64]) -> None:
            offsets_out.write(offsets.data)
            offset_digest.update(offsets.data)

        write_offsets(np.zeros(1, np.int64))
        for part in parts.read():
            left = renumber(part.ids, final_of_table[part.table], part.ends)
            borders = np.unique(part.ends + total)
            borders = borders[borders > last]
            ids_out.write(part.ids[:left].data)
            id_digest.update(part.ids[:left].data)
            write_offsets(borders)
            last = int(borders[-1]) if len(borders) else last
            total += left
        ids_out.truncate()
        if last < total:
            write_offsets(np.array([total], np.int64))
    parts.ends_path.unlink()
    offset_digest.update(id_digest.digest())
    return offsets_path, offset_digest.hexdigest()
