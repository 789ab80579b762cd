"""A training on a text that is many times as large as the memory it may use.

    python bench/memory_limit.py --corpus wiki.txt

The text is written so often behind itself that it is as many times the limit as asked for. The limit is that of the system on
what a process allocates (RLIMIT_DATA); files that are mapped into memory do not count, since the system takes their memory back
when it wants it. Text and ids lie in the folder for temporary files (TMPDIR).
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from peers import versions
from run import hardware
from tables import memory_limit as table_of

MB = 10**6


def repeat(text: Path, times: int, target: Path) -> None:
    """Write a text so many times behind itself."""
    with target.open("wb") as file:
        for _ in range(times):
            with text.open("rb") as once:
                shutil.copyfileobj(once, file, 1 << 24)


def main() -> None:
    """Train once under the limit."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--corpus", type=Path, required=True, help="text file")
    parser.add_argument("--limit", type=int, default=450, help="in MB")
    parser.add_argument(
        "--times",
        type=int,
        default=10,
        help="how many times as large as the limit the text shall be",
    )
    parser.add_argument("--min-count", type=int, default=5, help="in the text once")
    parser.add_argument("--vector-size", type=int, default=100)
    parser.add_argument("--output", type=Path, default=Path("build/bench/memory-limit.json"))
    given = parser.parse_args()
    given.output.parent.mkdir(parents=True, exist_ok=True)
    limit = given.limit * MB
    copies = max(1, -(-given.times * limit // given.corpus.stat().st_size))
    options = [
        "--min-count",
        str(given.min_count * copies),
        "--vector-size",
        str(given.vector_size),
        "--epochs",
        "1",
        "--json",
    ]
    with tempfile.TemporaryDirectory() as folder:
        text = Path(folder) / "text"
        repeat(given.corpus, copies, text)
        command = [
            sys.executable,
            "-m",
            "skipgram",
            "train",
            str(text),
            "--output",
            str(Path(folder) / "model"),
            *options,
        ]
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (limit, limit)),
        )
        if done.returncode:
            sys.exit(done.stderr)
        told = json.loads(done.stdout)
        result = {
            "limit": limit,
            "bytes": text.stat().st_size,
            "corpus": {"name": given.corpus.name, "copies": copies},
            "vector_size": given.vector_size,
            "hardware": hardware(),
            "versions": versions(),
            **{
                name: told[name]
                for name in ("raw_words", "vocabulary_size", "scan_seconds", "training_seconds")
            },
        }
    given.output.write_text(json.dumps(result, indent=1) + "\n")
    print(table_of(result))


if __name__ == "__main__":
    main()
