"""Tables of whole trainings: skipgram and gensim, all programs, all methods, changed options."""

from __future__ import annotations

import json
from collections.abc import Callable
from statistics import mean, stdev

from table_format import (
    SETS,
    Format,
    Result,
    Run,
    Runs,
    compiling,
    corpus_name,
    describe,
    epochs_of,
    machine,
    mean_scores,
    megabytes,
    middle,
    millions,
    read_runs,
    runs_by,
    seconds_text,
    table_text,
)

# The README: skipgram and gensim


def row(name: str, ours: float, theirs: float, text: Format, ratio: str) -> list[str]:
    """Return one row of the comparison, with the better figure in bold.

    Args:
        name: the title of the row.
        ours: the figure of skipgram.
        theirs: the figure of gensim.
        text: how to write a figure.
        ratio: "more" if more is better, "less" if less is better, "points" for scores.
    """
    cells = [text(ours), text(theirs)]
    ours_is_better = ours < theirs if ratio == "less" else ours > theirs
    better = 0 if ours_is_better else 1
    if cells[0] != cells[1]:
        cells[better] = f"**{cells[better]}**"
    ratios = {
        "more": f"{ours / theirs:.1f}x",
        "less": f"{theirs / ours:.1f}x",
        "points": f"{ours - theirs:+.1f}",
    }
    return [name, *cells, ratios[ratio]]


def compared(results: dict[str, Result]) -> str:
    """Return the table of the README: skipgram and gensim's `corpus_file`."""
    result = results["wiki17m-d100"]
    runs = [read_runs(result)[program, 100] for program in ("skipgram", "gensim")]
    runs_300 = [read_runs(results["wiki17m-d300"])[name, 300] for name in ("skipgram", "gensim")]
    size = result["corpus"]["bytes"]

    def pair(figure: str, some: list[list[Run]] = runs) -> tuple[float, float]:
        """Return the medians of skipgram and gensim."""
        return middle(some[0], figure), middle(some[1], figure)

    scan = [size / seconds / 1e6 for seconds in pair("scan_seconds")]
    total = f"text to saved vectors, d=100, {epochs_of(runs[0])}"
    speed = "raw_words_per_second"
    compilation = seconds_text(compiling(result, 100))
    rows = [
        row("training, d=100, raw words/s", *pair(speed), millions, "more"),
        row("training, d=300, raw words/s", *pair(speed, runs_300), millions, "more"),
        row(total, *pair("total_seconds"), seconds_text, "less"),
        row("reading the text", scan[0], scan[1], lambda x: f"{x:.0f} MB/s", "more"),
        ["compilation, first run on a machine", compilation, "**none**", ""],
        row("peak memory, d=100", *pair("peak_bytes"), megabytes, "less"),
    ]
    for name, title in SETS.items():
        scores = [mean(run["scores"][name] for run in some) for some in runs]
        rows.append(row(title, scores[0], scores[1], lambda x: f"{x:.1f}", "points"))
    titles = ["", "skipgram", "gensim", "skipgram vs. gensim"]
    return table_text(titles, rows, _comparison_notes(result, runs[0], runs_300[0]))


def _comparison_notes(result: Result, runs: list[Run], runs_300: list[Run]) -> str:
    return (
        f"Medians of {len(runs)} alternating runs with {len(runs)} seeds; scores are means. "
        f"d=300: {epochs_of(runs_300)}. Training speed counts all words of the text and "
        "only the time of the training phase (gensim's own log counts words after subsampling). "
        "Reading the text includes building the vocabulary and, in gensim, the initial vectors; "
        "in skipgram, the word ids. "
        "Scores are Spearman x 100. "
        f"{describe(result, 'skipgram', 'gensim', 'numba', 'numpy')}."
    )


# All programs


