from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

import skipgram.document_vectors
from skipgram.embeddings import Embeddings
from skipgram.errors import ConfigError

WORDS = ["the", "cat", "sat", "mat", "42", "on"]


def embeddings(reading: dict[str, Any] | None = None, dimensions: int = 5) -> Embeddings:
    rng = np.random.default_rng(2)
    shape = len(WORDS), dimensions
    return Embeddings(
        WORDS,
        rng.normal(size=shape),
        rng.normal(size=shape),
        counts=[900, 40, 30, 20, 9, 1],
        training={"reading": reading or {}},
    )


def slow_mean(e: Embeddings, tokens: list[str]) -> NDArray[np.float64]:
    found = [e[token].astype(np.float64) for token in tokens if token in e]
    return np.mean(found, axis=0) if found else np.zeros(e.vector_size)


def slow_sif(e: Embeddings, documents: list[list[str]]) -> NDArray[np.float64]:
    """Algorithm 1 of Arora, Liang and Ma (2017), word by word."""
    assert e.counts is not None
    rows = []
    for tokens in documents:
        known = [token for token in tokens if token in e]
        total = np.zeros(e.vector_size)
        for token in known:
            share = e.counts[e.index(token)] / e.counts.sum()
            total += 1e-3 / (1e-3 + share) * e[token]
        rows.append(total / max(1, len(known)))
    columns = np.array(rows).T
    u = np.linalg.svd(columns)[0][:, :1]
    removed: NDArray[np.float64] = (columns - u @ u.T @ columns).T
    return removed


