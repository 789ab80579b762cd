"""Commands that query a model: neighbors, similarity, analogy, odd-one-out, index."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from skipgram.cli.help import ARGUMENTS
from skipgram.cli.options import (
    STDIN_URL,
    HowLoaded,
    Json,
    Model,
    Quiet,
    TopN,
    UsageError,
    Vectors,
    load_vectors,
    print_json,
    replacing,
)
from skipgram.cli.streams import announce
from skipgram.cli.terminal import note, say
from skipgram.loading import USUAL

if TYPE_CHECKING:
    from skipgram.embeddings import Embeddings, Which

Found = list[tuple[str, float]]
Word = Annotated[str, Parameter(group=ARGUMENTS, help="A word in the model.")]
WordOption = Annotated[list[str] | None, Parameter(negative="", consume_multiple=True)]


_MOST_CHARACTERS = 1 << 24
"""The most that is read from standard input for one query."""


def neighbors(
    model: Model,
    *words: Annotated[
        str,
        Parameter(
            help="Words to query. Each gets its own list of neighbours. With -, the words are read "
            "from standard input, one per line."
        ),
    ],
    positive: Annotated[
        WordOption,
        Parameter(
            help="Words to add up, instead of querying words one by one. Here and in --negative, - "
            "stands for the words of standard input."
        ),
    ] = None,
    negative: Annotated[WordOption, Parameter(help="Words to subtract from the sum.")] = None,
    topn: TopN = 10,
    vectors: Vectors = "input",
    index: Annotated[
        bool,
        Parameter(
            negative="",
            help="Search the index built by `skipgram index`: faster, but may miss a neighbour.",
        ),
    ] = False,
    loading: HowLoaded = USUAL,
    as_json: Json = False,
) -> None:
    """Show the words most similar to a word, or to a sum of words, by cosine similarity.

    Examples:
      skipgram neighbors quickstart-model string list
      skipgram neighbors quickstart-model --positive lists string --negative list
    """
    if words and (positive or negative):
        raise UsageError(
            "words cannot be combined with --positive or --negative; give one or the other"
        )
    if not words and not positive and not negative:
        raise UsageError("no word was given; try: skipgram neighbors MODEL WORD")
    words, added, subtracted = _given_words(words, positive or (), negative or ())
    embeddings = load_vectors(model, loading)
    _say_spelling(embeddings, [*words, *added, *subtracted])
    of_sum, of_each = _searches(model, embeddings, vectors, index)
    if not words:
        _show(of_sum(added, subtracted, topn=topn), "similarity", as_json)
        return
    for word in words:  # a word whose vector is zero is an error
        embeddings.query(word, (), vectors)
    _show_each(dict(zip(words, of_each(words, topn=topn), strict=True)), as_json)


def similarity(
    model: Model,
    a: Word,
    b: Word,
    *,
    vectors: Vectors = "input",
    loading: HowLoaded = USUAL,
    as_json: Json = False,
) -> None:
    """Show the cosine similarity of two words.

    Examples:
      skipgram similarity quickstart-model string bytes
    """
    embeddings = load_vectors(model, loading)
    _say_spelling(embeddings, [a, b])
    cosine = embeddings.similarity(a, b, vectors)
    if as_json:
        print_json({"similarity": cosine})
    else:
        say(f"{cosine:.4f}")


def analogy(
    model: Model,
    a: Word,
    b: Word,
    c: Word,
    *,
    method: Annotated[
        Literal["add", "mul"], Parameter(help="Scoring: 3CosAdd (add) or 3CosMul (mul).")
    ] = "add",
    topn: TopN = 10,
    vectors: Vectors = "input",
    loading: HowLoaded = USUAL,
    as_json: Json = False,
) -> None:
    """Solve an analogy: A is to B as C is to which word?

    Examples:
      skipgram analogy quickstart-model list lists string
    """
    embeddings = load_vectors(model, loading)
    _say_spelling(embeddings, [a, b, c])
    found = embeddings.analogy(a, b, c, topn=topn, method=method, which=vectors)
    _show(found, "score", as_json)


def odd_one_out(
    model: Model,
    *words: Annotated[str, Parameter(help="Words to choose from (3 or more).", required=True)],
    vectors: Vectors = "input",
    loading: HowLoaded = USUAL,
    as_json: Json = False,
) -> None:
    """Show the word that fits in least: the one farthest from the mean of all the words.

    Examples:
      skipgram odd-one-out quickstart-model list tuple dict thread
    """
    embeddings = load_vectors(model, loading)
    _say_spelling(embeddings, words)
    odd = embeddings.odd_one_out(words, vectors)
    if as_json:
        print_json({"word": odd})
    else:
        say(odd)


def index(
    model: Model,
    *,
    vectors: Vectors = "input",
    loading: HowLoaded = USUAL,
    quiet: Quiet = False,
) -> None:
    """Build an index of a model, for fast approximate search with `neighbors --index`.

    Examples:
      skipgram index quickstart-model
      skipgram neighbors quickstart-model string --index
    """
    from skipgram.index import build_index, index_path

    embeddings, path = load_vectors(model, loading), index_path(model, vectors)
    replaced = replacing(path, "index")
    build_index(embeddings, path, which=vectors, progress=not quiet)
    announce(f"{len(embeddings):,} words indexed in {path}{replaced}")


def _given_words(*given: Sequence[str]) -> list[tuple[str, ...]]:
    """Return lists of words, with those of standard input in the place of "-"."""
    if sum(name == STDIN_URL for names in given for name in names) > 1:
        raise UsageError("- is given more than once, but standard input can be read only once")
    return [tuple(word for name in names for word in _words_of(name)) for names in given]


def _words_of(name: str) -> list[str]:
    if name != STDIN_URL:
        return [name]
    text = sys.stdin.read(_MOST_CHARACTERS + 1)
    if len(text) > _MOST_CHARACTERS:
        raise UsageError(
            f"standard input holds more than {_MOST_CHARACTERS:,} characters; query fewer words at "
            "a time"
        )
    lines = (line.lstrip("\ufeff").strip() for line in text.splitlines())
    words = list(filter(None, lines))
    if not words:
        raise UsageError("standard input holds no words; write one word per line")
    return words


def _say_spelling(embeddings: Embeddings, words: Sequence[str]) -> None:
    """Say on standard error which word answers where the corpus spells a word differently."""
    for word in dict.fromkeys(words):
        if word in embeddings and (used := embeddings.words[embeddings.index(word)]) != word:
            note(f"{word}: using {used}")


def _searches(
    model: Path, embeddings: Embeddings, vectors: Which, index: bool
) -> tuple[Callable[..., Found], Callable[..., list[Found]]]:
    """Return the search for the neighbours of a sum, and the one for those of each word."""
    if not index:
        of_sum = partial(embeddings.most_similar, which=vectors)
        return of_sum, partial(embeddings.most_similar_batch, which=vectors)
    from skipgram.index import NeighbourIndex, index_path

    built = NeighbourIndex(embeddings, index_path(model, vectors), which=vectors)
    return built.most_similar, built.most_similar_batch


def _show_each(answers: dict[str, Found], as_json: bool) -> None:
    if as_json:
        print_json({word: _as_records(found, "similarity") for word, found in answers.items()})
        return
    for word, found in answers.items():
        if len(answers) > 1:
            say(f"{word}:")
        _show(found, "similarity", as_json)


def _show(found: Found, measure: str, as_json: bool) -> None:
    if as_json:
        print_json(_as_records(found, measure))
        return
    for word, value in found:
        say(f"{value:7.4f}  {word}")


def _as_records(found: Found, measure: str) -> list[dict[str, str | float]]:
    return [{"word": word, measure: value} for word, value in found]
