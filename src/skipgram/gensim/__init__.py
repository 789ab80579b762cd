"""gensim's `Word2Vec`, trained by skipgram.

Write `from skipgram.gensim import Word2Vec` instead of `from gensim.models import Word2Vec`.
Arguments, defaults, methods and attributes are those of gensim 4; docs/gensim.md describes what
each does here. What is not supported raises an error that says what to do instead. `model.wv` is
gensim's own `KeyedVectors` if gensim is installed; otherwise it is the `KeyedVectors` of this
package, which answers the same queries.

Each module imports only those before it: unsupported, arguments, tokens, vocabulary, lookup,
evaluation, keyed_vectors, weights, training, trees, corpora, exchange, scoring, word2vec.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from skipgram.forks import delaying_forks

if TYPE_CHECKING:
    from skipgram.gensim.keyed_vectors import KeyedVectors
    from skipgram.gensim.word2vec import Word2Vec

__all__ = ["KeyedVectors", "Word2Vec"]

# Imported on first use, as the names of `skipgram`: while Python imports a module on one thread, a
# fork on another would leave it locked in the child.
_MODULES = {"KeyedVectors": "keyed_vectors", "Word2Vec": "word2vec"}


def __dir__() -> list[str]:
    return [*__all__]


def __getattr__(name: str) -> object:
    if name not in (*_MODULES, *_MODULES.values()):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    with delaying_forks():
        module = importlib.import_module(f"{__name__}.{_MODULES.get(name, name)}")
        return getattr(module, name) if name in _MODULES else module
