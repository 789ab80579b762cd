"""Text split into tokens as the options ask, and sentences of tokens in batches."""

from __future__ import annotations

import itertools
import os
import re
import unicodedata
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skipgram.config import CorpusConfig, Whitespace
from skipgram.corpus.cleaning import cleaner, whole_markup
from skipgram.corpus.sentences import sentence_per_line, with_spaces
from skipgram.errors import CorpusError
from skipgram.io.blocks import lines_of
from skipgram.stopwords import StopWords
from skipgram.tokenizers import Tokenizer, load_tokenizer

TOKENS_IN_A_BATCH = 1 << 18

_UNDECODABLE = re.compile("[\udc80-\udcff]")
"""What stands for a byte that is not UTF-8 in a text that was decoded with surrogateescape."""

_MARK = "\ufeff"
_BETWEEN_ASCII_SPACE = re.compile(r"[^ \t-\r]+")


class Batch(NamedTuple):
    """Sentences of tokens.

    Token i is tokens[indices[i]], or tokens[i] without indices. `ends` counts the tokens before
    each end of a sentence.
    """

    tokens: Sequence[Hashable]
    indices: NDArray[np.integer[Any]] | None
    ends: NDArray[np.int64]


def changes_text(config: CorpusConfig) -> bool:
    """Whether any option says how text becomes words."""
    names = ("lowercase", "clean", "nfkc", "tokenizer", "token_pattern")
    return config.whitespace == "ascii" or any(getattr(config, name) for name in names)


def splits_lines(config: CorpusConfig) -> bool:
    """Whether text is split by a function of whole sentences."""
    return config.tokenizer is not None or config.token_pattern is not None


def split(blocks: Iterable[bytes], config: CorpusConfig) -> Iterator[bytes | Batch]:
    """Yield the blocks of one file, ready for the scan, or the tokens of the user's tokenizer."""
    if splits_lines(config):
        return tokenize(lines_of(_joined(blocks, config)), config)
    text = _normalized(_joined(blocks, config), config)
    return whole_markup(text) if config.clean else text


def _joined(blocks: Iterable[bytes], config: CorpusConfig) -> Iterator[bytes]:
    """Yield the blocks of a file, with a line end wherever the options say a sentence ends."""
    if config.sentence_per == "line":
        yield from blocks
        return
    for block in blocks:
        if config.sentence_per == "file":
            yield block.replace(b"\n", within_sentence(config).encode())
        else:  # cleaning splits by itself, after the markup is out
            yield block if config.clean else sentence_per_line(block, config.whitespace)
    yield b"\n"


def within_sentence(config: CorpusConfig) -> str:
    """Return the white space that line ends become which do not end a sentence.

    Cleaning still has to know where lines end.
    """
    return "\r" if config.clean else " "


def normalize(text: str, *, lowercase: bool, nfkc: bool) -> str:
    """Return text in Unicode NFKC, then in lower case, as the options ask."""
    if nfkc:
        text = unicodedata.normalize("NFKC", text)
    return text.lower() if lowercase else text


def _normalizer(config: CorpusConfig) -> Callable[[str], str] | None:
    lowercase = config.lowercase and not config.clean  # which does the same
    if lowercase and not config.nfkc:
        return str.lower
    if not config.nfkc:
        return None
    return partial(normalize, lowercase=lowercase, nfkc=True)


