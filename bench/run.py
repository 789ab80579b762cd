"""Measure the speed and quality of skipgram and its peers, and write all figures to a JSON file.

    python bench/run.py --corpus wiki.txt --eval eval --output bench/results/wiki17m.json

The programs train in turn, round after round. Each training is a process of its own. Raw words per
second are the words of the text times the epochs, divided by the seconds of the training phase. The
speed in a program's own log is not used (gensim's log counts words after subsampling). Peers are
the installed packages of `peers.PROGRAMS`, and the programs in `--peers FILE.toml`;
docs/benchmarks.md shows such a file.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from hardware import conditions, hardware
from peers import OPTIONS, PROGRAMS, Job, Program, fill_in, read_programs, versions
from program_tables import programs as table_of

BYTES_HELP = "read only the first BYTES of the text, up to the last complete line"


def save(result: dict[str, Any], path: Path) -> None:
    """Write a result as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=1) + "\n")


def continued(here: dict[str, Any], path: Path, remedy: str) -> dict[str, Any]:
    """Return the result in a file, or `here` if there is none.

    The conditions of both are kept. Exit with the remedy if the file has other values under the
    names of `here`, except for these and the runs.
    """
    if not path.exists():
        return here
    result: dict[str, Any] = json.loads(path.read_text())
    if any(result.get(name) != here[name] for name in here.keys() - {"runs", "conditions"}):
        sys.exit(f"{path} was measured on another machine or with other versions; {remedy}")
    if "conditions" in here:
        result["conditions"] += here["conditions"]
    return result


def train(program: Program, options: dict[str, Any], corpus: Path, target: Path) -> dict[str, Any]:
    """Train once; return seconds (None if unknown), peak memory in bytes, and other figures."""
    started = time.perf_counter()
    errors = None if program.prints_json else subprocess.STDOUT
    command = fill_in(program.command, options, corpus, target)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors)
    assert process.stdout
    output, last = "", 0.0
    begun: float | None = None
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
    if program.prints_json:
        figures = json.loads(output)
    else:
        figures = {"training_seconds": training_seconds(program, output, begun, last)}
    unit = 1 if sys.platform == "darwin" else 1024
    return {**figures, "total_seconds": seconds, "peak_bytes": usage.ru_maxrss * unit}


def training_seconds(
    program: Program, output: str, begun: float | None, last: float
) -> float | None:
    """Return the seconds of the training phase, or None if they are unknown.

    Args:
        program: the program.
        output: what it printed.
        begun: when it printed the start of training.
        last: when it printed the last output.
    """
    found = re.findall(program.training_seconds, output) if program.training_seconds else []
    if (program.training_seconds and not found) or (program.training_starts and begun is None):
        pattern = program.training_starts or program.training_seconds
        sys.exit(f"{program.command[0]} printed nothing that matches {pattern!r}")
    if found:
        return float(found[-1])
    return None if begun is None else last - begun


