"""Saves and loads models, and converts them between skipgram and gensim.

A saved model is a model directory (model_directory.py) whose training.json has gensim's
arguments under "gensim".
"""

from __future__ import annotations

import json
import os
import warnings
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from skipgram.embeddings import Embeddings
from skipgram.errors import ConfigError, FormatError, NotOfferedError, WrongTypeError
from skipgram.formats import keyed_vectors, read_model
from skipgram.formats.files import beginning
from skipgram.gensim import unsupported
from skipgram.gensim.arguments import existing_path, numeric_arguments, train_config
from skipgram.gensim.lookup import save_over
from skipgram.gensim.vocabulary import Matrix, checked_output, counted, require_words
from skipgram.io.optional import import_optional

GensimModel: TypeAlias = Any
"""gensim's Word2Vec, for which gensim gives no types."""

SAVED_ARGUMENTS = (
    "vector_size",
    "alpha",
    "min_alpha",
    "window",
    "shrink_windows",
    "sg",
    "hs",
    "negative",
    "ns_exponent",
    "cbow_mean",
    "sample",
    "min_count",
    "max_final_vocab",
    "seed",
    "workers",
    "batch_words",
    "epochs",
    "comment",
    "compute_loss",
)
"""Arguments of the constructor that are kept with a model."""

SAVED_COUNTERS = (
    "effective_min_count",
    "corpus_count",
    "corpus_total_words",
    "train_count",
    "total_train_time",
    "running_training_loss",
    "min_alpha_yet_reached",
    "epochs_trained",
)
"""Attributes that are kept with a model and set while it is built and trained."""

_LOST = ("null_word", "sorted_vocab", "hashfxn", "max_vocab_size")
"""Arguments of gensim that a skipgram model does not keep."""


class ModelState(NamedTuple):
    """The parts of a model that are saved, or copied between skipgram and gensim.

    Attributes:
        settings: values by the names of SAVED_ARGUMENTS and SAVED_COUNTERS; a model of an older
            gensim may lack some.
        words: the V words.
        counts: (V,) how often each occurs.
        vectors: (V, d) the word vectors.
        output: (V, d) the output vectors; None with hierarchical softmax.
    """

    settings: dict[str, Any]
    words: list[str]
    counts: NDArray[np.int64]
    vectors: Matrix
    output: Matrix | None


def save(state: ModelState, path: str | os.PathLike[str]) -> None:
    """Write a model directory, which may replace an empty file or one that gensim saved.

    Raises:
        WrongTypeError: the comment cannot be written as JSON.
        OutputError: see `save_over`.
    """
    settings = state.settings
    try:
        json.dumps(settings["comment"])
    except (TypeError, ValueError) as error:
        raise WrongTypeError(
            f"comment is {settings['comment']!r:.80}, which cannot be saved; "
            "set model.comment to a string"
        ) from error
    training = {
        "config": train_config(settings).model_dump(),
        "gensim": settings | numeric_arguments(settings),
    }
    save_over(Embeddings(state.words, state.vectors, state.output, state.counts, training), path)


def load(path: str | os.PathLike[str]) -> ModelState:
    """Read a model directory of `save`, or a file that gensim's `Word2Vec.save` wrote.

    Raises:
        MissingFileError: nothing has this name.
        FormatError: it is something else, or damaged.
        MissingExtraError: it is gensim's, and gensim is not installed.
    """
    if existing_path(path).is_dir():
        embeddings = read_model(path)
        settings = embeddings.training.get("gensim")
        counts = embeddings.counts
        if settings is None or counts is None:
            raise FormatError(
                f"{path} was not saved by skipgram.gensim; read it with skipgram.load"
            )
        return ModelState(settings, embeddings.words, counts, embeddings.input, embeddings.output)
    if not keyed_vectors.recognised(beginning(path)):
        raise FormatError(
            f"{path} is neither a model directory nor a file that gensim's Word2Vec.save wrote; "
            "read a file of vectors with skipgram.load or KeyedVectors.load_word2vec_format"
        )
    gensim_class = _gensim_class(f"reading {path}, a model saved by gensim,")
    try:
        theirs = gensim_class.load(str(path))
    except keyed_vectors.DAMAGES as error:
        raise FormatError(
            f"{path} cannot be read as gensim's Word2Vec: {error}; "
            "save it again, and keep the files that gensim writes next to it"
        ) from error
    return from_gensim(theirs)


