"""The look-alike of gensim's KeyedVectors gives gensim's answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gensim.models import KeyedVectors as TheirVectors

from skipgram.errors import ConfigError, FormatError, NotOfferedError, UnknownWordError
from skipgram.gensim import KeyedVectors
from skipgram.gensim.keyed_vectors import REFUSED_METHODS
from skipgram.gensim.vocabulary import set_words

WORDS = ["king", "queen", "man", "woman", "Paris", "paris", *(f"w{n}" for n in range(200))]


def filled(kind: type) -> Any:
    wv = kind(8)
    set_words(wv, WORDS, np.arange(len(WORDS), 0, -1))
    wv.vectors = np.random.default_rng(3).normal(size=(len(WORDS), 8)).astype(np.float32)
    return wv


@pytest.fixture
def ours() -> Any:
    return filled(KeyedVectors)


@pytest.fixture
def theirs() -> Any:
    return filled(TheirVectors)


VECTOR = np.linspace(-1, 1, 8).astype(np.float32)


@pytest.mark.parametrize(
    ("name", "arguments", "options"),
    [
        ("most_similar", (["king", "woman"], ["man"]), {}),
        ("most_similar", ("king",), {"topn": 3}),
        ("most_similar", (), {"negative": ["man"], "topn": 4}),
        ("most_similar", ([("king", 0.5), "woman", VECTOR, 4], [("man", -2.0)]), {}),
        ("most_similar", (["w7"],), {"restrict_vocab": 50}),
        ("most_similar", (["w7"],), {"clip_start": 20, "clip_end": 90}),
        ("most_similar", (["w7"],), {"topn": None}),
        ("most_similar", (["w7"],), {"topn": 0}),
        ("most_similar_cosmul", (["king", "woman"], ["man"]), {}),
        ("most_similar_cosmul", ("king",), {"topn": 3}),
        ("similar_by_word", ("w3",), {"topn": 5}),
        ("similar_by_key", ("w3",), {"restrict_vocab": 9}),
        ("similar_by_vector", (VECTOR,), {"topn": 5}),
        ("similarity", ("king", "queen"), {}),
        ("distance", ("king", "queen"), {}),
        ("distances", ("king", ["queen", "man"]), {}),
        ("distances", (VECTOR,), {}),
        ("n_similarity", (["king", "queen"], ["man"]), {}),
        ("most_similar_to_given", ("king", ["queen", "man", "w1"]), {}),
        ("closer_than", ("king", "queen"), {}),
        ("rank", ("king", "queen"), {}),
        ("relative_cosine_similarity", ("king", "queen"), {}),
        ("rank_by_centrality", (["king", "queen", "w1", "nowhere"],), {}),
        ("doesnt_match", (["king", "queen", "man", "w1"],), {}),
        ("get_vector", ("king",), {"norm": True}),
        ("get_vector", (3,), {}),
        ("get_index", ("man",), {}),
        ("get_index", ("nowhere",), {"default": 7}),
        ("get_vecattr", ("man", "count"), {}),
        ("get_mean_vector", (["king", "queen", VECTOR],), {"weights": [1.0, -2.0, 0.5], "post_normalize": True}),
        ("get_mean_vector", (["king", "nowhere"],), {"pre_normalize": False}),
        ("get_normed_vectors", (), {}),
        ("has_index_for", ("king",), {}),
        ("__contains__", ("nowhere",), {}),
        ("__getitem__", (["king", "man"],), {}),
        ("__len__", (), {}),
    ],
)
def test_answers_are_gensims(ours: Any, theirs: Any, name: str, arguments: Any, options: Any) -> None:
    mine, expected = (getattr(wv, name)(*arguments, **options) for wv in (ours, theirs))
    if isinstance(expected, list) and expected and isinstance(expected[0], tuple):
        by_word = [sorted(pair, key=lambda item: isinstance(item, str)) for pair in (*mine, *expected)]
        assert [word for _, word in by_word[: len(mine)]] == [word for _, word in by_word[len(mine) :]]
        mine, expected = ([score for score, _ in part] for part in (by_word[: len(mine)], by_word[len(mine) :]))
    if isinstance(expected, str | list) and not (expected and isinstance(expected[0], float | np.floating)):
        assert mine == expected
    else:
        np.testing.assert_allclose(mine, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("options", [{}, {"case_insensitive": False}, {"dummy4unknown": True}, {"restrict_vocab": 20}])
def test_sets_score_as_in_gensim(ours: Any, theirs: Any, tmp_path: Path, options: dict[str, Any]) -> None:
    pairs, analogies = tmp_path / "pairs.tsv", tmp_path / "analogies.txt"
    scored = [f"{a}\t{b}\t{n}" for n, (a, b) in enumerate(zip(WORDS, WORDS[5:60], strict=False))]
    pairs.write_text("# pairs\n" + "\n".join([*scored, "king\tnowhere\t3"]) + "\n")
    predicted = ours.most_similar(["queen", "man"], ["king"], topn=1)[0][0]
    analogies.write_text(
        f": royal\nking queen man woman\nking queen man {predicted}\n: other\nw1 w2 w3 w4\nking queen man nowhere\n"
    )
    mine, expected = (wv.evaluate_word_pairs(str(pairs), **options) for wv in (ours, theirs))
    for mine_part, expected_part in zip(mine, expected, strict=True):
        np.testing.assert_allclose(mine_part, expected_part, rtol=1e-5, atol=1e-6)
    assert ours.evaluate_word_analogies(str(analogies), **options) == theirs.evaluate_word_analogies(str(analogies), **options)


def test_files_go_both_ways(ours: Any, tmp_path: Path) -> None:
    ours.save_word2vec_format(tmp_path / "vectors.bin", binary=True)
    theirs = TheirVectors.load_word2vec_format(str(tmp_path / "vectors.bin"), binary=True)
    np.testing.assert_array_equal(theirs["king"], ours["king"])
    assert KeyedVectors.load_word2vec_format(tmp_path / "vectors.bin", binary=True, limit=3).index_to_key == WORDS[:3]
    ours.save(tmp_path / "model")
    again = KeyedVectors.load(tmp_path / "model")
    assert (again.index_to_key, again.get_vecattr("king", "count")) == (WORDS, len(WORDS))
    for wrong in ({"prefix": "x"}, {"append": True}, {"write_header": False}):
        with pytest.raises(NotOfferedError, match=f"{next(iter(wrong))}=.* is not offered"):
            ours.save_word2vec_format(tmp_path / "other.bin", **wrong)


def test_changed_vectors_are_seen_when_norms_are_taken_back(ours: Any) -> None:
    before = ours.similarity("king", "queen")
    ours.vectors[0] = ours.vectors[1]
    ours.fill_norms(force=True)
    assert before < 0.99 < ours.similarity("king", "queen")
    ours.unit_normalize_all()
    np.testing.assert_allclose(np.linalg.norm(ours.vectors, axis=1), 1, rtol=1e-5)


def test_what_is_refused_says_what_to_do(ours: Any, tmp_path: Path) -> None:
    for name in REFUSED_METHODS:
        with pytest.raises(NotOfferedError, match=rf"KeyedVectors\.{name} is gensim's own: .*; or install gensim"):
            getattr(ours, name)
    with pytest.raises(UnknownWordError, match="near spellings: king"):
        ours.get_vector("kingg")
    with pytest.raises(KeyError):
        ours.most_similar("nowhere")
    (tmp_path / "set").write_text("word\n")
    refused: list[tuple[Any, type[Exception], str]] = [
        (lambda: ours.most_similar(), ConfigError, "give at least one"),
        (lambda: ours.most_similar_cosmul(), ConfigError, "give at least one"),
        (lambda: ours.most_similar("king", indexer=object()), NotOfferedError, "indexer is gensim's own"),
        (lambda: ours.get_vector(10_000), ConfigError, "row 10000 of 206"),
        (lambda: ours.get_vecattr("king", "colour"), ConfigError, "attr='colour' is not known; there are count"),
        (lambda: ours.get_mean_vector([]), ConfigError, "give at least one key"),
        (lambda: ours.doesnt_match(["nowhere"]), ConfigError, "none of the words"),
        (lambda: ours.evaluate_word_pairs(tmp_path / "set"), FormatError, "fewer than two pairs"),
        (lambda: ours.evaluate_word_analogies(tmp_path / "set"), FormatError, "no question of four words"),
        (lambda: ours.evaluate_word_pairs(tmp_path / "nowhere"), FormatError, "cannot read"),
        (lambda: KeyedVectors.load(tmp_path / "set", mmap="r"), NotOfferedError, "mmap='r'"),  # type: ignore[arg-type]
        (lambda: ours.nonsense, AttributeError, "no attribute 'nonsense'"),
    ]
    for call, kind, said in refused:
        with pytest.raises(kind, match=said):
            call()
