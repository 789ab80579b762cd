"""Scans: one pass over a corpus that yields provisional word ids and then its distinct words."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from queue import SimpleQueue
from typing import Any, Literal, NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from skipgram.corpus import cleaning
from skipgram.corpus.encoded import EncodedCorpus, cut
from skipgram.corpus.left_out import remedy_for_encoding
from skipgram.corpus.sources import InMemory, Source, Spell
from skipgram.corpus.tokens import TOKENS_IN_A_BATCH, Batch, stop_words
from skipgram.errors import CorpusError
from skipgram.io.blocks import BLOCK_BYTES, Dropped
from skipgram.kernels import scan
from skipgram.kernels.scan import WordTable
from skipgram.threads import borrowed, map_ahead
from skipgram.vocabulary import Spelled, Spellings

_UNDECODABLE_LOOKED_AT = 1000
"""How many words that are not UTF-8 decide which encoding is suggested."""

Kind = TypeVar("Kind", bytes, Batch)

Unit = Literal["bytes", "words"]
Progress = Callable[[int, int, Unit], None]
"""Called with (done, total, unit): bytes of the files as stored, with total 0 if unknown (a pipe);
for tokens, the number of words, with total 0."""


class IdBlock(NamedTuple):
    """Provisional ids, in the order of the text.

    `table` is the number of the table that gave the ids; `ends` counts the ids before each end of
    a sentence.
    """

    table: int
    ids: NDArray[np.int32]
    ends: NDArray[np.int64]


class DistinctWords(NamedTuple):
    """The W distinct words of a corpus.

    counts (W,) int64 is 0 for words that cannot be kept: stop words, and words that are not UTF-8.
    new_ids[t][i] is the number, among the W, of word i of table t. `undecodable` counts the
    occurrences of words that are not UTF-8, `stopped` those of stop words. `encoding_remedy` is
    what to do about the former.
    """

    counts: NDArray[np.int64]
    spellings: Spellings
    new_ids: list[NDArray[np.int64]]
    undecodable: int
    stopped: int = 0
    encoding_remedy: str = ""


class Scan(Protocol):
    """Reads a corpus once."""

    def blocks(self) -> Iterator[IdBlock]:
        """Yield the ids of all words, in the order of the corpus."""

    def distinct_words(self) -> DistinctWords:
        """Return the distinct words, once all blocks have been read."""

    @property
    def bytes_read(self) -> int:
        """Bytes read from files, counted as stored."""

    @property
    def dropped(self) -> Dropped:
        """What has been left out."""


def strings(tokens: Sequence[Hashable]) -> list[str]:
    """Return tokens as strings; integers as decimal digits.

    Raises:
        CorpusError: they are neither all strings nor all integers.
    """
    _check_types(tokens)
    return list(map(str, tokens))


def scan_source(source: Source, threads: int, progress: Progress) -> Scan:
    """Return the scan for the content of a source: text or tokens, as its first item shows."""
    content = source.read()
    first = next(content, b"")
    content = itertools.chain([first], content)
    if isinstance(first, bytes):
        return TextScan(source, _one_kind(content, bytes), threads, progress)
    spell = source.spell if isinstance(source, InMemory) else None
    return TokenScan(source, _one_kind(content, Batch), progress, spell or strings)


def _one_kind(content: Iterator[Any], kind: type[Kind]) -> Iterator[Kind]:
    for item in content:
        if not isinstance(item, kind):
            raise CorpusError(
                "some files of the corpus hold text and others hold lists of tokens; "
                "train on one kind at a time"
            )
        yield item


class TextScan:
    """The compiled scan of blocks of text, on several threads."""

    def __init__(
        self, source: Source, text: Iterator[bytes], threads: int, progress: Progress
    ) -> None:
        self._source = source
        self._text = text
        self._progress = progress
        self._clean = cleaning.cleaner(source.config)
        self._by_unicode = source.config.whitespace == "unicode"
        self._threads = threads
        if source.size:  # the size of a pipe is unknown
            self._threads = min(threads, source.size // BLOCK_BYTES + 1)
        stopped = stop_words(source.config)
        self._stopped = len(stopped)
        """How many words of each table, the first ones, are stop words."""
        self._tables = [
            _table_of(stopped, by_unicode=self._by_unicode) for _ in range(self._threads)
        ]
        self._idle: SimpleQueue[int] = SimpleQueue()
        for table in range(self._threads):
            self._idle.put(table)

    @property
    def bytes_read(self) -> int:
        """See `Scan`."""
        return self._source.position

    @property
    def dropped(self) -> Dropped:
        """See `Scan`."""
        return self._source.dropped

    def blocks(self) -> Iterator[IdBlock]:
        """See `Scan`."""
        for block in map_ahead(self._scan, self._text, self._threads):
            yield block
            self._progress(self._source.position, self._source.size, "bytes")

    def _scan(self, block: bytes) -> IdBlock:
        if self._clean:
            block = self._clean(block)
        with borrowed(self._idle) as number:
            self._tables[number], ids, ends = scan_block(
                block, self._tables[number], by_unicode=self._by_unicode
            )
        return IdBlock(number, ids, ends)

    def distinct_words(self) -> DistinctWords:
        """See `Scan`: the words of all threads' tables, merged."""
        merged, others = self._tables[0], self._tables[1:]
        new_ids = [np.arange(merged.words)]
        if others:
            words = sum(int(table.used[scan.WORDS]) for table in others)
            letters = sum(int(table.used[scan.BYTES]) for table in others)
            merged = scan.grow(merged, words, letters)
        for table in others:
            new_ids.append(np.empty(table.words, np.int64))
            scan.merge(table, merged, new_ids[-1])
        counts, valid = merged.counts, merged.valid[: merged.words]
        undecodable = int(counts[~valid].sum())
        remedy = self._look_at_undecodable(merged) if undecodable else ""
        stopped = int(counts[: self._stopped].sum())
        counts = np.where(valid, counts, 0)
        counts[: self._stopped] = 0
        return DistinctWords(counts, merged, new_ids, undecodable, stopped, remedy)

    def _look_at_undecodable(self, table: WordTable) -> str:
        """Locate the first word that is not UTF-8; return what to do about such words."""
        self._source.locate_undecodable()
        counts, valid = table.counts, table.valid[: table.words]
        starts = table.starts[: table.words + 1]
        highest = np.maximum.reduceat(table.letters[: starts[-1]], starts[:-1])
        some = np.flatnonzero(~valid & (counts > 0))[:_UNDECODABLE_LOOKED_AT]
        return remedy_for_encoding(
            self._source.encoding,
            [table.letters[starts[word] : starts[word + 1]].tobytes() for word in some],
            int(counts[~valid].sum()),
            int(counts[valid & (highest >= 0x80)].sum()),
            len(self._source.paths or ()),
        )


