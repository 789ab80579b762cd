"""The encoded corpus in a directory of its own.

ids.int32        the ids of all words, row numbers of the vocabulary, 4 bytes each, in the machine's byte order
offsets.int64    where each sentence begins among the ids, and at last their number, 8 bytes each
vocabulary.tsv   the words and their counts (see `word_list`)
corpus.json      one JSON object: the version of this layout, what the scan found, and what the corpus was made from
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from skipgram.config import CorpusConfig
from skipgram.corpus.encoded import EncodedCorpus, ScanReport
from skipgram.corpus.locations import find
from skipgram.corpus.sources import Reading, is_place
from skipgram.corpus.word_list import load_words, save_words
from skipgram.errors import FormatError
from skipgram.vocabulary import Vocabulary
from skipgram.writing import DirectoryKind

IDS, OFFSETS = "ids.int32", "offsets.int64"
_VOCABULARY, _CORPUS = "vocabulary.tsv", "corpus.json"
CORPUS = DirectoryKind("encoded corpus", frozenset({IDS, OFFSETS, _VOCABULARY, _CORPUS}), frozenset({_CORPUS}))
_VERSION = 1


def is_encoded(path: str | os.PathLike[str]) -> bool:
    """Whether a directory holds an encoded corpus."""
    with contextlib.suppress(OSError, ValueError):
        return Path(path, _CORPUS).is_file() and Path(path, IDS).is_file()
    return False


def save(corpus: EncodedCorpus, folder: Path, made_from: dict[str, Any] | None) -> None:
    """Write what is still missing beside the ids and offsets of a corpus."""
    save_words(folder / _VOCABULARY, corpus.vocabulary.words, corpus.vocabulary.counts)
    content = {
        "version": _VERSION,
        "byte_order": sys.byteorder,
        "words": len(corpus.ids),
        "sentences": corpus.sentences,
        "min_count": corpus.min_count,
        "fingerprint": corpus.fingerprint,
        "reading": corpus.reading.describe(),
        "report": asdict(corpus.report),
        "made_from": made_from,
    }
    (folder / _CORPUS).write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def open_encoded(directory: str | os.PathLike[str]) -> EncodedCorpus:
    """Map an encoded corpus into memory.

    Raises:
        FormatError: a file of it is missing, damaged, or of another version or machine.
    """
    folder = Path(directory)
    content = _read(folder / _CORPUS)
    if content.get("version") != _VERSION or content.get("byte_order") != sys.byteorder:
        raise CORPUS.damaged(folder / _CORPUS, "it is of another version of skipgram or of a machine with another byte order")
    for name, size in ((IDS, 4 * content["words"]), (OFFSETS, 8 * (content["sentences"] + 1))):
        path = folder / name
        if not path.is_file() or path.stat().st_size != size:
            raise CORPUS.damaged(path, f"it does not have the {size:,} bytes that {_CORPUS} says")
    words, counts = load_words(folder / _VOCABULARY, CORPUS)
    if counts is None or counts.sum() != content["words"]:
        raise CORPUS.damaged(folder / _VOCABULARY, f"its counts do not add up to the {content['words']:,} words of {_CORPUS}")
    vocabulary, report = Vocabulary(words, counts), ScanReport(**content["report"])
    reading = CorpusConfig(**content["reading"])
    return EncodedCorpus(
        folder / IDS, folder / OFFSETS, vocabulary, report, content["fingerprint"], content["min_count"], reading
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CORPUS.damaged(path, error) from error
    if not isinstance(content, dict):
        raise CORPUS.damaged(path, "it is not a JSON object")
    return content


def describe(reading: Reading, min_count: int, max_vocab: int | None) -> dict[str, Any] | None:
    """Return what tells whether a corpus made again would be the same: files, sizes, times and options; None if nothing can."""
    corpus, config = reading
    places: list[Any] = list(corpus) if isinstance(corpus, list | tuple) else [corpus]
    if callable(config.tokenizer) or not all(is_place(place) or place is corpus for place in places):
        return None
    if not all(isinstance(place, str | os.PathLike) for place in places):
        return None
    paths = [location.path for location in find(places)]
    if not all(path is not None and path.is_file() for path in paths):
        return None
    files = [[str(path.resolve()), path.stat().st_size, path.stat().st_mtime_ns] for path in paths if path]
    return {"files": files, "min_count": min_count, "max_vocab": max_vocab, **config.describe()}


def is_made_from(directory: str | os.PathLike[str], made_from: dict[str, Any] | None) -> bool:
    """Whether a directory holds the corpus that would be made from the same."""
    if made_from is None or not is_encoded(directory):
        return False
    try:
        content = _read(Path(directory, _CORPUS))
    except FormatError:
        return False
    return content.get("made_from") == made_from
