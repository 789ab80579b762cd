"""One update of skip-gram in numbers: how a centre word and its context words change the vectors.

Negatives, losses, gradients and steps are those of the oracle, `kernels/reference.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

from skipgram.config import TrainConfig
from skipgram.errors import ConfigError
from skipgram.kernels import random, reference
from skipgram.kernels.optimizers import SGD
from skipgram.kernels.reference import Floats
from skipgram.vocabulary import Vocabulary
from skipgram.wording import count

Numbers = list[float]


@dataclass(frozen=True)
class Row:
    """An output row of the update: a word, its part in the loss, and its vector."""

    word: str
    times: float
    """How often it is in the context, or was drawn as a negative."""
    label: float | None
    """Negative sampling: 1 for a context word, 0 for a negative."""
    score: float
    """u . h"""
    probability: float
    """softmax: p(word | centre); negative sampling: sigma(u . h)."""
    error: float
    """dL/d(u . h): n p - times in softmax; times (sigma(u . h) - label) in negative sampling."""
    gradient: Numbers
    """dL/du = error x h"""
    before: Numbers
    after: Numbers


@dataclass(frozen=True)
class Explanation:
    """One update, from the sentence to the new vectors."""

    objective: str
    sentence: list[str]
    vocabulary: list[str]
    center: str
    pairs: list[tuple[str, str]]
    one_hot: list[int]
    """1 at the centre word's row of the input matrix, 0 elsewhere."""
    h: Numbers
    """That row: the one-hot vector times the input matrix. There is no non-linearity."""
    rows: list[Row]
    loss: float
    gradient_h: Numbers
    """dL/dh: the sum of error x u over the rows."""
    h_after: Numbers
    alpha: float
    loss_after: float
    """The loss of the same rows after the step; it is smaller."""

    def __repr__(self) -> str:
        return (
            f"<Explanation: one {self.objective} update for {self.center!r}, with "
            f"{count(len(self.rows), 'output row')}: loss {self.loss:.4f} -> {self.loss_after:.4f}>"
        )

    def as_dict(self) -> dict[str, Any]:
        """All fields, ready for JSON."""
        return asdict(self)


def explain(
    sentence: list[str],
    center: str,
    *,
    window: int = 1,
    objective: Literal["softmax", "negative"] = "negative",
    negative: int = 2,
    vector_size: int = 3,
    alpha: float = 0.1,
    seed: int = 1,
) -> Explanation:
    """Make one update for a centre word and return every number in it.

    The vocabulary is that of the sentence. All vectors start uniformly between -0.5 and 0.5. In
    training, output vectors start at 0; that would make most of the numbers here 0.

    Args:
        sentence: the words.
        center: the centre word; if it occurs more than once, its first occurrence.
        window: words on each side of the centre word that are its context.
        objective: "softmax" or "negative" (sampling).
        negative: negatives drawn for each pair, from the words of the sentence. A negative equal to
            the context word is dropped.
        vector_size: numbers in a vector.
        alpha: learning rate.
        seed: seed of the random vectors and draws.

    Raises:
        ConfigError: an option is out of its range, the sentence does not contain the centre word,
            or it has fewer than two different words.
    """
    config = TrainConfig(  # checks the ranges
        window=window, negative=negative, vector_size=vector_size, alpha=alpha, seed=seed
    )
    words = list(dict.fromkeys(sentence))
    _check(words, center, objective)
    text = [words.index(word) for word in sentence]
    at = sentence.index(center)
    places = [n for n in range(max(0, at - window), min(len(text), at + window + 1)) if n != at]
    context = [text[n] for n in places]
    if objective == "softmax":
        outputs = _softmax(context, len(words))
    else:
        outputs = _negative(context, _draw(words, text, places, config))
    v, u = np.random.default_rng(seed).uniform(-0.5, 0.5, (2, len(words), vector_size))
    h, before = v[text[at]], u[outputs.numbers]
    gradient_h, gradients = outputs.gradients(h, before)
    # A word may be in the context and also be drawn as a negative. Its vector takes both gradients.
    gradient_u = np.zeros_like(u)
    np.add.at(gradient_u, outputs.numbers, gradients)
    h_after = _step(h[None], gradient_h[None], alpha)[0]
    after = _step(u, gradient_u, alpha)[outputs.numbers]
    return Explanation(
        objective=objective,
        sentence=sentence,
        vocabulary=words,
        center=center,
        pairs=[(center, words[number]) for number in context],
        one_hot=[int(word == center) for word in words],
        h=h.tolist(),
        rows=_rows(words, outputs, h, gradients, before, after),
        loss=outputs.loss(h, before),
        gradient_h=gradient_h.tolist(),
        h_after=h_after.tolist(),
        alpha=alpha,
        loss_after=outputs.loss(h_after, after),
    )


