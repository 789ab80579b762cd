"""What a corpus is: files, objects in memory, or a directory that `encode` wrote.

`resolve_corpus` decides this once, for all functions that take a corpus. Files and objects in
memory are a `Source`: their content is either text, in blocks of bytes, or tokens, in batches of
sentences.

The compiled scan works on blocks. A block ends with white space (a line end if one is near), and
the last block of a file ends with a line end, so no block cuts a word or a sentence.
"""

from __future__ import annotations

import io
import itertools
import os
import reprlib
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, NamedTuple, TypeAlias, TypeGuard, TypeVar

import numpy as np

from skipgram.config import CorpusConfig
from skipgram.corpus import groups, table_files, tables, tokens
from skipgram.corpus.tokens import Batch
from skipgram.encodings import better
from skipgram.errors import ConfigError, CorpusError, NotTextError, ReadError
from skipgram.io import binary
from skipgram.io.blocks import (
    Dropped,
    begins_as_utf8,
    binary_or_wide,
    read_blocks,
    undecodable_line,
    wide_encoding,
    with_short_lines,
)
from skipgram.io.decoding import as_utf8
from skipgram.io.directories import is_encoded
from skipgram.io.locations import find, is_url
from skipgram.io.streams import STANDARD_INPUT, Location, Stream, decompressed

Content = TypeVar("Content")

Place = str | os.PathLike[str]
Corpus = Place | Iterable[Place] | Iterable[Sequence[str]] | Iterable[Sequence[int]] | Any
"""A path, pattern or URL, or several of them; sentences as lists of tokens; or a column of a
table. See `SkipGram.fit`."""


class Reading(NamedTuple):
    """A corpus, and how to read it."""

    corpus: Corpus
    config: CorpusConfig = CorpusConfig()

    def __repr__(self) -> str:
        # The corpus may be all of a text.
        return f"Reading({reprlib.repr(self.corpus)}, {self.config!r})"


def as_reading(corpus: Corpus, config: CorpusConfig) -> Reading:
    """Return a `Reading` unchanged, and any other corpus with the given options.

    Raises:
        ConfigError: options are given for a `Reading`, which has its own.
    """
    if not isinstance(corpus, Reading):
        return Reading(corpus, config)
    for name in config.given:
        raise ConfigError(
            f"{name} has no effect on a Reading, which has its own options; "
            f"set {name} in the CorpusConfig of the Reading"
        )
    return corpus


