"""Arguments: types and ranges, corpora, and errors that programs catch from gensim."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drop_in import PAIR, TINY
from gensim.models import Word2Vec as Theirs
from gensim.models.callbacks import CallbackAny2Vec
from gensim.models.word2vec import LineSentence

from skipgram.config import TrainConfig
from skipgram.errors import ConfigError, SkipgramError
from skipgram.gensim import Word2Vec
from skipgram.gensim.arguments import numeric_arguments, train_config


@pytest.mark.parametrize(
    ("argument", "value", "allowed"),
    [
        ("vector_size", 8.0, "an integer from 1 to 4096"),
        ("vector_size", 0, "an integer from 1 to 4096"),
        ("window", -1, "an integer from 1 to 1000000"),
        ("alpha", "x", "a number from 0 to 10"),
        ("alpha", -0.1, "a number from 0 to 10"),
        ("min_alpha", -1, "a number from 0 to 10"),
        ("sample", "x", "a number from 0 to 1"),
        ("negative", -1, "an integer from 0 to 64"),
        ("ns_exponent", None, "a number from -2 to 2"),
        ("max_final_vocab", "x", "an integer of at least 1"),
        ("max_final_vocab", 2.5, "an integer of at least 1"),
        ("batch_words", None, "an integer of at least 0"),
        ("shrink_windows", "x", "True or False"),
        ("trim_rule", 5, "a function of word, count and min_count"),
        (
            "callbacks",
            None,
            "a list of objects with the methods on_train_begin, .*in a list: \\[callback\\]",
        ),
        (
            "callbacks",
            CallbackAny2Vec(),
            "a list of objects with the methods on_train_begin, .*in a list: \\[callback\\]",
        ),
        (
            "callbacks",
            ["x"],
            "a list of objects with the methods on_train_begin, .*in a list: \\[callback\\]",
        ),
    ],
)
def test_an_error_names_the_wrong_value_and_what_is_allowed(
    argument: str, value: Any, allowed: str
) -> None:
    with pytest.raises(
        ConfigError,
        match=rf"{argument} is {re.escape(repr(value))[:70]}.*; it must be {allowed}",
    ):
        Word2Vec(PAIR, **{**TINY, argument: value})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"negative": 0}, "hs=0, negative=0: one of them must be above 0"),
        ({"negative": 65}, "negative is 65; it must be an integer from 0 to 64"),
        ({"sample": 5}, "sample is 5; it must be a number from 0 to 1"),
        ({"workers": 0}, "workers is 0; it must be an integer from 1 to 1024"),
        ({"trim_rule": min}, "trim_rule and callbacks have no effect without a corpus"),
    ],
)
def test_arguments_without_a_corpus_are_checked(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Word2Vec(**options)


@pytest.mark.parametrize(
    ("argument", "value"),
    [("sg", "cbow"), ("sg", 2), ("hs", 7), ("seed", -1), ("min_count", 2.5), ("epochs", 1.5)],
)
def test_arguments_out_of_range(argument: str, value: Any) -> None:
    with pytest.raises(ConfigError, match=f"{argument} is {value!r}; it must be "):
        Word2Vec([["a", "b"]] * 20, **{"min_count": 1, "vector_size": 4, argument: value})


def test_limits_are_those_of_training() -> None:
    limits = {"vector_size": 4096, "window": 1_000_000, "negative": 64, "threads": 1024}
    for name, most in limits.items():
        allowed: dict[str, Any] = {name: most}
        above: dict[str, Any] = {name: most + 1}
        TrainConfig(**allowed)
        with pytest.raises(ConfigError):
            TrainConfig(**above)
        with pytest.raises(ConfigError, match=f"to {most}$"):
            Word2Vec(**({"workers": most + 1} if name == "threads" else above))


def test_numbers_of_other_types_are_accepted_where_gensim_accepts_them(tmp_path: Path) -> None:
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
    assert numeric_arguments(vars(Word2Vec.load(tmp_path / "model"))) == numeric_arguments(
        vars(ours)
    )
    assert {type(value) for value in numeric_arguments(vars(ours)).values()} == {
        int,
        float,
        bool,
        type(None),
    }


def test_each_epoch_gets_its_part_of_the_falling_learning_rate() -> None:
    settings = vars(Word2Vec(alpha=0.05, min_alpha=0.01, epochs=4, seed=7))
    first, last = (train_config(settings, epoch) for epoch in (0, 3))
    assert (first.alpha, first.min_alpha) == pytest.approx((0.05, 0.04))
    assert (last.alpha, last.min_alpha) == pytest.approx((0.02, 0.01))
    assert (first.epochs, first.seed) == (1, 7)
    assert train_config({**settings, "epochs_trained": 3}).seed == 10


@pytest.mark.parametrize(
    "corpus",
    [[{"a": 1, "b": 2}] * 20, [("a", "b")] * 20, [np.array(["a", "b"])] * 20, [{"a"}, {"b", "a"}]],
)
def test_sentences_may_be_any_sized_iterable(corpus: Any) -> None:
    assert set(Word2Vec(corpus, **TINY).wv.index_to_key) == {"a", "b"}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Word2Vec("text"), r"sentences is 'text'; .*corpus_file, .*splitlines"),
        (
            lambda: Word2Vec([(word for word in "ab")]),  # type: ignore[list-item]
            r"a sentence is <generator .*convert generators with list",
        ),
        (
            lambda: Word2Vec(["a text"], min_count=1),
            "a sentence is 'a text'; it must be a list of tokens: split text",
        ),
        (lambda: Word2Vec().build_vocab(), "no corpus was given; give either corpus_iterable"),
        (lambda: Word2Vec(PAIR, "text"), "two corpora were given; give either"),
    ],
)
def test_a_corpus_must_be_lists_of_tokens_or_a_file(call: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        call()


def test_a_line_sentence_that_cuts_lines_is_read_by_gensim(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("a b c d e f\n" * 20)
    cut = Word2Vec(
        LineSentence(str(tmp_path / "text"), max_sentence_length=3),
        min_count=1,
        vector_size=4,
        epochs=1,
    )
    assert cut.corpus_count == 40


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ({"a": -1, "b": 3}, r"word_freq\['a'\] is -1; "),
        ([("a", 1)], "word_freq is .*; it must be a dict of words"),
        ({1: -2}, r"word_freq\[1\] is -2; "),
    ],
)
def test_counts_must_be_a_dict_of_words(counts: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Word2Vec().build_vocab_from_freq(counts)


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


def test_a_word_that_has_no_utf_8() -> None:
    with pytest.raises(ConfigError, match="which UTF-8 cannot encode; leave it out"):
        Word2Vec().build_vocab_from_freq({"a": 5, "\ud800": 4})
