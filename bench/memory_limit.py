"""Train on a text that is many times larger than the memory that the process may use.

    python bench/memory_limit.py --corpus wiki.txt

The text is repeated until it is the given number of times larger than the limit. The limit is the
system's limit on what a process allocates (RLIMIT_DATA). Memory-mapped files do not count, because
the system takes their memory back when it needs it. Text and ids are written to the folder for
temporary files (TMPDIR).
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
from typing import Any

from hardware import hardware
from peers import versions
from run import save
from speed_tables import memory_limit as table_of

MB = 10**6
FIGURES = ("raw_words", "vocabulary_size", "scan_seconds", "training_seconds")


def repeat(text: Path, times: int, target: Path) -> None:
    """Write a number of copies of a text, one after the other."""
    with target.open("wb") as file:
        for _ in range(times):
            with text.open("rb") as once:
                shutil.copyfileobj(once, file, 1 << 24)


def train_limited(text: Path, output: Path, limit: int, *options: str) -> dict[str, Any]:
    """Train one epoch within `limit` bytes; return what skipgram prints."""
    program = [sys.executable, "-m", "skipgram", "train", str(text)]
    done = subprocess.run(
        [*program, "--output", str(output), "--epochs", "1", "--json", *options],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (limit, limit)),
    )
    if done.returncode:
        sys.exit(done.stderr)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def arguments() -> argparse.Namespace:
    """Return the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--corpus", type=Path, required=True, help="text file")
    parser.add_argument("--limit", type=int, default=450, help="memory limit in MB")
    parser.add_argument(
        "--times", type=int, default=10, help="size of the text, in multiples of the limit"
    )
    parser.add_argument(
        "--min-count", type=int, default=5, help="min-count in one copy of the text"
    )
    parser.add_argument("--vector-size", type=int, default=100)
    parser.add_argument("--output", type=Path, default=Path("build/bench/memory-limit.json"))
    return parser.parse_args()


def main() -> None:
    """Train once within the limit."""
    given = arguments()
    limit = given.limit * MB
    copies = max(1, -(-given.times * limit // given.corpus.stat().st_size))
    with tempfile.TemporaryDirectory() as folder:
        text = Path(folder) / "text"
        repeat(given.corpus, copies, text)
        options = [f"--min-count={given.min_count * copies}", f"--vector-size={given.vector_size}"]
        trained = train_limited(text, Path(folder) / "model", limit, *options)
        result = {
            "limit": limit,
            "bytes": text.stat().st_size,
            "corpus": {"name": given.corpus.name, "copies": copies},
            "vector_size": given.vector_size,
            "hardware": hardware(),
            "versions": versions(),
            **{name: trained[name] for name in FIGURES},
        }
    save(result, given.output)
    print(table_of(result))


if __name__ == "__main__":
    main()