class Files:
    """Files of text or of tables, read one after the other.

    Attributes:
        config: how text becomes words.
        encoding: in which text is read, for messages; None if no option can change that.
        dropped: what has been left out so far.
    """

    def __init__(self, locations: Sequence[Location], config: CorpusConfig) -> None:
        self.config = config
        self.encoding: str | None = config.encoding
        self._sizes = [location.size for location in locations]
        self._locations = locations
        self.dropped = Dropped()
        self._stream = Stream(locations[0])
        self._done = 0
        self._number = 0

    @property
    def size(self) -> int:
        """Bytes of all files as stored; 0 if unknown, as of URLs that are not open yet."""
        sizes = self._sizes.copy()
        sizes[self._number] = sizes[self._number] or self._stream.size
        return sum(sizes) if all(sizes) else 0

    @property
    def position(self) -> int:
        """How many bytes, as stored, have been read."""
        return self._done + self._stream.position

    @property
    def paths(self) -> list[Path] | None:
        """The paths of the files; None unless all are regular files on this machine."""
        paths = [location.path for location in self._locations]
        regular = [path for path in paths if path is not None and path.is_file()]
        return regular if len(regular) == len(paths) else None

    def locate_undecodable(self) -> None:
        """Note where the first word that is not UTF-8 is, if the files can be read again."""
        for location in self._locations if self.paths else ():
            with closing(Stream(location)) as stream, self._as_utf8(stream, Dropped()) as file:
                is_skipped = location.found and _is_binary(file)
                is_text = not is_skipped and not table_files.is_parquet(file)
                line = undecodable_line(file) if is_text else None
            if line is not None:
                self.dropped.first_undecodable = f"{location.name}, line {line:,}"
                return

    def read(self) -> Iterator[bytes | Batch]:
        """Yield text or tokens; whether a file is text or a table shows when it is opened."""
        with _as_corpus_errors():
            if self.config.group_by is not None:
                yield from groups.sentences(self._frames(), self.config, self.dropped)
                return
            for location, file in self._open():
                yield from self._checked(location, self._contents(location, file))

    def _contents(self, location: Location, file: io.BufferedReader) -> Iterator[bytes | Batch]:
        if table_files.is_table_file(location.name, file, self.config):
            return table_files.read_file(location, file, self.config, self.dropped)
        blocks = read_blocks(file, location.name, self.dropped, self.config.max_word)
        if tokens.splits_lines(self.config):
            blocks = with_short_lines(blocks, location.name, self.config.max_line)
        return tokens.split(blocks, self.config)

    def _frames(self) -> Iterator[groups.Frame]:
        for location, file in self._open():
            frames = table_files.frames(location, file, self.config, self.dropped)
            for columns in self._checked(location, frames):
                yield location.name, columns

    def _checked(self, location: Location, contents: Iterator[Content]) -> Iterator[Content]:
        """Yield the contents of a file, or skip it if it was found and turns out not to be text.

        A file of which a part has been used cannot be skipped any more, which is an error.
        """
        is_begun = False
        try:
            for content in contents:
                yield content
                is_begun = True
        except NotTextError as error:
            if not location.found:
                raise
            if is_begun:
                raise NotTextError(error.place, error.reason + _or_exclude(location)) from error
            self.dropped.skip(location.name)
        except CorpusError as error:
            if mixture := self._describe_mixture(location):
                raise CorpusError(mixture) from error
            raise

    def _describe_mixture(self, failed: Location) -> str:
        """Say that the corpus holds texts and tables, if a file may have failed for that reason."""
        if table_files.is_named_as_table(failed.name) != (self.config.column is None):
            return ""
        texts: list[str] = []
        patterns: dict[str, str] = {}
        for location in self._locations:
            if table_files.is_named_as_table(location.name):
                patterns.setdefault(table_files.pattern_of(location.name), location.name)
            elif not texts and self._holds_text(location):
                texts.append(location.name)
        if not texts or not patterns:
            return ""
        excluded = ", ".join(f"exclude='{pattern}'" for pattern in patterns)
        column = self.config.column or "NAME"
        return (
            f"the corpus holds texts, such as {texts[0]}, and tables, such as "
            f"{next(iter(patterns.values()))}; leave the tables out with {excluded}, or read only "
            f"the tables with {excluded.replace('exclude', 'include')} and column={column}"
        )

    def _open(self) -> Iterator[tuple[Location, io.BufferedReader]]:
        """Yield the files, open at their beginnings, one after the other."""
        for number, location in enumerate(self._locations):
            self._stream, self._number = Stream(location), number
            with closing(self._stream), self._as_utf8(self._stream, self.dropped) as file:
                if location.found and _is_binary(file):
                    self.dropped.skip(location.name)
                else:
                    _check_text(location, file)
                    yield location, file
                    if self._stream.check():
                        self.dropped.count_grown(location.name)
                if self._stream.moved_to:
                    self.dropped.count_redirect(location.name, self._stream.moved_to)
                self._sizes[number] = self._stream.size or self._stream.position
                self._done += max(self._stream.position, location.size)
                self._stream.position = 0
        if self.dropped.skipped_files == len(self._locations):
            verb = "is" if self.dropped.skipped_files == 1 else "are"
            raise ReadError(
                self.dropped.first_skipped,
                f"{verb} not text, and there are no other files; name text files, and unpack "
                "archives",
            )

    @contextmanager
    def _as_utf8(self, stream: Stream, dropped: Dropped) -> Iterator[io.BufferedReader]:
        """Open a file: decompressed, and its text in UTF-8 unless it is Parquet or binary."""
        with closing(decompressed(stream)) as file:
            encoding, first = self.config.encoding, _sample(file)
            may_be_text = binary.kind_of(first) in (None, binary.BINARY, binary.UTF_16)
            # In any other encoding, text in UTF-16 would look binary.
            is_wide = wide_encoding(first) and not encoding.startswith(("utf-16", "utf-32"))
            if may_be_text and not is_wide and not table_files.is_parquet(file):
                if known := better(file.peek(), encoding):
                    dropped.count_misread(stream.location.name, known)
                yield as_utf8(file, encoding)
            else:
                yield file

    def _holds_text(self, location: Location) -> bool:
        """Whether a file on this machine may be text."""
        if location.path is None or not location.path.is_file():
            return False
        with closing(Stream(location)) as stream, self._as_utf8(stream, Dropped()) as file:
            return not (_is_binary(file) or table_files.is_parquet(file))


