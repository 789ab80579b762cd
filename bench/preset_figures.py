"""The table and the picture of the presets: scores and seconds, beside gensim's."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import mean
from typing import Any, NamedTuple

from table_format import (
    SETS,
    Result,
    Run,
    corpus_name,
    machine,
    mean_scores,
    middle,
    runs_by,
    table_text,
)

REFERENCE = "gensim, 5 epochs"
"""Times are given in relation to this training."""

WIDTH, HEIGHT = 720, 400
LEFT, RIGHT = 60, 20
TOP, BOTTOM = 20, 50
NEAR = 24
"""Points with less than this between them have their names above and below."""
TICKS = [n * 10**power for power in range(-3, 5) for n in (1, 2, 5)]
STYLE = """
  text { font: 13px sans-serif; fill: #333 }
  .axis { stroke: #999; stroke-width: 1 }
  .grid { stroke: #999; stroke-opacity: 0.25 }
  .gensim { stroke: #b0541e; fill: #b0541e }
  .skipgram { stroke: #1668b8; fill: #1668b8 }
  polyline { fill: none !important; stroke-width: 2 }
  @media (prefers-color-scheme: dark) {
    text { fill: #ccc }
    .gensim { stroke: #e8935f; fill: #e8935f }
    .skipgram { stroke: #6fb1f0; fill: #6fb1f0 }
  }
"""


Scale = Callable[[float], float]
"""Gives the place of a figure in the picture."""


class Point(NamedTuple):
    """One training: the median of its seconds, and the mean of its scores over all sets."""

    name: str
    seconds: float
    score: float


FIRST_EPOCH = "gensim, 1 epoch"
EQUAL_RATES = ["skipgram, 1 epoch at gensim's rate", "the same, negatives per window"]
"""The trainings of `presets.py` that are compared with gensim's first epoch."""


def presets(result: Result) -> str:
    """Return the table of gensim and of the presets, by text and vector size."""
    return _table(result, _groups(result, without=EQUAL_RATES), REFERENCE)


def one_epoch(result: Result) -> str:
    """Return the table of one epoch at equal rates."""
    groups = _groups(result, without=())
    shown = {key: groups[key] for key in groups if key[2] in (FIRST_EPOCH, *EQUAL_RATES)}
    return _table(result, shown, FIRST_EPOCH) if shown else "Not measured yet."


def known_groups(result: Result) -> str:
    """Return the table of walks and sessions: the share of nearest words of the own group."""
    rows = []
    for (text, name), runs in runs_by(result, "text", "program").items():
        shares = [run["own_group"] for run in runs]
        figures = [f"{middle(runs, 'total_seconds'):.1f} s", f"{mean(shares):.1f}"]
        words = f"{text}, {runs[0]['raw_words'] / 1e6:.1f} M words"
        rows.append([words, name, *figures, f"{min(shares):.1f} to {max(shares):.1f}"])
    titles = ["text", "training", "text to saved vectors", "own group, %", "of single seeds"]
    notes = (
        "Share of the ten nearest vectors that belong to the own group. d=100, window 5, 1 thread. "
        "Seconds are medians and shares are means of alternating runs, one for each of "
        f"{max(run['seed'] for run in result['runs'])} seeds. "
        f"{machine(result, 'skipgram', 'gensim', 'numba', 'numpy')}."
    )
    return table_text(titles, rows, notes)


Groups = dict[tuple[str, int, str], list[Run]]
"""Runs by text, vector size and name of the training."""


def _groups(result: Result, without: Sequence[str]) -> Groups:
    """Return the runs in the order of tables: by text and size, gensim first, then by seconds."""
    groups: Groups = runs_by(result, "text", "vector_size", "program")

    def order(key: tuple[str, int, str]) -> tuple[Any, ...]:
        return (*key[:2], not key[2].startswith("gensim"), middle(groups[key], "total_seconds"))

    return {key: groups[key] for key in sorted(groups, key=order) if key[2] not in without}


def _table(result: Result, groups: Groups, reference: str) -> str:
    rows = []
    for (text, size, name), runs in groups.items():
        base = groups.get((text, size, reference))
        seconds = middle(runs, "total_seconds")
        ratio = f"{seconds / middle(base, 'total_seconds'):.2f}" if base else ""
        scores = mean_scores([run["scores"] for run in runs])
        which = f"{runs[0]['raw_words'] / 1e6:.1f} M words, d={size}"
        rows.append([which, name, f"{seconds:.1f} s", ratio, *(f"{each:.1f}" for each in scores)])
    titles = ["text", "training", "text to saved vectors", "time", "mean", *SETS.values()]
    seeds = {len(runs) for runs in groups.values()}
    return table_text(titles, rows, _notes(result, seeds, reference))


def _notes(result: Result, seeds: set[int], reference: str) -> str:
    how_many = f"{min(seeds)} to {max(seeds)}" if len(seeds) > 1 else f"{max(seeds)}"
    return (
        f"{corpus_name(result)}, window 5, min-count 5, "
        f"{result['runs'][0]['threads']} threads. Seconds are medians and scores are means of "
        f"{how_many} alternating runs, one seed each. Time is in relation to {reference}. "
        f"{machine(result, 'skipgram', 'gensim', 'numba', 'numpy')}."
    )


def points(result: Result, text: str, size: int) -> dict[str, list[Point]]:
    """Return the trainings of each program on a text, by score."""
    lines: dict[str, list[Point]] = {"gensim": [], "skipgram": []}
    groups = _groups(result, without=EQUAL_RATES)
    for (each, vector_size, name), runs in groups.items():
        if (each, vector_size) == (text, size):
            score = mean_scores([run["scores"] for run in runs])[0]
            point = Point(name, middle(runs, "total_seconds"), score)
            lines["gensim" if name.startswith("gensim") else "skipgram"].append(point)
    return {name: sorted(line, key=lambda point: point.score) for name, line in lines.items()}


def picture(result: Result, text: str = "whole", size: int = 100) -> str:
    """Return the picture of the trainings on a text: seconds to the right, scores upwards."""
    lines = points(result, text, size)
    shown = [point for line in lines.values() for point in line]
    low, high = math.floor(min(p.score for p in shown) - 1), math.ceil(max(p.score for p in shown))
    first = max(tick for tick in TICKS if tick <= min(p.seconds for p in shown))
    last = min(tick for tick in TICKS if tick >= max(p.seconds for p in shown))

    def x(seconds: float) -> float:
        share = math.log(seconds / first) / math.log(last / first)
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(score: float) -> float:
        return TOP + (high - score) / (high - low) * (HEIGHT - TOP - BOTTOM)

    body = [*_axes(first, last, x), *_levels(low, high, y)]
    for name, line in lines.items():
        places = [(x(point.seconds), y(point.score)) for point in line]
        body.append(_line(name, places))
        before = float(HEIGHT + NEAR)
        for point, (right, down) in zip(line, places, strict=True):
            circle = f'<circle class="{name}" cx="{right:.1f}" cy="{down:.1f}" r="4"/>'
            body += [circle, _label(name, point, right, down, is_above=before - down < NEAR)]
            before = down
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">\n'
        "<title>Mean score over seven sets against the seconds of the training</title>\n"
        f"<style>{STYLE}</style>\n" + "\n".join(body) + "\n</svg>\n"
    )


def _label(program: str, point: Point, right: float, down: float, *, is_above: bool) -> str:
    """Return the name of a training: below its point, or above and before it near the edge."""
    name = point.name.replace("preset", program)
    aside, lower, anchor = (-8, -6, "end") if right > 0.8 * WIDTH else (8, 16, "start")
    lower = -8 if is_above else lower
    place = f'x="{right + aside:.1f}" y="{down + lower:.1f}" text-anchor="{anchor}"'
    return f"<text {place}>{name}</text>"


def _line(name: str, places: Sequence[tuple[float, float]]) -> str:
    along = " ".join(f"{right:.1f},{down:.1f}" for right, down in places)
    return f'<polyline class="{name}" points="{along}"/>'


def _axes(first: float, last: float, x: Scale) -> list[str]:
    """Return the axis of the seconds, with its numbers."""
    bottom = HEIGHT - BOTTOM
    shown = [
        f'<line class="axis" x1="{LEFT}" y1="{bottom}" x2="{WIDTH - RIGHT}" y2="{bottom}"/>',
        f'<text x="{(LEFT + WIDTH) / 2}" y="{HEIGHT - 8}" text-anchor="middle">'
        "seconds from the text to saved vectors</text>",
    ]
    for tick in TICKS:
        if first <= tick <= last:
            place = f'x="{x(tick):.1f}" y="{bottom + 18}"'
            shown.append(f'<text {place} text-anchor="middle">{tick}</text>')
    return shown


def _levels(low: int, high: int, y: Scale) -> list[str]:
    """Return the lines of equal score, with their numbers."""
    shown = [
        f'<text transform="translate(16 {HEIGHT / 2 - 15}) rotate(-90)" text-anchor="middle">'
        "mean score, seven sets</text>"
    ]
    for score in range(low, high + 1, max(1, (high - low) // 8)):
        down = f"{y(score):.1f}"
        shown += [
            f'<line class="grid" x1="{LEFT}" y1="{down}" x2="{WIDTH - RIGHT}" y2="{down}"/>',
            f'<text x="{LEFT - 8}" y="{y(score) + 4:.1f}" text-anchor="end">{score}</text>',
        ]
    return shown
