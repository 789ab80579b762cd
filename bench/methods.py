"""Measure the speed and the scores of every training method on the same text.

    python bench/methods.py --corpus wiki.txt --eval eval
    python bench/methods.py --corpus wiki.txt --eval eval --only "CBOW, hierarchical softmax"

The second form measures some methods again and keeps the other results. Fast methods read the whole
text. Full softmax reads its first 20 MB; negative sampling is measured on the same small text, to
compare. gensim is measured too, in a process of its own, for hierarchical softmax.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

from hardware import hardware
from peers import PROGRAMS, Job, versions
from run import continued, count_words, find_sets, save, score
from run import train as train_peer

from skipgram import TrainConfig, train
from skipgram.pmi import train_svd

SMALL_BYTES = 20_000_000
SMALL: dict[str, Any] = {"max_vocab": 10_000, "epochs": 1}
GENSIM_HIERARCHICAL = "hierarchical softmax, gensim"
LOPSIDED = {"window_left": 2, "window_right": 8}
SOFTMAX: dict[str, Any] = {**SMALL, "objective": "softmax"}
METHODS: list[tuple[str, bool, dict[str, Any]]] = [
    ("negative sampling", False, {}),
    ("negative sampling, fresh negatives for each pair", False, {"negative_sharing": "pair"}),
    ("negative sampling, fixed windows", False, {"shrink_windows": False}),
    ("negative sampling, windows of 2 left and 8 right", False, LOPSIDED),
    ("negative sampling, AdaGrad", False, {"optimizer": "adagrad"}),
    ("negative sampling, Adam", False, {"optimizer": "adam"}),
    ("CBOW, negative sampling", False, {"architecture": "cbow"}),
    ("hierarchical softmax", False, {"objective": "hierarchical"}),
    (GENSIM_HIERARCHICAL, False, {"hs": 1, "negative": 0}),
    ("hierarchical softmax, AdaGrad", False, {"objective": "hierarchical", "optimizer": "adagrad"}),
    ("CBOW, hierarchical softmax", False, {"objective": "hierarchical", "architecture": "cbow"}),
    ("shifted PPMI, SVD", False, {"svd": True}),
    ("negative sampling, small text", True, SMALL),
    ("full softmax, small text", True, SOFTMAX),
    ("full softmax, AdaGrad, small text", True, {**SOFTMAX, "optimizer": "adagrad"}),
    ("full softmax, Adam, small text", True, {**SOFTMAX, "optimizer": "adam"}),
    ("CBOW, full softmax, small text", True, {**SOFTMAX, "architecture": "cbow"}),
]
"""Name, whether it trains on the small text, and the options that differ from the defaults."""


def measure(
    corpus: Path, sets: list[Path], changes: dict[str, Any], threads: int
) -> dict[str, Any]:
    """Train with one method; return its seconds, raw words per second and scores."""
    options = {**Job("skipgram", 100, 5, threads, seed=1).options(), **changes}
    options.pop("alpha")  # each optimizer has its own default
    svd = options.pop("svd", False)
    started = time.perf_counter()
    embeddings = train_svd(corpus, TrainConfig(**options)) if svd else train(corpus, **options)
    seconds = time.perf_counter() - started
    with tempfile.TemporaryDirectory() as folder:
        embeddings.save(Path(folder) / "model")
        scores = score(Path(folder) / "model", sets)
    names = ("training_seconds", "raw_words", "effective_words", "raw_words_per_second", "loss")
    figures = {name: embeddings.training.get(name) for name in names}
    options = {name: value for name, value in changes.items() if name != "svd"}
    return {"options": options, "seconds": seconds, **figures, "scores": scores}


def measure_gensim(
    corpus: Path, sets: list[Path], changes: dict[str, Any], threads: int
) -> dict[str, Any]:
    """Train with gensim's `corpus_file`; return the same figures."""
    job = Job("gensim", 100, 5, threads, seed=1)
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "vectors"
        figures = train_peer(PROGRAMS["gensim"], {**job.options(), **changes}, corpus, target)
        scores = score(target, sets)
    words, seconds = count_words(corpus), figures["training_seconds"]
    return {
        "options": changes,
        "seconds": figures["total_seconds"],
        "training_seconds": seconds,
        "raw_words": words,
        "raw_words_per_second": words * job.epochs / seconds,
        "scores": scores,
    }


def start(given: argparse.Namespace) -> dict[str, Any]:
    """Return the result to fill: empty, or the existing one if only some methods are measured."""
    here = {"hardware": hardware(), "versions": versions(), "threads": given.threads, "runs": {}}
    if not given.only:
        return here
    return continued(here, given.output, "measure all methods, without --only")


def arguments(names: list[str]) -> argparse.Namespace:
    """Return the arguments of the command line; `names` are the methods."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--corpus", type=Path, required=True, help="text file")
    parser.add_argument("--eval", type=Path, required=True, help="folder of evaluation sets")
    parser.add_argument("--output", type=Path, default=Path("build/bench/methods.json"))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument(
        "--only",
        nargs="+",
        choices=names,
        metavar="NAME",
        help="methods to measure again in --output",
    )
    return parser.parse_args()


def main() -> None:
    """Measure the methods; save the result after each."""
    names = [name for name, _, _ in METHODS]
    given = arguments(names)
    sets, result = find_sets(given.eval), start(given)
    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder) / "small.txt"
        with given.corpus.open("rb") as file:
            small.write_bytes(file.read(SMALL_BYTES))
        for name, is_small, changes in METHODS:
            if given.only and name not in given.only:
                continue
            measure_it = measure_gensim if name == GENSIM_HIERARCHICAL else measure
            corpus = small if is_small else given.corpus
            figures = measure_it(corpus, sets, changes, given.threads)
            runs = {**result["runs"], name: figures}
            order = dict.fromkeys([*names, *runs])
            result["runs"] = {known: runs[known] for known in order if known in runs}
            print(name, json.dumps(figures), flush=True)
            save(result, given.output)


if __name__ == "__main__":
    main()
