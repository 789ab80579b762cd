"""Files of vectors that cannot be read: what they are, and what to do."""

from __future__ import annotations

import csv
import re
import struct

from skipgram.formats.text import all_parse
from skipgram.io.binary import BINARY, UTF_16, kind_of

_FASTTEXT = b"\xba\x16\x4f\x2f"
"""The number 793712314, with which fastText's .bin has begun since 2017."""

_OLD_FASTTEXT = struct.Struct("<8i")
"""Before: the dimensions, window, epochs, min_count, negatives, n-grams of words, loss, model."""

_CHOICES = (1, 2, 3)
"""The numbers that fastText gives its losses and its models."""

_MOST = 100_000

_MAKE_A_MODEL = 'make a model of it in Python: skipgram.Embeddings(words, matrix).save("model")'

_TEXT = {
    "JSON": re.compile(rb'\s*(?:\{\s*(?:"(?:[^"\\]|\\.)*"\s*:|\})|\[\s*[\[{"\]])'),
    "a pickle of another program": re.compile(
        rb"\x80[\x02-\x05]|[}\]]q\x00|\((?:dp|lp)?\d*\n|c(?:[\w.]+\n){2}"
    ),
}
"""How files begin that hold vectors in the form of another program."""

_OTHER_TEXT = {
    "a web page; download the file of vectors itself": re.compile(
        rb"\s*<(?:!doctype\s+html|html)\b", re.IGNORECASE
    ),
    "a pointer of Git LFS to a file; run git lfs pull": re.compile(rb"version https://git-lfs\."),
}
"""How files begin that hold no vectors: what they are, and what to do."""

_LINES = 20
"""Lines that tell whether a file is a table."""

_NAME_OF_A_MEMBER = 100
"""Bytes at the beginning of an archive that hold the name of its first member."""

_DELIMITERS = {",": "commas", ";": "semicolons", "|": "vertical bars"}


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
    if kind == "an archive" and b".npy" in start[:_NAME_OF_A_MEMBER]:
        return f"it is an archive of NumPy arrays; {_MAKE_A_MODEL}"
    if kind == "an archive":  # text may have the mark of one, but then it has no NUL byte
        if b"\0" not in start:
            return None
        return "it is an archive; unpack it, and give a file of vectors in it"
    if kind == UTF_16:
        return f"it is {kind}; convert the file to UTF-8"
    return None if kind in (None, BINARY) else f"it is {kind}; give a file of vectors"


def guessed(start: bytes) -> str | None:
    """Return what a file is that begins with these bytes and has no format of vectors, and advice.

    None if unknown. Some of GloVe's text begins in the same way, so it must have been excluded.
    """
    for kind, begins in _TEXT.items():
        if begins.match(start):
            return f"it is {kind}; {_MAKE_A_MODEL}"
    for kind, begins in _OTHER_TEXT.items():
        if begins.match(start):
            return f"it is {kind}"
    name = next((name for each, name in _DELIMITERS.items() if _is_table(start, each)), None)
    if name is None:
        return None
    return (
        f"it is a table with {name}, and a row of vectors must be a word and numbers with spaces "
        f"or tabs between; write it so, or {_MAKE_A_MODEL}"
    )


def _is_table(start: bytes, delimiter: str) -> bool:
    """Whether numbers follow a word in the first rows of a table, except in its header."""
    lines = start.decode("utf-8-sig", "replace").splitlines()[: _LINES + 1]
    try:
        rows = [row for row in csv.reader(lines[:_LINES], delimiter=delimiter) if row]
    except csv.Error:
        return False
    sizes = {len(row) for row in rows}
    numbers = [field.strip().replace(",", ".") for row in rows[1:] or rows for field in row[1:]]
    return len(sizes) == 1 and bool(numbers) and all_parse(numbers)


def _is_old_fasttext(start: bytes) -> bool:
    if len(start) < _OLD_FASTTEXT.size:
        return False
    *sizes, loss, model = _OLD_FASTTEXT.unpack_from(start)
    return loss in _CHOICES and model in _CHOICES and all(0 <= size < _MOST for size in sizes)
