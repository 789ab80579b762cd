"""Tables of single tasks: queries, phrases, files, growth, limited memory, and the CPU's peak."""

from __future__ import annotations

from statistics import median

from table_format import (
    Result,
    Run,
    corpus_name,
    machine,
    megabytes,
    middle,
    millions,
    rounds,
    runs_by,
    seconds_text,
    table_text,
)

# Nearest words, phrases, loading


def questions(result: Result) -> str:
    """Return the table of searches: gensim, skipgram and the bare product."""
    runs = runs_by(result, "name")
    seconds = {
        name: median(1000 * run["seconds"] / run["questions"] for run in some)
        for name, some in runs.items()
    }
    bare = "product in one piece" if "product in one piece" in seconds else "product in blocks"
    rows = [
        [name, f"{own:.2f} s", f"{seconds['gensim'] / own:.1f}x", f"{own / seconds[bare]:.2f}"]
        for name, own in seconds.items()
    ]
    asked = f"{result['questions']:,} queries each"
    if result["compared"] < result["questions"]:
        asked += f" (gensim: {result['compared']:,})"
    notes = (
        f"The {result['topn']} nearest of {result['words']:,} words, d={result['vector_size']}, "
        f"random vectors. Medians of {len(runs['gensim'])} alternating rounds of {asked}; blocks "
        f"have {result['block']:,} words, as in skipgram's batches. All programs gave the same "
        f"answers to {result['compared']:,} queries, with cosines that differ by at most "
        f"{result['largest_difference']:.0e}. {machine(result, 'skipgram', 'gensim', 'numpy')}."
    )
    return table_text(["", "1,000 queries", "speed vs. gensim", f"time vs. {bare}"], rows, notes)


def phrases(result: Result) -> str:
    """Return the table of joining phrases: gensim and skipgram."""
    runs, size = runs_by(result, "program"), result["corpus"]["bytes"]
    seconds = {name: middle(some, "total_seconds") for name, some in runs.items()}
    fastest = min(own for name, own in seconds.items() if name.startswith("gensim"))
    rows = [
        [
            name,
            seconds_text(own),
            f"{size / own / 1e6:.1f} MB/s",
            f"{fastest / own:.1f}x",
            megabytes(middle(runs[name], "peak_bytes")),
        ]
        for name, own in seconds.items()
    ]
    options, difference = result["options"], result["largest_difference"]
    scores = f"scores that differ by at most {difference:.0e}" if difference else "scores"
    notes = (
        f"{megabytes(size)} of {corpus_name(result)}, {result['phrases']:,} phrases of two words; "
        f"min-count {options['min_count']}, threshold {options['threshold']:g}. Medians of "
        f"{rounds(result)} alternating rounds; each run is a separate process, timed from start "
        "to end. All programs wrote the same text, byte by byte, and found the same phrases with "
        f"the same counts and {scores}. "
        f"{machine(result, 'skipgram', 'gensim', 'numba', 'numpy')}."
    )
    titles = ["", "total time", "speed", "speed vs. gensim's fastest", "peak memory"]
    return table_text(titles, rows, notes)


def loading(result: Result) -> str:
    """Return the table of loading word2vec files: gensim and skipgram."""
    runs, rows = runs_by(result, "format", "program"), []
    for format_, words in result["words"].items():
        gensim, skipgram = (
            middle(runs[format_, name], "seconds") for name in ("gensim", "skipgram")
        )
        size, ratio = megabytes(result["bytes"][format_]), f"{gensim / skipgram:.1f}x"
        rows.append(
            [format_, f"{words:,}", size, f"{gensim:.2f} s", f"**{skipgram:.2f} s**", ratio]
        )
    notes = (
        f"d={result['vector_size']}, random vectors. Medians of {rounds(result)} alternating "
        "rounds; the files are in the system's cache. "
        f"{machine(result, 'skipgram', 'gensim', 'numpy')}."
    )
    return table_text(["file", "words", "file size", "gensim", "skipgram", "ratio"], rows, notes)


# Growth, sources, memory


