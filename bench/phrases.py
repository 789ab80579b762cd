"""Measure how fast skipgram and gensim's `Phrases` join the phrases of a text.

    python bench/phrases.py --corpus wiki.txt

Each run is a process of its own; the programs alternate, round after round. Before that, each
program joins the text once. This compiles skipgram's kernels, and compares the results: phrases,
counts, scores, and the texts byte by byte.
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

from hardware import hardware
from peers import Program, versions
from run import BYTES_HELP, beginning, save, train
from speed_tables import phrases as table_of

HERE = Path(__file__).resolve().parent
OPTIONS: dict[str, Any] = {"scoring": "default", "threshold": 10.0, "min_count": 5}
_FLAGS = [f"--{name.replace('_', '-')}={{{name}}}" for name in OPTIONS]
_OURS = [
    *(sys.executable, "-m", "skipgram", "phrases", "{corpus}", "--output", "{target}"),
    *(*_FLAGS, "--quiet", "--json"),
]
_THEIRS = [sys.executable, str(HERE / "join_gensim.py"), "{corpus}", "{target}", "{options}"]
TOLERANCE = 1e-12
"""Scores that differ by less are equal."""

Found = dict[str, tuple[int, float]]
"""Count and score of each phrase."""


def contestants(threads: list[int]) -> dict[str, Program]:
    """Return the programs by their names in the table."""
    ours = {f"skipgram, {n} thread{'s' * (n > 1)}": [*_OURS, f"--threads={n}"] for n in threads}
    commands = {"gensim": _THEIRS, "gensim, frozen": [*_THEIRS, "--frozen"], **ours}
    return {name: Program(command, prints_json=True) for name, command in commands.items()}


def read_phrases(path: Path) -> Found:
    """Return the count and the score of each phrase in a file."""
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    return {text: (int(count), float(score)) for text, count, score in rows}


def join(program: Program, corpus: Path, target: Path) -> Found:
    """Join the phrases of a text; return the phrases."""
    table = target.with_suffix(".tsv")
    saving = Program([*program.command, f"--phrases={table}"], prints_json=True)
    train(saving, OPTIONS, corpus, target)
    return read_phrases(table)


def score_difference(name: str, ours: Found, theirs: Found) -> float:
    """Return the largest relative difference of a score; stop if phrases or counts differ."""
    if {text: count for text, (count, _) in ours.items()} != {
        text: count for text, (count, _) in theirs.items()
    }:
        sys.exit(f"{name} finds different phrases or different counts")
    ratios = [score / theirs[text][1] for text, (_, score) in ours.items()]
    return max((math.fabs(ratio - 1) for ratio in ratios), default=0.0)


def compare(programs: dict[str, Program], corpus: Path, folder: Path) -> tuple[int, float]:
    """Return the number of phrases and the largest score difference; stop if results differ."""
    first_name, *others = programs
    first_text = folder / "0.txt"
    first = join(programs[first_name], corpus, first_text)
    largest = 0.0
    for number, name in enumerate(others, 1):
        text = folder / f"{number}.txt"
        found = join(programs[name], corpus, text)
        if not filecmp.cmp(first_text, text, shallow=False):
            sys.exit(f"{name} writes a different text")
        largest = max(largest, score_difference(name, found, first))
    if largest > TOLERANCE:
        sys.exit(f"the scores differ by {largest:.1g}")
    return len(first), largest


def arguments() -> argparse.Namespace:
    """Return the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--corpus", type=Path, required=True, help="text file")
    parser.add_argument("--bytes", type=int, help=BYTES_HELP)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--output", type=Path, default=Path("build/bench/phrases.json"))
    return parser.parse_args()


def main() -> None:
    """Compare the results, then time the programs; save the result after each run."""
    given = arguments()
    programs = contestants(given.threads)
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
                save(result, given.output)
    print(table_of(result))


if __name__ == "__main__":
    main()
