"""Models that are saved, loaded, and moved between skipgram and gensim."""

from __future__ import annotations

import pickle
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drop_in import PAIR, SMALL, TINY, purity
from gensim.models import FastText
from gensim.models import Word2Vec as Theirs
from gensim.test.utils import common_texts

import skipgram
from skipgram.errors import (
    ConfigError,
    FormatError,
    MissingExtraError,
    NotOfferedError,
    OutputError,
    WrongTypeError,
)
from skipgram.gensim import Word2Vec


def test_models_move_both_ways(
    planted_sentences: list[list[str]], model: Word2Vec, tmp_path: Path
) -> None:
    theirs = model.to_gensim()
    assert isinstance(theirs, Theirs)
    for word in model.wv.index_to_key:
        np.testing.assert_array_equal(theirs.wv[word], model.wv[word])
    assert theirs.train(planted_sentences, total_examples=2000, epochs=1)[0] == 16_000
    assert purity(theirs.wv) > 0.95
    theirs.save(str(tmp_path / "theirs.model"))
    for back in (Word2Vec.from_gensim(theirs), Word2Vec.load(tmp_path / "theirs.model")):
        assert (back.sg, back.alpha, back.epochs, back.corpus_count) == (
            theirs.sg,
            theirs.alpha,
            theirs.epochs,
            2000,
        )
        np.testing.assert_array_equal(back.wv["c3"], theirs.wv["c3"])
        np.testing.assert_array_equal(back.syn1neg, theirs.syn1neg)
        assert back.train(planted_sentences, total_examples=2000, epochs=1)[0] == 16_000
        assert purity(back.wv) > 0.95
        assert not np.array_equal(back.wv["c3"], theirs.wv["c3"])  # a copy


def test_a_model_with_limited_words_moves_to_gensim() -> None:
    model = Word2Vec(PAIR, **TINY, max_final_vocab=2)
    model.build_vocab([["c", "d", "d"]] * 30, update=True)
    theirs = model.to_gensim()
    assert set(theirs.wv.index_to_key) == set("abcd")
    assert (theirs.max_final_vocab, theirs.min_count) == (2, 1)
    model.seed = 2**32
    with pytest.raises(
        ConfigError,
        match=r"seed is 4294967296; gensim allows at most 4294967295; lower model.seed",
    ):
        model.to_gensim()


@pytest.mark.parametrize(
    "option",
    [{"null_word": 1}, {"sorted_vocab": 0}, {"hashfxn": len}, {"max_vocab_size": 100}],
    ids=str,
)
def test_settings_that_are_not_copied_are_named(option: dict[str, Any], tmp_path: Path) -> None:
    theirs = Theirs([["a", "b", "b"]] * 20, **TINY, **option)
    with pytest.warns(
        UserWarning,
        match=f"from_gensim did not copy what skipgram does not support: {next(iter(option))}=",
    ):
        ours = Word2Vec.from_gensim(theirs)
    assert ours.wv.index_to_key == theirs.wv.index_to_key
    assert ours.train([["a", "b", "b"]] * 20, total_examples=20, epochs=1)[1] == 60
    theirs.wv.set_vecattr("a", "colour", 3)
    theirs.save(str(tmp_path / "model"))
    if option != {"hashfxn": len}:  # which gensim does not pickle
        with pytest.warns(UserWarning, match="the words' attribute 'colour'"):
            Word2Vec.load(tmp_path / "model")


def test_only_gensims_word2vec_is_copied() -> None:
    sentences = [["a", "b", "c"]] * 20
    model = FastText(sentences, vector_size=4, min_count=1, epochs=1, workers=1)
    with pytest.raises(ConfigError, match="takes a gensim Word2Vec, not FastText"):
        Word2Vec.from_gensim(model)


@pytest.mark.parametrize("negative", [0, 5])
def test_hierarchical_softmax_moves_both_ways(
    planted_sentences: list[list[str]], negative: int
) -> None:
    """gensim joins words of equal counts in another order, so the tree moves too."""
    options = {**SMALL, "hs": 1, "negative": negative, "epochs": 2}
    theirs = Theirs(planted_sentences, **options)
    ours = Word2Vec.from_gensim(theirs)
    back = ours.to_gensim()
    rows = [theirs.wv.key_to_index[word] for word in back.wv.index_to_key]
    for name in ("code", "point"):
        pairs = zip(back.wv.expandos[name], theirs.wv.expandos[name][rows], strict=True)
        assert all(np.array_equal(mine, given) for mine, given in pairs)
    np.testing.assert_array_equal(back.syn1, theirs.syn1)
    text = planted_sentences[:20]
    np.testing.assert_array_equal(back.score(text, 20), theirs.score(text, 20))
    # gensim reads the logistic function from a table of 1,000 values.
    np.testing.assert_allclose(ours.score(text), theirs.score(text, 20), rtol=0.04)
    before = ours.score(text).sum()
    ours.train(planted_sentences, total_examples=2000, epochs=2)
    assert ours.score(text).sum() > before
    assert purity(ours.wv) > 0.95


