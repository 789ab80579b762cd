from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import pytest
from gensim.models import KeyedVectors
from sample_vectors import model

import skipgram
import skipgram.nearest
from skipgram.embeddings import Embeddings
from skipgram.errors import ConfigError, MissingExtraError, UnknownWordError


def random_embeddings(rows: int = 300, dimensions: int = 20, seed: int = 1) -> Embeddings:
    rng = np.random.default_rng(seed)
    words = [f"w{row}" for row in range(rows)]
    return Embeddings(
        words, rng.normal(size=(rows, dimensions)), rng.normal(size=(rows, dimensions))
    )


def gensim_vectors(embeddings: Embeddings) -> KeyedVectors:
    vectors = KeyedVectors(embeddings.vector_size)
    vectors.add_vectors(embeddings.words, embeddings.input)
    return vectors


def same_answers(ours: list[tuple[str, float]], theirs: list[tuple[str, float]]) -> None:
    assert [word for word, _ in ours] == [word for word, _ in theirs]
    assert [score for _, score in ours] == pytest.approx([score for _, score in theirs], abs=1e-5)


@pytest.fixture
def compass() -> Embeddings:
    """Unit directions every 45 degrees from east to north, and a word without a direction."""
    return Embeddings(
        ["east", "northeast", "north", "nowhere"],
        [[2, 0], [3, 3], [0, 5], [0, 0]],
        counts=[9, 7, 5, 1],
    )


def test_a_word_has_its_vector_index_and_size(compass: Embeddings) -> None:
    assert len(compass) == 4
    assert "north" in compass
    assert "south" not in compass
    assert 3 not in compass
    assert compass.index("north") == 2
    assert compass["north"].tolist() == [0, 5]
    assert compass.vector_size == 2
    assert compass.input.dtype == np.float32
    assert compass.counts is not None
    assert compass.counts.dtype == np.int64


def test_similarity_is_the_cosine_and_0_for_a_zero_vector(compass: Embeddings) -> None:
    assert compass.similarity("east", "northeast") == pytest.approx(2**-0.5)
    assert compass.similarity("east", "north") == 0
    assert compass.similarity("east", "nowhere") == 0
    assert compass.similarity("nowhere", "nowhere") == 0
    assert compass.most_similar_batch("nowhere", topn=1) == [[("east", 0.0)]]


@pytest.mark.parametrize(
    ("positive", "negative", "signed"),
    [
        ("nowhere", [], "nowhere"),
        ("east", "east", "east, -east"),
        (
            ["east", "northeast", "north"],
            ["north", "east", "northeast"],
            "east, northeast, north, -north, -east, -northeast",
        ),
    ],
)
def test_a_query_whose_vectors_cancel_out_is_refused(
    compass: Embeddings, positive: list[str], negative: list[str], signed: str
) -> None:
    with pytest.raises(ConfigError, match=f"^the vectors of {signed} add up to zero"):
        compass.most_similar(positive, negative)


def test_an_analogy_whose_vectors_cancel_out_is_refused() -> None:
    angles = np.radians([0, 60, 300])  # cos(b) + cos(c) is cos(a)
    embeddings = Embeddings(["a", "b", "c"], np.column_stack([np.cos(angles), np.sin(angles)]))
    with pytest.raises(ConfigError, match=r"^the vectors of b, c, -a add up to zero"):
        embeddings.analogy("a", "b", "c")


def test_most_similar_orders_by_cosine_and_leaves_out_the_query(compass: Embeddings) -> None:
    assert [word for word, _ in compass.most_similar("east")] == ["northeast", "north", "nowhere"]
    assert compass.most_similar(["east", "north"], topn=1) == [("northeast", pytest.approx(1.0))]
    assert compass.most_similar("north", restrict=1) == [("east", 0.0)]
    assert compass.most_similar([], "east", topn=1)[0][0] == "north"


