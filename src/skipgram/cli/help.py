"""What `--help` shows: options in panels, the range of each option, and examples."""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Callable, Mapping
from typing import get_args

from cyclopts import App, Argument, ArgumentCollection, Group, Parameter

from skipgram.config import CorpusConfig, TrainConfig

ARGUMENTS = Group.create_ordered("Arguments")
CORPUS = Group.create_ordered("Corpus")
MODEL = Group.create_ordered("Model")
TRAINING = Group.create_ordered("Training")
SEARCH = Group.create_ordered("Search")
OPTIONS = Group.create_ordered("Options")
OUTPUT = Group.create_ordered("Output")

PANELS = {
    CORPUS: {*CorpusConfig.model_fields, "min_count", "max_vocab"},
    MODEL: {
        "objective", "architecture", "cbow_context", "vector_size", "window", "window_left",
        "window_right", "shrink_windows", "negative", "negative_sharing", "step_per",
        "ns_exponent",
    },
    TRAINING: {
        "preset", "optimizer", "sample", "epochs", "batch", "alpha", "min_alpha", "threads",
        "deterministic", "seed", "postprocess", "exact_loss", "validation", "patience",
    },
}  # fmt: skip
"""The panel of each field of `CorpusConfig` and `TrainConfig`."""

FIELDS = {**CorpusConfig.model_fields, **TrainConfig.model_fields}
BOUNDS = ("ge", "gt", "le")

_UNLIMITED = 2**31 - 2
"""Upper bounds this large only keep integers from overflowing. The help leaves them out."""


class HelpApp(App):
    """An app whose help has panels, ranges and examples."""

    def add(self, command: Callable[..., None], panel: Group) -> None:
        """Add a command to a panel. The "Examples:" in its docstring end its help."""
        text, _, examples = inspect.cleandoc(command.__doc__ or "").partition("\n\nExamples:\n")
        paragraphs = [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]
        self.command(
            command,
            group=panel,
            help="\n\n".join(paragraphs),
            usage=_usage(command),
            help_epilogue=f"Examples:\n{examples}",
            sort_key=len(list(self)),
        )

    def assemble_argument_collection(
        self, *, default_parameter: Parameter | None = None, parse_docstring: bool = False
    ) -> ArgumentCollection:
        """Return the arguments of a command. For the help, docstrings are parsed."""
        arguments = super().assemble_argument_collection(
            default_parameter=default_parameter, parse_docstring=parse_docstring
        )
        if parse_docstring:
            for argument in arguments:
                argument.parameter = _describe(argument)
        return arguments


def _usage(command: Callable[..., None]) -> str | None:
    """Return the usage of a command that ends with optional arguments. Cyclopts calls them ARGS."""
    parameters = list(inspect.signature(command).parameters.values())
    positional = [each for each in parameters if each.kind is not each.KEYWORD_ONLY]
    if not positional or positional[-1].kind is not inspect.Parameter.VAR_POSITIONAL:
        return None
    annotated = inspect.signature(command, eval_str=True).parameters[positional[-1].name].annotation
    if any(isinstance(each, Parameter) and each.required for each in annotated.__metadata__):
        return None
    *before, last = (each.name.upper() for each in positional)
    words = ["Usage: skipgram", command.__name__.replace("_", "-"), "[OPTIONS]"]
    return " ".join([*words, *before, f"[{last}...]"])


def _describe(argument: Argument) -> Parameter:
    """Return an argument's parameter with its panel, and with its range in the help text."""
    text = " ".join((argument.parameter.help or "").split())
    text = re.sub(r"`(\w+)`", lambda name: "--" + name[1].replace("_", "-"), text)
    parameters = [argument.parameter, Parameter(help=text)]
    if argument.field_info.default in (False, ()):
        parameters.append(Parameter(show_default=False))
    if os.PathLike[str] in get_args(argument.hint):
        argument.hint = str  # what else Python takes is nothing to write on a command line
    if argument.keys and argument.keys[0] in FIELDS:
        field = argument.keys[0]
        panel = next(panel for panel, fields in PANELS.items() if field in fields)
        parameters.append(Parameter(help=with_range(text, field), group=panel))
    return Parameter.combine(*parameters)


def with_range(text: str, field: str) -> str:
    """Return a help text that ends with the range of a field of the options, if it has one."""
    bounds: dict[str, float] = {}
    for bound in FIELDS[field].metadata:
        bounds |= {name: getattr(bound, name) for name in BOUNDS if hasattr(bound, name)}
    allowed = describe_range(bounds)
    return f"{text} [range: {allowed}]" if allowed else text


def describe_range(bounds: Mapping[str, float]) -> str:
    """Return a range such as "1 to 256" for {"ge": 1, "le": 256}; "" if there is none."""
    most = bounds.get("le", _UNLIMITED)
    if "gt" in bounds:
        return f"more than {bounds['gt']}" + (f", up to {most:,}" if most < _UNLIMITED else "")
    if "ge" in bounds:
        return f"{bounds['ge']} to {most:,}" if most < _UNLIMITED else f"{bounds['ge']} or more"
    return ""
