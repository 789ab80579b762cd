"""How files and directories of corpora are made, changed and read."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import itertools
import json
import lzma
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from fuzz_target import Target, only_file
from repack import COMPRESSED, JSON, inside, swap_files, zip_members
from vector_targets import FOOTER, HEADER, SENTENCES

import skipgram
from skipgram.corpus.build import encode_corpus
from skipgram.corpus.sources import Reading
from skipgram.errors import SkipgramError
from skipgram.training.events import CheckpointWritten

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LINES = [" ".join(sentence) for sentence in SENTENCES]
TEXT = "\n".join(LINES) + "\n"
PROSE = (
    "<p>The <b>cat</b> sat&nbsp;on the mat. See http://example.org/a?b=c, don't stop!</p>\n"
    "No. 12 costs 1,234.50 € — «naïve» ﬁne １２ Straße İstanbul.\n\n" * 3
)

OPTIONS: dict[str, dict[str, Any]] = {
    "plain": {},
    "clean": {"clean": True, "numbers": "zero"},
    "sentence": {"sentence_per": "sentence", "lowercase": True},
    "nfkc": {"nfkc": True, "whitespace": "ascii", "sentence_per": "file"},
    "pattern": {"token_pattern": r"[^\s.,!?]+"},
    "column": {"column": "text"},
    "grouped": {"column": "item", "group_by": "user", "order_by": "time"},
    "backslash": {"column": "text", "quoting": "backslash"},
    "unquoted": {"column": "text", "quoting": "none"},
}
"""How a corpus is read, by the beginning of the name of its file."""

ENCODINGS = ("utf-16", "utf-32", "utf-8-sig", "utf-7", "latin-1", "cp1252", "shift_jis", "gb18030")
"""Encodings of the texts with these names."""


def encode(folder: Path) -> None:
    """Read the only file of a folder as a corpus, as its name says."""
    path = only_file(folder)
    stem = path.name.partition(".")[0]
    options = {"encoding": stem} if stem in ENCODINGS else OPTIONS[stem]
    config = skipgram.CorpusConfig(**options)
    with encode_corpus(Reading(path, config), min_count=1) as corpus:
        corpus.report.warnings()


def texts(contents: dict[str, bytes]) -> Callable[[Path], None]:
    """Return a function that writes files, each into a folder of its own."""

    def make(folder: Path) -> None:
        for name, content in contents.items():
            (folder / name).mkdir()
            (folder / name / name).write_bytes(content)

    return make


def _zipped(content: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("plain.txt", content)
    return target.getvalue()


def _compressed() -> dict[str, bytes]:
    packed = TEXT.encode()
    table = _csv(",").encode()
    return {
        "plain.txt.gz": gzip.compress(packed),
        "plain.txt.bz2": bz2.compress(packed),
        "plain.txt.xz": lzma.compress(packed),
        "plain.txt.zst": zstd.compress(packed),
        "plain.zip": _zipped(packed),
        "column.csv.gz": gzip.compress(table),
        "column.jsonl.zst": zstd.compress(_json_lines().encode()),
    }


def _csv(delimiter: str) -> str:
    rows = [f'{number}{delimiter}"{line} ""x"""\n' for number, line in enumerate(LINES)]
    return f"id{delimiter}text\n" + "".join(rows)


def _grouped() -> str:
    rows = [f"{number % 3},{word},{number}" for number, word in enumerate(" ".join(LINES).split())]
    return "user,item,time\n" + "\n".join(rows) + "\n"


def _csv_files() -> dict[str, bytes]:
    backslash = 'id,text\n1,"the \\"cat\\" sat"\n2,on the mat\n'
    files = {
        "column.csv": _csv(","),
        "column.tsv": _csv("\t"),
        "column.txt": "sep=;\n" + _csv(";"),
        "grouped.csv": _grouped(),
        "backslash.csv": backslash,
        "unquoted.tsv": 'id\ttext\n1\tthe "cat sat\n2\ton the mat\n',
    }
    return {name: content.encode() for name, content in files.items()}


