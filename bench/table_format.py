"""What the tables of measured figures share: formats of figures, runs of a result, the machine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import mean, median
from typing import Any

SETS = {
    "men3000": "MEN",
    "wordsim353": "WordSim-353",
    "simlex999": "SimLex-999",
    "mturk771": "MTurk-771",
    "rarewords": "Rare Words",
    "rg65": "RG-65",
    "questions-words": "analogies, % correct",
}

Result = dict[str, Any]
"""What a script in bench/ writes to its JSON file."""

Run = dict[str, Any]
"""One run of a result."""

Runs = dict[tuple[str, int], list[Run]]
"""Runs by program and vector size."""

Format = Callable[[float], str]


# Formats of figures


def millions(value: float) -> str:
    """Return a number of words in millions."""
    return f"{value / 1e6:.2f} M"


def seconds_text(value: float) -> str:
    """Return seconds with one decimal."""
    return f"{value:.1f} s"


def megabytes(value: float) -> str:
    """Return bytes as MB of 10^6 bytes."""
    return f"{value / 1e6:,.0f} MB"


# What all tables share


def table_text(titles: Sequence[str], rows: Sequence[Sequence[str]], notes: str) -> str:
    """Return a Markdown table with the notes below it."""
    lines = [f"| {' | '.join(line)} |" for line in (titles, ["---"] * len(titles), *rows)]
    return "\n".join([*lines, "", notes]).rstrip()


def read_runs(result: Result) -> Runs:
    """Return the runs of a result by program and vector size, without the cold starts."""
    runs: Runs = {}
    for run in result["runs"]:
        if not run["cold"]:
            runs.setdefault((run["program"], run["vector_size"]), []).append(run)
    return runs


def runs_by(result: Result, *names: str) -> dict[Any, list[Run]]:
    """Return the runs of a result by the value of one field, or the values of several."""
    groups: dict[Any, list[Run]] = {}
    for run in result["runs"]:
        values = tuple(run[name] for name in names)
        groups.setdefault(values if len(names) > 1 else values[0], []).append(run)
    return groups


def middle(runs: list[Run], figure: str) -> float:
    """Return the median of one figure."""
    return float(median(run[figure] for run in runs))


def mean_scores(scores: Sequence[dict[str, float]]) -> list[float]:
    """Return the mean over all sets, and then that of each set, over several runs."""
    each = [mean(run[name] for run in scores) for name in SETS]
    return [mean(each), *each]


def rounds(result: Result) -> int:
    """Return how many rounds were measured."""
    return int(max(run["round"] for run in result["runs"]))


def corpus_name(result: Result) -> str:
    """Return the name of the corpus for a reader."""
    name: str = result["corpus"]["name"]
    return "English Wikipedia" if name == "wiki17m.txt" else name


def epochs_of(runs: list[Run]) -> str:
    """Return the number of epochs in words."""
    epochs = runs[0]["epochs"]
    return f"{epochs} epoch{'s' * (epochs > 1)}"


def machine(result: Result, *programs: str) -> str:
    """Return the machine and the versions of the programs, in one line."""
    hardware, versions = result["hardware"], result["versions"]
    where = f"{hardware['cpu']}, {hardware['cores']} cores, Python {hardware['python']}"
    named = [f"{name} {versions[name]}" for name in programs]
    blas = [hardware["blas"]] if "blas" in hardware else []  # older results do not record it
    return ", ".join([where, *named, *blas])


def describe(result: Result, *programs: str) -> str:
    """Return the corpus, the options, the machine and the versions, in one line."""
    options, run = result["options"], result["runs"][0]
    return (
        f"{run['raw_words'] / 1e6:.1f} M words ({megabytes(result['corpus']['bytes'])}) of "
        f"{corpus_name(result)}, window {options['window']}, {options['negative']} negatives, "
        f"sample {options['sample']}, min-count {options['min_count']}, {run['threads']} threads; "
        f"{machine(result, *programs)}"
    )


def compiling(result: Result, vector_size: int) -> float:
    """Return how many seconds the first run of skipgram took longer, outside of training."""

    def overhead(*, cold: bool) -> float:
        key = ("skipgram", vector_size, cold)
        runs = result["runs"]
        run = next(r for r in runs if (r["program"], r["vector_size"], r["cold"]) == key)
        return float(run["total_seconds"] - run["training_seconds"])

    return overhead(cold=True) - overhead(cold=False)
