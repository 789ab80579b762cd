"""The verbs that ask a model about words."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from cyclopts import Parameter

from skipgram.cli.options import Json, Model, TopN, UsageError, Vectors, print_json

Words = Annotated[list[str] | None, Parameter(negative="", consume_multiple=True)]


def neighbors(
    model: Model,
    *words: Annotated[str, Parameter(help="Words to ask about; each gets its own answer.")],
    positive: Annotated[Words, Parameter(help="Words to be near to, all in one question.")] = None,
    negative: Annotated[
        Words, Parameter(help="Words to be far from, in the same question.")
    ] = None,
    topn: TopN = 10,
    vectors: Vectors = "input",
    index: Annotated[
        bool,
        Parameter(negative="", help="Search the index that `skipgram index` made: approximate."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Show the words nearest to each word, or to a sum of words, by cosine similarity."""
    from skipgram.formats import load

    if words and (positive or negative):
        raise UsageError(
            "words are given alone and with --positive or --negative; give all of them one way"
        )
    if not words and not positive and not negative:
        raise UsageError(
            "no word was given; name at least one, as in: skipgram neighbors MODEL king"
        )
    embeddings = load(model)
    search: Any = embeddings
    if index:
        from skipgram.index import NeighbourIndex, index_path

        search = NeighbourIndex(embeddings, index_path(model, vectors), which=vectors)
    which = {} if index else {"which": vectors}
    if not words:
        _show(
            search.most_similar(positive or (), negative or (), topn=topn, **which),
            "similarity",
            as_json,
        )
        return
    for word in words:  # one whose vector is zero is near to none
        embeddings.query(word, (), vectors)
    answers = dict(zip(words, search.most_similar_batch(words, topn=topn, **which), strict=True))
    if as_json:
        print_json({word: _as_records(found, "similarity") for word, found in answers.items()})
        return
    for word, found in answers.items():
        if len(answers) > 1:
            print(f"{word}:")
        _show(found, "similarity", as_json)


def analogy(
    model: Model,
    a: str,
    b: str,
    c: str,
    *,
    method: Annotated[Literal["add", "mul"], Parameter(help="3CosAdd or 3CosMul.")] = "add",
    topn: TopN = 5,
    vectors: Vectors = "input",
    as_json: Json = False,
) -> None:
    """Answer: A is to B as C is to ...?"""
    from skipgram.formats import load

    _show(load(model).analogy(a, b, c, topn=topn, method=method, which=vectors), "score", as_json)


def odd_one_out(
    model: Model,
    *words: Annotated[str, Parameter(help="At least three words.")],
    vectors: Vectors = "input",
    as_json: Json = False,
) -> None:
    """Say which of the words is farthest from their mean."""
    from skipgram.formats import load

    odd = load(model).odd_one_out(words, vectors)
    if as_json:
        print_json({"word": odd})
    else:
        print(odd)


def similarity(
    model: Model, a: str, b: str, *, vectors: Vectors = "input", as_json: Json = False
) -> None:
    """Show the cosine similarity of two words."""
    from skipgram.formats import load

    cosine = load(model).similarity(a, b, vectors)
    if as_json:
        print_json({"similarity": cosine})
    else:
        print(f"{cosine:.4f}")


def index(model: Model, *, vectors: Vectors = "input") -> None:
    """Build an index of the vectors, beside the model; neighbors --index then searches it, approximately."""
    from skipgram.formats import load
    from skipgram.index import build_index, index_path

    embeddings, path = load(model), index_path(model, vectors)
    build_index(embeddings, path, which=vectors)
    print(f"{len(embeddings):,} words indexed in {path}")


def _as_records(found: list[tuple[str, float]], measure: str) -> list[dict[str, Any]]:
    return [{"word": word, measure: value} for word, value in found]


def _show(found: list[tuple[str, float]], measure: str, as_json: bool) -> None:
    if as_json:
        print_json(_as_records(found, measure))
        return
    for word, value in found:
        print(f"{value:7.4f}  {word}")
