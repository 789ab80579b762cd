"""Pictures of a model and of a training, drawn with matplotlib (extra `explore`).

A `Picture` shows itself in a notebook, and is saved as PNG, SVG or PDF.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skipgram.errors import ConfigError, OutputError
from skipgram.io.atomic import replacing_file
from skipgram.io.optional import import_optional
from skipgram.word_map import EXTRA, principal_components

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator, Sequence
    from types import ModuleType

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Annotation
    from numpy.typing import NDArray

    from skipgram.embeddings import Embeddings, Which
    from skipgram.training.log import Curve
    from skipgram.word_map import WordMap

SUFFIXES = (".png", ".svg", ".pdf")

COLOURS = [
    *("#3366cc", "#c2410c", "#15803d", "#a21caf", "#0e7490", "#b45309"),
    *("#4338ca", "#be123c", "#4d7c0f", "#6d28d9", "#0f766e", "#78716c"),
]
"""Those of the groups on the explorer's page."""

TEXT = "#1b1f24"
SOFT = "#57606a"
LINE = "#d4d9df"

MOST_LABELS = 150
_SMALLEST_AREA, _LARGEST_AREA = 6.0, 140.0
"""Areas of points, in square points."""

_LEAST_PAIRS = 2

_ON = ((0.0, 0.0),)
_ABOVE = ((0.0, 4.0),)
_BESIDE = ((0.0, 5.0), (0.0, -5.0), (6.0, 0.0), (-6.0, 0.0), (6.0, 6.0), (-6.0, -6.0))
"""Where a text may be, in points from its place."""


class Picture:
    """A drawing.

    Args:
        figure: matplotlib's figure.

    Attributes:
        figure: the argument, to change the drawing.
    """

    def __init__(self, figure: Figure) -> None:
        self.figure = figure

    def __repr__(self) -> str:
        return "<Picture: .save(path) saves it as .png, .svg or .pdf>"

    def save(self, path: str | os.PathLike[str]) -> None:
        """Save the picture; the suffix decides how: .png, .svg or .pdf.

        Raises:
            OutputError: the suffix is another one, or the file cannot be written.
        """
        suffix = check_suffix(path)
        content = self._drawn(suffix.removeprefix("."))
        with replacing_file(path, len(content)) as file:
            file.write(content)

    def _drawn(self, kind: str) -> bytes:
        matplotlib = _matplotlib()
        drawn = io.BytesIO()
        # Texts stay texts, in a font of the reader. Nothing in the file depends on the time.
        options = {"svg.fonttype": "none", "svg.hashsalt": "skipgram"}
        metadata = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(kind)
        with matplotlib.rc_context(options), _any_letters():
            self.figure.savefig(drawn, format=kind, dpi=150, metadata=metadata)
        return drawn.getvalue()

    def _repr_png_(self) -> bytes:
        return self._drawn("png")