def _check(words: list[str], center: str, objective: str) -> None:
    if objective not in ("softmax", "negative"):
        raise ConfigError(f"objective is {objective!r}; it must be one of softmax, negative")
    if len(words) < 2:
        raise ConfigError(
            f"the sentence has too few different words ({len(words)}) to form a pair; "
            "give at least two"
        )
    if center not in words:
        raise ConfigError(
            f"center={center!r} is not in the sentence; its words are {', '.join(words)}"
        )


class _Outputs(NamedTuple):
    """The output rows of an update, and the oracle's functions of h (d,) and these rows (n, d)."""

    numbers: list[int]
    times: Floats
    labels: list[float] | list[None]
    probabilities: Callable[[Floats], Floats]
    loss: Callable[[Floats, Floats], float]
    gradients: Callable[[Floats, Floats], tuple[Floats, Floats]]


def _softmax(context: list[int], words: int) -> _Outputs:
    counts = np.bincount(context, minlength=words).astype(float)
    return _Outputs(
        numbers=list(range(words)),
        times=counts,
        labels=[None] * words,
        probabilities=reference.softmax,
        loss=lambda h, u: reference.softmax_loss(h, u, counts),
        gradients=lambda h, u: reference.softmax_gradients(h, u, counts),
    )


def _negative(context: list[int], drawn: list[int]) -> _Outputs:
    positives, negatives = Counter(context), Counter(drawn)
    times = np.array([*positives.values(), *negatives.values()], float)
    labels = [1.0] * len(positives) + [0.0] * len(negatives)
    # How often each output is a context word, and how often a negative: (1, O) each.
    pairs = np.array([times * labels, times * (1 - np.array(labels))])[:, None]

    def gradients(h: Floats, u: Floats) -> tuple[Floats, Floats]:
        gradient_h, gradient_u = reference.window_gradients(h[None], u, *pairs)
        return gradient_h[0], gradient_u

    return _Outputs(
        numbers=[*positives, *negatives],
        times=times,
        labels=labels,
        probabilities=reference.sigmoid,
        loss=lambda h, u: reference.window_loss(h[None], u, *pairs),
        gradients=gradients,
    )


def _draw(words: list[str], text: list[int], places: list[int], config: TrainConfig) -> list[int]:
    """Draw the negatives of the words at some places of the text, as training draws them."""
    weights = Vocabulary(words, np.bincount(text)).noise_weights(config.ns_exponent)
    table = random.alias_table(weights)
    key = random.stream_key(config.seed, random.CORPUS_DRAWS)
    bits = random.draws(key, np.arange(len(text), dtype=np.uint64))
    drawn = []
    for n in places:
        word = reference.Word(text[n], bits[n])
        numbers = reference.negatives(word, table, config.negative)
        drawn += [number for number in numbers if number != text[n]]
    return drawn


def _step(matrix: Floats, gradient: Floats, alpha: float) -> Floats:
    """Return the matrix after a step of SGD on all of its rows."""
    parameters = reference.Parameters(matrix.copy(), SGD)
    parameters.step(np.arange(len(matrix)), gradient, alpha)
    return parameters.matrix


def _rows(
    words: list[str], outputs: _Outputs, h: Floats, gradients: Floats, before: Floats, after: Floats
) -> list[Row]:
    scores = before @ h
    errors = gradients @ h / (h @ h)  # as dL/du = error x h
    columns = (scores, outputs.probabilities(scores), errors, gradients, before, after)
    lists = (outputs.times.tolist(), outputs.labels, *(column.tolist() for column in columns))
    return [Row(words[number], *row) for number, *row in zip(outputs.numbers, *lists, strict=True)]
