"""Training: callbacks, learning rates, further training, and models that cannot be trained."""

from __future__ import annotations

import copy
import logging
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest
from drop_in import ONCE, PAIR, SMALL, TINY, purity
from gensim.models import Word2Vec as Theirs
from gensim.models.callbacks import CallbackAny2Vec

from skipgram.config import TrainConfig
from skipgram.corpus.build import encode_corpus
from skipgram.errors import (
    ConfigError,
    CorpusError,
    NothingToTrainError,
    SkipgramWarning,
)
from skipgram.event_texts import describe
from skipgram.gensim import Word2Vec
from skipgram.gensim.training import train_epoch
from skipgram.gensim.weights import Weights
from skipgram.threads import run_aside, send_notice
from skipgram.training.events import CompileStarted
from skipgram.training.trainer import Trainer


def test_callbacks_see_the_model_as_it_learns(
    planted_sentences: list[list[str]], model: Word2Vec
) -> None:
    class Watch(CallbackAny2Vec):  # type: ignore[misc]
        def __init__(self) -> None:
            self.calls: list[str] = []
            self.losses: list[float] = []
            self.vectors: list[np.ndarray] = []

        def on_train_begin(self, model: Any) -> None:
            self.calls.append("train begin")

        def on_epoch_begin(self, model: Any) -> None:
            self.calls.append("begin")

        def on_epoch_end(self, model: Any) -> None:
            self.calls.append("end")
            self.losses.append(model.get_latest_training_loss())
            self.vectors.append(model.wv.vectors.copy())

        def on_train_end(self, model: Any) -> None:
            self.calls.append("train end")

    watch = Watch()
    watched = Word2Vec(planted_sentences, sg=1, callbacks=[watch], compute_loss=True, **SMALL)
    assert watch.calls == ["train begin", *["begin", "end"] * 12, "train end"]
    assert watched.wv.vectors.tobytes() == model.wv.vectors.tobytes()  # callbacks change nothing
    epochs = np.diff([0.0, *watch.losses])
    pairs = 2000 * sum(2 * min(5, n) - 0 for n in range(8)) / 2  # about: windows shrink
    assert 0 < min(epochs[1:]) < epochs[0] < pairs * 6 * np.log(2)
    assert len({vectors.tobytes() for vectors in watch.vectors}) == 12
    assert model.get_latest_training_loss() == 0


def test_the_learning_rate_ends_at_min_alpha(
    planted_sentences: list[list[str]],
) -> None:
    model = Word2Vec(planted_sentences, **{**SMALL, "epochs": 2, "min_alpha": 0.02})
    assert model.min_alpha_yet_reached == pytest.approx(0.02)
    model.train(
        planted_sentences, total_examples=1, epochs=1, start_alpha=0.01, end_alpha=0.03
    )  # as gensim: 0.03 throughout
    assert model.min_alpha_yet_reached == pytest.approx(0.03)


def test_copies_train_as_the_model_does() -> None:
    choices: list[dict[str, Any]] = [{}, {"hs": 1, "negative": 0}]
    for options in choices:
        model = Word2Vec(PAIR, **TINY, **options)
        copies = [copy.deepcopy(model), pickle.loads(pickle.dumps(model))]
        for each in (model, *copies):
            each.train(PAIR, total_examples=20, epochs=1)
        assert {each.wv.vectors.tobytes() for each in copies} == {model.wv.vectors.tobytes()}


def test_an_epoch_writes_into_the_given_matrices() -> None:
    matrix, output = np.full((2, 4), 0.1, np.float32), np.zeros((2, 4), np.float32)
    weights = Weights(matrix, output, None, None, np.zeros(0, np.int64))
    config = TrainConfig(vector_size=4, epochs=1, sample=0, threads=1)
    with encode_corpus(PAIR, min_count=1) as corpus:
        result = train_epoch(corpus, config, weights, 0)
    assert result.effective_words == 40
    assert result.loss > 0
    assert output.any()
    assert not np.allclose(matrix, 0.1)


def test_an_epoch_without_pairs_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    model = Word2Vec(PAIR, **TINY)
    before = model.wv.vectors.copy()
    with caplog.at_level(logging.WARNING):
        assert model.train([["a"]], **ONCE) == (0, 1)
    assert "epoch 1 trained nothing" in caplog.text
    np.testing.assert_array_equal(model.wv.vectors, before)


def test_a_corpus_of_unknown_words_is_named(caplog: pytest.LogCaptureFixture) -> None:
    model = Word2Vec([[1, 2]] * 20, **TINY)
    with caplog.at_level(logging.WARNING):
        assert model.train([["1", "2"]] * 5, **ONCE) == (0, 10)
    assert "none of the words is in the vocabulary, in which 1 and '1' are different" in caplog.text


