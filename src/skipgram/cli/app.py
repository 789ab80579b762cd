"""The verbs, and how errors become one line and an exit code.

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import cyclopts
from cyclopts import App, Parameter
from pydantic import ValidationError

from skipgram.cli import measure, questions
from skipgram.cli.options import (
    CORPUS,
    STANDARD_INPUT,
    ConfigFile,
    CorpusNames,
    Json,
    Model,
    Name,
    Quiet,
    UsageError,
    Vectors,
    Whole,
    corpus_of,
    named,
    print_json,
    refuse_flags,
    settings_of,
)
from skipgram.config import CorpusConfig, TrainConfig
from skipgram.errors import SkipgramError

if TYPE_CHECKING:
    from skipgram.embeddings import Embeddings

# Verbs import what they need when they run: `skipgram --help` must answer before numba and scipy could be loaded.

app = App(
    name="skipgram",
    help="Skip-gram word vectors: train them, ask them, measure them, hand them over.",
    version_flags=["--version"],
    suppress_keyboard_interrupt=False,
)

for verb in (
    questions.neighbors,
    questions.analogy,
    questions.odd_one_out,
    questions.similarity,
    questions.index,
    measure.evaluate,
    measure.tune,
):
    app.command(verb)

ExportFormat = Literal[  # noqa: RUF041 - flat, it takes a line for each
    Literal["embedding-atlas", "fasttext", "gensim", "glove", "numpy", "parquet"],
    Literal["postgres", "spacy", "tensorboard", "usearch", "word2vec-binary", "word2vec-text"],
]


_READ_A_CORPUS = {"train", "encode", "phrases", "pmi", "tune"}
_TAKE_A_PATH = {
    "--output",
    "-o",
    "--phrases",
    "--config",
    "--initial",
    "--resume-from",
    "--compare",
    "--validation",
}


@app.command
def train(
    corpus: Annotated[
        list[str] | None, Parameter(negative="", consume_multiple=True, help=CORPUS)
    ] = None,
    *,
    output: Annotated[Name, Parameter(name=["--output", "-o"], help="Directory for the model.")],
    options: Annotated[TrainConfig, Parameter(name="*")] = TrainConfig(),  # noqa: B008 - frozen
    reading: Annotated[CorpusConfig, Parameter(name="*")] = CorpusConfig(),  # noqa: B008 - frozen
    config: ConfigFile = None,
    initial: Annotated[
        Name | None, Parameter(help="Model, or vectors in another format, that words begin at.")
    ] = None,
    resume_from: Annotated[
        Name | None, Parameter(help="Model to go on with; its words stay, new ones are added.")
    ] = None,
    freeze: Annotated[
        bool, Parameter(negative="", help="Leave the given input vectors as they are.")
    ] = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Train word vectors on text, compressed, piped or remote, on tables or on an encoded corpus, and save them."""
    from skipgram.cli.progress import reporting
    from skipgram.io.directories import MODEL
    from skipgram.model import SkipGram

    settings, how = settings_of(options, reading, config)
    source = corpus_of(corpus or [], how)
    with reporting(output, MODEL, quiet=quiet) as report:
        embeddings = SkipGram(settings).fit(
            source, initial=initial, resume_from=resume_from, freeze=freeze, report=report
        )
    _save(embeddings, output, as_json)


