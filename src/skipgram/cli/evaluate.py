"""Commands that evaluate models, and compare them with theory: evaluate, pmi, explain."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from skipgram.cli.help import ARGUMENTS, OUTPUT, with_range
from skipgram.cli.options import (
    MODEL_HELP,
    MODEL_OUTPUT_HELP,
    SET_HELP,
    ConfigFile,
    CorpusNames,
    FilePath,
    HowLoaded,
    Integer,
    Json,
    Quiet,
    UsageError,
    Vectors,
    corpus_of,
    load_vectors,
    output_of,
    print_json,
    refuse_flags,
    refuse_repeats,
    save_model,
    settings_of,
)
from skipgram.cli.terminal import page, say
from skipgram.config import CorpusConfig, TrainConfig
from skipgram.loading import USUAL

if TYPE_CHECKING:
    from skipgram.evaluation.scores import AnalogyResult, SimilarityResult

    Scores = dict[str, SimilarityResult | AnalogyResult]


def evaluate(
    model: Annotated[str, Parameter(group=ARGUMENTS, help=MODEL_HELP)],
    *sets: Annotated[
        str,
        Parameter(help="Evaluation sets to score the models on, and further models to compare."),
    ],
    set_names: Annotated[
        list[str] | None,
        Parameter(
            name="--set",
            negative="",
            consume_multiple=True,
            help=f"Evaluation sets to score all models on: {SET_HELP}. All other names are models "
            "then.",
        ),
    ] = None,
    restrict: Annotated[
        Integer | None,
        Parameter(
            help="Use only the first N words of each model. Defaults to all words for similarity "
            "and to 30,000 for analogies. [range: 1 or more]"
        ),
    ] = None,
    vectors: Vectors = "input",
    loading: HowLoaded = USUAL,
    as_json: Json = False,
) -> None:
    """Score models on word-similarity sets and analogy sets.

    The score is Spearman's rank correlation for word similarity and the accuracy for analogies.

    Examples:
      skipgram evaluate quickstart-model wordsim353
      skipgram evaluate model-a model-b wordsim353
      skipgram evaluate model-a model-b --set wordsim353 simlex999 my-pairs.tsv
    """
    from skipgram.cli.progress import reporting
    from skipgram.evaluation.scores import evaluate as score
    from skipgram.evaluation.scores import read_set
    from skipgram.formats import is_vectors

    names, models = _sets_and_models(model, sets, set_names)
    refuse_repeats(names, "set")
    refuse_repeats(models, "model")
    with reporting(None, quiet=False) as report:
        read = {name: read_set(name, report) for name in names}
    for each in models:  # before the first is scored
        if not is_vectors(Path(each).expanduser()):
            load_vectors(each, loading)  # it says what is wrong
    results: dict[str, Scores] = {}
    for each in models:  # one at a time: together they might not fit in memory
        embeddings = load_vectors(each, loading)
        results[each] = {
            name: score(embeddings, each_set, restrict=restrict, which=vectors)
            for name, each_set in read.items()
        }
    if as_json:
        answer = {
            each: {name: result.as_dict() for name, result in found.items()}
            for each, found in results.items()
        }
        print_json(answer if set_names is not None or len(models) > 1 else answer[model])
    elif len(models) > 1:
        _show_table(results)
    else:
        for label, result in zip(_labels(names), results[model].values(), strict=True):
            say(f"{label}: {result}")


def pmi(
    *corpus: CorpusNames,
    reading: Annotated[CorpusConfig, Parameter(name="*")] = CorpusConfig(),  # noqa: B008 - frozen
    options: Annotated[TrainConfig, Parameter(name="*")] = TrainConfig(),  # noqa: B008 - frozen
    config: ConfigFile = None,
    compare: Annotated[
        FilePath | None,
        Parameter(
            help="Model to compare with the PMI of CORPUS, the corpus that it was trained on."
        ),
    ] = None,
    eigenvalue_weight: Annotated[
        float | None,
        Parameter(
            help="With --output: exponent of the singular values in the vectors. Defaults to 0.5. "
            "[range: 0 to 1]"
        ),
    ] = None,
    least_count: Annotated[
        float | None,
        Parameter(
            help="With --compare: use only pairs that occur at least this often. Defaults to 100. "
            "[range: more than 0]"
        ),
    ] = None,
    output: Annotated[
        FilePath | None,
        Parameter(name=["--output", "-o"], group=OUTPUT, help=MODEL_OUTPUT_HELP),
    ] = None,
    quiet: Quiet = False,
    loading: HowLoaded = USUAL,
    as_json: Json = False,
) -> None:
    """Train the shifted-PMI baseline, or compare a trained model with PMI.

    With --output, factorise the shifted positive PMI matrix of the corpus by SVD, and save the
    vectors. With --compare, measure how closely the products of a model's vectors fit PMI - log k.
    Training options that do not affect the matrix are rejected.

    Examples:
      skipgram pmi corpus.txt --output baseline --vector-size 50
      skipgram pmi corpus.txt --compare model
    """
    from skipgram import pmi as theory
    from skipgram.cli.progress import reporting
    from skipgram.saving import check_target

    source = corpus_of(corpus, CorpusConfig())  # compared with the options of its model
    output = output if compare else output_of(output, config)
    if (output is None) == (compare is None):
        raise UsageError(
            "give exactly one of --output (train the baseline) and --compare (compare a model)"
        )
    weight = {} if eigenvalue_weight is None else {"eigenvalue_weight": eigenvalue_weight}
    least = {} if least_count is None else {"least_count": least_count}
    if output:
        refuse_flags([*least, *loading.given], "with --output")
        options, reading = settings_of(options, reading, config)
        with reporting(output, check_target, quiet=quiet) as report:
            source = corpus_of(corpus, reading)
            embeddings = theory.train_svd(source, options, **weight, report=report, progress=False)
        save_model(embeddings, output, as_json=as_json)
    elif compare:
        read_with = [name for name in reading.given if name != "tokenizer"]
        of_training = sorted([*options.given, *read_with, *(["config"] if config else [])])
        refuse_flags(
            [*of_training, *weight],
            "with --compare, which uses the options that the model was trained with",
        )
        vectors = load_vectors(compare, loading)  # before there is progress, which hides warnings
        with reporting(None, quiet=quiet) as report:
            fit = theory.compare(
                vectors,
                source,
                tokenizer=reading.tokenizer,
                **least,
                report=report,
                progress=False,
            )
        line = f"slope {fit.slope:.3f}, intercept {fit.intercept:.3f}"
        text = f"{fit.pairs:,} pairs: correlation {fit.correlation:.3f}, {line}"
        print_json(fit.as_dict()) if as_json else say(text)


def explain(
    sentence: Annotated[
        str, Parameter(group=ARGUMENTS, help="A sentence, with white space between words.")
    ],
    *,
    center: Annotated[str, Parameter(help="Centre word. It must occur in the sentence.")],
    window: Annotated[
        Integer,
        Parameter(
            help=with_range("Words on each side of the centre word that are its context.", "window")
        ),
    ] = 1,
    objective: Annotated[
        Literal["negative", "softmax"],
        Parameter(help="Training objective: negative sampling or full softmax."),
    ] = "negative",
    negative: Annotated[
        Integer,
        Parameter(help=with_range("Negative samples for each pair.", "negative")),
    ] = 2,
    vector_size: Annotated[
        Integer,
        Parameter(help=with_range("Dimensions of the word vectors.", "vector_size")),
    ] = 3,
    alpha: Annotated[float, Parameter(help=with_range("Learning rate.", "alpha"))] = 0.1,
    seed: Annotated[Integer, Parameter(help=with_range("Seed of all random numbers.", "seed"))] = 1,
    as_json: Json = False,
) -> None:
    """Show one training step in numbers, from the pairs to the updated vectors.

    Examples:
      skipgram explain "the cat sat on the mat" --center sat
      skipgram explain "the cat sat on the mat" --center sat --objective softmax
    """
    from skipgram.cli.explain_view import show
    from skipgram.explanation import explain as explain_update

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


def _sets_and_models(
    model: str, others: Sequence[str], sets: Sequence[str] | None
) -> tuple[list[str], list[str]]:
    """Return the evaluation sets and the models; without --set, names may be either."""
    if sets is not None:
        models = [model, *others]
    else:
        models = [model, *(name for name in others if _is_model(name))]
        sets = [name for name in others if not _is_model(name)]
    if not sets:
        command = shlex.join(["skipgram", "evaluate", *models, "--set", "wordsim353"])
        raise UsageError(f"no evaluation set was given; try: {command}")
    return list(sets), models


def _is_model(name: str) -> bool:
    """Whether a name is that of a model, by its suffix or its content, not of an evaluation set."""
    from skipgram.formats import is_vectors

    path = Path(name).expanduser()
    plain = path.with_suffix("") if path.suffix in {".gz", ".bz2", ".xz", ".zst"} else path
    by_suffix = plain.suffix in {".bin", ".kv", ".parquet", ".safetensors", ".vec"}
    return by_suffix or (name != "" and is_vectors(path))


def _labels(names: Sequence[str]) -> list[str]:
    """Return the file names of sets, or their paths if two file names are equal."""
    short = [Path(name).name for name in names]
    return short if len(set(short)) == len(short) else list(names)


def _show_table(results: dict[str, Scores]) -> None:
    """Print one line for each set, with the score and the coverage of each model in a column."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("set", *results):
        table.add_column(heading, no_wrap=True)
    names = list(next(iter(results.values())))
    for name, label in zip(names, _labels(names), strict=True):
        table.add_row(label, *(found[name].brief() for found in results.values()))
    with page() as console:
        console.print(table)
