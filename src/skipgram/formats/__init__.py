"""Files of embeddings, one module per format; the layout is in its docstring."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from skipgram.errors import FormatError
from skipgram.formats import model_directory, word2vec

if TYPE_CHECKING:
    import os

    from skipgram.embeddings import Embeddings, Which

__all__ = ["EXPORTS", "Writer", "load"]


class Writer(Protocol):
    """Writes the vectors asked for to one file, whole or not at all."""

    def __call__(self, embeddings: Embeddings, path: str | os.PathLike[str], which: Which = "input") -> None:
        """Write `embeddings.vectors(which)` to `path`; errors as for `word2vec.write`."""


EXPORTS: Mapping[str, Writer] = {
    "word2vec-binary": partial(word2vec.write, binary=True),
    "word2vec-text": partial(word2vec.write, binary=False),
}
"""The formats that other tools read, by name."""


def load(path: str | os.PathLike[str]) -> Embeddings:
    """Read embeddings: a model directory, or a word2vec file whose kind, text or binary, is recognised from its content.

    Raises:
        FormatError: there is nothing at `path`, or it is damaged, truncated or of another kind.
    """
    try:
        directory = Path(path).is_dir()
    except (OSError, ValueError) as error:  # a folder that may not be entered, a name too long or with a NUL
        raise FormatError(f"cannot read {path}: {error}; check the path") from error
    return model_directory.load(path) if directory else word2vec.read(path)