def _table_of(words: Iterable[str], *, by_unicode: bool) -> WordTable:
    """Return a table of distinct words that have not occurred yet."""
    block = "".join(f"{word}\n" for word in words).encode("utf-8", "surrogatepass")
    table, _, _ = scan_block(block, scan.make_table(), by_unicode=by_unicode)
    table.records[: table.words, scan.COUNT] = 0
    return table


def scan_block(
    block: bytes, table: WordTable, *, by_unicode: bool
) -> tuple[WordTable, NDArray[np.int32], NDArray[np.int64]]:
    """Return the ids of the words of a block, and the ids before each line end.

    The table is returned too: with the new words, and larger if it had no room for them.
    """
    text = np.frombuffer(block, np.uint8)
    ids = np.empty(len(text) // 2 + 1, np.int32)
    ends = np.empty(block.count(b"\n"), np.int64)
    state = np.zeros(3, np.int64)
    while True:
        scan.scan(text, table, ids, ends, state, by_unicode)
        if state[scan.POSITION] == len(text):
            break
        table = scan.grow(table, 1, scan.next_word_length(block, state))
    return table, ids[: state[scan.IDS]], ends[: state[scan.ENDS]]


class TokenScan:
    """The scan of sentences of tokens, which `spell` makes words."""

    def __init__(
        self, source: Source, batches: Iterator[Batch], progress: Progress, spell: Spell
    ) -> None:
        self._source = source
        self._batches = batches
        self._progress = progress
        self._spell = spell
        self._numbers: defaultdict[Hashable, int] = defaultdict(itertools.count().__next__)
        self._counts = np.zeros(0, np.int64)
        self._stop_words = stop_words(source.config)

    @property
    def bytes_read(self) -> int:
        """See `Scan`."""
        return self._source.position

    @property
    def dropped(self) -> Dropped:
        """See `Scan`."""
        return self._source.dropped

    def blocks(self) -> Iterator[IdBlock]:
        """See `Scan`."""
        done = 0
        for batch in self._batches:
            block = self._number(batch)
            yield block
            done += len(block.ids)
            self._progress(done, 0, "words")

    def _number(self, batch: Batch) -> IdBlock:
        numbers = map(self._numbers.__getitem__, batch.tokens)
        try:
            ids = np.fromiter(numbers, np.int32, len(batch.tokens))
        except TypeError as error:
            raise CorpusError(
                f"a token cannot be a word ({error}); give each sentence as a flat list of tokens"
            ) from error
        if batch.indices is not None:
            ids = ids[batch.indices]
        counts = np.bincount(ids, minlength=len(self._numbers))
        counts[: len(self._counts)] += self._counts
        self._counts = counts
        return IdBlock(0, ids, batch.ends)

    def distinct_words(self) -> DistinctWords:
        """See `Scan`; tokens that UTF-8 cannot encode (lone surrogates) cannot be kept."""
        tokens = list(self._numbers)
        texts = self._spell(tokens)
        valid = np.array([_is_utf8(text) for text in texts], np.bool_)
        stops = np.array([text in self._stop_words for text in texts], np.bool_)
        undecodable = int(self._counts[~valid].sum()) if tokens else 0
        remedy = self._look_at_undecodable(texts, valid) if undecodable else ""
        stopped = int(self._counts[stops].sum()) if tokens else 0
        counts = np.where(valid & ~stops, self._counts, 0)
        new_ids = [np.arange(len(tokens))]
        return DistinctWords(counts, Spelled(texts), new_ids, undecodable, stopped, remedy)

    def _look_at_undecodable(self, texts: Sequence[str], valid: NDArray[np.bool_]) -> str:
        """Locate the first word that is not UTF-8; return what to do about such words."""
        self._source.locate_undecodable()
        beyond_ascii = np.array([not text.isascii() for text in texts], np.bool_)
        some = np.flatnonzero(~valid)[:_UNDECODABLE_LOOKED_AT].tolist()
        return remedy_for_encoding(
            self._source.encoding,
            [_bytes_of(texts[word]) for word in some],
            int(self._counts[~valid].sum()),
            int(self._counts[valid & beyond_ascii].sum()),
            len(self._source.paths or ()),
        )


def _check_types(tokens: Sequence[Hashable]) -> None:
    """Reject tokens unless all are strings or all are integers."""
    kinds = {type(token) for token in tokens}
    if all(issubclass(kind, str) for kind in kinds):
        return
    if all(issubclass(kind, int | np.integer) and kind is not bool for kind in kinds):
        return
    others = [token for token in tokens if not isinstance(token, str)]
    # An integer may be meant; a token of any other type is surely wrong, so name that one first.
    token = min(others, key=lambda other: isinstance(other, int))
    raise CorpusError(
        f"the token {token!r:.60} is of type {type(token).__name__}, but tokens must be all "
        f"strings or all integers; {_remedy(token)}"
    )


def _remedy(token: Hashable) -> str:
    """Return what to do about tokens like this one, which is neither a string nor an integer."""
    if token is None or token != token:  # NaN does not equal itself
        return "leave out missing values"
    if isinstance(token, bytes):
        return 'convert them with token.decode("utf-8")'
    if isinstance(token, tuple):
        return "choose a part of each, as in [token[0] for token in tokens]"
    if isinstance(token, re.Match):
        return "take their text with token.group()"
    return "convert them with str(token)"


def _bytes_of(text: str) -> bytes:
    """Return the bytes of a word that was decoded with surrogateescape, or has other surrogates."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class EncodedScan:
    """The scan of an encoded corpus, to choose its words again.

    Args:
        corpus: the encoded corpus.
        progress: called with (words done, 0, "words").
        spans: the parts to read, ids[first:last] each; all of the corpus by default.
    """

    def __init__(
        self,
        corpus: EncodedCorpus,
        progress: Progress,
        spans: Sequence[tuple[int, int]] | None = None,
    ) -> None:
        self._corpus = corpus
        self._spans = spans or [(0, len(corpus.ids))]
        self._progress = progress
        self.bytes_read = corpus.report.bytes_read
        self.dropped = Dropped()

    def blocks(self) -> Iterator[IdBlock]:
        """See `Scan`."""
        corpus = self._corpus
        for span in self._spans:
            for first, last in cut(*span, TOKENS_IN_A_BATCH):
                begin, end = corpus.sentence_at(first), corpus.sentence_at(last)
                ends = corpus.offsets[begin + 1 : end + 1] - first
                yield IdBlock(0, corpus.ids[first:last], ends)
                self._progress(last, 0, "words")

    def distinct_words(self) -> DistinctWords:
        """See `Scan`."""
        vocabulary = self._corpus.vocabulary
        spellings = Spelled(vocabulary.words)
        return DistinctWords(vocabulary.counts, spellings, [np.arange(len(vocabulary))], 0)
