"""How long word2vec files take to load: gensim and skipgram in turn.

    python bench/loading.py

The vectors are random. What both programs load is compared before anything is timed; the files are then in the system's cache,
so what is measured is taking them apart, not the disk.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from gensim.models import KeyedVectors
from peers import versions
from run import hardware
from tables import loading as table_of

import skipgram
from skipgram.formats import EXPORTS


def load_by(program: str, path: Path, *, binary: bool) -> tuple[list[str], Any]:
    """Return the words and the vectors of a file."""
    if program == "gensim":
        theirs = KeyedVectors.load_word2vec_format(path, binary=binary)
        return theirs.index_to_key, theirs.vectors
    ours = skipgram.load(path)
    return ours.words, ours.input


def check(path: Path, *, binary: bool) -> None:
    """Stop where the programs do not load the same."""
    (words, vectors), (others, their_vectors) = (
        load_by(name, path, binary=binary) for name in ("skipgram", "gensim")
    )
    if words != others or not np.array_equal(vectors, their_vectors):
        sys.exit(f"gensim and skipgram do not load the same from {path}")


def main() -> None:
    """Write the files, compare what is loaded, and time both in turn, round after round."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--words", type=int, default=400_000)
    parser.add_argument(
        "--text-words",
        type=int,
        default=40_000,
        help="fewer for text, which takes gensim far longer",
    )
    parser.add_argument("--vector-size", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--output", type=Path, default=Path("build/bench/loading.json"))
    given = parser.parse_args()
    given.output.parent.mkdir(parents=True, exist_ok=True)
    sizes, generator, runs = (
        {"binary": given.words, "text": given.text_words},
        np.random.default_rng(1),
        [],
    )
    with tempfile.TemporaryDirectory() as folder:
        files = {format_: Path(folder) / format_ for format_ in sizes}
        for format_, path in files.items():
            vectors = generator.standard_normal((sizes[format_], given.vector_size), np.float32)
            EXPORTS[f"word2vec-{format_}"](
                skipgram.Embeddings([f"w{row}" for row in range(len(vectors))], vectors), path
            )
            check(path, binary=format_ == "binary")
        for number in range(1, given.rounds + 1):
            for format_, path in files.items():
                for program in ("gensim", "skipgram"):
                    started = time.perf_counter()
                    load_by(program, path, binary=format_ == "binary")
                    seconds = time.perf_counter() - started
                    runs.append(
                        {"program": program, "format": format_, "round": number, "seconds": seconds}
                    )
                    print(json.dumps(runs[-1]), flush=True)
        result = {
            "hardware": hardware(),
            "versions": versions(),
            "vector_size": given.vector_size,
            "words": sizes,
            "bytes": {format_: path.stat().st_size for format_, path in files.items()},
            "runs": runs,
        }
    given.output.write_text(json.dumps(result, indent=1) + "\n")
    print(table_of(result))


if __name__ == "__main__":
    main()
