"""`Word2Vec` compared with gensim's: the same names, the same defaults, vectors as good."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drop_in import PAIR, SMALL, TINY, purity
from gensim.models import KeyedVectors as TheirVectors
from gensim.models import Word2Vec as Theirs
from gensim.models.word2vec import LineSentence
from gensim.test.utils import common_texts

from skipgram.gensim import KeyedVectors, Word2Vec
from skipgram.gensim.unsupported import MODEL_METHODS, VECTORS_METHODS

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "gensim.md").read_text()


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
    ("theirs", "ours", "unsupported"),
    [(Theirs, Word2Vec, MODEL_METHODS), (TheirVectors, KeyedVectors, VECTORS_METHODS)],
)
def test_every_public_name_exists_with_its_arguments_or_is_unsupported(
    theirs: type, ours: type, unsupported: dict[str, str]
) -> None:
    for name in public(theirs):
        assert (name in public(ours)) != (name in unsupported), name
        if name not in unsupported:
            missing = set(parameters(getattr(theirs, name))) - set(parameters(getattr(ours, name)))
            assert not missing, (name, missing)
    assert not set(unsupported) & set(public(ours))


def test_arguments_and_defaults_are_gensims() -> None:
    theirs, ours = (inspect.signature(kind).parameters for kind in (Theirs, Word2Vec))
    assert list(ours) == list(theirs)
    assert {name: each.default for name, each in ours.items()} == {
        name: each.default for name, each in theirs.items()
    }


def test_every_attribute_exists_or_is_unsupported(planted_sentences: list[list[str]]) -> None:
    theirs, ours = (
        kind(planted_sentences[:50], min_count=1, sample=0) for kind in (Theirs, Word2Vec)
    )
    for name, value in vars(theirs).items():
        if name in MODEL_METHODS or name == "load":
            continue
        mine = getattr(ours, name)
        assert isinstance(mine, type(value)) or isinstance(value, type(mine)) or mine == value, name
        if np.isscalar(value) and name not in {"total_train_time", "min_alpha_yet_reached"}:
            assert mine == value, name
    assert ours.cum_table is not None
    assert theirs.cum_table is not None
    np.testing.assert_array_equal(ours.cum_table[-1:], theirs.cum_table[-1:])


def test_the_document_has_a_row_for_each_name() -> None:
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
        re.findall(r"^\| `(\w+)` \| (.*) \|$", parts["KeyedVectors without gensim"], re.MULTILINE)
    )
    assert listed == VECTORS_METHODS


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


def test_without_a_seed_every_model_starts_from_other_vectors() -> None:
    first, second = (Word2Vec(PAIR, **TINY, seed=None) for _ in range(2))
    assert first.seed != second.seed
    assert (
        Word2Vec(PAIR, **TINY, seed=first.seed).wv.vectors.tobytes() == first.wv.vectors.tobytes()
    )


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


def test_words_are_predicted_from_their_context(model: Word2Vec) -> None:
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


def test_words_are_not_predicted_without_output_vectors(model: Word2Vec) -> None:
    untrained = Word2Vec()
    untrained.wv = model.wv
    with pytest.raises(RuntimeError, match=r"needs output vectors \(syn1neg\); train with"):
        untrained.predict_output_word(["a1"])
    tree = Word2Vec([["a", "b"]] * 20, min_count=1, vector_size=4, hs=1, negative=0)
    with pytest.raises(RuntimeError, match=r"needs output vectors .* with negative above 0"):
        tree.predict_output_word(["a"])
    with pytest.raises(RuntimeError, match="you must first build vocabulary before predict"):
        Word2Vec().predict_output_word(["a"])


@pytest.mark.usefixtures("without_gensim")
def test_models_work_without_gensim(planted_sentences: list[list[str]], tmp_path: Path) -> None:
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


def test_words_are_split_as_by_gensim(tmp_path: Path) -> None:
    spaces = [chr(code) for code in range(0x3001) if chr(code).isspace() and chr(code) != "\r"]
    words = ["caf\u00e9", "\u6771\u4eac", "a", "b\u200bc", "\u180e", "d\u2060"]
    lines = [f"{space}".join(words) + f"{space}{number % 7}" for number, space in enumerate(spaces)]
    text = tmp_path / "text.txt"
    text.write_bytes("\n".join(lines * 5).encode())
    options: dict[str, Any] = SMALL | {"min_count": 1}
    ours = Word2Vec(corpus_file=str(text), **options)
    theirs = Theirs(corpus_file=str(text), **options)
    assert {word: ours.wv.get_vecattr(word, "count") for word in ours.wv.index_to_key} == {
        word: theirs.wv.get_vecattr(word, "count") for word in theirs.wv.index_to_key
    }
