"""Commands that train: train, tune, quickstart."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from skipgram.cli.help import CORPUS, OUTPUT, SEARCH, TRAINING
from skipgram.cli.options import (
    CORPUS_HELP,
    MODEL_OUTPUT_HELP,
    SET_HELP,
    STDIN_URL,
    CheckpointInterval,
    ConfigFile,
    CorpusNames,
    FilePath,
    HowLoaded,
    Integer,
    Json,
    ModelOutput,
    Quiet,
    UsageError,
    Watch,
    checkpoint_of,
    corpus_of,
    load_vectors,
    output_of,
    print_json,
    refuse_flags,
    refuse_repeats,
    settings_of,
    watching,
)
from skipgram.cli.resume import save_and_finish
from skipgram.cli.streams import announce
from skipgram.cli.terminal import say
from skipgram.config import CorpusConfig, TrainConfig
from skipgram.loading import USUAL
from skipgram.stopwords import StopWords
from skipgram.wording import count

if TYPE_CHECKING:
    from skipgram.tuning import Tuned


def train(
    corpus: Annotated[
        list[str] | None,
        Parameter(
            group=CORPUS, negative="", consume_multiple=True, required=True, help=CORPUS_HELP
        ),
    ] = None,
    *,
    reading: Annotated[CorpusConfig, Parameter(name="*")] = CorpusConfig(),  # noqa: B008 - frozen
    options: Annotated[TrainConfig, Parameter(name="*")] = TrainConfig(),  # noqa: B008 - frozen
    config: ConfigFile = None,
    initial: Annotated[
        FilePath | None,
        Parameter(
            group=TRAINING,
            help="Start from the vectors of this model, or of a file in another format. All other "
            "words start from random vectors.",
        ),
    ] = None,
    resume_from: Annotated[
        FilePath | None,
        Parameter(
            group=TRAINING,
            help="Continue training this model. Its words are kept, and new words of the corpus "
            "are added.",
        ),
    ] = None,
    freeze: Annotated[
        bool,
        Parameter(
            group=TRAINING,
            negative="",
            help="Keep the input vectors from `initial` or `resume_from` unchanged.",
        ),
    ] = False,
    output: Annotated[
        FilePath | None,
        Parameter(
            name=["--output", "-o"],
            group=OUTPUT,
            help=f"{MODEL_OUTPUT_HELP} Required, unless the file of `config` sets it.",
        ),
    ] = None,
    checkpoint: CheckpointInterval = None,
    watch: Watch = None,
    quiet: Quiet = False,
    loading: Annotated[HowLoaded, Parameter(group=TRAINING)] = USUAL,
    as_json: Json = False,
) -> None:
    """Train word vectors on a corpus and save them as a model.

    The corpus may be text, compressed text, a table, a pipe, a URL, or a directory written by
    `skipgram encode`.

    Examples:
      skipgram train corpus.txt --output model
      skipgram train corpus.txt --output model --vector-size 300 --epochs 10
      skipgram train more.txt --output larger-model --resume-from model
    """
    from skipgram.cli.program import command_line
    from skipgram.cli.progress import reporting
    from skipgram.io.atomic import target_of
    from skipgram.model import SkipGram
    from skipgram.run_directory import RunDirectory
    from skipgram.run_paths import run_directory_of
    from skipgram.saving import check_target

    options, reading = settings_of(options, reading, config)
    output = output_of(output, config)
    if not output:
        raise UsageError(
            "--output is missing; give the directory for the model, or a file that ends in "
            ".safetensors"
        )
    interval = checkpoint_of(checkpoint, config)
    source = corpus_of(corpus or [], reading)
    if initial is None and resume_from is None:
        refuse_flags(loading.given, "without --initial or --resume-from")
    # Before there is progress, which hides warnings.
    initial_vectors = initial and load_vectors(initial, loading)
    earlier_vectors = resume_from and load_vectors(resume_from, loading)
    directory, command = run_directory_of(output), command_line("resume", output)
    with RunDirectory(directory, command, target_of(output)) as run:
        with reporting(output, check_target, quiet=quiet) as report:
            embeddings = SkipGram(options).fit(
                source,
                initial=initial_vectors,
                resume_from=earlier_vectors,
                freeze=freeze,
                callbacks=[report, *watching(watch, report)],
                progress=False,
                run_directory=run,
                checkpoint=interval,
            )
        save_and_finish(embeddings, output, run, as_json=as_json)


def tune(
    *corpus: CorpusNames,
    reading: Annotated[CorpusConfig, Parameter(name="*")] = CorpusConfig(),  # noqa: B008 - frozen
    options: Annotated[TrainConfig, Parameter(name="*")] = TrainConfig(),  # noqa: B008 - frozen
    config: ConfigFile = None,
    minutes: Annotated[
        float, Parameter(group=SEARCH, help="Time to search, in minutes. [range: more than 0]")
    ] = 10.0,
    trials: Annotated[
        Integer | None,
        Parameter(
            group=SEARCH,
            help="Stop after this many trials. Each trial trains a model. [range: 1 or more]",
        ),
    ] = None,
    sets: Annotated[
        list[str] | None,
        Parameter(
            name="--set",
            group=SEARCH,
            negative="",
            consume_multiple=True,
            help=f"Compare trials by their scores on evaluation sets: {SET_HELP}. Defaults to the "
            "loss on held-out text.",
        ),
    ] = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Search for good training options, and print the command that trains with them.

    It trains models with negative sampling and compares their loss on held-out text, or their
    scores on evaluation sets. Options that you set are not searched.

    Examples:
      skipgram tune corpus.txt --minutes 10
      skipgram tune corpus.txt --vector-size 300 --set wordsim353 --trials 20
    """
    from skipgram.cli.progress import reporting
    from skipgram.tuning import tune as search

    if sets == []:
        raise UsageError("--set needs at least one evaluation set; try: --set wordsim353")
    refuse_repeats(sets or (), "set")
    options, reading = settings_of(options, reading, config)
    source = corpus_of(corpus, reading)
    with reporting(None, quiet=quiet) as report:
        found = search(
            source,
            minutes=minutes,
            trials=trials,
            sets=sets or (),
            report=report,
            progress=False,
            **options.given,
        )
    command = _train_command(corpus, {**options.given, **reading.given, **found.options})
    if as_json:
        print_json({**found.as_dict(), "command": command})
    else:
        _show_search(found)
        say(command)


