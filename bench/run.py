"""Speed and quality of skipgram and its peers: every program trains in turn, round after round; all figures go to a JSON file.

    python bench/run.py --corpus wiki.txt --eval eval --output bench/results/wiki17m.json

Each training is a process of its own. Raw words per second are the words of the text times the epochs over the seconds of the
training phase; what a program's own log says of its speed is not used (gensim's counts words after subsampling). Peers are the
Python packages among `peers.PROGRAMS` that are installed, the others are left out, and what `--peers FILE.toml` adds;
docs/benchmarks.md shows such a file.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy  # noqa: F401 - loads the BLAS that `hardware` names
from peers import OPTIONS, PROGRAMS, Job, Program, fill_in, read_programs, versions
from tables import programs as table_of
from threadpoolctl import threadpool_info

from skipgram.config import available_cores


def train(program: Program, options: dict[str, Any], corpus: Path, target: Path) -> dict[str, Any]:
    """Train once; return seconds (None: not known), peak memory in bytes, and the losses of a pair where they are told."""
    started = time.perf_counter()
    errors = None if program.prints_json else subprocess.STDOUT
    command = fill_in(program.command, options, corpus, target)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors)
    assert process.stdout
    output, begun, last = "", None, 0.0
    while block := os.read(process.stdout.fileno(), 1 << 16):
        output, last = output + block.decode(errors="replace"), time.perf_counter() - started
        if begun is None and program.training_starts and re.search(program.training_starts, output):
            begun = last
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)  # Popen does not know that it ended
    process.stdout.close()
    seconds = time.perf_counter() - started
    if status:
        raise subprocess.CalledProcessError(os.waitstatus_to_exitcode(status), command, output)
    return {
        **(
            json.loads(output)
            if program.prints_json
            else {"training_seconds": training_seconds(program, output, begun, last)}
        ),
        "total_seconds": seconds,
        "peak_bytes": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
    }


def training_seconds(
    program: Program, output: str, begun: float | None, last: float
) -> float | None:
    """Return the seconds of the training phase; `begun` and `last` are when it was announced and when output ended."""
    said = re.findall(program.training_seconds, output) if program.training_seconds else []
    if (program.training_seconds and not said) or (program.training_starts and begun is None):
        sys.exit(
            f"{program.command[0]} printed nothing that matches {program.training_starts or program.training_seconds!r}"
        )
    if said:
        return float(said[-1])
    return None if begun is None else last - begun


def run_job(
    job: Job, program: Program, corpus: Path, raw_words: int, sets: list[Path]
) -> dict[str, Any]:
    """Train once and return the figures: seconds, peak memory in bytes, and scores in percent."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "vectors"
        said = train(program, job.options(), corpus, target)
        scores = score(Path(*fill_in([program.vectors], job.options(), corpus, target)), sets)
    seconds = said["training_seconds"]
    return {
        **asdict(job),
        "raw_words": raw_words,
        "scan_seconds": said.get("scan_seconds"),
        "training_seconds": seconds,
        "total_seconds": said["total_seconds"],
        "peak_bytes": said["peak_bytes"],
        "raw_words_per_second": None if seconds is None else raw_words * job.epochs / seconds,
        "loss": said.get("loss"),
        "scores": scores,
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
    command = [sys.executable, "-m", "skipgram", "evaluate", str(model), *map(str, sets), "--json"]
    answer = subprocess.check_output(command, text=True)
    results = {Path(path).stem: result for path, result in json.loads(answer).items()}
    shares = {
        name: result["total"]["accuracy"] if "total" in result else result["spearman"]
        for name, result in results.items()
    }
    return {name: None if share is None else 100 * share for name, share in shares.items()}


def hardware() -> dict[str, Any]:
    """Return what the figures depend on."""
    model = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    if information.exists():
        lines = information.read_text().splitlines()
        model = next(
            (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")),
            model,
        )
    # OpenBLAS chooses its kernels by the CPU, unless the variable OPENBLAS_CORETYPE says otherwise: 2 times as fast or slow.
    blas = {
        f"{one['internal_api']} {one['version']} {one.get('architecture', '')}".strip()
        for one in threadpool_info()
    }
    return {
        "cpu": model,
        "cores": available_cores(),
        "system": platform.system(),
        "python": platform.python_version(),
        "blas": ", ".join(sorted(blas)),
    }


def cut(corpus: Path, size: int, target: Path) -> None:
    """Write the first lines of a text, at most `size` bytes, to `target`."""
    with corpus.open("rb") as source, target.open("wb") as file:
        for line in source:
            if file.tell() + len(line) > size:
                break
            file.write(line)
        if not file.tell():
            sys.exit(f"the first line of {corpus} has more than {size} bytes; give --bytes more")


def count_words(corpus: Path) -> int:
    """Return the number of words of a text; by blocks, as `score` says why this process must stay small."""
    words, inside = 0, False
    with corpus.open("rb") as file:
        while block := file.read(1 << 20):
            words += len(block.split()) - (inside and not block[:1].isspace())
            inside = not block[-1:].isspace()
    return words


def choose(names: list[str] | None, peers: Path | None) -> dict[str, Program]:
    """Return the programs asked for, all by default, without those that are not installed."""
    known = {**PROGRAMS, **(read_programs(peers) if peers else {})}
    if unknown := set(names or ()) - known.keys():
        sys.exit(f"unknown program {', '.join(sorted(unknown))}; known: {', '.join(known)}")
    for name in names or known:
        if not known[name].installed():
            print(
                f"{name} is left out: the Python module {known[name].module} is not installed",
                file=sys.stderr,
            )
    return {name: known[name] for name in names or known if known[name].installed()}


def beginning(text: Path, size: int | None, folder: str | Path) -> Path:
    """Return a text, or a copy of its beginning to the last line that fits into so many bytes."""
    if not size:
        return text
    target = Path(folder) / "beginning.txt"
    cut(text, size, target)
    return target


def jobs(given: argparse.Namespace, programs: dict[str, Program]) -> Iterator[Job]:
    """Yield all trainings: a cold start of each size, then round after round, each with its own seed, the programs in turn."""
    for vector_size in given.vector_size if "skipgram" in programs else ():
        yield Job("skipgram", vector_size, given.epochs, given.threads, seed=1, cold=True)
    for seed in range(1, given.rounds + 1):
        for vector_size in given.vector_size:
            for program in programs:
                yield Job(program, vector_size, given.epochs, given.threads, seed)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--corpus", type=Path, required=True, help="text file")
    parser.add_argument("--eval", type=Path, required=True, help="folder of evaluation sets")
    parser.add_argument("--output", type=Path, default=Path("build/bench.json"))
    parser.add_argument(
        "--programs", nargs="+", metavar="NAME", help="default: all that are installed"
    )
    parser.add_argument(
        "--peers", type=Path, metavar="FILE.toml", help="more programs, by their command lines"
    )
    parser.add_argument(
        "--bytes", type=int, help="take the beginning of the text only, to the last line that fits"
    )
    parser.add_argument("--vector-size", type=int, nargs="+", default=[100, 300])
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def main() -> None:
    """Run all jobs; write the file anew after each, so that an interruption loses one figure."""
    given = arguments()
    sets, programs = find_sets(given.eval), choose(given.programs, given.peers)
    failed = 0
    given.output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["NUMBA_CACHE_DIR"] = folder  # empty, for the cold starts
        corpus = beginning(given.corpus, given.bytes, folder)
        raw_words = count_words(corpus)
        result: dict[str, Any] = {
            "corpus": {"name": given.corpus.name, "bytes": corpus.stat().st_size},
            "options": OPTIONS,
            "hardware": hardware(),
            "versions": versions(programs),
            "runs": [],
        }
        for job in jobs(given, programs):
            try:
                figures = run_job(job, programs[job.program], corpus, raw_words, sets)
            except (
                subprocess.CalledProcessError,
                OSError,
            ) as error:  # an hour of the others' figures must not be lost with it
                print(
                    f"{job} failed: {error}\n{getattr(error, 'output', '')[-1000:]}",
                    file=sys.stderr,
                )
                failed += 1
                continue
            result["runs"].append(figures)
            print(json.dumps(figures), flush=True)
            given.output.write_text(json.dumps(result, indent=1) + "\n")
    print(table_of(result))
    sys.exit(f"{failed} trainings failed" if failed else 0)


if __name__ == "__main__":
    main()
