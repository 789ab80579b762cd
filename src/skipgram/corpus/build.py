"""From whatever the user hands over to an `EncodedCorpus`: the scan's threads, its files, and the choice of the vocabulary."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
import tempfile
import time
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skipgram.corpus import encode
from skipgram.corpus.encoded import EncodedCorpus, ScanReport
from skipgram.corpus.sources import BLOCK_BYTES, check_files, read_blocks
from skipgram.errors import CorpusError
from skipgram.threads import borrowed, map_ahead
from skipgram.vocabulary import Vocabulary, choose_words

Location = str | os.PathLike[str]
Corpus = Location | Iterable[os.PathLike[str]] | Iterable[Sequence[str]]
"""A path, several paths, or sentences as lists of tokens."""

Progress = Callable[[int, int], None]
"""Called with (done, total): bytes of text, total 0 where it is unknown (a pipe); for token lists words, total 0."""

TOKENS_IN_A_PART = 1 << 18


def _no_progress(done: int, total: int) -> None:
    """Tell nobody."""


class Part(NamedTuple):
    """Provisional ids in the order of the text: by which table, and how many ids stand before each sentence end."""

    table: int
    ids: NDArray[np.int32]
    ends: NDArray[np.int64]


class Words(NamedTuple):
    """The different words of a corpus.

    counts (W,) int64 is 0 for what is not UTF-8 and so cannot be kept; `spelling` gives a word's bytes; new_ids[t][i] is the
    number among the W of word i of table t.
    """

    counts: NDArray[np.int64]
    spelling: Callable[[int], bytes]
    new_ids: list[NDArray[np.int64]]
    undecodable: int


class PartFile:
    """The parts of a scan, written one behind the other into a directory and read back in the same order."""

    def __init__(self, directory: Path) -> None:
        self.ids_path = directory / "ids.int32"
        self.ends_path = directory / "ends.int64"
        self._sizes: list[tuple[int, int, int]] = []

    def write(self, parts: Iterable[Part]) -> int:
        """Write all parts; return the number of ids."""
        with self.ids_path.open("wb") as ids, self.ends_path.open("wb") as ends:
            for part in parts:
                with _explained(str(self.ids_path.parent)):
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
    min_count: int = 1,
    max_vocab: int | None = None,
    threads: int = 1,
    progress: Progress = _no_progress,
) -> EncodedCorpus:
    """Read a corpus once and encode it.

    Args:
        corpus: the path of a text file (a sentence a line, words between white space), several paths, or an iterable of
            sentences, each a list of tokens; a generator may be used up, it is read once.
        min_count: words that occur less often are dropped.
        max_vocab: keep only so many of the most frequent words.
        threads: how many threads scan the text.
        progress: told how far the scan is.

    Raises:
        CorpusError: nothing there, not readable, not text, no two words left to train on, or no room for the ids in the
            directory for temporary files.
    """
    started = time.perf_counter()
    scan = _open(corpus, threads, progress)
    directory = _temporary_directory()
    try:
        parts = PartFile(Path(directory.name))
        raw_words = parts.write(scan.parts())
        words = scan.words()
        chosen = choose_words(words.counts, words.spelling, min_count, max_vocab, words.undecodable)
        counts = words.counts[chosen]
        vocabulary = Vocabulary([words.spelling(word).decode() for word in chosen.tolist()], counts)
        with _explained(directory.name):
            offsets_path, fingerprint = _renumber(parts, words, chosen, vocabulary)
        report = ScanReport(
            raw_words=raw_words,
            rare_words=raw_words - words.undecodable - int(counts.sum()),
            undecodable_words=words.undecodable,
            distinct_words=int(np.count_nonzero(words.counts)),
            bytes_read=scan.bytes_read,
            seconds=time.perf_counter() - started,
        )
        return EncodedCorpus(parts.ids_path, offsets_path, vocabulary, report, fingerprint, directory)
    except BaseException:
        directory.cleanup()
        raise


@contextlib.contextmanager
def _explained(place: str) -> Iterator[None]:
    """Say what to do where the encoded corpus cannot be written; only around its own writes, not around the user's reads."""
    try:
        yield
    except OSError as error:
        raise CorpusError(
            f"the encoded corpus cannot be written to {place}: {error.strerror or error}; "
            "name a place with more room in the environment variable TMPDIR"
        ) from error


