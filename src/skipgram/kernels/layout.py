"""What the kernels of `chunk.py` work on: matrices, tables, and each thread's scratch memory."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skipgram.kernels.hierarchical import HuffmanTree
from skipgram.kernels.negative import MARKS
from skipgram.kernels.optimizers import Steps, make_steps
from skipgram.kernels.plan import TilePlan
from skipgram.kernels.windows import BLOCK, WindowScratch


class Sampling(NamedTuple):
    """How negatives are drawn.

    Attributes:
        noise: (V, 2) uint32, the alias table of their distribution.
        negative: how many a window, a group or a pair draws.
        share: float32, how much each of them counts.
    """

    noise: Any
    negative: int
    share: Any


class Tables(NamedTuple):
    """What is known of each word. What the objective does not need is empty.

    Attributes:
        keep: (V,) uint32, the probability of keeping a word in subsampling times 2^32; at most
            2^32 - 1, which always keeps it.
        sampling: how negatives are drawn.
        tree: the paths of hierarchical softmax.
    """

    keep: Any
    sampling: Sampling
    tree: HuffmanTree


class Matrices(NamedTuple):
    """What is trained.

    Attributes:
        input: (rows, stride) float32.
        output: (rows + 1, stride) float32. The last row is the padding row: the unused places of a
            tile point to it, and it stays zero.
        input_states: the optimizer's state of each input row.
        output_states: the same of each output row.
        frozen: (rows,) uint8, 1 for input rows that take no step; may be empty if none is frozen.
        width: how many numbers of each row are used.
    """

    input: Any
    output: Any
    input_states: Any
    output_states: Any
    frozen: Any
    width: int


class TileScratch(NamedTuple):
    """One thread's scratch memory for output rows, scores and gradients.

    The lists of output rows have room for two groups, as the next group is listed while one is
    trained: the first half and the second half take turns.

    Attributes:
        outputs: where each output row begins.
        drawn: how often it was drawn as a negative.
        labels: 1 or 0, where all pairs of an output row have the same label (see `tile_steps`).
        columns: which output row each target word is.
        marks: for each value of the last bits of a word, the number of the last group that had such
            a word, and at the end the number of the group at hand (see `negative.is_marked`).
        weights: how often pairs were seen and drawn (see `weights.py`).
        scores: the score of each pair, and then its step.
        gradients: a row for each input row, and a last one that plain loops use.
        gradient_rows: where each of them begins.
        hidden: (1, stride), the mean or the sum of the context words in CBOW.
        hidden_totals: (1,), that it counts once.
        input_steps: what the optimizer needs for each input row.
        output_steps: the same for each output row.
    """

    outputs: Any
    drawn: Any
    labels: Any
    columns: Any
    marks: Any
    weights: Any
    scores: Any
    gradients: Any
    gradient_rows: Any
    hidden: Any
    hidden_totals: Any
    input_steps: Steps
    output_steps: Steps


class Scratch(NamedTuple):
    """All scratch memory of one thread."""

    windows: WindowScratch
    tiles: TileScratch


def make_tile_scratch(
    plan: TilePlan, furthest: int, group: int = 1, negative: int = 0, share: float = 1.0
) -> TileScratch:
    """Allocate for groups of `group` windows that reach `furthest` words to each side.

    They share `negative` negatives, each of which counts `share`.
    """
    places, outputs = min(2 * furthest + group, BLOCK), plan.tiles * plan.shape.padded_outputs
    labels = np.zeros(2 * outputs, np.float32)
    labels[[0, outputs]] = 1.0
    return TileScratch(
        outputs=np.empty(2 * outputs, np.int64),
        drawn=np.zeros(2 * outputs, np.float32),
        labels=labels,
        columns=np.zeros(2 * outputs, np.int64),
        marks=np.zeros(MARKS + 1, np.int32),
        weights=make_weights(plan, places, group, negative, share),
        scores=np.zeros(places * outputs, np.float32),
        gradients=np.zeros((places + 1, plan.stride), np.float32),
        gradient_rows=np.arange(places, dtype=np.int64) * plan.stride,
        hidden=np.zeros((1, plan.stride), np.float32),
        hidden_totals=np.ones(1, np.float32),
        input_steps=make_steps(2 * furthest + group),
        output_steps=make_steps(2 * outputs),
    )


def make_weights(
    plan: TilePlan, places: int, group: int, negative: int, share: float
) -> NDArray[np.float32]:
    """Return the rows of weights of `weights.py`, those of all patterns filled in."""
    shape, patterns = plan.shape, 1 << group if group > 1 else 0
    rows = np.zeros((plan.tiles, patterns + places, 2, shape.padded_outputs), np.float32)
    for pattern in range(patterns):
        seen = [float(pattern >> n & 1) for n in range(group)]
        drawn = [share * sum(seen)] * negative
        for n, (times_seen, times_drawn) in enumerate(
            zip(seen + [0.0] * negative, [0.0] * group + drawn, strict=True)
        ):
            tile, column = divmod(n, shape.outputs)
            rows[tile, pattern, :, column] = times_seen, times_drawn
    return rows.ravel()


class InputRows(NamedTuple):
    """The input rows of a tile, all different.

    Attributes:
        matrix: (rows, stride) float32, which holds them.
        starts: (count,) int64, where each begins in it (row * stride).
        totals: (count,) float32, how often each occurs in the windows.
        weights: (count,) int64, where the weights of its pairs begin (see `weights.py`).
        count: how many there are.
    """

    matrix: Any
    starts: Any
    totals: Any
    weights: Any
    count: Any


class Tile(NamedTuple):
    """Where the numbers of one tile begin in the arrays of `TileScratch`.

    Attributes:
        outputs: in `outputs` and `output_steps`.
        labels: in `labels` and `drawn`.
        scores: in `scores`.
        weights: in `weights`.
    """

    outputs: Any
    labels: Any
    scores: Any
    weights: Any
