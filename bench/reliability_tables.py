"""Tables of what can go wrong: faults and their outcomes, and files changed at random."""

from __future__ import annotations

from table_format import Result, machine, table_text


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
