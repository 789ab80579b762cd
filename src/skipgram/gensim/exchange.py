"""Saves and loads models, and converts them between skipgram and gensim.

A saved model is a model file (model_file.py) whose `training` has gensim's arguments under
"gensim". Earlier versions saved a model directory (model_directory.py) with the same.
"""

from __future__ import annotations

import json
import math
import os
import warnings
from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from skipgram import model_directory, model_file
from skipgram.embeddings import Embeddings
from skipgram.errors import (
    ConfigError,
    FormatError,
    OtherModelError,
    SkipgramError,
    SkipgramWarning,
    WrongTypeError,
)
from skipgram.formats import keyed_vectors
from skipgram.formats.files import beginning
from skipgram.formats.pickles import BadPickleError
from skipgram.gensim import pickled, trees, unsupported
from skipgram.gensim.arguments import existing_path, numeric_arguments, whole_config
from skipgram.gensim.lookup import Target, save_to
from skipgram.gensim.trees import WordTree, start_tree
from skipgram.gensim.vocabulary import counted, require_words, step_per
from skipgram.gensim.weights import Weights, weights_of
from skipgram.io.optional import import_optional
from skipgram.keys import Key, keys_of, words_of
from skipgram.vocabulary import Vocabulary

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

_UNKNOWN_IN_GENSIM_3 = ("corpus_count", "corpus_total_words")
"""Counters that are None in models of gensim 3."""

_DAMAGES = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)
"""What gensim raises for attributes that do not fit together."""

_LOST = ("null_word", "sorted_vocab", "hashfxn", "max_vocab_size")
"""Arguments of gensim that a skipgram model does not keep."""


class ModelState(NamedTuple):
    """The parts of a model that are saved, or copied between skipgram and gensim.

    Attributes:
        settings: values by the names of SAVED_ARGUMENTS and SAVED_COUNTERS; a model of an older
            gensim may lack some.
        words: the V words, which may be any hashable objects.
        counts: (V,) how often each occurs.
        weights: its vectors.
    """

    settings: dict[str, Any]
    words: list[Key]
    counts: NDArray[np.int64]
    weights: Weights

    @property
    def tree(self) -> WordTree | None:
        """The tree of hierarchical softmax; None if the model is trained without."""
        if self.weights.nodes is None:
            return None
        if self.weights.tree is None:
            return start_tree(Vocabulary(self.words, self.counts))
        return WordTree(self.weights.tree, list(self.words))


def settings_of(model: object) -> dict[str, Any]:
    """Return the arguments and counters of a model that it has."""
    names = (*SAVED_ARGUMENTS, *SAVED_COUNTERS)
    return {name: getattr(model, name) for name in names if hasattr(model, name)}


