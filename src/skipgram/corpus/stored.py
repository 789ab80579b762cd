"""The encoded corpus in a directory of its own.

ids.int32        the ids of all words, row numbers of the vocabulary, 4 bytes each, in the machine's byte order
offsets.int64    where each sentence begins among the ids, and at last their number, 8 bytes each
vocabulary.tsv   the words and their counts (see `word_list`)
corpus.json      one JSON object: the version of this layout, what the scan found, and what the corpus was made from
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from skipgram.config import CorpusConfig
from skipgram.corpus.encoded import EncodedCorpus, ScanReport
from skipgram.corpus.sources import Reading, files_of
from skipgram.errors import FormatError
from skipgram.io.directories import DESCRIPTION, IDS, OFFSETS, DirectoryKind, is_encoded
from skipgram.io.word_list import load_words, save_words
from skipgram.vocabulary import Vocabulary

_VOCABULARY = "vocabulary.tsv"
CORPUS = DirectoryKind(
    "encoded corpus", frozenset({IDS, OFFSETS, _VOCABULARY, DESCRIPTION}), frozenset({DESCRIPTION})
)
_VERSION = 1
_CHECKED_AT_ONCE = 1 << 22


def save(corpus: EncodedCorpus, folder: Path, made_from: dict[str, Any] | None) -> None:
    """Write what is still missing beside the ids and offsets of a corpus."""
    save_words(folder / _VOCABULARY, corpus.vocabulary.words, corpus.vocabulary.counts)
    content = {
        "version": _VERSION,
        "byte_order": sys.byteorder,
        "words": len(corpus.ids),
        "sentences": corpus.sentences,
        "min_count": corpus.min_count,
        "max_vocab": corpus.max_vocab,
        "fingerprint": corpus.fingerprint,
        "reading": corpus.reading.describe(),
        "report": asdict(corpus.report),
        "made_from": made_from,
    }
    (folder / DESCRIPTION).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def open_encoded(directory: str | os.PathLike[str]) -> EncodedCorpus:
    """Map an encoded corpus into memory.

    Raises:
        FormatError: a file of it is missing, damaged, or of another version or machine.
    """
    folder = Path(directory)
    content = CORPUS.read_object(folder / DESCRIPTION)
    if content.get("version") != _VERSION or content.get("byte_order") != sys.byteorder:
        raise CORPUS.damaged(
            folder / DESCRIPTION,
            "it is of another version of skipgram, or of a machine with another byte order",
        )
    words, counts = load_words(folder / _VOCABULARY, CORPUS)
    try:
        for name, size in ((IDS, 4 * content["words"]), (OFFSETS, 8 * (content["sentences"] + 1))):
            if (folder / name).stat().st_size != size:
                raise CORPUS.damaged(
                    folder / name, f"it does not have the {size:,} bytes that {DESCRIPTION} says"
                )
        if counts is None or counts.sum() != content["words"]:
            raise CORPUS.damaged(
                folder / _VOCABULARY,
                f"its counts do not add up to the {content['words']:,} words of the corpus",
            )
        corpus = EncodedCorpus(
            folder / IDS,
            folder / OFFSETS,
            Vocabulary(words, counts),
            ScanReport(**content["report"]),
            content["fingerprint"],
            content["min_count"],
            content["max_vocab"],
            CorpusConfig(**content["reading"]),
        )
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise CORPUS.damaged(folder / DESCRIPTION, f"{type(error).__name__}: {error}") from error
    _check(corpus, folder)
    return corpus


def min_count_of(directory: str | os.PathLike[str]) -> int:
    """Return the min_count that an encoded corpus was made with.

    Raises:
        FormatError: the directory does not say.
    """
    path = Path(directory, DESCRIPTION)
    min_count = CORPUS.read_object(path).get("min_count")
    if not isinstance(min_count, int) or min_count < 1:
        raise CORPUS.damaged(path, f"its min_count is {min_count}")
    return min_count


def _check(corpus: EncodedCorpus, folder: Path) -> None:
    """Look at all ids and offsets: the kernels trust them."""
    for first in range(0, len(corpus.ids), _CHECKED_AT_ONCE):
        part = corpus.ids[first : first + _CHECKED_AT_ONCE]
        if part.min() < 0 or part.max() >= len(corpus.vocabulary):
            raise CORPUS.damaged(
                folder / IDS, f"it holds ids that are none of the {len(corpus.vocabulary):,} words"
            )
        corpus.forget(first, first + len(part))
    offsets = corpus.offsets
    if offsets[0] != 0 or offsets[-1] != len(corpus.ids) or not np.all(offsets[1:] > offsets[:-1]):
        raise CORPUS.damaged(folder / OFFSETS, "the sentences do not follow one another")


def describe(reading: Reading, min_count: int, max_vocab: int | None) -> dict[str, Any] | None:
    """Return what tells whether a corpus made again would be the same: files, sizes, times and options; None if nothing can."""
    config = reading.config
    paths = (
        None if config.tokenizer is not None else files_of(reading)
    )  # a function may have changed
    if paths is None:
        return None
    files = [[str(path.resolve()), path.stat().st_size, path.stat().st_mtime_ns] for path in paths]
    return {"files": files, "min_count": min_count, "max_vocab": max_vocab, **config.describe()}


def is_made_from(directory: str | os.PathLike[str], made_from: dict[str, Any] | None) -> bool:
    """Whether a directory holds the corpus that would be made from the same."""
    if made_from is None or not is_encoded(directory):
        return False
    try:
        content = CORPUS.read_object(Path(directory, DESCRIPTION))
    except FormatError:
        return False
    return content.get("made_from") == made_from
