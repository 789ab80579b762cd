"""gensim's `Word2Vec`, trained by skipgram.

Write `from skipgram.gensim import Word2Vec` in place of `from gensim.models import Word2Vec`. Arguments, defaults, methods and
attributes are those of gensim 4; docs/gensim.md says of each what it does here. What there is not is an error that says what to
do instead. `model.wv` is gensim's own `KeyedVectors` where gensim is installed, and else the `KeyedVectors` of this package,
which answers the same questions.
"""

from __future__ import annotations

from skipgram.gensim.keyed_vectors import KeyedVectors
from skipgram.gensim.word2vec import Word2Vec

__all__ = ["KeyedVectors", "Word2Vec"]