def _gensim_class(purpose: str) -> GensimModel:
    """Return the class; MissingExtraError if gensim is not installed."""
    return import_optional("gensim.models", purpose, "gensim").Word2Vec


def from_gensim(model: GensimModel) -> ModelState:
    """Return the state of a gensim model; see `Word2Vec.from_gensim`."""
    if type(model) is not _gensim_class("from_gensim"):
        raise WrongTypeError(
            f"from_gensim takes a gensim Word2Vec, not {type(model).__name__}; "
            "for its vectors alone, save model.wv in gensim and read it with skipgram.load"
        )
    wv = model.wv
    if wv is None:
        raise ConfigError(
            "the model has no wv: it was saved with wv in ignore; save it again without ignore"
        )
    require_words(wv, "from_gensim")
    output = getattr(model, "syn1neg", None)
    output = checked_output(wv, model.vector_size, model.negative, output)
    _warn_about_lost(model)
    # A model saved by an older gensim lacks some of them.
    kept = [name for name in (*SAVED_ARGUMENTS, *SAVED_COUNTERS) if hasattr(model, name)]
    settings = {name: getattr(model, name) for name in kept}
    settings["epochs_trained"] = model.epochs * model.train_count
    words = counted(wv)
    return ModelState(settings, words.words, words.counts, wv.vectors, output)


def _warn_about_lost(model: GensimModel) -> None:
    """Warn of settings and attributes that are not copied; none affects training."""
    lost = []
    for name in _LOST:
        default, _ = unsupported.ARGUMENTS[name]
        value = getattr(model, name, default)
        if value != default:
            lost.append(f"{name}={value!r:.80}")
    attributes = [name for name in model.wv.expandos if name not in keyed_vectors.OF_COUNTS]
    lost += [f"the words' attribute {name!r}" for name in attributes]
    if lost:
        warnings.warn(
            f"from_gensim did not copy what skipgram does not support: {', '.join(lost)}",
            UserWarning,
            stacklevel=4,
        )


def to_gensim(state: ModelState) -> GensimModel:
    """Return a gensim model; see `Word2Vec.to_gensim`."""
    settings = state.settings
    if state.output is None:
        raise NotOfferedError(
            "to_gensim is not supported with hs=1, because gensim builds a different tree; "
            "use model.wv in gensim instead"
        )
    most = 2**32 - 1
    if settings["seed"] > most:
        raise ConfigError(
            f"seed is {settings['seed']}; gensim allows at most {most}; lower model.seed"
        )
    # min_count and max_final_vocab were applied when the words were chosen: all words are kept.
    arguments = {name: settings[name] for name in SAVED_ARGUMENTS}
    arguments |= {"min_count": 0, "max_final_vocab": None}
    theirs = _gensim_class("to_gensim")(**arguments)
    theirs.build_vocab_from_freq(
        dict(zip(state.words, state.counts.tolist(), strict=True)),
        corpus_count=settings["corpus_count"],
    )
    row_of = {word: row for row, word in enumerate(state.words)}
    rows = [row_of[word] for word in theirs.wv.index_to_key]  # gensim breaks ties otherwise
    theirs.wv.vectors[:] = state.vectors[rows]
    theirs.syn1neg[:] = state.output[rows]
    for name in ("min_count", "max_final_vocab", *SAVED_COUNTERS):
        setattr(theirs, name, settings[name])
    return theirs
