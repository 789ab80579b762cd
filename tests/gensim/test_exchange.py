"""Models that are saved, loaded, and moved between skipgram and gensim."""

from __future__ import annotations

import io
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drop_in import PAIR, SMALL, TINY, WORDS, fill_vectors, purity
from gensim.models import FastText
from gensim.models import KeyedVectors as TheirVectors
from gensim.models import Word2Vec as Theirs
from gensim.test.utils import common_texts

import skipgram
from skipgram import model_file
from skipgram.errors import (
    ConfigError,
    FormatError,
    MissingExtraError,
    NotOfferedError,
    NotReadyError,
    OtherModelError,
    OutputError,
    WrongTypeError,
)
from skipgram.gensim import KeyedVectors, Word2Vec


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


def test_a_comment_that_is_not_json_cannot_be_saved(tmp_path: Path) -> None:
    model = Word2Vec(PAIR, **TINY, comment=float("nan"))  # type: ignore[arg-type]
    with pytest.raises(WrongTypeError, match="comment is nan, which cannot be saved"):
        model.save(tmp_path / "model")


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
    with pytest.raises(FormatError, match=r"is neither a model nor .*with skipgram.load"):
        Word2Vec.load(tmp_path / "text")
    embeddings = skipgram.train([["a", "b"]] * 20, min_count=1, vector_size=4, sample=0)
    for name in ("other", "other.safetensors"):
        embeddings.save(tmp_path / name)
        with pytest.raises(OtherModelError, match=r"was not saved by Word2Vec.save of .*skipgram"):
            Word2Vec.load(tmp_path / name)
    fill_vectors(TheirVectors).save(str(tmp_path / "theirs"))
    with pytest.raises(
        AttributeError, match="is not a Word2Vec of a gensim that the installed one reads"
    ) as caught:
        Word2Vec.load(tmp_path / "theirs")
    assert type(caught.value) is OtherModelError
    (tmp_path / "theirs").write_bytes((tmp_path / "theirs").read_bytes()[:-50])
    with pytest.raises(FormatError, match="cannot be read as gensim's Word2Vec"):
        Word2Vec.load(tmp_path / "theirs")
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


@pytest.mark.parametrize("old", ["empty", "gensim's", "text", "model directory"])
def test_saving_replaces_a_file_of_any_kind(old: str, model: Word2Vec, tmp_path: Path) -> None:
    path = tmp_path / "word2vec.model"
    if old == "model directory":
        skipgram.Embeddings(["a"], [[1.0]]).save(path)
    elif old == "gensim's":
        Theirs(common_texts, min_count=1).save(str(path))
    else:
        path.write_text("years of text" if old == "text" else "")
    model.save(path)
    assert path.is_file()
    assert Word2Vec.load(path).wv.index_to_key == model.wv.index_to_key
    assert [entry.name for entry in tmp_path.iterdir()] == ["word2vec.model"]


