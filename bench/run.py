"""Speed and quality beside gensim: every program trains in turn, round after round, and all figures go to a JSON file.

    python bench/run.py --corpus wiki.txt --eval eval --output bench/results/wiki17m.json

Each training is a process of its own. Raw words per second are the words of the text times the epochs over the seconds of the
training phase; what the program's own log says is not used (gensim's counts words after subsampling).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from peers import OPTIONS, Job, command, versions

from skipgram.config import available_cores


def run_job(job: Job, corpus: Path, folder: Path, sets: list[Path]) -> dict[str, Any]:
    """Train once and return the figures: seconds, peak memory in bytes, and scores in percent."""
    target = folder / f"{job.program}-{job.vector_size}-{job.seed}-{job.cold}"
    started = time.perf_counter()
    process = subprocess.Popen(command(job, corpus, target), stdout=subprocess.PIPE)
    printed = process.stdout.read() if process.stdout else b""
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    if status:
        sys.exit(f"{job} failed with status {os.waitstatus_to_exitcode(status)}")
    said = json.loads(printed)
    return {
        **asdict(job),
        "raw_words": said["raw_words"],
        "scan_seconds": said["scan_seconds"],
        "training_seconds": said["training_seconds"],
        "total_seconds": seconds,
        "peak_bytes": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
        "raw_words_per_second": said["raw_words"] * job.epochs / said["training_seconds"],
        "scores": score(target, sets),
    }


def find_sets(folder: Path) -> list[Path]:
    """Return the evaluation sets of a folder."""
    sets = sorted(path for path in folder.iterdir() if path.suffix in {".tsv", ".txt"})
    if not sets:
        sys.exit(f"no evaluation set (*.tsv, *.txt) in {folder}")
    return sets


def score(model: Path, sets: list[Path]) -> dict[str, float | None]:
    """Return Spearman's correlation or the accuracy of the analogies, both times 100, by the name of the set.

    In a process of its own: Linux counts the memory of this one, when it starts another, towards the other's peak.
    """
    answer = subprocess.check_output([sys.executable, "-m", "skipgram", "evaluate", str(model), *map(str, sets), "--json"])
    results = {Path(path).stem: result for path, result in json.loads(answer).items()}
    shares = {
        name: result["total"]["accuracy"] if "total" in result else result["spearman"] for name, result in results.items()
    }
    return {name: None if share is None else 100 * share for name, share in shares.items()}


def hardware() -> dict[str, Any]:
    """Return what the figures depend on."""
    model = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    if information.exists():
        lines = information.read_text().splitlines()
        model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), model)
    return {
        "cpu": model,
        "cores": available_cores(),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def jobs(given: argparse.Namespace) -> Iterator[Job]:
    """Yield all trainings: a cold start of each size, then round after round, each with its own seed, the programs in turn."""
    for vector_size in given.vector_size:
        yield Job("skipgram", vector_size, given.epochs, given.threads, seed=1, cold=True)
    for seed in range(1, given.rounds + 1):
        for vector_size in given.vector_size:
            for program in ("skipgram", "gensim"):
                yield Job(program, vector_size, given.epochs, given.threads, seed)


def main() -> None:
    """Run all jobs; write the file anew after each, so that an interruption loses one figure."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--corpus", type=Path, required=True, help="text file")
    parser.add_argument("--eval", type=Path, required=True, help="folder of evaluation sets")
    parser.add_argument("--output", type=Path, default=Path("build/bench.json"))
    parser.add_argument("--vector-size", type=int, nargs="+", default=[100, 300])
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()

    sets = find_sets(given.eval)
    result: dict[str, Any] = {
        "corpus": {"name": given.corpus.name, "bytes": given.corpus.stat().st_size},
        "options": OPTIONS,
        "hardware": hardware(),
        "versions": versions(),
        "runs": [],
    }
    given.output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["NUMBA_CACHE_DIR"] = folder  # empty, for the cold starts
        for job in jobs(given):
            figures = run_job(job, given.corpus, Path(folder), sets)
            result["runs"].append(figures)
            print(json.dumps(figures), flush=True)
            given.output.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
