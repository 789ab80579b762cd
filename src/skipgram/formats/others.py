"""Files of vectors that cannot be read: what they are, and what to do."""

from __future__ import annotations

import struct

from skipgram.io.binary import BINARY, UTF_16, kind_of

_FASTTEXT = b"\xba\x16\x4f\x2f"
"""The number 793712314, with which fastText's .bin has begun since 2017."""

_OLD_FASTTEXT = struct.Struct("<8i")
"""Before: the dimensions, window, epochs, min_count, negatives, n-grams of words, loss, model."""

_CHOICES = (1, 2, 3)
"""The numbers that fastText gives its losses and its models."""

_MOST = 100_000


def described(start: bytes) -> str | None:
    """Return what a file that begins with these bytes is, and what to do; None if unknown."""
    if start.startswith(_FASTTEXT) or _is_old_fasttext(start):
        return (
            "it is a binary model of fastText, with vectors of character n-grams, which skipgram "
            "does not read; give the .vec file next to it, or write one in Python: "
            'gensim.models.fasttext.load_facebook_vectors("model.bin")'
            '.save_word2vec_format("model.vec")'
        )
    kind = kind_of(start)
    if kind == "a NumPy array":
        return (
            "it is a NumPy array, which holds no words; give a directory with this file as "
            "vectors.npy and the words in vocabulary.tsv, under the header word"
        )
    if kind == "an archive":  # text may have the mark of one, but then it has no NUL byte
        if b"\0" not in start:
            return None
        return "it is an archive; unpack it, and give a file of vectors in it"
    if kind == UTF_16:
        return f"it is {kind}; convert the file to UTF-8"
    return None if kind in (None, BINARY) else f"it is {kind}; give a file of vectors"


def _is_old_fasttext(start: bytes) -> bool:
    if len(start) < _OLD_FASTTEXT.size:
        return False
    *sizes, loss, model = _OLD_FASTTEXT.unpack_from(start)
    return loss in _CHOICES and model in _CHOICES and all(0 <= size < _MOST for size in sizes)
