"""Reads pickles as data: what a pickle names is not imported, and what it asks for is not run.

A pickle is a program for a small stack machine: see `pickletools` in Python. Python's own machine
imports and calls what the program names, and allocates what it declares. This one builds

    None, bool, int, float, str, bytes, list, tuple    as themselves
    `Pairs`                                            in place of a dict or a set
    `Name`                                             in place of a class or a function
    `Record`                                           in place of an object, or a call

so a file can only describe values, for `pickled_arrays` and `keyed_vectors` to interpret. Dicts
are not built because keys can be chosen to collide: 2 MB of integers took minutes. For the same
reason the memo's numbers are held as text, whose hashes are secret. Every declared length is
checked against the bytes that are left before they are read.
"""

from __future__ import annotations

import codecs
import struct
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from skipgram.formats.files import Content

Value: TypeAlias = Any
"""One of the values above."""

_MARKERS = {"copyreg": "_reconstructor", "copy_reg": "_reconstructor"}
_HARMLESS = {
    ("_codecs", "encode"),
    ("collections", "OrderedDict"),
    *((module, "defaultdict") for module in ("collections", "UserString")),
    *((module, "frozenset") for module in ("builtins", "__builtin__")),
    ("numpy", "dtype"),
    *((f"numpy.{core}.multiarray", "_reconstruct") for core in ("core", "_core")),
    *((f"numpy.{core}.multiarray", "scalar") for core in ("core", "_core")),
    *((f"numpy.{core}.numeric", "_frombuffer") for core in ("core", "_core")),
    *_MARKERS.items(),
}
"""What pickles of gensim call besides their own classes and random generators. The names of others
are refused even though they would not be called."""


_MOST_COPIES = 4
"""How often the bytes of a file may be copied on average. Once is usual, even if two attributes are
one array."""


class BadPickleError(Exception):
    """What is wrong with a pickle, as a sentence about it."""


class Room:
    """How many bytes the values of a file may still copy out of it.

    A file can refer to one of its values often: 1 MB of arrays that share their bytes took 572 MB.
    """

    def __init__(self, size: int) -> None:
        self._left = _MOST_COPIES * size

    def take(self, size: int) -> None:
        """Count bytes that are about to be copied.

        Raises:
            BadPickleError: the copies would exceed the limit.
        """
        self._left -= size
        if self._left < 0:
            raise BadPickleError(f"it holds more than {_MOST_COPIES} times its size")


class Name(NamedTuple):
    """The class or function that a pickle names; it is never looked up."""

    module: str
    name: str

    def __repr__(self) -> str:
        return f"{self.module}.{self.name}"


class Pairs:
    """A dict, as a flat list of its keys and values in turn; or a set, as its members."""

    __slots__ = ("flat",)

    def __init__(self, flat: list[Value]) -> None:
        self.flat = flat

    def __iter__(self) -> Iterator[tuple[Value, Value]]:
        if len(self.flat) % 2:
            raise BadPickleError("it has a dict with a key that has no value")
        return zip(self.flat[::2], self.flat[1::2], strict=True)

    def named(self) -> dict[str, Value]:
        """Return the values whose keys are strings, such as the attributes of an object."""
        return {key: value for key, value in self if isinstance(key, str)}


class Record:
    """An object, or the result of a call.

    Attributes:
        called: the class or function.
        arguments: what it was called with.
        state: what was given to the object afterwards, usually its attributes.
        room: that of its file.
    """

    __slots__ = ("arguments", "called", "room", "state")

    def __init__(self, called: Name, arguments: Value, room: Room) -> None:
        self.called = called
        self.arguments = arguments
        self.state: Value = None
        self.room = room

    def attributes(self) -> dict[str, Value]:
        """Return the attributes by name."""
        return self.state.named() if isinstance(self.state, Pairs) else {}


def parse(content: Content) -> Value:
    """Return the value that a pickle of any protocol describes.

    Raises:
        BadPickleError: it is damaged or cut off, or would call what gensim's files do not.
    """
    machine = _Machine(content)
    try:
        return machine.run()
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise BadPickleError(f"it is damaged before byte {machine.position:,}") from error


