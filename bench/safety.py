"""Measure what checkpoints and deterministic training cost in speed and scores.

    python bench/safety.py --corpus wiki.txt --eval eval

Each round trains in every way with the same seed, which is the number of the round. A training on a
few words comes first, so that compiling or loading the kernels is part of no figure.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

from hardware import hardware
from peers import Job, versions
from reliability_tables import safety as table_of
from run import find_sets, save, score

from skipgram import train
from skipgram.training.events import CheckpointWritten, Event


def ways(seconds: int) -> dict[str, dict[str, Any]]:
    """Return the options of each way to train; `seconds` are those between checkpoints."""
    return {
        "no checkpoints": {"checkpoint": "off"},
        f"a checkpoint every {seconds} s": {"checkpoint": f"{seconds}s"},
        "deterministic": {"checkpoint": "off", "deterministic": True},
    }


def measure(options: dict[str, Any], corpus: Path, sets: list[Path]) -> dict[str, Any]:
    """Train once; return the seconds and the scores, and the checkpoints with their seconds."""
    written: list[CheckpointWritten] = []

    def note(event: Event) -> None:
        if isinstance(event, CheckpointWritten):
            written.append(event)

    with tempfile.TemporaryDirectory() as folder:
        run, model = Path(folder) / "run", Path(folder) / "model"
        started = time.perf_counter()
        embeddings = train(corpus, **options, run_directory=run, callbacks=[note], progress=False)
        seconds = time.perf_counter() - started
        embeddings.save(model)
        return {
            "seconds": seconds,
            "checkpoints": len(written),
            "checkpoint_seconds": sum(event.seconds for event in written),
            **{name: embeddings.training[name] for name in ("raw_words", "raw_words_per_second")},
            "scores": score(model, sets),
        }


def arguments() -> argparse.Namespace:
    """Return the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--corpus", type=Path, required=True, help="text file")
    parser.add_argument("--eval", type=Path, required=True, help="folder of evaluation sets")
    parser.add_argument("--vector-size", type=int, default=100)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=2, help="seconds between checkpoints")
    parser.add_argument("--output", type=Path, default=Path("build/bench/safety.json"))
    return parser.parse_args()


def main() -> None:
    """Train in every way in turn, round after round."""
    given = arguments()
    sets, runs = find_sets(given.eval), []
    with tempfile.TemporaryDirectory() as folder:
        few = Path(folder) / "few.txt"
        few.write_text("a b c d e f\n" * 1000)
        for options in ways(given.seconds).values():
            measure({**options, "vector_size": given.vector_size}, few, sets[:1])
    for number in range(1, given.rounds + 1):
        job = Job("skipgram", given.vector_size, given.epochs, given.threads, seed=number)
        for way, options in ways(given.seconds).items():
            figures = measure({**job.options(), **options}, given.corpus, sets)
            runs.append({"way": way, "round": number, **figures})
            print(json.dumps(runs[-1]), flush=True)
    result = {
        "hardware": hardware(),
        "versions": versions(),
        "corpus": {"name": given.corpus.name, "bytes": given.corpus.stat().st_size},
        "vector_size": given.vector_size,
        "epochs": given.epochs,
        "threads": given.threads,
        "runs": runs,
    }
    save(result, given.output)
    print(table_of(result))


if __name__ == "__main__":
    main()
