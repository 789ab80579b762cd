"""The gensim drop-in beside gensim itself: the same names, the same words, models that cross both ways, and clear refusals."""

from __future__ import annotations

import inspect
import pickle
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gensim.models import FastText
from gensim.models import KeyedVectors as TheirVectors
from gensim.models import Word2Vec as Theirs
from gensim.models.callbacks import CallbackAny2Vec
from gensim.models.word2vec import LineSentence
from gensim.test.utils import common_texts

import skipgram
from skipgram.errors import (
    ConfigError,
    CorpusError,
    FormatError,
    MissingExtraError,
    NotOfferedError,
    NotReadyError,
    OutputError,
)
from skipgram.gensim import KeyedVectors, Word2Vec
from skipgram.gensim.arguments import REFUSED_METHODS
from skipgram.gensim.keyed_vectors import REFUSED_METHODS as REFUSED_OF_VECTORS

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "gensim.md").read_text()
SMALL: dict[str, Any] = {
    "vector_size": 16,
    "min_count": 1,
    "sample": 0,
    "workers": 1,
    "epochs": 12,
    "alpha": 0.05,
}


@pytest.fixture(scope="module")
def model(planted_sentences: list[list[str]]) -> Word2Vec:
    return Word2Vec(planted_sentences, sg=1, **SMALL)


@pytest.fixture
def without_gensim(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "gensim"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "gensim", None)


def purity(wv: Any) -> float:
    """The share of the nine nearest words, over all words of the planted corpus, that are of the word's own cluster."""
    near = [(word, other) for word in wv.index_to_key for other, _ in wv.most_similar(word, topn=9)]
    return float(np.mean([word[0] == other[0] for word, other in near]))


def public(kind: type) -> list[str]:
    return [name for name in dir(kind) if not name.startswith("_")]


def parameters(function: Any) -> list[str]:
    found = inspect.signature(function).parameters.values()
    return [
        each.name
        for each in found
        if each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD) and each.name != "self"
    ]


@pytest.mark.parametrize(
    ("theirs", "ours", "refused"),
    [(Theirs, Word2Vec, REFUSED_METHODS), (TheirVectors, KeyedVectors, REFUSED_OF_VECTORS)],
)
def test_every_public_method_is_there_with_its_arguments_or_refused(
    theirs: type, ours: type, refused: dict[str, str]
) -> None:
    for name in public(theirs):
        assert (name in public(ours)) != (name in refused), name
        if name not in refused:
            missing = set(parameters(getattr(theirs, name))) - set(parameters(getattr(ours, name)))
            assert not missing, (name, missing)
    assert not set(refused) & set(public(ours))


def test_arguments_and_defaults_are_gensims() -> None:
    theirs, ours = (inspect.signature(kind).parameters for kind in (Theirs, Word2Vec))
    assert list(ours) == list(theirs)
    assert {name: each.default for name, each in ours.items()} == {
        name: each.default for name, each in theirs.items()
    }


def test_every_attribute_is_there_or_refused(planted_sentences: list[list[str]]) -> None:
    theirs: Any = Theirs(planted_sentences[:50], min_count=1, sample=0)
    ours = Word2Vec(planted_sentences[:50], min_count=1, sample=0)
    for name, value in vars(theirs).items():
        if name in REFUSED_METHODS or name == "load":
            continue
        mine = getattr(ours, name)
        assert isinstance(mine, type(value)) or isinstance(value, type(mine)) or mine == value, name
        if np.isscalar(value) and name not in {"total_train_time", "min_alpha_yet_reached"}:
            assert mine == value, name
    assert ours.cum_table is not None
    np.testing.assert_array_equal(ours.cum_table[-1:], theirs.cum_table[-1:])


