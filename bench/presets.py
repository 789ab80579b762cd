"""Compare skipgram with gensim by scores and seconds: presets, epochs, and one epoch alone.

    python bench/presets.py --corpus wiki.txt --eval eval
    python bench/presets.py --corpus wiki.txt --eval eval --only "gensim, 5 epochs" "preset best"

The programs alternate: each trains once with seed 1, then each with seed 2, and so on. The result
is saved after each training, and those that it has already are not repeated, so a run can be
continued, or measure some first and others later.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from hardware import conditions, hardware
from leads import BEGINNING_WORDS, first_words
from peers import OPTIONS, PROGRAMS, Job, Program, versions
from run import continued, count_words, find_sets, run_job, save

from skipgram import train
from skipgram.config import TrainConfig
from skipgram.presets import PRESETS

_FLAGS = ["--vector-size={vector_size}", "--threads={threads}", "--seed={seed}"]
_TRAIN = [sys.executable, "-m", "skipgram", "train", "{corpus}", "--output", "{target}"]


GENSIMS_RATE = ["--epochs=1", "--alpha=0.025", "--min-alpha=0.0125"]
"""The learning rate of gensim's `corpus_file` with two threads: each counts only its own words of
the epoch, so the rate falls by half (docs/benchmarks.md, one epoch of every program)."""


def ours(*options: str) -> Program:
    """Return how to train with skipgram and these options."""
    return Program([*_TRAIN, "--quiet", "--json", *_FLAGS, *options], prints_json=True)


TRAININGS: dict[str, tuple[Program, int]] = {
    **{f"gensim, {n} epoch{'s' * (n > 1)}": (PROGRAMS["gensim"], n) for n in (1, 5, 15)},
    **{
        f"preset {name}": (ours(f"--preset={name}"), options.get("epochs", TrainConfig().epochs))
        for name, options in PRESETS.items()
    },
    "skipgram, 1 epoch at gensim's rate": (ours(*GENSIMS_RATE), 1),
    "the same, negatives per window": (ours(*GENSIMS_RATE, "--negative-sharing=window"), 1),
}
"""Name, how to train, and the number of epochs."""


def main() -> None:
    """Measure what the result lacks."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--eval", type=Path, required=True)
    parser.add_argument("--only", nargs="+", choices=TRAININGS, default=list(TRAININGS))
    parser.add_argument("--texts", nargs="+", choices=["beginning", "whole"], default=["whole"])
    parser.add_argument("--vector-size", type=int, nargs="+", default=[100])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--output", type=Path, default=Path("build/bench/presets.json"))
    given = parser.parse_args()
    result: dict[str, Any] = {
        "corpus": {"name": given.corpus.name},
        "options": OPTIONS,
        "hardware": hardware(),
        "conditions": [conditions()],
        "versions": versions(),
        "runs": [],
    }
    result = continued(result, given.output, "give another --output")
    sets, measured = find_sets(given.eval), [_key(run) for run in result["runs"]]
    _compile(given.vector_size)
    with tempfile.TemporaryDirectory() as folder:
        beginning = first_words(given.corpus, BEGINNING_WORDS, Path(folder) / "beginning.txt")
        corpora = {"beginning": beginning, "whole": given.corpus}
        words = {text: count_words(corpora[text]) for text in given.texts}
        for text, job in _jobs(given):
            if _key({"text": text, **asdict(job)}) in measured:
                continue
            program = TRAININGS[job.program][0]
            figures = run_job(job, program, corpora[text], words[text], sets)
            result["runs"].append({"text": text, **figures})
            save(result, given.output)


def _compile(sizes: list[int]) -> None:
    """Compile what all presets need, so that no run includes it."""
    for size, name in itertools.product(sizes, PRESETS):
        options: dict[str, Any] = {"preset": name, "vector_size": size, "epochs": 1}
        train([["a", "b"]] * 100, sample=0, **options)


def _jobs(given: argparse.Namespace) -> Iterator[tuple[str, Job]]:
    """Yield all trainings with their texts."""
    everything = itertools.product(
        range(1, given.seeds + 1), given.texts, given.vector_size, given.only
    )
    for seed, text, size, name in everything:
        yield text, Job(name, size, TRAININGS[name][1], given.threads, seed)


def _key(run: dict[str, Any]) -> list[Any]:
    return [run[name] for name in ("text", "program", "vector_size", "threads", "seed")]


if __name__ == "__main__":
    main()
