"""gensim's `Word2Vec`, trained by skipgram.

Write `from skipgram.gensim import Word2Vec` instead of `from gensim.models import Word2Vec`.
Arguments, defaults, methods and attributes are those of gensim 4; docs/gensim.md describes what
each does here. What is not supported raises an error that says what to do instead. `model.wv` is
gensim's own `KeyedVectors` if gensim is installed; otherwise it is the `KeyedVectors` of this
package, which answers the same queries.

Each module imports only those before it: unsupported, arguments, tokens, vocabulary, lookup,
evaluation, keyed_vectors, training, corpora, exchange, word2vec.
"""

from __future__ import annotations

from skipgram.gensim.keyed_vectors import KeyedVectors
from skipgram.gensim.word2vec import Word2Vec

__all__ = ["KeyedVectors", "Word2Vec"]
