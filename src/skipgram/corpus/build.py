"""From a corpus to an `EncodedCorpus`: writes its files and chooses its vocabulary."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from skipgram.config import CorpusConfig
from skipgram.corpus import stored
from skipgram.corpus.advice import advise, advise_sentences
from skipgram.corpus.encoded import EncodedCorpus, ScanReport
from skipgram.corpus.left_out import too_few_words
from skipgram.corpus.scans import (
    DistinctWords,
    EncodedScan,
    IdBlock,
    Progress,
    Scan,
    TextScan,
    Unit,
    scan_source,
)
from skipgram.corpus.sources import (
    Corpus,
    EncodedDirectory,
    encoded_directory,
    resolve_corpus,
)
from skipgram.corpus.unspaced import MOST_LOOKED_AT, advise_on_unspaced, remedy_for_unspaced
from skipgram.encodings import UTF_8
from skipgram.errors import ConfigError, CorpusError, FormatError, OutputError
from skipgram.forks import delaying_forks
from skipgram.io.atomic import replacing_directory
from skipgram.io.directories import CORPUS_DIRECTORY, IDS, OFFSETS, check_directory
from skipgram.io.temporary import TemporaryFolder
from skipgram.kernels.scan import renumber
from skipgram.limits import explain_too_large
from skipgram.vocabulary import Vocabulary, choose_words


def _no_progress(done: int, total: int, unit: Unit) -> None:
    """Report nothing."""


class WordChoice(NamedTuple):
    """What is kept of a corpus: the arguments of `encode_corpus` with these names."""

    min_count: int | None = None
    max_vocab: int | None = None
    always: Container[str] | None = None
    vocabulary: Vocabulary | None = None
    blank_lines: bool = False


def encode_corpus(
    corpus: Corpus,
    *,
    min_count: int | None = None,
    max_vocab: int | None = None,
    threads: int = 1,
    progress: Progress = _no_progress,
    always: Container[str] | None = None,
    vocabulary: Vocabulary | None = None,
    blank_lines: bool = False,
) -> EncodedCorpus:
    """Read a corpus once and encode it into a temporary directory; open an encoded one.

    Args:
        corpus: as for `SkipGram.fit`, or resolved.
        min_count: drop words that occur less often; none by default.
        max_vocab: keep at most this many of the most frequent words; all by default.
        threads: number of threads that scan the text.
        progress: called as the scan advances.
        always: words that are kept however rare they are (see `vocabulary.choose_words`).
        vocabulary: use exactly these words and counts, even if the corpus has none of them.
            min_count, max_vocab and always are then ignored.
        blank_lines: also keep where the lines are in which no word was kept. An encoded corpus has
            none, and neither has one in which a sentence is not a line.

    Raises:
        CorpusError: the corpus does not exist, cannot be read, is not text or has fewer than two
            words to train on, or the directory for temporary files has no room for its ids.
        ConfigError: an encoded corpus lacks the words that the options ask for, or a `Reading`
            has options for its text.
        FormatError: an encoded corpus is damaged.
    """
    choice = WordChoice(min_count, max_vocab, always, vocabulary, blank_lines)
    return encode_into(None, corpus, choice, threads=threads, progress=progress)


def encode_into(
    folder: Path | None,
    corpus: Corpus,
    choice: WordChoice,
    *,
    threads: int = 1,
    progress: Progress = _no_progress,
) -> EncodedCorpus:
    """As `encode_corpus`, but a corpus that is not encoded yet stays in a directory.

    Until the directory is complete, it has no description (see `stored`). With a given vocabulary
    it never has one.

    Args:
        folder: where to write; None for a temporary directory.
        corpus: as for `encode_corpus`.
        choice: which words are kept.
        threads: as for `encode_corpus`.
        progress: as for `encode_corpus`.

    Raises:
        CorpusError, ConfigError, FormatError: as for `encode_corpus`.
        OutputError: the directory cannot be written.
    """
    source = resolve_corpus(corpus)
    if isinstance(source, EncodedDirectory):
        return _choose_again(stored.open_encoded(source.path), choice, progress)
    scan = scan_source(source, threads, progress)
    if folder is None:
        return _build_temporary(scan, source.config, choice)
    with _writing_to(folder.parent):
        folder.mkdir()
    encoded = _build(scan, source.config, choice, folder)
    if choice.vocabulary is None:
        with _writing_to(folder.parent):
            stored.save(encoded, folder, None)
    return encoded


def select(corpus: EncodedCorpus, spans: Sequence[tuple[int, int]]) -> EncodedCorpus:
    """Copy parts of an encoded corpus into a temporary directory.

    Args:
        corpus: the encoded corpus. The copy has its vocabulary, with all its counts.
        spans: the parts, ids[first:last] each; each must end with a sentence.

    Raises:
        CorpusError: the directory for temporary files has no room for them.
    """
    scan = EncodedScan(corpus, _no_progress, spans)
    return _build_temporary(scan, corpus.reading, WordChoice(vocabulary=corpus.vocabulary))


def write_corpus(
    corpus: Corpus,
    directory: str | os.PathLike[str],
    *,
    min_count: int = 1,
    max_vocab: int | None = None,
    threads: int = 1,
    progress: Progress = _no_progress,
) -> tuple[EncodedCorpus, bool]:
    """Read a corpus once and encode it into a directory, completely or not at all.

    If the directory already holds the same files, unchanged since, encoded with the same options,
    nothing is read.

    Args:
        corpus: as for `encode_corpus`.
        directory: where to write; replaced if it holds an encoded corpus.
        min_count: drop words that occur less often.
        max_vocab: keep at most this many of the most frequent words; all by default.
        threads: number of threads that scan the text.
        progress: called as the scan advances.

    Returns:
        The encoded corpus, and whether the corpus was read.

    Raises:
        CorpusError: as for `encode_corpus`; also if the corpus is encoded already.
        OutputError: the directory cannot be written, or holds something else.
    """
    check_directory(directory, CORPUS_DIRECTORY)
    directory = Path(directory).expanduser()
    # Resolving an encoded corpus rejects options for its text, but leaving them out would not help.
    encoded_already = encoded_directory(corpus)
    source = EncodedDirectory(encoded_already) if encoded_already else resolve_corpus(corpus)
    if isinstance(source, EncodedDirectory):
        raise CorpusError(
            f"{source.path} is already encoded; train on it directly, and set min_count or "
            "max_vocab there to keep fewer words"
        )
    made_from = stored.describe(source, min_count, max_vocab)
    if stored.is_made_from(directory, made_from):
        with contextlib.suppress(FormatError):  # encode a damaged corpus again
            return stored.open_encoded(directory), False
    with replacing_directory(directory, 0) as folder:
        scan = scan_source(source, threads, progress)
        with _build(scan, source.config, WordChoice(min_count, max_vocab), folder) as encoded:
            stored.save(encoded, folder, made_from)
    written = stored.open_encoded(directory)
    written.advice = encoded.advice
    return written, True


def choose_given(corpus: EncodedCorpus, vocabulary: Vocabulary) -> EncodedCorpus:
    """Close a corpus and return it with exactly these words and counts, even if it has none."""
    return _choose_again(corpus, WordChoice(vocabulary=vocabulary), _no_progress)


def _choose_again(corpus: EncodedCorpus, choice: WordChoice, progress: Progress) -> EncodedCorpus:
    """Return a corpus with the chosen words: the corpus itself if all of its words are chosen."""
    _check_contained(corpus, choice)
    if _keeps_all(corpus.vocabulary, choice):
        return corpus
    choice = choice._replace(min_count=choice.min_count or corpus.min_count)
    with corpus:
        chosen = _build_temporary(EncodedScan(corpus, progress), corpus.reading, choice)
    before, now = corpus.report, chosen.report
    rare_words = before.rare_words + now.rare_words
    chosen.report = replace(before, rare_words=rare_words, seconds=now.seconds)
    return chosen


def _check_contained(corpus: EncodedCorpus, choice: WordChoice) -> None:
    """Reject limits that ask for words that the encoded corpus has dropped."""
    min_count, max_vocab = choice.min_count, choice.max_vocab
    if min_count is not None and min_count < corpus.min_count:
        raise ConfigError(
            f"min_count is {min_count}, but the corpus was encoded with "
            f"min_count={corpus.min_count} and has no rarer words; "
            f"encode the text again with min_count={min_count}"
        )
    if max_vocab is not None and corpus.max_vocab is not None and max_vocab > corpus.max_vocab:
        raise ConfigError(
            f"max_vocab is {max_vocab}, but the corpus was encoded with "
            f"max_vocab={corpus.max_vocab}; encode the text again with max_vocab={max_vocab}"
        )


def _keeps_all(vocabulary: Vocabulary, choice: WordChoice) -> bool:
    """Whether a choice keeps all words of a vocabulary."""
    return (
        choice.vocabulary is None
        and (choice.min_count is None or vocabulary.counts[-1] >= choice.min_count)
        and (choice.max_vocab is None or choice.max_vocab >= len(vocabulary))
    )


def _build_temporary(scan: Scan, reading: CorpusConfig, choice: WordChoice) -> EncodedCorpus:
    """Encode the corpus of a scan into a temporary directory, which the result owns."""
    with (
        delaying_forks(),
        _writing_to("the temporary directory", is_temporary=True),
    ):  # tempfile has a lock
        directory = TemporaryFolder()
    try:
        return _build(scan, reading, choice, Path(directory.name), directory)
    except BaseException:
        directory.cleanup()
        raise


def _build(
    scan: Scan,
    reading: CorpusConfig,
    choice: WordChoice,
    folder: Path,
    temporary: TemporaryFolder | None = None,
) -> EncodedCorpus:
    """Encode the corpus of a scan into a folder; if that is temporary, the result owns it."""
    started = time.perf_counter()
    is_temporary = temporary is not None
    # The folder of a corpus that stays may still have the name of an unfinished one.
    place = folder if is_temporary else folder.parent
    file = IdBlockFile(folder)
    raw_words, raw_sentences = file.write(scan.blocks(), place, is_temporary=is_temporary)
    words = scan.distinct_words()
    found = ScanReport(
        raw_words=raw_words,
        rare_words=0,
        undecodable_words=words.undecodable,
        distinct_words=int(np.count_nonzero(words.counts)),
        bytes_read=scan.bytes_read,
        seconds=0,
        stop_words=words.stopped,
        raw_sentences=raw_sentences,
        encoding=reading.encoding,
        encoding_remedy=words.encoding_remedy,
        **asdict(scan.dropped),
    )
    vocabulary, final = _choose_vocabulary(words, choice, found, reading)
    with _writing_to(place, is_temporary=is_temporary):
        fingerprint, blank_lines = _renumber(file, words, final, vocabulary)
    kept = int(words.counts[final >= 0].sum())
    report = replace(
        found,
        rare_words=raw_words - words.undecodable - words.stopped - kept,
        seconds=time.perf_counter() - started,
    )
    encoded = EncodedCorpus(
        folder,
        vocabulary,
        report,
        fingerprint,
        min_count=choice.min_count or 1,
        max_vocab=choice.max_vocab,
        reading=reading,
        temporary=temporary,
    )
    if choice.blank_lines and reading.sentence_per == "line" and reading.group_by is None:
        encoded.blank_lines = blank_lines
    if report.better_encoding == UTF_8:  # advice on misread words would be wrong
        return encoded
    if isinstance(scan, TextScan):
        encoded.advice = advise_on_unspaced(_first_words(words), reading)
    if not isinstance(scan, EncodedScan):
        encoded.advice = encoded.advice or advise_sentences(encoded.offsets, vocabulary, reading)
    if isinstance(scan, TextScan):
        encoded.advice = encoded.advice or advise(vocabulary, reading)
    return encoded


def _first_words(words: DistinctWords) -> Vocabulary:
    """Return the first different words of a corpus, and how often they occur in all of it."""
    first = np.flatnonzero(words.counts)[:MOST_LOOKED_AT]
    return Vocabulary(words.spellings.texts(first), words.counts[first])


def _choose_vocabulary(
    words: DistinctWords, choice: WordChoice, found: ScanReport, reading: CorpusConfig
) -> tuple[Vocabulary, NDArray[np.int32]]:
    """Return the vocabulary, and the final id of each distinct word, -1 for words to drop."""
    final = np.full(len(words.counts), -1, np.int32)
    if choice.vocabulary is not None:
        ids = {word: number for number, word in enumerate(choice.vocabulary.words)}
        present = np.flatnonzero(words.counts)
        final[present] = [ids.get(word, -1) for word in words.spellings.texts(present)]
        return choice.vocabulary, final
    min_count = choice.min_count or 1
    chosen = choose_words(words.counts, words.spellings, min_count, choice.max_vocab, choice.always)
    if len(chosen) < 2:
        remedy = remedy_for_unspaced(_first_words(words), reading)
        raise CorpusError(too_few_words(words.counts, min_count, found, reading, remedy))
    final[chosen] = np.arange(len(chosen), dtype=np.int32)
    return Vocabulary(words.spellings.texts(chosen), words.counts[chosen]), final


@contextlib.contextmanager
def _writing_to(place: Path | str, *, is_temporary: bool = False) -> Iterator[None]:
    """Explain a failure to write the encoded corpus.

    Use it only around writes to `place`: errors in reading the user's corpus must pass through.
    """
    try:
        yield
    except OSError as error:
        if too_large := explain_too_large(error):
            kind = CorpusError if is_temporary else OutputError
            raise kind(f"cannot write the encoded corpus to {place}: {too_large}") from error
        reason = error.strerror or error
        if not is_temporary:
            raise OutputError(
                f"cannot write the encoded corpus to {place}: {reason}; free some space there, or "
                "choose another output"
            ) from error
        raise CorpusError(
            f"cannot write the encoded corpus to {place}: {reason}; set the environment variable "
            "TMPDIR to a writable directory with enough space"
        ) from error


class IdBlockFile:
    """The id blocks of a scan: written to files in a directory, then read in the same order."""

    def __init__(self, directory: Path) -> None:
        self.ids_path = directory / IDS
        self.ends_path = directory / "ends.int64"
        self._sizes: list[tuple[int, int, int]] = []

    def write(
        self, blocks: Iterable[IdBlock], place: Path, *, is_temporary: bool
    ) -> tuple[int, int]:
        """Write all blocks; return how many ids and sentences; the rest is for `_writing_to`."""
        total = last = 0
        sentences = 0
        with self.ids_path.open("wb") as ids, self.ends_path.open("wb") as ends:
            for block in blocks:
                with _writing_to(place, is_temporary=is_temporary):
                    ids.write(block.ids.data)
                    ends.write(block.ends.data)
                self._sizes.append((block.table, len(block.ids), len(block.ends)))
                borders = np.append(last, block.ends + total)
                sentences += int(np.count_nonzero(borders[1:] > borders[:-1]))
                last = int(borders[-1])
                total += len(block.ids)
        return total, sentences + (last < total)

    def read(self) -> Iterator[IdBlock]:
        """Yield the blocks again."""
        with self.ids_path.open("rb") as ids, self.ends_path.open("rb") as ends:
            for table, n_ids, n_ends in self._sizes:
                block_ids = np.fromfile(ids, np.int32, n_ids)
                yield IdBlock(table, block_ids, np.fromfile(ends, np.int64, n_ends))


def _renumber(
    file: IdBlockFile, words: DistinctWords, final: NDArray[np.int32], vocabulary: Vocabulary
) -> tuple[str, NDArray[np.int64]]:
    """Replace provisional ids by final ones in the file, drop those that are -1, write the offsets.

    Returns:
        The fingerprint, a digest of words, ids and offsets, the same however the text was cut; and
        the number of final ids before each line in which none is left.
    """
    final_of_table = [final[new_ids] for new_ids in words.new_ids]
    id_digest = hashlib.sha256()
    offset_digest = hashlib.sha256("\n".join(vocabulary.words).encode())
    total = last = 0
    blank: list[NDArray[np.int64]] = []
    # Never more ids are written than were read, so writing does not overtake reading in the file.
    with (
        file.ids_path.open("r+b") as ids_out,
        file.ids_path.with_name(OFFSETS).open("wb") as offsets_out,
    ):

        def write_offsets(offsets: NDArray[np.int64]) -> None:
            offsets_out.write(offsets.data)
            offset_digest.update(offsets.data)

        write_offsets(np.zeros(1, np.int64))
        for block in file.read():
            kept = renumber(block.ids, final_of_table[block.table], block.ends)
            ends = block.ends + total
            is_new = ends > np.concatenate([[last], ends[:-1]])
            borders = ends[is_new]
            blank.append(ends[~is_new])
            ids_out.write(block.ids[:kept].data)
            id_digest.update(block.ids[:kept].data)
            write_offsets(borders)
            last = int(borders[-1]) if len(borders) else last
            total += kept
        ids_out.truncate()
        if last < total:
            write_offsets(np.array([total], np.int64))
    file.ends_path.unlink()
    offset_digest.update(id_digest.digest())
    return offset_digest.hexdigest(), np.concatenate([np.zeros(0, np.int64), *blank])
