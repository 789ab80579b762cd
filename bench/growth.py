"""Speed and memory as the vocabulary and the text grow, on texts whose words follow Zipf's law.

    python bench/growth.py

The vocabulary grows in a text of always the same length, and the text grows with always the same vocabulary. Every training is
a process of its own, as in `run.py`, and starts from a text file; they take turns, round after round, with one thread and with
two. The texts lie in the folder for temporary files (TMPDIR).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from peers import OPTIONS, Program, versions
from run import hardware, train
from tables import growth as table_of

HERE = Path(__file__).resolve().parent
SKIPGRAM = Program(
    [sys.executable, str(HERE / "train_skipgram.py"), "{corpus}", "{target}", "{options}"],
    prints_json=True,
    module="skipgram",
)
VECTOR_SIZE = 100

Size = tuple[int, int]
"""Words of the vocabulary, words of the text."""


def sizes(given: argparse.Namespace) -> list[Size]:
    """Return the sizes to measure, each once."""
    growing = [(vocabulary, given.words) for vocabulary in given.vocabularies]
    longer = [(given.vocabulary, words) for words in given.texts]
    return list(dict.fromkeys([*growing, *longer]))


def measure(text: Path, size: Size, threads: int, epochs: int) -> dict[str, Any]:
    """Train once; return seconds, counts, and peak memory in bytes."""
    vocabulary, words = size
    options = {
        **OPTIONS,
        "min_count": 1,
        "vector_size": VECTOR_SIZE,
        "epochs": epochs,
        "threads": threads,
        "seed": 1,
    }
    said = train(SKIPGRAM, options, text, text)
    if (said["vocabulary_size"], said["raw_words"]) != size:
        sys.exit(
            f"the text holds {said['raw_words']:,} words, {said['vocabulary_size']:,} different ones, not {size}"
        )
    return {
        "vocabulary": vocabulary,
        "words": words,
        "threads": threads,
        "bytes": text.stat().st_size,
        **said,
    }


def main() -> None:
    """Write the texts, train on all of them in turn; write the file anew after each training."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--vocabularies", type=int, nargs="+", default=[10_000, 100_000, 1_000_000, 5_000_000]
    )
    parser.add_argument(
        "--words", type=int, default=16_000_000, help="of the text in which the vocabulary grows"
    )
    parser.add_argument(
        "--texts",
        type=int,
        nargs="+",
        default=[4_000_000, 16_000_000, 64_000_000],
        help="words of each",
    )
    parser.add_argument("--vocabulary", type=int, default=100_000, help="of the texts that grow")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--output", type=Path, default=Path("build/bench/growth.json"))
    given = parser.parse_args()
    given.output.parent.mkdir(parents=True, exist_ok=True)
    result: dict[str, Any] = {
        "hardware": hardware(),
        "versions": versions(),
        "options": {**OPTIONS, "min_count": 1, "vector_size": VECTOR_SIZE, "epochs": given.epochs},
        "vocabulary_rows": [[vocabulary, given.words] for vocabulary in given.vocabularies],
        "text_rows": [[given.vocabulary, words] for words in given.texts],
        "runs": [],
    }
    with tempfile.TemporaryDirectory() as folder:
        texts = {size: Path(folder) / f"{size[0]}-{size[1]}.txt" for size in sizes(given)}
        for (vocabulary, words), text in texts.items():
            subprocess.run(
                [sys.executable, HERE / "write_zipf.py", text, str(words), str(vocabulary)],
                check=True,
            )
        for number in range(1, given.rounds + 1):
            for size, text in texts.items():
                for threads in given.threads:
                    figures = {**measure(text, size, threads, given.epochs), "round": number}
                    result["runs"].append(figures)
                    print(json.dumps(figures), flush=True)
                    given.output.write_text(json.dumps(result, indent=1) + "\n")
    print(table_of(result))


if __name__ == "__main__":
    main()
