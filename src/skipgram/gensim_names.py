"""Names of gensim and scikit-learn that `Embeddings` lacks, and what they are called here."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import ParamSpec, TypeVar

from skipgram.errors import NotOfferedError, WrongTypeError

P = ParamSpec("P")
R = TypeVar("R")

ATTRIBUTES: Mapping[str, str] = {
    "add_vector": "make new Embeddings(words, input)",
    "add_vectors": "make new Embeddings(words, input)",
    "closer_than": "use most_similar(word, topn=...)",
    "cosine_similarities": "use similarity(vector, word)",
    "distance": "use 1 - similarity(a, b)",
    "doesnt_match": "use odd_one_out(words)",
    "evaluate_word_analogies": "use skipgram.evaluate(embeddings, sets)",
    "evaluate_word_pairs": "use skipgram.evaluate(embeddings, sets)",
    "fill_norms": "leave it out: queries scale vectors themselves",
    "get_index": "use index(word)",
    "get_mean_vector": "use encode([words])[0], the mean of the vectors as they are",
    "get_normed_vectors": "use unit_vectors()",
    "get_sentence_vector": "use encode([words])[0]",
    "get_vecattr": "use counts[index(word)]",
    "get_vector": "use embeddings[word]",
    "has_index_for": "use word in embeddings",
    "index2word": "use words",
    "index_to_key": "use words",
    "init_sims": "leave it out: queries scale vectors themselves",
    "key_to_index": "use index(word), the row of a word",
    "load_word2vec_format": "use skipgram.load(path)",
    "most_similar_cosmul": 'use analogy(a, b, c, method="mul")',
    "n_similarity": "use similarity of two rows of encode([words, other_words])",
    "rank": "use most_similar(word, topn=...)",
    "relative_cosine_similarity": "use most_similar(word, topn=...)",
    "restrict_vocab": "use the argument restrict of a query",
    "save_word2vec_format": "use skipgram.export(embeddings, path)",
    "similar_by_key": "use most_similar(word)",
    "similar_by_vector": "use most_similar(vector)",
    "similar_by_word": "use most_similar(word)",
    "syn0": "use input",
    "syn1neg": "use output",
    "vocab": "use words, or word in embeddings",
    "wmdistance": "use skipgram.gensim.KeyedVectors, which says what gensim needs for it",
    "words_closer_than": "use most_similar(word, topn=...)",
    "wv": "leave it out: the embeddings are the word vectors",
}
"""Attributes and methods of gensim's `Word2Vec` and `KeyedVectors`."""

SCIKIT_LEARN: Mapping[str, str] = {
    "fit": "train with skipgram.train(corpus)",
    "fit_transform": "use encode(texts), or FunctionTransformer(embeddings.encode) in a pipeline",
    "transform": "use encode(texts), or FunctionTransformer(embeddings.encode) in a pipeline",
}
"""Methods of scikit-learn's transformers."""

ARGUMENTS: Mapping[str, str] = {
    "clip_end": "use restrict=N, which answers only with the first N words",
    "clip_start": "leave it out, or filter the answers",
    "indexer": "use skipgram.build_index(embeddings)",
    "restrict_vocab": "use restrict=N, which answers only with the first N words",
}
"""Arguments of gensim's queries."""


def missing_attribute(name: str) -> AttributeError:
    """Return the error for an attribute that `Embeddings` lacks, with our name for another."""
    if name in ATTRIBUTES:
        return NotOfferedError(
            f"Embeddings has no {name}, which is gensim's name; {ATTRIBUTES[name]}"
        )
    if name in SCIKIT_LEARN:
        return NotOfferedError(
            f"Embeddings has no {name}, which is scikit-learn's name; {SCIKIT_LEARN[name]}"
        )
    return AttributeError(f"Embeddings has no attribute {name!r}")


def hinting(query: Callable[P, R]) -> Callable[P, R]:
    """Return a query that names our argument when one of gensim's is given."""

    @functools.wraps(query)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        for name in kwargs:
            if name in ARGUMENTS:
                raise WrongTypeError(
                    f"{query.__name__} has no argument {name}, which is gensim's; {ARGUMENTS[name]}"
                )
        return query(*args, **kwargs)

    return checked
