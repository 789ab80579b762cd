"""A corpus of walks in all its forms, and ways to read it back."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import skipgram
from skipgram.corpus.build import encode_corpus
from skipgram.corpus.encoded import EncodedCorpus
from skipgram.corpus.sources import Reading

OPTIONS: dict[str, Any] = {"vector_size": 8, "epochs": 1, "threads": 1, "min_count": 1}

# Words are numbers, so that the same corpus can be text, strings and integers.
WALKS = np.random.default_rng(5).integers(0, 60, (400, 9))
SENTENCES = [[str(node) for node in walk] for walk in WALKS.tolist()]
LINES = [" ".join(sentence) for sentence in SENTENCES]
TEXT = ("\n".join(LINES) + "\n").encode()

Vectors = tuple[list[str], Any]


def vectors(corpus: Any, **options: Any) -> Vectors:
    trained = skipgram.train(corpus, **OPTIONS, **options)
    return trained.words, trained.input


def sentences_of(corpus: EncodedCorpus) -> list[list[str]]:
    """The words of an encoded corpus, sentence by sentence."""
    words = corpus.vocabulary.words
    ids, offsets = corpus.ids[:], corpus.offsets[:]
    return [[words[i] for i in ids[offsets[s] : offsets[s + 1]]] for s in range(corpus.sentences)]


def decoded(corpus: Any, **options: Any) -> list[list[str]]:
    """The sentences of a corpus as they are read with these options."""
    with encode_corpus(Reading(corpus, skipgram.CorpusConfig(**options))) as encoded:
        return sentences_of(encoded)


def expected(
    lines: Iterable[list[bytes]], min_count: int = 1, max_vocab: int | None = None
) -> tuple[list[bytes], list[list[str]]]:
    """The slow way: count, sort by (-count, bytes), drop the rest and empty sentences."""
    kept = [list(line) for line in lines]
    counts = Counter(word for line in kept for word in line)
    order = sorted(
        (word for word, n in counts.items() if n >= min_count),
        key=lambda word: (-counts[word], word),
    )
    order = order[:max_vocab]
    left = [[word.decode() for word in line if word in set(order)] for line in kept]
    return order, [line for line in left if line]


def from_text(text: bytes, tmp_path: Path, **options: Any) -> EncodedCorpus:
    path = tmp_path / "corpus.txt"
    path.write_bytes(text)
    return encode_corpus(path, **options)


def write(path: Path, content: bytes) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return path


def halves(folder: Path) -> tuple[Path, Path]:
    first, second = (
        "\n".join(half).encode() for half in (LINES[:150], LINES[150:])
    )  # no line end between the files
    return write(folder / "part-1.txt", first), write(folder / "part-2.txt", second)


def directory(folder: Path) -> Path:
    _, second = halves(folder / "text")
    (folder / "text" / "inner").mkdir()
    second.rename(folder / "text" / "inner" / "more")
    write(folder / "text" / ".hidden", b"\0\0")
    return folder / "text"


def json_lines(folder: Path, values: list[Any]) -> Path:
    rows = "".join(json.dumps({"id": n, "text": value}) + "\n" for n, value in enumerate(values))
    return write(
        folder / "corpus.jsonl", ('{"id": -1, "text": null}\n\n' + rows + '{"id": -2}\n').encode()
    )


def parquet(folder: Path, values: list[Any]) -> Path:
    pq.write_table(
        pa.table({"id": range(len(values)), "text": values}),
        folder / "corpus.parquet",
        row_group_size=64,
    )
    return folder / "corpus.parquet"


def csv_text(delimiter: str = ",") -> bytes:
    quoted = f'id{delimiter}text\n0{delimiter}"{LINES[0]}\n{LINES[1]}"\n'
    return (
        quoted + "".join(f'{n}{delimiter}"{line}"\n' for n, line in enumerate(LINES[2:]))
    ).encode()