def cells(
    values: list[float | None], text: Format, better: Callable[[list[float]], float]
) -> list[str]:
    """Return one figure of several programs as text: the best in bold, unknown ones empty."""
    known = [value for value in values if value is not None]
    best = text(better(known)) if known else None
    texts = ["" if value is None else text(value) for value in values]
    return [f"**{cell}**" if cell == best else cell for cell in texts]


def score_cells(scores: list[list[float]]) -> list[str]:
    """Return the mean score of each program, with the standard deviation if there are several."""
    means = cells([mean(some) if some else None for some in scores], lambda x: f"{x:.1f}", max)
    return [
        f"{cell} ± {stdev(some):.1f}" if len(some) > 1 else cell
        for cell, some in zip(means, scores, strict=True)
    ]


FIGURES: list[tuple[str, str, Format, Callable[[list[float]], float]]] = [
    ("training, raw words/s", "raw_words_per_second", millions, max),
    ("text to saved vectors", "total_seconds", seconds_text, min),
    ("peak memory", "peak_bytes", megabytes, min),
]
"""Columns of the table of programs: title, figure, format, and which value is the best."""


def program_table(runs: Runs, vector_size: int, notes: str) -> str:
    """Return the table of all programs at one vector size."""
    chosen = {program: some for (program, size), some in runs.items() if size == vector_size}
    columns = {"program": list(chosen)}
    for title, figure, text, better in FIGURES:
        known = [
            None if some[0][figure] is None else middle(some, figure) for some in chosen.values()
        ]
        columns[title] = cells(known, text, better)
    names = dict.fromkeys(
        name for some in chosen.values() for run in some for name in run["scores"]
    )
    for name in sorted(names, key=lambda name: [*SETS, *names].index(name)):
        scores = [[run["scores"][name] for run in some] for some in chosen.values()]
        known_scores = [[score for score in some if score is not None] for some in scores]
        columns[SETS.get(name, name)] = score_cells(known_scores)
    return table_text(list(columns), list(zip(*columns.values(), strict=True)), notes)


def programs(result: Result) -> str:
    """Return the tables of all programs of a result, one for each vector size."""
    runs, parts = read_runs(result), []
    for vector_size in dict.fromkeys(size for _, size in runs):
        some = next(some for (_, size), some in runs.items() if size == vector_size)
        times = f"{len(some)} run{'s' * (len(some) > 1)}"
        notes = f"d={vector_size}, {epochs_of(some)}, {times} of each program, one seed each."
        if ("skipgram", vector_size) in runs:
            seconds = compiling(result, vector_size)
            notes += f" skipgram's first run on a machine takes {seconds:.1f} s more, to compile."
        notes += f" {describe(result, *result['versions'])}."
        parts.append(program_table(runs, vector_size, notes))
    return "\n\n".join(parts)


# All methods


def methods(results: dict[str, Result]) -> str:
    """Return the table of all training methods: time, speed and scores."""
    result = results["methods"]
    names = [name for name in SETS if name != "questions-words"] + ["questions-words"]
    rows = []
    for method, run in result["runs"].items():
        speed = run["raw_words_per_second"]
        figures = [f"{run['seconds']:.1f}", "" if speed is None else f"{speed / 1e3:,.0f} k"]
        scores = [run["scores"][name] for name in names]
        texts = ["" if score is None else f"{score:.1f}" for score in scores]
        rows.append([method, *figures, *texts])
    titles = ["method", "seconds", "raw words/s", *(SETS[name] for name in names)]
    return table_text(titles, rows, _method_notes(result))