class _Machine:
    """The state of a program: what is read, the stack, the marks in it, and the memo."""

    def __init__(self, content: Content) -> None:
        self.content = content
        self.position = 0
        self.stack: list[Value] = []
        self.marks: list[int] = []
        self.memo: dict[str, Value] = {}
        self.room = Room(len(content))

    def run(self) -> Value:
        content = self.content
        size = len(content)
        while self.position < size:
            opcode = content[self.position]
            self.position += 1
            if opcode == _STOP:
                return self.stack.pop()
            action = _ACTIONS.get(opcode)
            if action is None:
                raise BadPickleError(f"it holds the opcode {opcode:#04x}, which is not supported")
            action(self)
        raise BadPickleError("it is cut off")

    def take(self, size: int) -> bytes:
        """Return the next bytes, which must all be in the file."""
        end = self.position + size
        if size < 0 or end > len(self.content):
            left = len(self.content) - self.position
            raise BadPickleError(
                f"it is cut off: it declares {size:,} bytes where {left:,} are left"
            )
        part = self.content[self.position : end]
        self.position = end
        return part

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "little")

    def counted(self, size: int) -> bytes:
        """Return bytes that follow their number, which takes `size` bytes."""
        return self.take(self.number(size))

    def line(self) -> bytes:
        end = self.content.find(b"\n", self.position)
        if end < 0:
            raise BadPickleError("it is cut off")
        return self.take(end + 1 - self.position)[:-1]

    def marked(self) -> list[Value]:
        """Take what is above the last mark off the stack."""
        mark = self.marks.pop()
        items = self.stack[mark:]
        del self.stack[mark:]
        return items

    def add(self, items: list[Value]) -> None:
        """Add items to the list or dict on the stack. Those of an object are left out."""
        target = self.stack[-1]
        if isinstance(target, list):
            target.extend(items)
        elif isinstance(target, Pairs):
            target.flat.extend(items)
        elif not isinstance(target, Record):
            raise TypeError

    def call(self, called: Value, arguments: Value) -> None:
        self.stack.append(_result(called, arguments, self.room))


def _result(called: Value, arguments: Value, room: Room) -> Value:
    """Return our representation of the result of a call; nothing is called."""
    if not isinstance(called, Name):
        raise BadPickleError("it calls something that is not a function")
    if called == ("_codecs", "encode") and len(arguments) == 2 and arguments[1] == "latin1":
        room.take(len(arguments[0]))
        return arguments[0].encode("latin-1")  # how protocol 2 holds bytes
    if called == ("__builtin__", "bytes") and not arguments:
        return b""
    if _MARKERS.get(called.module) == called.name:  # how protocols 0 and 1 hold an object
        called, arguments = arguments[0], ()
    own = called.module.startswith(("gensim.", "numpy.random"))
    if not (own or called in _HARMLESS):
        raise BadPickleError(f"it would run {called!r:.80}, which is not allowed")
    return Record(called, arguments, room)


_Action: TypeAlias = "Callable[[_Machine], object]"
_STOP = ord(".")


def _push(read: Callable[[_Machine], Value]) -> _Action:
    """Return the action that pushes what is read."""
    return lambda machine: machine.stack.append(read(machine))


def _put(read: Callable[[_Machine], int]) -> _Action:
    """Return the action that memoizes the top of the stack under the number read."""

    def put(machine: _Machine) -> None:
        machine.memo[str(read(machine))] = machine.stack[-1]

    return put


def _get(read: Callable[[_Machine], int]) -> _Action:
    """Return the action that pushes what was memoized under the number read."""
    return lambda machine: machine.stack.append(machine.memo[str(read(machine))])


def _tuple(size: int) -> _Action:
    """Return the action that makes a tuple of the top of the stack."""

    def make(machine: _Machine) -> None:
        if len(machine.stack) < size:
            raise IndexError
        machine.stack[-size:] = [tuple(machine.stack[-size:])]

    return make


def _build(machine: _Machine) -> None:
    state = machine.stack.pop()
    machine.stack[-1].state = state


def _reduce(machine: _Machine) -> None:
    arguments = machine.stack.pop()
    machine.call(machine.stack.pop(), arguments)


def _reduce_with_names(machine: _Machine) -> None:
    machine.stack.pop()  # arguments by name, which no class of gensim takes
    _reduce(machine)


def _instance(machine: _Machine) -> None:
    name = _name(machine)
    machine.call(name, tuple(machine.marked()))


def _object(machine: _Machine) -> None:
    called, *arguments = machine.marked()
    machine.call(called, tuple(arguments))


def _name(machine: _Machine) -> Name:
    return Name(machine.line().decode(), machine.line().decode())


def _name_on_stack(machine: _Machine) -> None:
    name = machine.stack.pop()
    module = machine.stack.pop()
    if not (isinstance(module, str) and isinstance(name, str)):
        raise TypeError
    machine.stack.append(Name(module, name))


def _pop(machine: _Machine) -> None:
    if machine.marks and machine.marks[-1] == len(machine.stack):
        machine.marks.pop()
    else:
        machine.stack.pop()