def test_the_document_has_a_row_for_each() -> None:
    parts = {part.split("\n")[0]: part for part in DOCUMENT.split("\n## ")}
    rows = {
        title: re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE) for title, part in parts.items()
    }
    assert rows["Arguments"] == parameters(Word2Vec)
    defaults = dict(re.findall(r"^\| `(\w+)` \| (\S+) \|", parts["Arguments"], re.MULTILINE))
    for name, each in inspect.signature(Word2Vec).parameters.items():
        assert defaults[name] == getattr(each.default, "__name__", str(each.default)), name
    assert set(rows["Methods"]) == {*public(Theirs), "from_gensim", "to_gensim"}
    assert set(re.findall(r"`(\w+)`", parts["Attributes"])) >= {
        *vars(Theirs([["a", "b"]], min_count=1, hs=1))
    } - {"load"}
    listed = dict(
        re.findall(
            r"^\| `(\w+)` \| (.*) \|$", parts["The look-alike of KeyedVectors"], re.MULTILINE
        )
    )
    assert listed == REFUSED_OF_VECTORS


def test_gensims_own_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    model = Word2Vec(sentences=common_texts, vector_size=100, window=5, min_count=1, workers=4)
    model.save("word2vec.model")
    model = Word2Vec.load("word2vec.model")
    assert model.train([["hello", "world"]], total_examples=1, epochs=1) == (0, 2)
    vector = model.wv["computer"]
    assert len(model.wv.most_similar("computer", topn=10)) == 10
    model.wv.save("word2vec.wordvectors")
    again = TheirVectors.load("word2vec.wordvectors", mmap="r")
    np.testing.assert_array_equal(again["computer"], vector)


@pytest.mark.parametrize(
    "options",
    [{"sg": 1}, {}, {"cbow_mean": 0}, {"sg": 1, "hs": 1, "negative": 0}, {"hs": 1, "negative": 0}],
    ids=str,
)
def test_every_method_learns_what_gensim_learns(
    planted_sentences: list[list[str]], options: dict[str, Any]
) -> None:
    ours, theirs = (kind(planted_sentences, **SMALL, **options) for kind in (Word2Vec, Theirs))
    assert sorted(ours.wv.index_to_key) == sorted(theirs.wv.index_to_key)
    assert purity(ours.wv) > min(0.95, purity(theirs.wv) - 0.02)
    again = Word2Vec(planted_sentences, **SMALL, **options)
    assert again.wv.vectors.tobytes() == ours.wv.vectors.tobytes()