def check_suffix(path: str | os.PathLike[str]) -> str:
    """Return the suffix of a picture.

    Raises:
        OutputError: it is none of those that can be drawn.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in SUFFIXES:
        raise OutputError(f"cannot draw {path}: its name must end in one of {', '.join(SUFFIXES)}")
    return suffix


def draw_map(found: WordMap, title: str = "") -> Picture:
    """Return a picture of a map: the groups in colours, and the names of as many words as fit.

    Args:
        found: the map.
        title: what is above it.
    """
    figure, (axes,) = _figure(1, (10, 8.5), title)
    axes.set_axis_off()
    axes.set_aspect("equal", adjustable="datalim")
    shares = _shares(found)
    colours = np.array(COLOURS)[found.groups % len(COLOURS)]
    crowd = min(1.0, (2000 / max(1, len(found.words))) ** 0.6)
    areas = crowd * (_SMALLEST_AREA + (_LARGEST_AREA - _SMALLEST_AREA) * shares**3)
    x, y = found.places.T
    # Rare words first, so that frequent ones are on top.
    axes.scatter(x[::-1], y[::-1], areas[::-1], colours[::-1], alpha=0.6, linewidths=0)
    axes.margins(0.04)
    points = zip(found.words, found.places.tolist(), strict=True)
    words = [Label(word, (at[0], at[1]), _ABOVE) for word, at in points]
    _write(axes, [*_names(found), *words])
    return Picture(figure)


def _names(found: WordMap) -> list[Label]:
    """Return the names of the groups, in the middle of their words."""
    if len(found.names) < 2:
        return []
    middles = [
        np.median(found.places[found.groups == group], axis=0) for group in range(len(found.names))
    ]
    return [
        Label(", ".join(words[:2]), (float(x), float(y)), _ON, colour, bold=True)
        for words, (x, y), colour in zip(found.names, middles, COLOURS, strict=False)
    ]


def draw_analogies(
    embeddings: Embeddings, pairs: Sequence[tuple[str, str]], which: Which = "input"
) -> Picture:
    """Return a picture of pairs of words: if they are related alike, their arrows are parallel.

    The first axis is the direction of the mean difference within a pair, the second the largest
    principal component of what is left. Unit vectors are shown.

    Args:
        embeddings: the model.
        pairs: two pairs or more.
        which: the vectors.

    Raises:
        ConfigError: there are fewer than two pairs.
        UnknownWordError: the model does not have a word.
    """
    if len(pairs) < _LEAST_PAIRS:
        raise ConfigError(
            f"{len(pairs)} pairs of words were given; at least {_LEAST_PAIRS} can be compared"
        )
    rows = [embeddings.index(word) for pair in pairs for word in pair]
    places = _relation(embeddings.unit_vectors(which)[rows])
    figure, (axes,) = _figure(1, (7.5, 6), "")
    axes.set_aspect("equal", adjustable="datalim")
    axes.scatter(places[:, 0], places[:, 1], 18, SOFT)
    for number, (a, b) in enumerate(zip(places[::2], places[1::2], strict=True)):
        arrow = {"arrowstyle": "-|>", "color": COLOURS[number % len(COLOURS)], "lw": 1.6}
        axes.annotate("", xy=tuple(b), xytext=tuple(a), arrowprops=arrow)
    axes.margins(0.15)
    axes.set_xlabel("mean difference of the pairs")
    axes.set_ylabel("largest other component")
    words = [embeddings.words[row] for row in rows]
    labels = [
        Label(word, (at[0], at[1]), _BESIDE)
        for word, at in zip(words, places.tolist(), strict=True)
    ]
    _write(axes, labels)
    return Picture(figure)


def _relation(units: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return places of vectors in pairs, (2 P, 2), as `draw_analogies` shows them."""
    mean = (units[1::2] - units[::2]).mean(axis=0)
    direction = mean / max(float(np.linalg.norm(mean)), 1e-9)
    along = units @ direction
    across = principal_components(units - along[:, None] * direction)[:, 0]
    return np.stack([along, across], axis=1)


def draw_training(curve: Curve, title: str = "") -> Picture:
    """Return a picture of a training: loss, words per second and learning rate over its words.

    Args:
        curve: what the log says.
        title: what is above it.

    Raises:
        ConfigError: the log has fewer than two points.
    """
    if len(curve.points) < 2:
        raise ConfigError(
            f"the log has {len(curve.points)} points of the training; a curve needs at least 2; "
            "let it train for a few seconds"
        )
    figure, panels = _figure(3, (9, 7.5), title)
    words = [point.raw_words / 1e6 for point in curve.points]
    drawn: list[tuple[str, Callable[[Any], float]]] = [
        ("loss per pair", lambda point: float(point.loss)),
        ("million raw words/s", lambda point: point.words_per_second / 1e6),
        ("learning rate", lambda point: float(point.rate)),
    ]
    for axes, (name, value), colour in zip(panels, drawn, COLOURS, strict=False):
        axes.plot(words, [value(point) for point in curve.points], color=colour, linewidth=1.8)
        axes.set_ylabel(name)
        axes.set_xlim(0, max(curve.raw_words / 1e6, words[-1]))
    panels[1].set_ylim(bottom=0)
    panels[2].set_ylim(bottom=0)
    ends = [epoch.raw_words / 1e6 for epoch in curve.epochs]
    panels[0].plot(ends, [epoch.loss for epoch in curve.epochs], "o", color=TEXT, label="epoch")
    held_out = [epoch for epoch in curve.epochs if epoch.validation_loss is not None]
    if held_out:
        places = [epoch.raw_words / 1e6 for epoch in held_out]
        losses = [float(epoch.validation_loss or 0) for epoch in held_out]
        panels[0].plot(places, losses, "s--", color=COLOURS[1], label="held-out text")
    if ends:
        panels[0].legend(frameon=False)
    panels[-1].set_xlabel("million words trained")
    return Picture(figure)


