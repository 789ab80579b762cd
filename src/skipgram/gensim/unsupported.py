"""The parts of gensim that this package does not support, and their errors."""

from __future__ import annotations

import functools
import inspect
import logging
import warnings
from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from typing import Any, ParamSpec, TypeVar

import numpy as np

from skipgram.errors import NotOfferedError, SkipgramWarning, WrongTypeError

logger = logging.getLogger(__name__)

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

RENAMED: Mapping[str, tuple[str, str]] = {
    "size": ("vector_size", "gensim 4 renamed it"),
    "iter": ("epochs", "gensim 4 renamed it"),
    "sentences": ("corpus_iterable", "gensim 4 renamed it"),
    "threads": ("workers", "that is its name in gensim"),
    "max_vocab": ("max_final_vocab", "that is its name in gensim"),
}
"""The names that gensim 4 has for arguments of gensim 3 and of skipgram, and why."""

ARGUMENTS: Mapping[str, tuple[Any, str]] = {
    "null_word": (0, "there is no padding word; leave it out"),
    "sorted_vocab": (1, "words are always sorted by descending count; leave it out"),
    "hashfxn": (hash, "initial vectors are drawn from seed, not from hashes of words; give seed"),
    "max_vocab_size": (
        None,
        "nothing is pruned while the corpus is read; give max_final_vocab or min_count",
    ),
    "word_count": (
        0,
        "the learning rate falls over the given corpus; give start_alpha and end_alpha",
    ),
    "ignore": (None, "a model is always saved completely; leave it out"),
    "datatype": (np.float32, "vectors are always float32; leave it out"),
    "fvocab": (None, "counts are saved with the model; leave it out"),
    "total_vec": (None, "all vectors are written; leave it out"),
    "append": (False, "a file is always written from its beginning; leave it out"),
    "count": (0, "memory is allocated when vectors are added; leave it out"),
    "dtype": (np.float32, "vectors are always float32; leave it out"),
    "mapfile_path": (None, "vectors are kept in memory; leave it out"),
    "extras": (None, "use set_vecattr to set attributes of words; leave it out"),
}
"""gensim arguments with a single allowed value: the value, the reason, and what to do instead."""

IGNORED: Mapping[str, str] = {
    "mmap": "vectors are read into memory",
    "pickle_protocol": "a model is saved without pickle",
    "sep_limit": "a model is saved as one file",
    "separately": "a model is saved as one file",
}
"""gensim arguments that do not change a result. Many programs give them, so they are accepted."""

_MOVED = (
    *("doesnt_match", "evaluate_word_pairs", "most_similar", "most_similar_cosmul"),
    *("n_similarity", "similar_by_vector", "similar_by_word", "similarity"),
)
"""Queries that gensim 3 offered on the model."""

MODEL_METHODS: Mapping[str, str] = {
    **{name: f"gensim 4 moved it to model.wv.{name}" for name in _MOVED},
    "add_lifecycle_event": "the saved model records how it was trained",
    "add_null_word": "there is no padding word",
    "create_binary_tree": "the Huffman tree is built with the vocabulary",
    "lifecycle_events": "the saved model records how it was trained",
    "random": "all random numbers are drawn from seed",
    "seeded_vector": "initial vectors are drawn from seed",
}
"""Methods and attributes of gensim's `Word2Vec` that do not exist here, and why."""

NOT_ON_EVERY_MODEL: Mapping[str, str] = {
    "load": "it returns a new model; call it on the class: model = Word2Vec.load(path)",
    "syn1": "only a model with hs=1 has it, after build_vocab",
    "syn1neg": "only a model with negative above 0 has it, after build_vocab",
}
"""Names of the class that a model may lack, as in gensim, and why."""

INTERNALS = frozenset(
    {
        *("_check_corpus_sanity", "_check_training_sanity", "_clear_post_train"),
        *("_do_train_epoch", "_do_train_job", "_get_next_alpha", "_get_thread_working_mem"),
        *("_job_producer", "_load_specials", "_log_epoch_end", "_log_epoch_progress"),
        *("_log_progress", "_log_train_end", "_raw_word_count", "_save_specials", "_scan_vocab"),
        *("_train_epoch_corpusfile", "_worker_loop", "_worker_loop_corpusfile"),
        *("add_null_word", "create_binary_tree", "seeded_vector"),
    }
)
"""Methods that gensim's `Word2Vec` calls or subclasses extend, and that nothing here calls."""

