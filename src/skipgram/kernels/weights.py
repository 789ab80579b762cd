"""How often each pair of an input row and an output row of a group was seen and drawn.

The words of a group are in some of its windows. A pattern has bit n where a word is in the window
of target word n. The weights of a word are a row of `TileScratch.weights`: for each column of a
tile, how often the pair was seen, and for each column, how often it was drawn. Where all output
rows of the group differ, the weights depend on the pattern alone, and the rows of all patterns are
made in advance. So most inputs only refer to one.

The rows are in this order:

    for each tile: the row of each pattern, then a row for each input of a group

A word that occurs several times has the sum of its rows.
"""

from __future__ import annotations

import numpy as np
from numpy import uintp

from skipgram.kernels.negative import tile_count
from skipgram.kernels.parts import called, inlined


@inlined
def own_row(form, slot):
    """Return where the row of an input of the group begins, in the first tile."""
    return ((1 << form.group) + slot) * 2 * form.shape.padded_outputs


@inlined
def weights_length(form, scratch):
    """Return how many numbers the rows of one tile take."""
    return ((1 << form.group) + len(scratch.gradient_rows)) * 2 * form.shape.padded_outputs


@inlined
def find_patterns(group, block, scratch):
    """Note where the patterns change along a block, and by how much."""
    changes = scratch.changes
    for n in range(group.size):
        bit, target = np.int32(1 << n), group.first + n
        changes[place_in(block, scratch.lefts[uintp(n)])] += bit
        changes[place_in(block, target)] -= bit
        changes[place_in(block, target + 1)] += bit
        changes[place_in(block, scratch.rights[uintp(n)])] -= bit


@inlined
def place_in(block, at):
    """Return the place of a position in a block, or the place where the block begins or ends."""
    return uintp(min(max(at, block.begin), block.end) - block.begin)


@inlined
def next_pattern(pattern, place, scratch):
    """Return the pattern of a place from that of the place before, and forget the change."""
    change = scratch.changes[uintp(place)]
    scratch.changes[uintp(place)] = 0
    return pattern + change


@called
def add_row(form, slot, row, tiles, scratch):
    """Add a pattern's row to the weights of an input that has some already."""
    windows, rows = scratch.windows, scratch.tiles.weights
    old, new = windows.weights[slot], own_row(form, slot)
    windows.weights[slot] = new
    for n in range(tiles):
        start = n * weights_length(form, scratch.tiles)
        for k in range(start, start + 2 * form.shape.padded_outputs):
            rows[new + k] = rows[old + k] + rows[row + k]


@called
def weigh_repeated(form, block, outputs, count, scratch):
    """Give each of `count` inputs its own weights, in a group whose output words repeat."""
    windows, tiles = scratch.windows, scratch.tiles
    rows = tiles.weights
    padded, length = form.shape.padded_outputs, weights_length(form, scratch.tiles)
    parts = tile_count(form.shape, outputs.count)
    windows.totals[:count] = np.float32(0.0)
    for n in range(parts):
        start = n * length + own_row(form, np.int64(0))
        rows[start : start + count * 2 * padded] = np.float32(0.0)
    pattern = np.int64(0)
    for place in range(block.end - block.begin):
        slot = np.int64(windows.slots[place])
        pattern = next_pattern(pattern, place, windows)
        for n in range(form.group):
            if slot >= 0 and pattern >> n & 1:
                part, column = divmod(tiles.columns[outputs.first + n], form.shape.outputs)
                rows[part * length + own_row(form, slot) + column] += np.float32(1.0)
                windows.totals[slot] += np.float32(1.0)
    for i in range(count):
        windows.weights[i] = own_row(form, i)
        for n in range(parts):
            start = n * length + own_row(form, i)
            for k in range(padded):
                times = windows.totals[i] - rows[start + k]
                drawn = tiles.drawn[outputs.first + n * padded + k]
                rows[start + padded + k] = drawn * times


@inlined
def weigh_pairs(form, group, block, outputs, count, scratch):
    """Give each of `count` inputs the weights of its pairs."""
    windows = scratch.windows
    find_patterns(group, block, windows)
    if outputs.distinct:
        weigh_distinct(form, block, outputs, scratch)
    else:
        weigh_repeated(form, block, outputs, count, scratch)
    windows.changes[uintp(block.end - block.begin)] = 0


@inlined
def weigh_distinct(form, block, outputs, scratch):
    """Let the inputs refer to the rows of their patterns."""
    windows = scratch.windows
    known, pattern = 0, np.int64(0)
    for place in range(block.end - block.begin):
        pattern = next_pattern(pattern, place, windows)
        slot = np.int64(windows.slots[uintp(place)])
        row = np.int64(pattern) * (2 * form.shape.padded_outputs)
        if slot == known:
            windows.weights[uintp(slot)] = row
            known += 1
        elif slot >= 0:
            add_row(form, slot, row, tile_count(form.shape, outputs.count), scratch)
