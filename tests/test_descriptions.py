"""What is known of a model, in words. `tests/cli/test_info.py` tests the rows one by one."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import skipgram
from skipgram import Embeddings
from skipgram.corpus.build import encode_corpus
from skipgram.descriptions import corpus_rows, facts_of, model_rows


def test_the_rows_of_a_model(planted_model: Path) -> None:
    groups = model_rows(skipgram.load(planted_model))
    assert list(groups) == ["Vectors", "Corpus", "Training"]
    assert groups["Vectors"]["dimensions"] == "16"
    assert groups["Corpus"]["vocabulary"] == "40 words (min-count 5)"
    assert groups["Training"]["method"] == "skip-gram with negative sampling"


def test_vectors_of_another_program() -> None:
    groups = model_rows(Embeddings(["a", "b"], np.eye(2)))
    assert groups["Vectors"]["first words"] == "a, b"
    assert groups["Corpus"] == groups["Training"] == {}


def test_the_facts_of_an_encoded_corpus() -> None:
    with encode_corpus([["a", "b"]] * 9) as corpus:
        facts = facts_of(corpus)
    assert (facts["raw_words"], facts["vocabulary_size"]) == (18, 2)
    assert corpus_rows(facts)["words"] == "18 in 9 sentences"