def run_job(
    job: Job, program: Program, corpus: Path, raw_words: int, sets: list[Path]
) -> dict[str, Any]:
    """Train once and return the figures: seconds, peak memory in bytes, and scores in percent."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "vectors"
        figures = train(program, job.options(), corpus, target)
        scores = score(Path(*fill_in([program.vectors], job.options(), corpus, target)), sets)
    seconds = figures["training_seconds"]
    return {
        **asdict(job),
        "raw_words": raw_words,
        "scan_seconds": figures.get("scan_seconds"),
        "training_seconds": seconds,
        "total_seconds": figures["total_seconds"],
        "peak_bytes": figures["peak_bytes"],
        "raw_words_per_second": None if seconds is None else raw_words * job.epochs / seconds,
        "loss": figures.get("loss"),
        "scores": scores,
    }


def find_sets(folder: Path) -> list[Path]:
    """Return the evaluation sets in a folder."""
    sets = sorted(path for path in folder.iterdir() if path.suffix in {".tsv", ".txt"})
    if not sets:
        sys.exit(f"no evaluation set (*.tsv, *.txt) in {folder}")
    return sets


def score(model: Path, sets: list[Path]) -> dict[str, float | None]:
    """Return the score of each set x 100: Spearman's correlation, or the accuracy of analogies.

    This runs in a process of its own. The memory of this process must stay small, because Linux
    counts it towards the peak of each process that it starts.
    """
    command = [sys.executable, "-m", "skipgram", "evaluate", str(model), *map(str, sets), "--json"]
    answer = subprocess.check_output(command, text=True)
    results = {Path(path).stem: result for path, result in json.loads(answer).items()}
    shares = {
        name: result["total"]["accuracy"] if "total" in result else result["spearman"]
        for name, result in results.items()
    }
    return {name: None if share is None else 100 * share for name, share in shares.items()}


def cut(corpus: Path, size: int, target: Path) -> None:
    """Write the first lines of a text, at most `size` bytes, to `target`."""
    with corpus.open("rb") as source, target.open("wb") as file:
        for line in source:
            if file.tell() + len(line) > size:
                break
            file.write(line)
        if not file.tell():
            sys.exit(f"the first line of {corpus} has more than {size} bytes; raise --bytes")


def count_words(corpus: Path) -> int:
    """Return the number of words in a text, read in blocks to save memory (see `score`)."""
    words, inside = 0, False
    with corpus.open("rb") as file:
        while block := file.read(1 << 20):
            words += len(block.split()) - (inside and not block[:1].isspace())
            inside = not block[-1:].isspace()
    return words


def choose(names: list[str] | None, peers: Path | None) -> dict[str, Program]:
    """Return the chosen programs (all by default) that are installed."""
    known = {**PROGRAMS, **(read_programs(peers) if peers else {})}
    if unknown := set(names or ()) - known.keys():
        sys.exit(f"unknown program {', '.join(sorted(unknown))}; known: {', '.join(known)}")
    chosen = {name: known[name] for name in names or known}
    for name, program in chosen.items():
        if not program.installed():
            missing = f"the Python module {program.module} is not installed"
            print(f"{name} is skipped: {missing}", file=sys.stderr)
    return {name: program for name, program in chosen.items() if program.installed()}


def beginning(text: Path, size: int | None, folder: str | Path) -> Path:
    """Return a text, or a copy of its first `size` bytes up to the last complete line."""
    if not size:
        return text
    target = Path(folder) / "beginning.txt"
    cut(text, size, target)
    return target


def jobs(given: argparse.Namespace, programs: dict[str, Program]) -> Iterator[Job]:
    """Yield all trainings: a cold start per size, then rounds of all programs, one seed each."""
    for vector_size in given.vector_size if "skipgram" in programs else ():
        yield Job("skipgram", vector_size, given.epochs, given.threads, seed=1, cold=True)
    for seed in range(1, given.rounds + 1):
        for vector_size in given.vector_size:
            for program in programs:
                yield Job(program, vector_size, given.epochs, given.threads, seed)


def arguments() -> argparse.Namespace:
    """Return the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--corpus", type=Path, required=True, help="text file")
    parser.add_argument("--eval", type=Path, required=True, help="folder of evaluation sets")
    parser.add_argument("--output", type=Path, default=Path("build/bench.json"))
    parser.add_argument(
        "--programs", nargs="+", metavar="NAME", help="programs to run; all installed by default"
    )
    parser.add_argument("--peers", type=Path, metavar="FILE.toml", help="more programs")
    parser.add_argument("--bytes", type=int, help=BYTES_HELP)
    parser.add_argument("--vector-size", type=int, nargs="+", default=[100, 300])
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument(
        "--busy", type=int, default=0, metavar="N", help="keep N processes at work meanwhile"
    )
    return parser.parse_args()


@contextlib.contextmanager
def neighbours(number: int) -> Iterator[None]:
    """Keep processes at work that need a core each: the neighbours on a shared machine."""
    command = [sys.executable, "-c", "while True: pass"]
    processes = [subprocess.Popen(command) for _ in range(number)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def main() -> None:
    """Run all jobs; save the result after each, so that an interruption loses only one."""
    given = arguments()
    sets, programs = find_sets(given.eval), choose(given.programs, given.peers)
    failed = 0
    with tempfile.TemporaryDirectory() as folder, neighbours(given.busy):
        os.environ["NUMBA_CACHE_DIR"] = folder  # empty, for the cold starts
        corpus = beginning(given.corpus, given.bytes, folder)
        raw_words = count_words(corpus)
        result: dict[str, Any] = {
            "corpus": {"name": given.corpus.name, "bytes": corpus.stat().st_size},
            "options": OPTIONS,
            "busy": given.busy,
            "hardware": hardware(),
            "conditions": [conditions()],
            "versions": versions(programs),
            "runs": [],
        }
        for job in jobs(given, programs):
            try:
                figures = run_job(job, programs[job.program], corpus, raw_words, sets)
            except (subprocess.CalledProcessError, OSError) as error:
                # The figures of the other programs may have taken an hour, so keep them.
                output = getattr(error, "output", "")[-1000:]
                print(f"{job} failed: {error}\n{output}", file=sys.stderr)
                failed += 1
                continue
            result["runs"].append(figures)
            print(json.dumps(figures), flush=True)
            save(result, given.output)
    print(table_of(result))
    sys.exit(f"{failed} trainings failed" if failed else 0)


if __name__ == "__main__":
    main()
