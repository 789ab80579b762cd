"""gensim's arguments: their types, their ranges, and their translation to `TrainConfig`."""

from __future__ import annotations

import math
import operator
import os
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence, Sized
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np

from skipgram.config import TrainConfig
from skipgram.errors import ConfigError, FormatError, MissingFileError, WrongTypeError
from skipgram.io.leftovers import recovery
from skipgram.keys import Key
from skipgram.wording import reason_of

StepPer: TypeAlias = Literal["window", "word"]
"""A value of the option `step_per`."""

Sentence: TypeAlias = Sequence[Hashable]
Sentences: TypeAlias = Iterable[Sentence]
Number: TypeAlias = int | float | str | np.integer[Any] | np.floating[Any]
"""A number of any type that gensim accepts."""

_LINE_SENTENCE_LENGTH = 10_000
"""gensim's LineSentence cuts sentences after this many words by default."""


def _limits(option: str) -> tuple[float, float]:
    """Return the smallest and the largest value of an option of `TrainConfig` that has both."""
    limits: dict[str, float] = {}
    for limit in TrainConfig.model_fields[option].metadata:
        limits |= asdict(limit)
    most = limits["le"] if "le" in limits else limits["lt"] - 1
    return limits.get("ge", limits.get("gt", 0)), most


_INT_RANGES: Mapping[str, tuple[float, float]] = {
    "vector_size": _limits("vector_size"),
    "window": _limits("window"),
    "workers": _limits("threads"),
    "min_count": (0, math.inf),
    "sg": (0, 1),
    "hs": (0, 1),
    "negative": (0, _limits("negative")[1]),
    "cbow_mean": (0, 1),
    "epochs": (0, math.inf),
    "seed": _limits("seed"),
    "batch_words": (0, math.inf),
}
"""The smallest and the largest value of each argument that is an integer.

Those of `TrainConfig`, except that 0 is allowed where gensim gives it a meaning.
"""
FLOAT_RANGES: Mapping[str, tuple[float, float]] = {
    "alpha": _limits("alpha"),
    "min_alpha": _limits("min_alpha"),
    "ns_exponent": _limits("ns_exponent"),
    "sample": _limits("sample"),
}
"""The smallest and the largest value of each argument that is a float."""

_STRICT_INTS = {"vector_size", "epochs", "seed", "max_final_vocab"}
"""Integer arguments for which gensim rejects 5.0; it accepts it for the others."""

_TOKENS = (str, int, Hashable)
"""The types of tokens. The usual ones are first, because the check of `Hashable` is slow."""

_EVENTS = ("on_train_begin", "on_epoch_begin", "on_epoch_end", "on_train_end")