def test_a_directory_that_is_no_model_is_kept(model: Word2Vec, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("years of text")
    for save in (model.save, fill_vectors(KeyedVectors).save):
        with pytest.raises(OutputError, match=r"will not replace .* it holds 'notes.txt'"):
            save(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["notes.txt"]


def test_a_model_is_a_file_as_programs_expect(model: Word2Vec, tmp_path: Path) -> None:
    with tempfile.NamedTemporaryFile(dir=tmp_path, delete=False) as temporary:  # gensim's tutorial
        model.save(temporary.name)
    assert Path(temporary.name).is_file()
    shutil.copy(temporary.name, tmp_path / "copy")
    Path(temporary.name).unlink()
    again = Word2Vec.load(str(tmp_path / "copy"))
    assert again.wv.vectors.tobytes() == model.wv.vectors.tobytes()
    assert again.syn1neg.tobytes() == model.syn1neg.tobytes()
    for kind in (KeyedVectors.load, skipgram.load):
        words = kind(tmp_path / "copy")
        np.testing.assert_array_equal(words["c3"], model.wv["c3"])
    model.wv.save(str(tmp_path / "copy"))
    for kind in (KeyedVectors.load, skipgram.load):
        words = kind(tmp_path / "copy")
        np.testing.assert_array_equal(words["c3"], model.wv["c3"])


@pytest.mark.parametrize("options", [{}, {"sep_limit": 0}], ids=["one file", "files beside it"])
def test_vectors_that_gensims_class_saved_are_read(
    options: dict[str, Any], model: Word2Vec, tmp_path: Path
) -> None:
    assert type(model.wv) is TheirVectors
    model.wv.save(str(tmp_path / "vectors"), **options)
    ours = KeyedVectors.load(tmp_path / "vectors")
    np.testing.assert_array_equal(ours.vectors, model.wv.vectors)
    np.testing.assert_array_equal(ours.expandos["count"], model.wv.expandos["count"])
    embeddings = skipgram.load(tmp_path / "vectors")
    assert embeddings.words == model.wv.index_to_key
    np.testing.assert_array_equal(embeddings.input, model.wv.vectors)


def test_saving_to_an_open_file(model: Word2Vec, tmp_path: Path) -> None:
    vectors = fill_vectors(KeyedVectors)
    memory = io.BytesIO()
    model.save(memory)
    (tmp_path / "model").write_bytes(memory.getvalue())
    with (tmp_path / "vectors").open("wb") as file:
        vectors.save(file)
    assert Word2Vec.load(tmp_path / "model").wv.vectors.tobytes() == model.wv.vectors.tobytes()
    assert KeyedVectors.load(tmp_path / "vectors").index_to_key == WORDS
    with (
        tempfile.NamedTemporaryFile("w", dir=tmp_path) as text,
        pytest.raises(WrongTypeError, match=r"fname_or_handle is .*; it must be a path, or a file"),
    ):
        model.save(text)
    for wrong in (io.StringIO(), 5, None):
        with pytest.raises(WrongTypeError, match="that is open for writing bytes"):
            vectors.save(wrong)


def test_a_model_directory_of_an_earlier_version_is_read(model: Word2Vec, tmp_path: Path) -> None:
    model.save(tmp_path / "file")
    skipgram.load(tmp_path / "file").save(tmp_path / "directory")
    again = Word2Vec.load(tmp_path / "directory")
    assert again.wv.vectors.tobytes() == model.wv.vectors.tobytes()
    assert again.syn1neg.tobytes() == model.syn1neg.tobytes()
    assert KeyedVectors.load(tmp_path / "directory").index_to_key == model.wv.index_to_key


def test_a_model_file_without_its_parts(model: Word2Vec, tmp_path: Path) -> None:
    model.save(tmp_path / "model")
    whole = skipgram.load(tmp_path / "model")
    part = skipgram.Embeddings(
        whole.words, whole.input, counts=whole.counts, training=whole.training
    )
    nodes = np.zeros((3, whole.vector_size), np.float32)
    model_file.save(part, tmp_path / "nodes", tree={"nodes": nodes})
    with pytest.raises(FormatError, match=r"nodes has shape \(3, 16\) instead of"):
        Word2Vec.load(tmp_path / "nodes")
    model_file.save(part, tmp_path / "output")
    again = Word2Vec.load(tmp_path / "output")
    assert again.wv.index_to_key == model.wv.index_to_key
    with pytest.raises(NotReadyError, match="output vectors"):
        again.predict_output_word(["c3"])


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


def test_load_is_a_method_of_the_class(model: Word2Vec, tmp_path: Path) -> None:
    model.save(tmp_path / "model")
    message = "this Word2Vec has no attribute 'load': it returns a new model; call it on the class"
    with pytest.raises(AttributeError, match=message):
        model.load(tmp_path / "model")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("frozen", "abc", "frozen is 'abc', not a list of rows"),
        ("frozen", [99], "frozen holds a row outside 0 to 39"),
        ("frozen", [-1], "frozen holds a row outside 0 to 39"),
        ("train_count", "x", "train_count is 'x', not a number"),
        ("min_alpha_yet_reached", None, "min_alpha_yet_reached is None, not a number"),
        ("vector_size", 8, "vector_size is 8, but vectors have 16"),
        ("window", "wide", "window is 'wide'"),
    ],
)
def test_settings_in_a_file_are_checked(
    model: Word2Vec, name: str, value: object, message: str, tmp_path: Path
) -> None:
    model.save(tmp_path / "model")
    parts, tensors = model_file.load(tmp_path / "model")
    parts.training["gensim"][name] = value
    model_file.save(parts, tmp_path / "broken", tree=tensors)
    with pytest.raises(FormatError, match=message):
        Word2Vec.load(tmp_path / "broken")
    del parts.training["gensim"]["window"]
    model_file.save(parts, tmp_path / "broken", tree=tensors)
    with pytest.raises(FormatError, match="it lacks window"):
        Word2Vec.load(tmp_path / "broken")


def test_keys_that_are_equal_are_refused(tmp_path: Path) -> None:
    Word2Vec([[1, 2, 3]] * 20, **TINY).save(tmp_path / "model")
    parts, tensors = model_file.load(tmp_path / "model")
    parts.words[:2] = ["1", "1.0"]
    model_file.save(parts, tmp_path / "broken", tree=tensors)
    with pytest.raises(FormatError, match="two of its keys are equal"):
        Word2Vec.load(tmp_path / "broken")


class Slow(io.RawIOBase):
    """A file that takes a hundred bytes at a time, as pipes may."""

    def __init__(self) -> None:
        super().__init__()
        self.content = b""

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.content += bytes(data[:100])
        return min(len(data), 100)


def test_a_file_that_takes_less_than_it_is_given(model: Word2Vec, tmp_path: Path) -> None:
    slow: Any = Slow()
    model.save(slow)
    (tmp_path / "model").write_bytes(slow.content)
    assert Word2Vec.load(tmp_path / "model").wv.vectors.tobytes() == model.wv.vectors.tobytes()
    closed = io.BytesIO()
    closed.close()
    with pytest.raises(OutputError, match=r"cannot write to .*closed file"):
        model.save(closed)


def test_the_home_directory(model: Word2Vec, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    model.save("~/model")
    assert (tmp_path / "model").is_file()
    assert len(Word2Vec.load("~/model").wv) == len(model.wv)


def test_frozen_words_move_to_gensim() -> None:
    model = Word2Vec(PAIR, **TINY)
    model.wv.vectors_lockf = np.array([0, 1], np.float32)
    theirs = model.to_gensim()
    row = theirs.wv.key_to_index[model.wv.index_to_key[0]]
    assert theirs.wv.vectors_lockf[row] == 0
    assert theirs.wv.vectors_lockf.sum() == 1


def test_what_is_recorded_is_what_was_given(tmp_path: Path) -> None:
    options: dict[str, Any] = {"epochs": 7, "seed": 42, "alpha": 0.05, "min_count": 1, "sg": 1}
    Word2Vec(PAIR, vector_size=4, sample=0, **options).save(tmp_path / "model")
    recorded = skipgram.load(tmp_path / "model").training["config"]
    assert [recorded[name] for name in ("epochs", "seed", "alpha", "min_count")] == [7, 42, 0.05, 1]
    assert (recorded["min_alpha"], recorded["step_per"]) == (0.0001, "word")