def test_a_string_is_one_word_and_not_its_letters() -> None:
    letters = Embeddings(["a", "b", "ab"], np.eye(3))
    assert {word for word, _ in letters.most_similar("ab")} == {"a", "b"}
    assert {word for word, _ in letters.most_similar("a", "ab")} == {"b"}
    assert len(letters.most_similar_batch("ab")) == 1


@pytest.mark.parametrize(
    ("positive", "negative", "restrict"),
    [
        ("w3", [], None),
        (["w3", "w9"], [], None),
        (["w3", "w9"], ["w200"], None),
        (["w3"], ["w4", "w5"], 50),
        ([], ["w1"], None),
    ],
)
def test_most_similar_agrees_with_gensim(
    positive: list[str], negative: list[str], restrict: int | None
) -> None:
    embeddings = random_embeddings()
    theirs = gensim_vectors(embeddings).most_similar(
        positive, negative, topn=7, restrict_vocab=restrict
    )
    same_answers(embeddings.most_similar(positive, negative, topn=7, restrict=restrict), theirs)


@pytest.mark.parametrize("queries", [50, 3])  # by the kernel, and without it
def test_a_batch_returns_the_same_as_single_queries(
    monkeypatch: pytest.MonkeyPatch, queries: int
) -> None:
    embeddings = random_embeddings()
    monkeypatch.setattr(skipgram.nearest, "_BLOCK_SCORES", 1000)
    monkeypatch.setattr(skipgram.embeddings, "QUERIES", 30)
    for options in ({"topn": 5}, {"topn": 1000}, {"topn": 3, "restrict": 20}, {"which": "average"}):
        asked = embeddings.words[:queries]
        batch = embeddings.most_similar_batch(asked, **options)
        for word, answers in zip(asked, batch, strict=True):
            same_answers(answers, embeddings.most_similar(word, **options))
            assert word not in dict(answers)
    assert embeddings.most_similar_batch([]) == []


@pytest.mark.parametrize(
    "counts", [[1, 2.5], [2**63, 1], [2**64, 1], [1, None], ["1", "x"], [1, 3 + 1j]]
)
def test_counts_are_whole_numbers(counts: Any) -> None:
    with pytest.raises(ConfigError, match=r"counts is .*; it must hold whole numbers"):
        Embeddings(["a", "b"], np.eye(2), counts=counts)


def test_numbers_too_large_and_words_that_are_not_strings_are_refused() -> None:
    for huge in (1e300, 10**400):
        with pytest.raises(ConfigError, match="the largest float32"):
            Embeddings(["a"], [[huge, 1]])
    for word in (None, 3, ["a"]):
        with pytest.raises(ConfigError, match="is not a string"):
            Embeddings([word, "b"], np.eye(2))  # type: ignore[list-item]


def test_the_longest_vectors_keep_their_direction() -> None:
    vectors = Embeddings(["a", "b", "c"], [[3e38, 3e38], [3e38, 2.9e38], [1.0, -1.0]])
    assert vectors.similarity("a", "b") == pytest.approx(1, abs=1e-3)
    assert vectors.similarity("a", "c") == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf], ids=str)
def test_vectors_that_are_not_finite_are_refused(number: float) -> None:
    vectors = np.random.default_rng(1).normal(size=(50, 8))
    vectors[3, 2], vectors[4, 1] = number, number
    words = [f"w{n}" for n in range(50)]
    said = (
        r"has a number that is not finite \(word 'w3'; 2 of 50 rows have one\).*leave these words"
    )
    with pytest.raises(ConfigError, match=f"row 4 of the input vectors {said}"):
        Embeddings(words, vectors)
    with pytest.raises(ConfigError, match=f"row 4 of the output vectors {said}"):
        Embeddings(words, np.ones((50, 8)), vectors)
    vectors[:] = np.finfo(np.float32).max  # their sum is infinite
    assert len(Embeddings(words, vectors)) == 50


