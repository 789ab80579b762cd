"""The corpus as the trainer sees it: word ids and sentence offsets in files."""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from skipgram.config import CorpusConfig
from skipgram.corpus.array_file import ArrayFile
from skipgram.encodings import UTF_8
from skipgram.io.directories import IDS, OFFSETS
from skipgram.io.temporary import TemporaryFolder
from skipgram.records import Count, Seconds
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
        grown_files: files that something was appended to while they were read. That was not read.
        first_grown: the names of the first of them.
        redirected_urls: URLs for which a server named another one.
        first_redirected: the first of them, and where they led.
    """

    raw_words: Count
    rare_words: Count
    undecodable_words: Count
    distinct_words: Count
    bytes_read: Count
    seconds: Seconds
    rows_without_value: Count = 0
    skipped_files: Count = 0
    first_skipped: str = ""
    long_words: Count = 0
    first_long: str = ""
    nul_bytes: Count = 0
    first_nul: str = ""
    first_undecodable: str = ""
    stop_words: Count = 0
    raw_sentences: Count = 0
    encoding: str = UTF_8
    encoding_remedy: str = ""
    cr_files: Count = 0
    first_cr_files: str = ""
    misread_files: Count = 0
    first_misread: str = ""
    better_encoding: str = ""
    grown_files: Count = 0
    first_grown: str = ""
    redirected_urls: Count = 0
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
            (
                self.grown_files,
                "file",
                "grew while being read, and what was added was left out",
                f": {self.first_grown}",
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


_AT_ONCE = 1 << 16


def cut(first: int, last: int, most: int) -> list[tuple[int, int]]:
    """Cut the words first, ..., last - 1 into spans (begin, end) of at most `most` words."""
    return [(begin, min(begin + most, last)) for begin in range(first, last, most)]


class EncodedCorpus:
    """Ids of the words that were kept, sentence after sentence.

    Parts of the files are read when they are needed, so a corpus may be larger than memory. `close`
    deletes the files if they are in a temporary directory.

    Args:
        folder: the directory with the ids and the offsets.
        vocabulary, report, fingerprint, min_count, max_vocab, reading: see the attributes.
        temporary: the same directory, if it is temporary; the corpus then owns it.

    Attributes:
        ids: (N,) int32, rows of the vocabulary, in a file (see `ArrayFile`).
        offsets: (S + 1,) int64, in a file; sentence s is ids[offsets[s]:offsets[s + 1]] and is
            never empty.
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
        temporary: TemporaryFolder | None = None,
    ) -> None:
        self.ids = ArrayFile(folder / IDS, np.int32, self._are_ids)
        self.offsets = ArrayFile(folder / OFFSETS, np.int64, self._are_offsets)
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
        """Number of sentences in which at least one word was kept; 0 once the corpus is closed."""
        return max(len(self.offsets) - 1, 0)

    def sentence_at(self, position: int) -> int:
        """Return the number of the sentence that holds ids[position]; `sentences` past the end."""
        return bisect.bisect_right(self.offsets, position) - 1

    def longest_sentence(self) -> int:
        """Return the number of words in the longest sentence, at least 1."""
        parts = (self.offsets[first : last + 1] for first, last in cut(0, self.sentences, _AT_ONCE))
        return max((int(np.diff(part).max()) for part in parts), default=1)

    def _are_ids(self, part: NDArray[np.int32]) -> bool:
        # A negative number is a large one without a sign.
        return int(part.view(np.uint32).max(initial=0)) < len(self.vocabulary)

    def _are_offsets(self, part: NDArray[np.int64]) -> bool:
        is_inside = len(part) == 0 or (part[0] >= 0 and part[-1] <= len(self.ids))
        return bool(is_inside and np.all(part[1:] > part[:-1]))

    def close(self) -> None:
        """Close the files, and delete them if they are temporary."""
        self.ids.close()
        self.offsets.close()
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
