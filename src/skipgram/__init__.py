"""Skip-gram word vectors (word2vec), trained in pure Python at many times the speed of gensim.

Train, query and save::

    import skipgram

    embeddings = skipgram.train("corpus.txt", vector_size=100)
    embeddings.most_similar("month")
    embeddings.save("model")

What there is:

    train, SkipGram, TrainConfig     train vectors: in one call, or with a configuration to keep
    resume                           continue an interrupted training
    encode, Reading, CorpusConfig    encode a corpus once; say how it is read
    join_phrases                     join words that often occur together
    load, Embeddings, export         read, query, save and export vectors
    evaluate, tune                   score vectors on evaluation sets; search for good options
    build_index, NeighbourIndex      find approximate neighbours quickly
    align, differences               rotate one model onto another; find words that differ
    pmi, explain                     compare with counts; show one update in numbers
    TrainOptions, CorpusOptions      the types of the options, for functions that pass them on;
    ModelOptions                     TrainOptions without those of the corpus
    SkipgramError, SkipgramWarning   the base of all errors; the category of its warnings

`help(skipgram.train)` lists all options.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from skipgram.forks import delaying_forks

if TYPE_CHECKING:
    from skipgram import pmi
    from skipgram.alignment import align, differences
    from skipgram.config import CorpusConfig, TrainConfig
    from skipgram.corpus.sources import Reading
    from skipgram.embeddings import Embeddings
    from skipgram.errors import SkipgramError, SkipgramWarning
    from skipgram.evaluation.scores import evaluate
    from skipgram.explanation import explain
    from skipgram.formats import export, load
    from skipgram.index import NeighbourIndex, build_index
    from skipgram.model import SkipGram, encode, train
    from skipgram.options import CorpusOptions, ModelOptions, TrainOptions
    from skipgram.phrases import join_phrases
    from skipgram.resuming import resume
    from skipgram.tuning import tune

__all__ = [
    "CorpusConfig",
    "CorpusOptions",
    "Embeddings",
    "ModelOptions",
    "NeighbourIndex",
    "Reading",
    "SkipGram",
    "SkipgramError",
    "SkipgramWarning",
    "TrainConfig",
    "TrainOptions",
    "align",
    "build_index",
    "differences",
    "encode",
    "evaluate",
    "explain",
    "export",
    "join_phrases",
    "load",
    "pmi",
    "resume",
    "train",
    "tune",
]

# Each name is imported on first use, so that `skipgram --help` does not wait for numba. A function
# must not have the name of a module of this package: Python sets that name to the module as soon as
# the module is imported.
_MODULES = {
    "CorpusConfig": "config",
    "CorpusOptions": "options",
    "Embeddings": "embeddings",
    "ModelOptions": "options",
    "NeighbourIndex": "index",
    "Reading": "corpus.sources",
    "SkipGram": "model",
    "SkipgramError": "errors",
    "SkipgramWarning": "errors",
    "TrainConfig": "config",
    "TrainOptions": "options",
    "align": "alignment",
    "build_index": "index",
    "differences": "alignment",
    "encode": "model",
    "evaluate": "evaluation.scores",
    "explain": "explanation",
    "export": "formats",
    "join_phrases": "phrases",
    "load": "formats",
    "resume": "resuming",
    "train": "model",
    "tune": "tuning",
}
_SUBMODULES = {"pmi"}
_IN_GENSIM = {"KeyedVectors", "Word2Vec"}


def __dir__() -> list[str]:
    return [*__all__, "__version__"]


def __getattr__(name: str) -> object:
    if name == "__version__":
        return importlib.import_module("importlib.metadata").version("skipgram")
    if name in _IN_GENSIM:
        errors = importlib.import_module("skipgram.errors")
        hint = f"write from skipgram.gensim import {name}"
        raise errors.NotOfferedError(f"module 'skipgram' has no attribute {name!r}; {hint}")
    if name not in _MODULES and name not in _SUBMODULES:
        raise AttributeError(f"module 'skipgram' has no attribute {name!r}")
    with delaying_forks():
        if name in _SUBMODULES:
            return importlib.import_module(f"skipgram.{name}")
        return getattr(importlib.import_module(f"skipgram.{_MODULES[name]}"), name)