def _sample(file: io.BufferedReader) -> bytes:
    """Return the first bytes of a file that is open at its beginning."""
    return file.peek(binary.SAMPLE_BYTES)[: binary.SAMPLE_BYTES]


def _is_binary(file: io.BufferedReader) -> bool:
    """Whether a file is neither text nor a table."""
    first = _sample(file)
    if table_files.is_parquet(file) or wide_encoding(first):
        return False
    is_other = binary.kind_of(first) is not None
    return is_other or (b"\0" in first and not begins_as_utf8(first))


def _check_text(location: Location, file: io.BufferedReader) -> None:
    """Reject a file that is neither text nor a table."""
    if table_files.is_parquet(file):
        return
    first = _sample(file)
    kind = binary.BINARY if wide_encoding(first) else binary.kind_of(first)
    if kind is None:
        return
    if kind == binary.BINARY:
        reason = f"cannot be read as text: {binary_or_wide(first)}"
    else:
        reason = f"is {kind}, not text; {binary.remedy_for(kind)}"
    raise ReadError(location.name, reason + (_or_exclude(location) if location.found else ""))


def _or_exclude(location: Location) -> str:
    """Return the other remedy for a file that was found in a directory."""
    return f", or leave it out with exclude='{PurePath(location.name).name}'"


Spell: TypeAlias = Callable[[Sequence[Hashable]], list[str]]
"""Returns the words of distinct tokens, all different."""


class InMemory:
    """A table, records, lines or sentences in memory, with the attributes of `Files`.

    Attributes:
        spell: returns the words of distinct tokens; None if they must be all strings or all
            integers.
    """

    size = 0
    position = 0
    paths = None
    encoding = None

    def __init__(
        self,
        content: Iterator[bytes | Batch],
        config: CorpusConfig,
        dropped: Dropped | None = None,
    ) -> None:
        in_files = (
            "include",
            "exclude",
            "encoding",
            "delimiter",
            "quoting",
            "max_word",
            "max_line",
        )
        config.refuse(in_files, "on a corpus in memory")
        self.config = config
        self.dropped = dropped or Dropped()
        self.spell: Spell | None = None
        self._content = content

    def locate_undecodable(self) -> None:
        """Do nothing: what is in memory has no lines."""

    def read(self) -> Iterator[bytes | Batch]:
        """Yield text or tokens; they can be read once."""
        with _as_corpus_errors():
            yield from self._content


Source = Files | InMemory
"""A corpus that is not encoded yet."""


@dataclass(frozen=True)
class EncodedDirectory:
    """A directory that `encode` wrote."""

    path: Path


ResolvedCorpus = Source | EncodedDirectory
"""What `resolve_corpus` returns."""


def resolve_corpus(
    corpus: Corpus,
    default: CorpusConfig = CorpusConfig(),  # noqa: B008 - frozen
) -> ResolvedCorpus:
    """Return what kind of corpus this is.

    Args:
        corpus: as for `SkipGram.fit`. Nothing of an iterable is lost, even if it can be read only
            once. A resolved corpus is returned unchanged.
        default: how text becomes words, unless the corpus is encoded or a `Reading` with options.

    Raises:
        CorpusError: it is not a corpus, or its files do not exist or cannot be read.
        ConfigError: it is encoded, and a `Reading` has options for its text.
    """
    if isinstance(corpus, Files | InMemory | EncodedDirectory):
        return corpus
    given: dict[str, Any] = {}
    if isinstance(corpus, Reading):
        corpus, config = corpus
        given = config.given
        default = config if given else default
    directory = encoded_directory(corpus)
    if directory is None:
        with _as_corpus_errors():
            return _resolve_source(corpus, default)
    for name in given:
        raise ConfigError(
            f"{name} has no effect on an encoded corpus; leave it out, or encode the text again"
        )
    return EncodedDirectory(directory)


@contextmanager
def _as_corpus_errors() -> Iterator[None]:
    """Turn an error of `skipgram.io`, which does not know what it reads, into a CorpusError."""
    try:
        yield
    except ReadError as error:
        raise CorpusError(
            str(error) if error.place == STANDARD_INPUT else f"corpus {error}"
        ) from error