def _show_search(found: Tuned) -> None:
    text = "" if found.text == 1 else f", on {found.text:.1%} of the text to save time"
    ended = ", interrupted" if found.interrupted else ""
    for path, coverage in found.coverage.items():
        say(f"{path}: {coverage:.0%} covered by the corpus")
    trials = f"{count(len(found.trials), 'trial')}{text}{ended}"
    first = f"first trial: {found.default_score:.4f}"
    say(f"best {found.measure}: {found.score:.4f} ({first}); {trials}")


def _train_command(corpus: Sequence[str], options: Mapping[str, object]) -> str:
    """Return the command line that trains with these options."""
    from skipgram.cli.program import command_line

    words = ["train", *("-" if name == STDIN_URL else name for name in corpus)]
    words += ["--output", "model"]
    for name, value in options.items():
        if name != "validation" and value is not None:  # held-out text served the search only
            words += _flags(name.replace("_", "-"), value)
    return command_line(*words)


def _flags(name: str, value: object) -> list[str]:
    """Return the words of the command line that set an option."""
    if isinstance(value, bool):
        return [f"--{'' if value else 'no-'}{name}"]
    if isinstance(value, StopWords):  # those of a configuration file have no name
        return [f"--{name}", value.source] if value.source else []
    if isinstance(value, tuple):
        return [word for item in value for word in _flags(name, item)]
    if str(value).startswith("-"):  # it would be read as an option
        return [f"--{name}={value}"]
    return [f"--{name}", str(value)]


def quickstart(
    *,
    output: ModelOutput = Path("quickstart-model"),
    quiet: Quiet = False,
) -> None:
    """Train a small model on Python's own documentation, and query it.

    It needs neither a corpus nor a network connection.

    Examples:
      skipgram quickstart
      skipgram neighbors quickstart-model string list
    """
    from skipgram.cli.program import command_line
    from skipgram.cli.progress import reporting
    from skipgram.io.atomic import target_of
    from skipgram.io.optional import install_command
    from skipgram.model import SkipGram
    from skipgram.quickstart import ANALOGY, OPTIONS, WORDS, sentences
    from skipgram.run_directory import RunDirectory
    from skipgram.run_paths import run_directory_of
    from skipgram.saving import check_target
    from skipgram.word_map import EXTRA

    announce("Corpus: Python's documentation (language reference, docstrings and comments).")
    command = command_line("resume", output)
    with RunDirectory(run_directory_of(output), command, target_of(output)) as run:
        with reporting(output, check_target, quiet=quiet) as report:
            embeddings = SkipGram(**OPTIONS).fit(
                sentences(), callbacks=[report], progress=False, run_directory=run
            )
        save_and_finish(embeddings, output, run, as_json=False)
    announce("\nNearest words:")
    for word, found in zip(WORDS, embeddings.most_similar_batch(WORDS, topn=6), strict=True):
        announce(f"{word:>10}: {', '.join(near for near, _ in found)}")
    a, b, c = ANALOGY
    answers = ", ".join(near for near, _ in embeddings.analogy(a, b, c, topn=3))
    announce(f"{a} is to {b} as {c} is to: {answers}")
    announce("\nTo query this model, and to export it:")
    announce(f"  {command_line('neighbors', output, 'string', 'list')}")
    announce(f"  {command_line('export', output, output.parent / 'vectors.bin')}")
    announce("To look at it in the browser:")
    if importlib.util.find_spec("starlette") is None:
        announce(f"  {install_command(EXTRA)}")
    announce(f"  {command_line('explore', output)}")
    announce("To train on your own text:")
    announce(f"  {command_line('train', 'TEXT.txt', '--output', 'my-model')}")
