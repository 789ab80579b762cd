"""The corpus as the trainer sees it: word ids and sentence borders in memory-mapped files."""

from __future__ import annotations

import contextlib
import mmap
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np

from skipgram.config import CorpusConfig
from skipgram.vocabulary import Vocabulary


@dataclass(frozen=True)
class ScanReport:
    """What one pass over the corpus found.

    Attributes:
        raw_words: words in the text, as word2vec.c and gensim's "raw words" count them.
        rare_words: of these, occurrences dropped because the word is under min_count or beyond max_vocab.
        undecodable_words: occurrences dropped because their bytes are not UTF-8.
        distinct_words: different words in the text, before any was dropped.
        bytes_read: bytes of the files as they lie, compressed or not (0 for what lies in no file).
        seconds: how long the scan took.
    """

    raw_words: int
    rare_words: int
    undecodable_words: int
    distinct_words: int
    bytes_read: int
    seconds: float


def cut(first: int, last: int, most: int) -> list[tuple[int, int]]:
    """Return where stretches of at most so many words begin and end, from word `first` to word `last`."""
    return [(begin, min(begin + most, last)) for begin in range(first, last, most)]


class EncodedCorpus:
    """Ids of the words that stayed, sentence after sentence.

    The files are mapped into memory read-only, so a corpus larger than memory trains as well. `close` removes the directory
    they lie in if it is a temporary one.

    Attributes:
        ids: (N,) int32, rows of the vocabulary.
        offsets: (S + 1,) int64; sentence s is ids[offsets[s]:offsets[s + 1]], never empty.
        vocabulary: the words behind the ids.
        report: what the scan found and dropped.
        fingerprint: SHA-256 over words, ids and sentence borders, in hexadecimal.
        min_count, max_vocab: with what choice of words it was encoded.
        reading: how its text became words.
    """

    def __init__(
        self,
        ids: Path,
        offsets: Path,
        vocabulary: Vocabulary,
        report: ScanReport,
        fingerprint: str,
        min_count: int = 1,
        max_vocab: int | None = None,
        reading: CorpusConfig = CorpusConfig(),  # noqa: B008 - frozen
        directory: tempfile.TemporaryDirectory[str] | None = None,
    ) -> None:
        self._mapped_ids, self._mapped_offsets = _map(ids), _map(offsets)
        self.ids = np.frombuffer(self._mapped_ids, np.int32, ids.stat().st_size // 4)
        self.offsets = np.frombuffer(self._mapped_offsets, np.int64)
        self.vocabulary = vocabulary
        self.report = report
        self.fingerprint = fingerprint
        self.min_count = min_count
        self.max_vocab = max_vocab
        self.reading = reading
        self._directory = directory

    @property
    def sentences(self) -> int:
        """Number of sentences with at least one word that stayed."""
        return len(self.offsets) - 1

    def forget(self, first: int, last: int) -> None:
        """Let go of the memory behind ids[first:last]; they are read again from the file when they are used again."""
        begin, end = (
            position * self.ids.itemsize // mmap.PAGESIZE * mmap.PAGESIZE
            for position in (first, last)
        )
        if end > begin and hasattr(mmap, "MADV_DONTNEED"):
            self._mapped_ids.madvise(mmap.MADV_DONTNEED, begin, end - begin)

    def close(self) -> None:
        """Let go of the arrays and remove the files; whoever still holds an array may go on using it."""
        self.ids, self.offsets = np.zeros(0, np.int32), np.zeros(1, np.int64)
        for mapped in (self._mapped_ids, self._mapped_offsets):
            with contextlib.suppress(BufferError):
                mapped.close()
        if self._directory:
            self._directory.cleanup()

    def __enter__(self) -> EncodedCorpus:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _map(path: Path) -> mmap.mmap:
    with path.open("rb") as file:
        if (
            path.stat().st_size == 0
        ):  # which cannot be mapped: text with none of the words of a given vocabulary
            return mmap.mmap(-1, 1)
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