def growth(result: Result) -> str:
    """Return the tables of growing vocabularies and of growing texts."""
    runs, options = runs_by(result, "vocabulary", "words"), result["options"]
    threads = sorted({run["threads"] for run in result["runs"]})
    speeds = [f"raw words/s, {n} thread{'s' * (n > 1)}" for n in threads]
    titles = [
        *speeds,
        f"ns per pair, {threads[0]} thread",
        "kept by subsampling",
        f"text to ids, {threads[-1]} threads",
        "peak memory",
    ]

    def figures(size: list[int]) -> list[str]:
        return _growth_figures(runs[tuple(size)], size[1] * options["epochs"], threads)

    row_bytes = 4 * -(-options["vector_size"] // 16) * 16  # padded to whole cache lines
    vocabularies = [
        [f"{v:,}", megabytes(2 * v * row_bytes), *figures([v, n])]
        for v, n in result["vocabulary_rows"]
    ]
    texts = [
        [f"{n:,}", megabytes(runs[v, n][0]["bytes"]), *figures([v, n])]
        for v, n in result["text_rows"]
    ]
    notes = (
        f"d={options['vector_size']}, {options['epochs']} epochs, min-count "
        f"{options['min_count']}, other options at their defaults. The first table has texts of "
        f"{result['vocabulary_rows'][0][1] / 1e6:.1f} M words, the second a vocabulary of "
        f"{result['text_rows'][0][0]:,} words. Words follow Zipf's law in random order. Medians "
        f"of {rounds(result)} alternating rounds; each training run is a separate process. Peak "
        f"memory is with {threads[-1]} threads. {machine(result, 'skipgram', 'numba', 'numpy')}."
    )
    first = table_text(["vocabulary", "both matrices", *titles], vocabularies, "")
    return f"{first}\n\n{table_text(['words in the text', 'text', *titles], texts, notes)}"


def _growth_figures(runs: list[Run], trained: int, threads: list[int]) -> list[str]:
    """Return the figures of one size; `trained` is the number of raw words in all epochs."""
    by_threads = {n: [run for run in runs if run["threads"] == n] for n in threads}
    first, last = by_threads[threads[0]], by_threads[threads[-1]]
    speeds = [millions(trained / middle(own, "training_seconds")) for own in by_threads.values()]
    return [
        *speeds,
        f"{1e9 * median(run['training_seconds'] / run['pairs'] for run in first):.1f}",
        f"{middle(first, 'effective_words') / trained:.0%}",
        f"{last[0]['bytes'] / middle(last, 'scan_seconds') / 1e6:.0f} MB/s",
        megabytes(middle(last, "peak_bytes")),
    ]


def sources(result: Result) -> str:
    """Return the table of reading the same text from every kind of file."""
    size = result["corpus"]["bytes"]
    seconds = {kind: median(some) for kind, some in result["seconds"].items()}
    rows = [
        [
            kind,
            megabytes(result["sizes"][kind]),
            f"{megabytes(size / each)}/s",
            f"{seconds['plain'] / each:.2f}",
        ]
        for kind, each in seconds.items()
    ]
    notes = (
        f"Medians of {len(result['seconds']['plain'])} alternating rounds, {result['threads']} "
        f"threads; the speed is in MB of uncompressed text ({megabytes(size)}). "
        f"{machine(result, 'skipgram', 'numba')}."
    )
    return table_text(["", "file size", "text to ids", "speed vs. plain text"], rows, notes)


def memory_limit(result: Result) -> str:
    """Return the table of training on a text much larger than memory."""
    titles = [
        "memory limit",
        "text",
        "words",
        "vocabulary",
        "text to ids",
        "training, 1 epoch",
    ]
    figures = [
        megabytes(result["limit"]),
        f"{megabytes(result['bytes'])} ({result['bytes'] / result['limit']:.0f}x the limit)",
        f"{result['raw_words']:,}",
        f"{result['vocabulary_size']:,}",
        f"{result['scan_seconds']:.0f} s",
        f"{result['training_seconds']:.0f} s",
    ]
    corpus = result["corpus"]
    notes = (
        f"d={result['vector_size']}, one run; the text is {corpus['copies']} copies of "
        f"{corpus['name']}. {machine(result, 'skipgram', 'numba')}."
    )
    return table_text(titles, [figures], notes)


# The CPU's peak


def roofline(result: Result) -> str:
    """Return the table of the share of the CPU's peak, and of the speed-up of a second thread."""
    peak = max(result["peaks"])
    rows = [_roofline_row(case, peak) for case in result["cases"]]
    notes = (
        f"Peak of a core: {peak / 1e9:.0f} GFLOP/s, multiply-adds in registers, the best of "
        f"{len(result['peaks'])} rounds. Other figures are medians of {len(result['peaks'])} "
        f"alternating rounds, 1 epoch on {megabytes(result['corpus']['bytes'])} of "
        f"{corpus_name(result)}. Words per second count only the words that subsampling keeps. "
        f"{machine(result, 'skipgram', 'numba', 'numpy')}."
    )
    titles = [
        "d",
        "vocabulary",
        "words/s, 1 thread",
        "GFLOP/s",
        "share of peak",
        "speed-up of 2 threads",
        "rows per group",
        "useful",
    ]
    return table_text(titles, rows, notes)


def _roofline_row(case: Result, peak: float) -> list[str]:
    """Return one row; `peak` is in operations per second."""
    counts, flops = case["counts"], sustained(case)
    seconds = _seconds_by_threads(case)
    inputs, outputs = (counts[side] / counts["groups"] for side in ("inputs", "outputs"))
    return [
        f"{case['vector_size']}",
        f"{case['vocabulary']:,} words ({case['words']})",
        millions(counts["words"] / seconds[1]),
        f"{flops / 1e9:.1f}",
        f"{flops / peak:.0%}",
        f"{seconds[1] / seconds[2]:.2f}x" if 2 in seconds else "",
        f"{inputs:.1f} x {outputs:.1f}",
        f"{counts['weighted'] / counts['numbers']:.0%}",
    ]


def sustained(case: Result) -> float:
    """Return the floating-point operations a second of one thread in a case of `roofline.py`."""
    operations = 3 * 2 * case["vector_size"] * case["counts"]["numbers"]
    return float(operations / _seconds_by_threads(case)[1])


def _seconds_by_threads(case: Result) -> dict[int, float]:
    runs = runs_by(case, "threads")
    return {n: middle(runs[n], "training_seconds") for n in sorted(runs)}
