"""Embeddings as objects of other libraries: a data frame, a PyTorch layer, HTML in a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from skipgram.io.optional import import_optional

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import torch
    from numpy.typing import NDArray

_SHOWN_WORDS = 10
_SHOWN_LETTERS = 40


def as_frame(words: Sequence[str], vectors: NDArray[np.float32]) -> pd.DataFrame:
    """Return a data frame of vectors, one row for each word; its index holds the words.

    Raises:
        MissingExtraError: pandas is not installed.
    """
    pandas = import_optional("pandas", "to_pandas", "pandas")
    frame: pd.DataFrame = pandas.DataFrame(
        vectors.copy(), index=pandas.Index(words, name="word", dtype=object)
    )
    return frame


def as_layer(vectors: NDArray[np.float32], *, freeze: bool) -> torch.nn.Embedding:
    """Return a PyTorch layer with a copy of vectors.

    Raises:
        MissingExtraError: PyTorch is not installed.
    """
    pytorch = import_optional("torch", "to_torch", "torch")
    layer: torch.nn.Embedding = pytorch.nn.Embedding.from_pretrained(
        pytorch.tensor(vectors), freeze=freeze
    )
    return layer


def as_html(words: Sequence[str], counts: NDArray[np.int64] | None, dimensions: int) -> str:
    """Return a small HTML table: the number of words, the dimensions and the first words."""
    shown = [
        _cells(word, "" if counts is None else f"{counts[row]:,}")
        for row, word in enumerate(words[:_SHOWN_WORDS])
    ]
    more = len(words) - len(shown)
    rows = [*shown, *([_cells("…", f"{more:,} more")] if more else [])]
    return (
        f"<table><caption>Embeddings: {len(words):,} words, {dimensions} dimensions</caption>"
        "<thead><tr><th>word</th><th>count</th></tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def _cells(word: str, count: str) -> str:
    short = word if len(word) <= _SHOWN_LETTERS else word[:_SHOWN_LETTERS] + "…"
    return f"<tr><td>{escape(short)}</td><td>{count}</td></tr>"
