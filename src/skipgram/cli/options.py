"""What commands share: their options, their output, and the error for wrong usage."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter, Token

from skipgram.cli.help import ARGUMENTS, CORPUS, OUTPUT, TRAINING, with_range
from skipgram.cli.rescue import save_somewhere
from skipgram.cli.streams import announce
from skipgram.cli.terminal import json_text, say
from skipgram.config import CorpusConfig, TrainConfig, split_options
from skipgram.config_file import read_config_file
from skipgram.errors import ConfigError
from skipgram.intervals import DEFAULT_INTERVAL, interval_of
from skipgram.loading import Loading
from skipgram.wording import count

if TYPE_CHECKING:
    from skipgram.callbacks import Probe
    from skipgram.corpus.sources import Reading
    from skipgram.embeddings import Embeddings
    from skipgram.training.events import Report


def integer(_kind: type[int], tokens: Sequence[Token]) -> int:
    """Convert to an integer. Cyclopts itself would round 1.5."""
    try:
        return int(tokens[0].value)
    except ValueError:
        raise ValueError(
            f"{tokens[0].value!r} is not a whole number; give one, such as 10"
        ) from None


def non_empty(kind: Callable[[str], Path | str], tokens: Sequence[Token]) -> Path | str:
    """Convert to a path, with ~ for the home directory, which shells leave in --output=~/model.

    An empty string would become the current directory.
    """
    if not tokens[0].value:
        raise ValueError("the path is empty; name a file or directory, or leave the option out")
    return kind(os.path.expanduser(tokens[0].value))  # noqa: PTH111 - not of a URL


Integer = Annotated[int, Parameter(converter=integer)]
FilePath = Annotated[Path, Parameter(converter=non_empty)]

TEXT_HELP = (
    "Files, glob patterns, directories, URLs, or - for standard input. Text must have one "
    "sentence per line and white space between words, and may be compressed. Tables need --column."
)
CORPUS_HELP = f"{TEXT_HELP} A directory written by `skipgram encode` is used as is."
TextNames = Annotated[str, Parameter(group=CORPUS, help=TEXT_HELP, required=True)]
CorpusNames = Annotated[str, Parameter(group=CORPUS, help=CORPUS_HELP, required=True)]
MinCount = Annotated[
    Integer,
    Parameter(
        group=CORPUS, help=with_range("Ignore words that occur fewer times than this.", "min_count")
    ),
]
MaxVocab = Annotated[
    Integer | None,
    Parameter(
        group=CORPUS,
        help=with_range(
            "Keep only this many of the most frequent words. Defaults to all words.", "max_vocab"
        ),
    ),
]
Threads = Annotated[
    Integer | None,
    Parameter(help=with_range("Threads to use. Defaults to all available cores.", "threads")),
]
ConfigFile = Annotated[
    FilePath | None,
    Parameter(
        group=TRAINING,
        help="TOML file with training and corpus options, for example epochs = 10, and the output. "
        "Options on the command line override it.",
    ),
]
MODEL_OUTPUT_HELP = "Directory for the model, or a file if its name ends in .safetensors."
ModelOutput = Annotated[
    FilePath, Parameter(name=["--output", "-o"], group=OUTPUT, help=MODEL_OUTPUT_HELP)
]

MODEL_HELP = "Model directory or file, or vectors in any format that skipgram reads."
Model = Annotated[FilePath, Parameter(group=ARGUMENTS, help=MODEL_HELP)]
HowLoaded = Annotated[Loading, Parameter(name="*")]
TopN = Annotated[
    Integer,
    Parameter(name=["--topn", "-n"], help="Number of words to show. [range: 1 or more]"),
]
Vectors = Annotated[
    Literal["input", "output", "average"],
    Parameter(
        help="Vectors to use: input (the word vectors), output (the context vectors), or their "
        "average."
    ),
]
SET_HELP = "files, or wordsim353, simlex999, men, mturk771, rarewords, rg65, questions-words"
Json = Annotated[
    bool, Parameter(name="--json", negative="", group=OUTPUT, help="Print the result as JSON.")
]
Quiet = Annotated[
    bool, Parameter(name=["--quiet", "-q"], negative="", group=OUTPUT, help="Do not show progress.")
]


CheckpointInterval = Annotated[
    str | None,
    Parameter(
        group=OUTPUT,
        help="How often to write a checkpoint, from which `skipgram resume` continues if the "
        "training is interrupted: a time, such as 90s, 10m or 2h, or a number of words. off "
        f"writes none. Defaults to {DEFAULT_INTERVAL}.",
    ),
]


Watch = Annotated[
    str | None,
    Parameter(
        group=OUTPUT,
        help="After each epoch, show the words nearest to these words, for example king,python.",
    ),
]


STDIN_URL = "stdin://"
"""Stands for "-" among the names of a corpus."""


_OF_A_COMMAND = ("output", "checkpoint")
"""Names in a configuration file that are options of a command, not of training or reading."""


class UsageError(Exception):
    """Arguments that are valid one by one but not together."""


def refuse_flags(names: Iterable[str], where: str) -> None:
    """Reject options that would have no effect."""
    for name in names:
        raise UsageError(f"--{name.replace('_', '-')} has no effect {where}; leave it out")


def refuse_repeats(names: Sequence[str], what: str) -> None:
    """Reject a name that is given more than once."""
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"the {what} {name} is given {names.count(name)} times; give it once")


def print_json(value: object, show: Callable[[str], None] = say) -> None:
    """Print a result for other programs."""
    show(json_text(value, indent=2))


def settings_of(
    options: TrainConfig, reading: CorpusConfig, config: Path | None
) -> tuple[TrainConfig, CorpusConfig]:
    """Return the options of the command line, and below them those of a configuration file."""
    from_file = _options_in(config)
    from_file = {name: from_file[name] for name in from_file.keys() - set(_OF_A_COMMAND)}
    return split_options({**from_file, **options.given, **reading.given})


def output_of(output: Path | None, config: Path | None) -> Path | None:
    """Return --output, or the output that the configuration file sets."""
    if output:
        return output
    found = _options_in(config).get("output")
    if found is not None and (not isinstance(found, str) or not found):
        raise ConfigError(f"configuration file {config}: output is {found!r}; it must be a path")
    return Path(found) if found else None


def checkpoint_of(checkpoint: str | None, config: Path | None) -> str | int:
    """Return --checkpoint, or what the configuration file sets, or the default."""
    if checkpoint is None:
        checkpoint = _options_in(config).get("checkpoint", DEFAULT_INTERVAL)
    interval_of(checkpoint)  # it checks
    return checkpoint


def _options_in(config: Path | None) -> dict[str, Any]:
    """Return the options in a configuration file, if there is one."""
    return read_config_file(config, also=_OF_A_COMMAND) if config else {}


def watching(words: str | None, report: Report) -> list[Probe]:
    """Return the callback of --watch, if there is one."""
    from skipgram.callbacks import Probe

    if words is None:
        return []
    listed = [word.strip() for word in words.split(",") if word.strip()]
    if not listed:
        raise UsageError(f"--watch is {words!r}; name the words, for example --watch king,python")
    return [Probe(listed, show=report)]


def corpus_of(names: Sequence[str], config: CorpusConfig) -> Reading:
    """Return the corpus that the command line names."""
    from skipgram.corpus.sources import Reading
    from skipgram.io.locations import is_url

    if not names or "" in names:
        raise UsageError("no corpus was given; name at least one text file")
    return Reading([name if is_url(name) else Path(name) for name in names], config)


def load_vectors(model: str | Path, loading: Loading) -> Embeddings:
    """Return the vectors of a model or a file."""
    from skipgram.formats import load

    return load(model, duplicates=loading.duplicates, unicode_errors=loading.unicode_errors)


def save_model(embeddings: Embeddings, output: Path, *, as_json: bool) -> None:
    """Save a model, print what was saved, and say whether it replaced an earlier model.

    Raises:
        OutputError: see `save_somewhere`.
    """
    replaced = replacing(output, "model")
    save_somewhere(embeddings, output)
    if as_json:
        print_json(embeddings.training, announce)
        return
    dimensions = count(embeddings.vector_size, "dimension")
    announce(f"{count(len(embeddings), 'word')} x {dimensions} saved to {output}{replaced}")


def replacing(output: Path, kind: str) -> str:
    """Return the end of the line that says where a result is, if it replaces another.

    Args:
        output: the path, before anything is written.
        kind: what is replaced, such as "model".
    """
    with contextlib.suppress(OSError):  # writing to this path will explain what is wrong with it
        if any(output.iterdir()) if output.is_dir() else output.exists():
            return f", replacing the {kind} that was there"
    return ""
