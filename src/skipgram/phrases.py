"""Phrases: two words that stand side by side more often than chance would have it become one word, "new york" new_york.

    default  (c(a b) - min_count) / (c(a) c(b)) N                        Mikolov et al. 2013b, equation 6, times N
    npmi     ln [ p(a b) / (p(a) p(b)) ] / -ln p(a b)                    Bouma 2009: normalised PMI, from -1 to 1

c are counts, p their shares of all words of the text, and N, which makes a threshold mean about the same in a short text and in
a long one, is the number of different words and pairs, as in gensim. Pairs that score above the threshold are joined from left
to right. The next pass takes what was joined for words, so that two passes find phrases of up to four words.

The text is read once. A pass goes over its encoded form, in which the joins of the passes before are made anew, block by block.
"""

from __future__ import annotations

import functools
import math
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skipgram.config import CorpusConfig, TrainConfig, available_cores
from skipgram.corpus.build import encoded_directory
from skipgram.corpus.encoded import EncodedCorpus
from skipgram.corpus.sources import Corpus, as_reading, files_of
from skipgram.errors import ConfigError, FormatError, MemoryPlanError, OutputError
from skipgram.io.atomic import replacing_file
from skipgram.io.directories import check_text_target
from skipgram.kernels import collocations
from skipgram.kernels.collocations import NUMBER, PAIR, SPARE, PairTable
from skipgram.model import scanned
from skipgram.threads import map_ahead
from skipgram.training import memory
from skipgram.training.events import Report, StageProgressed, silent

Scoring = Literal["default", "npmi"]

DELIMITER = "_"
THRESHOLDS: dict[str, float] = {"default": 10.0, "npmi": 0.5}
"""What a pair must score unless a threshold is given: 10 is gensim's."""

_MOST = 1 << 62
"""No word occurs so often."""

BLOCK_WORDS = 1 << 18
FIRST_SLOTS = 1 << 16

_log = np.frompyfunc(math.log, 1, 1)
"""Not NumPy's, whose last bit depends on the CPU: a pair just at the threshold must fall on the same side on every machine."""


@dataclass(frozen=True)
class Phrase:
    """Two words that were joined, each perhaps joined itself before.

    Attributes:
        text: the words with "_" between them, as they stand in the new text.
        count: how often they stood side by side at the pass that found them; some of these may have been joined otherwise, as
            the second pair in "a a a".
        score: by the scoring asked for.
    """

    text: str
    count: int
    score: float


@dataclass(frozen=True)
class JoinedText:
    """What became of a text.

    Attributes:
        phrases: those found, by falling score (then by falling count, then as their text sorts).
        words: of the text before.
        joined_words: of the text written, in which a phrase is one word.
        sentences: lines written.
    """

    phrases: list[Phrase]
    words: int
    joined_words: int
    sentences: int

    def as_dict(self) -> dict[str, Any]:
        """The numbers, fit for JSON; of the phrases, how many there are."""
        return {**vars(self), "phrases": len(self.phrases)}


class Block(NamedTuple):
    """A stretch of whole sentences: word ids (n,) int32, and ends (m,) int64, how many ids stand before each sentence end."""

    ids: NDArray[np.int32]
    ends: NDArray[np.int64]


class Pairs(NamedTuple):
    """Pairs that score above the threshold, (n,) each: the first words' ids, the second words', counts and scores."""

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    counts: NDArray[np.int64]
    scores: NDArray[np.float64]


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
) -> JoinedText:
    """Find the phrases of a corpus and write its text with them joined, a sentence a line; the whole text or nothing.

    Finds the pairs, counts, scores and sentences that gensim's `Phrases` finds, with no connector words and no limit on its
    vocabulary; but for a text in which words hold "_" already, as gensim takes the word "new_york" and the words "new york" for
    the same when it counts. Empty lines are left out, and so are words that are not UTF-8.

    Args:
        corpus: as for `SkipGram.fit`.
        output: the text file to write; what stands there is replaced once the new text is complete.
        scoring: "default" (Mikolov et al. 2013b), which likes rare pairs, or "npmi" (Bouma 2009), which is bounded.
        threshold: pairs that score more are joined: for "default" more than 0, 10 unless given; for "npmi" -1 to 1, 0.5 unless
            given.
        min_count: "default" takes this off each pair's count, so that rarer pairs score nothing; "npmi" passes over them.
        passes: how often to join, with the same options; each pass may double the length of phrases. Ends early where a pass
            finds nothing.
        threads: threads that read, count and write; all cores by default.
        report: as for `SkipGram.fit`.

    Raises:
        ConfigError: an option is out of its range.
        CorpusError: the corpus cannot be read, or does not hold two different words.
        FormatError: a token of the corpus is empty or holds white space, so it would not be one word of a text.
        MemoryPlanError: the different pairs do not fit in memory.
        OutputError: the text cannot be written; what stood there is untouched.
    """
    threshold = _check(scoring, threshold, passes)
    check_text_target(output)
    for path in (
        files_of(as_reading(corpus, CorpusConfig())) if encoded_directory(corpus) is None else None
    ) or []:
        if os.path.exists(output) and os.path.samefile(path, output):  # noqa: PTH110, PTH121 - paths may be strings
            raise OutputError(
                f"will not write {output}: it is part of the corpus; give another name"
            )
    checked = TrainConfig(
        min_count=min_count, threads=available_cores() if threads is None else threads
    )
    with scanned(corpus, TrainConfig(min_count=1, threads=checked.threads), report) as encoded:
        text = Text(encoded, checked.threads, report)
        with replacing_file(output, text.size) as file:
            phrases: list[Phrase] = []
            for number in range(1, passes + 1):
                pairs = _choose(
                    *text.count(f"pass {number}"), scoring, threshold, min(checked.min_count, _MOST)
                )
                if len(pairs.counts) == 0:
                    break
                phrases += text.join(pairs)
            joined_words = text.write(file.write)
        phrases.sort(key=lambda phrase: (-phrase.score, -phrase.count, phrase.text))
        return JoinedText(phrases, len(encoded.ids), joined_words, encoded.sentences)


