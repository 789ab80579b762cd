"""Nearest words of many words: gensim one by one, skipgram one by one and in a batch, and NumPy's bare product of the vectors.

    python bench/questions.py

The vectors are random; how long a search takes does not depend on them. The answers are compared before anything is timed, so
that what each keeps from its first question is there: gensim's lengths of the vectors, skipgram's unit vectors.
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
from numpy.typing import NDArray
from peers import versions
from run import hardware
from tables import questions as table_of

from skipgram import Embeddings
from skipgram.embeddings import Neighbours
from skipgram.nearest import QUESTIONS, questions_per_block

TOLERANCE = 1e-5
"""Cosines that differ by less are the same: they are sums of float32, which the libraries add in other orders."""

TOPN = 10
SPARE = 2
"""The product in one piece is timed where its scores fit so many times into the memory that is free."""


def make_vectors(
    words: int, vector_size: int, questions: int
) -> tuple[Embeddings, KeyedVectors, list[str]]:
    """Return the same random vectors for both libraries, and the words to ask about."""
    generator = np.random.default_rng(1)
    vectors = generator.standard_normal((words, vector_size), np.float32)
    names = [f"w{row}" for row in range(words)]
    theirs = KeyedVectors(vector_size, count=0)
    theirs.add_vectors(names, vectors)
    asked = generator.choice(words, questions, replace=False)
    return Embeddings(names, vectors), theirs, [names[row] for row in asked]


def difference(ours: Neighbours, theirs: Neighbours) -> float:
    """Return how far the cosines of two answers lie apart; stop where the words are not the same.

    Words whose cosine is, to the tolerance, that of the last may stand in one answer only.
    """
    apart = max(abs(mine - other) for (_, mine), (_, other) in zip(ours, theirs, strict=True))
    last = ours[-1][1] + TOLERANCE
    strangers = [
        word
        for word, cosine in ours + theirs
        if cosine > last and not (word in dict(ours) and word in dict(theirs))
    ]
    if apart > TOLERANCE or strangers:
        sys.exit(f"the answers differ by {apart:.1g}, {strangers}: {ours} and {theirs}")
    return apart


def compare(ours: Embeddings, theirs: KeyedVectors, asked: list[str]) -> float:
    """Return the largest difference of a cosine in the answers to all these words; stop where the answers differ."""
    batch = ours.most_similar_batch(asked, topn=TOPN)
    largest = 0.0
    for word, together in zip(asked, batch, strict=True):
        alone, other = ours.most_similar(word, topn=TOPN), theirs.most_similar(word, topn=TOPN)
        largest = max(largest, difference(together, other), difference(alone, other))
    return largest


def product(units: NDArray[np.float32], rows: NDArray[np.intp], block: int) -> None:
    """Multiply the vectors of the rows with all vectors, `block` of these at a time."""
    queries, scores = units[rows], np.empty((len(rows), block), np.float32)
    for first in range(0, len(units), block):
        others = units[first : first + block]
        np.matmul(queries, others.T, out=scores[:, : len(others)])


def block_of(asked: list[str]) -> int:
    """Return how many vectors skipgram's batch multiplies at a time with those of the questions."""
    return questions_per_block(min(len(asked), QUESTIONS))


def contestants(
    ours: Embeddings, theirs: KeyedVectors, asked: list[str], gensim_questions: int
) -> dict[str, tuple[int, Callable[[], Any]]]:
    """Return what is timed, by name: of how many questions, and the call that answers them."""
    units, rows = ours.unit_vectors(), np.array([ours.index(word) for word in asked])
    block, few, n = block_of(asked), asked[:gensim_questions], len(asked)
    timed: dict[str, tuple[int, Callable[[], Any]]] = {
        "gensim": (len(few), lambda: [theirs.most_similar(word, topn=TOPN) for word in few]),
        "skipgram, one by one": (n, lambda: [ours.most_similar(word, topn=TOPN) for word in asked]),
        "skipgram, batch": (n, lambda: ours.most_similar_batch(asked, topn=TOPN)),
        "product in blocks": (n, lambda: product(units, rows, block)),
    }
    if n * len(ours) * 4 * SPARE <= psutil.virtual_memory().available:
        timed["product in one piece"] = (n, lambda: product(units, rows, len(units)))
    return timed


def main() -> None:
    """Compare the answers, then time all in turn, round after round; write the file anew after each round."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--words", type=int, default=400_000)
    parser.add_argument("--vector-size", type=int, default=300)
    parser.add_argument("--questions", type=int, default=1000)
    parser.add_argument(
        "--gensim-questions", type=int, help="ask gensim only the first so many; default: all"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--output", type=Path, default=Path("build/bench/questions.json"))
    given = parser.parse_args()
    given.output.parent.mkdir(parents=True, exist_ok=True)
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
            result["runs"].append(
                {"name": name, "round": number, "questions": questions, "seconds": seconds}
            )
            print(json.dumps(result["runs"][-1]), flush=True)
        given.output.write_text(json.dumps(result, indent=1) + "\n")
    print(table_of(result))


if __name__ == "__main__":
    main()