def test_analogy_by_addition_is_most_similar_and_agrees_with_gensim() -> None:
    embeddings = random_embeddings()
    same_answers(
        embeddings.analogy("w1", "w2", "w3"),
        gensim_vectors(embeddings).most_similar(["w2", "w3"], ["w1"]),
    )


def test_analogy_by_multiplication_is_levy_and_goldbergs_formula() -> None:
    embeddings = random_embeddings(rows=40)
    expected = {}
    for x in embeddings.words:
        if x not in ("w1", "w2", "w3"):
            to_a, to_b, to_c = (
                (1 + embeddings.similarity(x, word)) / 2 for word in ("w1", "w2", "w3")
            )
            expected[x] = to_b * to_c / (to_a + 0.001)
    best = sorted(expected.items(), key=lambda pair: -pair[1])[:5]
    same_answers(embeddings.analogy("w1", "w2", "w3", method="mul", topn=5), best)
    assert all(
        int(word[1:]) < 10
        for word, _ in embeddings.analogy("w1", "w2", "w3", method="mul", restrict=10)
    )


@pytest.mark.parametrize("method", ["add", "mul"])
def test_analogy_finds_the_fourth_corner(method: Literal["add", "mul"]) -> None:
    corners = Embeddings(
        ["man", "woman", "king", "queen", "apple"],
        [[1, 0, 0], [0, 1, 0], [1, 0, 2], [0, 1, 2], [-1, -1, 0]],
    )
    assert corners.analogy("man", "woman", "king", topn=1, method=method)[0][0] == "queen"


def test_odd_one_out(compass: Embeddings) -> None:
    fruit = Embeddings(
        ["apple", "pear", "plum", "train"], [[1, 0.1], [1.0, 0.0], [1, -0.1], [0.0, 1.0]]
    )
    assert fruit.odd_one_out(fruit.words) == "train"
    embeddings = random_embeddings()
    for start in range(20):
        words = embeddings.words[start : start + 5]
        assert embeddings.odd_one_out(words) == gensim_vectors(embeddings).doesnt_match(words)
    with pytest.raises(ConfigError, match="at least 3"):
        compass.odd_one_out("east")


def test_output_and_average_vectors() -> None:
    both = Embeddings(["a", "b", "c"], np.eye(3), [[0, 1, 0], [0, 1, 0], [1, 0, 0]])
    assert both.average()[0].tolist() == [0.5, 0.5, 0]
    assert both.similarity("a", "b") == 0
    assert both.similarity("a", "b", which="output") == 1
    assert both.similarity("a", "b", which="average") == pytest.approx(2**-0.5)
    assert both.most_similar("a", topn=1, which="output")[0][0] == "b"
    assert both.vectors("output") is both.output


@pytest.mark.parametrize(
    "question",
    [
        lambda e: e.average(),
        lambda e: e.vectors("output"),
        lambda e: e.most_similar("a", which="average"),
    ],
)
def test_output_vectors_that_were_not_kept(question: Callable[[Embeddings], object]) -> None:
    with pytest.raises(ConfigError, match='which="input"'):
        question(Embeddings(["a"], [[1.0]]))


