"""Tables of what can go wrong: faults and their outcomes, and files changed at random."""

from __future__ import annotations

from statistics import mean, median

from table_format import (
    SETS,
    Result,
    Run,
    corpus_name,
    machine,
    middle,
    rounds,
    runs_by,
    table_text,
)


def faults(result: Result) -> str:
    """Return the table of faults, how often each was tried, and what came of it."""
    rows = []
    for row in result["faults"]:
        lost = sum(times for name, times in row["outcomes"].items() if name.startswith("LOST"))
        verdict = f"**{lost} of {row['tries']}**" if lost else "nothing"
        outcomes = [
            name if times == row["tries"] else f"{times} {name}"
            for name, times in sorted(row["outcomes"].items(), key=lambda each: -each[1])
            if not name.startswith("LOST")
        ]
        if row["skipped"]:
            verdict, outcomes = "not tried", [row["skipped"]]
        rows.append([row["fault"], str(row["tries"]), verdict, "; ".join(outcomes)])
    tries = sum(row["tries"] for row in result["faults"])
    notes = f"{tries:,} tries, seed {result['seed']}. {machine(result, 'skipgram', 'numba')}."
    return table_text(["fault", "tries", "lost", "outcomes"], rows, notes)


def fuzzing(result: Result) -> str:
    """Return the table of formats: inputs, how many were still read, and findings."""
    rows = [
        [
            row["name"],
            f"{row['inputs']:,}",
            f"{100 * row['accepted'] / max(row['inputs'], 1):.0f} %",
            str(sum(row["findings"].values())),
            f"{row['inputs'] / max(row['seconds'], 0.1):,.0f}",
        ]
        for row in result["formats"]
    ]
    inputs = sum(row["inputs"] for row in result["formats"])
    minutes = max(row["seconds"] for row in result["formats"]) / 60
    notes = (
        f"{inputs:,} inputs, at most {minutes:.0f} minutes for a format, seed {result['seed']}. "
        f"{machine(result, 'skipgram', 'numba', 'numpy')}."
    )
    return table_text(["format", "inputs", "still read", "findings", "inputs/s"], rows, notes)


def safety(result: Result) -> str:
    """Return the table of the cost of checkpoints and of deterministic training."""
    groups = runs_by(result, "way")
    plain = next(iter(groups.values()))
    rows = [
        [way, f"{middle(runs, 'seconds'):.1f} s", *_cost_cells(runs, plain)]
        for way, runs in groups.items()
    ]
    notes = (
        f"Medians of {rounds(result)} alternating rounds, each with another seed; a time is that "
        "of reading the text and training, and ratios are taken round by round. Scores are means: "
        f"correlations x 100 and % correct. {plain[0]['raw_words'] / 1e6:.1f} M words of "
        f"{corpus_name(result)}, d={result['vector_size']}, {result['epochs']} epochs, "
        f"{result['threads']} threads. {machine(result, 'skipgram', 'numba')}."
    )
    sets = [title.partition(",")[0] for name, title in SETS.items() if name in plain[0]["scores"]]
    titles = ["training", "time", "ratio", "checkpoints", "writing them", *sets]
    return table_text(titles, rows, notes)


def _cost_cells(runs: list[Run], plain: list[Run]) -> list[str]:
    """Return the cells after the time; `plain` are the runs to compare with."""
    ratio = median(a["seconds"] / b["seconds"] for a, b in zip(runs, plain, strict=True))
    number, writing = middle(runs, "checkpoints"), middle(runs, "checkpoint_seconds")
    scores = [
        f"{mean(run['scores'][name] for run in runs):.1f}"
        for name in SETS
        if name in runs[0]["scores"]
    ]
    written = [f"{number:.0f}", f"{writing:.2f} s"] if number else ["", ""]
    return [f"{ratio:.2f}", *written, *scores]
