from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from skipgram.errors import ConfigError
from skipgram.explanation import explain

SENTENCE = ["the", "cat", "sat", "on", "the", "mat"]


def test_pairs_and_one_hot_of_the_textbook() -> None:
    explanation = explain(SENTENCE, "sat", window=1)
    assert explanation.pairs == [("sat", "cat"), ("sat", "on")]
    assert explanation.vocabulary == ["the", "cat", "sat", "on", "mat"]
    assert explanation.one_hot == [0, 0, 1, 0, 0]


def test_softmax_by_hand() -> None:
    explanation = explain(SENTENCE, "sat", window=1, objective="softmax", alpha=0.2)
    h = np.array(explanation.h)
    scores = [float(np.dot(row.before, h)) for row in explanation.rows]
    total = sum(map(math.exp, scores))
    for row, score in zip(explanation.rows, scores, strict=True):
        assert row.score == pytest.approx(score)
        assert row.probability == pytest.approx(math.exp(score) / total)
        assert row.error == pytest.approx(2 * row.probability - (row.word in {"cat", "on"}))
        assert row.gradient == pytest.approx(row.error * h)
        assert row.after == pytest.approx(np.array(row.before) - 0.2 * row.error * h)
    assert explanation.loss == pytest.approx(2 * math.log(total) - scores[1] - scores[3])
    assert explanation.gradient_h == pytest.approx(
        sum(row.error * np.array(row.before) for row in explanation.rows)
    )
    assert explanation.h_after == pytest.approx(h - 0.2 * np.array(explanation.gradient_h))
    assert explanation.loss_after < explanation.loss


def test_negative_sampling_by_hand() -> None:
    explanation = explain(SENTENCE, "sat", window=1, negative=4, alpha=0.1, seed=3)
    h, loss = np.array(explanation.h), 0.0
    for row in explanation.rows:
        sigma = 1 / (1 + math.exp(-float(np.dot(row.before, h))))
        assert row.probability == pytest.approx(sigma)
        assert row.error == pytest.approx(row.times * (sigma - (row.label or 0)))
        loss -= row.times * math.log(sigma if row.label else 1 - sigma)
    assert explanation.loss == pytest.approx(loss)
    assert [row.word for row in explanation.rows if row.label] == ["cat", "on"]
    assert explanation.loss_after < explanation.loss


def test_a_word_that_is_context_and_negative_takes_both_gradients() -> None:
    explanation = explain(SENTENCE, "sat", window=1, negative=8, alpha=0.1)
    seen = {row.word: row for row in explanation.rows if row.label}
    twice = [
        (seen[row.word], row) for row in explanation.rows if row.label == 0 and row.word in seen
    ]
    assert twice
    for positive, negative in twice:
        assert positive.before == negative.before
        expected = np.array(positive.before) - 0.1 * (
            np.array(positive.gradient) + np.array(negative.gradient)
        )
        assert positive.after == negative.after == pytest.approx(expected)


def test_negatives_follow_the_noise_and_are_never_the_word_itself() -> None:
    drawn: dict[str, float] = dict.fromkeys(SENTENCE, 0)
    for seed in range(300):
        for row in explain(
            ["cat", "the", "the", "sat"], "cat", window=1, negative=8, seed=seed
        ).rows:
            drawn[row.word] += row.times * (row.label == 0)
    assert drawn["the"] == 0  # the one context word
    assert drawn["cat"] == pytest.approx(300 * 8 / (2 + 2**0.75), rel=0.1)


def test_invalid_arguments() -> None:
    with pytest.raises(
        ConfigError, match="center='dog' is not in the sentence; its words are the, cat"
    ):
        explain(SENTENCE, "dog")
    for option, value in {"seed": -1, "alpha": -1, "negative": 0, "vector_size": 0}.items():
        with pytest.raises(ConfigError, match=f"{option} is {value}; it must be"):
            explain(SENTENCE, "sat", **{option: value})  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="window is 0"):
        explain(SENTENCE, "sat", window=0)
    with pytest.raises(ConfigError, match="at least two"):
        explain(["the", "the"], "the")
    with pytest.raises(
        ConfigError,
        match="objective is 'hierarchical'; it must be one of softmax, negative",
    ):
        explain(SENTENCE, "sat", objective="hierarchical")  # type: ignore[arg-type]


@pytest.mark.parametrize("objective", ["softmax", "negative"])
def test_on_the_command_line(run: Callable[..., Any], objective: str) -> None:
    command = [
        "explain",
        " ".join(SENTENCE),
        "--center",
        "sat",
        "--window",
        1,
        "--objective",
        objective,
    ]
    page = run(*command).out
    assert "pairs       (sat, cat), (sat, on)" in page
    assert "h after" in page
    answer = json.loads(run(*command, "--json").out)
    expected = explain(SENTENCE, "sat", objective=objective)  # type: ignore[arg-type]
    assert answer == json.loads(json.dumps(expected.as_dict()))
    assert f"{answer['loss']:.4f}" in page
    for row in answer["rows"]:
        numbers = [f"{row[name]:.4f}" for name in ("score", "probability", "error")]
        assert any(
            row["word"] in line and all(number in line for number in numbers)
            for line in page.splitlines()
        )
        assert f"{row['after'][0]:.3f}, {row['after'][1]:.3f}, {row['after'][2]:.3f}" in page


def test_a_sentence_is_not_read_as_markup(run: Callable[..., Any]) -> None:
    page = run("explain", "the [/b] sat :cat:", "--center", "sat").out
    assert "vocabulary  the, [/b], sat, :cat:" in page


def test_an_explanation_is_shown_in_a_line() -> None:
    found = explain(["the", "cat", "sat"], "cat", vector_size=100)
    shown = repr(found)
    assert shown.startswith("<Explanation: one negative update for 'cat', with ")
    assert shown.endswith(f": loss {found.loss:.4f} -> {found.loss_after:.4f}>")
    assert len(shown) < 120
