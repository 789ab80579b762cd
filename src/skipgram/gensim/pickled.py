"""Reads what gensim's `Word2Vec.save` wrote, without running the pickle.

gensim's own `load` unpickles, and a pickle can run any program. Here the file is read as data
(formats/pickles.py), the attributes that a model needs are copied to an object of gensim's class,
and gensim converts those of its earlier versions. Arrays that gensim put beside the file, such as
FILE.syn1neg.npy or FILE.wv.vectors.npy, are read too. Other attributes are left out.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeAlias

from skipgram.errors import FormatError
from skipgram.formats.files import opened
from skipgram.formats.npy import array
from skipgram.formats.pickled_arrays import array_of, entries_of, is_array, small, small_each
from skipgram.formats.pickles import BadPickleError, Pairs, Record, parse
from skipgram.keys import check_collisions

if TYPE_CHECKING:
    import os
    from collections.abc import Collection, Mapping

    from skipgram.formats.pickles import Value
    from skipgram.keys import Key

Gensim: TypeAlias = Any
"""The module `gensim.models` or one of its objects, for which gensim gives no types."""
Attribute: TypeAlias = Any
"""What gensim expects as the value of an attribute."""

_SETTINGS = {
    *("vector_size", "alpha", "min_alpha", "window", "shrink_windows", "sg", "hs", "negative"),
    *("ns_exponent", "cbow_mean", "sample", "min_count", "max_final_vocab", "seed", "workers"),
    *("batch_words", "epochs", "iter", "comment", "compute_loss", "effective_min_count"),
    *("corpus_count", "corpus_total_words", "train_count", "total_train_time", "null_word"),
    *("running_training_loss", "min_alpha_yet_reached", "sorted_vocab", "max_vocab_size"),
    *("layer1_size", "hashfxn"),
}
_MATRICES = {"syn0", "syn1", "syn1neg", "vectors", "vectors_lockf"}
_OF_VOCABULARY = ("max_vocab_size", "min_count", "sample", "sorted_vocab", "null_word")
_OF_WORDS = {"count", "index", "sample_int", "code", "point"}
_HASH = {("builtins", "hash"), ("__builtin__", "hash")}


def read(path: str | os.PathLike[str], gensim: Gensim) -> Gensim:
    """Return gensim's Word2Vec that a file holds.

    Args:
        path: the file.
        gensim: the module `gensim.models`.

    Raises:
        AttributeError: it holds another class, or gensim finds no attribute that it needs.
        BadPickleError, FormatError: it is damaged, or an array beside it is.
        LookupError, TypeError, ValueError, ArithmeticError: gensim's, for attributes that do not
            fit together.
    """
    with opened(path) as content:
        root = parse(content)
    if not isinstance(root, Record) or root.called != ("gensim.models.word2vec", "Word2Vec"):
        kind = root.called if isinstance(root, Record) else type(root).__name__
        raise AttributeError(f"it holds {kind!s:.80}")
    stored = root.attributes()
    model = gensim.Word2Vec.__new__(gensim.Word2Vec)
    vars(model).update(_attributes(stored, path, _SETTINGS))
    model.random = None  # a generator, which gensim would make only to train
    if "wv" in stored:
        model.wv = None if stored["wv"] is None else _word_vectors(stored["wv"], path, gensim)
    if "vocabulary" in stored:
        held = _attributes(_object(stored["vocabulary"]), f"{path}.vocabulary", _OF_VOCABULARY)
        empty = dict.fromkeys(_OF_VOCABULARY)
        model.vocabulary = SimpleNamespace(**{**empty, **held}, raw_vocab={})
    if "trainables" in stored:
        held = _attributes(_object(stored["trainables"]), f"{path}.trainables", _SETTINGS)
        model.trainables = SimpleNamespace(**held)
    # Only converts attributes: no name of an array beside the file is left.
    model._load_specials(path, None, False, None)
    return model


def _object(value: Value) -> dict[str, Value]:
    if not isinstance(value, Record):
        raise BadPickleError(f"it has {type(value).__name__} where an object is expected")
    return value.attributes()


def _attributes(
    stored: Mapping[str, Value], path: str | os.PathLike[str], settings: Collection[str]
) -> dict[str, Attribute]:
    """Return settings and matrices of an object, those beside the file too."""
    found = {name: _setting(name, value) for name, value in stored.items() if name in settings}
    for name in _MATRICES & stored.keys():
        found[name] = None if stored[name] is None else array_of(stored[name])
    for name in _MATRICES.intersection(_names(stored, "__numpys")):
        found[name] = array(f"{path}.{name}.npy")
    for name in _MATRICES & found.keys():
        if found[name] is not None and found[name].dtype.kind != "f":
            raise BadPickleError(f"{name} is of {found[name].dtype}, not of floating-point numbers")
    for name in (_MATRICES | {"wv"}).intersection(_names(stored, "__ignoreds")):
        found[name] = None
    return found


def _names(stored: Mapping[str, Value], attribute: str) -> list[str]:
    """Return the names in an attribute of gensim's, such as those of arrays beside the file."""
    names = small(stored.get(attribute, []))
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise BadPickleError(f"{attribute} is not a list of names")
    return names