def _normalized(blocks: Iterable[bytes], config: CorpusConfig) -> Iterator[bytes]:
    normalize = _normalizer(config)
    if normalize is None:
        yield from blocks
        return
    for block in blocks:
        yield normalize(block.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def tokenize(lines: Iterable[str], config: CorpusConfig) -> Iterator[Batch]:
    """Yield the tokens of lines, one sentence per line; empty tokens are dropped."""
    find = _finder(config)
    return sentence_batches(find(line.rstrip("\r\n")) for line in lines)


def _finder(config: CorpusConfig) -> Tokenizer:
    """Return the function that splits a line by the user's pattern or tokenizer."""
    if config.token_pattern:
        find: Tokenizer = re.compile(config.token_pattern).findall
    else:
        find = load_tokenizer(config.tokenizer)
    normalized = _normalizer(config) or str
    find = _beside_undecodable(find)
    # Only strings are compared: the answer of an array, say, is another array.
    return lambda line: [
        token for token in find(normalized(line)) if not isinstance(token, str) or token
    ]


def _beside_undecodable(find: Tokenizer) -> Tokenizer:
    r"""Return a function that takes words that are not UTF-8 out of a line before it splits it.

    They are added to the tokens, for the scan to count and drop. A pattern such as \w+ would make
    the word "caf" of the bytes of "café" in Latin-1.
    """

    def split(line: str) -> Sequence[str]:
        if not _UNDECODABLE.search(line):
            return find(line)
        words = line.split()
        decodable = " ".join(word for word in words if not _UNDECODABLE.search(word))
        return [*find(decodable), *filter(_UNDECODABLE.search, words)]

    return split


class Splitter(NamedTuple):
    """How one text becomes tokens, as a file of one line would.

    Attributes:
        split: returns the tokens of a text, without stop words.
        normalize: what `split` does before it splits at white space; None for nothing.
        whitespace: what it splits at; None for a pattern, a tokenizer or cleaning.
        stops: the stop words.
    """

    split: Tokenizer
    normalize: Callable[[str], str] | None
    whitespace: Whitespace | None
    stops: frozenset[str] = frozenset()


def stop_words(config: CorpusConfig) -> frozenset[str]:
    """Return the words to leave out, each as the text would have it.

    One that the text would split, such as "don't" with a pattern for letters, is all of its parts.
    """
    if not isinstance(config.stopwords, StopWords):
        return frozenset()
    if not changes_text(config):
        return frozenset(config.stopwords)
    return frozenset(itertools.chain.from_iterable(map(_splitter(config).split, config.stopwords)))


def without_marks(text: str) -> str:
    """Return a text without byte order marks, as the blocks of a file are read."""
    return text.removeprefix(_MARK).replace(_MARK, " ")


def splitter(config: CorpusConfig) -> Splitter:
    """Return how one text becomes tokens."""
    every = _splitter(config)
    stops = stop_words(config)

    def split(text: str) -> Sequence[Any]:
        found = every.split(without_marks(text))
        return [token for token in found if token not in stops] if stops else found

    return every._replace(split=split, stops=stops)


def _splitter(config: CorpusConfig) -> Splitter:
    """Return how one text becomes tokens, before stop words are dropped."""
    if config.sentence_per == "sentence" and not config.clean:
        inner = _splitter(config.model_copy(update={"sentence_per": "line"}))
        space = config.whitespace
        return Splitter(lambda text: inner.split(with_spaces(text, space)), None, None)
    normalized = _normalizer(config)
    if splits_lines(config):
        find = _finder(config)
        return Splitter(lambda text: find(text.replace("\n", " ")), normalized, None)
    if clean := cleaner(config):
        # One text at a time, because a tag that is open at the end of one would reach the next.
        return Splitter(lambda text: _split_cleaned(text, normalized, clean), None, None)
    split = _split_at_ascii_space if config.whitespace == "ascii" else str.split
    if normalized is None:
        return Splitter(split, None, config.whitespace)
    return Splitter(lambda text: split(normalized(text)), normalized, config.whitespace)


def _split_cleaned(
    text: str, normalized: Callable[[str], str] | None, clean: Callable[[bytes], bytes]
) -> list[str]:
    text = normalized(text) if normalized else text
    cleaned = clean(f"{text}\n".encode("utf-8", "surrogatepass"))
    return cleaned.decode("utf-8", "replace").split()


def _split_at_ascii_space(text: str) -> list[str]:
    """Split a text where the scan does with whitespace=ascii."""
    return _BETWEEN_ASCII_SPACE.findall(text)


def refuse_file_name(number: int, sentence: object) -> None:
    """Reject a string that is the name of a file, where a sentence was expected."""
    if isinstance(sentence, str) and os.path.isfile(sentence):  # noqa: PTH113 - a text is long
        raise CorpusError(
            f"sentence {number} is the string {sentence!r:.300}, which is the name of a file; "
            "to read files, give pathlib.Path objects, as in [Path(name) for name in names]"
        )


def sentence_batches(sentences: Iterable[Any]) -> Iterator[Batch]:
    """Yield sentences, each a list of strings or of integers, in batches."""
    tokens: list[Hashable] = []
    ends: list[int] = []
    for number, sentence in enumerate(sentences):
        refuse_file_name(number, sentence)
        if isinstance(sentence, str | bytes | bytearray):
            raise CorpusError(
                f"sentence {number} is the string {sentence[:40]!r}, not a list of tokens; "
                "split it, as in [line.split() for line in lines], or set clean, lowercase, nfkc, "
                "token_pattern or tokenizer to read strings as text, or pass the path of a text "
                "file"
            )
        try:
            tokens.extend(sentence.tolist() if isinstance(sentence, np.ndarray) else sentence)
        except TypeError as error:
            raise CorpusError(
                f"sentence {number} is not a list of tokens ({error}); "
                "give each sentence as a list of strings or integers"
            ) from error
        ends.append(len(tokens))
        if len(tokens) >= TOKENS_IN_A_BATCH:
            yield Batch(tokens, None, np.array(ends, np.int64))
            tokens, ends = [], []
    yield Batch(tokens, None, np.array(ends, np.int64))


def matrix_batches(rows: NDArray[np.integer[Any]]) -> Iterator[Batch]:
    """Yield the rows of a matrix of integers, each a sentence, in batches."""
    width = rows.shape[1]
    rows_in_a_batch = max(1, TOKENS_IN_A_BATCH // max(width, 1))
    for first in range(0, len(rows), rows_in_a_batch):
        part = rows[first : first + rows_in_a_batch]
        ends = width * np.arange(1, len(part) + 1, dtype=np.int64)
        yield integer_batch(part.ravel(), ends)


def integer_batch(values: NDArray[np.integer[Any]], ends: NDArray[np.int64]) -> Batch:
    """Return a batch of integer tokens."""
    tokens, indices = np.unique(values, return_inverse=True)
    return Batch(tokens.tolist(), indices, ends)
