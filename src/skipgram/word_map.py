"""A map of the words: their places in the plane, and groups of them with names.

The places are the first two principal components, or those of UMAP by cosine (McInnes et al. 2018,
arXiv 1802.03426). The groups are those of k-means. Both have a fixed seed.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from skipgram.errors import ConfigError
from skipgram.io.optional import import_optional
from skipgram.matrices import at_least_one, unit_rows
from skipgram.threads import run_aside
from skipgram.training.events import Report, StageProgressed, silent

if TYPE_CHECKING:
    from types import ModuleType

    from numpy.typing import NDArray

    from skipgram.embeddings import Embeddings, Which
    from skipgram.lookup import Item

Method: TypeAlias = Literal["umap", "pca"]
STAGE = "map of the words"
EXTRA = "skipgram[explore]"
FEATURE = "a map by UMAP"
MOST_WORDS = 50_000
"""The most words of a map: more are a cloud, and UMAP takes minutes."""

NEIGHBOURS = 15
"""UMAP's default; the word itself is one of them."""

_MOST_GROUPS = 12
"""The most colours that are easy to distinguish."""

_WORDS_OF_A_GROUP = 10
"""Groups of a small map have about this many words."""

_CLUSTERED_WORDS = 5_000
"""The most frequent words decide the groups; the others join the nearest one."""

_WORDS_OF_A_NAME = 3


@dataclass(frozen=True)
class WordMap:
    """Words in the plane.

    Attributes:
        words: N words, most frequent first.
        places: (N, 2) float32, x and y.
        counts: (N,) how often each word occurs in the corpus; None if unknown.
        groups: (N,) the number of each word's group, from 0.
        names: the central words of each group.
    """

    words: list[str]
    places: NDArray[np.float32]
    counts: NDArray[np.int64] | None
    groups: NDArray[np.int64]
    names: list[list[str]]


def make_map(
    embeddings: Embeddings,
    words: Iterable[Item] | None = None,
    *,
    top: int = 2_000,
    which: Which = "input",
    method: Method = "umap",
    report: Report = silent,
) -> WordMap:
    """Return a map of some words.

    Args:
        embeddings: the model.
        words: the words; the most frequent ones by default.
        top: how many words, if they are not given.
        which: the vectors.
        method: "umap", which shows neighbourhoods, or "pca", the first two principal components,
            which is immediate. 15 words or fewer are always shown by "pca".
        report: a function that is called with the events of the layout.

    Raises:
        ConfigError: `top` is below 1, there are no words or too many, or the method is unknown.
        UnknownWordError: the model does not have a word.
        MissingExtraError: umap-learn is not installed.
    """
    rows = rows_of(embeddings, words, top)
    units = embeddings.unit_vectors(which)[rows]
    if method not in ("umap", "pca"):
        raise ConfigError(f"method is {method!r}; it must be one of umap, pca")
    places = principal_components(units) if method == "pca" else umap_places(units, report)
    return with_groups(embeddings, rows, units, places)


def rows_of(embeddings: Embeddings, words: Iterable[Item] | None, top: int) -> NDArray[np.intp]:
    """Return the rows of the words of a map; arguments and errors as for `make_map`."""
    if words is None:
        return np.arange(min(at_least_one("top", top), len(embeddings), MOST_WORDS))
    rows = np.array(list(dict.fromkeys(embeddings.index(word) for word in words)), np.intp)
    if not 0 < len(rows) <= MOST_WORDS:
        raise ConfigError(f"a map has from 1 to {MOST_WORDS:,} words, not {len(rows):,}")
    return np.sort(rows)


def with_groups(
    embeddings: Embeddings,
    rows: NDArray[np.intp],
    units: NDArray[np.float32],
    places: NDArray[np.float32],
) -> WordMap:
    """Return the map of rows of a model, given their unit vectors and places."""
    groups, central = find_groups(units)
    words = [embeddings.words[row] for row in rows]
    counts = None if embeddings.counts is None else embeddings.counts[rows]
    return WordMap(words, places, counts, groups, [[words[at] for at in each] for each in central])


