"""Skip-gram word vectors (word2vec), trained in pure Python at many times the speed of gensim.

Train, query and save::

    import skipgram

    embeddings = skipgram.train("corpus.txt", vector_size=100)
    embeddings.most_similar("month")
    embeddings.save("model")
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from skipgram.config import CorpusConfig, TrainConfig
    from skipgram.corpus.sources import Reading
    from skipgram.embeddings import Embeddings
    from skipgram.errors import SkipgramError
    from skipgram.formats import load
    from skipgram.model import SkipGram, encode, train
    from skipgram.phrases import join_phrases

__all__ = [
    "CorpusConfig",
    "Embeddings",
    "Reading",
    "SkipGram",
    "SkipgramError",
    "TrainConfig",
    "encode",
    "join_phrases",
    "load",
    "train",
]

# Each name is imported on first use, so that `skipgram --help` does not wait for numba.
_MODULES = {
    "CorpusConfig": "config",
    "Embeddings": "embeddings",
    "Reading": "corpus.sources",
    "SkipGram": "model",
    "SkipgramError": "errors",
    "TrainConfig": "config",
    "encode": "model",
    "join_phrases": "phrases",
    "load": "formats",
    "train": "model",
}


def __dir__() -> list[str]:
    return [*__all__, "__version__"]


def __getattr__(name: str) -> object:
    if name == "__version__":
        return importlib.import_module("importlib.metadata").version("skipgram")
    if name not in _MODULES:
        raise AttributeError(f"module 'skipgram' has no attribute {name!r}")
    return getattr(importlib.import_module(f"skipgram.{_MODULES[name]}"), name)
