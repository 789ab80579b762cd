"""The command that exports a model: export."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from skipgram.cli.help import ARGUMENTS
from skipgram.cli.options import (
    HowLoaded,
    Integer,
    Model,
    Quiet,
    Vectors,
    load_vectors,
    non_empty,
    replacing,
)
from skipgram.cli.streams import announce
from skipgram.loading import USUAL

ExportFormat = Literal[  # noqa: RUF041 - flat, it would take a line for each format
    Literal["embedding-atlas", "fasttext", "gensim", "glove", "numpy", "parquet"],
    Literal["postgres", "safetensors", "spacy", "tensorboard", "usearch", "word2vec-binary"],
    Literal["word2vec-text"],
]


def export(
    model: Model,
    target: Annotated[
        str,
        Parameter(
            converter=non_empty,
            group=ARGUMENTS,
            help="File or directory to write, or a database: postgresql://USER@HOST/DATABASE.",
        ),
    ],
    *,
    format: Annotated[  # noqa: A002 - the name of the option
        ExportFormat | None,
        Parameter(
            help="Format to write. Defaults to the format of TARGET's suffix (.bin, .kv, .parquet, "
            ".safetensors, .sql, .txt, .vec)."
        ),
    ] = None,
    vectors: Vectors = "input",
    top: Annotated[
        Integer | None,
        Parameter(
            help="Export only the first N words, usually the most frequent. Defaults to all words. "
            "[range: 1 or more]"
        ),
    ] = None,
    loading: HowLoaded = USUAL,
    quiet: Quiet = False,
) -> None:
    """Write the vectors in a format that other tools read.

    Examples:
      skipgram export quickstart-model vectors.bin
      skipgram export quickstart-model vectors.parquet
      skipgram export quickstart-model model.safetensors
      skipgram export quickstart-model projector --format tensorboard
      skipgram export quickstart-model frequent.parquet --top 2000
    """
    from skipgram.formats import export as write
    from skipgram.formats import format_of
    from skipgram.formats.postgres import is_database
    from skipgram.matrices import at_least_one

    format_of(target, format)  # before a large model is read
    embeddings = load_vectors(model, loading)
    if top is not None:
        embeddings = embeddings.first(at_least_one("--top", top))
    path = Path(target)
    is_directory = os.path.isdir(path)  # noqa: PTH112 - False for a name that the system refuses
    replaced = replacing(path, "directory" if is_directory else "file")
    write(embeddings, target, format, vectors, progress=not quiet)
    # A connection string may hold a password.
    place = "the database" if is_database(target) else f"{target}{replaced}"
    size = f"{len(embeddings):,} words x {embeddings.vector_size} dimensions"
    announce(f"{size} written to {place}")
