"""The option `tokenizer`: a function of the user that splits a text into tokens."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path

from skipgram.errors import ConfigError, CorpusError

Tokenizer = Callable[[str], Sequence[str]]

_SHOWN = 60  # characters of a text or a value in a message


def name_of(tokenizer: Tokenizer) -> str:
    """Return module:function for a function that can be imported by this name.

    Anything else (a lambda, a bound method, `functools.partial`) has no such name: "TYPE: has no
    name to import it by".
    """
    owner = getattr(tokenizer, "__objclass__", tokenizer)  # of a method such as str.split
    module, path = getattr(owner, "__module__", None), getattr(tokenizer, "__qualname__", None)
    if isinstance(module, str) and isinstance(path, str):
        found: object = sys.modules.get(module)
        for part in path.split("."):
            found = getattr(found, part, None)
        if found is tokenizer:
            return f"{module}:{path}"
    return f"{type(tokenizer).__qualname__}: has no name to import it by"


def load_tokenizer(tokenizer: str | Tokenizer) -> Tokenizer:
    """Return the tokenizer, or what "module:function" names; it checks what it returns.

    Raises:
        ConfigError: there is no such function.
    """
    if not isinstance(tokenizer, str):
        return _checked(tokenizer, name_of(tokenizer))
    found = _import(tokenizer)
    if not callable(found):
        raise ConfigError(
            f"tokenizer={tokenizer} is not a function; "
            "give a function that takes a line and returns its tokens"
        )
    return _checked(found, tokenizer)


def _checked(split: Callable[[str], object], name: str) -> Tokenizer:
    """Return a function that raises a CorpusError if `split` fails or returns no list of tokens."""

    def find(line: str) -> list[str]:
        tokens = None
        try:
            found = split(line)
            if isinstance(found, Iterable) and not isinstance(
                found, str | bytes | Mapping | AbstractSet
            ):
                tokens = list(found)  # a generator may fail only now
        except Exception as error:
            raise CorpusError(
                f"tokenizer={name} failed on the line {line[:_SHOWN]!r}: "
                f"{type(error).__name__}: {error}; fix the function"
            ) from error
        if tokens is None:
            hint = ", as in text.split()" if isinstance(found, str) else ""
            raise CorpusError(
                f"tokenizer={name} returned {_shortened(found)}, of type {type(found).__name__}, "
                f"for the line {line[:_SHOWN]!r}; it must return a list of tokens{hint}"
            )
        return tokens

    return find


def _shortened(value: object) -> str:
    text = repr(value)
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
        raise ConfigError(
            f"tokenizer={name} cannot be imported: {type(error).__name__}: {error}; "
            "name a function as module:function"
        ) from error
    finally:
        sys.path.pop(0)
    return found
