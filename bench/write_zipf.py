"""Write a text whose words follow Zipf's law: `write_zipf.py TARGET WORDS VOCABULARY`, in lines of 20 words.

Word r of the vocabulary stands max(1, c / r) times in the text, with the c that makes the counts add up, all in random order. A
script of its own because of the memory it takes: that would count towards the peak of what `run.train` starts.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
from numpy.typing import NDArray

LINE_WORDS = 20
LETTERS = np.frombuffer(b"0123456789abcdefghijklmnopqrstuvwxyz", np.uint8)
SPELLED = 5
"""Letters of a word; 36^5 words can be told apart."""

BLOCK_WORDS = LINE_WORDS << 16


def counts(words: int, vocabulary: int) -> NDArray[np.int64]:
    """Return how often each word stands in a text of so many words."""
    if words < vocabulary:
        sys.exit(f"a text of {words:,} words cannot hold a vocabulary of {vocabulary:,}")
    ranks, low, high = np.arange(1, vocabulary + 1), 0.0, float(words)
    for _ in range(100):
        middle = (low + high) / 2
        fits = np.maximum(1, middle // ranks).sum() <= words
        low, high = (middle, high) if fits else (low, middle)
    found: npt.NDArray[np.int64] = np.maximum(1, low // ranks).astype(np.int64)
    found[0] += words - found.sum()  # what rounding leaves: less than one of each word
    return found


def spell(ids: NDArray[np.int32]) -> bytes:
    """Return a line for each 20 words, written with the base 36."""
    text = np.full((len(ids), SPELLED + 1), ord(" "), np.uint8)
    for place in range(SPELLED):
        text[:, SPELLED - 1 - place] = LETTERS[ids // 36**place % 36]
    text[LINE_WORDS - 1 :: LINE_WORDS, -1] = ord("\n")
    return text.tobytes()


def main() -> None:
    """Write the text, block by block."""
    target, (words, vocabulary) = Path(sys.argv[1]), map(int, sys.argv[2:])
    ids = np.repeat(np.arange(vocabulary, dtype=np.int32), counts(words, vocabulary))
    np.random.default_rng(1).shuffle(ids)
    with target.open("wb") as file:
        for start in range(0, words, BLOCK_WORDS):
            file.write(spell(ids[start : start + BLOCK_WORDS]))


if __name__ == "__main__":
    main()
