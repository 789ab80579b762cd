"""Measure what removing the mean and the largest components does to the scores of vectors.

    python bench/postprocess.py --corpus wiki.txt --eval eval

This is "all but the top" of Mu and Viswanath (2018, arXiv 1702.01417): subtract the mean of all
vectors, then project out their first principal components. They recommend one component for each
hundred dimensions. The result is saved after each training, and those that it has already are not
repeated. Only the scores count, so the machine may do other work meanwhile.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from hardware import hardware
from leads import BEGINNING_WORDS, first_words, score
from numpy.typing import NDArray
from peers import versions
from run import continued, find_sets, save

from skipgram import train
from skipgram.embeddings import Embeddings

COMPONENTS = (0, 1, 2, 3, 5)
PRESETS = ("default", "best")


def all_but_the_top(vectors: NDArray[np.float32], components: int) -> NDArray[np.float32]:
    """Return the vectors without their mean and their first principal components."""
    centred = vectors - vectors.mean(axis=0)
    _, directions = np.linalg.eigh(centred.T @ centred)
    top = directions[:, len(directions) - components :]
    rest: NDArray[np.float32] = centred - centred @ top @ top.T
    return rest


def measure(embeddings: Embeddings, sets: list[Path]) -> dict[str, dict[str, float | None]]:
    """Return the scores of the vectors as they are, and after each removal."""
    trained = embeddings.vectors("input")
    kinds = {"as trained": trained}
    for n in COMPONENTS:
        removed = all_but_the_top(trained, n)
        kinds[f"mean and top {n} removed" if n else "mean removed"] = removed
    words = embeddings.words
    return {
        name: score(Embeddings(words, vectors), sets, "input") for name, vectors in kinds.items()
    }


def main() -> None:
    """Measure what the result lacks."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--eval", type=Path, required=True)
    parser.add_argument("--vector-size", type=int, nargs="+", default=[100, 300])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--output", type=Path, default=Path("build/bench/postprocess.json"))
    given = parser.parse_args()
    result: dict[str, Any] = {
        "corpus": {"name": given.corpus.name},
        "hardware": hardware(),
        "versions": versions(),
        "threads": given.threads,
        "runs": [],
    }
    result = continued(result, given.output, "give another --output")
    done = [(run["text"], run["preset"], run["vector_size"], run["seed"]) for run in result["runs"]]
    sets = find_sets(given.eval)
    with tempfile.TemporaryDirectory() as folder:
        beginning = first_words(given.corpus, BEGINNING_WORDS, Path(folder) / "beginning.txt")
        corpora = {"beginning": beginning, "whole": given.corpus}
        each = (range(1, given.seeds + 1), corpora, PRESETS, given.vector_size)
        for seed, text, preset, size in itertools.product(*each):
            if (text, preset, size, seed) in done:
                continue
            options: dict[str, Any] = {"preset": preset, "vector_size": size, "seed": seed}
            embeddings = train(corpora[text], threads=given.threads, postprocess="none", **options)
            words = embeddings.training["raw_words"]
            named = {"text": text, "raw_words": words, **options}
            result["runs"].append({**named, "scores": measure(embeddings, sets)})
            save(result, given.output)


if __name__ == "__main__":
    main()