def encoded_directory(corpus: object) -> Path | None:
    """Return the directory if the corpus is an encoded one, or a list or a Reading of only it."""
    if isinstance(corpus, Reading):
        corpus = corpus.corpus
    if isinstance(corpus, list | tuple) and len(corpus) == 1:
        corpus = corpus[0]
    if not isinstance(corpus, str | os.PathLike):
        return None
    path = Path(corpus).expanduser()
    return path if is_encoded(path) else None


def _resolve_source(corpus: Corpus, config: CorpusConfig) -> Source:
    if isinstance(corpus, str | os.PathLike):
        return _files([corpus], config)
    dropped = Dropped()
    if tables.is_table(corpus):
        if config.group_by is None:
            content = tables.read_object(corpus, config, dropped)
            return InMemory(content, config, dropped)
        name = tables.name_of(corpus)
        return _grouped(((name, columns) for columns in tables.frames(corpus, config)), config)
    if isinstance(corpus, bytes | Mapping) or not isinstance(corpus, Iterable):
        raise CorpusError(
            f"the corpus is of type {type(corpus).__name__}; it must be a path or URL, a list of "
            "these, an iterable of token lists, or a table"
        )
    items: Iterator[Any] = iter(corpus)
    first = next(items, None)
    if first is None:
        raise CorpusError(
            "the corpus has no sentences; if it is a generator, create it again, because it can be "
            "read only once"
        )
    if _is_place(first):
        return _files(_places([first, *items]), config)
    if config.group_by is not None:
        return _grouped_records(first, itertools.chain([first], items), config)
    if isinstance(corpus, np.ndarray) and corpus.ndim == 2 and corpus.dtype.kind in "iu":
        _refuse_options(config)
        return InMemory(tokens.matrix_batches(corpus), config)
    content = _read_items(first, itertools.chain([first], items), config, dropped)
    return InMemory(content, config, dropped)


def _files(names: Iterable[Place], config: CorpusConfig) -> Files:
    return Files(find(names, config.include, config.exclude), config)


def _grouped_records(first: object, items: Iterator[Any], config: CorpusConfig) -> InMemory:
    if not isinstance(first, Mapping):
        raise CorpusError(
            f"group_by={config.group_by} needs a table, but the corpus is an iterable of "
            f"{type(first).__name__}; give a data frame or records"
        )
    columns = tables.needed_columns(config, "an iterable of records", list(first))
    return _grouped(tables.record_frames(items, columns), config)


def _grouped(frames: Iterator[groups.Frame], config: CorpusConfig) -> InMemory:
    """Return a table in memory with one item per row."""
    dropped = Dropped()
    return InMemory(groups.sentences(frames, config, dropped), config, dropped)


def _is_place(item: object) -> TypeGuard[Place]:
    """Whether an item of an iterable is a path or a URL, rather than a sentence."""
    if isinstance(item, str):
        return is_url(item) and len(item.split()) == 1
    return isinstance(item, os.PathLike)


def _places(items: Sequence[object]) -> Iterator[Place]:
    for item in items:
        if not _is_place(item):
            raise CorpusError(
                f"a corpus of paths contains {item!r}, which is neither a pathlib.Path nor a URL; "
                "give only paths, or only sentences"
            )
        yield item


def _read_items(
    first: object, items: Iterator[Any], config: CorpusConfig, dropped: Dropped
) -> Iterator[bytes | Batch]:
    """Yield the content of an iterable of records, lines or sentences, as its first item shows."""
    if isinstance(first, Mapping):
        column = tables.needed_column(config, "an iterable of records", list(first))
        return tables.read_records(items, column, config, dropped)
    splits = tokens.changes_text(config) or config.sentence_per == "sentence"
    if isinstance(first, str) and splits:
        tokens.refuse_file_name(0, first)
        return tables.text_of(items, "the corpus", config, dropped)
    if not isinstance(first, str):
        _refuse_options(config)
    return tokens.sentence_batches(items)


def _refuse_options(config: CorpusConfig) -> None:
    """Reject options that say how to read text or a table, for sentences of tokens."""
    for name in config.given:
        if name == "stopwords":
            continue
        raise CorpusError(
            f"{name} has no effect on sentences that are lists of tokens, which are used as is; "
            "leave it out"
        )