def _temporary_directory() -> tempfile.TemporaryDirectory[str]:
    with _explained("the directory for temporary files"):
        # Where files that are still mapped cannot be removed (Windows), what is left is no reason to lose a training.
        return tempfile.TemporaryDirectory(prefix="skipgram-", ignore_cleanup_errors=True)


def _open(corpus: Corpus, threads: int, progress: Progress) -> TextScan | TokenScan:
    """Tell paths from sentences; nothing of an iterable is lost, though it may be readable only once."""
    if isinstance(corpus, str | os.PathLike):
        return TextScan([Path(corpus)], threads, progress)
    if isinstance(corpus, bytes) or not isinstance(corpus, Iterable):
        raise CorpusError(f"a corpus is a path, several paths or an iterable of token lists, not {type(corpus).__name__}")
    items: Iterator[Any] = iter(corpus)
    first = next(items, None)
    if first is None:
        raise CorpusError("the corpus holds no sentences; a generator that was read before is used up")
    items = itertools.chain([first], items)
    if isinstance(first, os.PathLike):
        paths = list(items)
        wrong = next((path for path in paths if not isinstance(path, os.PathLike)), None)
        if wrong is not None:
            raise CorpusError(
                f"a corpus of paths holds {wrong!r}, which is no pathlib.Path; give paths only, or sentences only"
            )
        return TextScan([Path(path) for path in paths], threads, progress)
    return TokenScan(items, progress)


