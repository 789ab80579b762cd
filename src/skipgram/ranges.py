"""What values an option or a field takes, and what is wrong with one that it was given."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, get_args, get_origin

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

_BOUNDS = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
_KINDS = {
    "int": "a whole number",
    "float": "a number",
    "finite": "a finite number",
    "string": "a string",
    "bool": "true or false",
    "list": "a list",
    "dict": "an object",
    "model": "an object",
    "dataclass": "an object",
}
"""What pydantic expects, by the first part of the type of its error."""


def explain(fields: Mapping[str, FieldInfo], problem: ErrorDetails) -> str:
    """Say in one line what is wrong with an option, or with a field of a file.

    Args:
        fields: the options by name, of which all bounds are named; empty for a file.
        problem: what pydantic found.

    Returns:
        Which one is wrong, its value, and what is allowed.
    """
    name = f"{'.'.join(map(str, problem['loc'])):.80}"
    if problem["type"] == "missing":
        return f"{name} is missing"
    if problem["type"] == "extra_forbidden":
        return f"{name} is not a known field"
    reason = problem.get("ctx", {}).get("error")
    if not name:  # options that do not go together
        return str(reason)
    allowed = reason or _allowed(fields, name) or _expected(problem)
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


def _expected(problem: ErrorDetails) -> str:
    """Say what a field takes, as far as pydantic's error says."""
    context = problem.get("ctx", {})
    if "expected" in context:
        return f"it must be {context['expected']}"
    if bound := next((name for name in _BOUNDS if name in context), None):
        return f"it must be {_BOUNDS[bound]} {context[bound]}"
    kind = _KINDS.get(problem["type"].partition("_")[0])
    return f"it must be {kind}" if kind else problem["msg"]


def bounds_of(field: FieldInfo) -> list[str]:
    """Return the bounds of an option in words, such as ["at least 1", "at most 256"]."""
    names = [(bound, type(bound).__name__.lower()) for bound in field.metadata]
    return [f"{_BOUNDS[name]} {getattr(bound, name)}" for bound, name in names if name in _BOUNDS]


def _kind(annotation: str) -> str:
    """Say what values an annotation of an option allows."""
    kinds = {
        "tuple[str": "a string or a list of strings",
        "bool": "true or false",
        "int": "a whole number",
        "str": "a string",
    }
    return next((words for name, words in kinds.items() if name in annotation), "a number")
