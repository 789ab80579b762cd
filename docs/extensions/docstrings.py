"""Read docstrings as they are written here: plain text with `code` and indented layouts.

reStructuredText would render an indented layout as a quotation, and read `|` and `*` as markup.
Options also get their default and range, from the fields of the model.
"""

from __future__ import annotations

import re
from typing import Any

from sphinx.application import Sphinx

SECTION = re.compile(r"(Args|Attributes|Returns|Yields|Raises|Examples?|Notes?):$")
CODE = re.compile(r"(``.*?``|`[^`]+`)")
NAME = re.compile(r"`[A-Za-z_][\w.]*`")
ITEM = re.compile(r"\s*(?:[-*]|\d+\.) ")
OPTION = re.compile(r"(?<![\w-])--[a-z][\w-]*")
MARKUP = re.compile(r"\*|\||(?<=\w)_(?!\w)")
ALIAS = re.compile(r"TypeAliasForwardRef\('(\w+)'\)")
BOUNDS = {"Ge": "at least", "Gt": "more than", "Le": "at most", "Lt": "less than"}


def escape(line: str) -> str:
    """Return a line in which only `code` is markup: a name becomes a link, the rest a literal."""
    item = ITEM.match(line)
    start = item.end() if item else 0
    parts = CODE.split(line[start:])
    for i, part in enumerate(parts):
        if i % 2 == 0:
            parts[i] = OPTION.sub(r"``\g<0>``", MARKUP.sub(r"\\\g<0>", part))
        elif NAME.fullmatch(part):
            parts[i] = f":py:obj:{part}"
        elif not part.startswith("``"):
            parts[i] = f"`{part}`"
    return line[:start] + "".join(parts)


def prepare(lines: list[str]) -> list[str]:
    """Return a docstring with layouts as literal blocks and everything else escaped."""
    prepared: list[str] = []
    in_section = in_layout = False
    for line in lines:
        if line and not line[0].isspace():
            in_section, in_layout = bool(SECTION.match(line)), False
        elif line.startswith("    ") and not in_section and not in_layout:
            before = prepared[-1] if prepared else ""
            if not before:
                prepared += ["::", ""]
                in_layout = True
        verbatim = in_layout or line.lstrip().startswith(">>>")
        prepared.append(line if verbatim else escape(line))
    return prepared


def limits(field: Any) -> str:
    """Return the default and the range of an option in words."""
    bounds = [
        f"{BOUNDS[type(bound).__name__]} {getattr(bound, type(bound).__name__.lower())}"
        for bound in field.metadata
        if type(bound).__name__ in BOUNDS
    ]
    default = "" if field.default_factory else f"Default: ``{field.default!r}``."
    return " ".join([default, f"Allowed: {' and '.join(bounds)}." if bounds else ""]).strip()


def on_docstring(
    _app: Sphinx, what: str, name: str, _obj: Any, _options: Any, lines: list[str]
) -> None:
    """Prepare a docstring before napoleon reads it."""
    lines[:] = prepare(lines)
    if what in {"attribute", "data", "property"}:
        # Napoleon would take the words before a first colon for a type; a comment holds it off.
        lines[:] = ["..", "", *lines]
    if what == "attribute" and (field := option_field(name)):
        lines += ["", limits(field), ""]


def on_start(_app: Sphinx) -> None:
    """Let signatures end with `**options`, as in the source: the docstrings list the options."""
    import skipgram

    for function in (skipgram.train, skipgram.encode):
        vars(function).pop("__signature__", None)


def on_signature(
    _app: Sphinx,
    what: str,
    _name: str,
    obj: Any,
    _options: Any,
    signature: str | None,
    returns: str | None,
) -> tuple[str, str] | None:
    """Shorten signatures: options are listed one by one, and an alias goes by its name."""
    if what == "class" and hasattr(obj, "model_fields"):
        return "(**options)", ""
    if not signature:
        return None
    return ALIAS.sub(r"\1", signature), ALIAS.sub(r"\1", returns or "")


def on_member(
    _app: Sphinx, _what: str, _name: str, obj: Any, _skip: bool, _options: Any
) -> bool | None:
    """Leave out the fields of named tuples: "Alias for field number 0" says nothing."""
    return True if type(obj).__name__ == "_tuplegetter" else None


def option_field(name: str) -> Any:
    """Return the field of an option by its full name, or None if the name is not an option."""
    from skipgram import config

    owner, _, option = name.rpartition(".")
    model = getattr(config, owner.rpartition(".")[2], None)
    return getattr(model, "model_fields", {}).get(option)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the handlers, that of docstrings ahead of napoleon's."""
    app.connect("autodoc-skip-member", on_member)
    app.connect("builder-inited", on_start)
    app.connect("autodoc-process-signature", on_signature)
    app.connect("autodoc-process-docstring", on_docstring, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
