"""Phrases: two neighbouring words that occur together more often than by chance become one word.

"new york" becomes "new_york" if its score is above a threshold:

    default  (c(a b) - min_count) / (c(a) c(b)) N              Mikolov et al. 2013b, equation 6, x N
    npmi     ln [ p(a b) / (p(a) p(b)) ] / -ln p(a b)          Bouma 2009: normalised PMI, -1 to 1

Here c is a count, and p is the share of a count in all words of the text. N is the number of
different words and pairs, as in gensim; with it, a threshold means about the same in short and long
texts. Pairs above the threshold are joined from left to right. The next pass treats joined pairs as
words, so two passes find phrases of up to four words.

The text is read once and encoded. Each pass reads its encoded form, block by block, and repeats the
joins of the earlier passes.
"""

from __future__ import annotations

import functools
import math
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar, Unpack

import numpy as np
from numpy.typing import NDArray

from skipgram.config import (
    CorpusConfig,
    TrainConfig,
    Whitespace,
    available_cores,
    split_options,
)
from skipgram.corpus.encoded import EncodedCorpus
from skipgram.corpus.sources import (
    Corpus,
    EncodedDirectory,
    Source,
    as_reading,
    resolve_corpus,
)
from skipgram.errors import ConfigError, FormatError, MemoryPlanError, OutputError
from skipgram.formats.files import creating
from skipgram.io.directories import check_text_target
from skipgram.kernels import collocations
from skipgram.kernels.collocations import NUMBER, PAIR, SPARE, PairTable
from skipgram.model import scanned
from skipgram.options import CorpusOptions, lists_options
from skipgram.progress import ShowProgress, reporting_to
from skipgram.threads import map_ahead
from skipgram.training import memory
from skipgram.training.events import Report, StageProgressed, silent
from skipgram.wording import count, some

Result = TypeVar("Result")
Scoring = Literal["default", "npmi"]

DELIMITER = "_"
THRESHOLDS: dict[str, float] = {"default": 10.0, "npmi": 0.5}
"""Default thresholds; 10 is gensim's."""

_MOST = 1 << 62
"""More than any count."""

BLOCK_WORDS = 1 << 18
FIRST_SLOTS = 1 << 16

_log = np.frompyfunc(math.log, 1, 1)
"""The last bit of NumPy's logarithm depends on the CPU, but a pair whose score is close to the
threshold must be on the same side of it on every machine."""


@dataclass(frozen=True)
class Phrase:
    """Two words that were joined; each may itself have been joined before.

    Attributes:
        text: the words with "_" between them, as written in the new text.
        count: how often they were neighbours in the pass that found them. Some of these may have
            been joined differently, like the second pair in "a a a".
        score: by the chosen scoring.
    """

    text: str
    count: int
    score: float


@dataclass(frozen=True)
class JoinedText:
    """The result of joining the phrases of a text.

    Attributes:
        phrases: by descending score, then by descending count, then by text.
        words: number of words in the original text.
        joined_words: number of words in the new text, in which a phrase is one word.
        sentences: number of lines in the new text that are not blank.
        highest_score: the highest score of a pair of the original text; None if all are too rare.
        advice: why there are no phrases, and what to change; "" if there are some.
    """

    phrases: list[Phrase]
    words: int
    joined_words: int
    sentences: int
    highest_score: float | None = None
    advice: str = ""

    def __repr__(self) -> str:
        found = some([phrase.text for phrase in self.phrases]) or self.advice
        return (
            f"<JoinedText: {count(len(self.phrases), 'phrase')}{found and f' ({found})'}; "
            f"{self.words:,} words became {self.joined_words:,} in "
            f"{count(self.sentences, 'sentence')}>"
        )

    def as_dict(self) -> dict[str, Any]:
        """The numbers, ready for JSON, with the number of phrases instead of the phrases."""
        numbers = {**vars(self), "phrases": len(self.phrases)}
        del numbers["advice"]
        return numbers


class Block(NamedTuple):
    """A run of complete sentences; those of blank lines are empty.

    ids (n,) int32 are word ids; ends (m,) int64 count the ids before each end of a sentence.
    """

    ids: NDArray[np.int32]
    ends: NDArray[np.int64]


