"""Measure how fast gensim and skipgram load word2vec files.

    python bench/loading.py

The vectors are random. What both programs load is compared before anything is timed. After that,
the files are in the system's cache, so the time is that of parsing and not of the disk.
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
from hardware import hardware
from numpy.typing import NDArray
from peers import versions
from run import save
from speed_tables import loading as table_of

import skipgram
from skipgram.formats import EXPORTS


def load_by(program: str, path: Path, *, binary: bool) -> tuple[list[str], NDArray[np.float32]]:
    """Return the words and the vectors of a file."""
    if program == "gensim":
        theirs = KeyedVectors.load_word2vec_format(path, binary=binary)
        return theirs.index_to_key, theirs.vectors
    ours = skipgram.load(path)
    return ours.words, ours.input


def check(path: Path, *, binary: bool) -> None:
    """Stop if the programs load different words or vectors."""
    words, vectors = load_by("skipgram", path, binary=binary)
    their_words, their_vectors = load_by("gensim", path, binary=binary)
    if words != their_words or not np.array_equal(vectors, their_vectors):
        sys.exit(f"gensim and skipgram load different vectors from {path}")


def write_files(words: dict[str, int], vector_size: int, folder: Path) -> dict[str, Path]:
    """Write random vectors in each format and check them; `words` has the size of each file."""
    generator = np.random.default_rng(1)
    files = {format_: folder / format_ for format_ in words}
    for format_, path in files.items():
        vectors = generator.standard_normal((words[format_], vector_size), np.float32)
        names = [f"w{row}" for row in range(len(vectors))]
        EXPORTS[f"word2vec-{format_}"](skipgram.Embeddings(names, vectors), path)
        check(path, binary=format_ == "binary")
    return files


def time_loading(program: str, format_: str, path: Path) -> float:
    """Return how many seconds a program takes to load a file."""
    started = time.perf_counter()
    load_by(program, path, binary=format_ == "binary")
    return time.perf_counter() - started


def arguments() -> argparse.Namespace:
    """Return the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--words", type=int, default=400_000, help="words in the binary file")
    parser.add_argument(
        "--text-words",
        type=int,
        default=40_000,
        help="words in the text file; gensim takes far longer to load text",
    )
    parser.add_argument("--vector-size", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--output", type=Path, default=Path("build/bench/loading.json"))
    return parser.parse_args()


def main() -> None:
    """Write the files, then time both programs in turn, round after round."""
    given = arguments()
    words = {"binary": given.words, "text": given.text_words}
    runs: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        files = write_files(words, given.vector_size, Path(folder))
        cases = [(format_, name) for format_ in files for name in ("gensim", "skipgram")]
        for number in range(1, given.rounds + 1):
            for format_, program in cases:
                seconds = time_loading(program, format_, files[format_])
                run = {"program": program, "format": format_, "round": number, "seconds": seconds}
                runs.append(run)
                print(json.dumps(run), flush=True)
        result = {
            "hardware": hardware(),
            "versions": versions(),
            "vector_size": given.vector_size,
            "words": words,
            "bytes": {format_: path.stat().st_size for format_, path in files.items()},
            "runs": runs,
        }
    save(result, given.output)
    print(table_of(result))


if __name__ == "__main__":
    main()
