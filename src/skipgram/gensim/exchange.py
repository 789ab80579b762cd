"""Models on disk and between skipgram and gensim.

A saved model is a model directory (model_directory.py) whose training.json holds gensim's arguments under "gensim".
"""

from __future__ import annotations

import json
import os
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from skipgram import model_directory
from skipgram.embeddings import Embeddings
from skipgram.errors import (
    ConfigError,
    FormatError,
    NotOfferedError,
    WrongTypeError,
)
from skipgram.formats import keyed_vectors
from skipgram.formats.files import beginning
from skipgram.gensim.arguments import REFUSED_ARGUMENTS, existing, plain, train_config
from skipgram.gensim.lookup import check_attributes, save_over
from skipgram.gensim.vocabulary import checked_output, counted, need_words, set_words
from skipgram.io.optional import import_optional

if TYPE_CHECKING:
    from skipgram.gensim.word2vec import Word2Vec

ARGUMENTS = (
    *(
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
    ),
    *(
        "sample",
        "min_count",
        "max_final_vocab",
        "seed",
        "workers",
        "batch_words",
        "epochs",
        "comment",
        "compute_loss",
    ),
)
COUNTERS = (
    *(
        "effective_min_count",
        "corpus_count",
        "corpus_total_words",
        "train_count",
        "total_train_time",
    ),
    *("running_training_loss", "min_alpha_yet_reached", "epochs_trained"),
)
"""What is kept of a model beside its words, counts and vectors: what it was made with, and what became of it."""

_LOST = ("null_word", "sorted_vocab", "hashfxn", "max_vocab_size")
"""Arguments of gensim's that no model here has."""


def save(model: Word2Vec, path: str | os.PathLike[str]) -> None:
    """Write a model directory, in the place of a file if gensim saved it or it is empty.

    Raises:
        NotReadyError: the model has no words yet.
        ConfigError: its comment is nothing that JSON can say; or see `checked_output`.
        NotOfferedError: the words have attributes besides count.
        OutputError: see `model_directory.save`; or there is another file.
    """
    need_words(model.wv, "save")
    output = checked_output(model)
    check_attributes(model.wv)
    try:
        json.dumps(model.comment)
    except (TypeError, ValueError) as error:
        raise WrongTypeError(
            f"comment={model.comment!r:.80} cannot be saved; give model.comment a string"
        ) from error
    training = {
        "config": train_config(model).model_dump(),
        "gensim": {name: getattr(model, name) for name in (*ARGUMENTS, *COUNTERS)}
        | plain(vars(model)),
    }
    save_over(
        Embeddings(
            model.wv.index_to_key, model.wv.vectors, output, counted(model.wv).counts, training
        ),
        path,
    )


def load(kind: type[Word2Vec], path: str | os.PathLike[str]) -> Word2Vec:
    """Read a model directory of `save`, or a file that gensim's `Word2Vec.save` wrote.

    Raises:
        MissingFileError: there is nothing.
        FormatError: there is something else, or it is damaged.
        MissingExtraError: it is gensim's, and gensim is not installed.
    """
    if existing(path).is_dir():
        embeddings = Embeddings(*model_directory.load(path))
        said = embeddings.training.get("gensim")
        if said is None or embeddings.counts is None:
            raise FormatError(
                f"{path} was not saved by skipgram.gensim; read it with skipgram.load"
            )
        return _assemble(
            kind, said, embeddings.words, embeddings.counts, embeddings.input, embeddings.output
        )
    if not keyed_vectors.recognised(beginning(path)):
        raise FormatError(
            f"{path} is no saved model: neither a model directory nor what gensim's Word2Vec.save writes; "
            "read a file of vectors by skipgram.load, or by load_word2vec_format of KeyedVectors"
        )
    gensims_own = _gensims_own(f"reading {path}, which gensim saved,")
    try:
        theirs = gensims_own.load(str(path))
    except keyed_vectors.DAMAGES as error:
        raise FormatError(
            f"{path} cannot be read as gensim's Word2Vec: {error}; save it again, with all files beside it"
        ) from error
    return from_gensim(kind, theirs)