class Pairs(NamedTuple):
    """Pairs that score above the threshold: ids of first and second words, counts, scores; (n,).

    `highest` is the highest score of all pairs, None if there is none.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    counts: NDArray[np.int64]
    scores: NDArray[np.float64]
    highest: float | None


@lists_options(CorpusConfig)
def join_phrases(
    corpus: Corpus,
    output: str | os.PathLike[str],
    *,
    scoring: Scoring = "default",
    threshold: float | None = None,
    min_count: int = 5,
    passes: int = 1,
    threads: int | None = None,
    report: Report = silent,
    progress: ShowProgress = "auto",
    **options: Unpack[CorpusOptions],
) -> JoinedText:
    """Find the phrases of a corpus and write its text with them joined, one sentence per line.

    Pairs, counts, scores and sentences are those of gensim's `Phrases` without connector words and
    without a limit on its vocabulary. The exception is a text with words that contain "_": gensim
    counts the word "new_york" and the words "new york" as the same. Words that are not UTF-8 are
    left out. Line N of the new text is line N of the old one, blank lines too, unless the corpus is
    encoded, or `group_by` or `sentence_per` makes sentences of something else than lines.

    Args:
        corpus: as for `SkipGram.fit`.
        output: the text file to write, compressed with gzip if its name ends in .gz. An existing
            file is replaced once the new text is complete.
        scoring: "default" (Mikolov et al. 2013b), which favours rare pairs, or "npmi" (Bouma 2009),
            which is bounded.
        threshold: pairs with a higher score are joined. For "default": above 0, 10 if None.
            For "npmi": -1 to 1, 0.5 if None.
        min_count: "default" subtracts it from each pair's count, so that rarer pairs do not score;
            "npmi" skips pairs that occur less often.
        passes: how often to join, with the same options. Each pass may double the length of
            phrases. Joining ends early if a pass finds nothing.
        threads: threads that read, count and write; all cores by default.
        report: as for `SkipGram.fit`.
        progress: as for `SkipGram.fit`.
        options: the options of `CorpusConfig`, listed below.

    Raises:
        ConfigError: an option is unknown or out of its range.
        CorpusError: the corpus cannot be read, or has fewer than two different words.
        FormatError: a token of the corpus is empty or contains white space, and so could not be
            written as one word.
        MemoryPlanError: the different pairs do not fit in memory.
        OutputError: the text cannot be written. An existing file is unchanged.
    """
    threshold = _check(scoring, threshold, passes)
    threads = available_cores() if threads is None else threads
    config = TrainConfig(min_count=min_count, threads=threads)
    check_text_target(output)
    _, reading = split_options(options)
    source = resolve_corpus(as_reading(corpus, reading))
    _check_not_part(output, source)
    scan_config = TrainConfig(min_count=1, threads=config.threads)
    with (
        reporting_to(report, progress) as send,
        scanned(source, scan_config, send, blank_lines=True) as encoded,
    ):
        text = Text(encoded, config.threads, send)
        with creating(output, text.size) as file:
            phrases: list[Phrase] = []
            highest: float | None = None
            for number in range(1, passes + 1):
                counts, tables = text.count(f"pass {number}")
                pairs = _choose(counts, tables, scoring, threshold, min(config.min_count, _MOST))
                highest = pairs.highest if number == 1 else highest
                if len(pairs.counts) == 0:
                    break
                phrases += text.join(pairs)
            joined_words = text.write(file.write)
        phrases.sort(key=lambda phrase: (-phrase.score, -phrase.count, phrase.text))
        advice = "" if phrases else _advise(highest, scoring, threshold, config.min_count)
        counts_of_text = len(encoded.ids), joined_words, encoded.sentences
        return JoinedText(phrases, *counts_of_text, highest, advice)


def _advise(highest: float | None, scoring: str, threshold: float, min_count: int) -> str:
    """Say why a text has no phrases, and which options to change."""
    if highest is None:
        return f"no pair of words occurs {count(min_count, 'time')}; lower min_count"
    change = "lower threshold"
    if scoring == "default":  # a pair that occurs min_count times scores 0
        change = f"lower {'threshold' if highest > 0 else 'min_count'}, or set scoring=npmi"
    return f"no pair scores above {threshold:g}: the highest score is {highest:.3g}; {change}"


def _check_not_part(output: str | os.PathLike[str], source: Source | EncodedDirectory) -> None:
    """Refuse to overwrite a file of the corpus."""
    if isinstance(source, EncodedDirectory) or not Path(output).exists():
        return
    if any(path.samefile(output) for path in source.paths or ()):
        raise OutputError(f"cannot write {output}: it is part of the corpus; choose another path")


def write_phrases(phrases: Iterable[Phrase], path: str | os.PathLike[str]) -> None:
    """Write phrases as tab-separated values: a header, then text, count and score per line.

    Raises:
        OutputError: the file cannot be written. An existing file is unchanged.
    """
    lines = [f"{phrase.text}\t{phrase.count}\t{phrase.score!r}\n" for phrase in phrases]
    content = "".join(["phrase\tcount\tscore\n", *lines]).encode()
    with creating(path, len(content)) as file:
        file.write(content)


def _check(scoring: str, threshold: float | None, passes: int) -> float:
    """Return the threshold, or its default.

    Raises:
        ConfigError: an option is out of its range.
    """
    if scoring not in THRESHOLDS:
        allowed = ", ".join(THRESHOLDS)
        raise ConfigError(f"scoring is {scoring!r}; it must be one of {allowed}")
    if not isinstance(passes, int | np.integer) or passes < 1:
        raise ConfigError(f"passes is {passes}; it must be a whole number of at least 1")
    if threshold is None:
        return THRESHOLDS[scoring]
    if not isinstance(threshold, int | float):
        raise ConfigError(f"threshold is {threshold!r}; it must be a number")
    if scoring == "default" and not 0 < threshold < math.inf:
        raise ConfigError(
            f"threshold is {threshold}; with scoring=default it must be a finite number above 0"
        )
    if scoring == "npmi" and not -1 <= threshold <= 1:
        raise ConfigError(f"threshold is {threshold}; with scoring=npmi it must be from -1 to 1")
    return threshold


class Text:
    """An encoded corpus and the pairs that are joined in it.

    Attributes:
        words: the words of the ids: those of the corpus, then the joined ones.
        size: bytes of the text when written. Joining does not change it: "_" is as long as a space.
    """

    def __init__(self, corpus: EncodedCorpus, threads: int, report: Report) -> None:
        self.words = list(corpus.vocabulary.words)
        lengths = _lengths(self.words, corpus.reading.whitespace)
        self.size = int(corpus.vocabulary.counts @ (lengths + 1)) + len(corpus.blank_lines)
        self._corpus = corpus
        self._threads = threads
        self._report = report
        self._joins: list[PairTable] = []
        # A phrase that is spelled like a word of the corpus is the same word in the new text.
        self._known = {word: number for number, word in enumerate(self.words) if DELIMITER in word}

    def join(self, pairs: Pairs) -> list[Phrase]:
        """Join these pairs from now on; return them as phrases."""
        texts = [
            f"{self.words[first]}{DELIMITER}{self.words[second]}"
            for first, second in zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)
        ]
        ids = np.array([self._id_of(text) for text in texts], np.uint64)
        keys = (pairs.first << 32 | pairs.second).astype(np.uint64)
        entries = np.stack([keys, ids + np.uint64(1)], axis=1)
        slots = 1 << (2 * len(texts) + 1).bit_length()
        self._joins.append(collocations.make_table(entries, slots))
        rows = zip(texts, pairs.counts.tolist(), pairs.scores.tolist(), strict=True)
        return [Phrase(*row) for row in rows]

    def _id_of(self, text: str) -> int:
        """Return the id of a joined word, which is added if it is new."""
        number = self._known.setdefault(text, len(self.words))
        if number == len(self.words):
            self.words.append(text)
        return number

    def count(self, stage: str) -> tuple[NDArray[np.int64], list[PairTable]]:
        """Count words, (V,), and pairs of neighbours in a sentence.

        The tables share no pair: each thread counts the pairs whose hashes are assigned to it, in
        its own table. So nothing has to be merged, and no pair is stored twice. Pairs of rare words
        are counted too: they cannot become phrases, but they are part of N.
        """
        words = np.zeros(len(self.words), np.int64)
        parts = self._threads
        empty = np.zeros((0, 2), np.uint64)
        tables = [collocations.make_table(empty, FIRST_SLOTS) for _ in range(parts)]
        for block in self._reported(stage, map_ahead(self._block, self._borders(), parts)):
            np.add.at(words, block.ids, 1)
            count = functools.partial(_count, block, parts)
            tables = list(map_ahead(count, enumerate(tables), parts))
        return words, tables

    def write(self, write: Callable[[memoryview], object]) -> int:
        """Write the text with its joins, one sentence per line; return the number of its words."""
        spelled = [f"{word} ".encode() for word in self.words]
        letters = np.frombuffer(b"".join(spelled) + bytes(SPARE), np.uint8)
        starts = np.zeros(len(spelled) + 1, np.int64)
        np.cumsum(np.fromiter(map(len, spelled), np.int64, len(spelled)), out=starts[1:])
        sizes = np.diff(starts)

        def render(borders: tuple[int, int]) -> tuple[NDArray[np.uint8], int]:
            block = self._block(borders)
            blank = len(block.ends) - (borders[1] - borders[0])
            text = np.empty(int(sizes[block.ids].sum()) + blank + SPARE, np.uint8)
            collocations.write_lines(*block, letters, starts, text)
            return text[:-SPARE], len(block.ids)

        words = 0
        rendered = map_ahead(render, self._borders(), self._threads)
        for text, number in self._reported("writing", rendered):
            write(text.data)
            words += number
        return words

    def _borders(self) -> Iterator[tuple[int, int]]:
        """Yield runs of sentences (first, last): as many as fit into a block, but at least one."""
        first = 0
        while first < self._corpus.sentences:
            begin = int(self._corpus.offsets[first])
            last = max(self._corpus.sentence_at(begin + BLOCK_WORDS), first + 1)
            yield first, last
            first = last

    def _block(self, borders: tuple[int, int]) -> Block:
        """Return the sentences first, ..., last - 1 and blank lines with the joins so far."""
        first, last = borders
        offsets = self._corpus.offsets[first : last + 1]
        begin, end = int(offsets[0]), int(offsets[-1])
        ids = self._corpus.ids[begin:end]
        blank = self._corpus.blank_lines
        # A blank line belongs to the block of the sentence after it; the last ones to the last.
        until = np.searchsorted(blank, end, "left" if last < self._corpus.sentences else "right")
        blank = blank[np.searchsorted(blank, begin) : until]
        ends = np.sort(np.concatenate([offsets[1:], blank])) - begin
        for table in self._joins:
            ids = ids[: collocations.join_pairs(ids, ends, table)]
        return Block(ids, ends)

    def _reported(self, stage: str, results: Iterator[Result]) -> Iterator[Result]:
        """Yield one result per block, and report how many sentences are done."""
        started = time.perf_counter()
        total = self._corpus.sentences
        for (first, _), result in zip(self._borders(), results, strict=True):
            self._report(StageProgressed(stage, first, total, time.perf_counter() - started))
            yield result
        self._report(StageProgressed(stage, total, total, time.perf_counter() - started))


def _count(block: Block, parts: int, numbered: tuple[int, PairTable]) -> PairTable:
    """Count the pairs of a block that belong to a part; return its table, enlarged if needed.

    Args:
        block: the sentences.
        parts: the number of parts into which pairs are divided by their hashes.
        numbered: the number of the part, and its table.
    """
    part, table = numbered
    pairs = np.empty(len(block.ids), np.uint64)
    pairs = pairs[: collocations.pick_pairs(*block, part, parts, pairs)]
    done = 0
    while (done := collocations.count_pairs(pairs, done, table)) < len(pairs):
        wanted, available = 2 * table.slots.nbytes, memory.available_memory()
        if wanted > available:
            size, free = memory.describe_bytes(wanted), memory.describe_bytes(available)
            raise MemoryPlanError(
                f"there are more than {parts * int(table.used[0]):,} different pairs of words; "
                f"a larger table for them needs {size}, but only {free} is free; use less text"
            )
        table = collocations.doubled(table)
    return table


def _choose(
    counts: NDArray[np.int64],
    tables: Sequence[PairTable],
    scoring: str,
    threshold: float,
    min_count: int,
) -> Pairs:
    """Return the pairs that score above the threshold; `counts` (V,) are those of words."""
    # The words and pairs that occur: gensim's `len_vocab`.
    different = int(np.count_nonzero(counts)) + sum(int(table.used[0]) for table in tables)
    rows = np.concatenate([table.slots[table.slots[:, NUMBER] >= min_count] for table in tables])
    first = (rows[:, PAIR] >> np.uint64(32)).astype(np.int64)
    second = (rows[:, PAIR] & np.uint64(0xFFFFFFFF)).astype(np.int64)
    both = rows[:, NUMBER].astype(np.int64)
    # Operations are in gensim's order, so that scores are equal to the last bit.
    if scoring == "default":
        scores = (both - min_count) / (counts[first] * counts[second]) * different
    else:
        total = counts.sum()
        p_first, p_second = counts[first] / total, counts[second] / total
        p_both = both / total
        scores = (_log(p_both / (p_first * p_second)) / -_log(p_both)).astype(np.float64)
    found = scores > threshold
    highest = float(scores.max()) if len(scores) else None
    return Pairs(first[found], second[found], both[found], scores[found], highest)


def _lengths(words: Sequence[str], whitespace: Whitespace) -> NDArray[np.int64]:
    """Return the bytes of each word, (V,).

    Raises:
        FormatError: a word is empty or contains white space that separates words.
    """
    spelled = [word.encode() for word in words]
    if whitespace == "unicode":
        unfit = (word for word in words if word.split() != [word])
    else:
        pairs = zip(words, spelled, strict=True)
        unfit = (word for word, raw in pairs if raw.split() != [raw])
    word = next(unfit, None)
    if word is not None:
        raise FormatError(
            f"the word {word!r} is empty or contains white space, so it cannot be written as one "
            "word of a text; rename or remove it"
        )
    return np.fromiter(map(len, spelled), np.int64, len(spelled))