class TextScan:
    """The native scan of text files, in parallel."""

    def __init__(self, paths: Sequence[Path], threads: int, progress: Progress) -> None:
        self.bytes_read = check_files(paths)
        self._paths = paths
        self._threads = threads
        self._progress = progress
        if self.bytes_read:  # of a pipe the size is not known
            self._threads = min(threads, self.bytes_read // BLOCK_BYTES + 1)
        self._tables = [encode.make_table() for _ in range(self._threads)]
        self._idle: SimpleQueue[int] = SimpleQueue()
        for table in range(self._threads):
            self._idle.put(table)

    def parts(self) -> Iterator[Part]:
        """Scan all blocks; yield their ids in the order of the text."""
        done, total = 0, self.bytes_read
        for part, size in map_ahead(self._scan, read_blocks(self._paths), self._threads):
            yield part
            done += size
            self._progress(min(done, total) if total else done, total)
        self.bytes_read = total or done - len(self._paths)  # each file ends with a line end that is added

    def _scan(self, block: bytes) -> tuple[Part, int]:
        text = np.frombuffer(block, np.uint8)
        ids, ends = np.empty(len(text) // 2 + 1, np.int32), np.empty(block.count(b"\n"), np.int64)
        state = np.zeros(3, np.int64)
        with borrowed(self._idle) as number:
            while True:
                encode.scan(text, self._tables[number], ids, ends, state)
                if state[encode.POSITION] == len(text):
                    break
                self._tables[number] = encode.grow(self._tables[number], 1, encode.next_word_length(block, state))
        return Part(number, ids[: state[encode.IDS]], ends[: state[encode.ENDS]]), len(block)

    def words(self) -> Words:
        """Merge the tables of all threads."""
        total, others = self._tables[0], self._tables[1:]
        new_ids = [np.arange(total.words)]
        if others:
            words, letters = (sum(int(table.used[what]) for table in others) for what in (encode.WORDS, encode.BYTES))
            total = encode.grow(total, words, letters)
        for table in others:
            new_ids.append(np.empty(table.words, np.int64))
            encode.merge(table, total, new_ids[-1])
        counts, valid = total.counts, total.valid[: total.words]
        undecodable = int(counts[~valid].sum())
        return Words(np.where(valid, counts, 0), total.spelling, new_ids, undecodable)


class TokenScan:
    """The scan of sentences that are already lists of tokens."""

    bytes_read = 0

    def __init__(self, sentences: Iterator[Sequence[str]], progress: Progress) -> None:
        self._sentences = sentences
        self._progress = progress
        self._numbers: defaultdict[str, int] = defaultdict(itertools.count().__next__)
        self._counts = np.zeros(0, np.int64)

    def parts(self) -> Iterator[Part]:
        """Number all tokens; yield their ids in the order of the corpus."""
        done, ids, ends = 0, array("i"), array("q")
        for number, sentence in enumerate(self._sentences):
            if isinstance(sentence, str | bytes):
                raise CorpusError(
                    f"sentence {number} is the string {sentence[:40]!r}, not a list of tokens; split it, "
                    "as in [line.split() for line in lines], or pass the path of a text file"
                )
            try:
                ids.extend(map(self._numbers.__getitem__, sentence))
            except TypeError as error:
                raise CorpusError(f"sentence {number} is not a list of strings: {error}") from error
            ends.append(len(ids))
            if len(ids) >= TOKENS_IN_A_PART:
                yield self._count(ids, ends)
                done += len(ids)
                self._progress(done, 0)
                ids, ends = array("i"), array("q")
        yield self._count(ids, ends)

    def _count(self, ids: array[int], ends: array[int]) -> Part:
        part = Part(0, np.frombuffer(ids, np.int32), np.frombuffer(ends, np.int64))
        counts = np.bincount(part.ids, minlength=len(self._numbers))
        counts[: len(self._counts)] += self._counts
        self._counts = counts
        return part

    def words(self) -> Words:
        """Return the tokens; those that cannot be written as UTF-8 (lone surrogates) cannot be kept."""
        tokens = list(self._numbers)
        for token in tokens:
            if not isinstance(token, str):
                raise CorpusError(
                    f"the token {token!r} is of type {type(token).__name__}; tokens are strings, as in str(token)"
                )
        spelled = [token.encode("utf-8", "surrogatepass") for token in tokens]
        valid = np.array([not any("\ud800" <= letter <= "\udfff" for letter in token) for token in tokens], np.bool_)
        undecodable = int(self._counts[~valid].sum()) if tokens else 0
        return Words(np.where(valid, self._counts, 0), spelled.__getitem__, [np.arange(len(tokens))], undecodable)


def _renumber(parts: PartFile, words: Words, chosen: NDArray[np.int64], vocabulary: Vocabulary) -> tuple[Path, str]:
    """Replace the provisional ids in the file by final ones and write the sentence offsets.

    Returns:
        The path of the offsets, and the corpus's fingerprint: a digest of words, ids and offsets, the same however it was cut.
    """
    final = np.full(len(words.counts), -1, np.int32)
    final[chosen] = np.arange(len(chosen), dtype=np.int32)
    final_of_table = [final[new_ids] for new_ids in words.new_ids]
    offsets_path = parts.ends_path.with_name("offsets.int64")
    id_digest, offset_digest = hashlib.sha256(), hashlib.sha256("\n".join(vocabulary.words).encode())
    total = last = 0
    # The ids that stay are never more than those read so far, so they overtake nothing in the same file.
    with parts.ids_path.open("r+b") as ids_out, offsets_path.open("wb") as offsets_out:

        def write_offsets(offsets: NDArray[np.int64]) -> None:
            offsets_out.write(offsets.data)
            offset_digest.update(offsets.data)

        write_offsets(np.zeros(1, np.int64))
        for part in parts.read():
            left = encode.renumber(part.ids, final_of_table[part.table], part.ends)
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