@pytest.mark.parametrize(
    ("question", "named"),
    [
        (lambda e: e.most_similar("w1", topn=0), "topn is 0"),
        (lambda e: e.most_similar("w1", topn=1.5), "topn is 1.5"),
        (lambda e: e.most_similar_batch(["w1"], topn=-1), "topn is -1"),
        (lambda e: e.most_similar("w1", restrict=0), "restrict is 0"),
        (lambda e: e.most_similar([]), "at least one"),
        (lambda e: e.most_similar("w1", which="both"), "input, output, average"),
        (lambda e: e.analogy("w1", "w2", "w3", method="sub"), "add, mul"),
        (lambda e: e.most_similar([3.5]), "must be a string or an integer, not float: 3.5"),
        (lambda e: e.most_similar(True), "must be a string or an integer, not bool: True"),
        (lambda e: e[b"a"], r"not bytes: b.a.; pass word.decode\("),
        (lambda e: e.most_similar(b"a"), "not bytes: b.a."),
    ],
)
def test_bad_arguments_name_the_value_and_what_is_allowed(
    question: Callable[[Embeddings], object], named: str
) -> None:
    with pytest.raises(ConfigError, match=named):
        question(random_embeddings(rows=5))


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"input": np.ones((3, 2))}, r"input has shape \(3, 2\) for 2 words; it must be \(2, dim"),
        ({"input": np.ones(2)}, r"shape \(2,\)"),
        (
            {"input": np.ones((2, 2)), "output": np.ones((2, 3))},
            r"output has shape \(2, 3\); it must have the shape of input, \(2, 2\)",
        ),
        ({"input": np.ones((2, 2)), "counts": [1, 2, 3]}, r"counts has shape \(3,\) for 2 words"),
    ],
)
def test_shapes_that_do_not_match_are_both_named(arguments: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        Embeddings(["a", "b"], **arguments)


def test_a_word_given_twice_is_refused() -> None:
    with pytest.raises(ConfigError, match="the word 'a' is given more than once"):
        Embeddings(["a", "b", "a"], np.ones((3, 2)))


@pytest.mark.parametrize(
    "question",
    ["similarity", "analogy", "most_similar", "odd_one_out", "most_similar_batch", "index"],
)
def test_an_unknown_word_is_named_with_similar_spellings(question: str) -> None:
    embeddings = Embeddings(["king", "queen", "apple"], np.eye(3))
    arguments = {
        "similarity": ("king", "quen"),
        "analogy": ("king", "king", "quen"),
        "odd_one_out": (["king", "quen"],),
    }
    with pytest.raises(UnknownWordError, match="'quen'; similar spellings: queen") as caught:
        getattr(embeddings, question)(*arguments.get(question, ("quen",)))
    assert (caught.value.word, caught.value.near) == ("quen", ["queen"])
    with pytest.raises(UnknownWordError) as caught:
        embeddings["King"]
    assert caught.value.near == ["king"]


def test_to_torch_returns_a_layer_with_the_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    written = model(["a", "b"])
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "torch", None)
        with pytest.raises(MissingExtraError, match="pip install torch"):
            written.to_torch()
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    layer = written.to_torch("output", freeze=False)
    assert isinstance(layer, torch.nn.Embedding)
    assert (layer.weight.detach().numpy() == written.output).all()
    assert layer.weight.requires_grad
    assert not written.to_torch().weight.requires_grad


def test_the_first_words_keep_their_vectors_and_counts() -> None:
    embeddings = Embeddings(["a", "b", "c"], np.eye(3), 2 * np.eye(3), [9, 5, 1])
    few = embeddings.first(2)
    assert few.words == ["a", "b"]
    assert few.counts is not None
    assert few.counts.tolist() == [9, 5]
    assert (few.input == np.eye(3)[:2]).all()
    assert (few.vectors("output") == 2 * np.eye(3)[:2]).all()
    assert embeddings.first(10).words == embeddings.words
    with pytest.raises(ConfigError, match="n is 0; it must be a whole number of at least 1"):
        embeddings.first(0)


def test_a_model_trained_on_integers_is_asked_with_integers() -> None:
    baskets = [[11, 42, 7, 11, 42] if row % 2 else [5, 99, 31, 5] for row in range(200)]
    items = skipgram.train(
        baskets, vector_size=8, min_count=1, epochs=20, sample=0, threads=1, alpha=0.1
    )
    assert 42 in items
    assert np.int32(42) in items
    assert "42" in items
    assert 2 not in items  # a row, not an item
    assert True not in items
    assert (items[np.int64(42)] == items["42"]).all()
    assert items.most_similar(42, topn=2) == items.most_similar("42", topn=2)
    assert {word for word, _ in items.most_similar(42, topn=2)} == {"11", "7"}
    assert items.most_similar([11, "7"], negative=99, topn=1)[0][0] == "42"
    batch = items.most_similar_batch(np.array([5, 7]), topn=1)
    same_answers(batch[0], items.most_similar("5", topn=1))
    same_answers(batch[1], items.most_similar("7", topn=1))
    assert items.similarity(11, "11") == pytest.approx(1)
    assert items.odd_one_out([11, 42, 7, 99]) == "99"
    found = items.get(42)
    assert found is not None
    assert found.tolist() == items["42"].tolist()


