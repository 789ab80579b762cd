"""A measure of models of the planted corpus, which `conftest.py` makes."""

from __future__ import annotations

from skipgram import Embeddings


def neighbours_in_cluster(embeddings: Embeddings) -> float:
    """Return the share of the nine nearest words that are in the word's own cluster."""
    answers = embeddings.most_similar_batch(embeddings.words, topn=9)
    right = [
        near[0] == word[0]
        for word, found in zip(embeddings.words, answers, strict=True)
        for near, _ in found
    ]
    return sum(right) / len(right)
