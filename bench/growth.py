"""Measure speed and memory as the vocabulary and the text grow, on texts that follow Zipf's law.

    python bench/growth.py

The vocabulary grows in a text of fixed length, and the text grows with a fixed vocabulary. Each
training is a process of its own, as in `run.py`, and starts from a text file. The trainings
alternate, round after round, with one thread and with two. The texts are written to the folder for
temporary files (TMPDIR).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hardware import hardware
from peers import OPTIONS, Program, versions
from run import save, train
from speed_tables import growth as table_of

HERE = Path(__file__).resolve().parent
SKIPGRAM = Program(
    [sys.executable, str(HERE / "train_skipgram.py"), "{corpus}", "{target}", "{options}"],
    prints_json=True,
    module="skipgram",
)
TRAINING: dict[str, Any] = {**OPTIONS, "min_count": 1, "vector_size": 100}

Size = tuple[int, int]
"""Words in the vocabulary, words in the text."""


def sizes(given: argparse.Namespace) -> list[Size]:
    """Return the sizes to measure, each once."""
    growing = [(vocabulary, given.words) for vocabulary in given.vocabularies]
    longer = [(given.vocabulary, words) for words in given.texts]
    return list(dict.fromkeys([*growing, *longer]))


def write_texts(sizes: list[Size], folder: Path) -> dict[Size, Path]:
    """Write a text of each size; return the files."""
    texts = {size: folder / f"{size[0]}-{size[1]}.txt" for size in sizes}
    for (vocabulary, words), text in texts.items():
        script = [sys.executable, str(HERE / "write_zipf.py"), str(text)]
        subprocess.run([*script, str(words), str(vocabulary)], check=True)
    return texts


def measure(text: Path, size: Size, threads: int, epochs: int) -> dict[str, Any]:
    """Train once; return seconds, counts, and peak memory in bytes."""
    options = {**TRAINING, "epochs": epochs, "threads": threads, "seed": 1}
    figures = train(SKIPGRAM, options, text, text)
    vocabulary, words = figures["vocabulary_size"], figures["raw_words"]
    if (vocabulary, words) != size:
        sys.exit(
            f"the text has {words:,} words, {vocabulary:,} of them distinct, instead of {size}"
        )
    return {
        "vocabulary": vocabulary,
        "words": words,
        "threads": threads,
        "bytes": text.stat().st_size,
        **figures,
    }


def arguments() -> argparse.Namespace:
    """Return the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--vocabularies",
        type=int,
        nargs="+",
        default=[10_000, 100_000, 1_000_000, 5_000_000],
        help="vocabulary sizes",
    )
    parser.add_argument(
        "--words", type=int, default=16_000_000, help="words in the text for these vocabularies"
    )
    parser.add_argument(
        "--texts",
        type=int,
        nargs="+",
        default=[4_000_000, 16_000_000, 64_000_000],
        help="text lengths in words",
    )
    parser.add_argument(
        "--vocabulary", type=int, default=100_000, help="vocabulary size for these texts"
    )
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--output", type=Path, default=Path("build/bench/growth.json"))
    return parser.parse_args()


def main() -> None:
    """Write the texts and train on them in turn; save the result after each training."""
    given = arguments()
    result: dict[str, Any] = {
        "hardware": hardware(),
        "versions": versions(),
        "options": {**TRAINING, "epochs": given.epochs},
        "vocabulary_rows": [[vocabulary, given.words] for vocabulary in given.vocabularies],
        "text_rows": [[given.vocabulary, words] for words in given.texts],
        "runs": [],
    }
    with tempfile.TemporaryDirectory() as folder:
        texts = write_texts(sizes(given), Path(folder))
        cases = [(text, size, n) for size, text in texts.items() for n in given.threads]
        for number in range(1, given.rounds + 1):
            for text, size, threads in cases:
                figures = {**measure(text, size, threads, given.epochs), "round": number}
                result["runs"].append(figures)
                print(json.dumps(figures), flush=True)
                save(result, given.output)
    print(table_of(result))


if __name__ == "__main__":
    main()
