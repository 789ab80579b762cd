"""From text to words as the options ask for, and from sentences of tokens to batches."""

from __future__ import annotations

import importlib
import re
import sys
import unicodedata
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skipgram.config import CorpusConfig
from skipgram.errors import ConfigError, CorpusError
from skipgram.io.blocks import lines_of

TOKENS_IN_A_BATCH = 1 << 18


class Batch(NamedTuple):
    """Sentences of tokens.

    Token i is tokens[indices[i]], or tokens[i] without indices; `ends`: tokens before each sentence end.
    """

    tokens: Sequence[Hashable]
    indices: NDArray[np.integer[Any]] | None
    ends: NDArray[np.int64]


def changes_text(config: CorpusConfig) -> bool:
    """Whether the options say how text becomes words."""
    return bool(config.lowercase or config.nfkc or config.tokenizer or config.token_pattern)


def split(blocks: Iterable[bytes], config: CorpusConfig) -> Iterator[bytes | Batch]:
    """Yield the blocks of one file as they shall be scanned, or the tokens that the user's own tokenizer finds in them."""
    if config.tokenizer or config.token_pattern:
        return tokenize(lines_of(_joined(blocks, config)), config)
    return _normalized(_joined(blocks, config), config)


def _joined(blocks: Iterable[bytes], config: CorpusConfig) -> Iterator[bytes]:
    """Yield the blocks with the file's sentences made one, if asked for."""
    if config.sentence_per == "line":
        yield from blocks
        return
    for block in blocks:
        yield block.replace(b"\n", b" ")
    yield b"\n"


def _normalizer(config: CorpusConfig) -> Callable[[str], str] | None:
    if config.nfkc and config.lowercase:
        return lambda text: unicodedata.normalize("NFKC", text).lower()
    if config.nfkc:
        return lambda text: unicodedata.normalize("NFKC", text)
    return str.lower if config.lowercase else None


def _normalized(blocks: Iterable[bytes], config: CorpusConfig) -> Iterator[bytes]:
    normalize = _normalizer(config)
    if normalize is None:
        yield from blocks
        return
    for block in blocks:
        yield normalize(block.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def tokenize(lines: Iterable[Any], config: CorpusConfig) -> Iterator[Batch]:
    """Yield the tokens of lines, each a sentence, as the tokenizer or the pattern finds them; empty ones are left out."""
    find = (
        re.compile(config.token_pattern).findall
        if config.token_pattern
        else load_function(config.tokenizer)
    )
    normalize = _normalizer(config)

    def tokens(line: Any) -> list[Any]:
        if not isinstance(line, str):
            raise CorpusError(
                f"a line is of type {type(line).__name__}: {line!r}; with a tokenizer or a pattern all lines are strings"
            )
        line = line.rstrip("\r\n")
        return [token for token in find(normalize(line) if normalize else line) if token != ""]

    return sentence_batches(map(tokens, lines))


def load_function(
    name: str | Callable[[str], Sequence[str]] | None,
) -> Callable[[str], Sequence[str]]:
    """Return the function of a name like "module:function".

    Raises:
        ConfigError: there is no such function.
    """
    if callable(name):
        return name
    module, _, path = str(name).partition(":")
    sys.path.insert(0, str(Path.cwd()))  # where users have it; installed programs do not look there
    try:
        found: Any = importlib.import_module(module)
        for part in path.split("."):
            found = getattr(found, part)
    except Exception as error:  # importing runs the user's code
        raise ConfigError(
            f"tokenizer={name} cannot be had: {type(error).__name__}: {error}; name a function as module:function"
        ) from error
    finally:
        sys.path.pop(0)
    if not callable(found):
        raise ConfigError(
            f"tokenizer={name} is no function; it takes a line and returns its tokens"
        )

    def find(line: str) -> Sequence[str]:
        try:
            return found(line)  # type: ignore[no-any-return]
        except Exception as error:
            raise CorpusError(
                f"tokenizer={name} failed at {line[:60]!r}: {type(error).__name__}: {error}; mend it"
            ) from error

    return find


def sentence_batches(sentences: Iterable[Any]) -> Iterator[Batch]:
    """Yield sentences, each a list of strings or of integers, in batches."""
    tokens: list[Hashable] = []
    ends: list[int] = []
    for number, sentence in enumerate(sentences):
        if isinstance(sentence, str | bytes):
            raise CorpusError(
                f"sentence {number} is the string {sentence[:40]!r}, not a list of tokens; split it, "
                "as in [line.split() for line in lines], give a token_pattern, or pass the path of a text file"
            )
        try:
            tokens.extend(sentence.tolist() if isinstance(sentence, np.ndarray) else sentence)
        except TypeError as error:
            raise CorpusError(f"sentence {number} is not a list of strings: {error}") from error
        ends.append(len(tokens))
        if len(tokens) >= TOKENS_IN_A_BATCH:
            yield Batch(tokens, None, np.array(ends, np.int64))
            tokens, ends = [], []
    yield Batch(tokens, None, np.array(ends, np.int64))


def matrix_batches(rows: NDArray[np.integer[Any]]) -> Iterator[Batch]:
    """Yield the rows of a matrix of integers, each a sentence, in batches."""
    at_once = max(1, TOKENS_IN_A_BATCH // max(rows.shape[1], 1))
    for first in range(0, len(rows), at_once):
        part = rows[first : first + at_once]
        yield integer_batch(
            part.ravel(), np.arange(1, len(part) + 1, dtype=np.int64) * part.shape[1]
        )


def integer_batch(values: NDArray[np.integer[Any]], ends: NDArray[np.int64]) -> Batch:
    """Return a batch of integer tokens."""
    tokens, indices = np.unique(values, return_inverse=True)
    return Batch(tokens.tolist(), indices, ends)
