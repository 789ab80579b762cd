"""Commands that show a model: explore, plot."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from skipgram.cli.help import ARGUMENTS, OUTPUT
from skipgram.cli.options import (
    MODEL_HELP,
    FilePath,
    HowLoaded,
    Integer,
    Quiet,
    UsageError,
    Vectors,
    load_vectors,
    refuse_flags,
    replacing,
)
from skipgram.cli.streams import announce
from skipgram.cli.terminal import note
from skipgram.loading import USUAL
from skipgram.wording import count, reason_of, some

if TYPE_CHECKING:
    from skipgram.embeddings import Embeddings
    from skipgram.training.log import Curve

MOST_PORT = 65_535
_TOP = 2_000


def explore(
    model: Annotated[
        FilePath,
        Parameter(
            group=ARGUMENTS,
            help="Model directory or file, vectors in any format that skipgram reads, or the "
            "output of a running or interrupted training.",
        ),
    ],
    other: Annotated[
        FilePath | None,
        Parameter(group=ARGUMENTS, help="A second model, to compare with."),
    ] = None,
    *,
    port: Annotated[
        Integer,
        Parameter(help=f"Port of the page; 0 takes a free one. [range: 0 to {MOST_PORT:,}]"),
    ] = 0,
    browser: Annotated[
        bool,
        Parameter(
            help="Open the page in the browser, and end when it is closed. With --no-browser, only "
            "print its address.",
        ),
    ] = True,
) -> None:
    """Show a model in the browser: a map of its words, their neighbours, and how it was trained.

    The page is served on this machine only. Its address holds a secret; do not pass it on. Ctrl-C
    ends it.

    Examples:
      skipgram explore quickstart-model
      skipgram explore old-model new-model --no-browser
    """
    from skipgram.explorer.server import serve

    if not 0 <= port <= MOST_PORT:
        raise UsageError(f"--port is {port}; it must be from 0 to {MOST_PORT:,}")
    models = [model] if other is None else [model, other]

    def tell(address: str) -> None:
        announce(f"{address}  (Ctrl-C to stop)")

    serve(models, port, tell, browser=browser)
    note("the page was closed")


def plot(
    model: Annotated[
        FilePath | None,
        Parameter(group=ARGUMENTS, help=f"{MODEL_HELP} Not needed with --training."),
    ] = None,
    *,
    output: Annotated[
        FilePath,
        Parameter(
            name=["--output", "-o"],
            group=OUTPUT,
            help="File to write: a page (.html, of a map only), or a picture (.png, .svg, .pdf).",
        ),
    ],
    words: Annotated[
        FilePath | None,
        Parameter(
            help="Text file with the words to show, one per line. Defaults to "
            "the most frequent words of the model."
        ),
    ] = None,
    top: Annotated[
        Integer, Parameter(help="Number of words, unless --words is given. [range: 1 to 50,000]")
    ] = _TOP,
    layout: Annotated[
        Literal["umap", "pca"],
        Parameter(help="Places of the words: umap shows neighbourhoods, pca is immediate."),
    ] = "umap",
    analogy: Annotated[
        list[str] | None,
        Parameter(
            negative="",
            consume_multiple=True,
            help="Draw pairs of words as arrows instead of a map, each as a:b.",
        ),
    ] = None,
    training: Annotated[
        FilePath | None,
        Parameter(
            help="Draw the loss, speed and learning rate of a training instead of a map: a model "
            "directory, or the output of a running or interrupted training.",
        ),
    ] = None,
    vectors: Vectors = "input",
    loading: HowLoaded = USUAL,
    quiet: Quiet = False,
) -> None:
    """Draw a map of the words, pairs of an analogy, or the curves of a training.

    Examples:
      skipgram plot quickstart-model --output map.html
      skipgram plot quickstart-model --output map.png --top 500
      skipgram plot quickstart-model -o a.svg --analogy list:lists string:strings
      skipgram plot --training quickstart-model --output curve.png
    """
    from skipgram.plots import check_suffix, draw_analogies, draw_map, draw_training

    kinds = [name for name, given in (("analogy", analogy), ("training", training)) if given]
    if len(kinds) > 1:
        raise UsageError("--analogy and --training are two pictures; give one of them")
    if kinds:
        of_a_map = {"words": words, "top": top != _TOP, "layout": layout != "umap"}
        if training:
            of_a_map["vectors"] = vectors != "input"
        refuse_flags([name for name, given in of_a_map.items() if given], f"with --{kinds[0]}")
    if kinds or output.suffix.lower() != ".html":
        check_suffix(output)  # before a large model is read
    replaced = replacing(output, "file")
    if training is not None:
        if model is not None:
            raise UsageError("--training already names the training; leave MODEL out")
        draw_training(_curve_of(training), training.name).save(output)
    elif model is None:
        raise UsageError("no model was given; try: skipgram plot MODEL --output map.html")
    elif analogy:
        pairs = [_pair(text) for text in analogy]
        draw_analogies(load_vectors(model, loading), pairs, vectors).save(output)
    else:
        from skipgram.cli.progress import reporting
        from skipgram.explorer.alone import map_page
        from skipgram.io.atomic import replacing_file
        from skipgram.word_map import make_map

        embeddings = load_vectors(model, loading)
        listed = None if words is None else _words_in(words, embeddings)
        with reporting(None, quiet=quiet) as report:
            found = make_map(
                embeddings, listed, top=top, which=vectors, method=layout, report=report
            )
        if output.suffix.lower() == ".html":
            content = map_page(found, embeddings, vectors, model.name).encode()
            with replacing_file(output, len(content)) as file:
                file.write(content)
        else:
            draw_map(found, model.name).save(output)
    announce(f"picture written to {output}{replaced}")


def _curve_of(path: Path) -> Curve:
    """Return the curve of a finished model, or of a training that runs or was interrupted."""
    from skipgram.errors import FormatError
    from skipgram.explorer.shown import run_of
    from skipgram.io.directories import LOG
    from skipgram.training.log import read_curve

    log = (run_of(path) or path) / LOG
    if not log.is_file():
        raise FormatError(
            f"there is no log of a training at {path}; give a model directory that `skipgram "
            "train` wrote, or the output of a running training"
        )
    try:
        return read_curve(log)
    except (OSError, ValueError) as error:
        raise FormatError(f"cannot read {log}: {reason_of(error)}; check the path") from error


def _words_in(path: Path, embeddings: Embeddings) -> list[str]:
    """Return the words of a file that the model has; say which it lacks."""
    from skipgram.encodings import text_of
    from skipgram.errors import FormatError
    from skipgram.regular_files import read_whole

    try:
        lines = text_of(read_whole(path)).splitlines()
    except (OSError, ValueError) as error:
        raise FormatError(f"cannot read {path}: {reason_of(error)}; check the path") from error
    words = [line.strip() for line in lines if line.strip()]
    known = [word for word in words if word in embeddings]
    if not known:
        raise UsageError(
            f"the model has none of the {count(len(words), 'word')} of {path}; write one word per "
            "line"
        )
    lacking = [word for word in words if word not in embeddings]
    if lacking:
        note(f"{count(len(lacking), 'word')} not in the model: {some(lacking)}")
    return known


def _pair(text: str) -> tuple[str, str]:
    """Return the two words of a:b."""
    a, _, b = text.partition(":")
    if not a or not b or ":" in b:
        raise UsageError(f"--analogy {text!r} is not a pair of words; write it as king:queen")
    return a, b
