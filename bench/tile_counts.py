"""How many rows the tiles of a training hold: its own windows and negatives, counted and not trained."""

from __future__ import annotations

import sys
from typing import Any

import numba
import numpy as np

from skipgram import TrainConfig
from skipgram.corpus.encoded import EncodedCorpus
from skipgram.kernels.chunk import Outputs, count_seen
from skipgram.kernels.negative import draw_for_sentence, list_sampled, place
from skipgram.kernels.windows import (
    BLOCK,
    Chunk,
    Words,
    collect_inputs,
    link_repetitions,
    load_words,
    open_windows,
)
from skipgram.training.events import silent
from skipgram.training.objectives import Result, TileObjective
from skipgram.training.trainer import Trained, Trainer

COUNTS = ("groups", "inputs", "outputs", "numbers", "weighted", "padded")
"""Groups of windows, their input rows and their output rows; numbers: input rows x output rows, of which so many have a weight
that is not 0; padded: input rows x places for output rows, with or without a row."""


@numba.njit(error_model="numpy")
def count_weighted(count, n_outputs, o, p, words, work):
    """Return how many numbers of the tile matter: the input stands in the centre's window, or the output is its negative."""
    weighted, tile_length = 0, len(work.rows) * p
    for n in range(n_outputs):
        column, drawn = n // o * tile_length + n % o, work.noise[place(n, o, p)]
        for slot in range(count):
            seen = work.seen[column + slot * p]
            weighted += seen > 0 or (drawn > 0 and words.totals[slot] > seen)
    return weighted


@numba.njit(nogil=True, error_model="numpy")
def count_chunk(ids, offsets, chunk, tables, reach, output, group, o, p, words, work, counts):
    """Do what `chunk.chunk_trainer` does, but count the rows only; return the pairs and the words that were kept."""
    stride, scratch, side = (
        output.shape[1],
        (len(output) - 1) * output.shape[1],
        len(work.outputs) // 2,
    )
    window = max(reach.before, reach.after)
    pairs, kept, sentence, position, begin = 0, 0, chunk.sentence, chunk.first, window + 1
    while position < chunk.last:
        low, stop, high, position = load_words(
            ids, offsets, sentence, position, chunk, tables.keep, window, words
        )
        sentence += 1
        kept += stop - begin
        if high - low < 2 or stop == begin:
            continue
        link_repetitions(low, high, 2 * window + group - 1, words)
        draw_for_sentence(begin, stop, group, tables.sampling, words)
        drawn = 0
        for centre in range(begin, stop, group):
            size = min(group, stop - centre)
            n_outputs = list_sampled(
                centre, size, drawn, 0, side, tables.sampling, scratch, stride, o, p, words, work
            )
            drawn += tables.sampling.negative
            left, right, around = open_windows(centre, size, low, high, reach, words)
            if around == 0:
                continue
            pairs += around
            tiles = (n_outputs + o - 1) // o
            for block in range(left, right, BLOCK):
                block_end = min(block + BLOCK, right)
                count = collect_inputs(centre, size, block, block_end, stride, reach, words)
                if count == 0:
                    continue
                count_seen(centre, size, block, block_end, count, 0, tiles, p, words, work)
                weighted = count_weighted(count, n_outputs, o, p, words, work)
                for n, number in enumerate(
                    (1, count, n_outputs, count * n_outputs, weighted, count * tiles * o)
                ):
                    counts[n] += number
    return pairs, kept


class CountingObjective(TileObjective):
    """Skip-gram with negatives of a group, counted. For one thread."""

    def __init__(self, corpus: EncodedCorpus, config: TrainConfig) -> None:
        super().__init__(corpus, config)
        self.counts = np.zeros(len(COUNTS), np.int64)

    def train(self, part: Chunk, scratch: tuple[Words, Outputs]) -> Result:
        """Count a chunk; its loss is 0."""
        shape, corpus = self._plan.shape, self._corpus
        sizes = (self._group, shape.outputs, shape.padded_outputs)
        pairs, kept = count_chunk(
            corpus.ids,
            corpus.offsets,
            part,
            self._tables,
            self._reach,
            self._trained.output,
            *sizes,
            *scratch,
            self.counts,
        )
        return 0.0, pairs, kept


def count_tiles(corpus: EncodedCorpus, config: TrainConfig, trained: Trained) -> dict[str, Any]:
    """Return what `COUNTS` says of a training on one thread; stop unless pairs and words are those that were trained."""
    trainer = Trainer(corpus, config, silent)
    objective = trainer._objective = CountingObjective(corpus, config)
    counted = trainer.train()
    found, done = ((one.pairs, one.effective_words) for one in (counted, trained))
    if found != done:
        sys.exit(
            f"the count is not that of the training: {found} pairs and words counted, {done} trained"
        )
    return {
        **dict(zip(COUNTS, objective.counts.tolist(), strict=True)),
        "pairs": counted.pairs,
        "words": counted.effective_words,
    }
