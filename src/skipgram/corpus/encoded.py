"""The corpus as the trainer sees it: word ids and sentence offsets in memory-mapped files."""

from __future__ import annotations

import contextlib
import mmap
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np

from skipgram.config import CorpusConfig
from skipgram.encodings import UTF_8
from skipgram.io.directories import IDS, OFFSETS
from skipgram.vocabulary import Vocabulary
from skipgram.wording import count


@dataclass(frozen=True)
class ScanReport:
    """What one pass over the corpus found.

    Attributes:
        raw_words: words in the text, counted as word2vec.c and gensim count "raw words".
        rare_words: occurrences dropped because their word is below min_count or beyond max_vocab.
        undecodable_words: occurrences dropped because their bytes are not UTF-8.
        distinct_words: distinct words in the text, without stop words and words that are not
            UTF-8, before rare ones were dropped.
        bytes_read: size of the files as stored, compressed or not; 0 for a corpus in memory.
        seconds: duration of the scan.
        rows_without_value: with `group_by`, rows dropped because they miss the item, the group or
            the value to order by.
        skipped_files: files in directories that were skipped because they are not text.
        first_skipped: the names of the first of them.
        long_words: words left out because they are longer than `max_word`.
        first_long: where the first of them is.
        nul_bytes: NUL bytes dropped from text.
        first_nul: where the first of them is.
        first_undecodable: where the first word that is not UTF-8 is; "" if it is not known.
        stop_words: occurrences dropped because they are stop words.
        raw_sentences: sentences with at least one word, before any were dropped; 0 if unknown.
        encoding: in which text was read.
        encoding_remedy: what to do about words that are not in this encoding.
        cr_files: files that were read with carriage returns as line ends, because most of their
            lines end in one.
        first_cr_files: the names of the first of them.
        misread_files: files that are in another encoding than the one in which they were read.
        first_misread: the names of the first of them.
        better_encoding: that of these files.
        redirected_urls: URLs for which a server named another one.
        first_redirected: the first of them, and where they led.
    """

    raw_words: int
    rare_words: int
    undecodable_words: int
    distinct_words: int
    bytes_read: int
    seconds: float
    rows_without_value: int = 0
    skipped_files: int = 0
    first_skipped: str = ""
    long_words: int = 0
    first_long: str = ""
    nul_bytes: int = 0
    first_nul: str = ""
    first_undecodable: str = ""
    stop_words: int = 0
    raw_sentences: int = 0
    encoding: str = UTF_8
    encoding_remedy: str = ""
    cr_files: int = 0
    first_cr_files: str = ""
    misread_files: int = 0
    first_misread: str = ""
    better_encoding: str = ""
    redirected_urls: int = 0
    first_redirected: str = ""

    def dropped(self) -> dict[str, int | str]:
        """Return what was dropped, by the names of these attributes."""
        return {name: getattr(self, name) for name in _DROPPED}

    def warnings(self) -> list[str]:
        """Return a line for each kind of thing that was dropped, or taken for something else.

        Rare words are not among them.
        """
        lines = (
            (
                self.undecodable_words,
                "word",
                f"are not {self.encoding.upper()} and were dropped",
                f" (the first is in {self.first_undecodable})" * bool(self.first_undecodable)
                + f"; {self.encoding_remedy}" * (self.better_encoding != UTF_8),
            ),
            (
                self.rows_without_value,
                "row",
                "without an item, a group or a value to order by were dropped",
                "",
            ),
            (
                self.skipped_files,
                "file",
                "that are not text were skipped",
                f": {self.first_skipped}",
            ),
            (
                self.long_words,
                "very long word",
                "were dropped",
                f"; the first is in {self.first_long}; set max_word to keep longer ones",
            ),
            (self.nul_bytes, "NUL byte", "were dropped", f"; the first is in {self.first_nul}"),
            (
                self.cr_files,
                "file",
                "were read with carriage returns as line ends, in which most of their lines end",
                f": {self.first_cr_files}",
            ),
            (self.redirected_urls, "URL", "were redirected", f": {self.first_redirected}"),
        )
        found = [
            f"{count(number, noun)} {agreeing(number, text)}{rest}"
            for number, noun, text, rest in lines
            if number
        ]
        return [self.misread(), *found] if self.misread_files else found

    def misread(self) -> str:
        """Return which files were read in a wrong encoding, and what to do."""
        is_utf8 = self.better_encoding == UTF_8
        says = f"are {'valid UTF-8' if is_utf8 else self.better_encoding} but were read as "
        remedy = "leave out encoding" if is_utf8 else f"set encoding={self.better_encoding}"
        return (
            f"{count(self.misread_files, 'file')} {agreeing(self.misread_files, says)}"
            f"{self.encoding}: {self.first_misread}; {remedy}"
        )


