"""Tokens that are not strings, compared with gensim."""

from __future__ import annotations

import enum
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drop_in import ONCE, SMALL, TINY
from gensim.models import KeyedVectors as TheirVectors
from gensim.models import Word2Vec as Theirs

import skipgram
from skipgram.errors import ConfigError, WrongTypeError
from skipgram.gensim import KeyedVectors, Word2Vec
from skipgram.gensim.tokens import Tokens


class Colour(enum.StrEnum):
    RED = "red"


class Case(str):
    """A string that is another key of a dict than its text."""

    __slots__ = ()

    def __hash__(self) -> int:
        return hash(("case", str.__str__(self)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Case) and str.__str__(self) == str.__str__(other)


CORPORA: dict[str, list[Any]] = {
    "integers": [[1, 2, 3], [2, 3], [3]],
    "sets of integers": [{1, 2}, {2, 3}],
    "ranges": [range(3), range(5)],
    "tuples": [[(1, 2), ("a", "b"), (1, 2)], [(3,), ("a", "b")]],
    "mixed": [[1, "1", 1.5, None, ("a", 1), b"a", frozenset({1})], ["1", None]],
    "equal in a dict": [[np.int64(1), True, 1, 1.0, 2, np.int32(2), 2.0, 3]],
    "strings after integers": [[1, 2], ["a", "b", "a"]],
    "subclasses of str": [[np.str_("a"), "a", "red", Colour.RED, Case("x"), "x", Case("x")]],
    "spelled like a number": [["\n000000000000000", "\n000000000000001", "\n", 7, "", 8, 8]],
}


def counts(model: Any) -> set[tuple[type, str, int]]:
    """Return each key, with its type, and its count."""
    wv = model.wv
    return {(type(key), repr(key), int(wv.get_vecattr(key, "count"))) for key in wv.index_to_key}


@pytest.mark.parametrize("corpus", CORPORA.values(), ids=CORPORA)
def test_keys_are_the_tokens_that_were_given(corpus: list[Any]) -> None:
    ours, theirs = (kind(corpus * 9, **TINY) for kind in (Word2Vec, Theirs))
    assert counts(ours) == counts(theirs)
    for wv in (ours.wv, theirs.wv):
        assert wv.key_to_index == {key: row for row, key in enumerate(wv.index_to_key)}
        assert (np.diff(wv.expandos["count"]) <= 0).all()
    again = iter(corpus * 9)  # a generator can be read only once
    before = ours.wv.vectors.copy()
    assert ours.train(again, **ONCE) == theirs.train(corpus * 9, **ONCE)
    assert (ours.wv.vectors != before).all()
    assert counts(ours) == counts(theirs)


@pytest.mark.parametrize("corpus", CORPORA.values(), ids=CORPORA)
def test_words_are_counted_trimmed_and_extended(corpus: list[Any]) -> None:
    seen: list[list[Any]] = []
    for kind in (Word2Vec, Theirs):
        model = kind(**{**TINY, "min_count": 9})
        totals = model.scan_vocab(corpus * 9)
        raw = dict(model.raw_vocab)
        asked: set[tuple[type, str, int, int]] = set()

        def rule(word: Any, count: int, least: int, asked: set[Any] = asked) -> int:
            asked.add((type(word), repr(word), count, least))
            return 2 if word in (3, "a") else 0

        model.build_vocab(corpus * 9, trim_rule=rule)
        chosen = counts(model)
        model.build_vocab([[(9, 9), 999, "1"]] * 9, update=True)
        extended = counts(model)
        model.build_vocab_from_freq({(9, 9): 9, 5: 11, "5": 12})
        seen.append([totals, raw, asked, chosen, extended, counts(model)])
    ours, theirs = seen
    assert ours == theirs


def walks(shift: int = 0) -> Iterator[list[int]]:
    """Yield random walks on the nodes of two blocks: shift to shift + 9, and 100 more."""
    random = np.random.default_rng(7)
    for block in random.integers(0, 2, 400).tolist():
        yield (shift + 100 * block + random.integers(0, 10, 10)).tolist()


def within_blocks(wv: Any) -> float:
    """Return the share of the five nearest nodes that are of a node's own block."""
    near = [(node, other) for node in wv.index_to_key for other, _ in wv.most_similar(node, topn=5)]
    return float(np.mean([node // 100 == other // 100 for node, other in near]))


def test_nodes_of_a_graph_are_near_those_of_their_block() -> None:
    """As in node2vec on a graph of networkx, and as in dynnode2vec, which adds nodes later."""
    ours, theirs = (kind(list(walks()), **SMALL, sg=1) for kind in (Word2Vec, Theirs))
    assert within_blocks(ours.wv) >= within_blocks(theirs.wv) - 0.02
    later = list(walks(shift=5))
    for model in (ours, theirs):
        model.build_vocab(later, update=True)
        model.train(later, total_examples=model.corpus_count, epochs=model.epochs)
    assert {*ours.wv.index_to_key} == {*range(15), *range(100, 115)}
    assert within_blocks(ours.wv) >= within_blocks(theirs.wv) - 0.02


def test_a_new_integer_is_a_word_even_if_there_is_a_row_of_that_number() -> None:
    """gensim takes it for the row, and adds its count to that of another word."""
    model = Word2Vec([[7, 8, 9]] * 9, **TINY)
    model.build_vocab([[1, 7]] * 9, update=True)
    assert model.wv.index_to_key == [7, 8, 9, 1]
    assert model.wv.expandos["count"].tolist() == [18, 9, 9, 9]
    assert model.wv.get_index(1) == 3


def test_a_word_is_predicted_from_tokens() -> None:
    model = Word2Vec([[1, (2, 3)], ["a", "1"]] * 50, **{**TINY, "epochs": 50, "alpha": 0.1})
    predicted = model.predict_output_word([(2, 3), "unknown"], topn=1)
    assert predicted is not None
    assert predicted[0][0] == 1
    assert model.predict_output_word([2, (3, 2)]) is not None  # the integer 2 is a row
    assert model.predict_output_word([(3, 2)]) is None
    other = Word2Vec(**TINY)
    other.reset_from(model)
    assert other.wv.index_to_key == model.wv.index_to_key


KEYS: list[Any] = ["a", 7, "7", (1, 2), ("a", (2, "b")), 1.5, "[1]", "true", 10**18, -3]


def test_saved_keys_come_back(tmp_path: Path) -> None:
    model = Word2Vec([KEYS, [np.int32(40), np.float64(0.1)]] * 9, **TINY)
    model.save(tmp_path / "model")
    loaded = Word2Vec.load(tmp_path / "model")
    assert loaded.wv.index_to_key == model.wv.index_to_key
    assert {*map(type, loaded.wv.index_to_key)} == {str, int, float, tuple}
    np.testing.assert_array_equal(loaded.wv.get_vector((1, 2)), model.wv.get_vector((1, 2)))
    assert loaded.train([KEYS], **ONCE)[1] == len(KEYS)
    embeddings = skipgram.load(tmp_path / "model")
    np.testing.assert_array_equal(embeddings[7], model.wv[7])
    np.testing.assert_array_equal(embeddings['"7"'], model.wv["7"])
    np.testing.assert_array_equal(embeddings["a"], model.wv["a"])
    Word2Vec([["7", "true"]] * 9, **TINY).save(tmp_path / "strings")
    strings = skipgram.load(tmp_path / "strings")
    assert ({*strings.words}, "keys" in strings.training) == ({"7", "true"}, False)


@pytest.mark.parametrize("key", [None, b"a", ("a", frozenset())], ids=repr)
def test_keys_that_cannot_be_saved(key: Any, tmp_path: Path) -> None:
    model = Word2Vec([[key, "a"]] * 9, **TINY)
    with pytest.raises(
        WrongTypeError, match=r"the key .* cannot be saved, .* strings, numbers or tuples of these"
    ):
        model.save(tmp_path / "model")
    assert not (tmp_path / "model").exists()
    assert key in pickle.loads(pickle.dumps(model)).wv  # as the error advises


def test_gensims_models_keep_their_keys(tmp_path: Path) -> None:
    theirs = Theirs([KEYS] * 9, **TINY)
    theirs.save(str(tmp_path / "model"))
    theirs.wv.save(str(tmp_path / "vectors"))
    for ours in (Word2Vec.from_gensim(theirs), Word2Vec.load(tmp_path / "model")):
        assert ours.wv.index_to_key == KEYS[::-1]  # gensim reverses words with the same count
        back = ours.to_gensim()
        for key in KEYS:
            np.testing.assert_array_equal(back.wv.get_vector(key), theirs.wv.get_vector(key))
    assert KeyedVectors.load(tmp_path / "vectors").index_to_key == KEYS[::-1]


def keyed(kind: type, keys: list[Any]) -> Any:
    wv = kind(4)
    wv.add_vectors(keys, np.random.default_rng(5).normal(size=(len(keys), 4)).astype(np.float32))
    return wv


NODES: list[Any] = [2, 0, "0", 9, (2, 9), np.int64(4), "node"]


@pytest.mark.parametrize(
    "ask",
    [
        lambda wv: wv[2],
        lambda wv: wv[1],  # not a key, so the row
        lambda wv: wv[np.int64(9)],
        lambda wv: wv.get_vector(2.0),
        lambda wv: wv[[2, "0", (2, 9)]],
        lambda wv: wv[2, 9],  # several keys
        lambda wv: wv.get_vector((2, 9)),
        lambda wv: [key in wv for key in (2, 1, 7, "2", (2, 9), (9, 2), 4, 1.5)],
        lambda wv: [wv.get_index(key) for key in (2, 0, "0", 1, 9, (2, 9), 4, 3)],
        lambda wv: wv.similarity(2, "0"),
        lambda wv: [key for key, _ in wv.most_similar(2)],
        lambda wv: [key for key, _ in wv.most_similar([2, "0"], negative=[9])],
        lambda wv: [key for key, _ in wv.most_similar([(2, 0.5), ("0", 2.0)])],
        lambda wv: wv.closer_than(2, "node"),
        lambda wv: wv.doesnt_match([2, 0, "node", 77]),
        lambda wv: wv.most_similar_to_given(2, [0, "0"]),
        lambda wv: wv.vectors_for_all([9, "0", 77]).index_to_key,
        lambda wv: (wv.__setitem__(3, np.ones(4)), wv[3]),
        lambda wv: (wv.__setitem__((3, 3), np.ones(4)), wv.index_to_key),
        lambda wv: (wv.__setitem__([2, (2, 9)], np.ones((2, 4))), wv.vectors),
        lambda wv: (wv.add_vector((0,), np.ones(4)), wv.index_to_key),
        lambda wv: (wv.add_vectors(5, np.ones(4)), wv.index_to_key),
    ],
)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_keys_are_looked_up_as_in_gensim(ask: Any) -> None:
    ours, theirs = (ask(keyed(kind, NODES)) for kind in (KeyedVectors, TheirVectors))
    if isinstance(ours, np.ndarray | float):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5)
    else:
        np.testing.assert_equal(ours, theirs)


@pytest.mark.parametrize(
    ("error", "ask"),
    [
        (KeyError, lambda wv: wv[77]),
        (KeyError, lambda wv: wv["2"]),
        (KeyError, lambda wv: wv.get_vector((9, 2))),
        (KeyError, lambda wv: wv.most_similar([(9, 2), 77])),
        (TypeError, lambda wv: wv.get_vector([2])),
        (TypeError, lambda wv: wv[1.5]),
        (TypeError, lambda wv: wv.add_vectors([[2]], np.ones((1, 4)))),
    ],
)
def test_errors_are_gensims(error: type[Exception], ask: Any) -> None:
    for kind in (KeyedVectors, TheirVectors):
        with pytest.raises(error) as caught:
            ask(keyed(kind, NODES))
        if kind is KeyedVectors and error is TypeError:
            assert isinstance(caught.value, ConfigError)


@pytest.mark.usefixtures("without_gensim")
def test_keys_without_gensim(tmp_path: Path) -> None:
    model = Word2Vec([[3, (1, "a"), 5], [3, "5"]] * 9, **TINY)
    assert isinstance(model.wv, KeyedVectors)
    assert model.wv.index_to_key[0] == 3
    with pytest.raises(KeyError, match=r"word '55'; similar spellings: 5$"):
        model.wv["55"]
    with pytest.raises(KeyError, match="check its spelling"):
        model.wv["31"]  # the spelling that the scan knows 3 by is not suggested
    for save in (model.save, model.wv.save):
        save(tmp_path / "saved")
        loaded = KeyedVectors.load(tmp_path / "saved")
        assert loaded.index_to_key == model.wv.index_to_key
        np.testing.assert_array_equal(loaded.get_vector((1, "a")), model.wv.get_vector((1, "a")))
    model = Word2Vec([[3, 14, 15]] * 9, **TINY)
    model.wv.save_word2vec_format(tmp_path / "vectors.txt")
    assert {*skipgram.load(tmp_path / "vectors.txt").words} == {"3", "14", "15"}
    (tmp_path / "pairs").write_text("3\t14\t2\n14\t15\t1\n3\t15\t5\n")
    assert model.wv.evaluate_word_pairs(tmp_path / "pairs")[2] == 0
    assert len(model.wv.rank_by_centrality([3, 14, "x", 99])) == 2


def test_spellings_are_distinct_and_stay() -> None:
    given: list[Any] = [3, "3", "\n000000000000000", (3,), np.str_("a")]
    tokens = Tokens()
    words = tokens.spell(given)
    assert len({*words}) == len(given)
    assert words[1] == "3"
    assert tokens.read(words) == given
    assert tokens.spell([3.0, "a", np.int8(3)]) == [words[0], "a", words[0]]
    assert tokens.read(["text", "\0"]) == ["text", "\0"]
