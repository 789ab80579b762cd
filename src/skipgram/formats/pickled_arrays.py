"""NumPy's arrays and scalars in a pickle that `pickles` has read.

    dtype    dtype(name, ...), with a state whose second value is the byte order
    scalar   scalar(dtype, bytes)
    array    _reconstruct(ndarray, ...), with (version, shape, dtype, is_fortran, data) as state,
             or _frombuffer(data, dtype, shape, order)

Only plain numbers, and arrays of objects, are read. NumPy itself would take any state for a dtype,
one with addresses too. Here shape, dtype and number of bytes are compared first.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skipgram.formats.npy import MOST_DIMENSIONS
from skipgram.formats.pickles import BadPickleError, Pairs, Record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from skipgram.formats.pickles import Value

_NUMBERS = {f"{kind}{size}" for kind in "iu" for size in (1, 2, 4, 8)} | {"b1", "f2", "f4", "f8"}
_OBJECTS = {"O", "O8"}
_ORDERS = {"<", ">", "|", "="}
_MOST_PARTS = 1000
_PARTS_ON_AVERAGE = 16
_LENGTH_OF_A_PART = 16
_BITS_OF_A_DIGIT = 3


class _Layout(NamedTuple):
    """The numbers of an array; None for objects."""

    dtype: np.dtype[Any] | None
    shape: tuple[int, ...]
    is_fortran: bool
    data: bytes | list[Value]


def is_array(value: Value) -> bool:
    """Whether a value of a pickle is an array of NumPy."""
    return isinstance(value, Record) and value.called.name in ("_reconstruct", "_frombuffer")


def array_of(value: Value) -> NDArray[Any]:
    """Return an array of numbers, or of objects, whose items are those of the pickle.

    Raises:
        BadPickleError: it is another value, or its shape, type and data do not fit together.
    """
    layout = _layout(value)
    count = math.prod(layout.shape)
    if layout.dtype is None:
        if not isinstance(layout.data, list) or len(layout.data) != count:
            raise BadPickleError(f"an array of shape {layout.shape} does not hold {count} objects")
        value.room.take(count)
        objects = np.empty(count, object)
        objects[:] = layout.data
        return objects.reshape(layout.shape)
    if not isinstance(layout.data, bytes) or len(layout.data) != count * layout.dtype.itemsize:
        raise BadPickleError(
            f"an array of {layout.dtype} {layout.shape} does not have "
            f"{count * layout.dtype.itemsize:,} bytes"
        )
    value.room.take(len(layout.data))
    numbers = np.frombuffer(layout.data, layout.dtype)
    return numbers.reshape(layout.shape, order="F" if layout.is_fortran else "C").copy()


def _layout(value: Value) -> _Layout:
    if not is_array(value):
        raise BadPickleError(f"it has {type(value).__name__} where an array is expected")
    if value.called.name == "_frombuffer":
        match value.arguments:
            case (bytes() as data, dtype, shape, order):
                return _Layout(_dtype(dtype), _shape(shape), order == "F", data)
    match value.state:
        case (int(), shape, dtype, is_fortran, data):
            return _Layout(_dtype(dtype), _shape(shape), bool(is_fortran), _raw(data))
    raise BadPickleError("it has an array without shape and data")


def _raw(data: Value) -> Value:
    """Return the bytes of Python 2, which are read as text in Latin-1, as bytes."""
    try:
        return data.encode("latin-1") if isinstance(data, str) else data
    except UnicodeEncodeError as error:
        raise BadPickleError("it has an array of text, not of bytes") from error


def _shape(shape: Value) -> tuple[int, ...]:
    if not isinstance(shape, tuple) or len(shape) > MOST_DIMENSIONS:
        raise BadPickleError("it has an array of more than two dimensions")
    if not all(type(size) is int and 0 <= size < 2**63 for size in shape):
        raise BadPickleError("it has an array whose shape is not of numbers from 0")
    return shape


def _dtype(value: Value) -> np.dtype[Any] | None:
    """Return a plain type of numbers; None for objects."""
    is_dtype = isinstance(value, Record) and value.called == ("numpy", "dtype")
    name = value.arguments[0] if is_dtype and value.arguments else None
    if isinstance(name, str) and name in _OBJECTS:
        return None
    if not isinstance(name, str) or name not in _NUMBERS:
        raise BadPickleError(f"it has an array of {name!r:.40}, not of plain numbers")
    order = "="
    if value.state is not None:
        fits = isinstance(value.state, tuple) and len(value.state) >= 5
        order = value.state[1] if fits and value.state[2:5] == (None, None, None) else ""
    if not isinstance(order, str) or order not in _ORDERS:
        raise BadPickleError(f"it has an array of {name} with parts, not of plain numbers")
    return np.dtype(f"{order}{name}")


def scalar_of(value: Value) -> Value:
    """Return a scalar of NumPy as Python's number, and any other value as it is.

    Raises:
        BadPickleError: its bytes are not one number.
    """
    if not isinstance(value, Record) or value.called.name != "scalar":
        return value
    match value.arguments:
        case (dtype, bytes() | str() as data):
            raw, kind = _raw(data), _dtype(dtype)
            if kind is not None and len(raw) == kind.itemsize:
                return np.frombuffer(raw, kind)[0].item()
    raise BadPickleError("it has a number of NumPy without its bytes")


def small(value: Value) -> Value:
    """Return None, text, a number, or a list or tuple of up to 1,000 of these.

    Scalars of NumPy become numbers. The limit counts every use of a part: 40 tuples, each of the
    previous one twice, are 2^40 parts. Characters and digits count too, 16 as one part.

    Raises:
        BadPickleError: it is larger or another value.
    """
    return _converted([value], f"a value of more than {_MOST_PARTS:,} parts", _MOST_PARTS)[0]


def small_each(values: Sequence[Value]) -> list[Value]:
    """Return values such as keys, each text or as `small` returns it, of few parts on average.

    Raises:
        BadPickleError: they are larger, or one is another value.
    """
    most = _MOST_PARTS + _PARTS_ON_AVERAGE * len(values)
    return _converted(values, f"values of more than {_PARTS_ON_AVERAGE} parts on average", most)


def _converted(values: Sequence[Value], too_large: str, most: int) -> list[Value]:
    left = most

    def converted(part: Value) -> Value:
        nonlocal left
        left -= 1 + _length(part) // _LENGTH_OF_A_PART
        if left < 0:
            raise BadPickleError(f"it has {too_large}")
        if isinstance(part, tuple | list) and type(part) in (tuple, list):
            return type(part)(map(converted, part))
        part = scalar_of(part)
        if part is None or isinstance(part, str | bytes | int | float):
            return part
        raise BadPickleError(f"it has {type(part).__name__} where a key or a setting is expected")

    try:
        return [value if isinstance(value, str) else converted(value) for value in values]
    except RecursionError as error:
        raise BadPickleError("it has a value of too many parts") from error


def _length(part: Value) -> int:
    """Return how many characters or bytes a part has; those of an integer are about its digits."""
    if isinstance(part, int):
        return part.bit_length() // _BITS_OF_A_DIGIT
    return len(part) if isinstance(part, str | bytes) else 0


def entries_of(vocabulary: Value) -> tuple[list[Value], list[Record]]:
    """Return the words of gensim before 4, and the object that each has for its attributes.

    Raises:
        BadPickleError: two have the same: reading each again would take the square of the time.
    """
    if not isinstance(vocabulary, Pairs):
        raise BadPickleError(f"it has {type(vocabulary).__name__} where its words are expected")
    words, entries = vocabulary.flat[::2], vocabulary.flat[1::2]
    if len(words) != len(entries) or not all(isinstance(entry, Record) for entry in entries):
        raise BadPickleError("it has a word without its attributes")
    states = [id(entry.state) for entry in entries if entry.state is not None]
    if len(set(states)) < len(states):
        raise BadPickleError("two of its words have the same attributes")
    return small_each(words), entries
