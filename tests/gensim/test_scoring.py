"""What a trained model says of other text: how probable sentences are."""

from __future__ import annotations

import numpy as np
import pytest
from drop_in import PAIR, SMALL, TINY

from skipgram.errors import NotReadyError, WrongTypeError
from skipgram.gensim import Word2Vec
from skipgram.kernels.hierarchical import huffman_tree


def log_probability(model: Word2Vec, target: str, vector: np.ndarray) -> float:
    """Return the log of p(target | vector), node by node down its path."""
    tree = huffman_tree(np.asarray(model.wv.expandos["count"]))
    row = model.wv.key_to_index[target]
    total = 0.0
    for at in range(tree.starts[row], tree.starts[row + 1]):
        sign = 1 if tree.labels[at] else -1
        total -= np.log1p(np.exp(-sign * float(model.syn1[tree.nodes[at]] @ vector)))
    return total


def sentence_score(model: Word2Vec, sentence: list[str]) -> float:
    words = [word for word in sentence if word in model.wv]
    total = 0.0
    for at, centre in enumerate(words):
        window = range(max(0, at - model.window), min(len(words), at + model.window + 1))
        around = [model.wv[words[n]] for n in window if n != at]
        if around and not model.sg:
            around = [np.mean(around, axis=0) if model.cbow_mean else np.sum(around, axis=0)]
        total += sum(log_probability(model, centre, vector) for vector in around)
    return total


@pytest.mark.parametrize(
    "options", [{"sg": 1}, {"sg": 0}, {"sg": 0, "cbow_mean": 0}, {"sg": 1, "negative": 5}], ids=str
)
def test_scores_are_log_probabilities(
    planted_sentences: list[list[str]], options: dict[str, int]
) -> None:
    model = Word2Vec(planted_sentences, **{**SMALL, "negative": 0, "hs": 1, "window": 2} | options)
    text = [*planted_sentences[:5], ["a1"], ["unknown"], [], ["a1", "unknown", "b2", "c3", "a1"]]
    expected = [sentence_score(model, sentence) for sentence in text]
    scores = model.score(text, len(text))
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, expected, rtol=1e-3, atol=1e-5)
    np.testing.assert_array_equal(model.score(iter(text), total_sentences=3), scores[:3])
    assert not model.score([["unknown"], []]).any()
    assert expected[0] < -10


def test_what_cannot_be_scored() -> None:
    with pytest.raises(NotReadyError, match="score needs hierarchical softmax, but hs is 0"):
        Word2Vec(PAIR, **TINY).score(PAIR)
    with pytest.raises(NotReadyError, match="first build vocabulary before scoring"):
        Word2Vec(hs=1).score(PAIR)
    with pytest.raises(WrongTypeError, match="a sentence is 'test'"):
        Word2Vec(PAIR, **TINY, hs=1).score(["test"])
