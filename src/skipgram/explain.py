"""One update of skip-gram in numbers: what a centre and the words around it do to the vectors, step by step.

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

Numbers = list[float]


@dataclass(frozen=True)
class Row:
    """An output row of the update: a word, what it is there for, and what becomes of its vector."""

    word: str
    times: float
    """How often it stands in the context (softmax), or was seen or drawn (negative sampling)."""
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
    """Which row of the input matrix the centre is."""
    h: Numbers
    """That row: the one-hot vector times the input matrix. There is no non-linearity."""
    rows: list[Row]
    loss: float
    gradient_h: Numbers
    """dL/dh: the sum of error x u over the rows."""
    h_after: Numbers
    alpha: float
    loss_after: float
    """The loss of the same rows after the step: smaller."""

    def as_dict(self) -> dict[str, Any]:
        """All fields, fit for JSON."""
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
    """Make one update of a centre word and return every number of it.

    The vocabulary is that of the sentence. All vectors start uniform in -0.5 to 0.5, the output vectors too: training starts
    those at 0, which would make most of the numbers here 0.

    Args:
        sentence: the words.
        center: the centre; where it stands more than once, its first place.
        window: words on each side of the centre that are its context.
        objective: "softmax" or "negative" (sampling).
        negative: negatives drawn for each pair, from the words of the sentence; one equal to the context word is dropped.
        vector_size: numbers in a vector.
        alpha: learning rate.
        seed: start of the random vectors and draws.

    Raises:
        ConfigError: an option out of its range, a centre that does not stand in the sentence, or a sentence of fewer than two
            different words.
    """
    config = TrainConfig(
        window=window, negative=negative, vector_size=vector_size, alpha=alpha, seed=seed
    )  # checks ranges
    if objective not in ("softmax", "negative"):
        raise ConfigError(f"objective={objective!r}: allowed are softmax, negative")
    words = list(dict.fromkeys(sentence))
    if len(words) < 2:
        raise ConfigError(
            f"a sentence of {len(words)} different words has no pairs to explain; give at least two"
        )
    if center not in words:
        raise ConfigError(
            f"center={center!r} does not stand in the sentence; its words are {', '.join(words)}"
        )
    at, text = sentence.index(center), [words.index(word) for word in sentence]
    places = [n for n in range(max(0, at - window), min(len(text), at + window + 1)) if n != at]
    around = [text[n] for n in places]
    outputs = (
        _softmax(around, len(words))
        if objective == "softmax"
        else _negative(around, _draw(words, text, places, config))
    )
    v, u = np.random.default_rng(seed).uniform(-0.5, 0.5, (2, len(words), vector_size))
    h, before = v[text[at]], u[outputs.numbers]
    gradient_h, gradients = outputs.gradients(h, before)
    # A word may be a context word of one pair and a negative of another: its vector takes both gradients.
    gradient_u = np.zeros_like(u)
    np.add.at(gradient_u, outputs.numbers, gradients)
    h_after = _step(h[None], gradient_h[None], alpha)[0]
    after = _step(u, gradient_u, alpha)[outputs.numbers]
    return Explanation(
        objective=objective,
        sentence=sentence,
        vocabulary=words,
        center=center,
        pairs=[(center, words[context]) for context in around],
        one_hot=[int(word == center) for word in words],
        h=h.tolist(),
        rows=_rows(words, outputs, h, gradients, before, after),
        loss=outputs.loss(h, before),
        gradient_h=gradient_h.tolist(),
        h_after=h_after.tolist(),
        alpha=alpha,
        loss_after=outputs.loss(h_after, after),
    )


class _Outputs(NamedTuple):
    """The output rows of an update, and what the oracle says of h (d,) and these rows (n, d)."""

    numbers: list[int]
    times: Floats
    labels: list[float] | list[None]
    probabilities: Callable[[Floats], Floats]
    loss: Callable[[Floats, Floats], float]
    gradients: Callable[[Floats, Floats], tuple[Floats, Floats]]


def _softmax(around: list[int], words: int) -> _Outputs:
    counts = np.bincount(around, minlength=words).astype(float)
    return _Outputs(
        numbers=list(range(words)),
        times=counts,
        labels=[None] * words,
        probabilities=reference.softmax,
        loss=lambda h, u: reference.softmax_loss(h, u, counts),
        gradients=lambda h, u: reference.softmax_gradients(h, u, counts),
    )


def _negative(around: list[int], drawn: list[int]) -> _Outputs:
    seen, noise = Counter(around), Counter(drawn)
    times = np.array([*seen.values(), *noise.values()], float)
    labels = [1.0] * len(seen) + [0.0] * len(noise)
    pairs = np.array([times * labels, times * (1 - np.array(labels))])[
        :, None
    ]  # seen and drawn, (1, O) each

    def gradients(h: Floats, u: Floats) -> tuple[Floats, Floats]:
        gradient_h, gradient_u = reference.window_gradients(h[None], u, *pairs)
        return gradient_h[0], gradient_u

    return _Outputs(
        numbers=[*seen, *noise],
        times=times,
        labels=labels,
        probabilities=reference.sigmoid,
        loss=lambda h, u: reference.window_loss(h[None], u, *pairs),
        gradients=gradients,
    )


def _draw(words: list[str], text: list[int], places: list[int], config: TrainConfig) -> list[int]:
    """Draw the negatives of the words at some places of the text, as training draws them; one equal to its word is dropped."""
    noise = random.alias_table(
        Vocabulary(words, np.bincount(text)).noise_weights(config.ns_exponent)
    )
    bits = random.draws(
        random.stream_key(config.seed, random.CORPUS_DRAWS), np.arange(len(text), dtype=np.uint64)
    )
    drawn = {
        n: reference.negatives(reference.Word(text[n], bits[n]), noise, config.negative)
        for n in places
    }
    return [number for n, numbers in drawn.items() for number in numbers if number != text[n]]


def _step(matrix: Floats, gradient: Floats, alpha: float) -> Floats:
    """Return the matrix after a step of SGD on all its rows."""
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
