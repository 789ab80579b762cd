"""Models on disk and between skipgram and gensim.

A saved model is a model directory (formats/model_directory.py) whose training.json holds gensim's arguments under "gensim".
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from skipgram.embeddings import Embeddings
from skipgram.errors import ConfigError, FormatError, MissingExtraError, NotOfferedError
from skipgram.formats import model_directory
from skipgram.gensim.arguments import train_config
from skipgram.gensim.vocabulary import counted, set_words

if TYPE_CHECKING:
    from skipgram.gensim.word2vec import Word2Vec

ARGUMENTS = (
    *("vector_size", "alpha", "min_alpha", "window", "shrink_windows", "sg", "hs", "negative", "ns_exponent", "cbow_mean"),
    *("sample", "min_count", "max_final_vocab", "seed", "workers", "batch_words", "epochs", "comment", "compute_loss"),
)
COUNTERS = (
    *("effective_min_count", "corpus_count", "corpus_total_words", "train_count", "total_train_time"),
    *("running_training_loss", "min_alpha_yet_reached", "epochs_trained"),
)
"""What is kept of a model beside its words, counts and vectors: what it was made with, and what became of it."""


def save(model: Word2Vec, path: str | os.PathLike[str]) -> None:
    """Write a model directory.

    Raises:
        ConfigError: the model has no words yet.
        OutputError: see `model_directory.save`.
    """
    if not len(model.wv):
        raise ConfigError("the model has no words yet; call build_vocab or train before save")
    training = {
        "config": train_config(model).model_dump(),
        "gensim": {name: getattr(model, name) for name in (*ARGUMENTS, *COUNTERS)},
    }
    output = model.syn1neg if model.negative else None
    model_directory.save(Embeddings(model.wv.index_to_key, model.wv.vectors, output, counted(model.wv).counts, training), path)


def load(kind: type[Word2Vec], path: str | os.PathLike[str]) -> Word2Vec:
    """Read a model directory of `save`, or a file that gensim's `Word2Vec.save` wrote.

    Raises:
        FormatError: there is neither.
        MissingExtraError: it is gensim's, and gensim is not installed.
    """
    if Path(path).is_dir():
        embeddings = model_directory.load(path)
        said = embeddings.training.get("gensim")
        if said is None or embeddings.counts is None:
            raise FormatError(f"{path} was not saved by skipgram.gensim; read it with skipgram.load")
        return _assemble(kind, said, embeddings.words, embeddings.counts, embeddings.input, embeddings.output)
    if not Path(path).is_file():
        raise FormatError(f"there is no model at {path}; check the path")
    return from_gensim(kind, _gensims_own(f"{path} is a file, as gensim saves models, and to read it").load(str(path)))


def _assemble(kind: type[Word2Vec], said: dict[str, Any], words: list[str], counts: Any, vectors: Any, output: Any) -> Word2Vec:
    model = kind(**{name: said[name] for name in ARGUMENTS})
    set_words(model.wv, words, counts)
    model.wv.vectors = np.array(vectors, np.float32)
    if model.negative:
        model.syn1neg = np.array(output, np.float32)
        model.make_cum_table()
    for name in COUNTERS:
        setattr(model, name, said[name])
    return model


def _gensims_own(what_for: str) -> Any:
    try:
        from gensim.models import Word2Vec as GensimsOwn
    except ImportError as error:
        raise MissingExtraError(f"{what_for} gensim is needed; install it: pip install gensim") from error
    return GensimsOwn


def from_gensim(kind: type[Word2Vec], model: Any) -> Word2Vec:
    """See `Word2Vec.from_gensim`."""
    if type(model) is not _gensims_own("for from_gensim"):
        raise ConfigError(f"from_gensim takes a gensim Word2Vec, not {type(model).__name__}; its wv can be saved and loaded")
    if not len(model.wv):
        raise ConfigError("the model has no words yet; call build_vocab or train before from_gensim")
    if not np.all(np.asarray(getattr(model.wv, "vectors_lockf", 1.0)) == 1.0):
        raise NotOfferedError("vectors_lockf other than 1 is not offered: use initial and freeze of skipgram.train instead")
    said = {name: getattr(model, name) for name in (*ARGUMENTS, *COUNTERS) if name != "epochs_trained"}
    said["epochs_trained"] = model.epochs * model.train_count
    words = list(model.wv.index_to_key)
    counts = [model.wv.get_vecattr(word, "count") for word in words]
    return _assemble(kind, said, words, counts, model.wv.vectors, getattr(model, "syn1neg", None))


def to_gensim(model: Word2Vec) -> Any:
    """See `Word2Vec.to_gensim`."""
    if model.hs:
        raise NotOfferedError("to_gensim with hs=1 is not offered: the trees differ; model.wv goes to gensim as it is")
    theirs = _gensims_own("for to_gensim")(**{name: getattr(model, name) for name in ARGUMENTS} | {"min_count": 1})
    words = counted(model.wv)
    theirs.build_vocab_from_freq(dict(zip(words.words, words.counts.tolist(), strict=True)), corpus_count=model.corpus_count)
    rows = [model.wv.key_to_index[word] for word in theirs.wv.index_to_key]  # gensim orders words of one count otherwise
    theirs.wv.vectors[:], theirs.syn1neg[:] = model.wv.vectors[rows], model.syn1neg[rows]
    for name in ("min_count", *COUNTERS):
        setattr(theirs, name, getattr(model, name))
    return theirs