def write_phrases(phrases: Iterable[Phrase], path: str | os.PathLike[str]) -> None:
    """Write phrases as a table: a line each of text, count and score, tabs between them, below a line of these names.

    Raises:
        OutputError: it cannot be written; what stood there is untouched.
    """
    lines = [f"{phrase.text}\t{phrase.count}\t{phrase.score!r}\n" for phrase in phrases]
    content = "".join(["phrase\tcount\tscore\n", *lines]).encode()
    with replacing_file(path, len(content)) as file:
        file.write(content)


def _check(scoring: str, threshold: float | None, passes: int) -> float:
    """Return the threshold, or refuse an option out of its range."""
    if scoring not in THRESHOLDS:
        raise ConfigError(f"scoring={scoring} is not allowed: it takes {', '.join(THRESHOLDS)}")
    if threshold is None:
        threshold = THRESHOLDS[scoring]
    if not isinstance(threshold, int | float):
        raise ConfigError(f"threshold={threshold!r} is not allowed: it takes a number")
    if scoring == "default" and not 0 < threshold < math.inf:
        raise ConfigError(
            f"threshold={threshold} is not allowed: with scoring=default it takes a finite number more than 0"
        )
    if scoring == "npmi" and not -1 <= threshold <= 1:
        raise ConfigError(
            f"threshold={threshold} is not allowed: with scoring=npmi it takes a number from -1 to 1"
        )
    if not isinstance(passes, int | np.integer) or passes < 1:
        raise ConfigError(f"passes={passes} is not allowed: it takes a whole number at least 1")
    return threshold


class Text:
    """An encoded corpus, and what is joined in it so far.

    Attributes:
        words: the words behind the ids, those of the corpus and then those joined.
        size: bytes of the text when it is written, however it is joined: a delimiter is as long as a space.
    """

    def __init__(self, corpus: EncodedCorpus, threads: int, report: Report) -> None:
        self.words = list(corpus.vocabulary.words)
        self.size = int(corpus.vocabulary.counts @ (_lengths(self.words) + 1))
        self._corpus = corpus
        self._threads = threads
        self._report = report
        self._joins: list[PairTable] = []
        # Words of the corpus that a phrase may be spelled like: they are the same word of the text that is written.
        self._known = {word: number for number, word in enumerate(self.words) if DELIMITER in word}

    def join(self, pairs: Pairs) -> list[Phrase]:
        """Join these pairs from now on; return them as phrases."""
        texts = [
            DELIMITER.join((self.words[first], self.words[second]))
            for first, second in zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)
        ]
        ids = np.empty(len(texts), np.uint64)
        for row, text in enumerate(texts):
            ids[row] = self._known.setdefault(text, len(self.words))
            if ids[row] == len(self.words):
                self.words.append(text)
        keys = (pairs.first << 32 | pairs.second).astype(np.uint64)
        slots = 1 << (2 * len(texts) + 1).bit_length()
        self._joins.append(
            collocations.make_table(np.stack([keys, ids + np.uint64(1)], axis=1), slots)
        )
        return [
            Phrase(*row)
            for row in zip(texts, pairs.counts.tolist(), pairs.scores.tolist(), strict=True)
        ]

    def count(self, stage: str) -> tuple[NDArray[np.int64], list[PairTable]]:
        """Return how often each word occurs, (V,), and how often each pair stands side by side in a sentence.

        The tables share no pair: each thread counts those whose hash falls to it, in a table of its own. So nothing has to be
        merged, and no pair is in memory twice. Pairs of rare words cannot become phrases, but N counts them.
        """
        words, parts = np.zeros(len(self.words), np.int64), self._threads
        tables = [
            collocations.make_table(np.zeros((0, 2), np.uint64), FIRST_SLOTS) for _ in range(parts)
        ]
        for block in self._reported(stage, map_ahead(self._block, self._borders(), self._threads)):
            np.add.at(words, block.ids, 1)
            tables = list(
                map_ahead(functools.partial(_count, block, parts), enumerate(tables), self._threads)
            )
        return words, tables

    def write(self, write: Callable[[Any], object]) -> int:
        """Write the text as it is joined, a sentence a line; return the number of its words."""
        spelled = [f"{word} ".encode() for word in self.words]
        letters = np.frombuffer(b"".join(spelled) + bytes(SPARE), np.uint8)
        starts = np.zeros(len(spelled) + 1, np.int64)
        np.cumsum(np.fromiter(map(len, spelled), np.int64, len(spelled)), out=starts[1:])
        sizes = np.diff(starts)

        def render(borders: tuple[int, int]) -> tuple[NDArray[np.uint8], int]:
            block = self._block(borders)
            text = np.empty(int(sizes[block.ids].sum()) + SPARE, np.uint8)
            collocations.write_lines(*block, letters, starts, text)
            return text[:-SPARE], len(block.ids)

        words = 0
        for text, count in self._reported(
            "writing", map_ahead(render, self._borders(), self._threads)
        ):
            write(text.data)
            words += count
        return words

    def _borders(self) -> Iterator[tuple[int, int]]:
        """Yield (first, last) of stretches of whole sentences, of at least one and as many as fit into a block."""
        offsets, first = self._corpus.offsets, 0
        while first < self._corpus.sentences:
            full = int(np.searchsorted(offsets, offsets[first] + BLOCK_WORDS, side="right")) - 1
            last = max(full, first + 1)
            yield first, last
            first = last

    def _block(self, borders: tuple[int, int]) -> Block:
        """Return the sentences first, ..., last - 1 as they are joined so far."""
        first, last = borders
        begin, end = self._corpus.offsets[[first, last]].tolist()
        ids, ends = (
            self._corpus.ids[begin:end].copy(),
            self._corpus.offsets[first + 1 : last + 1] - begin,
        )
        self._corpus.forget(begin, end)
        for table in self._joins:
            ids = ids[: collocations.join_pairs(ids, ends, table)]
        return Block(ids, ends)

    def _reported(self, stage: str, blocks: Iterator[Any]) -> Iterator[Any]:
        """Yield from something made block by block, and report how many sentences are done."""
        started = time.perf_counter()
        total = self._corpus.sentences
        for (first, _), block in zip(self._borders(), blocks, strict=True):
            self._report(StageProgressed(stage, first, total, time.perf_counter() - started))
            yield block
        self._report(StageProgressed(stage, total, total, time.perf_counter() - started))