def _method_notes(result: Result) -> str:
    words = [run["raw_words"] for run in result["runs"].values()]
    gensim = ["gensim"] if any("gensim" in name for name in result["runs"]) else []
    notes = (
        f"d=100, window 5, 5 negatives, sample 0.001, one run with seed 1 on {result['threads']} "
        f"threads; {machine(result, 'skipgram', *gensim, 'numba', 'numpy')}. "
        f"The text is {max(words) / 1e6:.1f} M words of English Wikipedia, 5 epochs. The small "
        f"text is its first 20 MB ({min(words) / 1e6:.1f} M words), 10,000 words, 1 epoch. Seconds "
        "are from the text to the vectors, including compilation. Scores are Spearman x 100 and "
        "the percentage of correct analogies."
    )
    rates = [
        f"{name} {run['effective_words'] / run['training_seconds'] / 1e3:,.1f} k"
        for name, run in result["runs"].items()
        if run["options"].get("objective") == "softmax" and "effective_words" in run
    ]
    if rates:
        notes += f" Centre words per second, after subsampling: {'; '.join(rates)}."
    return notes


# What gives better vectors


def leads(result: Result) -> str:
    """Return the table of changes to the options: what each adds to the scores and to the time."""
    runs: dict[tuple[str, str], list[Run]] = {}
    for run in result["runs"]:
        runs.setdefault((json.dumps(run["change"]), run["text"]), []).append(run)
    rows = []
    for (change, text), changed in runs.items():
        base = runs[_NO_CHANGE, text]
        before = _scores(base, "input")
        if change == _NO_CHANGE:
            rows.append(["**no change**", text, *(f"{score:.1f}" for score in before), "1.0"])
            which, named = "average", "input and output vectors averaged"
        else:
            pairs = json.loads(change).items()
            which, named = "input", ", ".join(f"{name} {value}" for name, value in pairs)
        after = _scores(changed, which)
        gains = [f"{new - old:+.1f}" for old, new in zip(before, after, strict=True)]
        time = middle(changed, "cpu_seconds") / middle(base, "cpu_seconds")
        rows.append([named, text, *gains, f"{time:.1f}"])
    titles = ["change", "text", "mean", *SETS.values(), "time"]
    return table_text(titles, rows, _lead_notes(result))


def postprocessed(result: Result) -> str:
    """Return the table of vectors without their mean and their largest components."""
    rows = []
    for (_text, preset, size), runs in runs_by(result, "text", "preset", "vector_size").items():
        before = mean_scores([run["scores"]["as trained"] for run in runs])
        which = f"{runs[0]['raw_words'] / 1e6:.1f} M words, d={size}, {preset}"
        for kind in runs[0]["scores"]:
            after = mean_scores([run["scores"][kind] for run in runs])
            gains = [f"{new - old:+.1f}" for old, new in zip(before, after, strict=True)]
            shown = [f"{score:.1f}" for score in before] if kind == "as trained" else gains
            rows.append([which, kind, *shown])
    notes = (
        f"Scores of vectors as trained, and differences; means of "
        f"{max(run['seed'] for run in result['runs'])} seeds. {corpus_name(result)}, "
        f"{result['threads']} threads; {machine(result, 'skipgram', 'numba', 'numpy')}."
    )
    return table_text(["text", "vectors", "mean", *SETS.values()], rows, notes)


_NO_CHANGE = json.dumps({})


def _scores(runs: list[Run], which: str) -> list[float]:
    return mean_scores([run["scores"][which] for run in runs])


def _lead_notes(result: Result) -> str:
    base, runs = result["base"], result["runs"]
    words = {run["text"]: (run["raw_words"] / 1e6, run["epochs"]) for run in runs}
    texts = ", ".join(f"{text}: {n:.1f} M words, {e} epochs" for text, (n, e) in words.items())
    return (
        f"Scores without a change, and differences with one; means of "
        f"{max(run['seed'] for run in runs)} seeds. {corpus_name(result)} ({texts}), "
        f"d={base['vector_size']}, alpha {base['alpha']}, sample {base['sample']}, window 5, 5 "
        f"negatives, min-count 5, {base['threads']} threads. Time is CPU time in relation to that "
        "without a change. With another min-count, Rare Words covers other pairs, so its scores "
        f"cannot be compared. {machine(result, 'skipgram', 'numba', 'numpy')}."
    )