def test_each_epoch_is_logged(
    planted_sentences: list[list[str]], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        Word2Vec(planted_sentences, **{**SMALL, "epochs": 2})
    messages = [each.getMessage() for each in caplog.records]
    said = [message for message in messages if message.startswith("epoch")]
    assert [line.split(" s: ")[0].rsplit(" ", 1)[0] for line in said] == [
        f"epoch {number}: 16000 words, 16000 after subsampling, in" for number in (1, 2)
    ]
    assert said[0].endswith(" words/s")


def test_compiling_is_logged(
    planted_sentences: list[list[str]],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def train(trainer: Trainer) -> NoReturn:
        run_aside(lambda: send_notice("chunk.train_chunk"))
        raise NothingToTrainError("enough")

    monkeypatch.setattr(Trainer, "train", train)
    with caplog.at_level(logging.INFO):
        Word2Vec(planted_sentences, **{**SMALL, "epochs": 1})
    said = describe(CompileStarted("the training code", 2, 10))
    assert [each.getMessage() for each in caplog.records].count(said) == 1


@pytest.mark.parametrize("negative", [0, 5])
def test_hierarchical_softmax_trains_further(
    planted_sentences: list[list[str]], negative: int, tmp_path: Path
) -> None:
    options = {**SMALL, "epochs": 1, "hs": 1, "negative": negative}
    model = Word2Vec(planted_sentences, compute_loss=True, **options)
    first = model.get_latest_training_loss()
    model.save(tmp_path / "model")
    loaded = Word2Vec.load(tmp_path / "model")
    np.testing.assert_array_equal(loaded.syn1, model.syn1)
    for each in (model, loaded):
        each.train(planted_sentences, total_examples=2000, epochs=1, compute_loss=True)
        assert each.get_latest_training_loss() < 0.97 * first


@pytest.mark.parametrize("sg", [0, 1])
def test_both_objectives_have_the_loss_of_gensim(
    planted_sentences: list[list[str]], sg: int, caplog: pytest.LogCaptureFixture
) -> None:
    options = {**SMALL, "sg": sg, "hs": 1, "negative": 5, "epochs": 3, "compute_loss": True}
    with caplog.at_level(logging.WARNING):
        ours = Word2Vec(planted_sentences, **options)
    assert "Both hierarchical softmax and negative sampling are activated." in caplog.text
    theirs = Theirs(planted_sentences, **options)
    assert ours.syn1.shape == ours.syn1neg.shape == ours.wv.vectors.shape
    assert ours.syn1[:-1].any()
    assert ours.syn1neg.any()
    both = ours.running_training_loss, theirs.get_latest_training_loss()
    assert both[0] == pytest.approx(both[1], rel=0.05)
    assert purity(ours.wv) > 0.95


def test_new_words_with_hierarchical_softmax(planted_sentences: list[list[str]]) -> None:
    model = Word2Vec(planted_sentences, **SMALL, hs=1, negative=5)
    known, output = model.wv["a1"].copy(), model.syn1neg[:40].copy()
    more = [["new", "a1", "a2", "a3"]] * 50
    model.build_vocab(more, update=True)
    np.testing.assert_array_equal(model.wv["a1"], known)
    np.testing.assert_array_equal(model.syn1neg[:40], output)
    assert model.syn1.shape == (41, SMALL["vector_size"])
    assert not model.syn1.any()  # another tree, whose nodes are not trained yet
    model.train(more, total_examples=50, epochs=20)
    assert {word[0] for word, _ in model.wv.most_similar("new", topn=3)} == {"a"}


def test_read_only_vectors_are_rejected() -> None:
    model = Word2Vec(PAIR, **TINY)
    model.wv.vectors.setflags(write=False)
    with pytest.raises(ConfigError, match=r"wv.vectors is read-only; .*wv.vectors.copy"):
        model.train(PAIR, **ONCE)


def test_arguments_of_train_that_are_missing(
    model: Word2Vec, planted_sentences: list[list[str]]
) -> None:
    cases: list[tuple[Callable[[], object], str]] = [
        (
            lambda: model.train(planted_sentences, total_examples=1),
            "epochs is missing; .*epochs=model.epochs",
        ),
        (lambda: model.train(planted_sentences, epochs=1), "total_examples=model.corpus_count"),
        (lambda: model.train(**ONCE), "give either corpus_iterable"),
    ]
    for call, message in cases:
        with pytest.raises(ConfigError, match=message):
            call()


def test_a_learning_rate_that_rises_again_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    model = Word2Vec(PAIR, **TINY)
    said = "Effective 'alpha' higher than previous training cycles: "
    assert not [line for line in caplog.messages if line.startswith(said)]
    model.train(PAIR, **ONCE)
    assert [line for line in caplog.messages if line.startswith(said)]


def test_words_that_are_not_utf_8_are_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes("café au lait\nthé au lait\n".encode("latin-1") * 9)
    with pytest.warns(SkipgramWarning) as caught:
        model = Word2Vec(corpus_file=str(path), vector_size=4, min_count=1, sample=0)
    assert [str(each.message) for each in caught] == [
        f"18 words are not UTF-8 and were dropped (the first is in {path}, line 1); read the text "
        "in its encoding, as in open(path, encoding='latin-1')"
    ]
    assert caught[0].filename == __file__
    assert model.wv.index_to_key == ["au", "lait"]
    with path.open(encoding="latin-1") as file:
        model = Word2Vec([line.split() for line in file], vector_size=4, min_count=1, sample=0)
    assert len(model.wv) == 4
    path.write_bytes("été\n".encode("latin-1") * 9)
    with pytest.raises(CorpusError, match=r"no words .*; 9 words are not UTF-8; read the text in"):
        Word2Vec(corpus_file=str(path))