def _json_lines() -> str:
    return "".join(json.dumps({"id": n, "text": line}) + "\n" for n, line in enumerate(LINES))


def _json_files() -> dict[str, bytes]:
    records = [{"id": number, "text": line} for number, line in enumerate(LINES)]
    tokens = [{"id": number, "text": sentence} for number, sentence in enumerate(SENTENCES)]
    grouped = [
        {"user": number % 3, "item": word, "time": number}
        for number, word in enumerate(" ".join(LINES).split())
    ]
    files: dict[str, Any] = {
        "column.json": records,
        "grouped.json": grouped,
    }
    lines = {"column.jsonl": tokens, "column.ndjson": records}
    return {name: json.dumps(value).encode() for name, value in files.items()} | {
        name: "".join(json.dumps(row) + "\n" for row in rows).encode()
        for name, rows in lines.items()
    }


def _parquet(folder: Path) -> None:
    words = " ".join(LINES).split()
    grouped = {"user": [n % 3 for n in range(len(words))], "item": words, "time": range(len(words))}
    tables: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
        "text": ("column", {"id": range(6), "text": LINES}, {"compression": "none"}),
        "lists": ("column", {"text": SENTENCES}, {"compression": "snappy"}),
        "numbers": ("column", {"text": [[1, 2, 3], None, [2, 3]]}, {"use_dictionary": False}),
        "grouped": ("grouped", grouped, {"compression": "none", "row_group_size": 16}),
    }
    for name, (stem, columns, options) in tables.items():
        (folder / name).mkdir()
        pq.write_table(pa.table(columns), folder / name / f"{stem}.parquet", **options)


def _encoded(folder: Path) -> None:
    skipgram.encode(SENTENCES, folder / "corpus", min_count=1)


def _train(folder: Path) -> None:
    skipgram.train(folder, vector_size=2, epochs=1, min_count=1, threads=1, progress=False)


def written(files: dict[str, str]) -> Callable[[Path], None]:
    return texts({name: content.encode() for name, content in files.items()})


_PLAIN = {
    "plain.txt": TEXT,
    "clean.txt": PROSE,
    "sentence.txt": PROSE,
    "nfkc.txt": PROSE,
    "pattern.txt": PROSE,
}
_ENCODED_TEXTS = {f"{encoding}.txt": TEXT.encode(encoding, "replace") for encoding in ENCODINGS}


class _Enough(SkipgramError):
    """An input may ask for a training of any length."""


def _run_directory(folder: Path) -> None:
    def stop(event: object) -> None:
        if isinstance(event, CheckpointWritten):
            raise _Enough

    with contextlib.suppress(_Enough):
        skipgram.train(
            SENTENCES * 50,
            run_directory=folder / "run",
            checkpoint=100,
            callbacks=[stop],
            vector_size=4,
            min_count=1,
            threads=1,
            progress=False,
        )


def _resume(folder: Path) -> None:
    events = itertools.count()

    def report(_: object) -> None:
        if next(events) > 100:
            raise _Enough

    skipgram.resume(folder, callbacks=[report], progress=False)


CORPORA = [
    Target("text", written(_PLAIN), encode),
    Target("text-encodings", texts(_ENCODED_TEXTS), encode),
    Target(
        "text-compressed",
        texts(_compressed()),
        encode,
        (*COMPRESSED, inside(r"\.zip$", zip_members)),
    ),
    Target("table-csv", texts(_csv_files()), encode),
    Target("table-json", texts(_json_files()), encode, (JSON,)),
    Target("table-parquet", _parquet, encode, (FOOTER,)),
    Target("run-directory", _run_directory, _resume, (JSON, HEADER)),
    Target("encoded-corpus", _encoded, _train, (JSON, swap_files)),
]