def arguments_in(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of the constructor."""
    return {name: settings[name] for name in SAVED_ARGUMENTS if name in settings}


def counters_in(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the counters."""
    return {name: settings[name] for name in SAVED_COUNTERS if name in settings}


def save(state: ModelState, target: Target) -> None:
    """Write a model file to a path or an open file.

    Raises:
        WrongTypeError: the comment or a word cannot be written as JSON.
        OutputError: see `save_to`.
    """
    settings = state.settings
    try:
        json.dumps(settings["comment"], allow_nan=False)
    except (TypeError, ValueError) as error:
        raise WrongTypeError(
            f"comment is {settings['comment']!r:.80}, which cannot be saved; "
            "set model.comment to a string"
        ) from error
    words, noted = words_of(state.words)
    steps = step_per(Vocabulary(words, state.counts), settings["epochs"])
    training = noted | {
        "config": whole_config(settings, steps).model_dump(),
        "gensim": settings | numeric_arguments(settings) | _frozen(state.weights),
    }
    weights = state.weights
    embeddings = Embeddings(words, weights.input, weights.output, state.counts, training)
    save_to(embeddings, target, trees.tensors_of(weights, state.counts))


def _frozen(weights: Weights) -> dict[str, list[int]]:
    return {"frozen": weights.frozen.tolist()} if len(weights.frozen) else {}


def load(path: str | os.PathLike[str]) -> ModelState:
    """Read a file of `save`, a model directory, or a file that gensim's `Word2Vec.save` wrote.

    Raises:
        MissingFileError: nothing has this name.
        OtherModelError: it holds vectors or another kind of model, without gensim's arguments.
        FormatError: it is something else, or damaged.
        MissingExtraError: it is gensim's, and gensim is not installed.
    """
    path = existing_path(path)
    if path.is_dir():
        return _state_of(model_directory.load(path), {}, path)
    start = beginning(path)
    if model_file.recognised(start):
        return _state_of(*model_file.load(path), path)
    if not keyed_vectors.recognised(start):
        raise FormatError(
            f"{path} is neither a model nor a file that gensim's Word2Vec.save wrote; "
            "read a file of vectors with skipgram.load or KeyedVectors.load_word2vec_format"
        )
    gensim = import_optional("gensim.models", f"reading {path}, a model saved by gensim,", "gensim")
    try:
        return from_gensim(pickled.read(path, gensim))
    except SkipgramError:
        raise
    except (BadPickleError, *_DAMAGES) as error:
        said = " ".join(str(error).split())[:300]
        if isinstance(error, AttributeError):  # gensim's, for an attribute that it needs
            raise OtherModelError(
                f"{path} is not a Word2Vec of a gensim that the installed one reads: {said}; read "
                "vectors with KeyedVectors.load; a model of gensim before 1.0 must be loaded and "
                "saved again with gensim 3.8"
            ) from error
        raise FormatError(
            f"{path} cannot be read as gensim's Word2Vec: {said}; "
            "save it again, and keep the files that gensim writes next to it"
        ) from error


def _state_of(
    parts: model_directory.Parts,
    tensors: Mapping[str, NDArray[Any]],
    path: str | os.PathLike[str],
) -> ModelState:
    """Return the state of a model that `save` wrote; errors as for `load`."""
    settings = parts.training.get("gensim")
    if not isinstance(settings, dict) or parts.counts is None:
        raise OtherModelError(
            f"{path} was not saved by Word2Vec.save of skipgram.gensim; read it with skipgram.load "
            "or KeyedVectors.load"
        )
    nodes = tensors.get("nodes")
    try:
        if nodes is not None and nodes.shape != parts.input.shape:
            raise FormatError(f"nodes has shape {nodes.shape} instead of {parts.input.shape}")
        tree = trees.tree_in(tensors, len(parts.words))
        frozen = _checked_settings(settings, *parts.input.shape)
        words = keys_of(parts.words, parts.training)
        if len(dict.fromkeys(words)) < len(words):  # the keys are checked for dicts, not sets
            raise FormatError("two of its keys are equal")
    except (FormatError, ConfigError) as error:
        raise FormatError(f"{path} cannot be read: {error}; save the model again") from None
    weights = Weights(parts.input, parts.output, nodes, tree, frozen)
    return ModelState(settings, words, parts.counts, weights)


def _checked_settings(
    settings: Mapping[str, Any], words: int, vector_size: int
) -> NDArray[np.int64]:
    """Check the settings in a file for `words` vectors; return the rows that are frozen.

    Raises:
        FormatError: a counter is not a number, or a row or the vector size is wrong.
        ConfigError: an argument is wrong.
    """
    if missing := [name for name in SAVED_ARGUMENTS if name not in settings]:
        raise FormatError(f"it lacks {missing[0]}")
    numeric_arguments(settings)
    if settings["vector_size"] != vector_size:
        raise FormatError(
            f"vector_size is {settings['vector_size']}, but vectors have {vector_size}"
        )
    for name, value in counters_in(settings).items():
        unknown = value is None and name in _UNKNOWN_IN_GENSIM_3
        if not unknown and not (isinstance(value, int | float) and math.isfinite(value)):
            raise FormatError(f"{name} is {value!r:.80}, not a number")
    frozen = settings.get("frozen", [])
    if not isinstance(frozen, list) or not all(type(row) is int for row in frozen):
        raise FormatError(f"frozen is {frozen!r:.80}, not a list of rows")
    if not all(0 <= row < words for row in frozen):
        raise FormatError(f"frozen holds a row outside 0 to {words - 1}")
    return np.array(frozen, np.int64)


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
    weights = weights_of(model, wv)._replace(tree=trees.tree_of(wv) if model.hs else None)
    _warn_about_lost(model)
    settings = settings_of(model)  # of which a model saved by an older gensim lacks some
    settings["epochs_trained"] = model.epochs * model.train_count
    words = counted(wv)
    return ModelState(settings, words.words, words.counts, weights)


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
            SkipgramWarning,
            stacklevel=4,
        )


def to_gensim(state: ModelState) -> GensimModel:
    """Return a gensim model; see `Word2Vec.to_gensim`."""
    settings, weights = state.settings, state.weights
    most = 2**32 - 1
    if settings["seed"] > most:
        raise ConfigError(
            f"seed is {settings['seed']}; gensim allows at most {most}; lower model.seed"
        )
    # min_count and max_final_vocab were applied when the words were chosen: all words are kept.
    arguments = arguments_in(settings) | {"min_count": 0, "max_final_vocab": None}
    theirs = _gensim_class("to_gensim")(**arguments)
    theirs.build_vocab_from_freq(
        dict(zip(state.words, state.counts.tolist(), strict=True)),
        corpus_count=settings["corpus_count"],
    )
    row_of = {word: row for row, word in enumerate(state.words)}
    rows = [row_of[word] for word in theirs.wv.index_to_key]  # gensim breaks ties otherwise
    theirs.wv.vectors[:] = weights.input[rows]
    if weights.output is not None:
        theirs.syn1neg[:] = weights.output[rows]
    if weights.nodes is not None and weights.tree is not None:
        trees.give(theirs.wv, weights.tree, rows)
        theirs.syn1[:] = weights.nodes
    if len(weights.frozen):
        factors = np.ones(len(rows), np.float32)
        factors[weights.frozen] = 0
        theirs.wv.vectors_lockf = factors[rows]
    for name in ("min_count", "max_final_vocab", *SAVED_COUNTERS):
        setattr(theirs, name, settings[name])
    return theirs
