"""Train, query, evaluate and export word vectors in a typed program.

`mypy --strict` accepts this program, and refuses a misspelt option such as `windw=3`. The corpus is
a small one made here; put your own text in its place.

Run it in an empty folder: python typed_training.py
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Unpack

import skipgram
from skipgram import (
    CorpusConfig,
    Embeddings,
    Reading,
    SkipGram,
    SkipgramError,
    TrainConfig,
    TrainOptions,
)

DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday"]
FOOD = ["bread", "cheese", "soup", "apples", "rice"]


def write_corpus(path: Path) -> None:
    """Write sentences that are either about days or about food."""
    draw = random.Random(1)
    lines = [" ".join(draw.choices(draw.choice([DAYS, FOOD]), k=6)) for _ in range(3000)]
    path.write_text("\n".join(lines).upper())


def train(path: Path, **options: Unpack[TrainOptions]) -> Embeddings:
    """Train with defaults of our own; editors complete the options and mypy checks them."""
    ours: TrainOptions = {"lowercase": True, "vector_size": 16, "sample": 0, "seed": 1}
    chosen: TrainOptions = {**ours, **options}
    return skipgram.train(path, **chosen)


def train_again(path: Path) -> Embeddings:
    """Train with a configuration that can be kept, compared and written to a file."""
    config = TrainConfig(vector_size=16, sample=0, epochs=5, architecture="cbow")
    return SkipGram(config).fit(Reading(path, CorpusConfig(lowercase=True)))


def nearest(embeddings: Embeddings, word: str) -> list[str]:
    """Return the three words nearest to a word."""
    return [found for found, _similarity in embeddings.most_similar(word, topn=3)]


def main() -> None:
    """Go from text to vectors in a file."""
    write_corpus(Path("corpus.txt"))
    embeddings = train(Path("corpus.txt"), epochs=5, window=3)
    neighbours = nearest(embeddings, "monday")
    print("near monday:", ", ".join(neighbours))
    assert set(neighbours) <= set(DAYS)
    assert set(nearest(train_again(Path("corpus.txt")), "soup")) <= set(FOOD)

    Path("pairs.tsv").write_text("monday\tfriday\t9\nmonday\tsoup\t1\nbread\trice\t8\n")
    result = skipgram.evaluate(embeddings, "pairs.tsv")
    print("pairs:", result)

    embeddings.save("model")
    skipgram.export(embeddings, "vectors.bin")
    vectors = skipgram.load("vectors.bin")
    assert vectors.words == skipgram.load("model").words

    try:
        vectors.most_similar("brad")
    except SkipgramError as error:
        print("error:", error)


if __name__ == "__main__":
    main()
