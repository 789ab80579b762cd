"""gensim's arguments as options of `TrainConfig`, and those that are refused."""

from __future__ import annotations

import operator
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from skipgram.config import TrainConfig
from skipgram.errors import ConfigError, MissingFileError, NotOfferedError, WrongTypeError

if TYPE_CHECKING:
    from skipgram.gensim.word2vec import Word2Vec

Sentences = Iterable[Sequence[str]]

_LONGEST_SENTENCE = 10_000
"""Words at which gensim's LineSentence cuts, unless told otherwise."""

_WHOLE: Mapping[str, tuple[int, int | None]] = {
    "vector_size": (1, 4096),
    "window": (1, 256),
    "workers": (1, 1024),
    "min_count": (0, None),
    "sg": (0, 1),
    "hs": (0, 1),
    "negative": (0, 64),
    "cbow_mean": (0, 1),
    "epochs": (0, None),
    "seed": (0, 2**63 - 1),
    "batch_words": (0, None),
}
"""Arguments that are whole numbers, the least and the most of each: as in TrainConfig, and 0 where gensim has a use for it."""

_INTS_ONLY = {
    "vector_size",
    "epochs",
    "seed",
    "max_final_vocab",
}  # the others may be 5.0, too, as in gensim
_RANGES = {"alpha": (0, 10), "min_alpha": (0, 10), "ns_exponent": (-2, 2)}
_EVENTS = ("on_train_begin", "on_epoch_begin", "on_epoch_end", "on_train_end")