VECTORS_METHODS: Mapping[str, str] = {
    "add_lifecycle_event": "the saved model records how it was trained",
    "allocate_vecattrs": "use set_vecattr, which creates an attribute",
    "index2entity": "gensim 4 renamed it to index_to_key",
    "index2word": "gensim 4 renamed it to index_to_key",
    "intersect_word2vec_format": "use skipgram.train(corpus, initial=path)",
    "log_accuracy": "use the result of evaluate_word_analogies",
    "log_evaluate_word_pairs": "use the result of evaluate_word_pairs",
    "resize_vectors": "use build_vocab(update=True) of a model, or add_vectors",
    "similarity_unseen_docs": "gensim 4 removed it",
    "vectors_norm": "use get_normed_vectors()",
    "vocab": "gensim 4 renamed it to key_to_index",
    "wmdistance": "it needs gensim and POT: pip install gensim POT",
    "word_vec": "gensim 4 renamed it to get_vector",
    "words_closer_than": "gensim 4 renamed it to closer_than",
}
"""Methods and attributes of gensim's `KeyedVectors` that do not exist here, and alternatives."""


class ClassOnly:
    """A class method that instances do not have: it would return an object, not change them.

    `NOT_ON_EVERY_MODEL` has the message.
    """

    def __init__(self, method: classmethod[Any, ..., Any]) -> None:
        self._method = method

    def __get__(self, instance: object, owner: type) -> Callable[..., Any]:
        """Return the method of the class."""
        method: Callable[..., Any] = self._method.__get__(None, owner)
        if instance is not None:
            raise AttributeError(method.__name__)
        return method


class Subclassed:
    """A base class that warns of subclasses with methods that gensim would call, but nothing here.

    The warning is a SkipgramWarning, issued where the subclass is defined.
    """

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        others = [base for base in cls.__mro__ if not base.__module__.startswith("skipgram.")]
        overridden = sorted(INTERNALS & set().union(*map(vars, others)))
        if overridden:
            warnings.warn(
                f"{cls.__name__} overrides {', '.join(overridden)}, which gensim calls and "
                "skipgram does not, so this has no effect; use callbacks, or gensim's Word2Vec",
                SkipgramWarning,
                stacklevel=2,
            )


def explains_names(
    *others: str,
) -> Callable[[Callable[Parameters, Result]], Callable[Parameters, Result]]:
    """Return a decorator for methods: it explains names that are no arguments, such as gensim 3's.

    They raise a WrongTypeError, which is also a TypeError, as Python's own error is.

    Args:
        others: further names that the method takes as keyword arguments.
    """

    def decorate(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
        names = list(inspect.signature(function).parameters)

        @functools.wraps(function)
        def explained(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
            for name, value in kwargs.items():
                if name not in names and name not in others:
                    hint = _hint(name, value, names)
                    raise WrongTypeError(f"unknown argument {name}={value!r:.80}; {hint}")
            return function(*args, **kwargs)

        return explained

    return decorate


def _hint(name: str, value: object, names: Collection[str]) -> str:
    """Say what to do about an argument that is not among the names."""
    new, why = RENAMED.get(name, ("", ""))
    if new in names:
        return f"{why}: give {new}={value!r:.80}"
    near = get_close_matches(name, names, n=1)
    return f"did you mean {near[0]}?" if near else "leave it out"


def reject_unsupported(given: Mapping[str, Any]) -> None:
    """Check that unsupported arguments have the one value that is possible here.

    Those in `IGNORED` may have any value; it is logged that they are ignored.

    Raises:
        NotOfferedError: an argument has another value.
        WrongTypeError: an argument is not one of gensim's.
    """
    for name, value in given.items():
        if name in IGNORED:
            if value is not None:
                logger.info("%s=%r is ignored: %s", name, value, IGNORED[name])
            continue
        if name not in ARGUMENTS:
            raise WrongTypeError(f"unknown argument {name}={value!r:.80}; leave it out")
        only, why = ARGUMENTS[name]
        if value != only:
            raise NotOfferedError(f"{name}={value!r} is not supported: {why}")


def missing_attribute(kind: str, name: str, unsupported: Mapping[str, str]) -> AttributeError:
    """Return the error for a name that a class lacks; NotOfferedError if gensim's has it."""
    if name in unsupported:
        why = unsupported[name]
        if not why.startswith("gensim 4"):  # gensim's own class lacks what gensim 4 removed
            why += f"; if you need it, use gensim's {kind}"
        return NotOfferedError(f"{kind}.{name} is not supported: {why}")
    why = f": {NOT_ON_EVERY_MODEL[name]}" if name in NOT_ON_EVERY_MODEL else ""
    return AttributeError(f"this {kind} has no attribute {name!r}{why}")