def _assemble(
    kind: type[Word2Vec],
    said: dict[str, Any],
    words: list[str],
    counts: Any,
    vectors: Any,
    output: Any,
) -> Word2Vec:
    model = kind(**{name: said[name] for name in ARGUMENTS if name in said})
    set_words(model.wv, words, counts)
    model.wv.vectors = np.array(vectors, np.float32)
    if model.negative:
        model.syn1neg = np.array(output, np.float32)
        model.make_cum_table()
    for name in COUNTERS:
        setattr(model, name, said.get(name, getattr(model, name)))
    return model


def _gensims_own(what_for: str) -> Any:
    return import_optional("gensim.models", what_for, "gensim").Word2Vec


def from_gensim(kind: type[Word2Vec], model: Any) -> Word2Vec:
    """See `Word2Vec.from_gensim`."""
    if type(model) is not _gensims_own("from_gensim"):
        raise WrongTypeError(
            f"from_gensim takes a gensim Word2Vec, not {type(model).__name__}; its wv can be saved and loaded"
        )
    if model.wv is None:
        raise ConfigError(
            "the model has no wv: gensim saved it without; save it there again, whole"
        )
    need_words(model.wv, "from_gensim")
    output = checked_output(model)
    _warn_of_what_is_lost(model)
    # What an older gensim saved lacks some.
    said = {name: getattr(model, name) for name in (*ARGUMENTS, *COUNTERS) if hasattr(model, name)}
    said["epochs_trained"] = model.epochs * model.train_count
    words = list(model.wv.index_to_key)
    counts = [model.wv.get_vecattr(word, "count") for word in words]
    return _assemble(kind, said, words, counts, model.wv.vectors, output)


def _warn_of_what_is_lost(model: Any) -> None:
    """Warn of settings and attributes of words that a model of gensim's has and its copy has not; none changes the training."""
    settings = {name: getattr(model, name, REFUSED_ARGUMENTS[name][0]) for name in _LOST}
    lost = [
        f"{name}={value!r:.80}"
        for name, value in settings.items()
        if value != REFUSED_ARGUMENTS[name][0]
    ]
    lost += [
        f"the words' attribute {name!r}"
        for name in model.wv.expandos
        if name not in keyed_vectors.OF_COUNTS
    ]
    if lost:
        warnings.warn(
            f"from_gensim leaves out what there is not here: {', '.join(lost)}",
            UserWarning,
            stacklevel=4,
        )


def to_gensim(model: Word2Vec) -> Any:
    """See `Word2Vec.to_gensim`."""
    need_words(model.wv, "to_gensim")
    output = checked_output(model)
    if output is None:
        raise NotOfferedError(
            "to_gensim with hs=1 is not offered: the trees differ; model.wv goes to gensim as it is"
        )
    if model.seed >= 2**32:
        raise ConfigError(
            f"seed={model.seed} is not allowed in gensim: it takes at most {2**32 - 1}; set model.seed"
        )
    # All words stay, whatever min_count and max_final_vocab say: these were heeded when they were chosen.
    given = {name: getattr(model, name) for name in ARGUMENTS} | {
        "min_count": 0,
        "max_final_vocab": None,
    }
    theirs = _gensims_own("to_gensim")(**given)
    words = counted(model.wv)
    theirs.build_vocab_from_freq(
        dict(zip(words.words, words.counts.tolist(), strict=True)), corpus_count=model.corpus_count
    )
    rows = [
        model.wv.key_to_index[word] for word in theirs.wv.index_to_key
    ]  # gensim orders words of one count otherwise
    theirs.wv.vectors[:], theirs.syn1neg[:] = model.wv.vectors[rows], output[rows]
    for name in ("min_count", "max_final_vocab", *COUNTERS):
        setattr(theirs, name, getattr(model, name))
    return theirs
