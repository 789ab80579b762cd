"""Count the rows in the tiles of a training run, from its own windows and negatives."""

from __future__ import annotations

import sys
from typing import Any

import numba
import numpy as np

from skipgram import TrainConfig
from skipgram.corpus.encoded import EncodedCorpus
from skipgram.kernels.constants import ConstantsCompiler
from skipgram.kernels.form import Form
from skipgram.kernels.layout import Scratch
from skipgram.kernels.negative import draw_for_sentence, list_sampled, tile_count
from skipgram.kernels.weights import weigh_pairs, weights_length
from skipgram.kernels.windows import (
    BLOCK,
    Block,
    Chunk,
    Group,
    collect_inputs,
    link_repetitions,
    load_sentence,
    open_windows,
)
from skipgram.training.events import silent
from skipgram.training.history import Trained
from skipgram.training.objectives import Result, TileObjective
from skipgram.training.pieces import piece_of
from skipgram.training.trainer import Trainer

COUNTS = ("groups", "inputs", "outputs", "numbers", "weighted", "padded")
"""What is counted.

groups: groups of windows.
inputs: their input rows.
outputs: their output rows.
numbers: input rows x output rows.
weighted: those of the numbers that have a weight other than 0.
padded: input rows x places for output rows, with or without a row."""

compiled: Any = numba.njit(nogil=True, error_model="numpy", pipeline_class=ConstantsCompiler)


@compiled
def count_weighted(form: Any, count: int, outputs: Any, scratch: Any) -> int:
    """Return how many numbers of the tile have a weight.

    A number has one if the input is in the target word's window, or the output is its negative.
    """
    weighted, shape = 0, form.shape
    rows = scratch.tiles.weights
    for n in range(outputs.count):
        column = n // shape.outputs * weights_length(form, scratch.tiles) + n % shape.outputs
        for slot in range(count):
            at = scratch.windows.weights[slot] + column
            weighted += rows[at] > 0 or rows[at + shape.padded_outputs] > 0
    return weighted


@compiled
def count_group(
    form: Any,
    group: Any,
    outputs: Any,
    sentence: Any,
    reach: Any,
    stride: int,
    scratch: Any,
    counts: Any,
) -> int:
    """Add what `COUNTS` says of a group; return its pairs."""
    whole, pairs = open_windows(group, sentence, reach, scratch.windows)
    if pairs == 0:
        return 0
    places = tile_count(form.shape, outputs.count) * form.shape.outputs
    rows = outputs.count - (form.group - group.size if outputs.distinct else 0)
    for begin in range(whole.begin, whole.end, BLOCK):
        block = Block(begin, min(begin + BLOCK, whole.end))
        count = collect_inputs(group, block, stride, reach, scratch.windows)
        if count == 0:
            continue
        weigh_pairs(form, group, block, outputs, count, scratch)
        counts[0] += 1
        counts[1] += count
        counts[2] += rows
        counts[3] += count * rows
        counts[4] += count_weighted(form, count, outputs, scratch)
        counts[5] += count * places
    return pairs


@compiled
def count_chunk(
    form: Any,
    corpus: Any,
    chunk: Any,
    tables: Any,
    reach: Any,
    output: Any,
    scratch: Any,
    counts: Any,
) -> Any:
    """Do as `chunk.train_chunk`, but only add to `counts`; return the pairs and the words kept.

    `corpus` is (ids, offsets).
    """
    pairs = kept = 0
    number, position = chunk.sentence, chunk.first
    while position < chunk.last:
        sentence = load_sentence(
            corpus[0], corpus[1], number, position, chunk, tables.keep, reach, scratch.windows
        )
        number += 1
        position = sentence.end
        kept += sentence.stop - sentence.first
        if sentence.high - sentence.low < 2 or sentence.stop == sentence.first:
            continue
        span = 2 * max(reach.before, reach.after) + form.group - 1
        link_repetitions(sentence, span, scratch.windows)
        draw_for_sentence(sentence, form.group, tables.sampling, scratch.windows)
        drawn = 0
        for target in range(sentence.first, sentence.stop, form.group):
            group = Group(target, min(form.group, sentence.stop - target), False)
            outputs = list_sampled(form, group, drawn, 0, output, tables.sampling, scratch)
            drawn += tables.sampling.negative
            stride = output.shape[1]
            pairs += count_group(form, group, outputs, sentence, reach, stride, scratch, counts)
    return pairs, kept


class CountingObjective(TileObjective):
    """Skip-gram with negatives of a group, counted. For one thread."""

    def __init__(self, corpus: EncodedCorpus, config: TrainConfig) -> None:
        super().__init__(corpus, config)
        self.counts = np.zeros(len(COUNTS), np.int64)

    def train(self, part: Chunk, scratch: Scratch) -> Result:
        """Count a chunk; its loss is 0."""
        form, reach = Form(self._plan.shape, self._group), self._reach
        output = self._trained.output
        *texts, part = piece_of(self._corpus, part, self._tables.keep, reach.furthest)
        pairs, kept = count_chunk(
            form, tuple(texts), part, self._tables, reach, output, scratch, self.counts
        )
        return 0.0, pairs, kept


def count_tiles(corpus: EncodedCorpus, config: TrainConfig, trained: Trained) -> dict[str, Any]:
    """Return what `COUNTS` says of a training on one thread.

    Exit unless the pairs and words are those that were trained.
    """
    trainer = Trainer(corpus, config, silent)
    objective = trainer._objective = CountingObjective(corpus, config)
    counted = trainer.train()
    found, done = ((one.pairs, one.effective_words) for one in (counted, trained))
    if found != done:
        sys.exit(f"counted {found} pairs and words, but {done} were trained")
    return {
        **dict(zip(COUNTS, objective.counts.tolist(), strict=True)),
        "pairs": counted.pairs,
        "words": counted.effective_words,
    }