def test_a_vector_is_a_question() -> None:
    embeddings = random_embeddings()
    same_answers(
        embeddings.most_similar(embeddings["w3"], topn=5)[1:],
        embeddings.most_similar("w3", topn=4),
    )
    assert embeddings.most_similar(5 * embeddings["w3"], topn=1) == [("w3", pytest.approx(1))]
    mixed = embeddings.most_similar(["w3", embeddings["w9"]], negative=embeddings["w200"], topn=9)
    words = embeddings.most_similar(["w3", "w9"], negative="w200", topn=9)
    same_answers([pair for pair in mixed if pair[0] != "w9"][:8], words[:8])
    assert "w3" not in dict(mixed)
    assert embeddings.similarity("w3", embeddings["w9"]) == pytest.approx(
        embeddings.similarity("w3", "w9")
    )
    for method in ("add", "mul"):
        answers = embeddings.analogy("w1", embeddings["w2"], "w3", method=method, topn=8)
        expected = embeddings.analogy("w1", "w2", "w3", method=method, topn=8)
        same_answers([pair for pair in answers if pair[0] != "w2"][:7], expected[:7])


@pytest.mark.parametrize("queries", [50, 3])  # by the kernel, and without it
def test_a_batch_takes_vectors(queries: int) -> None:
    embeddings = random_embeddings()
    matrix = np.random.default_rng(8).normal(size=(queries, 20))
    mixed = [*matrix[: queries // 2], *embeddings.words[:queries]]
    for batch in (matrix, mixed):
        answers = embeddings.most_similar_batch(batch, topn=4)
        assert len(answers) == len(batch)
        for question, found in zip(batch, answers, strict=True):
            same_answers(found, embeddings.most_similar(question, topn=4))


def test_bad_vectors_are_refused_in_every_query(compass: Embeddings) -> None:
    for vector in (np.ones(3), np.array([np.nan, 1])):
        for question in (
            lambda v: compass.most_similar(v),
            lambda v: compass.most_similar(["east", v]),
            lambda v: compass.most_similar("east", v),
            lambda v: compass.similarity(v, "east"),
            lambda v: compass.most_similar_batch([v]),
            lambda v: compass.analogy("east", "north", v, method="mul"),
        ):
            with pytest.raises(ConfigError, match="a vector"):
                question(vector)
    with pytest.raises(ConfigError, match="vectors of east, -a given vector add up to zero"):
        compass.most_similar("east", np.array([7.0, 0]))


def test_several_words_have_a_matrix(compass: Embeddings) -> None:
    assert compass[["north", "east"]].tolist() == [[0, 5], [2, 0]]
    assert compass[("north",)].tolist() == [[0, 5]]
    assert compass[[]].shape == (0, 2)
    with pytest.raises(UnknownWordError, match="'south'"):
        compass[["north", "south"]]
    assert compass.get("south") is None
    default = np.zeros(2, np.float32)
    assert compass.get("south", default) is default
    assert compass.get("east", default) is not default


def test_a_question_is_spelled_as_the_corpus_was() -> None:
    lower = Embeddings(
        ["license", "list", "GPL"], np.eye(3), training={"reading": {"lowercase": True}}
    )
    assert "License" in lower
    assert "GPL" in lower
    assert "Gpl" not in lower
    assert lower.index("LIST") == 1
    assert (lower["License"] == lower["license"]).all()
    assert lower.most_similar("License") == lower.most_similar("license")
    assert lower.similarity("License", "license") == 1
    assert lower.words[lower.index("GPL")] == "GPL"
