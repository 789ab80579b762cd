"""Measure which share of a core's peak training reaches, the cost of memory, and a second thread.

    python bench/roofline.py --corpus wiki.txt

A group of windows with C input rows and O output rows takes 3 x 2 x d x C x O floating-point
operations: a multiply-add for each of the d numbers in the scores, and two in the update. Rows are
counted without padding. Pairs without weight are counted too: an input row and a target word whose
window does not hold it.

To see what memory costs, the same is measured on two corpora of few words, whose rows all stay in
the CPU's caches. One is the text cut to its most frequent words: its windows hold fewer different
words, and subsampling drops more of them. The other has sentences as long as those of the text, of
words that are equally frequent: its groups are about as large as those of the text.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from fma_peak import peak
from hardware import hardware
from peers import versions
from run import beginning
from speed_tables import roofline as table_of
from tile_counts import count_tiles

from skipgram import TrainConfig
from skipgram.corpus.build import encode_corpus
from skipgram.corpus.encoded import EncodedCorpus
from skipgram.io.directories import IDS, OFFSETS
from skipgram.io.temporary import TemporaryFolder
from skipgram.training.events import silent
from skipgram.training.trainer import Trainer
from skipgram.vocabulary import Vocabulary


def equally_frequent(corpus: EncodedCorpus, words: int) -> EncodedCorpus:
    """Return sentences of the same lengths, made of `words` words at random."""
    directory = TemporaryFolder()
    folder = Path(directory.name)
    ids = np.random.default_rng(1).integers(words, size=len(corpus.ids), dtype=np.int32)
    ids.tofile(folder / IDS)
    corpus.offsets[:].tofile(folder / OFFSETS)
    vocabulary = Vocabulary([f"w{n}" for n in range(words)], np.bincount(ids, minlength=words))
    return EncodedCorpus(folder, vocabulary, corpus.report, "", temporary=directory)


def describe(corpus: EncodedCorpus, config: TrainConfig, words: str) -> dict[str, Any]:
    """Return the counts of a training, and an empty list for its runs.

    This compiles what the runs need.
    """
    trained = Trainer(corpus, config, silent).train()
    return {
        "vector_size": config.vector_size,
        "words": words,
        "vocabulary": len(corpus.vocabulary),
        "raw_words": corpus.report.raw_words,
        "counts": count_tiles(corpus, config, trained),
        "runs": [],
    }


def measure(case: dict[str, Any], corpus: EncodedCorpus, number: int, threads: list[int]) -> None:
    """Add the seconds of a training with each number of threads to a case."""
    named = {name: case[name] for name in ("vector_size", "words")}
    for n in threads:
        config = TrainConfig(vector_size=case["vector_size"], epochs=1, threads=n)
        seconds = Trainer(corpus, config, silent).train().training_seconds
        case["runs"].append({"round": number, "threads": n, "training_seconds": seconds})
        print(json.dumps({**named, **case["runs"][-1]}), flush=True)


def measure_all(text: Path, given: argparse.Namespace, result: dict[str, Any]) -> None:
    """Count all cases, then time them in turn; rewrite the file after each round."""
    options = {"min_count": given.min_count, "threads": 2}
    with (
        encode_corpus(text, **options) as whole,
        encode_corpus(text, max_vocab=given.few_words, **options) as cut_down,
        equally_frequent(whole, given.few_words) as even,
    ):
        corpora = {"all": whole, "most frequent": cut_down, "equally frequent": even}
        for vector_size in given.vector_size:
            config = TrainConfig(vector_size=vector_size, epochs=1, threads=1)
            result["cases"] += [
                describe(corpus, config, words) for words, corpus in corpora.items()
            ]
        for number in range(1, given.rounds + 1):
            result["peaks"].append(peak())
            for case in result["cases"]:
                threads = [1, 2] if case["words"] == "all" else [1]
                measure(case, corpora[case["words"]], number, threads)
            given.output.write_text(json.dumps(result, indent=1) + "\n")


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--corpus", type=Path, required=True, help="text file")
    parser.add_argument(
        "--bytes", type=int, help="use the beginning of the text only, complete lines"
    )
    parser.add_argument("--min-count", type=int, default=5)
    parser.add_argument(
        "--few-words", type=int, default=250, help="words of the vocabulary that fits in the caches"
    )
    parser.add_argument("--vector-size", type=int, nargs="+", default=[100, 300])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--output", type=Path, default=Path("build/bench/roofline.json"))
    given = parser.parse_args()
    given.output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        text = beginning(given.corpus, given.bytes, folder)
        result: dict[str, Any] = {
            "corpus": {"name": given.corpus.name, "bytes": text.stat().st_size},
            "hardware": hardware(),
            "versions": versions(),
            "peaks": [],
            "cases": [],
        }
        measure_all(text, given, result)
    print(table_of(result))


if __name__ == "__main__":
    main()
