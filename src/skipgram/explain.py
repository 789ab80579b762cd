"""One update of skip-gram in numbers: what a centre and the words around it do to the vectors, step by step.

Losses and gradients are those of the oracle, `kernels/reference.py`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from skipgram.config import TrainConfig
from skipgram.errors import ConfigError
from skipgram.kernels import reference
from skipgram.kernels.reference import Floats

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
    TrainConfig(window=window, negative=negative, vector_size=vector_size, alpha=alpha, seed=seed)  # checks their ranges
    vocabulary = list(dict.fromkeys(sentence))
    if len(vocabulary) < 2:
        raise ConfigError(f"a sentence of {len(vocabulary)} different words has no pairs to explain; give at least two")
    if center not in vocabulary:
        raise ConfigError(f"center={center!r} does not stand in the sentence; its words are {', '.join(vocabulary)}")
    at, numbers = sentence.index(center), [vocabulary.index(word) for word in sentence]
    around = [numbers[n] for n in range(max(0, at - window), min(len(sentence), at + window + 1)) if n != at]
    generator = np.random.default_rng(seed)
    v, u = generator.uniform(-0.5, 0.5, (2, len(vocabulary), vector_size))
    if objective == "softmax":
        update = _softmax(v[vocabulary.index(center)], u, around, alpha)
    elif objective == "negative":
        draws = [_draw(generator, numbers, context, negative) for context in around]
        update = _negative(v[vocabulary.index(center)], u, around, [n for drawn in draws for n in drawn], alpha)
    else:
        raise ConfigError(f"objective={objective!r}: allowed are softmax, negative")
    rows, (loss, loss_after), gradient_h, h_after = update
    return Explanation(
        objective=objective,
        sentence=sentence,
        vocabulary=vocabulary,
        center=center,
        pairs=[(center, vocabulary[context]) for context in around],
        one_hot=[int(word == center) for word in vocabulary],
        h=v[vocabulary.index(center)].tolist(),
        rows=[Row(vocabulary[number], *row) for number, row in rows],
        loss=loss,
        gradient_h=gradient_h.tolist(),
        h_after=h_after.tolist(),
        alpha=alpha,
        loss_after=loss_after,
    )


Update = tuple[list[tuple[int, tuple[Any, ...]]], tuple[float, float], Floats, Floats]


def _softmax(h: Floats, u: Floats, around: list[int], alpha: float) -> Update:
    counts = np.bincount(around, minlength=len(u)).astype(float)
    gradient_h, gradient_u = reference.softmax_gradients(h, u, counts)
    h_after, u_after = h - alpha * gradient_h, u - alpha * gradient_u
    scores, probabilities = u @ h, reference.softmax(u @ h)
    errors = counts.sum() * probabilities - counts
    rows = [
        (
            n,
            (
                counts[n],
                None,
                scores[n],
                probabilities[n],
                errors[n],
                *map(np.ndarray.tolist, (gradient_u[n], u[n], u_after[n])),
            ),
        )
        for n in range(len(u))
    ]
    losses = reference.softmax_loss(h, u, counts), reference.softmax_loss(h_after, u_after, counts)
    return rows, losses, gradient_h, h_after


def _negative(h: Floats, u: Floats, around: list[int], drawn: list[int], alpha: float) -> Update:
    seen, noise = Counter(around), Counter(drawn)
    numbers = [*seen, *noise]
    times = np.array([*seen.values(), *noise.values()], float)
    labels = np.array([1.0] * len(seen) + [0.0] * len(noise))
    one = np.ones(1)
    gradient_h, gradient_rows = reference.window_gradients(h[None], u[numbers], one, times, labels)
    # A word may be a context word of one pair and a negative of another: its vector takes both gradients.
    u_after = u.copy()
    np.subtract.at(u_after, numbers, alpha * gradient_rows)
    h_after = h - alpha * gradient_h[0]
    scores = u[numbers] @ h
    probabilities = reference.sigmoid(scores)
    errors = times * (probabilities - labels)
    rows = [
        (
            word,
            (
                times[n],
                labels[n],
                scores[n],
                probabilities[n],
                errors[n],
                *map(np.ndarray.tolist, (gradient_rows[n], u[word], u_after[word])),
            ),
        )
        for n, word in enumerate(numbers)
    ]
    losses = (
        reference.window_loss(h[None], u[numbers], one, times, labels),
        reference.window_loss(h_after[None], u_after[numbers], one, times, labels),
    )
    return rows, losses, gradient_h[0], h_after


def _draw(generator: np.random.Generator, numbers: list[int], context: int, negative: int) -> list[int]:
    """Draw negatives of a pair from count^0.75 of the sentence's words; a draw equal to the context word is dropped."""
    words, counts = np.unique(numbers, return_counts=True)
    weights = counts**0.75
    return [int(word) for word in generator.choice(words, negative, p=weights / weights.sum()) if word != context]