def agreeing(number: int, text: str) -> str:
    """Return a text about several things in agreement with their number."""
    if number != 1:
        return text
    for many, one in (("are ", "is "), ("were ", "was "), ("have ", "has ")):
        text = text.replace(many, one)
    return re.sub(r"^(word|row|file)s ", r"\1 ", text)


_DROPPED = (
    "rare_words",
    "stop_words",
    "undecodable_words",
    "first_undecodable",
    "rows_without_value",
    "skipped_files",
    "first_skipped",
    "long_words",
    "first_long",
    "nul_bytes",
    "first_nul",
)


def cut(first: int, last: int, most: int) -> list[tuple[int, int]]:
    """Cut the words first, ..., last - 1 into spans (begin, end) of at most `most` words."""
    return [(begin, min(begin + most, last)) for begin in range(first, last, most)]


class EncodedCorpus:
    """Ids of the words that were kept, sentence after sentence.

    The files are memory-mapped read-only, so a corpus may be larger than memory. `close` deletes
    the files if they are in a temporary directory.

    Args:
        folder: the directory with the ids and the offsets.
        vocabulary, report, fingerprint, min_count, max_vocab, reading: see the attributes.
        temporary: the same directory, if it is temporary; the corpus then owns it.

    Attributes:
        ids: (N,) int32, rows of the vocabulary.
        offsets: (S + 1,) int64; sentence s is ids[offsets[s]:offsets[s + 1]] and is never empty.
        vocabulary: the words of the ids.
        report: what the scan found and dropped.
        fingerprint: SHA-256 of words, ids and offsets, in hexadecimal.
        min_count, max_vocab: the limits with which its words were chosen.
        reading: how its text became words.
        advice: what to change in reading its text, in one line, after a scan; "" if nothing.
        blank_lines: (B,) int64, the number of ids before each line without words, after a scan that
            was asked for them.
    """

    def __init__(
        self,
        folder: Path,
        vocabulary: Vocabulary,
        report: ScanReport,
        fingerprint: str,
        *,
        min_count: int = 1,
        max_vocab: int | None = None,
        reading: CorpusConfig = CorpusConfig(),  # noqa: B008 - frozen
        temporary: tempfile.TemporaryDirectory[str] | None = None,
    ) -> None:
        self._mapped_ids = _map(folder / IDS)
        self._mapped_offsets = _map(folder / OFFSETS)
        self.ids = np.frombuffer(self._mapped_ids, np.int32, (folder / IDS).stat().st_size // 4)
        self.offsets = np.frombuffer(self._mapped_offsets, np.int64)
        self.vocabulary = vocabulary
        self.report = report
        self.fingerprint = fingerprint
        self.min_count = min_count
        self.max_vocab = max_vocab
        self.reading = reading
        self.advice = ""
        self.blank_lines = np.zeros(0, np.int64)
        self._temporary = temporary

    @property
    def sentences(self) -> int:
        """Number of sentences in which at least one word was kept."""
        return len(self.offsets) - 1

    def sentence_at(self, position: int) -> int:
        """Return the number of the sentence that holds ids[position]; `sentences` past the end."""
        return int(np.searchsorted(self.offsets, position, side="right")) - 1

    def forget(self, first: int, last: int) -> None:
        """Release the memory of ids[first:last]; the next access reads them from the file again."""
        page = mmap.PAGESIZE
        begin = first * self.ids.itemsize // page * page
        end = last * self.ids.itemsize // page * page
        if end > begin and hasattr(mmap, "MADV_DONTNEED"):
            self._mapped_ids.madvise(mmap.MADV_DONTNEED, begin, end - begin)

    def close(self) -> None:
        """Release the arrays and delete temporary files; arrays still in use stay valid."""
        self.ids = np.zeros(0, np.int32)
        self.offsets = np.zeros(1, np.int64)
        for mapped in (self._mapped_ids, self._mapped_offsets):
            with contextlib.suppress(BufferError):
                mapped.close()
        if self._temporary:
            self._temporary.cleanup()

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
    """Map a file into memory, read-only."""
    with path.open("rb") as file:
        # An empty file cannot be mapped. It is empty if a given vocabulary has no word of the text.
        if path.stat().st_size == 0:
            return mmap.mmap(-1, 1)
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