def _add_two(machine: _Machine) -> None:
    value = machine.stack.pop()
    key = machine.stack.pop()
    machine.add([key, value])


def _add_one(machine: _Machine) -> None:
    value = machine.stack.pop()
    machine.add([value])


def _int_in_text(machine: _Machine) -> int | bool:
    line = machine.line()
    return line == b"01" if line in (b"00", b"01") else int(line)


def _string_in_text(machine: _Machine) -> str:
    """Return a string of protocol 0 from Python 2, whose bytes are read as Latin-1."""
    line = machine.line().strip()
    if len(line) < 2 or line[0] != line[-1] or line[:1] not in (b"'", b'"'):
        raise ValueError
    return codecs.escape_decode(line[1:-1])[0].decode("latin-1")


def _signed(read: Callable[[_Machine], bytes]) -> Callable[[_Machine], int]:
    return lambda machine: int.from_bytes(read(machine), "little", signed=True)


def _text(size: int, encoding: str) -> _Action:
    if encoding == "latin-1":
        return _push(lambda machine: machine.counted(size).decode("latin-1"))
    return _push(lambda machine: machine.counted(size).decode("utf-8", "surrogatepass"))


_ACTIONS: dict[int, _Action] = {
    ord(code): action
    for code, action in {
        # Atoms.
        "N": _push(lambda _: None),
        "\x88": _push(lambda _: True),
        "\x89": _push(lambda _: False),
        "I": _push(_int_in_text),
        "J": _push(_signed(lambda machine: machine.take(4))),
        "K": _push(lambda machine: machine.number(1)),
        "M": _push(lambda machine: machine.number(2)),
        "L": _push(lambda machine: int(machine.line().removesuffix(b"L"))),
        "\x8a": _push(_signed(lambda machine: machine.counted(1))),
        "\x8b": _push(_signed(lambda machine: machine.counted(4))),
        "F": _push(lambda machine: float(machine.line())),
        "G": _push(lambda machine: struct.unpack(">d", machine.take(8))[0]),
        # Text and bytes; those of Python 2 are read as Latin-1.
        "S": _push(_string_in_text),
        "T": _text(4, "latin-1"),
        "U": _text(1, "latin-1"),
        "V": _push(lambda machine: machine.line().decode("raw_unicode_escape")),
        "X": _text(4, "utf-8"),
        "\x8c": _text(1, "utf-8"),
        "\x8d": _text(8, "utf-8"),
        "B": _push(lambda machine: machine.counted(4)),
        "C": _push(lambda machine: machine.counted(1)),
        "\x8e": _push(lambda machine: machine.counted(8)),
        "\x96": _push(lambda machine: machine.counted(8)),
        # Containers.
        "]": _push(lambda _: []),
        "l": _push(lambda machine: machine.marked()),
        "a": _add_one,
        "e": lambda machine: machine.add(machine.marked()),
        ")": _push(lambda _: ()),
        "t": _push(lambda machine: tuple(machine.marked())),
        "\x85": _tuple(1),
        "\x86": _tuple(2),
        "\x87": _tuple(3),
        "}": _push(lambda _: Pairs([])),
        "d": _push(lambda machine: Pairs(machine.marked())),
        "s": _add_two,
        "u": lambda machine: machine.add(machine.marked()),
        "\x8f": _push(lambda _: Pairs([])),
        "\x90": lambda machine: machine.add(machine.marked()),
        "\x91": _push(lambda machine: Pairs(machine.marked())),
        # The stack and the memo.
        "(": lambda machine: machine.marks.append(len(machine.stack)),
        "0": _pop,
        "1": lambda machine: machine.marked(),
        "2": _push(lambda machine: machine.stack[-1]),
        "g": _get(lambda machine: int(machine.line())),
        "h": _get(lambda machine: machine.number(1)),
        "j": _get(lambda machine: machine.number(4)),
        "p": _put(lambda machine: int(machine.line())),
        "q": _put(lambda machine: machine.number(1)),
        "r": _put(lambda machine: machine.number(4)),
        "\x94": _put(lambda machine: len(machine.memo)),
        # Objects.
        "c": _push(_name),
        "\x93": _name_on_stack,
        "R": _reduce,
        "\x81": _reduce,
        "\x92": _reduce_with_names,
        "i": _instance,
        "o": _object,
        "b": _build,
        # The protocol, and the length of a frame, which matters only for reading from a stream.
        "\x80": lambda machine: machine.take(1),
        "\x95": lambda machine: machine.take(8),
    }.items()
}
"""What each opcode does. Missing are references to objects outside the file."""