@pytest.fixture(params=["compiled", "one by one"])
def by_the_scan(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a test with the compiled scan, and without it."""
    least = 0 if request.param == "compiled" else 1 << 60
    monkeypatch.setattr(skipgram.document_vectors, "_MANY_LETTERS", least)


@pytest.fixture
def texts(by_the_scan: None, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(skipgram.document_vectors, "_BATCH", 7)
    rng = np.random.default_rng(4)
    some = [*WORDS, "dog", "The", "unseen"]
    return [" ".join(rng.choice(some, rng.integers(0, 9))) for _ in range(50)]


@pytest.mark.parametrize("as_tokens", [False, True])
def test_a_document_is_the_mean_of_its_known_words(texts: list[str], as_tokens: bool) -> None:
    e = embeddings()
    documents = [text.split() for text in texts]
    given: Any = documents if as_tokens else texts
    found = e.encode_documents(given)
    expected = np.array([slow_mean(e, tokens) for tokens in documents])
    np.testing.assert_allclose(found.vectors, expected, atol=1e-6)
    known = [sum(token in e for token in tokens) for tokens in documents]
    assert found.known.tolist() == known
    assert found.unknown.tolist() == [
        len(tokens) - count for tokens, count in zip(documents, known, strict=True)
    ]
    assert found.component is None
    assert found.vectors.dtype == np.float32
    assert (e.encode(iter(given)) == found.vectors).all()
    assert e.output is not None
    assert e.encode(["the"], which="output")[0].tolist() == e.output[0].tolist()


def test_sif_is_the_algorithm_of_its_paper(texts: list[str]) -> None:
    e = embeddings()
    found = e.encode_documents(texts, "sif")
    expected = slow_sif(e, [text.split() for text in texts])
    np.testing.assert_allclose(found.vectors, expected, atol=1e-6)
    assert found.component is not None
    assert np.abs(found.vectors @ found.component).max() < 1e-6
    again = e.encode(texts[:1] * 2 + ["unseen"], "sif", component=found.component)
    np.testing.assert_allclose(
        again, [*found.vectors[:1], *found.vectors[:1], np.zeros(5)], atol=1e-6
    )


def test_a_document_without_known_words_is_zero() -> None:
    for weighting in ("mean", "sif"):
        found = embeddings().encode_documents(["", "no such", "cat mat", "the cat"], weighting)
        assert not found.vectors[:2].any()
        assert found.vectors[2:].any(axis=1).all()
        assert found.unknown.tolist() == [0, 2, 0, 0]
    nothing = embeddings().encode_documents([])
    assert nothing.vectors.shape == (0, 5)
    assert nothing.known.shape == (0,)


@pytest.mark.parametrize(
    ("reading", "text", "tokens"),
    [
        ({}, "The cat\tsat\n on", ["cat", "sat", "on"]),
        ({}, "the\N{NO-BREAK SPACE}cat sat", ["the", "cat", "sat"]),
        ({}, "the\x1ccat sat", ["the", "cat", "sat"]),
        ({"whitespace": "ascii"}, "the\N{NO-BREAK SPACE}cat sat", ["sat"]),
        ({"whitespace": "ascii"}, "the\x1ccat sat", ["sat"]),
        ({"lowercase": True}, "The CAT", ["the", "cat"]),
        ({"nfkc": True}, "\N{FULLWIDTH LATIN SMALL LETTER C}at The", ["cat"]),
        ({"token_pattern": r"\w+"}, "(cat), the\nmat!", ["cat", "the", "mat"]),
        ({"token_pattern": r"\w+", "lowercase": True, "column": "text"}, "(CAT)", ["cat"]),
    ],
)
def test_a_text_is_split_as_the_corpus_was(
    by_the_scan: None, reading: dict[str, Any], text: str, tokens: list[str]
) -> None:
    e = embeddings(reading)
    found = e.encode_documents([text, "", text + "\ncat "])
    assert found.known.tolist() == [len(tokens), 0, len(tokens) + 1]
    np.testing.assert_allclose(found.vectors[0], slow_mean(e, tokens), atol=1e-6)


def test_tokens_may_be_integers_and_in_another_spelling() -> None:
    e = embeddings({"lowercase": True})
    expected = slow_mean(e, ["42", "cat", "42"])
    documents: list[list[Any]] = [[42, "CAT", np.int64(42), 7], [42, "Cat", "42", "Dog"]]
    for document in documents:
        found = e.encode_documents([document])
        np.testing.assert_allclose(found.vectors[0], expected, atol=1e-6)
        assert found.unknown.tolist() == [1]
    for items in (np.array([[42, 1], [2, 3]]), [np.array([42, 1]), (2, 3)]):
        assert e.encode_documents(items).known.tolist() == [1, 0]  # type: ignore[arg-type]


def test_a_tokenizer_is_given_again_and_never_imported() -> None:
    def commas(text: str) -> list[str]:
        return text.split(",")

    e = embeddings({"tokenizer": "antigravity:fly", "lowercase": True})
    with pytest.raises(ConfigError, match="the tokenizer antigravity:fly, which is not imported"):
        e.encode(["cat,mat"])
    assert e.encode_documents(["Cat,the mat,MAT"], tokenizer=commas).known.tolist() == [2]
    assert e.encode_documents([["cat", "mat"]]).known.tolist() == [2]
    pattern = embeddings({"token_pattern": r"\w+"})
    assert pattern.encode_documents(["cat,the mat"], tokenizer=commas).known.tolist() == [1]


@pytest.mark.parametrize(
    ("texts", "options", "message"),
    [
        ("the cat", {}, "texts is 'the cat'; it must be a list of documents"),
        (7, {}, "texts is 7"),
        (["a", None], {}, r"document 1 is None; .* series.fillna"),
        (["a"] * 5 + [float("nan")], {}, "document 5 is nan"),
        ([b"cat"], {}, "document 0 is b'cat'"),
        ([[0.5]], {}, r"holds the token 0\.5; tokens must be strings or integers"),
        ([[True]], {}, "holds the token True"),
        ([[["cat"]]], {}, "holds a token that is no word: unhashable"),
        (["cat"], {"weighting": "tfidf"}, "weighting is 'tfidf'; it must be one of mean, sif"),
        (["cat", "x"], {"weighting": "sif"}, "documents with known words: 1; SIF removes"),
        (["cat"], {"weighting": "sif", "component": [1.0]}, r"component has shape \(1,\)"),
        (["cat"], {"weighting": "sif", "component": [np.nan] * 5}, "with finite numbers"),
        (["cat"], {"component": [1.0] * 5}, "component has no effect with weighting='mean'"),
    ],
)
def test_bad_documents_and_options_are_named(
    monkeypatch: pytest.MonkeyPatch, texts: Any, options: dict[str, Any], message: str
) -> None:
    monkeypatch.setattr(skipgram.document_vectors, "_BATCH", 2)
    with pytest.raises(ConfigError, match=message):
        embeddings().encode(texts, **options)


def test_sif_needs_counts() -> None:
    without = Embeddings(["a"], [[1.0]])
    assert without.encode(["a"]).tolist() == [[1]]
    with pytest.raises(ConfigError, match="no counts, which SIF weights are computed from"):
        without.encode(["a"], "sif")


def test_a_column_of_a_data_frame() -> None:
    frame = pd.DataFrame({"text": ["the cat", "a mat"]}, index=[7, 3])
    assert embeddings().encode_documents(frame["text"]).known.tolist() == [2, 1]


def test_texts_are_cleaned_as_the_corpus_was() -> None:
    corpus = ["<p>Good, cheap film!</p>", "A <b>bad</b> film &amp; a long one."] * 20
    embeddings = skipgram.train(corpus, clean=True, vector_size=4, min_count=1, epochs=1, sample=0)
    texts = ["<i>GOOD</i> film <b", "bad> &amp; unseen"]
    found = embeddings.encode_documents(texts)
    assert found.known.tolist() == [2, 1]
    assert found.vectors[0] == pytest.approx((embeddings["good"] + embeddings["film"]) / 2)
    assert found.vectors[1] == pytest.approx(embeddings["bad"])
    assert embeddings.similarity("Film", "film") == pytest.approx(1)


def test_a_model_of_items_takes_lists_of_items() -> None:
    words = ["The Matrix", "Up"]
    training = {"reading": {"column": "film", "group_by": "user"}}
    films = Embeddings(words, np.eye(2, dtype=np.float32), training=training)
    assert films.encode([["The Matrix", "Up"]]).tolist() == [[0.5, 0.5]]
    for text in ("The Matrix", "The Matrix " * 20_000):
        with pytest.raises(ConfigError, match="give each document as a list of items"):
            films.encode([text])
