"""What the page asks, and the answers, as JSON values.

Each function takes embeddings and returns a dictionary. Words are found as in all other queries. An
unknown word raises `UnknownWordError`, which holds similar spellings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skipgram.alignment import differences
from skipgram.errors import ConfigError
from skipgram.explanation import explain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from skipgram.embeddings import Embeddings, Neighbours, Which

MOST_COMPLETIONS = 12
MOST_SENTENCE = 40
"""Words of a sentence that is explained: more do not fit on the page."""

RATE = 0.5
"""The learning rate of the update that is explained, large enough to make the steps visible."""

MOST_DIFFERENCES = 200
COMPARED_WORDS = 10_000


def complete(embeddings: Embeddings, beginning: str) -> dict[str, Any]:
    """Return the most frequent words that begin with a text, then those that contain it.

    Case does not count.
    """
    wanted = beginning.casefold()
    begin: list[str] = []
    contain: list[str] = []
    for word in embeddings.words:
        at = word.casefold().find(wanted)
        if at == 0:
            begin.append(word)
            if len(begin) == MOST_COMPLETIONS:
                break
        elif at > 0 and len(contain) < MOST_COMPLETIONS:
            contain.append(word)
    return {"words": [*begin, *contain][:MOST_COMPLETIONS]}


def neighbours(embeddings: Embeddings, word: str, n: int, which: Which) -> dict[str, Any]:
    """Return the words nearest to a word."""
    row = embeddings.index(word)
    found = embeddings.most_similar(row_word := embeddings.words[row], topn=n, which=which)
    count = None if embeddings.counts is None else int(embeddings.counts[row])
    return {"word": row_word, "row": row, "count": count, "found": _listed(embeddings, found)}


def analogy(
    embeddings: Embeddings, terms: tuple[str, str, str], n: int, which: Which
) -> dict[str, Any]:
    """Return words that complete an analogy: a is to b as c is to which word?"""
    return {"found": _listed(embeddings, embeddings.analogy(*terms, topn=n, which=which))}


def arithmetic(
    embeddings: Embeddings, added: Sequence[str], subtracted: Sequence[str], n: int, which: Which
) -> dict[str, Any]:
    """Return the words nearest to a sum of words, with others subtracted."""
    if not added and not subtracted:
        raise ConfigError("no word was given; write for example: king - man + woman")
    found = embeddings.most_similar(list(added), list(subtracted), topn=n, which=which)
    return {"found": _listed(embeddings, found)}


def odd_one_out(embeddings: Embeddings, words: Sequence[str], which: Which) -> dict[str, Any]:
    """Return the word that fits the others least."""
    return {"word": embeddings.odd_one_out(words, which=which)}


def similarities(embeddings: Embeddings, words: Sequence[str], which: Which) -> dict[str, Any]:
    """Return the cosines of all pairs of words, the largest first."""
    if len(words) < 2:
        raise ConfigError("a similarity needs at least two words; write for example: king queen")
    pairs = [(a, b) for at, a in enumerate(words) for b in words[at + 1 :]]
    found = [(a, b, embeddings.similarity(a, b, which)) for a, b in pairs]
    found.sort(key=lambda each: -each[2])
    return {"pairs": [{"a": a, "b": b, "cosine": cosine} for a, b, cosine in found]}


def compared(one: Embeddings, other: Embeddings, which: Which) -> dict[str, Any]:
    """Return the words that differ most between two models."""
    found = differences(one, other, top=COMPARED_WORDS, which=which)
    words = [
        {"word": each.word, "overlap": each.overlap, "cosine": each.cosine}
        for each in found[:MOST_DIFFERENCES]
    ]
    mean = sum(each.overlap for each in found) / len(found)
    return {"words": words, "compared": len(found), "mean_overlap": mean}


def explained(sentence: str, center: str, objective: str, window: int) -> dict[str, Any]:
    """Return every number of one update (`explain`)."""
    words = sentence.split()
    if len(words) > MOST_SENTENCE:
        raise ConfigError(
            f"the sentence has {len(words)} words; it must have at most {MOST_SENTENCE}"
        )
    if objective not in ("negative", "softmax"):
        raise ConfigError(f"objective is {objective!r}; it must be negative or softmax")
    return explain(
        words,
        center,
        window=window,
        alpha=RATE,
        objective="softmax" if objective == "softmax" else "negative",
    ).as_dict()


def _listed(embeddings: Embeddings, found: Neighbours) -> list[dict[str, Any]]:
    return [
        {"word": word, "cosine": cosine, "row": embeddings.index(word)} for word, cosine in found
    ]
