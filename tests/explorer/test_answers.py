"""Answers to the questions of the page, compared with the queries of embeddings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import skipgram
from skipgram import Embeddings
from skipgram.errors import ConfigError, UnknownWordError
from skipgram.explorer import answers


@pytest.fixture(scope="module")
def model(planted_model: Path) -> Embeddings:
    return skipgram.load(planted_model)


def test_completions() -> None:
    words = ["The", "cat", "other", "then", "theme", "bathe"]
    few = Embeddings(words, np.eye(6))
    assert answers.complete(few, "THE")["words"] == ["The", "then", "theme", "other", "bathe"]
    assert answers.complete(few, "x")["words"] == []
    many = Embeddings([f"w{n}" for n in range(100)], np.ones((100, 2)))
    found = answers.complete(many, "w")["words"]
    assert found == many.words[: answers.MOST_COMPLETIONS]


@pytest.mark.parametrize("which", ["input", "output", "average"])
def test_neighbours(model: Embeddings, which: skipgram.embeddings.Which) -> None:
    answer = answers.neighbours(model, "a1", 7, which)
    assert (answer["word"], answer["row"]) == ("a1", model.index("a1"))
    assert model.counts is not None
    assert answer["count"] == model.counts[model.index("a1")]
    found = [(each["word"], each["cosine"]) for each in answer["found"]]
    assert found == model.most_similar("a1", topn=7, which=which)
    assert [each["row"] for each in answer["found"]] == [model.index(word) for word, _ in found]
    assert answers.neighbours(Embeddings(["a"], [[1]]), "a", 5, "input")["count"] is None


def test_questions(model: Embeddings) -> None:
    def words(answer: dict[str, list[dict[str, str]]]) -> list[str]:
        return [each["word"] for each in answer["found"]]

    expected = [word for word, _ in model.analogy("a1", "a2", "b1", topn=5)]
    assert words(answers.analogy(model, ("a1", "a2", "b1"), 5, "input")) == expected
    expected = [word for word, _ in model.most_similar(["a1", "b1"], ["c1"], topn=5)]
    assert words(answers.arithmetic(model, ["a1", "b1"], ["c1"], 5, "input")) == expected
    assert answers.odd_one_out(model, ["a1", "a2", "c3"], "input") == {"word": "c3"}
    pairs = answers.similarities(model, ["a1", "a2", "c3"], "input")["pairs"]
    assert (pairs[0]["a"], pairs[0]["b"]) == ("a1", "a2")
    assert len(pairs) == 3
    assert pairs[0]["cosine"] == pytest.approx(model.similarity("a1", "a2"))
    assert [each["cosine"] for each in pairs] == sorted(
        (each["cosine"] for each in pairs), reverse=True
    )


def test_questions_without_words(model: Embeddings) -> None:
    with pytest.raises(ConfigError, match="no word was given; write for example: king - man"):
        answers.arithmetic(model, [], [], 5, "input")
    with pytest.raises(ConfigError, match="a similarity needs at least two words"):
        answers.similarities(model, ["a1"], "input")
    with pytest.raises(UnknownWordError) as raised:
        answers.neighbours(model, "A1", 5, "input")
    assert raised.value.near == ["a1"]


def test_what_differs_most(model: Embeddings) -> None:
    other = Embeddings(model.words, model.input.copy())
    rows = [other.index("a1"), other.index("c1")]
    other.input[rows] = other.input[rows[::-1]]  # two words have each other's meaning
    answer = answers.compared(model, other, "input")
    assert {each["word"] for each in answer["words"][:2]} == {"a1", "c1"}
    assert answer["words"][0]["overlap"] < 0.3
    assert answer["words"][0]["cosine"] < 0.5
    assert answer["words"][-1]["cosine"] > 0.8
    assert answer["compared"] == 40
    assert 0.5 < answer["mean_overlap"] < 1


def test_one_update() -> None:
    answer = answers.explained("the cat sat on the mat", "sat", "softmax", 2)
    expected = skipgram.explain(
        ["the", "cat", "sat", "on", "the", "mat"], "sat", objective="softmax", window=2, alpha=0.5
    )
    assert answer == expected.as_dict()
    assert answers.explained("a b c", "b", "negative", 1)["objective"] == "negative"
    with pytest.raises(ConfigError, match="the sentence has 41 words; it must have at most 40"):
        answers.explained("a " * 41, "a", "negative", 1)
    with pytest.raises(ConfigError, match="objective is 'x'; it must be negative or softmax"):
        answers.explained("a b", "a", "x", 1)
