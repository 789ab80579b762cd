"""Measure how fast gensim and skipgram find the nearest words of many words.

    python bench/questions.py

skipgram answers one by one and in a batch, gensim one by one. NumPy's bare product of the vectors
is measured too. The vectors are random, because the time of a search does not depend on them. The
answers are compared before anything is timed. This also fills the caches: the lengths of the
vectors in gensim, the unit vectors in skipgram.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from gensim.models import KeyedVectors
from hardware import hardware
from numpy.typing import NDArray
from peers import versions
from run import save
from speed_tables import questions as table_of

from skipgram import Embeddings
from skipgram.embeddings import Neighbours
from skipgram.nearest import QUERIES, queries_per_block

TOLERANCE = 1e-5
"""Cosines that differ by less are equal; the libraries add float32 numbers in different orders."""

TOPN = 10
SPARE = 2
"""The product in one piece is timed if its scores fit this many times into the free memory."""

Contestants = dict[str, tuple[int, Callable[[], object]]]
"""The number of queries, and the call that answers them, by name."""


def make_vectors(
    words: int, vector_size: int, questions: int
) -> tuple[Embeddings, KeyedVectors, list[str]]:
    """Return the same random vectors for both libraries, and the words to look up."""
    generator = np.random.default_rng(1)
    vectors = generator.standard_normal((words, vector_size), np.float32)
    names = [f"w{row}" for row in range(words)]
    theirs = KeyedVectors(vector_size, count=0)
    theirs.add_vectors(names, vectors)
    asked = generator.choice(words, questions, replace=False)
    return Embeddings(names, vectors), theirs, [names[row] for row in asked]


def difference(ours: Neighbours, theirs: Neighbours) -> float:
    """Return the largest difference of a cosine in two answers; stop if the words differ.

    Words whose cosine equals that of the last word, within the tolerance, may be in one answer
    only.
    """
    pairs = zip(ours, theirs, strict=True)
    largest = max(abs(mine - other) for (_, mine), (_, other) in pairs)
    last = ours[-1][1] + TOLERANCE
    shared = dict(ours).keys() & dict(theirs).keys()
    unshared = [word for word, cosine in ours + theirs if cosine > last and word not in shared]
    if largest > TOLERANCE or unshared:
        sys.exit(f"the answers differ by {largest:.1g}, {unshared}: {ours} and {theirs}")
    return largest


def compare(ours: Embeddings, theirs: KeyedVectors, asked: list[str]) -> float:
    """Return the largest difference of a cosine in all answers; stop if the words differ."""
    batch = ours.most_similar_batch(asked, topn=TOPN)
    largest = 0.0
    for word, together in zip(asked, batch, strict=True):
        alone, other = ours.most_similar(word, topn=TOPN), theirs.most_similar(word, topn=TOPN)
        largest = max(largest, difference(together, other), difference(alone, other))
    return largest


def product(units: NDArray[np.float32], rows: NDArray[np.intp], block: int) -> None:
    """Multiply the vectors of the rows with all vectors, `block` vectors at a time."""
    queries = units[rows]
    scores = np.empty((len(rows), block), np.float32)
    for first in range(0, len(units), block):
        others = units[first : first + block]
        np.matmul(queries, others.T, out=scores[:, : len(others)])


def block_of(asked: list[str]) -> int:
    """Return how many vectors skipgram's batch multiplies at a time with the query vectors."""
    return queries_per_block(min(len(asked), QUERIES))


def contestants(
    ours: Embeddings, theirs: KeyedVectors, asked: list[str], gensim_questions: int
) -> Contestants:
    """Return what to time."""
    units = ours.unit_vectors()
    rows = np.array([ours.index(word) for word in asked])
    few, n = asked[:gensim_questions], len(asked)
    timed: Contestants = {
        "gensim": (len(few), lambda: [theirs.most_similar(word, topn=TOPN) for word in few]),
        "skipgram, one by one": (n, lambda: [ours.most_similar(word, topn=TOPN) for word in asked]),
        "skipgram, batch": (n, lambda: ours.most_similar_batch(asked, topn=TOPN)),
        "product in blocks": (n, lambda: product(units, rows, block_of(asked))),
    }
    if n * len(ours) * 4 * SPARE <= psutil.virtual_memory().available:
        timed["product in one piece"] = (n, lambda: product(units, rows, len(units)))
    return timed


def arguments() -> argparse.Namespace:
    """Return the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--words", type=int, default=400_000)
    parser.add_argument("--vector-size", type=int, default=300)
    parser.add_argument("--questions", type=int, default=1000)
    parser.add_argument(
        "--gensim-questions", type=int, help="number of queries for gensim; all by default"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--output", type=Path, default=Path("build/bench/questions.json"))
    return parser.parse_args()


def main() -> None:
    """Compare the answers, then time all programs in turn; save the result after each round."""
    given = arguments()
    ours, theirs, asked = make_vectors(given.words, given.vector_size, given.questions)
    few = min(given.gensim_questions or given.questions, given.questions)
    result: dict[str, Any] = {
        "hardware": hardware(),
        "versions": versions(),
        "words": given.words,
        "vector_size": given.vector_size,
        "questions": given.questions,
        "topn": TOPN,
        "block": block_of(asked),
        "compared": few,
        "largest_difference": compare(ours, theirs, asked[:few]),
        "runs": [],
    }
    timed = contestants(ours, theirs, asked, few)
    for number in range(1, given.rounds + 1):
        for name, (questions, answer) in timed.items():
            started = time.perf_counter()
            answer()
            seconds = time.perf_counter() - started
            run = {"name": name, "round": number, "questions": questions, "seconds": seconds}
            result["runs"].append(run)
            print(json.dumps(run), flush=True)
        save(result, given.output)
    print(table_of(result))


if __name__ == "__main__":
    main()
