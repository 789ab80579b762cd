"""Whatever the user hands over as one of two things: text, in blocks of bytes, or sentences that are tokens already.

A block is what the native scan works on. It ends with white space (a line end where one is near), the last block of each file
with a line end, so no word and no sentence is cut by the way it was read.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from skipgram.config import CorpusConfig
from skipgram.corpus import tables, tokens
from skipgram.corpus.tokens import Batch
from skipgram.errors import ConfigError, CorpusError, ReadError
from skipgram.io.blocks import read_blocks
from skipgram.io.locations import find, is_url
from skipgram.io.streams import STANDARD_INPUT, Location, Stream, decompressed

Place = str | os.PathLike[str]
Corpus = Place | Iterable[Place] | Iterable[Sequence[str]] | Iterable[Sequence[int]] | Any
"""A path, pattern or URL, several of them, sentences as lists of tokens, or a column of a table: see `SkipGram.fit`."""


class Reading(NamedTuple):
    """A corpus, and how it shall be read."""

    corpus: Corpus
    config: CorpusConfig = CorpusConfig()


def as_reading(corpus: Corpus, config: CorpusConfig) -> Reading:
    """Return a corpus with options of its own, or without any with those given here.

    Raises:
        ConfigError: there are options both ways.
    """
    if not isinstance(corpus, Reading):
        return Reading(corpus, config)
    if config.model_fields_set:
        raise ConfigError(
            f"{min(config.model_fields_set)} is given beside a Reading; give it in the Reading"
        )
    return corpus


def files_of(reading: Reading) -> list[Path] | None:
    """Return the files that a corpus lies in; None where it lies elsewhere, or partly.

    Raises:
        CorpusError: a place does not exist or cannot be read.
    """
    corpus = reading.corpus
    places: list[Any] = list(corpus) if isinstance(corpus, list | tuple) else [corpus]
    if not all(is_place(place) or (place is corpus and isinstance(place, str)) for place in places):
        return None
    with _as_corpus_errors():
        paths = [location.path for location in find(places)]
    return (
        None
        if any(path is None or not path.is_file() for path in paths)
        else [path for path in paths if path]
    )


class Source(NamedTuple):
    """What a corpus holds: `content` yields only blocks of bytes, or only batches of tokens.

    size: bytes of all its files as they lie, 0 where unknown; position: how many of them were read.
    """

    content: Iterator[bytes | Batch]
    size: int
    position: Callable[[], int]


def open_source(reading: Reading) -> Source:
    """Tell what is handed over; nothing of an iterable is lost, though it may be readable only once.

    Raises:
        CorpusError: it is no corpus, or cannot be read.
    """
    with _as_corpus_errors():
        source = _open(reading)
    return source._replace(content=_guarded(source.content))


@contextmanager
def _as_corpus_errors() -> Iterator[None]:
    """Turn an error of `skipgram.io`, which does not know what it reads, into a CorpusError."""
    try:
        yield
    except ReadError as error:
        raise CorpusError(
            str(error) if error.place == STANDARD_INPUT else f"corpus {error}"
        ) from error


def _guarded(content: Iterator[bytes | Batch]) -> Iterator[bytes | Batch]:
    with _as_corpus_errors():
        yield from content


def _open(reading: Reading) -> Source:
    corpus, config = reading
    if isinstance(corpus, str | os.PathLike):
        return _open_files(find([corpus]), config)
    if tables.is_table(corpus):
        return _without_files(tables.read_object(corpus, config))
    if isinstance(corpus, bytes | Mapping) or not isinstance(corpus, Iterable):
        raise CorpusError(
            f"a corpus is a path or URL, several of them, an iterable of token lists or a table, not {type(corpus).__name__}"
        )
    items: Iterator[Any] = iter(corpus)
    first = next(items, None)
    if first is None:
        raise CorpusError(
            "the corpus holds no sentences; a generator that was read before is used up"
        )
    if is_place(first):
        places = [first, *items]
        wrong = next((place for place in places if not is_place(place)), None)
        if wrong is not None:
            raise CorpusError(
                f"a corpus of paths holds {wrong!r}, which is no pathlib.Path and no URL; give paths only, or sentences only"
            )
        return _open_files(find(places), config)
    return _without_files(_read_items(first, itertools.chain([first], items), corpus, config))


def is_place(item: Any) -> bool:
    """Whether an item of an iterable is a path or a URL, and not a sentence."""
    return isinstance(item, os.PathLike) or (
        isinstance(item, str) and is_url(item) and len(item.split()) == 1
    )


def _read_items(
    first: Any, items: Iterator[Any], corpus: Any, config: CorpusConfig
) -> Iterator[bytes | Batch]:
    """Yield what an iterable of sentences, lines or records holds."""
    if isinstance(first, Mapping):
        return tables.read_records(
            items, tables.needed_column(config, "an iterable of records", list(first)), config
        )
    if isinstance(first, str) and (config.tokenizer or config.token_pattern):
        return tokens.tokenize(items, config)
    useless = sorted(config.model_fields_set) if not isinstance(first, str) else []
    if useless:
        raise CorpusError(
            f"{useless[0]} has no effect on sentences that are lists of tokens, which are taken as they are; leave it out"
        )
    if isinstance(corpus, np.ndarray) and corpus.ndim == 2 and corpus.dtype.kind in "iu":
        return tokens.matrix_batches(corpus)
    return tokens.sentence_batches(items)


def _without_files(content: Iterator[bytes | Batch]) -> Source:
    return Source(content, 0, lambda: 0)


def _open_files(locations: Sequence[Location], config: CorpusConfig) -> Source:
    """Return the content of files, one after the other."""
    done, opened = 0, Stream(locations[0])

    def content() -> Iterator[bytes | Batch]:
        nonlocal done, opened
        for location in locations:
            opened = Stream(location)
            with closing(opened), closing(decompressed(opened)) as file:
                if tables.is_table_file(location.name, file, config):
                    yield from tables.read_file(location, file, config)
                else:
                    yield from tokens.split(read_blocks(file, location.name), config)
                done += max(opened.position, location.size)
                opened.position = 0

    sizes = [location.size for location in locations]
    return Source(content(), sum(sizes) if all(sizes) else 0, lambda: done + opened.position)
