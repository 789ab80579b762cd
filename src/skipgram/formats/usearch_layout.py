"""The layout of usearch's file, checked completely before the library reads it.

    8 bytes    the numbers of vectors V and of bytes of a vector, uint32
    vectors    V times d numbers, float32 or float16
    64 bytes   "usearch", 3 uint16: its version; 4 bytes: the kinds of metric, numbers, keys and
               slots; 3 uint64: V, 0 deleted vectors, d; 1 byte: 0, as a key has one vector
    40 bytes   5 uint64: V, 16 and 32 links of a node, the highest level, the slot of the node there
    levels     V int16: the level of each node
    nodes      for each its key, uint64; its level, int16; then for each level from 0 a uint32: how
               many links it has, and room for them, 32 on level 0 and 16 above: slots, uint32

The library trusts all of it: with one byte changed and the digest renewed, it read outside the
file. A program that writes a harmful index can also write its digest. So every size, key and link
is compared with the file here: in 25 ms for 50,000 vectors, which take 12 s to index again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import mmap

    from numpy.typing import NDArray

_SIZES = np.dtype([("count", "<u4"), ("row", "<u4")])
_HEAD = np.dtype(
    [
        *(("magic", "S7"), ("major", "<u2"), ("minor", "<u2"), ("patch", "<u2")),
        *(("metric", "u1"), ("numbers", "u1"), ("keys", "u1"), ("slots", "u1")),
        *(("present", "<u8"), ("deleted", "<u8"), ("dimensions", "<u8"), ("several", "u1")),
        ("unused", "V22"),
    ]
)
_GRAPH = np.dtype([(name, "<u8") for name in ("size", "links", "links_below", "top", "entry")])
_COSINE = 99
_KEYS, _SLOTS = 14, 15
_NUMBERS: dict[int, np.dtype[Any]] = {11: np.dtype("<f4"), 12: np.dtype("<f2")}
_MAJOR = 2
_LINKS, _LINKS_BELOW = 16, 32
_NODE = 10
_BELOW, _ABOVE = 4 * (1 + _LINKS_BELOW), 4 * (1 + _LINKS)
"""Bytes of the links of a node on level 0, and on each level above it."""

_MOST_LEVELS = 64
"""A graph of 2^32 vectors has about 8."""

_AT_ONCE = 1 << 16


class BadIndexError(ValueError):
    """What is wrong with an index, as the predicate of a sentence."""


class Graph(NamedTuple):
    """What the file holds.

    Attributes:
        keys: (V,) the key of each vector: 0 to V - 1 in any order.
        vectors: (V, d) a view of the vectors in the file.
    """

    keys: NDArray[np.uint64]
    vectors: NDArray[Any]


def checked(content: bytes | mmap.mmap) -> Graph:
    """Return the vectors of an index by cosine, once everything in it has been checked.

    Raises:
        BadIndexError: it is not a usearch index, or it is damaged.
    """
    vectors, end = _vectors(content)
    count = len(vectors)
    graph = _unpacked(_GRAPH, content, end)
    sizes = (graph["size"], graph["links"], graph["links_below"])
    if sizes != (count, _LINKS, _LINKS_BELOW):
        raise BadIndexError("has a graph of another size")
    end += _GRAPH.itemsize
    if not count and end == len(content):
        return Graph(np.zeros(0, np.uint64), vectors)
    if not count or end + count * (2 + _NODE + _BELOW) > len(content):
        raise BadIndexError("is cut off")
    levels = np.frombuffer(content, "<i2", count, end)
    top, entry = graph["top"], graph["entry"]
    if top > _MOST_LEVELS or entry >= count or levels[entry] != top:
        raise BadIndexError("has no node on the highest level of its graph")
    if levels.min() < 0 or levels.max() > top:
        raise BadIndexError("has a node on a level that its graph does not have")
    return Graph(_keys(content, levels, end + 2 * count), vectors)


def _keys(content: bytes | mmap.mmap, levels: NDArray[np.int16], first: int) -> NDArray[np.uint64]:
    """Return the keys of the nodes that begin at byte `first`, once the nodes have been checked."""
    sizes = _NODE + _BELOW + levels.astype(np.int64) * _ABOVE
    starts = first + np.cumsum(sizes) - sizes
    needed = starts[-1] + sizes[-1]
    if needed != len(content):
        raise BadIndexError(f"has {len(content):,} bytes where {needed:,} are needed")
    keys = _at(content, starts, np.dtype("<u8"))
    if not np.array_equal(np.sort(keys), np.arange(len(keys))):
        raise BadIndexError(f"has keys other than 0 to {len(keys) - 1}")
    if not np.array_equal(_at(content, starts + 8, np.dtype("<i2")), levels):
        raise BadIndexError("has a node on two levels")
    _check_links(content, starts, levels)
    return keys


def _vectors(content: bytes | mmap.mmap) -> tuple[NDArray[Any], int]:
    """Return the vectors, and the byte after the description that follows them."""
    count, row = _unpacked(_SIZES, content, 0).values()
    start = _SIZES.itemsize + count * row
    head = _unpacked(_HEAD, content, start)
    if head["magic"] != b"usearch" or head["major"] != _MAJOR:
        raise BadIndexError("is not an index of usearch 2")
    dtype = _NUMBERS.get(head["numbers"])
    kinds = (head["metric"], head["keys"], head["slots"])
    if dtype is None or kinds != (_COSINE, _KEYS, _SLOTS) or head["several"]:
        raise BadIndexError("is not an index by cosine of float32 or float16")
    dimensions = head["dimensions"]
    held = (head["present"], head["deleted"], dimensions * dtype.itemsize)
    if held != (count, 0, row):
        raise BadIndexError("has another number of vectors or dimensions than it says")
    numbers = np.frombuffer(content, dtype, count * dimensions, _SIZES.itemsize)
    return numbers.reshape(count, dimensions), start + _HEAD.itemsize


def _unpacked(layout: np.dtype[Any], content: bytes | mmap.mmap, start: int) -> dict[str, Any]:
    """Return the fields at a byte of the file as Python's numbers, which do not overflow."""
    if start + layout.itemsize > len(content):
        raise BadIndexError("is cut off")
    values = np.frombuffer(content, layout, 1, start)[0].item()
    return dict(zip(layout.names or (), values, strict=True))


