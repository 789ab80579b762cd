"""The verbs that measure models."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from skipgram.cli.options import Json, UsageError, Vectors, print_json

if TYPE_CHECKING:
    from skipgram.evaluate import AnalogyResult, SimilarityResult


def evaluate(
    model: Annotated[str, Parameter(help="Model directory, or a word2vec file.")],
    *others: Annotated[str, Parameter(help="With --set: more models to compare; without: the sets.")],
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
    restrict: Annotated[int | None, Parameter(help="Only the N most frequent words; 30,000 for analogies by default.")] = None,
    vectors: Vectors = "input",
    as_json: Json = False,
) -> None:
    """Score vectors on word-similarity sets (Spearman) and analogy questions (accuracy); with --set, several models at once."""
    from skipgram.evaluate import evaluate as score
    from skipgram.formats import load

    names, models = (others, [model]) if sets is None else (sets, [model, *others])
    if not names:
        raise UsageError("no evaluation set was given; name at least one, as in: skipgram evaluate MODEL --set wordsim353")
    results = {}
    for each in models:  # one at a time: together they might not fit in memory
        embeddings = load(each)
        results[each] = {name: score(embeddings, name, restrict=restrict, which=vectors) for name in names}
    if as_json:
        answer = {each: {name: result.as_dict() for name, result in found.items()} for each, found in results.items()}
        print_json(answer if sets is not None else answer[model])
    elif len(models) > 1:
        _show_table(results)
    else:
        for name, result in results[model].items():
            print(f"{Path(name).name}: {result}")


def _show_table(results: dict[str, dict[str, SimilarityResult | AnalogyResult]]) -> None:
    """Print a line for each set and a column for each model: score, its interval, and how much of the set is covered."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("set", *results):
        table.add_column(heading, no_wrap=True)
    for name in next(iter(results.values())):
        table.add_row(Path(name).name, *(found[name].brief() for found in results.values()))
    # As wide as the content: a pipe is no reason to cut it.
    Console(highlight=False, soft_wrap=True, markup=False, emoji=False, width=100_000).print(table)
