"""The programs that are compared: how each is called, in a process of its own, and what it says of its run.

Every one gets the same text, options and number of threads, starts cold but for what it keeps on disk, and ends when its
vectors are saved.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

OPTIONS: dict[str, Any] = {"window": 5, "negative": 5, "sample": 1e-3, "min_count": 5, "alpha": 0.025}

_GENSIM = """
import json, sys, time
from gensim.models import Word2Vec
corpus, target, options = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
epochs = options.pop("epochs")
model = Word2Vec(sg=1, min_alpha=1e-4 * options["alpha"], **options)
started = time.perf_counter()
model.build_vocab(corpus_file=corpus)
scanned = time.perf_counter()
model.train(corpus_file=corpus, total_examples=model.corpus_count, total_words=model.corpus_total_words, epochs=epochs)
trained = time.perf_counter()
model.wv.save_word2vec_format(target, binary=True)
print(json.dumps({
    "raw_words": model.corpus_total_words,
    "scan_seconds": scanned - started,
    "training_seconds": trained - scanned,
}))
"""


@dataclass(frozen=True)
class Job:
    """One training: who trains, with how many dimensions, epochs and threads, from which seed.

    `cold` is the first start on a machine, before anything is compiled; the others find their code on disk.
    """

    program: str
    vector_size: int
    epochs: int
    threads: int
    seed: int
    cold: bool = False


def command(job: Job, corpus: Path, target: Path) -> list[str]:
    """Return the command of a job; it prints a JSON object with raw_words, scan_seconds and training_seconds."""
    options = {**OPTIONS, "vector_size": job.vector_size, "epochs": job.epochs, "seed": job.seed}
    if job.program == "gensim":
        return [sys.executable, "-c", _GENSIM, str(corpus), str(target), json.dumps({**options, "workers": job.threads})]
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in {**options, "threads": job.threads}.items()]
    return [sys.executable, "-m", "skipgram", "train", str(corpus), "--output", str(target), "--quiet", "--json", *flags]


def versions() -> dict[str, str]:
    """Return the versions of all programs and of the libraries that matter for their speed."""
    return {name: version(name) for name in ("skipgram", "gensim", "numba", "numpy")}
