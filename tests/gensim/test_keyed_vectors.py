"""The queries and files of our KeyedVectors, compared with gensim's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drop_in import VECTOR, WORDS
from gensim.models import KeyedVectors as TheirVectors

from skipgram.errors import ConfigError, FormatError, NotOfferedError, SkipgramError
from skipgram.gensim import KeyedVectors
from skipgram.gensim.keyed_vectors import make_vectors


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
@pytest.mark.filterwarnings("ignore:Call to deprecated:DeprecationWarning")  # of gensim
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


def test_queries_without_words_are_rejected(ours: Any) -> None:
    calls: list[tuple[Any, type[Exception], str]] = [
        (lambda: ours.most_similar(), ConfigError, "give at least one in positive or negative"),
        (lambda: ours.most_similar_cosmul(), ConfigError, "give at least one in positive"),
        (lambda: ours.most_similar("nowhere"), KeyError, "no vector for the word 'nowhere'"),
        (
            lambda: ours.most_similar("king", indexer=object()),
            NotOfferedError,
            "indexer is not supported",
        ),
        (lambda: ours.get_mean_vector([]), ConfigError, "give at least one key"),
        (lambda: ours.doesnt_match(["nowhere"]), ConfigError, "none of the words"),
    ]
    for call, kind, message in calls:
        with pytest.raises(kind, match=message):
            call()


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


def test_each_reads_files_of_the_other(ours: Any, tmp_path: Path) -> None:
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
        with pytest.raises(NotOfferedError, match=f"{next(iter(wrong))}=.* is not supported"):
            ours.save_word2vec_format(tmp_path / "other.bin", **wrong)


def check_read_alike(path: Path, **options: Any) -> None:
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
        check_read_alike(tmp_path / "text", **options)
    theirs.save_word2vec_format(str(tmp_path / "vectors.bin.gz"), binary=True)
    check_read_alike(tmp_path / "vectors.bin.gz", binary=True, limit=5)
    theirs.save_word2vec_format(str(tmp_path / "glove"), write_header=False)
    check_read_alike(tmp_path / "glove", no_header=True)
    (tmp_path / "odd").write_bytes(b"4 2\ncaf\xe9 1 2\nb\xff 3 4\nb 5 6\nc nan 8\n")
    check_read_alike(tmp_path / "odd", encoding="latin1")
    check_read_alike(tmp_path / "odd", unicode_errors="replace")
    check_read_alike(tmp_path / "odd", unicode_errors="ignore")  # b comes twice: the first stays
    refused: list[tuple[dict[str, Any], type[Exception], str]] = [
        ({}, FormatError, "row 1 has a word that is not UTF8"),
        ({"limit": -1}, ValueError, "limit is -1; it must be an integer of at least 0"),
        ({"limit": "x"}, TypeError, "limit is 'x'; it must be an integer"),
        ({"encoding": "nonsense"}, LookupError, "unknown encoding: nonsense; give"),
        (
            {"unicode_errors": "nonsense"},
            LookupError,
            "unknown error handler name 'nonsense'; give",
        ),
        (
            {"no_header": True, "binary": True},
            NotOfferedError,
            "no_header=True is not supported with binary=True",
        ),
        ({"datatype": np.float16}, NotOfferedError, "datatype=.*float32; leave it out"),
    ]
    for options, kind, said in refused:
        with pytest.raises(kind, match=said):
            KeyedVectors.load_word2vec_format(tmp_path / "odd", **options)
    for read in (KeyedVectors.load_word2vec_format, KeyedVectors.load):
        with pytest.raises(FileNotFoundError, match="there is no file or directory"):
            read(tmp_path / "nowhere")


def test_vectors_are_gensims_if_it_is_installed() -> None:
    assert type(make_vectors(8)) is TheirVectors


@pytest.mark.usefixtures("without_gensim")
def test_vectors_are_ours_without_gensim() -> None:
    vectors = make_vectors(8)
    assert type(vectors) is KeyedVectors
    assert vectors.vector_size == 8
