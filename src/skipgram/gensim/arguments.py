"""gensim's arguments as options of `TrainConfig`, and those that are refused."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from skipgram.config import TrainConfig
from skipgram.errors import ConfigError, NotOfferedError

if TYPE_CHECKING:
    from skipgram.gensim.word2vec import Word2Vec

Sentences = Iterable[Sequence[str]]

_LONGEST_SENTENCE = 10_000
"""Words at which gensim's LineSentence cuts, unless told otherwise."""

REFUSED_ARGUMENTS: Mapping[str, tuple[Any, str]] = {
    "null_word": (0, "there is no padding word; leave it out"),
    "sorted_vocab": (1, "words stand by falling count; leave it out"),
    "hashfxn": (hash, "vectors begin at numbers drawn from seed, not at hashes of words; give seed"),
    "max_vocab_size": (None, "nothing is pruned while the text is read; give max_final_vocab or min_count"),
    "word_count": (0, "the learning rate falls over the corpus that is given; give start_alpha and end_alpha"),
    "separately": (None, "a model is saved as a directory of plain files; leave it out"),
    "ignore": (None, "a model is saved whole; leave it out"),
    "mmap": (None, "a model is read into memory; leave it out"),
    "datatype": (np.float32, "vectors are float32; leave it out"),
    "fvocab": (None, "counts are saved with the model; leave it out"),
    "total_vec": (None, "all vectors are written; leave it out"),
    "write_header": (True, "a word2vec file begins with its header; leave it out"),
    "no_header": (False, "a word2vec file begins with its header; add it to the file"),
    "prefix": ("", "words are written as they are; leave it out"),
    "append": (False, "a file is written whole; leave it out"),
    "sort_attr": ("count", "words stand by falling count; leave it out"),
    "encoding": ("utf8", "word2vec files are UTF-8; convert the file"),
    "unicode_errors": ("strict", "a word that is not UTF-8 is an error; convert the file"),
}
"""Arguments of gensim's that take one value here: that value, and why and what to do instead."""

REFUSED_METHODS: Mapping[str, str] = {
    "add_lifecycle_event": "training.json in the saved model says how it came to be",
    "add_null_word": "there is no padding word",
    "create_binary_tree": "the Huffman tree is made when training begins",
    "lifecycle_events": "training.json in the saved model says how the vectors came to be",
    "random": "every random number comes from seed",
    "score": "hierarchical softmax is not scored here; use to_gensim's model trained by gensim",
    "seeded_vector": "vectors begin at numbers drawn from seed",
    "syn1": "the inner nodes of the Huffman tree are not shown; train with hs=0, negative=5 for output vectors, syn1neg",
}
"""Methods and attributes of gensim's `Word2Vec` that there are none of here, and why."""


def refuse(given: Mapping[str, Any]) -> None:
    """Refuse arguments that have another value than the one that there is here.

    Raises:
        NotOfferedError: naming the first of them, its value and what to do.
    """
    for name, value in given.items():
        if name not in REFUSED_ARGUMENTS:
            raise ConfigError(f"unknown argument {name}={value!r}; leave it out")
        only, why = REFUSED_ARGUMENTS[name]
        if value != only:
            raise NotOfferedError(f"{name}={value!r} is not offered: {why}")


def train_config(model: Word2Vec, epoch: int = 0) -> TrainConfig:
    """Return the options by which one epoch of a model is trained, numbered from 0.

    Raises:
        ConfigError: an argument is out of range, or neither or both of hs and negative are asked for.
    """
    for name in ("sg", "hs", "cbow_mean"):
        if getattr(model, name) not in (0, 1):
            raise ConfigError(f"{name}={getattr(model, name)!r} is not allowed: it takes 0 or 1")
    for name in ("seed", "workers", "min_count", "epochs"):
        value = getattr(model, name)
        if not isinstance(value, int | np.integer) or value < 0:
            raise ConfigError(f"{name}={value!r} is not allowed: it takes a whole number at least 0")
    if bool(model.hs) == bool(model.negative):
        raise ConfigError(
            f"hs={model.hs}, negative={model.negative}: one of them trains, not both; "
            "give hs=1, negative=0 for hierarchical softmax or hs=0, negative=5 for negative sampling"
        )
    if model.workers < 1:
        raise ConfigError(f"workers={model.workers} is not allowed: it takes a whole number at least 1")
    end = model.min_alpha
    start = max(model.alpha, end)  # gensim's rate never falls below min_alpha
    step = (start - end) / max(model.epochs or 1, 1)
    options: dict[str, Any] = {"objective": "hierarchical"}
    if model.negative:
        options = {"negative": model.negative, "ns_exponent": model.ns_exponent}
    if not model.sg:
        options |= {"architecture": "cbow", "cbow_context": "word2vec" if model.cbow_mean else "sum"}
    return TrainConfig(
        **options,
        vector_size=model.vector_size,
        window=model.window,
        shrink_windows=model.shrink_windows,
        sample=model.sample or 0,
        epochs=1,
        alpha=start - step * epoch,
        min_alpha=max(end, start - step * (epoch + 1)),
        threads=model.workers,
        seed=(model.seed + model.epochs_trained) % 2**63,
    )


def choose_corpus(sentences: Any, file: Any) -> Any:
    """Return the corpus that is given one way or the other.

    Raises:
        ConfigError: it is given both ways or neither; while it is read, a sentence is no list of strings.
    """
    if (sentences is None) == (file is None):
        raise ConfigError("give one of corpus_iterable (in the constructor: sentences) and corpus_file")
    return file if sentences is None else _lines_of(sentences) or _checked(sentences)


def _lines_of(sentences: Any) -> str | os.PathLike[str] | None:
    """Return the file behind gensim's LineSentence, which the native scan reads many times faster."""
    kind = type(sentences)
    if (kind.__module__, kind.__name__) != ("gensim.models.word2vec", "LineSentence") or sentences.limit is not None:
        return None
    if sentences.max_sentence_length != _LONGEST_SENTENCE:  # gensim cuts sentences there; that many words are not cut here
        return None
    return sentences.source if isinstance(sentences.source, str | os.PathLike) else None


def _checked(sentences: Sentences) -> Iterator[Sequence[str]]:
    for sentence in sentences:
        if isinstance(sentence, str) or (len(sentence) and not isinstance(sentence[0], str)):
            raise ConfigError(f"a sentence is a list of strings, not {sentence!r:.80}; split text, and give integers as str(n)")
        yield sentence
