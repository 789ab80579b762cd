"""The options as keyword arguments: their types, for editors and type checkers, and their help."""

from __future__ import annotations

import ast
import functools
import inspect
import itertools
import os
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Literal, TypedDict, TypeVar, cast, get_args, get_origin

from pydantic.fields import FieldInfo

from skipgram import config
from skipgram.config import GROUPS, Options
from skipgram.errors import ConfigError
from skipgram.ranges import bounds_of
from skipgram.wording import ELSEWHERE, describe_unknown

Function = TypeVar("Function", bound=Callable[..., object])

WIDTH = 80

_POSITIONAL = inspect.Parameter.POSITIONAL_OR_KEYWORD


class CorpusOptions(TypedDict, total=False):
    """The options of `CorpusConfig`, as keyword arguments."""

    column: str | int | None
    group_by: str | int | None
    order_by: str | int | None
    delimiter: str | None
    quoting: Literal["auto", "doubled", "backslash", "none"]
    include: str | Sequence[str]
    exclude: str | Sequence[str]
    encoding: str
    sentence_per: Literal["line", "file", "sentence"]
    max_word: int
    max_line: int
    whitespace: Literal["unicode", "ascii"]
    lowercase: bool
    nfkc: bool
    clean: bool
    numbers: Literal["keep", "drop", "zero"]
    tokenizer: Any
    token_pattern: str | None
    stopwords: str | os.PathLike[str] | Iterable[str] | None


class ModelOptions(TypedDict, total=False):
    """The options of `TrainConfig`, as keyword arguments."""

    preset: Literal["fast", "default", "best"]
    objective: Literal["negative", "softmax", "hierarchical", "hierarchical+negative"]
    architecture: Literal["skipgram", "cbow"]
    cbow_context: Literal["mean", "word2vec", "sum"]
    optimizer: Literal["sgd", "adagrad", "adam"]
    vector_size: int
    window: int
    window_left: int | None
    window_right: int | None
    shrink_windows: bool
    negative: int
    negative_sharing: Literal["group", "window", "pair"]
    step_per: Literal["window", "word"]
    ns_exponent: float
    sample: float
    min_count: int
    max_vocab: int | None
    epochs: int
    batch: int
    alpha: float
    min_alpha: float | None
    threads: int
    deterministic: bool
    seed: int
    postprocess: Literal["none", "mean"]
    exact_loss: bool
    validation: float | str | None
    patience: int | None


class TrainOptions(CorpusOptions, ModelOptions, total=False):
    """The options of `TrainConfig` and `CorpusConfig`, as keyword arguments."""


def lists_options(*groups: type[Options]) -> Callable[[Function], Function]:
    """Return a decorator that lists the options of these groups in the help of a function.

    They are appended to its docstring. In its signature they take the place of `**options`, so that
    notebooks complete them; type checkers read the annotation of `**options` instead.
    A name that is neither an option nor another argument is a ConfigError.
    """

    def decorate(function: Function) -> Function:
        listed = "".join(f"\n\n{_describe_group(group)}" for group in groups)
        function.__doc__ = f"{inspect.cleandoc(function.__doc__ or '')}{listed}\n"
        signature = inspect.signature(function)
        positional = [
            each.name for each in signature.parameters.values() if each.kind is _POSITIONAL
        ]
        own = [each for each in signature.parameters.values() if each.kind is not each.VAR_KEYWORD]
        options = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=_shown_default(field))
            for group in groups
            for name, field in group.model_fields.items()
        ]
        changed = signature.replace(parameters=[*own, *options])
        names = [name for name in changed.parameters if name not in positional]

        @functools.wraps(function)
        def checked(*args: object, **given: object) -> object:
            if unknown := [name for name in given if name not in changed.parameters]:
                raise ConfigError(describe_unknown(unknown, names, ELSEWHERE, GROUPS))
            return function(*args, **given)

        vars(checked)["__signature__"] = changed
        return cast(Function, checked)

    return decorate


class _Computed:
    """Stands in a signature for a default that other options or the machine decide."""

    def __repr__(self) -> str:
        return "..."


def _shown_default(field: FieldInfo) -> object:
    return _Computed() if field.default_factory else field.default


def _describe_group(group: type[Options]) -> str:
    """Return the options of a group: name, type, default, description and range of each."""
    descriptions = dict(_descriptions(group))
    lines = [f"Options of `{group.__name__}`:", ""]
    for name, field in group.model_fields.items():
        default = "" if field.default_factory else f" = {field.default!r}"
        lines.append(f"    {name}: {type_name(field)}{default}")
        text = descriptions.get(name, "")
        if allowed := " and ".join(bounds_of(field)):
            text = f"{text} Allowed: {allowed}."
        indent = " " * 8
        lines += textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent)
    return "\n".join(lines)


def type_name(field: FieldInfo) -> str:
    """Return the type of an option as it is written in code."""
    kinds = get_args(field.annotation)
    if get_origin(field.annotation) is Literal:
        return " | ".join(map(repr, kinds))
    if get_origin(field.annotation) is tuple:
        return str(field.annotation)
    names = [getattr(kind, "__name__", str(kind)) for kind in kinds or (field.annotation,)]
    return " | ".join("None" if name == "NoneType" else name for name in names)


def _descriptions(group: type[Options]) -> Iterator[tuple[str, str]]:
    """Yield the name of each option and the docstring below it, which only the source has."""
    try:
        tree = ast.parse(inspect.getsource(config))
    except OSError:  # installed without its source
        return
    body = next(
        node.body
        for node in tree.body
        if isinstance(node, ast.ClassDef) and node.name == group.__name__
    )
    for field, text in itertools.pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr):
            yield ast.unparse(field.target), " ".join(ast.literal_eval(text.value).split())
