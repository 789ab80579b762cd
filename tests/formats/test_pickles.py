"""A pickle is data: nothing in it is imported, called, or allocated because it says so."""

from __future__ import annotations

import os
import pickle
import pickletools
import time
import tracemalloc
from collections import OrderedDict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skipgram.formats.pickles import BadPickleError, Pairs, Record, Value, parse

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


def plain(value: Value) -> Value:
    """Return a value with dicts in place of `Pairs`."""
    if isinstance(value, Pairs):
        return {plain(key): plain(item) for key, item in value}
    if isinstance(value, list | tuple):
        return type(value)(map(plain, value))
    return value


ATOMS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(
    ATOMS | st.binary(),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(ATOMS, inner),
)


@given(VALUES, st.sampled_from([2, 3, 4, 5]))
def test_values_are_read_as_pickle_reads_them(value: object, protocol: int) -> None:
    for written in (pickle.dumps(value, protocol), pickletools.optimize(pickle.dumps(value, 4))):
        assert plain(parse(written)) == value


@pytest.mark.parametrize("protocol", [0, 1])
def test_old_protocols(protocol: int) -> None:
    value = [1, -5, 2**40, 2.5, True, False, None, "é\n\u1234", (), (1, 2, 3), {"a": [1]}, {}]
    assert plain(parse(pickle.dumps(value, protocol))) == value


def test_text_of_python_2() -> None:
    assert parse(b"S'a\\xe9\\'b'\n.") == "aé'b"
    assert parse(b"U\x02\xe9b.") == "éb"


class Keeps:
    def __init__(self) -> None:
        self.words = ["a", "b"]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_objects_become_records(protocol: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Keeps, "__module__", "gensim.models")
    monkeypatch.setattr("gensim.models.Keeps", Keeps, raising=False)
    record = parse(pickle.dumps(Keeps(), protocol))
    assert isinstance(record, Record)
    assert repr(record.called) == "gensim.models.Keeps"
    assert record.attributes() == {"words": ["a", "b"]}
    ordered = parse(pickle.dumps(OrderedDict(a=1), protocol))
    assert isinstance(ordered, Record)


class Evil:
    def __init__(self, function: object) -> None:
        self.function = function

    def __reduce__(self) -> tuple[object, ...]:
        return self.function, ("touch harm",)


@pytest.mark.parametrize("function", [os.system, eval, __import__, np.load, getattr])
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_nothing_is_called(function: object, protocol: int) -> None:
    with pytest.raises(BadPickleError, match=r"it would run \S+, which is not allowed"):
        parse(pickle.dumps(Evil(function), protocol))


LARGE = (2**31 - 1).to_bytes(4, "little")
HUGE = (2**62).to_bytes(8, "little")


@pytest.mark.parametrize(
    "program",
    [
        b"\x8b" + LARGE + b"1.",
        b"B" + LARGE + b"1.",
        b"X" + LARGE + b"1.",
        b"T" + b"\xff" * 4 + b"1.",
        b"\x8e" + HUGE + b"1.",
        b"\x8d" + HUGE + b"1.",
        b"\x96" + HUGE + b"1.",
        b"G1.",
        b"cnumpy\n",
        b"",
        b"N",
    ],
    ids=repr,
)
def test_a_length_beyond_the_end_allocates_nothing(program: bytes) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(BadPickleError, match="cut off"):
            parse(b"\x80\x04" + program)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_a_large_memo_number_takes_no_memory() -> None:
    """Python's own memo is an array: 51 bytes took 4.1 GB."""
    tracemalloc.start()
    try:
        assert parse(b"\x80\x02Nr" + b"\xff" * 4 + b"j" + b"\xff" * 4 + b".") is None
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_memo_numbers_made_to_collide_take_the_time_of_others() -> None:
    """In a dict of integers, multiples of 2^61 - 1 have equal hashes: 0.5 MB took 2.4 s."""

    def seconds(factor: int) -> float:
        puts = b"".join(b"p%d\n" % (number * factor) for number in range(1, 8000))
        started = time.process_time()
        assert parse(b"\x80\x02N" + puts + b"g%d\n." % factor) is None
        return time.process_time() - started

    usual = min(seconds(2**61) for _ in range(3))
    assert min(seconds(2**61 - 1) for _ in range(3)) < 5 * usual + 0.05


@pytest.mark.parametrize(
    "program",
    [
        *(b".", b"a.", b"e.", b"0.", b"b.", b"R.", b"t.", b"h\x05.", b"\x94.", b"\x87."),
        *(b"NN\x93.", b"Nb.", b"NNa.", b"(NNNd.", b"Ix\n.", b"F-\n.", b"I" + b"1" * 5000 + b"\n."),
        *(b"X\x01\0\0\0\xff.", b"Sab\n.", b"N(u.", b"cos\nsystem\n(N\x86R.", b"NNR."),
        *(b"P1\n.", b"NQ.", b"\x82\x01.", b"\x97.", b"\xff.", b"cnumpy\ndtype\n)Rb."),
    ],
    ids=repr,
)
def test_a_damaged_program_is_an_error(program: bytes) -> None:
    with pytest.raises(BadPickleError):
        value = parse(program)
        assert isinstance(value, Pairs)
        dict(value)


def test_bytes_of_protocol_2_are_not_copied_without_end() -> None:
    """1 MB with 600 calls for the same text took 575 MB."""
    text = b"X" + (10**6).to_bytes(4, "little") + b"a" * 10**6
    start = b"\x80\x02c_codecs\nencode\nq\0" + text + b"q\1X\6\0\0\0latin1\x86q\2]"
    call, add = b"h\0h\2R", b"a"
    assert parse(start + (call + add) * 2 + b".") == [b"a" * 10**6] * 2
    tracemalloc.start()
    try:
        with pytest.raises(BadPickleError, match="it holds more than 4 times its size"):
            parse(start + (call + add) * 600 + b".")
        assert tracemalloc.get_traced_memory()[1] < 10 * 10**6
    finally:
        tracemalloc.stop()
