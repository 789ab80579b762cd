"""The table with a column for each CPU: speeds, ratios to gensim, and the share of the peak."""

from __future__ import annotations

from speed_tables import sustained
from table_format import (
    Result,
    corpus_name,
    middle,
    millions,
    read_runs,
    table_text,
)

QUIET, BUSY = {100: "wiki17m-d100", 300: "wiki17m-d300"}, {100: "busy-d100", 300: "busy-d300"}
"""Names of the results of `run.py` by vector size: alone on the machine, and with neighbours."""

SPEED = "raw_words_per_second"


def by_cpu(results: list[dict[str, Result]]) -> str:
    """Return the table of all CPUs whose family was recorded."""
    columns = [some for some in results if _is_known(some)]
    rows = [
        ["peak of a core, GFLOP/s", *(f"{_peak(some) / 1e9:.0f}" for some in columns)],
        *_rows(columns, QUIET, ""),
        *_rows(columns, BUSY, ", busy"),
        *(
            [f"share of the peak, d={size}, 1 thread", *(_share(some, size) for some in columns)]
            for size in QUIET
        ),
    ]
    titles = ["", *(_title(some[QUIET[100]]["hardware"]) for some in columns)]
    return table_text(titles, rows, _notes(columns))


def _is_known(some: dict[str, Result]) -> bool:
    return QUIET[100] in some and "family" in some[QUIET[100]]["hardware"]


def _title(hardware: Result) -> str:
    lanes = f"vectors of {hardware['lanes']} numbers"
    return f"{hardware['cpu']} (family {hardware['family']}, model {hardware['model']}), {lanes}"


def _peak(some: dict[str, Result]) -> float:
    """Return the best peak that was measured before a result."""
    return float(max(each["peak"] for name in QUIET.values() for each in some[name]["conditions"]))


def _rows(columns: list[dict[str, Result]], names: dict[int, str], note: str) -> list[list[str]]:
    """Return the speeds of skipgram and gensim, and the ratio, for each vector size."""
    rows = []
    for size, name in names.items():
        speeds = [_speeds(some.get(name), size) for some in columns]
        for program in ("skipgram", "gensim"):
            cells = [millions(each[program]) if each else "" for each in speeds]
            rows.append([f"{program}, d={size}{note}, raw words/s", *cells])
        ratios = [
            f"**{each['skipgram'] / each['gensim']:.1f}x**" if each else "" for each in speeds
        ]
        rows.append([f"skipgram vs. gensim, d={size}{note}", *ratios])
    return rows


def _speeds(result: Result | None, size: int) -> dict[str, float]:
    if result is None:
        return {}
    runs = read_runs(result)
    return {program: middle(runs[program, size], SPEED) for program in ("skipgram", "gensim")}


def _share(some: dict[str, Result], size: int) -> str:
    """Return the share of the peak that one thread reaches on the whole vocabulary."""
    if "roofline" not in some:
        return ""
    result = some["roofline"]
    cases = {(case["vector_size"], case["words"]): case for case in result["cases"]}
    return f"{sustained(cases[size, 'all']) / max(result['peaks']):.0%}"


def _notes(columns: list[dict[str, Result]]) -> str:
    names = [*QUIET.values(), *BUSY.values()]
    shown = [some[name] for some in columns for name in names if name in some]
    epochs = sorted({run["epochs"] for result in shown for run in result["runs"]})
    busy = max(result["busy"] for result in shown)
    neighbours = f" Busy: beside {busy} processes that need a core each." if busy else ""
    run = shown[0]["runs"][0]
    return (
        f"{run['raw_words'] / 1e6:.1f} M words of {corpus_name(shown[0])}, gensim's options, "
        f"{' or '.join(map(str, epochs))} epochs, {run['threads']} threads. Medians of alternating "
        f"runs.{neighbours}"
    )
