"""The verbs that measure models."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from skipgram.cli.options import (
    MODEL,
    STANDARD_INPUT,
    ConfigFile,
    CorpusNames,
    Json,
    Quiet,
    UsageError,
    Vectors,
    Whole,
    corpus_of,
    print_json,
    refuse_repeats,
    settings_of,
)
from skipgram.config import CorpusConfig, TrainConfig

if TYPE_CHECKING:
    from skipgram.evaluation.scores import AnalogyResult, SimilarityResult


def evaluate(
    model: Annotated[str, Parameter(help=MODEL)],
    *others: Annotated[
        str, Parameter(help="With --set: more models to compare; without: the sets.")
    ],
    sets: Annotated[
        list[str] | None,
        Parameter(
            name="--set",
            negative="",
            consume_multiple=True,
            help="Word-similarity sets or analogy questions: files, or wordsim353, simlex999, men, mturk771, rarewords, rg65, "
            "questions-words.",
        ),
    ] = None,
    restrict: Annotated[
        Whole | None, Parameter(help="Only the first N words; 30,000 for analogies by default.")
    ] = None,
    vectors: Vectors = "input",
    as_json: Json = False,
) -> None:
    """Score vectors on word-similarity sets (Spearman) and analogy questions (accuracy); with --set, several models at once."""
    from skipgram.evaluation.scores import evaluate as score
    from skipgram.evaluation.scores import read_set
    from skipgram.formats import load

    names, models = (others, [model]) if sets is None else (sets, [model, *others])
    if not names:
        raise UsageError(
            "no evaluation set was given; name at least one, as in: skipgram evaluate MODEL --set wordsim353"
        )
    refuse_repeats(names, "set")
    refuse_repeats(models, "model")
    read = {name: read_set(name) for name in names}
    results = {}
    for each in models:  # one at a time: together they might not fit in memory
        embeddings = load(each)
        results[each] = {
            name: score(embeddings, each_set, restrict=restrict, which=vectors)
            for name, each_set in read.items()
        }
    if as_json:
        answer = {
            each: {name: result.as_dict() for name, result in found.items()}
            for each, found in results.items()
        }
        print_json(answer if sets is not None else answer[model])
    elif len(models) > 1:
        _show_table(results)
    else:
        for label, result in zip(_labels(names), results[model].values(), strict=True):
            print(f"{label}: {result}")


def tune(
    *corpus: CorpusNames,
    minutes: Annotated[float, Parameter(help="How long to search.")] = 10.0,
    trials: Annotated[Whole | None, Parameter(help="At most so many trainings.")] = None,
    sets: Annotated[
        list[str] | None,
        Parameter(
            name="--set",
            negative="",
            consume_multiple=True,
            help="Search by evaluation sets, not by held-out text.",
        ),
    ] = None,
    options: Annotated[TrainConfig, Parameter(name="*")] = TrainConfig(),  # noqa: B008 - frozen
    reading: Annotated[CorpusConfig, Parameter(name="*")] = CorpusConfig(),  # noqa: B008 - frozen
    config: ConfigFile = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Search for good options of negative sampling; those that are given are kept. Ends with the command that trains."""
    from skipgram.cli.progress import reporting
    from skipgram.tune import tune as search

    if sets == []:
        raise UsageError(
            "--set was given without an evaluation set; name at least one, or leave it out"
        )
    refuse_repeats(sets or (), "set")
    settings, how = settings_of(options, reading, config)
    source = corpus_of(corpus, how)
    with reporting(None, quiet=quiet) as report:
        found = search(
            source, settings, minutes=minutes, trials=trials, sets=sets or (), report=report
        )
    given = {
        name: getattr(group, name)
        for group in (settings, how)
        for name in sorted(group.model_fields_set)
    }
    command = _train_command(corpus, {**given, **found.options})
    if as_json:
        print_json({**found.as_dict(), "command": command})
        return
    text = "" if found.text == 1 else f", on {found.text:.1%} of the text, for want of time"
    ended = ", interrupted" if found.interrupted else ""
    for path, coverage in found.coverage.items():
        print(f"{path}: {coverage:.0%} covered by the corpus")
    many = f"{len(found.trials)} trainings{text}{ended}"
    print(f"{found.measure} {found.score:.4f}, {found.default_score:.4f} at the start; {many}")
    print(command)


def _train_command(corpus: Sequence[str], options: dict[str, Any]) -> str:
    """Return the command line that trains with these options."""
    words = ["skipgram", "train", *corpus, "--output", "model"]
    for name, value in options.items():
        flag = name.replace("_", "-")
        if isinstance(value, bool):
            words.append(f"--{'' if value else 'no-'}{flag}")
        elif name != "validation" and value is not None:  # which served the search
            words += [f"--{flag}", str(value)]
    return shlex.join("-" if word == STANDARD_INPUT else word for word in words)


def _labels(names: Sequence[str]) -> list[str]:
    """Return what sets are called in an answer: the last part of the path, or all of it where two have that in common."""
    short = [Path(name).name for name in names]
    return short if len(set(short)) == len(short) else list(names)


def _show_table(results: dict[str, dict[str, SimilarityResult | AnalogyResult]]) -> None:
    """Print a line for each set and a column for each model: score, its interval, and how much of the set is covered."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("set", *results):
        table.add_column(heading, no_wrap=True)
    names = list(next(iter(results.values())))
    for name, label in zip(names, _labels(names), strict=True):
        table.add_row(label, *(found[name].brief() for found in results.values()))
    # As wide as the content: a pipe is no reason to cut it.
    Console(highlight=False, soft_wrap=True, markup=False, emoji=False, width=100_000).print(table)