REFUSED_ARGUMENTS: Mapping[str, tuple[Any, str]] = {
    "null_word": (0, "there is no padding word; leave it out"),
    "sorted_vocab": (1, "words stand by falling count; leave it out"),
    "hashfxn": (
        hash,
        "vectors begin at numbers drawn from seed, not at hashes of words; give seed",
    ),
    "max_vocab_size": (
        None,
        "nothing is pruned while the text is read; give max_final_vocab or min_count",
    ),
    "word_count": (
        0,
        "the learning rate falls over the corpus that is given; give start_alpha and end_alpha",
    ),
    "separately": (None, "a model is saved as a directory of plain files; leave it out"),
    "ignore": (None, "a model is saved whole; leave it out"),
    "mmap": (None, "a model is read into memory; leave it out"),
    "datatype": (np.float32, "vectors are float32; leave it out"),
    "fvocab": (None, "counts are saved with the model; leave it out"),
    "total_vec": (None, "all vectors are written; leave it out"),
    "append": (False, "a file is written whole; leave it out"),
    "sep_limit": (None, "a model is saved as a directory of plain files; leave it out"),
    "pickle_protocol": (None, "a model is saved as a directory of plain files; leave it out"),
    "count": (0, "vectors are added as they come; leave it out"),
    "dtype": (np.float32, "vectors are float32; leave it out"),
    "mapfile_path": (None, "vectors are in memory; leave it out"),
    "extras": (None, "set_vecattr gives words their attributes; leave it out"),
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
            raise WrongTypeError(f"unknown argument {name}={value!r:.80}; leave it out")
        only, why = REFUSED_ARGUMENTS[name]
        if value != only:
            raise NotOfferedError(f"{name}={value!r} is not offered: {why}")


def whole(name: str, value: Any, least: int | None = None, most: int | None = None) -> int:
    """Return an argument as an int.

    Raises:
        WrongTypeError: it is no whole number.
        ConfigError: it is under `least` or above `most`.
    """
    limits = [
        f"at {which} {limit}"
        for which, limit in (("least", least), ("most", most))
        if limit is not None
    ]
    allowed = f"{name}={value!r:.80} is not allowed: it takes a whole number {' and '.join(limits)}".rstrip()
    try:
        number = operator.index(value) if name in _INTS_ONLY else int(value)
        exact = not isinstance(value, bool) if name in _INTS_ONLY else number == float(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise WrongTypeError(allowed) from error
    if not exact:
        raise WrongTypeError(allowed)
    if (least is not None and number < least) or (most is not None and number > most):
        raise ConfigError(allowed)
    return number


def fraction(name: str, value: Any, least: float, most: float) -> float:
    """Return an argument as a float.

    Raises:
        WrongTypeError: it is no number.
        ConfigError: it is under `least` or above `most`.
    """
    allowed = f"{name}={value!r:.80} is not allowed: it takes a number at least {least} and at most {most}"
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise WrongTypeError(allowed) from error
    if not least <= number <= most:
        raise ConfigError(allowed)
    return number


def plain(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments that are numbers as plain ints, floats and bools, from among all by name.

    Raises:
        ConfigError: one is of a wrong type or out of its range.
    """
    if given["shrink_windows"] not in (0, 1):
        raise ConfigError(
            f"shrink_windows={given['shrink_windows']!r:.80} is not allowed: it takes True or False"
        )
    sample, most_words = given["sample"], given["max_final_vocab"]
    return {
        **{name: whole(name, given[name], *limits) for name, limits in _WHOLE.items()},
        **{name: fraction(name, given[name], *limits) for name, limits in _RANGES.items()},
        "shrink_windows": bool(given["shrink_windows"]),
        "compute_loss": bool(given["compute_loss"]),
        "sample": sample if sample is None else fraction("sample", sample, 0, 1),
        "max_final_vocab": most_words
        if most_words is None
        else whole("max_final_vocab", most_words, 1),
    }


def existing(path: Any) -> Path:
    """Return the path of a file or directory to be read.

    Raises:
        WrongTypeError: it is none.
        MissingFileError: there is nothing.
    """
    if not isinstance(path, str | os.PathLike):
        raise WrongTypeError(f"fname={path!r:.80} is not allowed: it takes a path")
    if not os.path.exists(path):  # noqa: PTH110 - Path("") is the working directory, and a name too long an OSError
        raise MissingFileError(f"there is no file or directory {os.fspath(path)!r}; check the path")
    return Path(path)


def train_config(model: Word2Vec, epoch: int = 0) -> TrainConfig:
    """Return the options by which one epoch of a model is trained, numbered from 0.

    Raises:
        ConfigError: an argument is out of range, or neither or both of hs and negative are asked for.
    """
    given = plain(vars(model))
    if bool(given["hs"]) == bool(given["negative"]):
        raise ConfigError(
            f"hs={model.hs}, negative={model.negative}: one of them trains, not both; "
            "give hs=1, negative=0 for hierarchical softmax or hs=0, negative=5 for negative sampling"
        )
    end = given["min_alpha"]
    start = max(given["alpha"], end)  # gensim's rate never falls below min_alpha
    step = (start - end) / max(given["epochs"], 1)
    options: dict[str, Any] = {"objective": "hierarchical"}
    if given["negative"]:
        options = {"negative": given["negative"], "ns_exponent": given["ns_exponent"]}
    if not given["sg"]:
        options |= {
            "architecture": "cbow",
            "cbow_context": "word2vec" if given["cbow_mean"] else "sum",
        }
    return TrainConfig(
        **options,
        vector_size=given["vector_size"],
        window=given["window"],
        shrink_windows=given["shrink_windows"],
        sample=given["sample"] or 0,
        epochs=1,
        alpha=start - step * epoch,
        min_alpha=max(end, start - step * (epoch + 1)),
        threads=given["workers"],
        seed=given["seed"] + model.epochs_trained,
    )


def listed_callbacks(callbacks: Any) -> list[Any]:
    """Return callbacks as a list.

    Raises:
        WrongTypeError: they are none.
    """
    found = list(callbacks) if isinstance(callbacks, Iterable) else [None]
    if not all(hasattr(callback, event) for callback in found for event in _EVENTS):
        raise WrongTypeError(
            f"callbacks={callbacks!r:.80} is not allowed: it takes a list of objects that have {', '.join(_EVENTS)}, "
            "as gensim's CallbackAny2Vec has; give [callback]"
        )
    return found


def word_counts(counts: Any) -> dict[str, int]:
    """Return counts of words as a dict.

    Raises:
        WrongTypeError: they are none, or a word is no string.
        ConfigError: a count is negative.
    """
    if not isinstance(counts, Mapping):
        raise WrongTypeError(
            f"word_freq={counts!r:.80} is not allowed: it takes a dict of words and their counts"
        )
    strange = [word for word in counts if not isinstance(word, str)]
    if strange:
        raise WrongTypeError(
            f"the word {strange[0]!r:.80} in word_freq is not allowed: words are strings; give str(word)"
        )
    return {word: whole(f"word_freq[{word!r}]", count, 0) for word, count in counts.items()}


def choose_corpus(sentences: Any, file: Any) -> Any:
    """Return the corpus that is given one way or the other.

    Raises:
        WrongTypeError: it is given both ways or neither, or of a wrong type; or, while it is read, a sentence is no list of
            strings.
    """
    if (sentences is None) == (file is None):
        both = "no corpus is given" if file is None else "two corpora are given"
        raise WrongTypeError(
            f"{both}; give one of corpus_iterable (in the constructor: sentences) and corpus_file"
        )
    if file is not None:
        if not isinstance(file, str | os.PathLike):
            raise WrongTypeError(
                f"corpus_file={file!r:.80} is not allowed: it takes a path; give lists of strings as sentences"
            )
        return file
    if isinstance(sentences, str | bytes | os.PathLike) or not isinstance(sentences, Iterable):
        raise WrongTypeError(
            f"sentences={sentences!r:.80} is not allowed: it takes lists of strings; "
            "give a path as corpus_file, and text as [line.split() for line in text.splitlines()]"
        )
    return _lines_of(sentences) or _checked(sentences)


def _lines_of(sentences: Any) -> str | os.PathLike[str] | None:
    """Return the file behind gensim's LineSentence, which the native scan reads many times faster."""
    kind = type(sentences)
    if (kind.__module__, kind.__name__) != (
        "gensim.models.word2vec",
        "LineSentence",
    ) or sentences.limit is not None:
        return None
    if (
        sentences.max_sentence_length != _LONGEST_SENTENCE
    ):  # gensim cuts sentences there; that many words are not cut here
        return None
    return sentences.source if isinstance(sentences.source, str | os.PathLike) else None


def _checked(sentences: Iterable[Any]) -> Iterator[Sequence[str]]:
    for sentence in sentences:
        listed = sentence if isinstance(sentence, list | tuple) else _listed(sentence)
        if len(listed) and not isinstance(listed[0], str):
            raise _no_sentence(sentence)
        yield listed


def _listed(sentence: Any) -> list[Any]:
    """Return a set, an array, a column and the like as a list."""
    if isinstance(sentence, str | bytes) or not (
        isinstance(sentence, Iterable) and isinstance(sentence, Sized)
    ):
        raise _no_sentence(sentence)
    return list(sentence)


def _no_sentence(sentence: Any) -> WrongTypeError:
    return WrongTypeError(
        f"a sentence is a list of strings, not {sentence!r:.80}; "
        "split text, decode bytes, give integers as str(n) and a generator as list(generator)"
    )
