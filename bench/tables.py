"""Write the tables of measured figures into the documents, from the JSON files in bench/results.

The results of each CPU are in a folder of their own (`hardware.folder_of`). The first folder of
`CPUS` that has a result makes its table; tables by CPU have a column for each.

    python bench/tables.py            write the tables
    python bench/tables.py --check    fail if a document is out of date

A table goes between `<!-- measured: NAME -->` and `<!-- end -->`. `TABLES` maps each name to the
function that makes the table.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import cpu_tables
import preset_figures
import program_tables
import reliability_tables
import speed_tables
from table_format import Result

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results"
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "docs" / "how-skip-gram-works.md",
    ROOT / "docs" / "benchmarks.md",
    ROOT / "docs" / "reliability.md",
]


PICTURES: dict[Path, tuple[str, Callable[[Result], str]]] = {
    ROOT / "docs" / "static" / "presets.svg": ("presets", preset_figures.picture),
}
"""Pictures, the results that they show, and the functions that draw them."""


CPUS = ["amd-epyc-26-2-16-lanes", "amd-epyc-26-2-8-lanes", "amd-epyc"]
"""Folders in the order of columns. Results in the last were measured before their family was
recorded."""


def if_measured(name: str, make: Callable[[Result], str]) -> Callable[[dict[str, Result]], str]:
    """Return a function that makes the table of one result, or says that it is missing."""
    return lambda results: make(results[name]) if name in results else "Not measured yet."


TABLES_BY_CPU: dict[str, Callable[[list[dict[str, Result]]], str]] = {
    "by-cpu": cpu_tables.by_cpu,
}

TABLES: dict[str, Callable[[dict[str, Result]], str]] = {
    "compared": program_tables.compared,
    "methods": program_tables.methods,
    "programs-d100": lambda results: program_tables.programs(results["wiki17m-d100"]),
    "programs-d300": lambda results: program_tables.programs(results["wiki17m-d300"]),
    "programs-one-epoch": if_measured("wiki17m-one-epoch", program_tables.programs),
    "presets": lambda results: preset_figures.presets(results["presets"]),
    "one-epoch": lambda results: preset_figures.one_epoch(results["presets"]),
    "known-groups": if_measured("groups", preset_figures.known_groups),
    "leads": if_measured("leads", program_tables.leads),
    "postprocess": if_measured("postprocess", program_tables.postprocessed),
    "growth": if_measured("growth", speed_tables.growth),
    "phrases": if_measured("phrases", speed_tables.phrases),
    "questions": if_measured("questions", speed_tables.questions),
    "roofline": if_measured("roofline", speed_tables.roofline),
    "loading": if_measured("loading", speed_tables.loading),
    "sources": if_measured("sources", speed_tables.sources),
    "memory-limit": if_measured("memory-limit", speed_tables.memory_limit),
    "safety": if_measured("safety", reliability_tables.safety),
    "faults": if_measured("faults", reliability_tables.faults),
    "fuzz": if_measured("fuzz", reliability_tables.fuzzing),
}


def fill(text: str, by_cpu: list[dict[str, Result]]) -> str:
    """Return the document with all its tables made again."""
    first = first_of(by_cpu)

    def replace(match: re.Match[str]) -> str:
        name = match[2]
        table = TABLES[name](first) if name in TABLES else TABLES_BY_CPU[name](by_cpu)
        return f"{match[1]}\n\n{table}\n\n{match[3]}"

    block = r"(<!-- measured: ([\w-]+) -->)\n.*?(<!-- end -->)"
    return re.sub(block, replace, text, flags=re.DOTALL)


def first_of(by_cpu: list[dict[str, Result]]) -> dict[str, Result]:
    """Return each result of the first CPU that has it."""
    return {name: result for some in reversed(by_cpu) for name, result in some.items()}


def read_results() -> list[dict[str, Result]]:
    """Return the results of each CPU by name."""
    if unknown := {path.name for path in RESULTS.iterdir()} - set(CPUS):
        sys.exit(f"bench/results has {', '.join(sorted(unknown))}, which CPUS does not list")
    return [
        {path.stem: json.loads(path.read_text()) for path in (RESULTS / cpu).glob("*.json")}
        for cpu in CPUS
    ]


def main() -> None:
    """Write or check the tables of all documents."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail if a table is out of date"
    )
    given = parser.parse_args()
    by_cpu = read_results()
    texts = {document: fill(document.read_text(), by_cpu) for document in DOCUMENTS}
    pictures = {path: draw(first_of(by_cpu)[name]) for path, (name, draw) in PICTURES.items()}
    for path, new in {**texts, **pictures}.items():
        if given.check and new != path.read_text():
            sys.exit(f"{path} is out of date; run python bench/tables.py")
        if not given.check:
            path.write_text(new)


if __name__ == "__main__":
    main()
