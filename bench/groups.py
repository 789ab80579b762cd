"""Compare presets and gensim on walks on a graph, and on sessions of items, of known groups.

    python bench/groups.py

The score is the share of the ten nearest vectors that belong to the group of the word itself. The
texts are made at random: walks on a graph whose edges join nodes of one group more often, with
nodes of equal degree or with hubs; and sessions of users who choose mostly from two groups of
items, by popularity.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from hardware import hardware
from peers import Job, versions
from presets import TRAININGS, ours
from run import save, train

from skipgram import load
from skipgram.embeddings import Embeddings

Text = tuple[np.ndarray, list[list[int]]]
"""The group of each word, and the sentences."""

COMPARED = {
    **{name: each for name, each in TRAININGS.items() if name.startswith("preset")},
    "preset best, --step-per word": (ours("--preset=best", "--step-per=word"), 15),
    "gensim, 5 epochs": TRAININGS["gensim, 5 epochs"],
}
"""Name, how to train, and the number of epochs."""

SIZE = 100
NEAREST = 10


def walks(nodes: int, seed: int, *, hubs: bool) -> Text:
    """Return walks on a graph of 20 groups; a node has 8 edges in its own and 4 anywhere."""
    random = np.random.default_rng(seed)
    groups = random.integers(20, size=nodes)
    degree = random.pareto(1.5, nodes) + 0.2 if hubs else np.ones(nodes)
    degree /= degree.mean()
    same = groups[:, None] == groups[None]
    share = np.where(same, 8 / (nodes / 20), 4 / nodes)
    share *= np.minimum(degree[:, None] * degree[None], 20)
    edges = np.triu(random.random((nodes, nodes)) < share, 1)
    neighbours = [np.flatnonzero(row) for row in edges | edges.T]
    starts = [node for node in range(nodes) if len(neighbours[node])] * 10
    walked = []
    for start in random.permutation(starts):
        walk = [int(start)]
        while len(walk) < 40:
            walk.append(int(random.choice(neighbours[walk[-1]])))
        walked.append(walk)
    return groups, walked


def sessions(items: int, seed: int, *, users: int) -> Text:
    """Return the items of each user: 7 in 10 from two groups, the others from all."""
    random = np.random.default_rng(seed)
    groups = random.integers(30, size=items)
    popularity = np.arange(1, items + 1) ** -0.9
    shares = [np.where(groups == group, popularity, 0) for group in range(30)]
    sums = [np.cumsum(share / share.sum()) for share in [*shares, popularity]]
    chosen = []
    for _ in range(users):
        tastes = random.integers(30, size=2)
        length = max(3, random.poisson(20))
        sources = np.where(random.random(length) < 0.3, 30, random.choice(tastes, length))
        draws = [np.searchsorted(sums[source], random.random()) for source in sources]
        chosen.append([min(int(item), items - 1) for item in draws])
    return groups, chosen


TEXTS = {
    "walks": lambda: walks(2000, 1, hubs=False),
    "walks, with hubs": lambda: walks(2000, 1, hubs=True),
    "sessions": lambda: sessions(3000, 1, users=20_000),
}


def own_group(embeddings: Embeddings, groups: np.ndarray) -> float:
    """Return the mean share of the nearest words that belong to the word's own group, x 100."""
    words = list(embeddings.words)
    answers = embeddings.most_similar_batch(words, topn=NEAREST)
    shares = [
        np.mean([groups[int(near)] == groups[int(word)] for near, _ in answer])
        for word, answer in zip(words, answers, strict=True)
    ]
    return 100 * float(np.mean(shares))


def main() -> None:
    """Measure all trainings on all texts in turn."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--texts", nargs="+", choices=TEXTS, default=list(TEXTS))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--output", type=Path, default=Path("build/bench/groups.json"))
    given = parser.parse_args()
    result: dict[str, Any] = {"hardware": hardware(), "versions": versions(), "runs": []}
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus.txt"
        for text in given.texts:
            groups, sentences = TEXTS[text]()
            corpus.write_text("".join(f"{' '.join(map(str, line))}\n" for line in sentences))
            words = sum(map(len, sentences))
            for seed, name in itertools.product(range(1, given.seeds + 1), COMPARED):
                program, epochs = COMPARED[name]
                target = Path(folder) / name
                job = Job(name, SIZE, epochs, threads=1, seed=seed)
                figures = train(program, job.options(), corpus, target)
                score = own_group(load(target), groups)
                run = {"text": text, "raw_words": words, "program": name, "seed": seed}
                result["runs"].append({**run, **figures, "own_group": score})
                save(result, given.output)


if __name__ == "__main__":
    main()
