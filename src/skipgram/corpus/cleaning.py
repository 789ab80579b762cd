"""The option `clean`: HTML and punctuation out of a text, words in lower case.

The kernels `strip_markup` and `clean_words` do it on blocks, on the threads of the scan. Here is
the table of the entities of HTML 5 that they read; that of Unicode is in `characters`.
"""

from __future__ import annotations

import functools
import html.entities
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from skipgram.config import CorpusConfig
from skipgram.corpus.characters import characters
from skipgram.corpus.sentences import split_sentences
from skipgram.kernels import clean, markup

_NUMBERS = {"keep": clean.KEEP, "drop": clean.DROP, "zero": clean.ZERO}


class Entities(NamedTuple):
    """Table of the entities of HTML, see `strip_markup`."""

    names: NDArray[np.uint64]
    codes: NDArray[np.int32]


@functools.cache
def entities() -> Entities:
    """Return the table of entities. The few that stand for two code points become a space."""
    known = {
        name[:-1]: ord(text) if len(text) == 1 and text > " " else ord(" ")
        for name, text in html.entities.html5.items()
        if name.endswith(";")
    }
    slots = 1 << (2 * len(known)).bit_length()
    names = np.zeros(slots, np.uint64)
    codes = np.zeros(32 + slots, np.int32)
    # Browsers read these numbers as the characters of Windows-1252.
    codes[:32] = [ord(bytes([code]).decode("cp1252", "replace")) for code in range(0x80, 0xA0)]
    for name, code in known.items():
        hashed = _hash(name)
        slot = hashed % slots
        while names[slot]:
            slot = (slot + 1) % slots
        names[slot], codes[32 + slot] = hashed, code
    return Entities(names, codes)


def _hash(name: str) -> int:
    hashed = markup.FNV_START
    for byte in name.encode():
        hashed = (hashed ^ byte) * markup.FNV_FACTOR % (1 << 64)
    return hashed


def strip(text: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a text, which ends with white space, without tags, entities and URLs."""
    out = np.empty(len(text), np.uint8)
    size = markup.strip_markup(text, out, *entities(), np.zeros(3, np.int64))
    return _read_only(out[:size])


def whole_markup(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the blocks of a file so that none ends inside a tag, a comment, a script or a style.

    What is open at the end of a block begins the next one. The limits of `strip_markup` keep it
    below 1 MB. The last block ends with what its file ends with.
    """
    held = b""
    for block in blocks:
        block = held + block
        end = markup.open_markup(np.frombuffer(block, np.uint8), np.zeros(3, np.int64))
        block, held = block[:end], block[end:]
        if block:
            yield block + b" " if held else block  # the kernels need white space at the end
    if held:
        yield held


def words(text: NDArray[np.uint8], numbers: str) -> NDArray[np.uint8]:
    """Return the words of a text, which ends with white space, and its line ends."""
    out = np.empty(len(text) * 3 // 2 + 1, np.uint8)
    size = clean.clean_words(text, out, *characters(), _NUMBERS[numbers])
    return _read_only(out[:size])


def _read_only(text: NDArray[np.uint8]) -> NDArray[np.uint8]:
    text.flags.writeable = False  # as the bytes of a file are: kernels are compiled for one type
    return text


def cleaner(config: CorpusConfig) -> Callable[[bytes], bytes] | None:
    """Return what cleans a block, which ends with white space; None if the options do not ask."""
    if not config.clean:
        return None
    characters()  # made once, before threads need them
    entities()

    by_sentence = config.sentence_per == "sentence"

    def clean_block(block: bytes) -> bytes:
        text = strip(np.frombuffer(block, np.uint8))
        if by_sentence:  # while there is punctuation, but not that of URLs and entities
            text = split_sentences(text, config.whitespace)
        return words(text, config.numbers).tobytes()

    return clean_block
