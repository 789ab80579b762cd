"""What values an option takes, and what is wrong with a value that it was given."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, get_args, get_origin

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails


def explain(fields: Mapping[str, FieldInfo], problem: ErrorDetails) -> str:
    """Say in one line which option is wrong, its value, and what is allowed."""
    name = ".".join(map(str, problem["loc"]))
    reason = problem.get("ctx", {}).get("error")
    if not name:  # options that do not go together
        return str(reason)
    allowed = reason or _allowed(fields, name) or problem["msg"]
    return f"{name} is {_show(problem['input'])}; {allowed}"


def _show(value: object) -> str:
    """Return a value for a message. The command line gives numbers as strings; show those bare."""
    text = str(value)
    is_number = re.fullmatch(r"[+-]?\d+(\.\d*)?", text) is not None
    return text if is_number else f"{value!r:.80}"


def _allowed(fields: Mapping[str, FieldInfo], name: str) -> str:
    """Say what values an option takes; an empty string if it has no range."""
    field = fields.get(name)
    if field is None:
        return ""
    if get_origin(field.annotation) is Literal:
        return f"it must be one of {', '.join(get_args(field.annotation))}"
    bounds = bounds_of(field)
    kind = _kind(str(field.annotation))
    return f"it must be {kind}, {' and '.join(bounds)}" if bounds else f"it must be {kind}"


def bounds_of(field: FieldInfo) -> list[str]:
    """Return the bounds of an option in words, such as ["at least 1", "at most 256"]."""
    words = {"Ge": "at least", "Gt": "more than", "Le": "at most", "Lt": "less than"}
    return [
        f"{words[type(bound).__name__]} {getattr(bound, type(bound).__name__.lower())}"
        for bound in field.metadata
        if type(bound).__name__ in words
    ]


def _kind(annotation: str) -> str:
    """Say what values an annotation of an option allows."""
    kinds = {
        "tuple[str": "a string or a list of strings",
        "bool": "true or false",
        "int": "a whole number",
        "str": "a string",
    }
    return next((words for name, words in kinds.items() if name in annotation), "a number")
