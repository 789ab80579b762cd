"""What the gensim drop-in takes and refuses, beside gensim: types, ranges, the order of calls, what a copy cannot keep."""

from __future__ import annotations

import copy
import pickle
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gensim.models import Word2Vec as Theirs
from gensim.models.callbacks import CallbackAny2Vec

from skipgram.config import TrainConfig
from skipgram.errors import (
    ConfigError,
    FormatError,
    NotOfferedError,
    NotReadyError,
    OutputError,
    SkipgramError,
    WrongTypeError,
)
from skipgram.gensim import Word2Vec
from skipgram.gensim.arguments import plain

PAIR = [["a", "b"]] * 20
TINY: dict[str, Any] = {"vector_size": 4, "min_count": 1, "sample": 0, "epochs": 1, "workers": 1}


@pytest.mark.parametrize(
    ("argument", "value", "allowed"),
    [
        ("vector_size", 8.0, "a whole number at least 1 and at most 4096"),
        ("vector_size", 0, "a whole number at least 1 and at most 4096"),
        ("window", -1, "a whole number at least 1 and at most 256"),
        ("alpha", "x", "a number at least 0 and at most 10"),
        ("alpha", -0.1, "a number at least 0 and at most 10"),
        ("min_alpha", -1, "a number at least 0 and at most 10"),
        ("sample", "x", "a number at least 0 and at most 1"),
        ("negative", -1, "a whole number at least 0 and at most 64"),
        ("ns_exponent", None, "a number at least -2 and at most 2"),
        ("max_final_vocab", "x", "a whole number at least 1"),
        ("max_final_vocab", 2.5, "a whole number at least 1"),
        ("batch_words", None, "a whole number at least 0"),
        ("shrink_windows", "x", "True or False"),
        ("trim_rule", 5, "a function of word, count and min_count"),
        ("callbacks", None, "a list of objects that have on_train_begin, .*give \\[callback\\]"),
        (
            "callbacks",
            CallbackAny2Vec(),
            "a list of objects that have on_train_begin, .*give \\[callback\\]",
        ),
        ("callbacks", ["x"], "a list of objects that have on_train_begin, .*give \\[callback\\]"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(
    argument: str, value: Any, allowed: str
) -> None:
    with pytest.raises(
        ConfigError,
        match=rf"{argument}={re.escape(repr(value))[:70]}.* is not allowed: it takes {allowed}",
    ):
        Word2Vec(PAIR, **{**TINY, argument: value})


def test_the_limits_are_those_of_training() -> None:
    limits: dict[str, Any] = {"vector_size": 4096, "window": 256, "negative": 64, "threads": 1024}
    for name, most in limits.items():
        TrainConfig(**{name: most})
        with pytest.raises(ConfigError):
            TrainConfig(**{name: most + 1})
        with pytest.raises(ConfigError, match=f"at most {most}"):
            Word2Vec(**{"workers" if name == "threads" else name: most + 1})


def test_numbers_of_other_types_are_taken_where_gensim_takes_them(tmp_path: Path) -> None:
    options: dict[str, Any] = {
        "vector_size": np.int64(4),
        "seed": np.int32(3),
        "window": 5.0,
        "min_count": np.int64(1),
        "sg": True,
    }
    options |= {
        "alpha": np.float32(0.03125),
        "sample": np.float32(0),
        "negative": "5",
        "epochs": np.int64(1),
        "ns_exponent": 1,
    }
    theirs, ours = (kind(PAIR, **options, workers=1) for kind in (Theirs, Word2Vec))
    for name in ("window", "sg", "alpha", "negative", "min_alpha"):
        assert (getattr(ours, name), type(getattr(ours, name))) == (
            getattr(theirs, name),
            type(getattr(theirs, name)),
        ), name
    ours.save(tmp_path / "model")
    assert plain(vars(Word2Vec.load(tmp_path / "model"))) == plain(vars(ours))
    assert {type(value) for value in plain(vars(ours)).values()} == {int, float, bool, type(None)}


def test_without_a_seed_every_model_begins_elsewhere() -> None:
    first, second = (Word2Vec(PAIR, **TINY, seed=None) for _ in range(2))
    assert first.seed != second.seed
    assert (
        Word2Vec(PAIR, **TINY, seed=first.seed).wv.vectors.tobytes() == first.wv.vectors.tobytes()
    )


@pytest.mark.parametrize(
    "corpus",
    [[{"a": 1, "b": 2}] * 20, [("a", "b")] * 20, [np.array(["a", "b"])] * 20, [{"a"}, {"b", "a"}]],
)
def test_what_gensim_takes_for_a_sentence_is_one(corpus: Any) -> None:
    assert set(Word2Vec(corpus, **TINY).wv.index_to_key) == {"a", "b"}


def test_errors_are_those_that_programs_catch_from_gensim(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("two words\n")
    once: dict[str, Any] = {"total_examples": 1, "epochs": 1}

    def built(kind: Any) -> Any:
        model = kind(**TINY)
        model.build_vocab(PAIR)
        return model

    calls: list[tuple[type[Exception], Any]] = [
        (TypeError, lambda kind: kind(5)),
        (TypeError, lambda kind: kind(PAIR, corpus_file="text")),
        (TypeError, lambda kind: kind().build_vocab()),
        (TypeError, lambda kind: kind([(word for word in "ab") for _ in range(9)])),
        (TypeError, lambda kind: built(kind).train(PAIR, **once, callbacks=object())),
        (TypeError, lambda kind: built(kind).train(PAIR, **once, nonsense=1)),
        (TypeError, lambda kind: built(kind).train(PAIR, **once, start_alpha="x")),
        (TypeError, lambda kind: built(kind).train(PAIR, total_examples=1, epochs=1.5)),
        (TypeError, lambda kind: kind().build_vocab_from_freq({"a": "x", "b": 5})),
        (TypeError, lambda kind: kind().build_vocab(PAIR, min_count="x")),
        (TypeError, lambda kind: built(kind).estimate_memory("x")),
        (TypeError, lambda kind: built(kind).predict_output_word(None)),
        (ValueError, lambda kind: built(kind).train(PAIR, epochs=1)),
        (ValueError, lambda kind: built(kind).train(PAIR, total_examples=1)),
        (ValueError, lambda kind: built(kind).train(PAIR, total_examples=1, epochs=-1)),
        (ValueError, lambda kind: kind(PAIR, seed=-1)),
        (RuntimeError, lambda kind: kind().train(PAIR, **once)),
        (RuntimeError, lambda kind: kind(PAIR, min_count=100)),
        (RuntimeError, lambda kind: kind([])),
        (RuntimeError, lambda kind: kind().build_vocab(PAIR, update=True)),
        (RuntimeError, lambda kind: kind().update_weights()),
        (RuntimeError, lambda kind: kind().predict_output_word(["a"])),
        (
            RuntimeError,
            lambda kind: kind(PAIR, hs=1, negative=0, **TINY).predict_output_word(["a"]),
        ),
        (FileNotFoundError, lambda kind: kind.load(str(tmp_path / "nowhere"))),
        (FileNotFoundError, lambda kind: kind.load("")),
        (KeyError, lambda kind: kind(PAIR, **TINY).wv["nowhere"]),
    ]
    for number, (expected, call) in enumerate(calls):
        for kind, base in (
            (Theirs, Exception),
            (Word2Vec, Exception if expected is KeyError else SkipgramError),
        ):
            with pytest.raises(expected) as caught:
                call(kind)
            assert isinstance(caught.value, base), (number, kind)
    for call in (lambda: Word2Vec(**TINY).to_gensim(), lambda: Word2Vec(**TINY).prepare_vocab()):
        with pytest.raises(NotReadyError, match="call build_vocab"):
            call()
    with pytest.raises(FormatError, match=r"no saved model: .*by skipgram.load"):
        Word2Vec.load(tmp_path / "text")
    with pytest.raises(
        WrongTypeError, match=r"sentences='text' is not allowed: .*corpus_file, .*splitlines"
    ):
        Word2Vec("text")
    with pytest.raises(WrongTypeError, match=r"not <generator .*give .*a generator as list"):
        Word2Vec([(word for word in "ab")])  # type: ignore[list-item]
    for counts, said in (
        ({"a": -1, "b": 3}, r"word_freq\['a'\]=-1"),
        ([("a", 1)], "a dict of words"),
        ({1: 2}, "the word 1 "),
    ):
        with pytest.raises(ConfigError, match=said):
            Word2Vec().build_vocab_from_freq(counts)  # type: ignore[arg-type]


def test_words_anew_and_none_at_all() -> None:
    model = Word2Vec(PAIR, **TINY)
    model.build_vocab([["x", "y"]] * 20)  # as gensim: other words, not more of them
    assert set(model.wv.index_to_key) == {"x", "y"}
    assert sum(model.train([["x", "y"]] * 20, total_examples=20, epochs=1)) > 40
    assert [
        len(model.predict_output_word(["x"], topn=topn) or []) for topn in (None, 1, 0, -1)
    ] == [2, 1, 0, 0]
    theirs, ours = (kind(PAIR, **TINY) for kind in (Theirs, Word2Vec))
    for each in (theirs, ours):
        each.build_vocab([["new", "new", "a"]], update=True, min_count=2)
    assert (ours.min_count, set(ours.wv.index_to_key)) == (
        theirs.min_count,
        set(theirs.wv.index_to_key),
    )
    empty = Word2Vec(**TINY)
    empty.make_cum_table()
    assert empty.estimate_memory()["total"] == 0


@pytest.mark.parametrize(
    "option",
    [{"null_word": 1}, {"sorted_vocab": 0}, {"hashfxn": len}, {"max_vocab_size": 100}],
    ids=str,
)
def test_settings_that_a_copy_has_not_are_named(option: dict[str, Any], tmp_path: Path) -> None:
    theirs = Theirs([["a", "b", "b"]] * 20, **TINY, **option)
    with pytest.warns(
        UserWarning, match=f"from_gensim leaves out what there is not here: {next(iter(option))}="
    ):
        ours = Word2Vec.from_gensim(theirs)
    assert ours.wv.index_to_key == theirs.wv.index_to_key
    assert ours.train([["a", "b", "b"]] * 20, total_examples=20, epochs=1)[1] == 60
    theirs.wv.set_vecattr("a", "colour", 3)
    theirs.save(str(tmp_path / "model"))
    if option != {"hashfxn": len}:  # which gensim does not pickle
        with pytest.warns(UserWarning, match="the words' attribute 'colour'"):
            Word2Vec.load(tmp_path / "model")


def test_models_cross_whatever_chose_their_words() -> None:
    model = Word2Vec(PAIR, **TINY, max_final_vocab=2)
    model.build_vocab([["c", "d", "d"]] * 30, update=True)
    theirs = model.to_gensim()
    assert set(theirs.wv.index_to_key) == set("abcd")
    assert (theirs.max_final_vocab, theirs.min_count) == (2, 1)
    model.seed = 2**32
    with pytest.raises(
        ConfigError, match=r"seed=4294967296 is not allowed in gensim: .*set model.seed"
    ):
        model.to_gensim()


def test_what_a_model_cannot_keep_is_refused(tmp_path: Path) -> None:
    model = Word2Vec(PAIR, **TINY, comment=object())  # type: ignore[arg-type]
    with pytest.raises(
        WrongTypeError, match=r"comment=<object .* cannot be saved; give model.comment a string"
    ):
        model.save(tmp_path / "model")
    model.comment = None
    model.wv.set_vecattr("a", "colour", 3)
    with pytest.raises(
        NotOfferedError, match="the attribute 'colour' of the words is not saved here"
    ):
        model.save(tmp_path / "model")
    del model.wv.expandos["colour"]
    acts = (
        lambda: model.save(tmp_path / "model"),
        lambda: model.train(PAIR, total_examples=1, epochs=1),
    )
    vectors = model.wv.vectors
    model.wv.vectors = np.zeros((2, 7), np.float32)
    for act in (*acts, model.to_gensim):
        with pytest.raises(ConfigError, match=r"wv.vectors is of shape \(2, 7\), not \(2, 4\)"):
            act()
    model.wv.vectors = vectors
    vectors.setflags(write=False)
    with pytest.raises(ConfigError, match=r"wv.vectors may not be written to; .*wv.vectors.copy"):
        model.train(PAIR, total_examples=1, epochs=1)
    model.wv["c"] = np.zeros(4, np.float32)
    for act in acts:
        with pytest.raises(
            ConfigError,
            match=r"syn1neg is of shape \(2, 4\), not \(3, 4\); .*build_vocab\(update=True\)",
        ):
            act()
    hierarchical = Word2Vec(PAIR, **TINY, hs=1, negative=0)
    hierarchical.hs, hierarchical.negative = 0, 5
    with pytest.raises(
        NotReadyError, match=r"there are no output vectors, syn1neg: .*build_vocab makes them"
    ):
        hierarchical.train(PAIR, total_examples=1, epochs=1)
    for what in ("wv", "syn1neg"):
        Theirs(PAIR, **TINY).save(str(tmp_path / what), ignore=[what])
        with pytest.raises(ConfigError, match=f"no .*{what}"):
            Word2Vec.load(tmp_path / what)
    with pytest.raises(
        OutputError, match="the name of what is to be written is empty; give a name"
    ):
        Word2Vec(PAIR, **TINY).save("")


def test_copies_train_on_as_the_model_does() -> None:
    choices: list[dict[str, Any]] = [{}, {"hs": 1, "negative": 0}]
    for options in choices:
        model = Word2Vec(PAIR, **TINY, **options)
        copies = [copy.deepcopy(model), pickle.loads(pickle.dumps(model))]
        for each in (model, *copies):
            each.train(PAIR, total_examples=20, epochs=1)
        assert {each.wv.vectors.tobytes() for each in copies} == {model.wv.vectors.tobytes()}
