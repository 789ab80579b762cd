"""Tables of measured figures, from the JSON files in bench/results into the documents.

    python bench/tables.py            write them
    python bench/tables.py --check    fail where a document says something else

A document holds a table between `<!-- measured: NAME -->` and `<!-- end -->`; `TABLES` says what makes which.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import mean, median, stdev
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results"
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "docs" / "how-skip-gram-works.md",
    ROOT / "docs" / "benchmarks.md",
]

SETS = {
    "men3000": "MEN",
    "wordsim353": "WordSim-353",
    "simlex999": "SimLex-999",
    "mturk771": "MTurk-771",
    "rarewords": "Rare Words",
    "rg65": "RG-65",
    "questions-words": "analogies, % right",
}

Runs = dict[tuple[str, int], list[dict[str, Any]]]


def read_runs(result: dict[str, Any]) -> Runs:
    """Return the runs of one result by program and vector size, without the cold starts."""
    runs: Runs = {}
    for run in result["runs"]:
        if run["cold"]:
            continue
        runs.setdefault((run["program"], run["vector_size"]), []).append(run)
    return runs


def middle(runs: list[dict[str, Any]], figure: str) -> float:
    """Return the median of one figure."""
    return float(median(run[figure] for run in runs))


def compiling(result: dict[str, Any], vector_size: int) -> float:
    """Return how many seconds longer the first start of skipgram took than the next, its training apart."""
    cold, warm = (
        next(
            run["total_seconds"] - run["training_seconds"]
            for run in result["runs"]
            if (run["program"], run["vector_size"], run["cold"]) == ("skipgram", vector_size, first)
        )
        for first in (True, False)
    )
    return float(cold - warm)


def row(name: str, ours: float, theirs: float, text: Callable[[float], str], ratio: str) -> str:
    """Return one line of the table, the better figure in bold."""
    cells = [text(ours), text(theirs)]
    better = 0 if (ours < theirs if ratio == "less" else ours > theirs) else 1
    if cells[0] != cells[1]:
        cells[better] = f"**{cells[better]}**"
    share = {
        "more": f"{ours / theirs:.1f}x",
        "less": f"{theirs / ours:.1f}x",
        "points": f"{ours - theirs:+.1f}",
    }[ratio]
    return f"| {name} | {cells[0]} | {cells[1]} | {share} |"


def machine(result: dict[str, Any], *programs: str) -> str:
    """Say in one line on what and with which versions of the programs a result was measured."""
    hardware, versions = result["hardware"], result["versions"]
    where = f"{hardware['cpu']}, {hardware['cores']} cores, Python {hardware['python']}"
    named = [f"{name} {versions[name]}" for name in programs]
    blas = (
        [hardware["blas"]] if "blas" in hardware else []
    )  # not in results measured before it was noted
    return ", ".join([where, *named, *blas])


def describe(result: dict[str, Any], *programs: str) -> str:
    """Say in one line what was measured on what, with which versions of the programs."""
    corpus, options = result["corpus"], result["options"]
    words = result["runs"][0]["raw_words"]
    name = "English Wikipedia" if corpus["name"] == "wiki17m.txt" else corpus["name"]
    return (
        f"{words / 1e6:.1f} M words ({corpus['bytes'] / 1e6:.0f} MB) of {name}, window {options['window']}, "
        f"{options['negative']} negatives, sample {options['sample']}, min-count {options['min_count']}, "
        f"{result['runs'][0]['threads']} threads; {machine(result, *programs)}"
    )


def compared(results: dict[str, dict[str, Any]]) -> str:
    """The table of the README: skipgram beside gensim's `corpus_file`."""
    large, result = results["wiki17m-d300"], results["wiki17m-d100"]
    ours, theirs = (read_runs(result)[program, 100] for program in ("skipgram", "gensim"))
    ours_300, theirs_300 = (read_runs(large)[program, 300] for program in ("skipgram", "gensim"))
    speed, seconds = (lambda x: f"{x / 1e6:.2f} M"), (lambda x: f"{x:.1f} s")
    epochs, rate = ours[0]["epochs"], "raw_words_per_second"
    lines = ["| | skipgram | gensim | |", "|---|---|---|---|"]
    lines.append(
        row("training, d=100, raw words/s", middle(ours, rate), middle(theirs, rate), speed, "more")
    )
    lines.append(
        row(
            "training, d=300, raw words/s",
            middle(ours_300, rate),
            middle(theirs_300, rate),
            speed,
            "more",
        )
    )
    total, their_total = (middle(runs, "total_seconds") for runs in (ours, theirs))
    task = f"text to saved vectors, d=100, {epochs} epochs"
    lines.append(row(task, total, their_total, seconds, "less"))
    scan, their_scan = (
        result["corpus"]["bytes"] / middle(runs, "scan_seconds") / 1e6 for runs in (ours, theirs)
    )
    lines.append(row("reading the text", scan, their_scan, lambda x: f"{x:.0f} MB/s", "more"))
    lines.append(
        f"| compiling, at the first start on a machine | {compiling(result, 100):.1f} s | **none** | |"
    )
    peak, their_peak = (middle(runs, "peak_bytes") / 1e6 for runs in (ours, theirs))
    lines.append(row("peak memory, d=100", peak, their_peak, lambda x: f"{x:.0f} MB", "less"))
    for name, title in SETS.items():
        score, their_score = (mean(run["scores"][name] for run in runs) for runs in (ours, theirs))
        lines.append(row(title, score, their_score, lambda x: f"{x:.1f}", "points"))
    notes = (
        f"Medians (scores: means) of {len(ours)} runs in turn with {len(ours)} seeds; d=300: {ours_300[0]['epochs']} epoch. "
        "Training is the training phase, its words those of the text (gensim's log counts what subsampling left); reading the "
        "text makes gensim's vocabulary and start vectors, and skipgram's vocabulary and ids. Scores are Spearman x 100. "
        f"{describe(result, 'skipgram', 'gensim', 'numba', 'numpy')}."
    )
    return "\n".join([*lines, "", notes])


