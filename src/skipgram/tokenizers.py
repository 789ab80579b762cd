"""The option `tokenizer`: a function of the user that splits a text into tokens."""

from __future__ import annotations

import importlib
import re
import reprlib
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

from skipgram.errors import ConfigError, CorpusError

Tokenizer = Callable[[str], Sequence[str]]

_SHOWN = 60  # characters of a text or a value in a message
_ADDRESS = re.compile(r" (?:object )?at 0x[0-9a-fA-F]+")

_NO_LISTS = (str, bytes, bytearray, memoryview, Mapping, AbstractSet)
"""Types that can be iterated over, but give characters, numbers, or words without an order."""


def name_of(tokenizer: Tokenizer) -> str:
    """Return module:function for a function that can be imported by this name.

    Anything else (a lambda, a bound method, `functools.partial`) has no such name: "TYPE: has no
    name to import it by".
    """
    return _imported_as(tokenizer) or f"{_type_of(tokenizer)}: has no name to import it by"


def _imported_as(tokenizer: Tokenizer) -> str | None:
    """Return the name by which a function can be imported, module:function, if it has one."""
    owner = getattr(tokenizer, "__objclass__", tokenizer)  # of a method such as str.split
    module, path = getattr(owner, "__module__", None), getattr(tokenizer, "__qualname__", None)
    if not (isinstance(module, str) and isinstance(path, str)):
        return None
    found: object = sys.modules.get(module)
    for part in path.split("."):
        found = getattr(found, part, None)
    return f"{module}:{path}" if found is tokenizer else None


def _type_of(value: object) -> str:
    return type(value).__qualname__


class RecordedName(str):
    """The name of a tokenizer in a file of data, which may be a stranger's: it is not imported."""

    __slots__ = ()


def recorded(reading: Mapping[str, Any]) -> dict[str, Any]:
    """Return options of reading from a file of data, whose tokenizer is not imported."""
    options = dict(reading)
    if isinstance(options.get("tokenizer"), str):
        options["tokenizer"] = RecordedName(options["tokenizer"])
    return options


def load_tokenizer(tokenizer: str | Tokenizer) -> Tokenizer:
    """Return the tokenizer, or what "module:function" names; it checks what it returns.

    Raises:
        ConfigError: there is no such function, or its name is from a file of data.
    """
    if isinstance(tokenizer, RecordedName):
        raise ConfigError(
            f"a file of data says that the tokenizer {tokenizer!s:.80} splits this text, but it is "
            "not imported for that; set tokenizer to it if you trust it, or train on the "
            "text instead of its encoded form"
        )
    if not isinstance(tokenizer, str):
        name = _imported_as(tokenizer)
        shown = f"tokenizer={name}" if name else f"the tokenizer (of type {_type_of(tokenizer)})"
        return _checked(tokenizer, shown)
    found = _import(tokenizer)
    if not callable(found):
        raise ConfigError(
            f"tokenizer={tokenizer} is not a function; "
            "give a function that takes a line and returns its tokens"
        )
    return _checked(found, f"tokenizer={tokenizer}")


def _checked(split: Callable[[str], object], name: str) -> Tokenizer:
    """Return a function that raises a CorpusError if `split` fails or returns no list of tokens."""

    def find(line: str) -> list[str]:
        tokens = None
        try:
            found = split(line)
            if isinstance(found, Iterable) and not isinstance(found, _NO_LISTS):
                tokens = list(found)  # a generator may fail only now
        except Exception as error:
            raise CorpusError(
                f"{name} failed on the line {line[:_SHOWN]!r}: "
                f"{type(error).__name__}: {error}; fix the function"
            ) from error
        if tokens is None:
            hint = ", as in text.split()" if isinstance(found, str) else ""
            raise CorpusError(
                f"{name} returned {_shortened(found)}, of type {type(found).__name__}, "
                f"for the line {line[:_SHOWN]!r}; it must return a list of tokens{hint}"
            )
        return tokens

    return find


def _shortened(value: object) -> str:
    """Return the start of a value as Python shows it, without the address in memory."""
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001 - the user's code
        text = reprlib.repr(value)
    text = _ADDRESS.sub("", text)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _import(name: str) -> object:
    """Import what "module:attribute" names, also from the working directory."""
    module, _, path = name.partition(":")
    sys.path.insert(0, str(Path.cwd()))  # installed programs do not search the working directory
    try:
        found: object = importlib.import_module(module)
        for part in path.split("."):
            found = getattr(found, part)
    except Exception as error:  # importing runs the user's code
        remedy = "name a function as module:function"
        package = module.partition(".")[0]
        if isinstance(error, ModuleNotFoundError) and error.name == package:
            remedy = f"install it, for example with pip install {package}, or check the spelling"
        raise ConfigError(
            f"tokenizer={name} cannot be imported: {type(error).__name__}: {error}; {remedy}"
        ) from error
    finally:
        sys.path.pop(0)
    return found