def test_frozen_words_of_gensim_stay_frozen() -> None:
    locked = Theirs(PAIR, **TINY)
    locked.wv.vectors_lockf = np.array([1, 0], np.float32)
    ours = Word2Vec.from_gensim(locked)
    assert ours.wv.vectors_lockf.tolist() == [1, 0]


def test_a_loaded_model_trains_further(planted_sentences: list[list[str]], tmp_path: Path) -> None:
    model = Word2Vec(planted_sentences, comment="kept", **SMALL)
    model.save(tmp_path / "model")
    embeddings = skipgram.load(tmp_path / "model")
    assert embeddings.training["config"]["architecture"] == "cbow"
    loaded = Word2Vec.load(str(tmp_path / "model"))
    assert (loaded.comment, loaded.train_count, loaded.epochs_trained) == ("kept", 1, 12)
    for each in (model, loaded):
        each.train(planted_sentences, total_examples=2000, epochs=1)
    assert loaded.wv.vectors.tobytes() == model.wv.vectors.tobytes()


def test_a_model_that_cannot_be_saved(tmp_path: Path) -> None:
    model = Word2Vec(PAIR, **TINY, comment=object())  # type: ignore[arg-type]
    with pytest.raises(
        WrongTypeError,
        match=r"comment is <object .*, which cannot be saved; set model.comment to a string",
    ):
        model.save(tmp_path / "model")
    model.comment = None
    model.wv.set_vecattr("a", "colour", 3)
    with pytest.raises(
        NotOfferedError, match="saving the word attribute 'colour' is not supported"
    ):
        model.save(tmp_path / "model")
    del model.wv.expandos["colour"]
    with pytest.raises(OutputError, match="the path to write is empty; give a file or directory"):
        model.save("")


@pytest.mark.parametrize("part", ["wv", "syn1neg"])
def test_a_model_that_gensim_saved_without_a_part(part: str, tmp_path: Path) -> None:
    Theirs(PAIR, **TINY).save(str(tmp_path / part), ignore=[part])
    with pytest.raises(ConfigError, match=f"no .*{part}"):
        Word2Vec.load(tmp_path / part)


def test_what_is_not_a_model_is_not_loaded(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("two words\n")
    with pytest.raises(FormatError, match=r"is neither a model directory nor .*with skipgram.load"):
        Word2Vec.load(tmp_path / "text")
    skipgram.train([["a", "b"]] * 20, min_count=1, vector_size=4, sample=0).save(tmp_path / "other")
    with pytest.raises(FormatError, match=r"not saved by skipgram.gensim; read it with skipgram"):
        Word2Vec.load(tmp_path / "other")
    with pytest.raises(
        FormatError, match=r"there is no file or directory .*nowhere.*check the path"
    ):
        Word2Vec.load(tmp_path / "nowhere")
    wv = Word2Vec(PAIR, **TINY).wv
    with pytest.raises(OSError, match="nowhere"):
        type(wv).load(str(tmp_path / "nowhere"))


@pytest.mark.usefixtures("without_gensim")
def test_moving_models_needs_gensim(tmp_path: Path) -> None:
    model = Word2Vec(PAIR, **TINY)
    (tmp_path / "theirs").write_bytes(b"\x80\x04 gensim.models.word2vec")
    for act in (model.to_gensim, lambda: Word2Vec.load(tmp_path / "theirs")):
        with pytest.raises(
            MissingExtraError, match=r"needs an optional package .*pip install gensim"
        ):
            act()


def test_saving_replaces_what_gensim_saved(model: Word2Vec, tmp_path: Path) -> None:
    path = tmp_path / "word2vec.model"
    for earlier in (
        lambda: path.touch(),
        lambda: Theirs(common_texts, min_count=1).save(str(path)),
    ):
        earlier()
        model.save(path)
        assert Word2Vec.load(path).wv.index_to_key == model.wv.index_to_key
        shutil.rmtree(path)
    for other in (
        b"years of text",
        pickle.dumps({"results": [1, 2], "model": Theirs(common_texts, min_count=1)}),
    ):
        path.write_bytes(other)
        with pytest.raises(OutputError, match="will not replace"):
            model.save(path)
        assert path.read_bytes() == other


def test_what_gensim_saved_is_kept_if_saving_fails(
    model: Word2Vec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "word2vec.model"
    Theirs(common_texts, min_count=1).save(str(path))
    before = path.read_bytes()

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OutputError, match="No space left"):
        model.save(path)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["word2vec.model"]
