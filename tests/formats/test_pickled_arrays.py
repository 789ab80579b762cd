"""Arrays in a pickle are made only if shape, type and bytes fit together."""

from __future__ import annotations

import pickle
import struct
from typing import Any

import numpy as np
import pytest

from skipgram.formats.pickled_arrays import array_of, entries_of, scalar_of, small, small_each
from skipgram.formats.pickles import BadPickleError, Name, Pairs, Record, Room, parse

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    "array",
    [
        np.eye(3, 2, dtype=np.float32),
        np.asfortranarray(np.eye(3, 2)),
        np.arange(5, dtype=">i4"),
        np.array([True, False]),
        np.zeros((0, 4), np.float16),
        np.array([1, "a", None], object),
    ],
    ids=lambda array: f"{array.dtype}",
)
def test_arrays(array: np.ndarray[Any, Any], protocol: int) -> None:
    read = array_of(parse(pickle.dumps(array, protocol)))
    assert read.dtype == array.dtype
    np.testing.assert_array_equal(read, array)
    assert read.flags.writeable
    number = array.ravel()[:1].astype(array.dtype)
    if len(number) and array.dtype != object:
        assert scalar_of(parse(pickle.dumps(number[0], protocol))) == number[0].item()


@pytest.mark.parametrize("dtype", ["U5", "S3", "c8", "f4,i4", "V8", "M8[s]", "(2,)f4"])
def test_other_types_of_arrays_are_refused(dtype: str) -> None:
    with pytest.raises(BadPickleError, match="not of plain numbers"):
        array_of(parse(pickle.dumps(np.zeros(1, np.dtype([("a", dtype)])), 4)))
    if "," not in dtype:
        with pytest.raises(BadPickleError, match="not of plain numbers"):
            array_of(parse(pickle.dumps(np.zeros(1, dtype), 4)))


def of_dtype(*state: object) -> bytes:
    """Return the pickle of an array whose dtype is given this state."""

    class Made:
        def __reduce__(self) -> tuple[object, ...]:
            return np.dtype, ("f4", False, True), state

    made: Any = np.zeros(2, np.float32).__reduce__()

    class Array:
        def __reduce__(self) -> tuple[object, ...]:
            return made[0], made[1], (1, (2,), Made(), False, bytes(8))

    return pickle.dumps(Array(), 2)


@pytest.mark.parametrize(
    "state",
    [
        (3, "<", (np.dtype("O"), (1,)), None, None, 8, 8, 0),
        (3, "|", None, ("a",), {"a": (np.dtype("O"), 0)}, 8, 8, 0),
        (3, "x", None, None, None, -1, -1, 0),
        (3,),
        "text",
    ],
    ids=str,
)
def test_no_dtype_takes_a_state_that_gives_it_parts(state: tuple[object, ...]) -> None:
    """NumPy takes what it is given: a 300-byte file reached an address of its own."""
    assert array_of(parse(of_dtype(3, "<", None, None, None, -1, -1, 0))).tolist() == [0, 0]
    with pytest.raises(BadPickleError, match="with parts, not of plain numbers"):
        array_of(parse(of_dtype(*state) if isinstance(state, tuple) else of_dtype(state)))


def array_with(shape: object, data: object) -> Record:
    record = Record(Name("numpy.core.multiarray", "_reconstruct"), (), Room(9))
    dtype = Record(Name("numpy", "dtype"), ("f4", False, True), Room(9))
    record.state = (1, shape, dtype, False, data)
    return record


@pytest.mark.parametrize(
    ("shape", "data"),
    [
        ((2**62, 4), b""),
        ((2**64,), b""),
        ((-1, -1), b"1234"),
        ((3,), b"1234"),
        ((1,), ["a"]),
        ((1, 1, 1), b"1234"),
        ("ab", b""),
        ((1.0,), b"1234"),
        ((1,), "\u1234..."),
    ],
    ids=str,
)
def test_shapes_that_do_not_fit_the_bytes_are_refused(shape: object, data: object) -> None:
    with pytest.raises(BadPickleError, match="array"):
        array_of(array_with(shape, data))


def test_deep_nesting_and_shared_parts_take_neither_stack_nor_time() -> None:
    deep = parse(b"\x80\x02" + b"]" * 100_000 + b"a" * 99_999 + b".")
    assert isinstance(deep, list)
    with pytest.raises(BadPickleError, match=r"too many parts|more than 1,000 parts"):
        small(deep)
    bomb = parse(b"\x80\x02N" + b"2\x86" * 100 + b".")  # 2^100 times None
    with pytest.raises(BadPickleError, match="more than 1,000 parts"):
        small(bomb)
    assert small((1, "a", [b"b", None])) == (1, "a", [b"b", None])
    with pytest.raises(BadPickleError, match="Pairs where a key or a setting is expected"):
        small(Pairs([]))


def test_a_scalar_has_the_bytes_of_one_number() -> None:
    dtype = Record(Name("numpy", "dtype"), ("i8", False, True), Room(9))
    record = Record(Name("numpy.core.multiarray", "scalar"), (dtype, struct.pack("=q", 7)), Room(9))
    assert scalar_of(record) == 7
    for data in (b"", b"1234", 7):
        record.arguments = (dtype, data)
        with pytest.raises(BadPickleError, match="without its bytes"):
            scalar_of(record)


def test_keys_share_few_parts() -> None:
    """A tuple of 990 numbers as each of 50,000 keys took 47 s, from 102 kB."""
    shared = (1,) * 990
    assert small_each([shared, "a"]) == [shared, "a"]
    assert small_each([("word", row) for row in range(9999)])[-1] == ("word", 9998)
    for value in (shared, ("x" * 9999,), (1 << 30_000,)):
        with pytest.raises(BadPickleError, match="values of more than 16 parts on average"):
            small_each([value] * 9999)


def test_words_do_not_share_their_attributes() -> None:
    """Each would be read again: 100 kB took minutes."""
    entries = [Record(Name("gensim.models", "Vocab"), (), Room(9)) for _ in range(3)]
    assert entries_of(Pairs(["a", entries[0], "b", entries[1]])) == (["a", "b"], entries[:2])
    entries[0].state = entries[1].state = Pairs(["count", 1])
    entries[2].state = Pairs(["count", 1])
    assert entries_of(Pairs(["a", entries[0], "b", entries[2]]))[0] == ["a", "b"]
    with pytest.raises(BadPickleError, match="two of its words have the same attributes"):
        entries_of(Pairs(["a", entries[0], "b", entries[1]]))
    for damaged in (None, Pairs(["a"]), Pairs(["a", 3])):
        with pytest.raises(BadPickleError, match=r"words are expected|without its attributes"):
            entries_of(damaged)


@pytest.mark.parametrize("kind", [np.float32, object])
def test_arrays_that_share_their_bytes_are_not_copied_without_end(kind: type) -> None:
    array: np.ndarray[Any, Any] = np.zeros(10_000, kind)
    parts = parse(pickle.dumps([array] * 1000, 4))
    for part in parts[:3]:
        np.testing.assert_array_equal(array_of(part), array)
    with pytest.raises(BadPickleError, match="it holds more than 4 times its size"):
        [array_of(part) for part in parts]