@app.command
def encode(
    *corpus: CorpusNames,
    output: Annotated[
        Name, Parameter(name=["--output", "-o"], help="Directory for the encoded corpus.")
    ],
    min_count: Annotated[Whole, Parameter(help="Leave out words that occur less often.")] = 5,
    max_vocab: Annotated[
        Whole | None, Parameter(help="Keep only so many of the most frequent words.")
    ] = None,
    reading: Annotated[CorpusConfig, Parameter(name="*")] = CorpusConfig(),  # noqa: B008 - frozen
    threads: Annotated[
        Whole | None, Parameter(help="Threads that scan; all cores by default.")
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Turn a corpus into word ids on disk, once; train DIRECTORY then starts at once, as often as you like."""
    from skipgram.cli.progress import reporting
    from skipgram.io.directories import CORPUS
    from skipgram.model import encode as encode_corpus

    source = corpus_of(corpus, reading)
    with reporting(output, CORPUS, quiet=quiet) as report:
        anew = encode_corpus(
            source, output, min_count=min_count, max_vocab=max_vocab, threads=threads, report=report
        )
    print(
        f"encoded to {output}"
        if anew
        else f"{output} holds these files, encoded with these options, already"
    )


@app.command
def pmi(
    *corpus: CorpusNames,
    output: Annotated[
        Name | None,
        Parameter(name=["--output", "-o"], help="Directory for a model of the SVD baseline."),
    ] = None,
    compare: Annotated[
        Name | None, Parameter(help="Model to compare with the PMI of its corpus.")
    ] = None,
    options: Annotated[TrainConfig, Parameter(name="*")] = TrainConfig(),  # noqa: B008 - frozen
    reading: Annotated[CorpusConfig, Parameter(name="*")] = CorpusConfig(),  # noqa: B008 - frozen
    config: ConfigFile = None,
    eigenvalue_weight: Annotated[
        float | None,
        Parameter(help="Power of the singular values in the vectors, 0 to 1; 0.5 by default."),
    ] = None,
    least_count: Annotated[
        float | None, Parameter(help="Compare only pairs seen at least so often; 100 by default.")
    ] = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Factorise shifted positive PMI (--output), or show how near a model's vectors are to PMI - log k (--compare)."""
    from skipgram import pmi as theory
    from skipgram.cli.progress import reporting
    from skipgram.formats import load
    from skipgram.io.directories import MODEL

    source = corpus_of(corpus, reading)
    if (output is None) == (compare is None):
        raise UsageError(
            "give either --output, for the SVD baseline, or --compare, for a trained model"
        )
    weight = {} if eigenvalue_weight is None else {"eigenvalue_weight": eigenvalue_weight}
    least = {} if least_count is None else {"least_count": least_count}
    if output:
        refuse_flags(least, "--output")
        settings, how = settings_of(options, reading, config)
        with reporting(output, MODEL, quiet=quiet) as report:
            embeddings = theory.train_svd(corpus_of(corpus, how), settings, **weight, report=report)
        _save(embeddings, output, as_json)
    elif compare:
        of_training = [
            *options.model_fields_set,
            *reading.model_fields_set,
            *(["config"] if config else []),
        ]
        refuse_flags(
            [*sorted(of_training), *weight],
            "--compare, which takes the options that the model was trained with",
        )
        with reporting(None, quiet=quiet) as report:
            fit = theory.compare(load(compare), source, **least, report=report)
        text = f"{fit.pairs:,} pairs: correlation {fit.correlation:.3f}, slope {fit.slope:.3f}, intercept {fit.intercept:.3f}"
        print_json(fit.as_dict()) if as_json else print(text)


@app.command
def phrases(
    *corpus: CorpusNames,
    output: Annotated[
        Name, Parameter(name=["--output", "-o"], help="Text file to write, a sentence a line.")
    ],
    table: Annotated[
        Name | None, Parameter(name="--phrases", help="File for the phrases: text, count, score.")
    ] = None,
    scoring: Annotated[
        Literal["default", "npmi"],
        Parameter(help="Mikolov's score, which likes rare pairs, or normalised PMI."),
    ] = "default",
    threshold: Annotated[
        float | None,
        Parameter(help="Join what scores more; 10 by default, for npmi (-1 to 1) 0.5."),
    ] = None,
    min_count: Annotated[Whole, Parameter(help="Leave apart what stands together less often.")] = 5,
    passes: Annotated[
        Whole, Parameter(help="How often to join; each pass may double the length of phrases.")
    ] = 1,
    reading: Annotated[CorpusConfig, Parameter(name="*")] = CorpusConfig(),  # noqa: B008 - frozen
    threads: Annotated[Whole | None, Parameter(help="Threads; all cores by default.")] = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Join words that often stand together to one word, new_york, and write the text with them."""
    from skipgram.cli.progress import reporting
    from skipgram.io.directories import check_text_target
    from skipgram.phrases import join_phrases, write_phrases

    source = corpus_of(corpus, reading)
    targets = {output.resolve(), *([table.resolve()] if table else [])}
    if len(targets) < 1 + bool(table) or targets & {Path(name).resolve() for name in corpus}:
        raise UsageError(
            "the corpus, --output and --phrases must be different files; give another name"
        )
    if table:
        check_text_target(table)
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
        )
    if table:
        write_phrases(joined.phrases, table)
    if as_json:
        print_json(joined.as_dict())
    else:
        print(
            f"{len(joined.phrases):,} phrases; {joined.words:,} words became {joined.joined_words:,}, written to {output}"
        )


@app.command
def explain(
    sentence: Annotated[str, Parameter(help="A sentence, its words between white space.")],
    *,
    center: Annotated[str, Parameter(help="The centre of the window.")],
    window: Annotated[Whole, Parameter(help="Words on each side that are its context.")] = 1,
    objective: Annotated[
        Literal["negative", "softmax"], Parameter(help="What is maximised.")
    ] = "negative",
    negative: Annotated[Whole, Parameter(help="Negatives for each pair.")] = 2,
    vector_size: Annotated[Whole, Parameter(help="Numbers in a vector.")] = 3,
    alpha: Annotated[float, Parameter(help="Learning rate.")] = 0.1,
    seed: Annotated[Whole, Parameter(help="Start of all randomness.")] = 1,
    as_json: Json = False,
) -> None:
    """Show every step of one update in numbers: pairs, scores, probabilities, loss, gradients, vectors before and after."""
    from skipgram.cli.explain_view import show
    from skipgram.explain import explain as explain_update

    explanation = explain_update(
        sentence.split(),
        center,
        window=window,
        objective=objective,
        negative=negative,
        vector_size=vector_size,
        alpha=alpha,
        seed=seed,
    )
    if as_json:
        print_json(explanation.as_dict())
    else:
        show(explanation)


@app.command
def export(
    model: Model,
    target: Annotated[
        str,
        Parameter(
            converter=named,
            help="File or directory to write, or a database: postgresql://USER@HOST/DATABASE.",
        ),
    ],
    *,
    format: Annotated[  # noqa: A002 - the flag's name
        ExportFormat | None,
        Parameter(
            help="By default by the target's name: .kv, .parquet, .sql, .txt, .vec; else binary."
        ),
    ] = None,
    vectors: Vectors = "input",
) -> None:
    """Write the vectors in a format that other tools read."""
    from skipgram.formats import export as write
    from skipgram.formats import load
    from skipgram.formats.postgres import is_database

    embeddings = load(model)
    write(embeddings, target, format, vectors)
    place = (
        "the database" if is_database(target) else target
    )  # a connection string may hold a password
    print(f"{len(embeddings):,} words x {embeddings.vector_size} numbers written to {place}")


@app.command
def info(model: Model, *, as_json: Json = False) -> None:
    """Say what a model is and how it was trained."""
    from skipgram.formats import load

    embeddings = load(model)
    facts = {
        "words": len(embeddings),
        "vector_size": embeddings.vector_size,
        "output_vectors": embeddings.output is not None,
    }
    if as_json:
        print_json({**facts, "training": embeddings.training})
        return
    for name, value in {**facts, **embeddings.training}.items():
        text = (
            ", ".join(f"{key} {item}" for key, item in value.items())
            if isinstance(value, dict)
            else value
        )
        print(f"{name}: {text}")


@app.command
def quickstart(
    *,
    output: Annotated[
        Name, Parameter(name=["--output", "-o"], help="Directory for the model.")
    ] = Path("quickstart-model"),
    quiet: Quiet = False,
) -> None:
    """Train on the documentation of the running Python itself, and ask the vectors."""
    from skipgram.cli.progress import reporting
    from skipgram.io.directories import MODEL
    from skipgram.model import train as train_vectors
    from skipgram.quickstart import ANALOGY, OPTIONS, WORDS, sentences

    print(
        "Corpus: the documentation of this Python: language topics, docstrings and comments of the standard library."
    )
    with reporting(output, MODEL, quiet=quiet) as report:
        embeddings = train_vectors(sentences(), report=report, **OPTIONS)
    embeddings.save(output)
    for word, found in zip(WORDS, embeddings.most_similar_batch(WORDS, topn=6), strict=True):
        print(f"{word:>10}: {', '.join(near for near, _ in found)}")
    a, b, c = ANALOGY
    print(
        f"{a} is to {b} as {c} is to: {', '.join(near for near, _ in embeddings.analogy(a, b, c, topn=3))}"
    )
    print(f"\nThe model is in {output}. Three commands to try next:")
    print(f"  skipgram neighbors {output} string list")
    print(f"  skipgram export {output} vectors.bin --format word2vec-binary")
    print("  skipgram train YOUR-TEXT.txt --output my-model")


def _save(embeddings: Embeddings, output: Path, as_json: bool) -> None:
    embeddings.save(output)
    if as_json:
        print_json(embeddings.training)
    else:
        print(f"{len(embeddings):,} words x {embeddings.vector_size} numbers saved to {output}")


def _fail(message: str, code: int) -> NoReturn:
    print(f"skipgram: {' '.join(message.split())}", file=sys.stderr)
    sys.exit(code)


def run(arguments: list[str]) -> None:
    """Run the command line; every error on purpose becomes one line and an exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(
            errors="backslashreplace"
        )  # words that the terminal's encoding cannot show
    try:
        try:
            if arguments and arguments[0] in _READ_A_CORPUS:
                # A lone dash would be taken for an option; behind one that takes a path it is a mistake.
                arguments = [
                    STANDARD_INPUT if argument == "-" and before not in _TAKE_A_PATH else argument
                    for before, argument in zip(["", *arguments], arguments, strict=False)
                ]
            app(arguments, exit_on_error=False, print_error=False)
        finally:  # also when it ends by SystemExit
            sys.stdout.flush()
    except cyclopts.CycloptsError as error:
        _fail(*_explain_usage(error))
    except UsageError as error:
        _fail(f"{error} (see: skipgram --help)", 2)
    except SkipgramError as error:
        _fail(str(error), 1)
    except MemoryError:
        _fail("out of memory; lower vector_size, or the vocabulary by min_count or max_vocab", 1)
    except BrokenPipeError:
        _discard_answer()
        sys.exit(1)
    except OSError as error:  # standard output on a full disk, say; what has a place of its own is a SkipgramError
        _discard_answer()
        _fail(f"the answer cannot be written: {error}", 1)


def _discard_answer() -> None:
    """Let what is left of the answer go nowhere, or Python tries once more at exit, and complains."""
    with contextlib.suppress(io.UnsupportedOperation):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _explain_usage(error: cyclopts.CycloptsError) -> tuple[str, int]:
    """Return the message and exit code: 1 for an option out of its range, 2 for a command line that makes no sense."""
    cause = error.__cause__
    if isinstance(cause, ValidationError):
        return "; ".join(
            str(problem.get("ctx", {}).get("error", problem["msg"])) for problem in cause.errors()
        ), 1
    return f"{' '.join(str(error).split())} (see: skipgram --help)", 2
