"""What verbs have in common: their options, their answers, and the error of a command line that makes no sense."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter, Token

from skipgram.config import CorpusConfig, TrainConfig, read_config_file, split_options

if TYPE_CHECKING:
    from skipgram.corpus.sources import Reading


def whole(_kind: type[int], tokens: Sequence[Token]) -> int:
    """Return a whole number; cyclopts would round 1.5 to one."""
    try:
        return int(tokens[0].value)
    except ValueError:
        raise ValueError(f"{tokens[0].value!r} is not a whole number; give one, as in 10") from None


def named(kind: Callable[[str], Path | str], tokens: Sequence[Token]) -> Path | str:
    """Return the name of a file or directory; an empty one would be taken for the directory one stands in."""
    if not tokens[0].value:
        raise ValueError("the name of a file or directory is empty; give it one, or leave it out")
    return kind(tokens[0].value)


CORPUS = (
    "Files, patterns, directories, URLs, or - for standard input: text (a sentence a line, words between spaces), plain or "
    "compressed, or tables with --column; or a directory made by encode."
)
CorpusNames = Annotated[str, Parameter(help=CORPUS)]
Whole = Annotated[int, Parameter(converter=whole)]
Name = Annotated[Path, Parameter(converter=named)]
ConfigFile = Annotated[
    Name | None, Parameter(help="TOML file with any of these options; flags override it.")
]
MODEL = "Model directory, or vectors in another format."
Model = Annotated[Name, Parameter(help=MODEL)]
Json = Annotated[bool, Parameter(name="--json", negative="", help="Answer in JSON.")]
Quiet = Annotated[bool, Parameter(name=["--quiet", "-q"], negative="", help="Show no progress.")]
TopN = Annotated[Whole, Parameter(name=["--topn", "-n"], help="How many answers.")]
Vectors = Annotated[
    Literal["input", "output", "average"], Parameter(help="Which vectors of the words.")
]


STANDARD_INPUT = "stdin://"
"""What a lone dash is turned into, among the names of a corpus."""


class UsageError(Exception):
    """A command line that makes no sense, though every part of it does."""


def refuse_flags(names: Iterable[str], where: str) -> None:
    """Refuse options that would have no effect."""
    for name in names:
        raise UsageError(f"--{name.replace('_', '-')} has no effect with {where}; leave it out")


def refuse_repeats(names: Sequence[str], what: str) -> None:
    """Refuse what is named more than once and would be shown or counted so."""
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"the {what} {name} is given {names.count(name)} times; give it once")


def print_json(value: Any) -> None:
    """Print an answer for programs."""
    print(json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False))


def settings_of(
    options: TrainConfig, reading: CorpusConfig, config: Path | None
) -> tuple[TrainConfig, CorpusConfig]:
    """Return the options of a file, if one is given, with those of the command line before them."""
    given = {
        name: getattr(group, name)
        for group in (options, reading)
        for name in group.model_fields_set
    }
    return split_options({**(read_config_file(config) if config else {}), **given})


def corpus_of(names: Sequence[str], config: CorpusConfig) -> Reading:
    """Return the corpus of the command line."""
    from skipgram.corpus.sources import Reading
    from skipgram.io.locations import is_url

    if not names or "" in names:
        raise UsageError("no corpus was given; name at least one text file")
    return Reading([name if is_url(name) else Path(name) for name in names], config)