def test_words_are_chosen_as_gensim_chooses_them() -> None:
    text = [[f"w{n}"] * 2 * (1 + n // 3) for n in range(30)] + [["keep"], ["drop"] * 90]
    rule = {"keep": 2, "drop": 1}
    choices: list[dict[str, Any]] = [{"min_count": 5}, {"min_count": 2, "max_final_vocab": 10}]
    for options in choices:
        ours, theirs = Word2Vec(**options), Theirs(**options)
        for model in (ours, theirs):
            model.build_vocab(text, trim_rule=lambda word, count, least: rule.get(word, 0))
        assert set(ours.wv.index_to_key) == set(theirs.wv.index_to_key)
        assert ours.effective_min_count == theirs.effective_min_count
        assert {word: ours.wv.get_vecattr(word, "count") for word in ours.wv.index_to_key} == {
            word: theirs.wv.get_vecattr(word, "count") for word in theirs.wv.index_to_key
        }
        more = [["w0", "new"] * 9]
        for model in (ours, theirs):
            model.build_vocab(more, update=True)
        assert set(ours.wv.index_to_key) == set(theirs.wv.index_to_key)
        assert ours.wv.get_vecattr("new", "count") == theirs.wv.get_vecattr("new", "count")
        assert ours.wv.vectors.shape == theirs.wv.vectors.shape == ours.syn1neg.shape
        assert not ours.raw_vocab


def test_a_dry_run_reports_and_changes_nothing(planted_sentences: list[list[str]]) -> None:
    ours, theirs = Word2Vec(min_count=380), Theirs(min_count=380)
    for model in (ours, theirs):
        model.scan_vocab(planted_sentences)
    report, expected = (model.prepare_vocab(dry_run=True) for model in (ours, theirs))
    assert {name: report[name] for name in expected} == expected
    assert len(ours.wv) == 0
    assert ours.estimate_memory(1000)["total"] > 2 * 1000 * 100 * 4


def test_training_in_steps_and_with_new_words(
    planted_sentences: list[list[str]], model: Word2Vec
) -> None:
    half = [sentence for sentence in planted_sentences if sentence[0][0] in "ab"]
    steps = Word2Vec(sg=1, **SMALL)
    steps.build_vocab(half)
    assert (steps.corpus_count, steps.corpus_total_words) == (len(half), 8 * len(half))
    assert steps.train(half, total_examples=steps.corpus_count, epochs=12) == (
        96 * len(half),
        96 * len(half),
    )
    row = steps.wv["a1"].copy()
    steps.build_vocab(planted_sentences, update=True)
    np.testing.assert_array_equal(steps.wv["a1"], row)
    steps.train(planted_sentences, total_words=steps.corpus_total_words, epochs=12)
    assert steps.train_count == 2
    assert steps.total_train_time > 0
    assert purity(steps.wv) > 0.95
    steps.reset_from(model)
    assert (steps.wv.index_to_key, steps.syn1neg.any()) == (model.wv.index_to_key, False)


def test_files_are_read_as_lists_are(
    planted_sentences: list[list[str]], planted_text: Path, model: Word2Vec
) -> None:
    for corpus in (
        {"corpus_file": str(planted_text)},
        {"sentences": LineSentence(str(planted_text))},
    ):
        read = Word2Vec(**corpus, sg=1, **SMALL)
        assert (read.corpus_count, read.corpus_total_words) == (2000, 16_000)
        assert read.wv.vectors.tobytes() == model.wv.vectors.tobytes()
    generator = Word2Vec((sentence for sentence in planted_sentences), sg=1, **SMALL)
    assert generator.wv.vectors.tobytes() == model.wv.vectors.tobytes()
    one = Word2Vec(LineSentence(str(planted_text), limit=100), **SMALL)
    assert one.corpus_count == 100


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
    assert watched.wv.vectors.tobytes() == model.wv.vectors.tobytes()  # who watches changes nothing
    epochs = np.diff([0.0, *watch.losses])
    pairs = 2000 * sum(2 * min(5, n) - 0 for n in range(8)) / 2  # about: windows shrink
    assert 0 < epochs[-1] < epochs[0] < pairs * 6 * np.log(2)
    assert len({vectors.tobytes() for vectors in watch.vectors}) == 12
    assert model.get_latest_training_loss() == 0


def test_the_rate_ends_at_min_alpha_and_never_falls_below(
    planted_sentences: list[list[str]],
) -> None:
    model = Word2Vec(planted_sentences, **{**SMALL, "epochs": 2, "min_alpha": 0.02})
    assert model.min_alpha_yet_reached == pytest.approx(0.02)
    model.train(
        planted_sentences, total_examples=1, epochs=1, start_alpha=0.01, end_alpha=0.03
    )  # as gensim: 0.03 throughout
    assert model.min_alpha_yet_reached == pytest.approx(0.03)


def test_models_cross_both_ways(
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


def test_a_saved_model_goes_on_and_is_a_model_directory(
    planted_sentences: list[list[str]], tmp_path: Path
) -> None:
    model = Word2Vec(planted_sentences, comment="kept", **SMALL)
    model.save(tmp_path / "model")
    embeddings = skipgram.load(tmp_path / "model")
    assert embeddings.training["config"]["architecture"] == "cbow"
    loaded = Word2Vec.load(str(tmp_path / "model"))
    assert (loaded.comment, loaded.train_count, loaded.epochs_trained) == ("kept", 1, 12)
    for each in (model, loaded):
        each.train(planted_sentences, total_examples=2000, epochs=1)
    assert loaded.wv.vectors.tobytes() == model.wv.vectors.tobytes()


def test_hierarchical_softmax_goes_on_while_it_is_in_memory(
    planted_sentences: list[list[str]], tmp_path: Path
) -> None:
    model = Word2Vec(
        planted_sentences, hs=1, negative=0, compute_loss=True, **{**SMALL, "epochs": 1}
    )
    first = model.get_latest_training_loss()
    model.train(planted_sentences, total_examples=2000, epochs=1, compute_loss=True)
    assert model.get_latest_training_loss() < 0.97 * first
    model.save(tmp_path / "model")
    loaded = Word2Vec.load(tmp_path / "model")
    with pytest.raises(NotOfferedError, match=r"hs=1 cannot be trained on.* train anew"):
        loaded.train(planted_sentences, total_examples=2000, epochs=1)
    for act in (loaded.to_gensim, lambda: model.build_vocab(planted_sentences, update=True)):
        with pytest.raises(NotOfferedError, match="hs=1"):
            act()
    with pytest.raises(NotReadyError, match="negative=5"):
        model.predict_output_word(["a1"])


def test_a_word_is_predicted_between_others(model: Word2Vec) -> None:
    answers, expected = (
        each.predict_output_word(["a1", "a2", "a3"], topn=5) for each in (model, model.to_gensim())
    )
    assert answers is not None
    assert expected is not None
    assert [word for word, _ in answers] == [word for word, _ in expected]
    assert [share for _, share in answers] == pytest.approx(
        [share for _, share in expected], rel=1e-4
    )
    assert model.predict_output_word(["nowhere"]) is None


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"null_word": 1}, "null_word=1 is not offered: .*leave it out"),
        ({"sorted_vocab": 0}, "sorted_vocab=0 is not offered: .*leave it out"),
        ({"hashfxn": len}, "hashfxn=.* is not offered: .*give seed"),
        (
            {"max_vocab_size": 10},
            "max_vocab_size=10 is not offered: .*give max_final_vocab or min_count",
        ),
        ({"hs": 1}, "hs=1, negative=5: .*give hs=1, negative=0"),
        ({"negative": 0}, "hs=0, negative=0: one of them trains"),
        ({"negative": 65}, "negative=65 is not allowed: .*at most 64"),
        ({"sample": 5}, "sample=5 is not allowed"),
        ({"workers": 0}, "workers=0 is not allowed: .*at least 1"),
        ({"trim_rule": min}, "trim_rule and callbacks have no effect without a corpus"),
    ],
)
def test_arguments_that_are_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises((ConfigError, NotOfferedError), match=said):
        Word2Vec(**options)