def _count(block: Block, parts: int, numbered: tuple[int, PairTable]) -> PairTable:
    """Count a block's pairs that fall to the part of this number; return its table, or the larger one that it had to become."""
    part, table = numbered
    pairs = np.empty(len(block.ids), np.uint64)
    pairs = pairs[: collocations.pick_pairs(*block, part, parts, pairs)]
    done = 0
    while (done := collocations.count_pairs(pairs, done, table)) < len(pairs):
        wanted, available = 2 * table.slots.nbytes, memory.available_memory()
        if wanted > available:
            size, free = memory.describe_bytes(wanted), memory.describe_bytes(available)
            raise MemoryPlanError(
                f"there are more than {parts * int(table.used[0]):,} different pairs of words; a larger table for them takes "
                f"{size}, but only {free} are free; give less text"
            )
        table = collocations.make_table(table.slots, 2 * len(table.slots))
    return table


def _choose(
    counts: NDArray[np.int64],
    tables: Sequence[PairTable],
    scoring: str,
    threshold: float,
    min_count: int,
) -> Pairs:
    """Return the pairs that score above the threshold; `counts` (V,) are those of words."""
    # Words and pairs that occur at all: gensim's `len_vocab`.
    different = int(np.count_nonzero(counts)) + sum(int(table.used[0]) for table in tables)
    rows = np.concatenate([table.slots[table.slots[:, NUMBER] >= min_count] for table in tables])
    first, second = (
        (rows[:, PAIR] >> np.uint64(32)).astype(np.int64),
        (rows[:, PAIR] & np.uint64(0xFFFFFFFF)).astype(np.int64),
    )
    both = rows[:, NUMBER].astype(np.int64)
    # In gensim's order of operations, for the same scores to the last bit.
    if scoring == "default":
        scores = (both - min_count) / (counts[first] * counts[second]) * different
    else:
        p_first, p_second, p_both = (
            some / counts.sum() for some in (counts[first], counts[second], both)
        )
        scores = (_log(p_both / (p_first * p_second)) / -_log(p_both)).astype(np.float64)
    found = scores > threshold
    return Pairs(first[found], second[found], both[found], scores[found])


def _lengths(words: Sequence[str]) -> NDArray[np.int64]:
    """Return the bytes of each word, (V,).

    Raises:
        FormatError: one is empty or holds white space.
    """
    spelled = [word.encode() for word in words]
    if b" ".join(spelled).split() != spelled:
        word = next(word for word, raw in zip(words, spelled, strict=True) if raw.split() != [raw])
        raise FormatError(
            f"the word {word!r} is empty or holds white space, so it would not be one word of a text; rename or remove it"
        )
    return np.fromiter(map(len, spelled), np.int64, len(spelled))
