"""Measure how fast the same text becomes word ids from each kind of file.

    python bench/sources.py --corpus wiki.txt

The files are read in turn, round after round, in one process. All of them must give the same ids,
which is checked first. The files are in the system's cache, so the time is that of decompressing,
parsing and scanning, not of the disk.
"""

from __future__ import annotations

import argparse
import bz2
import gzip
import json
import lzma
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from hardware import hardware
from peers import versions
from run import BYTES_HELP, beginning, save
from speed_tables import sources as table_of

from skipgram import CorpusConfig, Reading
from skipgram.corpus.build import encode_corpus

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

TABLES = {".parquet", ".csv", ".jsonl"}
"""Suffixes of files whose text is in a column."""

Files = dict[str, tuple[Path, CorpusConfig]]
"""Each kind of file, and how to read it."""


def write_json(rows: list[str], path: Path) -> None:
    """Write JSON Lines."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps({"text": row}, ensure_ascii=False) + "\n" for row in rows)


def write_all(text: Path, folder: Path) -> Files:
    """Write the text as each kind of file."""
    content = text.read_bytes()
    rows = content.decode().removesuffix("\n").split("\n")
    table = pa.table({"text": rows})
    lists = pa.table({"text": [row.split() for row in rows]})
    writers: dict[str, tuple[str, Callable[[Path], object]]] = {
        "gzip": ("text.gz", lambda path: path.write_bytes(gzip.compress(content, 6))),
        "zstd": ("text.zst", lambda path: path.write_bytes(zstd.compress(content))),
        "bzip2": ("text.bz2", lambda path: path.write_bytes(bz2.compress(content))),
        "xz": ("text.xz", lambda path: path.write_bytes(lzma.compress(content, preset=1))),
        "Parquet, text": ("a.parquet", lambda path: pa.parquet.write_table(table, path)),
        "Parquet, lists of tokens": ("b.parquet", lambda path: pa.parquet.write_table(lists, path)),
        "CSV": ("text.csv", lambda path: pa.csv.write_csv(table, path)),
        "JSON Lines": ("text.jsonl", lambda path: write_json(rows, path)),
    }
    files = {
        "plain": (text, CorpusConfig()),
        "plain, lower case": (text, CorpusConfig(lowercase=True)),
    }
    for kind, (name, write) in writers.items():
        write(folder / name)
        is_table = Path(name).suffix in TABLES
        files[kind] = (folder / name, CorpusConfig(column="text" if is_table else None))
    return files


def scan(path: Path, config: CorpusConfig, threads: int) -> tuple[float, str]:
    """Return the seconds of a scan, and the fingerprint of the ids."""
    started = time.perf_counter()
    with encode_corpus(Reading(path, config), min_count=5, threads=threads) as corpus:
        return time.perf_counter() - started, corpus.fingerprint


def check(files: Files, threads: int) -> None:
    """Stop if the files give different ids; lower case may."""
    fingerprints = {
        kind: scan(path, config, threads)[1]
        for kind, (path, config) in files.items()
        if kind != "plain, lower case"
    }
    if len(set(fingerprints.values())) > 1:
        sys.exit(f"the files give different ids: {fingerprints}")


def arguments() -> argparse.Namespace:
    """Return the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--corpus", type=Path, required=True, help="text file")
    parser.add_argument("--bytes", type=int, help=BYTES_HELP)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--output", type=Path, default=Path("build/bench/sources.json"))
    return parser.parse_args()


def main() -> None:
    """Write the files, check that they give the same ids, and time them in turn."""
    given = arguments()
    with tempfile.TemporaryDirectory() as folder:
        text = beginning(given.corpus, given.bytes, folder)
        files = write_all(text, Path(folder))
        check(files, given.threads)
        scan(*files["plain, lower case"], given.threads)  # compiled before it is timed
        seconds: dict[str, list[float]] = {kind: [] for kind in files}
        for _ in range(given.rounds):
            for kind, (path, config) in files.items():
                seconds[kind].append(scan(path, config, given.threads)[0])
                print(f"{kind}: {seconds[kind][-1]:.3f} s", flush=True)
        result: dict[str, Any] = {
            "corpus": {"name": given.corpus.name, "bytes": text.stat().st_size},
            "threads": given.threads,
            "hardware": hardware(),
            "versions": versions(),
            "sizes": {kind: path.stat().st_size for kind, (path, _) in files.items()},
            "seconds": seconds,
        }
    save(result, given.output)
    print(table_of(result))


if __name__ == "__main__":
    main()