def _matplotlib() -> ModuleType:
    feature, submodules = "drawing a picture", ["figure", "backends.backend_agg"]
    return import_optional("matplotlib", feature, EXTRA, submodules)


@contextlib.contextmanager
def _any_letters() -> Iterator[None]:
    """Do not warn of letters that the font lacks: the viewer may have other fonts."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph")
        yield


def _figure(panels: int, size: tuple[float, float], title: str) -> tuple[Figure, list[Axes]]:
    """Return a figure of panels below each other."""
    matplotlib = _matplotlib()
    figure = matplotlib.figure.Figure(figsize=size, layout="constrained")
    made = figure.subplots(panels, 1, sharex=panels > 1, squeeze=False)[:, 0]
    for axes in made:
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(color=LINE, linewidth=0.8)
        axes.set_axisbelow(True)
    if title:
        figure.suptitle(title, fontsize=13).set_parse_math(False)
    return figure, list(made)


def _shares(found: WordMap) -> NDArray[np.float64]:
    """Return how frequent each word is, from 0 to 1, by the logarithm of its count."""
    if found.counts is None:
        return np.full(len(found.words), 0.5)
    logs = np.log(found.counts + 1.0)
    shares: NDArray[np.float64] = (logs - logs.min()) / max(float(np.ptp(logs)), 1e-9)
    return shares


class Label(NamedTuple):
    """A text at a point.

    Attributes:
        text: the text.
        place: the point.
        offsets: where it may be beside the point, in points, the best one first.
        colour: its colour.
        bold: whether it is bold.
    """

    text: str
    place: tuple[float, float]
    offsets: Sequence[tuple[float, float]]
    colour: str = TEXT
    bold: bool = False


def _write(axes: Axes, labels: Sequence[Label]) -> None:
    """Write texts, the first ones first, where they cover no other text; leave out the others.

    Call it after all that decides the limits of the panel.
    """
    canvas = _matplotlib().backends.backend_agg.FigureCanvasAgg(axes.figure)
    canvas.draw()  # settles where the panel is
    renderer = canvas.get_renderer()
    window, taken = axes.get_window_extent(renderer), np.zeros((0, 4))
    for label in labels:
        if len(taken) == MOST_LABELS:
            break
        for offset in label.offsets:
            made = _annotate(axes, label, offset)
            with _any_letters():
                box = made.get_window_extent(renderer).padded(1.5)
            beside = (taken[:, 0] > box.x1) | (taken[:, 2] < box.x0)
            above = (taken[:, 1] > box.y1) | (taken[:, 3] < box.y0)
            inside = box.x0 >= window.x0 and box.x1 <= window.x1 and box.y1 <= window.y1
            if inside and bool(np.all(beside | above)):
                taken = np.vstack([taken, box.extents])
                break
            made.remove()


def _annotate(axes: Axes, label: Label, offset: tuple[float, float]) -> Annotation:
    right, up = np.sign(offset).astype(int)
    return axes.annotate(
        label.text,
        label.place,
        xytext=offset,
        textcoords="offset points",
        ha=("center", "left", "right")[right],
        va=("center", "bottom", "top")[up],
        fontsize=9 if label.bold else 8,
        fontweight="bold" if label.bold else "normal",
        color=label.colour,
        parse_math=False,
    )
