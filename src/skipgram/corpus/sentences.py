"""The option `sentence_per="sentence"`: text split into sentences by simple rules.

The kernel `split_sentences` does it; its module says what the rules are.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from skipgram.config import Whitespace
from skipgram.corpus.characters import characters
from skipgram.kernels import sentences

ABBREVIATIONS = ("Mr", "Mrs", "Ms", "Dr", "Prof", "St", "Fig", "vs", "cf", "al")
"""Words after which a full stop hardly ever ends a sentence, spelled as here."""


@functools.cache
def _tables() -> sentences.Tables:
    """Return what the rules look up; see `characters` for how long it takes."""
    numbers = [int.from_bytes(each.encode(), "little") for each in ABBREVIATIONS]
    return sentences.Tables(_kinds(), *characters(), np.array(numbers, np.uint64))


def _kinds() -> NDArray[np.uint8]:
    kinds = np.full(256, sentences.ORDINARY, np.uint8)
    kinds[list(b" \t\r\v\f")] = sentences.SPACE
    kinds[ord("\n")] = sentences.LINE_END
    stops = map(chr, [*sentences.STOPS, *sentences.WIDE_STOPS])
    kinds[[stop.encode()[0] for stop in stops]] = sentences.MAY_END
    return kinds


def split_sentences(text: NDArray[np.uint8], whitespace: Whitespace) -> NDArray[np.uint8]:
    """Return a text, which ends with a line end or a space, with line ends only between sentences.

    Args:
        text: (n,).
        whitespace: what separates words: the option.
    """
    out = np.empty(len(text) * 4 // 3 + 1, np.uint8)
    size = sentences.split_sentences(text, out, _tables(), whitespace == "unicode")
    out.flags.writeable = False  # as the bytes of a file are: kernels are compiled for one type
    return out[:size]


def sentence_per_line(block: bytes, whitespace: Whitespace) -> bytes:
    """Return a block of whole lines, with line ends only between sentences."""
    return split_sentences(np.frombuffer(block, np.uint8), whitespace).tobytes()


def with_spaces(text: str, whitespace: Whitespace) -> str:
    """Return a text with a space wherever the scan finds the end of a line or of a sentence."""
    block = f"{text}\n".encode("utf-8", "surrogatepass")
    return sentence_per_line(block, whitespace).decode("utf-8", "surrogatepass").replace("\n", " ")
