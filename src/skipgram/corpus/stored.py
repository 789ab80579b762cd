"""The encoded corpus in a directory of its own.

ids.int32        the ids of all words, rows of the vocabulary, 4 bytes each, in native byte order
offsets.int64    the position of each sentence's first id, then the number of ids, 8 bytes each
vocabulary.tsv   the words and their counts (see `word_list`)
corpus.json      one JSON object: the version of this layout, what the scan found, and what the
                 corpus was made from
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from skipgram.config import CorpusConfig
from skipgram.corpus.encoded import EncodedCorpus, ScanReport, cut
from skipgram.corpus.sources import EncodedDirectory, Source
from skipgram.errors import CorpusError, FormatError
from skipgram.io.directories import (
    CORPUS_DIRECTORY,
    DESCRIPTION,
    IDS,
    OFFSETS,
    VOCABULARY,
    is_encoded,
)
from skipgram.io.word_list import load_words, save_words
from skipgram.records import Count, Record, checked
from skipgram.tokenizers import recorded
from skipgram.vocabulary import Vocabulary

_VERSION = 1
_CHECKED_AT_ONCE = 1 << 22


class _Description(Record):
    """corpus.json, except for the version and what the kinds of its parts check themselves."""

    words: Count
    sentences: Count
    min_count: Annotated[int, Field(ge=1, lt=2**63)]
    max_vocab: Annotated[int, Field(ge=1, lt=2**63)] | None
    fingerprint: str
    reading: dict[str, Any]
    report: dict[str, Any]


def save(corpus: EncodedCorpus, folder: Path, made_from: dict[str, Any] | None) -> None:
    """Write vocabulary and description of a corpus; its ids and offsets are in `folder` already."""
    save_words(folder / VOCABULARY, corpus.vocabulary.words, corpus.vocabulary.counts)
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
    """Open an encoded corpus and check it.

    Raises:
        FormatError: one of its files is missing or damaged, or was written by another version of
            skipgram or on a machine with another byte order.
    """
    folder = Path(directory)
    content = CORPUS_DIRECTORY.read_object(folder / DESCRIPTION)
    if content.get("version") != _VERSION or content.get("byte_order") != sys.byteorder:
        raise CORPUS_DIRECTORY.damaged(
            folder / DESCRIPTION,
            "it was written by another version of skipgram, or on a machine with another byte "
            "order",
        )
    words, counts = load_words(folder / VOCABULARY, CORPUS_DIRECTORY)
    try:
        checked(_Description, content)
        _check_size(folder / IDS, 4 * content["words"])
        _check_size(folder / OFFSETS, 8 * (content["sentences"] + 1))
        if counts is None or counts.sum() != content["words"]:
            raise CORPUS_DIRECTORY.damaged(
                folder / VOCABULARY,
                f"its counts do not add up to the {content['words']:,} words of the corpus",
            )
        corpus = EncodedCorpus(
            folder,
            Vocabulary(words, counts),
            checked(ScanReport, content["report"]),
            content["fingerprint"],
            min_count=content["min_count"],
            max_vocab=content["max_vocab"],
            reading=CorpusConfig(**recorded(content["reading"])),
        )
    except (KeyError, TypeError, ValueError, OSError) as error:
        reason = error if isinstance(error, OSError) else f"{type(error).__name__}: {error}"
        raise CORPUS_DIRECTORY.damaged(folder / DESCRIPTION, reason) from error
    try:
        _check_content(corpus, folder)
    except BaseException:
        corpus.close()
        raise
    return corpus


def open_ids(
    directory: str | os.PathLike[str], vocabulary: Vocabulary, report: ScanReport
) -> EncodedCorpus:
    """Open the ids of a text that was encoded with a given vocabulary.

    Args:
        directory: it holds ids and offsets.
        vocabulary: the words of the ids.
        report: what the scan found.

    Raises:
        FormatError: the files are missing, empty or damaged.
    """
    folder = Path(directory)
    try:
        corpus = EncodedCorpus(folder, vocabulary, report, "")
    except (OSError, ValueError) as error:
        raise CORPUS_DIRECTORY.damaged(folder / IDS, error) from error
    _check_content(corpus, folder)
    return corpus


def check_unchanged(
    corpus: EncodedCorpus, fingerprint: str, remedy: str, what: str = "encoded corpus"
) -> None:
    """Check that a corpus has this fingerprint.

    Args:
        corpus: the corpus.
        fingerprint: the one that it had.
        remedy: what to do if it has another one.
        what: what the corpus is, for messages.

    Raises:
        CorpusError: its words, ids or offsets are others.
    """
    digest = hashlib.sha256("\n".join(corpus.vocabulary.words).encode())
    for first, last in cut(0, len(corpus.offsets), _CHECKED_AT_ONCE):
        digest.update(corpus.offsets.read(first, last).data)
    ids = hashlib.sha256()
    for first, last in cut(0, len(corpus.ids), _CHECKED_AT_ONCE):
        ids.update(corpus.ids.read(first, last).data)
    digest.update(ids.digest())
    if digest.hexdigest() != fingerprint:
        raise CorpusError(
            f"the {what} has changed since the training began: its fingerprint is "
            f"{digest.hexdigest()[:12]} instead of {fingerprint[:12]}; {remedy}"
        )


def min_count_of(directory: str | os.PathLike[str]) -> int:
    """Return the min_count that an encoded corpus was made with.

    Raises:
        FormatError: the directory does not say.
    """
    path = Path(directory, DESCRIPTION)
    min_count = CORPUS_DIRECTORY.read_object(path).get("min_count")
    if not isinstance(min_count, int) or min_count < 1:
        raise CORPUS_DIRECTORY.damaged(path, f"its min_count is {min_count}")
    return min_count


def _check_size(path: Path, size: int) -> None:
    if path.stat().st_size != size:
        raise CORPUS_DIRECTORY.damaged(
            path, f"it has {path.stat().st_size:,} bytes, but {DESCRIPTION} says {size:,}"
        )


def _check_content(corpus: EncodedCorpus, folder: Path) -> None:
    """Check all ids and offsets, because the kernels trust them; there must be some."""
    for path, is_empty in ((IDS, not len(corpus.ids)), (OFFSETS, not corpus.sentences)):
        if is_empty:
            raise CORPUS_DIRECTORY.damaged(folder / path, "it holds no sentence")
    for first, last in cut(0, len(corpus.ids), _CHECKED_AT_ONCE):
        ids = corpus.ids.read(first, last)
        if ids.min() < 0 or ids.max() >= len(corpus.vocabulary):
            raise CORPUS_DIRECTORY.damaged(
                folder / IDS,
                f"it holds ids beyond the {len(corpus.vocabulary):,} words of the vocabulary",
            )
    borders = [corpus.offsets.read(at, at + 1)[0] for at in (0, corpus.sentences)]
    spans = cut(0, corpus.sentences, _CHECKED_AT_ONCE)
    parts = (corpus.offsets.read(first, last + 1) for first, last in spans)
    if borders != [0, len(corpus.ids)] or not all(np.all(part[1:] > part[:-1]) for part in parts):
        raise CORPUS_DIRECTORY.damaged(
            folder / OFFSETS, f"its offsets do not increase from 0 to {len(corpus.ids):,}"
        )


def identify(source: Source | EncodedDirectory) -> list[Any] | None:
    """Return paths, sizes and times of the files of a corpus, or the path of an encoded one.

    None if it is not in files.
    """
    if isinstance(source, EncodedDirectory):
        return [str(source.path.resolve())]
    if source.paths is None:
        return None
    return [
        [str(path.resolve()), path.stat().st_size, path.stat().st_mtime_ns] for path in source.paths
    ]


def describe(source: Source, min_count: int, max_vocab: int | None) -> dict[str, Any] | None:
    """Return files, sizes, times and options: if they are the same, so is the encoded corpus.

    None if they do not decide that: the corpus is not in files, or a tokenizer may have changed.
    """
    config = source.config
    files = identify(source) if config.tokenizer is None else None
    if files is None:
        return None
    made_from = {"files": files, "min_count": min_count, "max_vocab": max_vocab}
    # Corpora that do not say it were split only at the white space of ASCII.
    return {**made_from, "whitespace": config.whitespace, **config.describe()}


def is_made_from(directory: str | os.PathLike[str], made_from: dict[str, Any] | None) -> bool:
    """Whether a directory holds an encoded corpus with the same description (see `describe`)."""
    if made_from is None or not is_encoded(directory):
        return False
    try:
        content = CORPUS_DIRECTORY.read_object(Path(directory, DESCRIPTION))
    except FormatError:
        return False
    return content.get("made_from") == made_from