def test_calls_that_are_refused(
    model: Word2Vec, planted_sentences: list[list[str]], tmp_path: Path
) -> None:
    once: dict[str, Any] = {"total_examples": 1, "epochs": 1}
    refused: list[tuple[Any, str]] = [
        (
            lambda: model.train(planted_sentences, **once, word_count=5),
            "word_count=5 is not offered: .*start_alpha",
        ),
        (lambda: model.train(planted_sentences, **once, size=5), "unknown argument size=5"),
        (
            lambda: model.train(planted_sentences, total_examples=1),
            "epochs=None: .*epochs=model.epochs",
        ),
        (lambda: model.train(planted_sentences, epochs=1), "total_examples=model.corpus_count"),
        (lambda: model.train(**once), "give one of corpus_iterable"),
        (
            lambda: Word2Vec().train(planted_sentences, **once),
            "you must first build vocabulary before training the model: .*call build_vocab",
        ),
        (
            lambda: Word2Vec().build_vocab(planted_sentences, update=True),
            "call build_vocab without it first",
        ),
        (
            lambda: Word2Vec().save(tmp_path / "new"),
            "you must first build vocabulary before save: .*call build_vocab",
        ),
        (lambda: model.save(tmp_path / "new", separately=["wv"]), "separately=.* is not offered"),
        (
            lambda: Word2Vec.load(tmp_path / "new", mmap="r"),  # type: ignore[arg-type]
            "mmap='r' is not offered: .*leave it out",
        ),
        (
            lambda: Word2Vec.load(tmp_path / "nowhere"),
            "there is no file or directory .*nowhere.*check the path",
        ),
        (lambda: Word2Vec(["a text"], min_count=1), "a list of strings, not 'a text'; split text"),
        (lambda: Word2Vec([[1, 2]], min_count=1), "give integers as str"),  # type: ignore[list-item]
        (
            lambda: Word2Vec(planted_sentences, min_count=1, max_final_vocab=1),
            "asks for; .*raise max_final_vocab",
        ),
        (lambda: Word2Vec(planted_sentences, min_count=10**6), "lower min_count"),
        (lambda: model.wv.__class__.load(str(tmp_path / "nowhere")), "nowhere"),
    ]
    for call, said in refused:
        with pytest.raises(
            (ConfigError, NotOfferedError, FormatError, CorpusError, OSError), match=said
        ):
            call()
    for name in REFUSED_METHODS:
        with pytest.raises(NotOfferedError, match=f"Word2Vec.{name} is not offered: "):
            getattr(model, name)
        assert not hasattr(model, name)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = model.nonsense
    locked = Word2Vec(planted_sentences, **SMALL)
    locked.wv.vectors_lockf = np.zeros(len(locked.wv), np.float32)
    with pytest.raises(NotOfferedError, match=r"vectors_lockf other than 1 .*freeze=True"):
        locked.train(planted_sentences, **once)


