"""What gensim has and `skipgram.gensim` does not: each raises an error that says what to do."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drop_in import ONCE, PAIR, TINY
from gensim.models import Word2Vec as Theirs

from skipgram.errors import NotOfferedError, SkipgramWarning, WrongTypeError
from skipgram.gensim import KeyedVectors, Word2Vec
from skipgram.gensim.unsupported import INTERNALS, MODEL_METHODS, VECTORS_METHODS


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"null_word": 1}, "null_word=1 is not supported: .*leave it out"),
        ({"sorted_vocab": 0}, "sorted_vocab=0 is not supported: .*leave it out"),
        ({"hashfxn": len}, "hashfxn=.* is not supported: .*give seed"),
        (
            {"max_vocab_size": 10},
            "max_vocab_size=10 is not supported: .*give max_final_vocab or min_count",
        ),
    ],
)
def test_unsupported_arguments_of_a_model(options: dict[str, Any], message: str) -> None:
    with pytest.raises(NotOfferedError, match=message):
        Word2Vec(**options)


def test_unsupported_arguments_of_a_models_methods(
    model: Word2Vec, planted_sentences: list[list[str]], tmp_path: Path
) -> None:
    calls: list[tuple[Any, str]] = [
        (
            lambda: model.train(planted_sentences, **ONCE, word_count=5),
            "word_count=5 is not supported: .*start_alpha",
        ),
        (lambda: model.save(tmp_path / "new", ignore=["wv"]), "ignore=.* is not supported"),
    ]
    for call, message in calls:
        with pytest.raises(NotOfferedError, match=message):
            call()
    with pytest.raises(WrongTypeError, match="unknown argument size=5"):
        model.train(planted_sentences, **ONCE, size=5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"size": 100}, "unknown argument size=100; gensim 4 renamed it: give vector_size=100"),
        ({"iter": 3}, "unknown argument iter=3; gensim 4 renamed it: give epochs=3"),
        ({"threads": 2}, "threads=2; that is its name in gensim: give workers=2"),
        ({"windw": 3}, "unknown argument windw=3; did you mean window?"),
        ({"zzz": 3}, "unknown argument zzz=3; leave it out"),
    ],
)
def test_arguments_with_other_names_are_explained(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError, match=re.escape(message)) as caught:
        Word2Vec([["a", "b"]], **arguments)
    assert isinstance(caught.value, WrongTypeError)


def test_old_names_of_a_models_methods_are_explained(
    model: Word2Vec, planted_sentences: list[list[str]]
) -> None:
    arguments: dict[str, Any] = {"sentences": [["a"]]}
    for method in (model.build_vocab, model.train):
        with pytest.raises(WrongTypeError, match=r"gensim 4 renamed it: give corpus_iterable=\["):
            method(**arguments)
    with pytest.raises(WrongTypeError, match=r"unknown argument iter=5; .*: give epochs=5"):
        model.train(planted_sentences, total_examples=9, iter=5)
    with pytest.raises(WrongTypeError, match=r"did you mean keep_raw_vocab\?"):
        model.build_vocab(planted_sentences, keep_raw=True)  # type: ignore[call-arg]
    # An argument by its new name, and one that only prepare_vocab names.
    Word2Vec(min_count=3000).build_vocab(planted_sentences, min_count=1)


def test_unsupported_arguments_of_vectors(ours: Any, tmp_path: Path) -> None:
    calls: list[Callable[[], object]] = [
        lambda: KeyedVectors(8, count=2),
        lambda: KeyedVectors(8, dtype=np.float64),
        lambda: ours.save(tmp_path / "x", ignore=[]),
    ]
    for call in calls:
        with pytest.raises(NotOfferedError, match=r"is not supported: .*; leave it out"):
            call()


def test_mmap_is_ignored_when_loading(
    model: Word2Vec, ours: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    model.save(tmp_path / "model")
    ours.save(tmp_path / "vectors")
    with caplog.at_level("INFO", "skipgram.gensim"):
        again = Word2Vec.load(tmp_path / "model", mmap="r")
        vectors = KeyedVectors.load(tmp_path / "vectors", mmap="r")
    assert np.array_equal(again.wv.vectors, model.wv.vectors)
    assert np.array_equal(vectors.vectors, ours.vectors)
    said = "mmap='r' is ignored: vectors are read into memory"
    assert [record.getMessage() for record in caplog.records] == [said, said]


def test_arguments_about_files_are_ignored_when_saving(
    model: Word2Vec, ours: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    arguments = {"separately": ["syn1neg"], "sep_limit": 0, "pickle_protocol": 4}
    with caplog.at_level("INFO", "skipgram.gensim"):
        model.save(tmp_path / "model", **arguments)
        ours.save(tmp_path / "vectors", **arguments)
    assert {path.name for path in tmp_path.iterdir()} == {"model", "vectors"}
    said = [record.getMessage() for record in caplog.records]
    assert said[:3] == said[3:]
    assert said[0] == "separately=['syn1neg'] is ignored: a model is saved as one file"


def test_unsupported_names_say_what_to_do(model: Word2Vec, ours: Any) -> None:
    for name, instead in MODEL_METHODS.items():
        message = f"Word2Vec.{name} is not supported: {instead}"
        if not instead.startswith("gensim 4"):
            message += "; if you need it, use gensim's Word2Vec"
        with pytest.raises(NotOfferedError, match=re.escape(message)):
            getattr(model, name)
        assert not hasattr(model, name)
        if "model.wv." in instead:
            assert instead.endswith(f" model.wv.{name}")
            assert callable(getattr(model.wv, name))
    for name, instead in VECTORS_METHODS.items():
        message = f"KeyedVectors.{name} is not supported: {instead}"
        if not instead.startswith("gensim 4"):  # gensim's own class lacks it as well
            message += "; if you need it, use gensim's KeyedVectors"
        with pytest.raises(NotOfferedError, match=f"^{re.escape(message)}$"):
            getattr(ours, name)


def test_unknown_names_are_attribute_errors(model: Word2Vec, ours: Any) -> None:
    each: Any
    for each in (model, ours):
        with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
            _ = each.nonsense


def test_a_subclass_that_overrides_what_only_gensim_calls_is_warned_of() -> None:
    with pytest.warns(SkipgramWarning) as caught:

        class Overriding(Word2Vec):
            def _raw_word_count(self, job: Any) -> int:
                return len(job)

            def _do_train_job(self, *arguments: Any) -> Any:
                return arguments

    assert [str(warning.message) for warning in caught] == [
        "Overriding overrides _do_train_job, _raw_word_count, which gensim calls and skipgram does "
        "not, so this has no effect; use callbacks, or gensim's Word2Vec"
    ]
    assert caught[0].filename == __file__
    assert Overriding([["a", "b"]] * 9, min_count=1, vector_size=4).wv.index_to_key == ["a", "b"]


def test_other_subclasses_are_not_warned_of() -> None:
    class Extended(Word2Vec):
        def train(self, *arguments: Any, **named: Any) -> tuple[int, int]:
            return super().train(*arguments, **named)

        def _own(self) -> None: ...

    assert issubclass(Extended, Word2Vec)


def test_what_only_gensim_calls_is_in_gensim_and_not_here() -> None:
    assert all(hasattr(Theirs, name) for name in INTERNALS)
    assert not [name for name in INTERNALS if name in vars(Word2Vec)]
    private = {name for name in vars(Theirs) if name.startswith("_") and name[1] != "_"}
    assert private - INTERNALS <= vars(Word2Vec).keys() | vars(object).keys()


def test_matrices_that_a_model_lacks() -> None:
    model = Word2Vec(PAIR, **{**TINY, "hs": 1, "negative": 0})
    with pytest.raises(AttributeError, match="'syn1neg': only a model with negative above 0"):
        model.syn1neg  # noqa: B018
    with pytest.raises(AttributeError, match="'syn1': only a model with hs=1 has it, after build"):
        Word2Vec(hs=1).syn1  # noqa: B018


def test_internals_in_a_mixin_are_named() -> None:
    class Mixin:
        def _do_train_job(self) -> None: ...

    with pytest.warns(SkipgramWarning, match="Mixed overrides _do_train_job"):

        class Mixed(Mixin, Word2Vec): ...