def int_argument(name: str, value: Number, least: float = -math.inf, most: float = math.inf) -> int:
    """Return an argument as an int.

    Raises:
        WrongTypeError: it is not an integer.
        ConfigError: it is out of range.
    """
    message = f"{name} is {value!r:.80}; it must be {_describe('an integer', least, most)}"
    strict = name in _STRICT_INTS
    try:
        number = operator.index(value) if strict else int(value)  # type: ignore[arg-type]
        exact = not isinstance(value, bool) if strict else number == float(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise WrongTypeError(message) from error
    if not exact:
        raise WrongTypeError(message)
    if not least <= number <= most:
        raise ConfigError(message)
    return number


def float_argument(name: str, value: Number, least: float, most: float) -> float:
    """Return an argument as a float.

    Raises:
        WrongTypeError: it is not a number.
        ConfigError: it is out of range.
    """
    message = f"{name} is {value!r:.80}; it must be {_describe('a number', least, most)}"
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise WrongTypeError(message) from error
    if not least <= number <= most:
        raise ConfigError(message)
    return number


def _describe(kind: str, least: float, most: float) -> str:
    if math.isinf(least):
        return kind
    return f"{kind} of at least {least}" if math.isinf(most) else f"{kind} from {least} to {most}"


def numeric_arguments(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numeric arguments, picked from all arguments by name, as ints, floats and bools.

    Raises:
        ConfigError: one has the wrong type or is out of range.
    """
    if given["shrink_windows"] not in (0, 1):
        raise ConfigError(
            f"shrink_windows is {given['shrink_windows']!r:.80}; it must be True or False"
        )
    numbers: dict[str, Any] = {
        name: int_argument(name, given[name], *limits) for name, limits in _INT_RANGES.items()
    }
    for name, limits in FLOAT_RANGES.items():
        optional = name == "sample" and given[name] is None
        numbers[name] = None if optional else float_argument(name, given[name], *limits)
    most_words = given["max_final_vocab"]
    if most_words is not None:
        most_words = int_argument("max_final_vocab", most_words, 1)
    return {
        **numbers,
        "max_final_vocab": most_words,
        "shrink_windows": bool(given["shrink_windows"]),
        "compute_loss": bool(given["compute_loss"]),
    }


def existing_path(path: str | os.PathLike[str]) -> Path:
    """Return the path of a file or directory to read.

    Raises:
        WrongTypeError: it is not a path.
        MissingFileError: it does not exist.
        FormatError: the system does not tell, for example because of a loop of links.
    """
    if not isinstance(path, str | os.PathLike):
        raise WrongTypeError(f"fname is {path!r:.80}; it must be a path")
    path = os.path.expanduser(path)  # noqa: PTH111
    try:
        os.stat(path)  # noqa: PTH116 - Path("") would be the working directory
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:
        remedy = recovery(path) or "check the path"
        raise MissingFileError(f"there is no file or directory {path!r}; {remedy}") from error
    except OSError as error:
        raise FormatError(f"cannot read {path}: {reason_of(error)}; check the path") from error
    return Path(path)


def train_config(
    settings: Mapping[str, Any], epoch: int = 0, step_per: StepPer = "window"
) -> TrainConfig:
    """Return the options that train one epoch of a model.

    Args:
        settings: values by gensim's names: all arguments that are numbers, and `epochs_trained`.
        epoch: which of the epochs of one call of `train`, from 0.
        step_per: what a step of skip-gram trains: see `vocabulary.step_per`.

    Raises:
        ConfigError: an argument is out of range, or neither hs nor negative is set.
    """
    given = numeric_arguments(settings)
    if not given["hs"] and not given["negative"]:
        raise ConfigError(
            f"hs={settings['hs']}, negative={settings['negative']}: one of them must be above 0; "
            "give hs=1, negative=0 for hierarchical softmax, "
            "or hs=0, negative=5 for negative sampling"
        )
    end = given["min_alpha"]
    start = max(given["alpha"], end)  # gensim's rate never falls below min_alpha
    step = (start - end) / max(given["epochs"], 1)
    options: dict[str, Any] = {"objective": "hierarchical"}
    if given["negative"]:
        options = {
            "objective": "hierarchical+negative" if given["hs"] else "negative",
            "negative": given["negative"],
            "ns_exponent": given["ns_exponent"],
        }
    if given["sg"]:
        options["step_per"] = step_per
    else:
        options["architecture"] = "cbow"
        options["cbow_context"] = "word2vec" if given["cbow_mean"] else "sum"
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
        seed=given["seed"] + settings["epochs_trained"],
    )


def whole_config(settings: Mapping[str, Any], step_per: StepPer) -> TrainConfig:
    """Return the options that train all epochs of a model, as they are recorded with it."""
    config = train_config({**settings, "epochs_trained": 0}, step_per=step_per)
    given = numeric_arguments(settings)
    whole = {
        "epochs": max(given["epochs"], 1),
        "min_alpha": given["min_alpha"],
        "min_count": max(given["min_count"], 1),
    }
    return config.model_copy(update=whole)


def listed_callbacks(callbacks: Iterable[Any]) -> list[Any]:
    """Return callbacks as a list.

    Raises:
        WrongTypeError: they are not a list of callbacks.
    """
    found = list(callbacks) if isinstance(callbacks, Iterable) else [None]
    if not all(hasattr(callback, event) for callback in found for event in _EVENTS):
        raise WrongTypeError(
            f"callbacks is {callbacks!r:.80}; it must be a list of objects with the methods "
            f"{', '.join(_EVENTS)}, like gensim's CallbackAny2Vec; put a single "
            "callback in a list: [callback]"
        )
    return found


def word_counts(counts: Mapping[Key, Number]) -> dict[Key, int]:
    """Return counts of words as a dict.

    Raises:
        WrongTypeError: they are not a mapping.
        ConfigError: a count is negative.
    """
    if not isinstance(counts, Mapping):
        raise WrongTypeError(
            f"word_freq is {counts!r:.80}; it must be a dict of words and their counts"
        )
    for word in counts:
        if isinstance(word, str) and word != word.encode("utf-8", "replace").decode():
            raise ConfigError(
                f"word_freq holds the word {word!r:.80}, which UTF-8 cannot encode; leave it out"
            )
    most = 2**62 - 1
    return {
        word: int_argument(f"word_freq[{word!r:.80}]", n, 0, most) for word, n in counts.items()
    }


def choose_corpus(
    sentences: Sentences | None, file: str | os.PathLike[str] | None
) -> str | os.PathLike[str] | Iterator[Sentence]:
    """Return the corpus, which is given as sentences or as a file.

    Raises:
        WrongTypeError: both or neither are given, or one of the wrong type; or, while it is read,
            a sentence is not a list of tokens.
    """
    if (sentences is None) == (file is None):
        found = "no corpus was given" if file is None else "two corpora were given"
        raise WrongTypeError(
            f"{found}; give either corpus_iterable (in the constructor: sentences) or corpus_file"
        )
    if file is not None:
        if not isinstance(file, str | os.PathLike):
            raise WrongTypeError(
                f"corpus_file is {file!r:.80}; it must be a path; "
                "pass lists of tokens as sentences instead"
            )
        return file
    if isinstance(sentences, str | bytes | os.PathLike) or not isinstance(sentences, Iterable):
        raise WrongTypeError(
            f"sentences is {sentences!r:.80}; it must be an iterable of lists of tokens; pass a "
            "path as corpus_file, or split text: [line.split() for line in text.splitlines()]"
        )
    return _file_of(sentences) or checked_sentences(sentences)


def _file_of(sentences: Sentences) -> str | os.PathLike[str] | None:
    """Return the file behind gensim's LineSentence, which the native scan reads many times faster.

    None for other iterables, and for a LineSentence that reads only some of the lines or cuts them
    shorter than by default. Lines that the default would cut are read uncut.
    """
    kind = type(sentences)
    if (kind.__module__, kind.__name__) != ("gensim.models.word2vec", "LineSentence"):
        return None
    reader = vars(sentences)
    usual = reader["limit"] is None and reader["max_sentence_length"] == _LINE_SENTENCE_LENGTH
    source = reader["source"]
    return source if usual and isinstance(source, str | os.PathLike) else None


def checked_sentences(sentences: Sentences) -> Iterator[Sentence]:
    """Yield sentences; sets, arrays, columns and other sized iterables as lists.

    Raises:
        WrongTypeError: a sentence is not a list of tokens.
    """
    for sentence in sentences:
        listed = sentence if isinstance(sentence, list | tuple) else _listed(sentence)
        if len(listed) and not isinstance(listed[0], _TOKENS):
            raise WrongTypeError(
                f"a token is {listed[0]!r:.80}; it must be a string, a number or another hashable "
                "object: flatten nested lists, or make each token a tuple"
            )
        yield listed


def _listed(sentence: Sentence) -> list[Hashable]:
    sized = isinstance(sentence, Iterable) and isinstance(sentence, Sized)
    if isinstance(sentence, str | bytes) or not sized:
        raise WrongTypeError(
            f"a sentence is {sentence!r:.80}; it must be a list of tokens: split text, convert "
            "generators with list, and put a single sentence in a list: [sentence]"
        )
    return list(sentence)
