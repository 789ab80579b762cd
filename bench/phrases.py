"""How long it takes from a text to the text with its phrases joined: skipgram beside gensim's `Phrases`.

    python bench/phrases.py --corpus wiki.txt

Every run is a process of its own; they take turns, round after round. Before, each joins the text once: skipgram compiles, and
what they found is compared, the texts byte by byte.
"""

from __future__ import annotations

import argparse
import filecmp
import json
import math
import sys
import tempfile
from pathlib import Path
from typing import Any

from peers import Program, versions
from run import beginning, hardware, train
from tables import phrases as table_of

HERE = Path(__file__).resolve().parent
OPTIONS: dict[str, Any] = {"scoring": "default", "threshold": 10.0, "min_count": 5}
_FLAGS = [f"--{name.replace('_', '-')}={{{name}}}" for name in OPTIONS]
_OURS = [
    sys.executable,
    "-m",
    "skipgram",
    "phrases",
    "{corpus}",
    "--output",
    "{target}",
    *_FLAGS,
    "--quiet",
    "--json",
]
_THEIRS = [sys.executable, str(HERE / "join_gensim.py"), "{corpus}", "{target}", "{options}"]
TOLERANCE = 1e-12
"""Scores that differ by less are the same."""


def contestants(threads: list[int]) -> dict[str, Program]:
    """Return the programs, by the names that the table gives them."""
    return {
        "gensim": Program(_THEIRS, prints_json=True),
        "gensim, frozen": Program([*_THEIRS, "--frozen"], prints_json=True),
        **{
            f"skipgram, {n} thread{'s' * (n > 1)}": Program(
                [*_OURS, f"--threads={n}"], prints_json=True
            )
            for n in threads
        },
    }


def read_table(path: Path) -> dict[str, tuple[int, float]]:
    """Return count and score of each phrase."""
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    return {text: (int(count), float(score)) for text, count, score in rows}


def compare(programs: dict[str, Program], corpus: Path, folder: Path) -> tuple[int, float]:
    """Return the number of phrases and the largest difference of a score; stop where anything else differs."""
    tables, texts = [], []
    for number, program in enumerate(programs.values()):
        phrases, text = folder / f"{number}.tsv", folder / f"{number}.txt"
        saving = Program([*program.command, f"--phrases={phrases}"], prints_json=True)
        train(saving, OPTIONS, corpus, text)
        tables.append(read_table(phrases))
        texts.append(text)
    first, largest = tables[0], 0.0
    for name, table, text in zip(programs, tables, texts, strict=True):
        if not filecmp.cmp(texts[0], text, shallow=False):
            sys.exit(f"{name} writes another text")
        if {phrase: count for phrase, (count, _) in table.items()} != {
            phrase: count for phrase, (count, _) in first.items()
        }:
            sys.exit(f"{name} finds other phrases, or counts them otherwise")
        largest = max(
            [
                largest,
                *(math.fabs(score / first[phrase][1] - 1) for phrase, (_, score) in table.items()),
            ]
        )
    if largest > TOLERANCE:
        sys.exit(f"scores differ by {largest:.1g}")
    return len(first), largest


def main() -> None:
    """Compare what is found, then time; write the file anew after each run."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--corpus", type=Path, required=True, help="text file")
    parser.add_argument(
        "--bytes", type=int, help="take the beginning of the text only, to the last line that fits"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--output", type=Path, default=Path("build/bench/phrases.json"))
    given = parser.parse_args()
    programs = contestants(given.threads)
    given.output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        corpus = beginning(given.corpus, given.bytes, folder)
        found, largest = compare(programs, corpus, folder)
        result: dict[str, Any] = {
            "corpus": {"name": given.corpus.name, "bytes": corpus.stat().st_size},
            "options": OPTIONS,
            "hardware": hardware(),
            "versions": versions(),
            "phrases": found,
            "largest_difference": largest,
            "runs": [],
        }
        for number in range(1, given.rounds + 1):
            for program, how in programs.items():
                figures = train(how, OPTIONS, corpus, folder / "joined.txt")
                result["runs"].append({"program": program, "round": number, **figures})
                print(json.dumps(result["runs"][-1]), flush=True)
                given.output.write_text(json.dumps(result, indent=1) + "\n")
    print(table_of(result))


if __name__ == "__main__":
    main()
