"""The command that describes a model or an encoded corpus: info."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from skipgram.cli.help import ARGUMENTS
from skipgram.cli.options import FilePath, HowLoaded, Json, load_vectors, print_json
from skipgram.cli.terminal import say
from skipgram.loading import USUAL

if TYPE_CHECKING:
    from skipgram.descriptions import Rows
    from skipgram.embeddings import Embeddings


def info(
    model: Annotated[
        FilePath,
        Parameter(
            group=ARGUMENTS,
            help="Model directory or file, vectors in any format that skipgram reads, or a "
            "directory written by `skipgram encode`.",
        ),
    ],
    *,
    loading: HowLoaded = USUAL,
    as_json: Json = False,
) -> None:
    """Show the size of a model and how it was trained, or what an encoded corpus holds.

    Examples:
      skipgram info quickstart-model
      skipgram info quickstart-model --json
    """
    from skipgram.io.directories import is_encoded

    if is_encoded(model):
        _show_corpus(model, as_json=as_json)
    else:
        _show_model(model, load_vectors(model, loading), as_json=as_json)


def _show_model(path: Path, embeddings: Embeddings, *, as_json: bool) -> None:
    if as_json:
        facts = {
            "kind": "model",
            "words": len(embeddings),
            "vector_size": embeddings.vector_size,
            "output_vectors": embeddings.output is not None,
        }
        print_json({**facts, "training": embeddings.training})
        return
    from skipgram.descriptions import model_rows

    _print(path, model_rows(embeddings))


def _show_corpus(path: Path, *, as_json: bool) -> None:
    from skipgram.cli.program import command_line
    from skipgram.corpus.stored import open_encoded
    from skipgram.descriptions import corpus_rows, facts_of

    with open_encoded(path) as corpus:
        if as_json:
            print_json({"kind": "encoded corpus", **facts_of(corpus)})
        else:
            _print(path, {"Encoded corpus": corpus_rows(facts_of(corpus))})
            say(f"Train on it: {command_line('train', path, '--output', 'MODEL')}")


def _print(path: Path, groups: Mapping[str, Rows]) -> None:
    """Print groups of rows, with the names of all rows in one column; empty groups are left out."""
    groups = {title: rows for title, rows in groups.items() if rows}
    width = max(len(name) for rows in groups.values() for name in rows)
    say(str(path))
    for title, rows in groups.items():
        say(f"\n{title}")
        for name, value in rows.items():
            say(f"  {name:<{width}}  {value}")