def principal_components(units: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the first two principal components of rows, (N, 2), with zeros where there are fewer.

    The sign of a component is arbitrary; here its largest coordinate is positive.
    """
    both = np.zeros((len(units), 2), np.float32)
    if not len(units):
        return both
    centred = units - units.mean(axis=0, dtype=np.float64).astype(np.float32)
    _, directions = np.linalg.eigh((centred.T @ centred).astype(np.float64))
    top = directions[:, ::-1][:, :2]
    top = top * np.sign(top[np.abs(top).argmax(axis=0), np.arange(top.shape[1])])
    both[:, : top.shape[1]] = centred @ top.astype(np.float32)
    return both


def umap_places(
    units: NDArray[np.float32],
    report: Report = silent,
    feature: str = FEATURE,
    extra: str = EXTRA,
) -> NDArray[np.float32]:
    """Return the places of unit vectors by UMAP, (N, 2); for 15 words or fewer, by PCA.

    Args:
        units: (N, d) unit vectors.
        report: called with the stage, in percent.
        feature: what needs UMAP, for the error.
        extra: the extra that installs it.

    Raises:
        MissingExtraError: umap-learn is not installed.
    """
    umap = load_umap(feature, extra)
    started = time.perf_counter()
    report(StageProgressed(STAGE, 0, 0, 0.0))
    if len(units) <= NEIGHBOURS:
        places = principal_components(units)
    else:
        steps = _Steps(report, started)
        mapper = umap.UMAP(
            n_neighbors=NEIGHBOURS,
            metric="cosine",
            random_state=1,
            n_jobs=1,
            tqdm_kwds={"disable": False, "file": steps, "bar_format": "{n_fmt}/{total_fmt}"},
        )
        # UMAP compiles code at its first use.
        places = run_aside(lambda: np.ascontiguousarray(mapper.fit_transform(units), np.float32))
    report(StageProgressed(STAGE, 100, 100, time.perf_counter() - started))
    return places


def load_umap(feature: str = FEATURE, extra: str = EXTRA) -> ModuleType:
    """Return the module of UMAP; its import compiles code."""
    with warnings.catch_warnings():
        # A part of it warns in notebooks without ipywidgets, which are not used here.
        warnings.filterwarnings("ignore", message="IProgress not found")
        return run_aside(lambda: import_optional("umap", feature, extra))


class _Steps:
    """A file for UMAP's progress bar, which writes "steps done/all steps"."""

    def __init__(self, report: Report, started: float) -> None:
        self._report = report
        self._started = started
        self._shown = 0

    def write(self, text: str) -> None:
        """Report what the bar says."""
        done, _, steps = text.strip().partition("/")
        if done.isdecimal() and steps.isdecimal() and int(steps):
            percent = min(99, 100 * int(done) // int(steps))
            if percent > self._shown:
                self._shown = percent
                seconds = time.perf_counter() - self._started
                self._report(StageProgressed(STAGE, percent, 100, seconds))

    def flush(self) -> None:
        """Do nothing."""


def find_groups(
    units: NDArray[np.float32],
) -> tuple[NDArray[np.int64], list[list[int]]]:
    """Return the group of each row, (N,), and the rows that are central to each group.

    Groups are those of k-means by the cosine of vectors without their mean. They are ordered by
    size, the largest first.
    """
    from scipy.cluster.vq import kmeans2

    centred = unit_rows(units - units.mean(axis=0))
    sample = centred[:_CLUSTERED_WORDS].astype(np.float64)
    wanted = max(1, len(units) // _WORDS_OF_A_GROUP)
    wanted = min(_MOST_GROUPS, wanted, len(np.unique(sample, axis=0)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a group may lose all its words
        centres, _ = kmeans2(sample, wanted, minit="++", seed=1, iter=20)
    cosines = centred @ unit_rows(centres.astype(np.float32)).T
    nearest = cosines.argmax(axis=1)
    sizes = np.bincount(nearest, minlength=wanted)
    order = [group for group in np.argsort(-sizes, kind="stable").tolist() if sizes[group]]
    numbers = np.zeros(wanted, np.int64)
    numbers[order] = np.arange(len(order))
    central = [_central(nearest == group, cosines[:, group]) for group in order]
    return numbers[nearest], central


def _central(members: NDArray[np.bool_], cosines: NDArray[np.float32]) -> list[int]:
    """Return the members nearest to the centre, out of the more frequent half of a group.

    Rare words are often nearest, but say less to a reader.
    """
    rows = np.flatnonzero(members)
    rows = rows[: max(_WORDS_OF_A_NAME, (len(rows) + 1) // 2)]
    best = np.argsort(-cosines[rows], kind="stable")[:_WORDS_OF_A_NAME]
    return [int(row) for row in rows[best]]