def _setting(name: str, value: Value) -> Attribute:
    """Return a setting: a number, or None if it is unknown; a comment may be text."""
    if name == "hashfxn":
        return hash if value in _HASH else repr(value)
    setting = small(value)
    if name != "comment" and not (setting is None or isinstance(setting, int | float)):
        raise BadPickleError(f"{name} is {setting!r:.80}, not a number")
    return setting


def _word_vectors(value: Value, path: str | os.PathLike[str], gensim: Gensim) -> Gensim:
    """Return gensim's KeyedVectors of a model, as `Word2Vec.wv` needs them."""
    stored = _object(value)
    wv = gensim.KeyedVectors.__new__(gensim.KeyedVectors)
    vars(wv).update(_attributes(stored, f"{path}.wv", {"vector_size"}))
    keys = stored.get("index_to_key", stored.get("index2word"))
    if not isinstance(keys, list):
        raise BadPickleError("it has no words")
    wv.index_to_key = _checked(small_each(keys))
    if len(dict.fromkeys(wv.index_to_key)) < len(keys):
        raise BadPickleError("two of its keys are equal")
    if isinstance(stored.get("vocab"), Pairs):  # before gensim 4
        words, entries = entries_of(stored["vocab"])
        vars(wv)["vocab"] = dict(zip(_checked(words), _of_words(entries), strict=True))
    else:
        wv.key_to_index = {key: row for row, key in enumerate(wv.index_to_key)}
        expandos = stored.get("expandos")
        named = expandos.named() if isinstance(expandos, Pairs) else {}
        wv.expandos = {name: _of_all_words(values) for name, values in named.items()}
    wv._load_specials(path, None, False, None)
    if wv.vectors is None:
        raise BadPickleError("it has no vectors")
    counts = wv.expandos.get("count")
    if counts is None or counts.dtype.kind not in "iu" or counts.min(initial=0) < 0:
        raise BadPickleError("its counts are not whole numbers from 0")
    return wv


def _of_words(entries: list[Record]) -> list[SimpleNamespace]:
    """Return the attributes of each word, of gensim before 4."""
    found = [SimpleNamespace() for _ in entries]
    held = [
        (row, name, value)
        for row, entry in enumerate(entries)
        for name, value in entry.attributes().items()
        if name in _OF_WORDS
    ]
    values = _arrays_or_small([value for _, _, value in held])
    for (row, name, _), value in zip(held, values, strict=True):
        setattr(found[row], name, value)
    return found


def _checked(keys: list[Key]) -> list[Key]:
    """Return the keys of vectors; BadPickleError if a dict of them would be slow."""
    try:
        check_collisions(keys)
    except FormatError as error:
        raise BadPickleError(str(error)) from None
    return keys


def _of_all_words(values: Value) -> Attribute:
    """Return an attribute of all words; the paths of a tree are an array of arrays."""
    found = array_of(values)
    if found.dtype == object:
        found[:] = _arrays_or_small(list(found))
    return found


def _arrays_or_small(values: list[Value]) -> list[Attribute]:
    """Return attributes of words: arrays, and other values of few parts."""
    others = iter(small_each([value for value in values if not is_array(value)]))
    return [array_of(value) if is_array(value) else next(others) for value in values]
