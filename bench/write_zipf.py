"""Write a text whose words follow Zipf's law, in lines of 20 words.

    write_zipf.py TARGET WORDS VOCABULARY

Word r of the vocabulary occurs max(1, c / r) times, with the c that makes the counts add up. The
words are in random order. This is a script of its own because of its memory, which would otherwise
count towards the peak of the processes that `run.train` starts.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

LINE_WORDS = 20
LETTERS = np.frombuffer(b"0123456789abcdefghijklmnopqrstuvwxyz", np.uint8)
WORD_LETTERS = 5
"""Letters in a word, enough for 36^5 distinct words."""

BLOCK_WORDS = LINE_WORDS << 16


def counts(words: int, vocabulary: int) -> NDArray[np.int64]:
    """Return how often each word occurs in a text of `words` words."""
    if words < vocabulary:
        sys.exit(f"a text of {words:,} words cannot have a vocabulary of {vocabulary:,}")
    ranks = np.arange(1, vocabulary + 1)
    low, high = 0.0, float(words)
    for _ in range(100):
        middle = (low + high) / 2
        fits = np.maximum(1, middle // ranks).sum() <= words
        low, high = (middle, high) if fits else (low, middle)
    found: NDArray[np.int64] = np.maximum(1, low // ranks).astype(np.int64)
    found[0] += words - found.sum()  # the rest from rounding: less than one for each word
    return found


def spell(ids: NDArray[np.int32]) -> bytes:
    """Return the words in lines of 20; a word is its id in base 36."""
    text = np.full((len(ids), WORD_LETTERS + 1), ord(" "), np.uint8)
    for place in range(WORD_LETTERS):
        text[:, WORD_LETTERS - 1 - place] = LETTERS[ids // 36**place % 36]
    text[LINE_WORDS - 1 :: LINE_WORDS, -1] = ord("\n")
    return text.tobytes()


def main() -> None:
    """Write the text block by block."""
    target = Path(sys.argv[1])
    words, vocabulary = map(int, sys.argv[2:])
    ids = np.repeat(np.arange(vocabulary, dtype=np.int32), counts(words, vocabulary))
    np.random.default_rng(1).shuffle(ids)
    with target.open("wb") as file:
        for start in range(0, words, BLOCK_WORDS):
            file.write(spell(ids[start : start + BLOCK_WORDS]))


if __name__ == "__main__":
    main()
