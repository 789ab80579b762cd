"""The look-alike of gensim's KeyedVectors gives gensim's answers."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gensim.models import KeyedVectors as TheirVectors

from skipgram.errors import (
    ConfigError,
    FormatError,
    NotOfferedError,
    SkipgramError,
    UnknownWordError,
    WrongTypeError,
)
from skipgram.gensim import KeyedVectors
from skipgram.gensim.keyed_vectors import REFUSED_METHODS
from skipgram.gensim.vocabulary import set_words

WORDS = ["king", "queen", "man", "woman", "Paris", "paris", *(f"w{n}" for n in range(200))]

VECTOR = np.linspace(-1, 1, 8).astype(np.float32)


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
        (
            "get_mean_vector",
            (["king", "queen", VECTOR],),
            {"weights": [1.0, -2.0, 0.5], "post_normalize": True},
        ),
        ("get_mean_vector", (["king", "nowhere"],), {"pre_normalize": False}),
        ("get_normed_vectors", (), {}),
        ("has_index_for", ("king",), {}),
        ("__contains__", ("nowhere",), {}),
        ("__getitem__", (["king", "man"],), {}),
        ("__len__", (), {}),
        ("__str__", (), {}),
        ("most_similar", (("king", "woman"), ("man",)), {}),
        ("most_similar", ([("king", 1.0, 2), ["man", 2]],), {}),
        ("most_similar_cosmul", ([VECTOR], ["man"]), {}),
        ("most_similar_cosmul", ("king",), {"restrict_vocab": 0}),
        ("similar_by_key", ("w3",), {"topn": np.int64(3)}),
        ("distances", ("king", None), {}),
        ("get_mean_vector", (["king", 999, None],), {}),
        ("get_index", (None,), {"default": -1}),
        ("has_index_for", (999,), {}),
        ("__contains__", (1.5,), {}),
    ],
)
def test_answers_are_gensims(
    ours: Any, theirs: Any, name: str, arguments: Any, options: Any
) -> None:
    mine, expected = (getattr(wv, name)(*arguments, **options) for wv in (ours, theirs))
    if isinstance(expected, list) and expected and isinstance(expected[0], tuple):
        by_word = [
            sorted(pair, key=lambda item: isinstance(item, str)) for pair in (*mine, *expected)
        ]
        assert [word for _, word in by_word[: len(mine)]] == [
            word for _, word in by_word[len(mine) :]
        ]
        mine, expected = (
            [score for score, _ in part] for part in (by_word[: len(mine)], by_word[len(mine) :])
        )
    if isinstance(expected, str | list) and not (
        expected and isinstance(expected[0], float | np.floating)
    ):
        assert mine == expected
    else:
        np.testing.assert_allclose(mine, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "options", [{}, {"case_insensitive": False}, {"dummy4unknown": True}, {"restrict_vocab": 20}]
)
def test_sets_score_as_in_gensim(
    ours: Any, theirs: Any, tmp_path: Path, options: dict[str, Any]
) -> None:
    pairs, analogies = tmp_path / "pairs.tsv", tmp_path / "analogies.txt"
    scored = [f"{a}\t{b}\t{n}" for n, (a, b) in enumerate(zip(WORDS, WORDS[5:60], strict=False))]
    pairs.write_text("# pairs\n" + "\n".join([*scored, "king\tnowhere\t3"]) + "\n")
    predicted = ours.most_similar(["queen", "man"], ["king"], topn=1)[0][0]
    analogies.write_text(
        f": royal\nking queen man woman\nking queen man {predicted}\nno\n: other\nw1 w2 w3 w4\nking queen man nowhere\n"
    )
    mine, expected = (wv.evaluate_word_pairs(str(pairs), **options) for wv in (ours, theirs))
    for mine_part, expected_part in zip(mine, expected, strict=True):
        np.testing.assert_allclose(mine_part, expected_part, rtol=1e-5, atol=1e-6)
    assert ours.evaluate_word_analogies(
        str(analogies), **options
    ) == theirs.evaluate_word_analogies(str(analogies), **options)


def test_files_go_both_ways(ours: Any, tmp_path: Path) -> None:
    ours.save_word2vec_format(tmp_path / "vectors.bin", binary=True)
    theirs = TheirVectors.load_word2vec_format(str(tmp_path / "vectors.bin"), binary=True)
    np.testing.assert_array_equal(theirs["king"], ours["king"])
    assert (
        KeyedVectors.load_word2vec_format(
            tmp_path / "vectors.bin", binary=True, limit=3
        ).index_to_key
        == WORDS[:3]
    )
    ours.save(tmp_path / "model")
    again = KeyedVectors.load(tmp_path / "model")
    assert (again.index_to_key, again.get_vecattr("king", "count")) == (WORDS, len(WORDS))
    for wrong in (
        {"total_vec": 3},
        {"append": True},
        {"fvocab": "x"},
        {"write_header": False, "binary": True},
    ):
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
        with pytest.raises(
            NotOfferedError, match=rf"KeyedVectors\.{name} is gensim's own: .*; or install gensim"
        ):
            getattr(ours, name)
    with pytest.raises(UnknownWordError, match="near spellings: king"):
        ours.get_vector("kingg")
    with pytest.raises(KeyError):
        ours.most_similar("nowhere")
    (tmp_path / "set").write_text("word\n")
    refused: list[tuple[Any, type[Exception], str]] = [
        (lambda: ours.most_similar(), ConfigError, "give at least one"),
        (lambda: ours.most_similar_cosmul(), ConfigError, "give at least one"),
        (
            lambda: ours.most_similar("king", indexer=object()),
            NotOfferedError,
            "indexer is gensim's own",
        ),
        (
            lambda: ours.get_vector(10_000),
            KeyError,
            "no row 10000; give a word, or a row under 206",
        ),
        (
            lambda: ours.get_vecattr("king", "colour"),
            KeyError,
            "attr='colour' is not known; there are count",
        ),
        (lambda: ours.get_mean_vector([]), ConfigError, "give at least one key"),
        (lambda: ours.doesnt_match(["nowhere"]), ConfigError, "none of the words"),
        (lambda: ours.evaluate_word_pairs(tmp_path / "set"), ValueError, "fewer than two pairs"),
        (
            lambda: ours.evaluate_word_analogies(tmp_path / "set"),
            FormatError,
            "'word' stands before the first ': sec",
        ),
        (
            lambda: ours.evaluate_word_pairs(tmp_path / "nowhere"),
            FileNotFoundError,
            "there is no file or directory",
        ),
        (lambda: KeyedVectors.load(tmp_path / "set", mmap="r"), NotOfferedError, "mmap='r'"),  # type: ignore[arg-type]
        (lambda: ours.nonsense, AttributeError, "no attribute 'nonsense'"),
    ]
    for call, kind, said in refused:
        with pytest.raises(kind, match=said):
            call()


@pytest.mark.parametrize(
    "act",
    [
        lambda wv: wv.__setitem__("new", VECTOR),
        lambda wv: wv.__setitem__("king", VECTOR),
        lambda wv: wv.__setitem__(["king", "a", "b"], np.stack([VECTOR, VECTOR + 1, VECTOR + 9])),
        lambda wv: wv.add_vector("new", VECTOR),
        lambda wv: wv.add_vector("king", VECTOR),
        lambda wv: wv.add_vectors(["a", "king"], [VECTOR, VECTOR]),
        lambda wv: wv.add_vectors(["a", "king"], [VECTOR, VECTOR], replace=True),
        lambda wv: wv.add_vectors("a", VECTOR),
        lambda wv: wv.set_vecattr("king", "count", 3),
        lambda wv: (wv.set_vecattr("w9", "count", 10**6), wv.sort_by_descending_frequency()),
        lambda wv: wv.init_sims(),
        lambda wv: wv.init_sims(replace=True),
        lambda wv: wv.get_normed_vectors().fill(0),
    ],
)
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning")
def test_words_and_attributes_are_added_as_in_gensim(ours: Any, theirs: Any, act: Any) -> None:
    for wv in (ours, theirs):
        wv.most_similar("king")  # what was answered before must not be kept
        act(wv)
        wv.fill_norms(force=True)  # gensim keeps old norms
    assert ours.index_to_key == theirs.index_to_key
    np.testing.assert_allclose(ours.vectors, theirs.vectors, rtol=1e-6)
    assert [word for word, _ in ours.most_similar("king")] == [
        word for word, _ in theirs.most_similar("king")
    ]
    assert [ours.get_vecattr(row, "count") for row in range(9)] == [
        theirs.get_vecattr(row, "count") for row in range(9)
    ]
    np.testing.assert_allclose(ours.get_normed_vectors(), theirs.get_normed_vectors(), rtol=1e-5)


def test_attributes_of_words(ours: Any, theirs: Any, tmp_path: Path) -> None:
    for wv in (ours, theirs):
        wv.set_vecattr("king", "colour", "red")
        wv.set_vecattr("king", "size", 1.5)
    for attr in ("colour", "size"):
        for word in ("king", "man"):
            assert ours.get_vecattr(word, attr) == theirs.get_vecattr(word, attr)
    some, expected = (
        wv.vectors_for_all(["man", "nowhere", "king", "man"]) for wv in (ours, theirs)
    )
    assert some.index_to_key == expected.index_to_key
    assert some.get_vecattr("man", "count") == expected.get_vecattr("man", "count")
    np.testing.assert_array_equal(some.vectors, expected.vectors)
    assert ours.vectors_for_all(["man"], copy_vecattrs=True).get_vecattr(
        "man", "count"
    ) == ours.get_vecattr("man", "count")
    with pytest.raises(
        NotOfferedError, match="the attribute 'colour' of the words is not saved here"
    ):
        ours.save(tmp_path / "model")
    ours["new"] = VECTOR
    assert (ours.get_vecattr("new", "count"), ours.get_vecattr("new", "size")) == (0, 0)


def read_alike(path: Path, **options: Any) -> None:
    ours, theirs = (
        kind.load_word2vec_format(str(path), **options) for kind in (KeyedVectors, TheirVectors)
    )
    assert ours.index_to_key == [word for word in theirs.index_to_key if word is not None]
    np.testing.assert_array_equal(ours.vectors, theirs.vectors[: len(ours)])
    np.testing.assert_array_equal(np.sort(-ours.expandos["count"]), -ours.expandos["count"])
    if len(ours) == len(theirs):
        np.testing.assert_array_equal(ours.expandos["count"], theirs.expandos["count"])


def test_word2vec_files_are_read_as_in_gensim(ours: Any, theirs: Any, tmp_path: Path) -> None:
    ours.expandos["count"] = theirs.expandos["count"] = np.arange(len(WORDS)) % 7
    options: dict[str, Any]
    for options in ({}, {"prefix": "p_"}, {"write_header": False}, {"sort_attr": "nothing"}):
        ours.save_word2vec_format(tmp_path / "ours", **options)
        theirs.save_word2vec_format(str(tmp_path / "theirs"), **options)
        assert (tmp_path / "ours").read_bytes() == (tmp_path / "theirs").read_bytes(), options
        (tmp_path / "ours").unlink()
    (tmp_path / "theirs").unlink()
    theirs.save_word2vec_format(str(tmp_path / "text"))
    for options in (
        {"limit": 0},
        {"limit": 3},
        {"limit": np.int64(10_000)},
        {"encoding": "utf-8"},
        {"encoding": "latin1"},
    ):
        read_alike(tmp_path / "text", **options)
    theirs.save_word2vec_format(str(tmp_path / "vectors.bin.gz"), binary=True)
    read_alike(tmp_path / "vectors.bin.gz", binary=True, limit=5)
    theirs.save_word2vec_format(str(tmp_path / "glove"), write_header=False)
    read_alike(tmp_path / "glove", no_header=True)
    (tmp_path / "odd").write_bytes(b"4 2\ncaf\xe9 1 2\nb\xff 3 4\nb 5 6\nc nan 8\n")
    read_alike(tmp_path / "odd", encoding="latin1")
    read_alike(tmp_path / "odd", unicode_errors="replace")
    read_alike(tmp_path / "odd", unicode_errors="ignore")  # b comes twice: the first stays
    refused: list[tuple[dict[str, Any], type[Exception], str]] = [
        ({}, FormatError, "row 1 holds a word that is not UTF8"),
        ({"limit": -1}, ValueError, "limit=-1 is not allowed: it takes a whole number at least 0"),
        ({"limit": "x"}, TypeError, "limit='x' is not allowed"),
        ({"encoding": "nonsense"}, LookupError, "unknown encoding: nonsense; give"),
        (
            {"unicode_errors": "nonsense"},
            LookupError,
            "unknown error handler name 'nonsense'; give",
        ),
        (
            {"no_header": True, "binary": True},
            NotOfferedError,
            "no_header=True is not offered with binary=True",
        ),
        ({"datatype": np.float16}, NotOfferedError, "datatype=.*float32; leave it out"),
    ]
    for options, kind, said in refused:
        with pytest.raises(kind, match=said):
            KeyedVectors.load_word2vec_format(tmp_path / "odd", **options)
    for read in (KeyedVectors.load_word2vec_format, KeyedVectors.load):
        with pytest.raises(FileNotFoundError, match="there is no file or directory"):
            read(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("kind", "call"),
    [
        (KeyError, lambda wv: wv["nowhere"]),
        (KeyError, lambda wv: wv[999]),
        (KeyError, lambda wv: wv.get_vector(-1)),
        (KeyError, lambda wv: wv.get_index(None)),
        (KeyError, lambda wv: wv.most_similar(["king", 999])),
        (KeyError, lambda wv: wv.get_vecattr("king", "nothing")),
        (KeyError, lambda wv: wv.set_vecattr("nowhere", "count", 1)),
        (KeyError, lambda wv: list(wv)),
        (TypeError, lambda wv: wv.get_index(["king"])),
        (TypeError, lambda wv: wv.most_similar([None])),
        (TypeError, lambda wv: wv.most_similar("king", topn="x")),
        (TypeError, lambda wv: wv.most_similar("king", restrict_vocab=2.5)),
        (TypeError, lambda wv: wv.most_similar(1.5)),
        (TypeError, lambda wv: wv.distances("king", 3)),
        (TypeError, lambda wv: wv.set_vecattr("king", "count", 1.5)),
        (TypeError, lambda wv: wv.doesnt_match(3)),
        (ValueError, lambda wv: wv[[]]),
        (ValueError, lambda wv: wv.most_similar([VECTOR[:3]])),
        (ValueError, lambda wv: wv.similar_by_vector(VECTOR[:3])),
        (ValueError, lambda wv: wv.__setitem__("new", VECTOR[:3])),
        (ValueError, lambda wv: wv.most_similar_to_given("king", [])),
        (ValueError, lambda wv: wv.relative_cosine_similarity("king", "man", topn=0)),
        (ValueError, lambda wv: wv.doesnt_match([])),
        (ZeroDivisionError, lambda wv: wv.n_similarity([], ["king"])),
    ],
)
def test_errors_are_those_that_programs_catch_from_gensim(
    ours: Any, theirs: Any, kind: type[Exception], call: Any
) -> None:
    with pytest.raises(kind):
        call(theirs)
    with pytest.raises(kind) as caught:
        call(ours)
    assert isinstance(caught.value, SkipgramError)


def test_what_only_gensim_takes_is_named(ours: Any) -> None:
    made = (lambda: KeyedVectors(8, count=2), lambda: KeyedVectors(8, dtype=np.float64))
    for act in (*made, lambda: ours.save("x", separately=[])):
        with pytest.raises(NotOfferedError, match="leave it out"):
            act()
    with pytest.raises(
        WrongTypeError, match=r"keys=3 is not allowed: a word is a string; give str\(key\)"
    ):
        ours[3] = VECTOR
    with pytest.raises(
        ConfigError, match=r"vectors of shape .* for 2 words; give 8 numbers for each word"
    ):
        ours.add_vectors(["a", "b"], [VECTOR])


def test_copies_answer_alike(ours: Any) -> None:
    expected = ours.most_similar("king")
    for copied in (copy.deepcopy(ours), pickle.loads(pickle.dumps(ours))):
        assert copied.most_similar("king") == expected
        copied["king"] = VECTOR
    assert ours.most_similar("king") == expected
