"""What the tests of the formats share: odd words, a small model, and comparisons."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from skipgram.embeddings import Embeddings
from skipgram.formats import export, load

ANY_WORD = ["gensim", "numpy", "parquet", "embedding-atlas", "safetensors", "usearch"]
"""Formats that hold any word."""

WITH_COUNTS = [*ANY_WORD, "tensorboard"]
"""Formats that hold counts."""

ODD = [
    "king",
    "a b",
    "tab\tx",
    "two\nlines",
    "cr\r",
    "",
    " ",
    'say "x"',
    "\N{GRINNING FACE}",
    "\\N",
    "東京",
    "x" * 70_000,
]


def model(words: list[str], dimensions: int = 4) -> Embeddings:
    rng = np.random.default_rng(5)
    matrix = rng.normal(size=(len(words), dimensions)).astype(np.float32)
    return Embeddings(words, matrix, -matrix, range(len(words), 0, -1))


def same(back: Embeddings, expected: Embeddings, name: str) -> None:
    """Assert that a format returned the words, the bits of the vectors, and counts if it can."""
    assert back.words == expected.words
    assert back.input.shape == expected.input.shape
    assert back.input.tobytes() == expected.input.tobytes()
    assert (back.output is None) == (name != "safetensors" or expected.output is None)
    if name in WITH_COUNTS and expected.counts is not None:
        np.testing.assert_array_equal(back.counts, expected.counts, strict=True)
    else:
        assert back.counts is None


def comes_back(embeddings: Embeddings, path: Path, name: str) -> None:
    """Assert that a format returns words and vectors, even where it replaces an old file."""
    for _ in range(2):
        export(embeddings, path, name)
        again = load(path)
        assert again.words == embeddings.words
        assert again.input.shape == embeddings.input.shape
        np.testing.assert_array_equal(again.input.view(np.uint32), embeddings.input.view(np.uint32))
