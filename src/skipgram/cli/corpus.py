"""Commands that prepare a corpus: encode, phrases."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from skipgram.cli.help import CORPUS, OUTPUT
from skipgram.cli.options import (
    TEXT_HELP,
    FilePath,
    Integer,
    Json,
    MaxVocab,
    MinCount,
    Quiet,
    TextNames,
    Threads,
    UsageError,
    corpus_of,
    print_json,
    replacing,
)
from skipgram.cli.streams import announce
from skipgram.config import CorpusConfig
from skipgram.wording import count, in_options


def encode(
    *corpus: TextNames,
    reading: Annotated[CorpusConfig, Parameter(name="*")] = CorpusConfig(),  # noqa: B008 - frozen
    min_count: MinCount = 5,
    max_vocab: MaxVocab = None,
    threads: Threads = None,
    output: Annotated[
        FilePath,
        Parameter(name=["--output", "-o"], group=OUTPUT, help="Directory for the encoded corpus."),
    ],
    quiet: Quiet = False,
) -> None:
    """Encode a corpus once, to train on it many times without reading the text again.

    Examples:
      skipgram encode corpus.txt --output encoded --min-count 3
      skipgram train encoded --output model
      skipgram train encoded --output smaller-model --min-count 10
    """
    from skipgram.cli.progress import reporting
    from skipgram.io.directories import CORPUS_DIRECTORY, check_directory
    from skipgram.model import encode as encode_corpus

    source = corpus_of(corpus, reading)
    check = partial(check_directory, kind=CORPUS_DIRECTORY)
    with reporting(output, check, quiet=quiet) as report:
        replaced = replacing(output, "corpus")
        written = encode_corpus(
            source,
            output,
            min_count=min_count,
            max_vocab=max_vocab,
            threads=threads,
            report=report,
            progress=False,
        )
    if written:
        announce(f"encoded to {output}{replaced}")
    else:
        announce(f"{output} is up to date: it holds these files, encoded with these options")


def phrases(
    *corpus: Annotated[
        str,
        Parameter(
            group=CORPUS,
            required=True,
            help=f"{TEXT_HELP} A directory written by `skipgram encode --min-count 1` also works.",
        ),
    ],
    reading: Annotated[CorpusConfig, Parameter(name="*")] = CorpusConfig(),  # noqa: B008 - frozen
    scoring: Annotated[
        Literal["default", "npmi"],
        Parameter(
            help="How pairs are scored. default: Mikolov et al. 2013b, which favours rare pairs. "
            "npmi: normalised pointwise mutual information, from -1 to 1."
        ),
    ] = "default",
    threshold: Annotated[
        float | None,
        Parameter(
            help="Join pairs that score above this. With default scoring: more than 0, default "
            "10. With npmi: -1 to 1, default 0.5."
        ),
    ] = None,
    min_count: Annotated[
        Integer, Parameter(help="Ignore pairs that occur fewer times than this. [range: 1 or more]")
    ] = 5,
    passes: Annotated[
        Integer,
        Parameter(
            help="Passes over the text. Each pass can double the length of phrases. "
            "[range: 1 or more]"
        ),
    ] = 1,
    threads: Threads = None,
    output: Annotated[
        FilePath,
        Parameter(
            name=["--output", "-o"], group=OUTPUT, help="Text file to write, one sentence per line."
        ),
    ],
    table: Annotated[
        FilePath | None,
        Parameter(
            name="--phrases",
            group=OUTPUT,
            help="Also write the phrases to this file, with their counts and scores (TSV).",
        ),
    ] = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Find phrases, and write the text with each phrase joined into one word, such as new_york.

    A phrase is a pair of words that occur together more often than by chance.

    Examples:
      skipgram phrases corpus.txt --output joined.txt
      skipgram phrases corpus.txt --output joined.txt --scoring npmi
      skipgram train joined.txt --output phrase-model
    """
    from skipgram.cli.progress import reporting
    from skipgram.io.directories import check_text_target
    from skipgram.phrases import join_phrases, write_phrases

    source = corpus_of(corpus, reading)
    _check_files_differ(corpus, [output, *([table] if table else [])])
    if table:
        check_text_target(table)
    replaced = replacing(output, "file")
    with reporting(None, quiet=quiet) as report:
        joined = join_phrases(
            source,
            output,
            scoring=scoring,
            threshold=threshold,
            min_count=min_count,
            passes=passes,
            threads=threads,
            report=report,
            progress=False,
        )
    if table:
        write_phrases(joined.phrases, table)
    if as_json:
        print_json(joined.as_dict(), announce)
    else:
        words = f"{count(joined.words, 'word')} became {joined.joined_words:,}"
        announce(f"{count(len(joined.phrases), 'phrase')}; {words}, written to {output}{replaced}")
        if joined.advice:
            announce(in_options(joined.advice))


def _check_files_differ(corpus: tuple[str, ...], outputs: list[Path]) -> None:
    """Reject an output that would overwrite the corpus or another output."""
    targets = {output.resolve() for output in outputs}
    if len(targets) < len(outputs) or targets & {Path(name).resolve() for name in corpus}:
        raise UsageError(
            "the corpus, --output and --phrases must be different files; choose another path"
        )
