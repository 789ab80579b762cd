"""How fast the same text becomes word ids from every kind of file.

    python bench/sources.py --corpus wiki.txt

The files take turns, round after round, in one process; all of them give the same ids, which is checked first. They are in the
system's cache: what is measured is decompressing, parsing and scanning, not the disk.
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
from peers import versions
from run import beginning, hardware
from tables import sources as table_of

from skipgram import CorpusConfig, Reading
from skipgram.corpus.build import encode_corpus

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


def write_json(rows: list[str], path: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps({"text": row}, ensure_ascii=False) + "\n" for row in rows)


def write_all(text: Path, folder: Path) -> dict[str, tuple[Path, CorpusConfig]]:
    """Write the text in every way; return the files, and how to read them."""
    content = text.read_bytes()
    rows = content.decode().removesuffix("\n").split("\n")
    table, lists = pa.table({"text": rows}), pa.table({"text": [row.split() for row in rows]})
    writers: dict[str, tuple[str, Callable[[Path], Any]]] = {
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
        is_table = Path(name).suffix in {".parquet", ".csv", ".jsonl"}
        files[kind] = (folder / name, CorpusConfig(column="text" if is_table else None))
    return files


def scan(path: Path, config: CorpusConfig, threads: int) -> tuple[float, str]:
    """Return the seconds, and the fingerprint of the ids."""
    started = time.perf_counter()
    with encode_corpus(Reading(path, config), min_count=5, threads=threads) as corpus:
        return time.perf_counter() - started, corpus.fingerprint


def main() -> None:
    """Write the files, compare what they give, and time them in turn."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--corpus", type=Path, required=True, help="text file")
    parser.add_argument(
        "--bytes", type=int, help="take the beginning of the text only, to the last line that fits"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--output", type=Path, default=Path("build/bench/sources.json"))
    given = parser.parse_args()
    given.output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        text = beginning(given.corpus, given.bytes, folder)
        files = write_all(text, Path(folder))
        prints = {
            kind: scan(path, config, given.threads)[1] for kind, (path, config) in files.items()
        }
        if len({print_ for kind, print_ in prints.items() if kind != "plain, lower case"}) > 1:
            sys.exit(f"the files do not give the same ids: {prints}")
        seconds: dict[str, list[float]] = {kind: [] for kind in files}
        for _ in range(given.rounds):
            for kind, (path, config) in files.items():
                seconds[kind].append(scan(path, config, given.threads)[0])
                print(f"{kind}: {seconds[kind][-1]:.3f} s", flush=True)
        result = {
            "corpus": {"name": given.corpus.name, "bytes": text.stat().st_size},
            "threads": given.threads,
            "hardware": hardware(),
            "versions": versions(),
            "sizes": {kind: path.stat().st_size for kind, (path, _) in files.items()},
            "seconds": seconds,
        }
    given.output.write_text(json.dumps(result, indent=1) + "\n")
    print(table_of(result))


if __name__ == "__main__":
    main()
