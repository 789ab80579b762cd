"""Measure which options give better vectors: train with each change, and score all sets.

    python bench/leads.py --corpus wiki.txt --eval eval

Two texts are trained with about as many words: the beginning in 15 epochs, and the whole in 5. The
result is saved after each training, and those that it has already are not repeated. Only the scores
and the CPU time count, so the machine may do other work meanwhile.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hardware import hardware
from peers import versions
from run import continued, find_sets, save

from skipgram import evaluate, train
from skipgram.embeddings import Embeddings

BEGINNING_WORDS = 5_000_000
BASE: dict[str, Any] = {"vector_size": 100, "alpha": 0.025, "sample": 1e-4, "threads": 2}
CHANGES: list[dict[str, Any]] = [
    {},
    {"sample": 1e-3},
    {"sample": 3e-5},
    {"alpha": 0.035},
    {"alpha": 0.05},
    {"min_alpha": 0.0025},
    {"negative": 10},
    {"negative": 15},
    {"ns_exponent": 0.5},
    {"ns_exponent": 1.0},
    {"window": 3},
    {"window": 7},
    {"shrink_windows": False, "window": 3},
    {"min_count": 2},
    {"min_count": 10},
    {"optimizer": "adagrad", "alpha": 0.1},
    {"optimizer": "adagrad", "alpha": 0.2},
    {"optimizer": "adam", "alpha": 0.005},
    {"optimizer": "adam", "alpha": 0.01},
    {"optimizer": "adam", "alpha": 0.02},
]
VECTORS = ("input", "average")


def first_words(corpus: Path, words: int, target: Path) -> Path:
    """Write the first lines of a text that have this many words, and return `target`."""
    left = words
    with corpus.open("rb") as source, target.open("wb") as file:
        for line in source:
            if left <= 0:
                break
            file.write(line)
            left -= len(line.split())
    return target


def measure(corpus: Path, sets: list[Path], options: dict[str, Any]) -> dict[str, Any]:
    """Train once; return the words, the CPU seconds and the scores of all vectors."""
    started = time.process_time()
    embeddings = train(corpus, **{**BASE, **options})
    seconds = time.process_time() - started
    scores = {which: score(embeddings, sets, which) for which in VECTORS}
    return {
        "raw_words": embeddings.training["raw_words"],
        "cpu_seconds": seconds,
        "scores": scores,
    }


def score(embeddings: Embeddings, sets: list[Path], which: Any) -> dict[str, float | None]:
    """Return the score of each set x 100."""
    scores = {path.stem: evaluate(embeddings, path, which=which).score for path in sets}
    return {name: None if share is None else 100 * share for name, share in scores.items()}


def trainings(seeds: int) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Yield each text, the change, and all options that differ from `BASE`."""
    for seed in range(1, seeds + 1):
        for change in CHANGES:
            for text, epochs in (("beginning", 15), ("whole", 5)):
                yield text, change, {"epochs": epochs, "seed": seed, **change}


def main() -> None:
    """Measure what the result lacks."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--eval", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--output", type=Path, default=Path("build/bench/leads.json"))
    given = parser.parse_args()
    result: dict[str, Any] = {
        "corpus": {"name": given.corpus.name},
        "hardware": hardware(),
        "versions": versions(),
        "base": BASE,
        "runs": [],
    }
    result = continued(result, given.output, "give another --output")
    done = [(run["text"], run["change"], run["seed"]) for run in result["runs"]]
    sets = find_sets(given.eval)
    with tempfile.TemporaryDirectory() as folder:
        beginning = first_words(given.corpus, BEGINNING_WORDS, Path(folder) / "beginning.txt")
        corpora = {"beginning": beginning, "whole": given.corpus}
        for text, change, options in trainings(given.seeds):
            if (text, change, options["seed"]) in done:
                continue
            measured = measure(corpora[text], sets, options)
            run = {"text": text, "change": change, **options, **measured}
            result["runs"].append(run)
            save(result, given.output)


if __name__ == "__main__":
    main()
