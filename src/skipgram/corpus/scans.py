"""The scans: what a source holds becomes provisional ids, in order, and at its end a list of different words."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from queue import SimpleQueue
from typing import Any, NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from skipgram.corpus.encoded import EncodedCorpus, cut
from skipgram.corpus.sources import Source
from skipgram.corpus.tokens import TOKENS_IN_A_BATCH, Batch
from skipgram.errors import CorpusError
from skipgram.io.blocks import BLOCK_BYTES
from skipgram.kernels import scan
from skipgram.threads import borrowed, map_ahead
from skipgram.vocabulary import Spelled, Spellings

Kind = TypeVar("Kind", bytes, Batch)

Progress = Callable[[int, int], None]
"""Called with (done, total): bytes of the files as they lie, total 0 where unknown (a pipe); for tokens words, total 0."""


class Part(NamedTuple):
    """Provisional ids in the order of the text: by which table, and how many ids stand before each sentence end."""

    table: int
    ids: NDArray[np.int32]
    ends: NDArray[np.int64]


class Words(NamedTuple):
    """The different words of a corpus.

    counts (W,) int64 is 0 for what is not UTF-8 and so cannot be kept; new_ids[t][i] is the number among the W of word i of
    table t.
    """

    counts: NDArray[np.int64]
    spellings: Spellings
    new_ids: list[NDArray[np.int64]]
    undecodable: int


class Scan(Protocol):
    """Reads a corpus once."""

    def parts(self) -> Iterator[Part]:
        """Yield the ids of all words, in the order of the corpus."""

    def words(self) -> Words:
        """Return the different words, when all parts were taken."""

    @property
    def bytes_read(self) -> int:
        """Bytes read from files, as they lie."""


def scan_source(source: Source, threads: int, progress: Progress) -> Scan:
    """Return the scan for what the source holds: text or tokens, as its beginning shows."""
    first = next(source.content, b"")
    source = source._replace(content=itertools.chain([first], source.content))
    return (
        TextScan(source, threads, progress)
        if isinstance(first, bytes)
        else TokenScan(source, progress)
    )


def _one_kind(content: Iterator[Any], kind: type[Kind]) -> Iterator[Kind]:
    for item in content:
        if not isinstance(item, kind):
            raise CorpusError(
                "some files of the corpus hold text and others lists of tokens; train on one kind at a time"
            )
        yield item


class TextScan:
    """The native scan of blocks of text, in parallel."""

    def __init__(self, source: Source, threads: int, progress: Progress) -> None:
        self._source = source
        self._progress = progress
        self._threads = threads
        if source.size:  # of a pipe the size is not known
            self._threads = min(threads, source.size // BLOCK_BYTES + 1)
        self._tables = [scan.make_table() for _ in range(self._threads)]
        self._idle: SimpleQueue[int] = SimpleQueue()
        for table in range(self._threads):
            self._idle.put(table)

    @property
    def bytes_read(self) -> int:
        """See `Scan`."""
        return self._source.position()

    def parts(self) -> Iterator[Part]:
        """See `Scan`."""
        for part in map_ahead(self._scan, _one_kind(self._source.content, bytes), self._threads):
            yield part
            self._progress(self._source.position(), self._source.size)

    def _scan(self, block: bytes) -> Part:
        text = np.frombuffer(block, np.uint8)
        ids, ends = np.empty(len(text) // 2 + 1, np.int32), np.empty(block.count(b"\n"), np.int64)
        state = np.zeros(3, np.int64)
        with borrowed(self._idle) as number:
            while True:
                scan.scan(text, self._tables[number], ids, ends, state)
                if state[scan.POSITION] == len(text):
                    break
                self._tables[number] = scan.grow(
                    self._tables[number], 1, scan.next_word_length(block, state)
                )
        return Part(number, ids[: state[scan.IDS]], ends[: state[scan.ENDS]])

    def words(self) -> Words:
        """See `Scan`: the tables of all threads, merged."""
        total, others = self._tables[0], self._tables[1:]
        new_ids = [np.arange(total.words)]
        if others:
            words, letters = (
                sum(int(table.used[what]) for table in others) for what in (scan.WORDS, scan.BYTES)
            )
            total = scan.grow(total, words, letters)
        for table in others:
            new_ids.append(np.empty(table.words, np.int64))
            scan.merge(table, total, new_ids[-1])
        counts, valid = total.counts, total.valid[: total.words]
        undecodable = int(counts[~valid].sum())
        return Words(np.where(valid, counts, 0), total, new_ids, undecodable)


class TokenScan:
    """The scan of sentences that are tokens already: strings, or integers, whose words are their decimal digits."""

    def __init__(self, source: Source, progress: Progress) -> None:
        self._source = source
        self._progress = progress
        self._numbers: defaultdict[Hashable, int] = defaultdict(itertools.count().__next__)
        self._counts = np.zeros(0, np.int64)

    @property
    def bytes_read(self) -> int:
        """See `Scan`."""
        return self._source.position()

    def parts(self) -> Iterator[Part]:
        """See `Scan`."""
        done = 0
        for batch in _one_kind(self._source.content, Batch):
            part = self._number(batch)
            yield part
            done += len(part.ids)
            self._progress(done, 0)

    def _number(self, batch: Batch) -> Part:
        try:
            ids = np.fromiter(
                map(self._numbers.__getitem__, batch.tokens), np.int32, len(batch.tokens)
            )
        except TypeError as error:
            raise CorpusError(f"a sentence is not a list of strings: {error}") from error
        if batch.indices is not None:
            ids = ids[batch.indices]
        counts = np.bincount(ids, minlength=len(self._numbers))
        counts[: len(self._counts)] += self._counts
        self._counts = counts
        return Part(0, ids, batch.ends)

    def words(self) -> Words:
        """See `Scan`; tokens that cannot be written as UTF-8 (lone surrogates) cannot be kept."""
        tokens = list(self._numbers)
        kinds = {type(token) for token in tokens}
        strings = all(issubclass(kind, str) for kind in kinds)
        if not strings and not all(
            issubclass(kind, int | np.integer) and kind is not bool for kind in kinds
        ):
            odd = next(
                token
                for token in sorted(tokens, key=lambda token: isinstance(token, int))
                if not isinstance(token, str)
            )
            raise CorpusError(
                f"the token {odd!r} is of type {type(odd).__name__}; tokens are all strings or all integers, as in str(token)"
            )
        texts = list(map(str, tokens))
        valid = np.array([_is_utf8(text) for text in texts], np.bool_)
        undecodable = int(self._counts[~valid].sum()) if tokens else 0
        return Words(
            np.where(valid, self._counts, 0), Spelled(texts), [np.arange(len(tokens))], undecodable
        )


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class EncodedScan:
    """The scan of a corpus that is encoded already, or of parts of it (first, last), for another choice of its words."""

    def __init__(
        self,
        corpus: EncodedCorpus,
        progress: Progress,
        parts: Iterable[tuple[int, int]] | None = None,
    ) -> None:
        self._corpus = corpus
        self._parts = parts or [(0, len(corpus.ids))]
        self._progress = progress
        self.bytes_read = corpus.report.bytes_read

    def parts(self) -> Iterator[Part]:
        """See `Scan`."""
        ids, offsets = self._corpus.ids, self._corpus.offsets
        for first, last in (
            batch for part in self._parts for batch in cut(*part, TOKENS_IN_A_BATCH)
        ):
            begin, end = (
                np.searchsorted(offsets, position, side="right") for position in (first, last)
            )
            yield Part(0, ids[first:last].copy(), offsets[begin:end] - first)
            self._corpus.forget(first, last)
            self._progress(last, 0)

    def words(self) -> Words:
        """See `Scan`."""
        vocabulary = self._corpus.vocabulary
        return Words(vocabulary.counts, Spelled(vocabulary.words), [np.arange(len(vocabulary))], 0)
