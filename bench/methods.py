"""Every method on the same text: how long it takes and how good its vectors are.

    python bench/methods.py --corpus wiki.txt --eval eval

Fast methods read the whole text, the exact softmax its first 20 MB, with a negative sampling of the same small text beside it.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

from peers import OPTIONS, versions
from run import find_sets, hardware, score

from skipgram import TrainConfig, train
from skipgram.pmi import train_svd

SMALL_BYTES = 20_000_000
SMALL: dict[str, Any] = {"max_vocab": 10_000, "epochs": 1}
METHODS: list[tuple[str, bool, dict[str, Any]]] = [
    ("negative sampling", False, {}),
    ("negative sampling, fresh negatives for each pair", False, {"negative_sharing": "pair"}),
    ("negative sampling, fixed windows", False, {"shrink_windows": False}),
    ("negative sampling, AdaGrad", False, {"optimizer": "adagrad"}),
    ("negative sampling, Adam", False, {"optimizer": "adam"}),
    ("CBOW, negative sampling", False, {"architecture": "cbow"}),
    ("hierarchical softmax", False, {"objective": "hierarchical"}),
    ("hierarchical softmax, AdaGrad", False, {"objective": "hierarchical", "optimizer": "adagrad"}),
    ("CBOW, hierarchical softmax", False, {"objective": "hierarchical", "architecture": "cbow"}),
    ("shifted PPMI, SVD", False, {"svd": True}),
    ("negative sampling, small text", True, SMALL),
    ("full softmax, small text", True, {**SMALL, "objective": "softmax"}),
    ("full softmax, AdaGrad, small text", True, {**SMALL, "objective": "softmax", "optimizer": "adagrad"}),
    ("full softmax, Adam, small text", True, {**SMALL, "objective": "softmax", "optimizer": "adam"}),
    ("CBOW, full softmax, small text", True, {**SMALL, "objective": "softmax", "architecture": "cbow"}),
]


def measure(corpus: Path, sets: list[Path], changes: dict[str, Any], threads: int) -> dict[str, Any]:
    """Train by one method; return its seconds, raw words a second and scores."""
    options = {**OPTIONS, "vector_size": 100, "epochs": 5, "threads": threads, **changes}
    options.pop("alpha")  # each optimizer has its own
    svd = options.pop("svd", False)
    started = time.perf_counter()
    embeddings = train_svd(corpus, TrainConfig(**options)) if svd else train(corpus, **options)
    seconds = time.perf_counter() - started
    with tempfile.TemporaryDirectory() as folder:
        embeddings.save(Path(folder) / "model")
        scores = score(Path(folder) / "model", sets)
    training = embeddings.training
    return {
        "options": {name: value for name, value in changes.items() if name != "svd"},
        "seconds": seconds,
        "training_seconds": training.get("training_seconds"),
        "raw_words": training["raw_words"],
        "raw_words_per_second": training.get("raw_words_per_second"),
        "loss": training.get("loss"),
        "scores": scores,
    }


def main() -> None:
    """Measure all methods; write the file anew after each."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--corpus", type=Path, required=True, help="text file")
    parser.add_argument("--eval", type=Path, required=True, help="folder of evaluation sets")
    parser.add_argument("--output", type=Path, default=Path("build/bench/methods.json"))
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    sets = find_sets(given.eval)
    result: dict[str, Any] = {"hardware": hardware(), "versions": versions(), "threads": given.threads, "runs": {}}
    given.output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder) / "small.txt"
        with given.corpus.open("rb") as file:
            small.write_bytes(file.read(SMALL_BYTES))
        for name, is_small, changes in METHODS:
            figures = measure(small if is_small else given.corpus, sets, changes, given.threads)
            result["runs"][name] = figures
            print(name, json.dumps(figures), flush=True)
            given.output.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