@pytest.mark.usefixtures("without_gensim")
def test_without_gensim_all_goes_on(planted_sentences: list[list[str]], tmp_path: Path) -> None:
    model = Word2Vec(planted_sentences, sg=1, **SMALL)
    assert type(model.wv) is KeyedVectors
    assert purity(model.wv) > 0.95
    model.build_vocab([["new", "a1"] * 5], update=True)
    model.train([["new", "a1"] * 5], total_examples=1, epochs=1)
    assert "new" in model.wv
    model.save(tmp_path / "model")
    assert Word2Vec.load(tmp_path / "model").wv.most_similar("b1", topn=1) == model.wv.most_similar(
        "b1", topn=1
    )
    (tmp_path / "theirs").write_bytes(b"\x80\x04 gensim.models.word2vec")
    for act in (model.to_gensim, lambda: Word2Vec.load(tmp_path / "theirs")):
        with pytest.raises(MissingExtraError, match="pip install gensim"):
            act()


def test_only_gensims_own_word2vec_is_taken() -> None:
    sentences = [["a", "b", "c"]] * 20
    model = FastText(sentences, vector_size=4, min_count=1, epochs=1, workers=1)
    with pytest.raises(ConfigError, match="takes a gensim Word2Vec, not FastText"):
        Word2Vec.from_gensim(model)
    locked = Theirs(sentences, vector_size=4, min_count=1, epochs=1, workers=1)
    locked.wv.vectors_lockf = np.zeros(3, np.float32)
    with pytest.raises(NotOfferedError, match="vectors_lockf other than 1"):
        Word2Vec.from_gensim(locked)


@pytest.mark.parametrize(
    ("argument", "value"),
    [("sg", "cbow"), ("sg", 2), ("hs", 7), ("seed", -1), ("min_count", 2.5), ("epochs", 1.5)],
)
def test_arguments_out_of_range(argument: str, value: Any) -> None:
    with pytest.raises(ConfigError, match=f"{argument}={value!r} is not allowed"):
        Word2Vec([["a", "b"]] * 20, **{"min_count": 1, "vector_size": 4, argument: value})


def test_a_line_sentence_that_cuts_lines_is_read_by_its_own_rules(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("a b c d e f\n" * 20)
    cut = Word2Vec(
        LineSentence(str(tmp_path / "text"), max_sentence_length=3),
        min_count=1,
        vector_size=4,
        epochs=1,
    )
    assert cut.corpus_count == 40


def test_saving_takes_the_place_of_what_gensim_saved(model: Word2Vec, tmp_path: Path) -> None:
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


def test_what_gensim_saved_stays_if_saving_fails(
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
