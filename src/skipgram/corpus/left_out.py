"""Errors about a corpus with too little text: what was dropped, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from skipgram.config import CorpusConfig
from skipgram.corpus.encoded import ScanReport, agreeing
from skipgram.encodings import UTF_8, likely
from skipgram.wording import count


class Cause(NamedTuple):
    """Something that was left out: how much, what is said of it, and what to do."""

    number: int
    says: str
    remedy: str


def causes(report: ScanReport) -> list[Cause]:
    """Return what a scan left out for another reason than rare words, the largest first."""
    found = [
        Cause(
            report.undecodable_words,
            f"words are not {report.encoding.upper()}",
            report.encoding_remedy,
        ),
        Cause(
            report.stop_words, "words are stop words", "leave out stopwords, or give a shorter list"
        ),
        Cause(
            report.rows_without_value,
            "rows have no item, group or value to order by",
            "check group_by and order_by",
        ),
        Cause(report.long_words, "words are very long", "set max_word to keep longer ones"),
        Cause(report.skipped_files, "files are not text", "name text files"),
    ]
    return sorted((cause for cause in found if cause.number), reverse=True)


def too_few_words(
    counts: NDArray[np.int64],
    min_count: int,
    report: ScanReport,
    reading: CorpusConfig,
    remedy: str,
) -> str:
    """Return the error for a corpus of which fewer than two words are kept.

    Args:
        counts: occurrences of each distinct word; 0 for words that cannot be kept.
        min_count: the least number of occurrences.
        report: what the scan found.
        reading: how the corpus was read.
        remedy: what to do if nothing else was the cause; "" for the usual remedy.
    """
    distinct = int(np.count_nonzero(counts))
    if distinct < 2:
        says = "no words to train on" if distinct == 0 else "only one word, repeated"
        usual = "training needs at least two different words in a sentence"
        remedy = remedy or reason_of_no_words(reading) or usual
        return f"the corpus holds {says}; {explain(report, int(counts.sum()), remedy)}"
    found = "only one word occurs" if counts.max() >= min_count else "no word occurs"
    return (
        f"{found} at least min_count={min_count} times: the most frequent of the {distinct:,} "
        f"different words occurs {count(int(counts.max()), 'time')}; "
        + explain(report, int(counts.sum()), remedy or "lower min_count")
    )


def explain(report: ScanReport, kept: int, remedy: str) -> str:
    """Return the end of an error about too little text: what was left out, and what to do.

    Args:
        report: of the scan.
        kept: how many words were left.
        remedy: what to do if less was left out than kept.
    """
    if report.better_encoding == UTF_8:  # hardly any word is right
        return report.misread()
    found = causes(report)
    said = [f"{cause.number:,} {agreeing(cause.number, cause.says)}" for cause in found]
    if found and found[0].number >= kept:
        remedy = found[0].remedy
    return "; ".join(filter(None, [" and ".join(said), remedy]))


def reason_of_no_words(reading: CorpusConfig) -> str:
    """Return why a text may have no words, or only one, and what to do; "" if it is not known."""
    if reading.token_pattern is not None:
        return f"token_pattern={reading.token_pattern!r} matches too little; change it"
    if reading.tokenizer is not None:
        return "the tokenizer returns too few tokens; check it on one line of the text"
    if reading.numbers == "drop":
        return "clean with numbers=drop leaves too little; set numbers=keep"
    if reading.column is not None:
        return f"column={reading.column} has too few words; name another column"
    return ""


def remedy_for_encoding(
    encoding: str | None, words: Iterable[bytes], undecodable: int, decodable: int, files: int = 1
) -> str:
    """Return what to do about words that do not decode.

    Args:
        encoding: in which the text was read; None if no option can change that.
        words: some of them.
        undecodable: how often such words occur.
        decodable: how often words occur that do decode and are not ASCII. If they are more, most of
            the text is in this encoding, and another one would spoil it.
        files: how many there are.
    """
    if encoding is None:
        return "read the text in its encoding, as in open(path, encoding='latin-1')"
    if encoding != UTF_8:
        return f"set encoding to that of the text, which is not {encoding}"
    if decodable >= undecodable:
        remedy = "most of the text is UTF-8, so correct these words"
        if files > 1:
            remedy += "; if whole files are in another encoding, convert them with iconv"
        return remedy
    if name := likely(words):
        return f"set encoding={name}"
    return "set encoding to that of the text, such as cp1251, gb18030 or shift_jis"