def _check_links(
    content: bytes | mmap.mmap, starts: NDArray[np.int64], levels: NDArray[np.int16]
) -> None:
    """Check that all links lead to nodes that have the same level."""
    for level in range(int(levels.max()) + 1):
        room = _LINKS if level else _LINKS_BELOW
        offset = _NODE + (_BELOW + (level - 1) * _ABOVE if level else 0)
        nodes = np.flatnonzero(levels >= level)
        for first in range(0, len(nodes), _AT_ONCE):
            places = starts[nodes[first : first + _AT_ONCE]] + offset
            found = _at(content, places, np.dtype(("<u4", (1 + room,))))
            used = np.arange(room) < found[:, :1]
            linked = found[:, 1:][used]
            if (found[:, 0] > room).any() or (linked >= len(levels)).any():
                raise BadIndexError("has links beyond its graph")
            if (levels[linked] < level).any():
                raise BadIndexError("has links to nodes that are not on the same level")


def _at(
    content: bytes | mmap.mmap, places: NDArray[np.int64], dtype: np.dtype[Any]
) -> NDArray[Any]:
    """Return the values that begin at these bytes, aligned or not."""
    raw = np.dtype(("V", dtype.itemsize))
    begun = np.ndarray((len(content) - dtype.itemsize + 1,), raw, content, strides=(1,))
    taken = begun[places].view(dtype.base)
    return taken.reshape(len(places), *dtype.shape)