def cells(
    values: list[float | None], text: Callable[[float], str], better: Callable[[list[float]], float]
) -> list[str]:
    """Return one figure of several programs as text, the best in bold, what is not known empty."""
    known = [value for value in values if value is not None]
    best = text(better(known)) if known else None
    texts = ["" if value is None else text(value) for value in values]
    return [f"**{cell}**" if cell == best else cell for cell in texts]


def score_cells(scores: list[list[float]]) -> list[str]:
    """Return the means of each program's scores as text, with the standard deviation where there are several."""
    means = cells([mean(some) if some else None for some in scores], lambda x: f"{x:.1f}", max)
    return [
        f"{cell} ± {stdev(some):.1f}" if len(some) > 1 else cell
        for cell, some in zip(means, scores, strict=True)
    ]


def beside(runs: Runs, vector_size: int) -> str:
    """The table of all programs at one vector size."""
    of = {program: some for (program, size), some in runs.items() if size == vector_size}
    names = list(
        dict.fromkeys(name for some in of.values() for run in some for name in run["scores"])
    )
    names.sort(key=lambda name: [*SETS, *names].index(name))
    figures: list[tuple[str, str, Callable[[float], str], Callable[[list[float]], float]]] = [
        ("training, raw words/s", "raw_words_per_second", lambda x: f"{x / 1e6:.2f} M", max),
        ("text to saved vectors", "total_seconds", lambda x: f"{x:.1f} s", min),
        ("peak memory", "peak_bytes", lambda x: f"{x / 1e6:.0f} MB", min),
    ]
    columns = {"program": list(of)}
    for title, figure, text, better in figures:
        known = [None if some[0][figure] is None else middle(some, figure) for some in of.values()]
        columns[title] = cells(known, text, better)
    for name in names:
        scores = [
            [run["scores"][name] for run in some if run["scores"][name] is not None]
            for some in of.values()
        ]
        columns[SETS.get(name, name)] = score_cells(scores)
    lines = [list(columns), ["---"] * len(columns), *zip(*columns.values(), strict=True)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def programs(result: dict[str, Any]) -> str:
    """All programs of one result, a table for each vector size."""
    runs, parts = read_runs(result), []
    for vector_size in dict.fromkeys(size for _, size in runs):
        some = [some for (_, size), some in runs.items() if size == vector_size]
        notes = f"d={vector_size}, epochs: {some[0][0]['epochs']}, runs of each program with a seed each: {len(some[0])}."
        if ("skipgram", vector_size) in runs:
            seconds = compiling(result, vector_size)
            notes += f" At its first start on a machine skipgram compiles: {seconds:.1f} s more."
        parts += [beside(runs, vector_size), f"{notes} {describe(result, *result['versions'])}."]
    return "\n\n".join(parts)


def methods(results: dict[str, dict[str, Any]]) -> str:
    """The table of all methods: what each takes and how good its vectors are."""
    result = results["methods"]
    names = [name for name in SETS if name != "questions-words"] + ["questions-words"]
    titles = ["method", "seconds", "raw words/s", *(SETS[name] for name in names)]
    lines = [f"| {' | '.join(titles)} |", "|" + "---|" * len(titles)]
    for method, run in result["runs"].items():
        speed = run["raw_words_per_second"]
        cells = [method, f"{run['seconds']:.1f}", "" if speed is None else f"{speed / 1e3:,.0f} k"]
        scores = [run["scores"][name] for name in names]
        cells += ["" if score is None else f"{score:.1f}" for score in scores]
        lines.append(f"| {' | '.join(cells)} |")
    words = [run["raw_words"] for run in result["runs"].values()]
    gensim = ["gensim"] if any("gensim" in name for name in result["runs"]) else []
    notes = (
        f"d=100, window 5, 5 negatives, sample 0.001, one run with seed 1 on {result['threads']} threads; "
        f"{machine(result, 'skipgram', *gensim, 'numba', 'numpy')}. "
        f"The text is {max(words) / 1e6:.1f} M words of English Wikipedia, 5 epochs; the small text its first 20 MB "
        f"({min(words) / 1e6:.1f} M words), 10,000 words, 1 epoch. Seconds are from the text to the vectors, compiling "
        "included; scores are Spearman x 100 and % of analogies right."
    )
    rates = [
        f"{name} {run['effective_words'] / run['training_seconds'] / 1e3:,.1f} k"
        for name, run in result["runs"].items()
        if run["options"].get("objective") == "softmax" and "effective_words" in run
    ]
    if rates:
        notes += f" Centre words a second, after subsampling: {'; '.join(rates)}."
    return "\n".join([*lines, "", notes])


def lines_of(titles: list[str], rows: list[list[str]]) -> str:
    """Return a table."""
    return "\n".join(f"| {' | '.join(line)} |" for line in (titles, ["---"] * len(titles), *rows))


def questions(result: dict[str, Any]) -> str:
    """The table of searches: gensim, skipgram and the bare product."""
    runs: dict[str, list[float]] = {}
    for run in result["runs"]:
        runs.setdefault(run["name"], []).append(1000 * run["seconds"] / run["questions"])
    seconds = {name: median(some) for name, some in runs.items()}
    bare = "product in one piece" if "product in one piece" in seconds else "product in blocks"
    rows = [
        [name, f"{own:.2f} s", f"{seconds['gensim'] / own:.1f}x", f"{own / seconds[bare]:.2f}"]
        for name, own in seconds.items()
    ]
    notes = (
        f"The {result['topn']} nearest of {result['words']:,} words, d={result['vector_size']}, random vectors. Medians of "
        f"{len(runs['gensim'])} rounds in turn, each of {result['questions']:,} questions"
    )
    if result["compared"] < result["questions"]:
        notes += f" (gensim: {result['compared']:,})"
    notes += (
        f"; blocks are of {result['block']:,} words, as in skipgram's batches. Before, all gave the same answers to "
        f"{result['compared']:,} questions, cosines within {result['largest_difference']:.0e}. "
        f"{machine(result, 'skipgram', 'gensim', 'numpy')}."
    )
    titles = ["", "1,000 questions", "as fast as gensim", f"time of the bare {bare}"]
    return f"{lines_of(titles, rows)}\n\n{notes}"


def growth(result: dict[str, Any]) -> str:
    """The tables of growing vocabularies and growing texts: one for each."""
    runs: dict[tuple[int, int], list[dict[str, Any]]] = {}
    for run in result["runs"]:
        runs.setdefault((run["vocabulary"], run["words"]), []).append(run)
    threads = sorted({run["threads"] for run in result["runs"]})
    options = result["options"]
    speeds = [f"raw words/s, {n} thread{'s' * (n > 1)}" for n in threads]
    pair, ids = f"ns a pair, {threads[0]} thread", f"text to ids, {threads[-1]} threads"
    both = [*speeds, pair, "kept by subsampling", ids, "peak memory"]

    def figures(size: list[int]) -> list[str]:
        some = runs[size[0], size[1]]
        of = {n: [run for run in some if run["threads"] == n] for n in threads}
        trained = size[1] * options["epochs"]
        first, last = of[threads[0]], of[threads[-1]]
        return [
            *(f"{trained / middle(own, 'training_seconds') / 1e6:.2f} M" for own in of.values()),
            f"{1e9 * median(run['training_seconds'] / run['pairs'] for run in first):.1f}",
            f"{middle(first, 'effective_words') / trained:.0%}",
            f"{last[0]['bytes'] / middle(last, 'scan_seconds') / 1e6:.0f} MB/s",
            f"{middle(last, 'peak_bytes') / 1e6:,.0f} MB",
        ]

    rows_bytes = (
        2 * 4 * -(-options["vector_size"] // 16) * 16
    )  # rows are padded to whole cache lines
    vocabularies = [
        [f"{v:,}", f"{v * rows_bytes / 1e6:,.0f} MB", *figures([v, n])]
        for v, n in result["vocabulary_rows"]
    ]
    texts = [
        [f"{n:,}", f"{runs[v, n][0]['bytes'] / 1e6:,.0f} MB", *figures([v, n])]
        for v, n in result["text_rows"]
    ]
    notes = (
        f"d={options['vector_size']}, epochs: {options['epochs']}, min-count {options['min_count']}, the rest at its default; "
        f"the vocabulary grows in a text of {result['vocabulary_rows'][0][1] / 1e6:.1f} M words, the text with a vocabulary of "
        f"{result['text_rows'][0][0]:,} words. Words follow Zipf's law in random order. Medians of "
        f"{max(run['round'] for run in result['runs'])} rounds in turn, each training a process of its own; peak memory with "
        f"{threads[-1]} threads. {machine(result, 'skipgram', 'numba', 'numpy')}."
    )
    first = lines_of(["vocabulary", "both matrices", *both], vocabularies)
    return f"{first}\n\n{lines_of(['words of the text', 'text', *both], texts)}\n\n{notes}"


def phrases(result: dict[str, Any]) -> str:
    """The table of phrases: gensim and skipgram from a text to the text with its phrases joined."""
    runs: dict[str, list[dict[str, Any]]] = {}
    for run in result["runs"]:
        runs.setdefault(run["program"], []).append(run)
    seconds = {name: middle(some, "total_seconds") for name, some in runs.items()}
    fastest, size = (
        min(own for name, own in seconds.items() if name.startswith("gensim")),
        result["corpus"]["bytes"],
    )
    rows = [
        [
            name,
            f"{own:.1f} s",
            f"{size / own / 1e6:.1f} MB/s",
            f"{fastest / own:.1f}x",
            f"{middle(runs[name], 'peak_bytes') / 1e6:,.0f} MB",
        ]
        for name, own in seconds.items()
    ]
    name = (
        "English Wikipedia"
        if result["corpus"]["name"] == "wiki17m.txt"
        else result["corpus"]["name"]
    )
    notes = (
        f"{size / 1e6:.0f} MB of {name}, {result['phrases']:,} phrases of two words; "
        f"min-count {result['options']['min_count']}, threshold {result['options']['threshold']:g}. Medians of "
        f"{max(run['round'] for run in result['runs'])} rounds in turn, each run a process of its own, from start to end. "
        "Before, all wrote the same text, byte by byte, and found the same phrases with the same counts, scores within "
        f"{result['largest_difference']:.0e} of each other. {machine(result, 'skipgram', 'gensim', 'numba', 'numpy')}."
    )
    titles = [
        "",
        "text to joined text",
        "of the text",
        "as fast as gensim's fastest",
        "peak memory",
    ]
    return f"{lines_of(titles, rows)}\n\n{notes}"


def roofline(result: dict[str, Any]) -> str:
    """The table of the share of the CPU's peak, and of the second thread."""
    rows, peak = [], max(result["peaks"])
    for case in result["cases"]:
        counts = case["counts"]
        seconds = {
            n: median(run["training_seconds"] for run in case["runs"] if run["threads"] == n)
            for n in sorted({run["threads"] for run in case["runs"]})
        }
        flops = 3 * 2 * case["vector_size"] * counts["numbers"] / seconds[1]
        rows.append(
            [
                f"{case['vector_size']}",
                f"{case['vocabulary']:,}, {case['words']}",
                f"{counts['words'] / seconds[1] / 1e6:.2f} M",
                f"{flops / 1e9:.1f}",
                f"{flops / peak:.0%}",
                f"{seconds[1] / seconds[2]:.2f}x" if 2 in seconds else "",
                f"{counts['inputs'] / counts['groups']:.1f} x {counts['outputs'] / counts['groups']:.1f}",
                f"{counts['weighted'] / counts['numbers']:.0%}",
            ]
        )
    name = (
        "English Wikipedia"
        if result["corpus"]["name"] == "wiki17m.txt"
        else result["corpus"]["name"]
    )
    notes = (
        f"Peak of a core: {peak / 1e9:.0f} GFLOP/s, multiply-adds in registers, the best of {len(result['peaks'])} rounds. "
        f"Medians of as many rounds in turn, 1 epoch on {result['corpus']['bytes'] / 1e6:.0f} MB of {name}; words a second are "
        f"those that subsampling keeps. {machine(result, 'skipgram', 'numba', 'numpy')}."
    )
    titles = [
        "d",
        "vocabulary",
        "words/s, 1 thread",
        "GFLOP/s",
        "of the peak",
        "2 threads",
        "rows of a group",
        "of weight",
    ]
    return f"{lines_of(titles, rows)}\n\n{notes}"


def sources(result: dict[str, Any]) -> str:
    """Return the table of the same text in every kind of file."""
    size, seconds = (
        result["corpus"]["bytes"],
        {kind: median(some) for kind, some in result["seconds"].items()},
    )
    rows = [
        [
            kind,
            f"{result['sizes'][kind] / 1e6:,.0f} MB",
            f"{size / each / 1e6:,.0f} MB/s",
            f"{seconds['plain'] / each:.2f}",
        ]
        for kind, each in seconds.items()
    ]
    notes = (
        f"Medians of {len(result['seconds']['plain'])} rounds in turn, {result['threads']} threads; the speed is that of the "
        f"{size / 1e6:,.0f} MB of text. {machine(result, 'skipgram', 'numba')}."
    )
    return (
        f"{lines_of(['', 'file', 'text to ids', 'of the speed from plain text'], rows)}\n\n{notes}"
    )


def memory_limit(result: dict[str, Any]) -> str:
    """Return the table of the training on a text much larger than memory."""
    times = result["bytes"] / result["limit"]
    titles = [
        "memory it may use",
        "text",
        "words",
        "vocabulary",
        "text to ids",
        "training, 1 epoch",
    ]
    figures = [
        f"{result['limit'] / 1e6:,.0f} MB",
        f"{result['bytes'] / 1e6:,.0f} MB, {times:.0f} times that",
        f"{result['raw_words']:,}",
        f"{result['vocabulary_size']:,}",
        f"{result['scan_seconds']:.0f} s",
        f"{result['training_seconds']:.0f} s",
    ]
    note = (
        f"d={result['vector_size']}, one run; the text is {result['corpus']['name']}, {result['corpus']['copies']} times. "
        f"{machine(result, 'skipgram', 'numba')}."
    )
    return f"{lines_of(titles, [figures])}\n\n{note}"


def loading(result: dict[str, Any]) -> str:
    """Return the table of loading word2vec files: gensim beside skipgram."""
    rows = []
    for format_, words in result["words"].items():
        own = {
            name: median(
                run["seconds"]
                for run in result["runs"]
                if (run["format"], run["program"]) == (format_, name)
            )
            for name in ("gensim", "skipgram")
        }
        size, ratio = f"{result['bytes'][format_] / 1e6:,.0f} MB", own["gensim"] / own["skipgram"]
        rows.append(
            [
                format_,
                f"{words:,}",
                size,
                f"{own['gensim']:.2f} s",
                f"**{own['skipgram']:.2f} s**",
                f"{ratio:.1f}x",
            ]
        )
    notes = (
        f"d={result['vector_size']}, random vectors. Medians of {max(run['round'] for run in result['runs'])} rounds in turn, "
        f"the files in the system's cache. {machine(result, 'skipgram', 'gensim', 'numpy')}."
    )
    return f"{lines_of(['file', 'words', 'bytes', 'gensim', 'skipgram', ''], rows)}\n\n{notes}"


def once_measured(
    name: str, make: Callable[[dict[str, Any]], str]
) -> Callable[[dict[str, dict[str, Any]]], str]:
    """Return the table of one result; a line that says so where it is not there yet."""
    return lambda results: make(results[name]) if name in results else "Not measured yet."


TABLES: dict[str, Callable[[dict[str, dict[str, Any]]], str]] = {
    "compared": compared,
    "methods": methods,
    "programs-d100": lambda results: programs(results["wiki17m-d100"]),
    "programs-d300": lambda results: programs(results["wiki17m-d300"]),
    "programs-one-epoch": once_measured("wiki17m-one-epoch", programs),
    "growth": once_measured("growth", growth),
    "phrases": once_measured("phrases", phrases),
    "questions": once_measured("questions", questions),
    "roofline": once_measured("roofline", roofline),
    "loading": once_measured("loading", loading),
    "sources": once_measured("sources", sources),
    "memory-limit": once_measured("memory-limit", memory_limit),
}


def fill(text: str, results: dict[str, dict[str, Any]]) -> str:
    """Return the document with all its tables made anew."""

    def replace(match: re.Match[str]) -> str:
        return f"{match[1]}\n\n{TABLES[match[2]](results)}\n\n{match[3]}"

    return re.sub(
        r"(<!-- measured: ([\w-]+) -->)\n.*?(<!-- end -->)", replace, text, flags=re.DOTALL
    )


def main() -> None:
    """Write or check the tables of all documents."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail where a table is not up to date"
    )
    given = parser.parse_args()
    results = {path.stem: json.loads(path.read_text()) for path in RESULTS.glob("*.json")}
    for document in DOCUMENTS:
        text = document.read_text()
        new = fill(text, results)
        if given.check and new != text:
            sys.exit(f"{document} is not what bench/results says; run python bench/tables.py")
        if not given.check:
            document.write_text(new)


if __name__ == "__main__":
    main()
